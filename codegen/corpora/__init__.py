"""Piles of Earth Engine scripts: where they are found, what is kept of them, and why the rest is not."""
