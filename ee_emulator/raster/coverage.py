"""The exact share of every pixel that lies inside a polygon.

The method of font rasterisers: each piece of outline within a pixel adds, to that pixel and to all those right of it,
the signed area between itself and their right edges; sums along the rows then give the shares. The work grows with
the pixels on the outline, not with those inside.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ee_emulator.raster.grid import Grid

Floats = NDArray[np.float64]
ROUNDING = 1e-9
"""Shares so near to 0 or 1 are 0 or 1."""


def coverage(shape: BaseGeometry, grid: Grid) -> Floats:
    """Share 0..1 of each pixel inside the polygons of a shape in the grid's CRS, (height, width)."""
    start, end = _edges(shape, grid)
    y, fall, x = _pieces(start, end, grid)
    row, column = np.floor(y).astype(np.int64), np.floor(x).astype(np.int64)
    near = (row >= 0) & (row < grid.height) & (column < grid.width)
    row, column, x, fall = row[near], column[near], x[near], fall[near]
    # What lies left of the grid covers its rows from the first pixel on.
    within = np.where(column < 0, 0.0, x - column)
    place = row * (grid.width + 1) + np.maximum(column, 0)
    size = grid.height * (grid.width + 1)
    changes = np.bincount(place, fall * (1.0 - within), size) + np.bincount(place + 1, fall * within, size + 1)[:size]
    share: Floats = np.cumsum(changes.reshape(grid.height, -1)[:, :-1], axis=1)
    share[share < ROUNDING] = 0.0
    share[share > 1.0 - ROUNDING] = 1.0
    return share


def _edges(shape: BaseGeometry, grid: Grid) -> tuple[Floats, Floats]:
    """Ends of all edges in pixels, (n, 2) each; outer rings run one way, holes the other."""
    inverse = ~grid.transform
    starts, ends = [np.zeros((0, 2))], [np.zeros((0, 2))]
    for part in shapely.get_parts(shape):
        if part.geom_type != "Polygon":
            continue
        for ring, sign in [(part.exterior, 1.0), *((hole, -1.0) for hole in part.interiors)]:
            x, y = shapely.get_coordinates(ring).T
            points = np.stack(
                [inverse.a * x + inverse.b * y + inverse.c, inverse.d * x + inverse.e * y + inverse.f], axis=1
            )
            turn = np.sum(points[:-1, 0] * points[1:, 1] - points[1:, 0] * points[:-1, 1])
            points = points if turn * sign > 0 else points[::-1]
            starts.append(points[:-1])
            ends.append(points[1:])
    return np.concatenate(starts), np.concatenate(ends)


def _pieces(start: Floats, end: Floats, grid: Grid) -> tuple[Floats, Floats, Floats]:
    """Edges cut where they cross the lattice: middle row, fall towards smaller rows and middle column of each piece."""
    edges = np.arange(len(start))
    cuts = [_crossings(start[:, k], end[:, k], size) for k, size in ((0, grid.width), (1, grid.height))]
    edge = np.concatenate([edges, edges, *(edge for edge, _ in cuts)])
    at = np.concatenate([np.zeros(len(start)), np.ones(len(start)), *(at for _, at in cuts)])
    order = np.lexsort((at, edge))
    edge, at = edge[order], at[order]
    same = edge[:-1] == edge[1:]
    edge, first, last = edge[:-1][same], at[:-1][same], at[1:][same]
    step = end[edge] - start[edge]
    middle = start[edge] + step * ((first + last) / 2)[:, None]
    return middle[:, 1], -step[:, 1] * (last - first), middle[:, 0]


def _crossings(start: Floats, end: Floats, size: int) -> tuple[NDArray[np.int64], Floats]:
    """Where edges cross the lines 0..size of one axis: number of the edge, and the share of it that lies before."""
    low = np.clip(np.ceil(np.minimum(start, end)), 0, size + 1).astype(np.int64)
    high = np.clip(np.floor(np.maximum(start, end)), -1, size).astype(np.int64)
    count = np.where(start == end, 0, np.maximum(high - low + 1, 0))
    edge = np.repeat(np.arange(len(start)), count)
    before = np.concatenate([[0], np.cumsum(count)[:-1]]) if len(count) else count
    line = low[edge] + np.arange(len(edge)) - before[edge]
    return edge, np.clip((line - start[edge]) / (end[edge] - start[edge]), 0.0, 1.0)
