"""Pixels: grids, masked bands, resampling. Knows nothing of expression graphs."""
