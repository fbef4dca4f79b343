"""Outlines of objects: polygons, bounding rectangles and centroids of connected pixels."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ee_emulator.raster.grid import Grid
from ee_emulator.raster.objects import Objects
from ee_emulator.raster.projection import convert

Shapes = NDArray[np.object_]


def outlines(objects: Objects, grid: Grid, crs: str) -> list[BaseGeometry]:
    """The polygon around each object's pixels, in a CRS; several where parts touch at corners only."""
    from rasterio.features import shapes

    number = objects.number.astype(np.int32)
    found = [(rings["coordinates"], int(label)) for rings, label in shapes(number, number >= 0, connectivity=4)]
    found.sort(key=lambda item: item[1])
    polygons = _polygons([rings for rings, _ in found])
    owner = np.array([label for _, label in found], np.int64)
    whole = np.asarray(shapely.multipolygons(polygons, indices=owner))
    single = np.bincount(owner) == 1
    whole[single] = polygons[single[owner]]
    return _oriented(whole, grid, crs)


def _polygons(polygons: list[list[list[tuple[float, float]]]]) -> Shapes:
    """Polygons of rings of corners, the outer one first, all at once."""
    rings = [ring for polygon in polygons for ring in polygon]
    corners = np.array([corner for ring in rings for corner in ring], np.float64).reshape(-1, 2)
    made = shapely.linearrings(corners, indices=np.repeat(np.arange(len(rings)), [len(ring) for ring in rings]))
    owner = np.repeat(np.arange(len(polygons)), [len(polygon) for polygon in polygons])
    return np.asarray(shapely.polygons(np.asarray(made), indices=owner))


def rectangles(objects: Objects, grid: Grid, crs: str) -> list[BaseGeometry]:
    """The rectangle of rows and columns around each object's pixels, in a CRS."""
    rows, columns = np.nonzero(objects.number >= 0)
    owner = objects.number[rows, columns]
    count = len(objects.sizes)
    corners = []
    for place in (columns, rows):
        low, high = np.full(count, np.iinfo(np.int64).max), np.full(count, -1)
        np.minimum.at(low, owner, place)
        np.maximum.at(high, owner, place)
        corners += [low, high + 1]
    left, right, top, bottom = corners
    return _oriented(np.asarray(shapely.box(left, top, right, bottom)), grid, crs)


def centroids(objects: Objects, grid: Grid, crs: str) -> list[BaseGeometry]:
    """The mean of the centres of each object's pixels, in a CRS."""
    rows, columns = np.nonzero(objects.number >= 0)
    owner = objects.number[rows, columns]
    x = np.bincount(owner, columns + 0.5, len(objects.sizes)) / objects.sizes
    y = np.bincount(owner, rows + 0.5, len(objects.sizes)) / objects.sizes
    return list(_placed(np.asarray(shapely.points(x, y)), grid, crs))


def _oriented(shapes: Shapes, grid: Grid, crs: str) -> list[BaseGeometry]:
    """Shapes on the map, outer rings counter-clockwise."""
    return list(np.asarray(shapely.orient_polygons(_placed(shapes, grid, crs))))


def _placed(shapes: Shapes, grid: Grid, crs: str) -> Shapes:
    """Shapes in columns and rows of a grid, in a CRS."""

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        t, x, y = grid.transform, points[:, 0], points[:, 1]
        return np.column_stack(convert(grid.crs, crs, t.a * x + t.b * y + t.c, t.d * x + t.e * y + t.f))

    return np.asarray(shapely.transform(shapes, move))
