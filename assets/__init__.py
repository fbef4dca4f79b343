"""Orchestration: the only room that knows Dagster."""
