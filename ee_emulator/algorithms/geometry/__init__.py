"""Geometry's algorithms."""
