"""Outlines of objects: polygons, bounding rectangles and centroids of connected pixels."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ee_emulator.raster.objects import Objects


def outlines(objects: Objects, transform: Affine) -> list[BaseGeometry]:
    """The polygon around each object's pixels; several where parts touch at corners only."""
    from rasterio.features import shapes

    parts: dict[int, list[BaseGeometry]] = defaultdict(list)
    number = objects.number.astype(np.int32)
    for polygon, label in shapes(number, number >= 0, connectivity=4):
        parts[int(label)].append(shapely.geometry.shape(polygon))
    whole = [shapely.multipolygons(p) if len(p) > 1 else p[0] for _, p in sorted(parts.items())]
    return _oriented(np.array(whole, object), transform)


def rectangles(objects: Objects, transform: Affine) -> list[BaseGeometry]:
    """The rectangle of rows and columns around each object's pixels."""
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
    return _oriented(np.asarray(shapely.box(left, top, right, bottom)), transform)


def centroids(objects: Objects, transform: Affine) -> list[BaseGeometry]:
    """The mean of the centres of each object's pixels."""
    rows, columns = np.nonzero(objects.number >= 0)
    owner = objects.number[rows, columns]
    x = np.bincount(owner, columns + 0.5, len(objects.sizes)) / objects.sizes
    y = np.bincount(owner, rows + 0.5, len(objects.sizes)) / objects.sizes
    return list(placed(np.asarray(shapely.points(x, y)), transform))


def _oriented(shapes: NDArray[np.object_], transform: Affine) -> list[BaseGeometry]:
    """Shapes on the map, outer rings counter-clockwise."""
    return list(np.asarray(shapely.orient_polygons(placed(shapes, transform))))


def placed(shapes: NDArray[np.object_], transform: Affine) -> NDArray[np.object_]:
    """Shapes in columns and rows on the map."""

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        t = transform
        x, y = points[:, 0], points[:, 1]
        return np.column_stack([t.a * x + t.b * y + t.c, t.d * x + t.e * y + t.f])

    return np.asarray(shapely.transform(shapes, move))
