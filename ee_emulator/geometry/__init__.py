"""Geometry on the globe: geodesy, the sphere, S2."""
