"""Where the pixels of one lattice lie on another, without a conversion of coordinates for each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ee_emulator.raster.grid import Grid
from ee_emulator.raster.projection import Projection, lattice_coordinates

Floats = NDArray[np.float64]
Places = tuple[Floats, Floats]

NODES = 14
"""Conversions a side from which the others follow."""

CLOSE = 1e-7
"""Pixels by which an interpolated place may be off."""

UNCLEAR = 1e-5
"""So close to the edge of a pixel a place is converted itself: which pixel it falls in has to be right."""


STRIP = 2**15
"""Pixels at a time: what they need stays in the processor's cache."""


def centres_on(projection: Projection, grid: Grid) -> Places:
    """Fractional column and row on `projection` of each pixel centre of `grid`, two arrays (height, width).

    Map projections are smooth: over a tile a polynomial through a few points, placed as Chebyshev did, says the same
    as converting every pixel. Where it does not, which test points tell, every pixel is converted.
    """
    few = grid.width * grid.height < NODES * NODES * 4
    if few or grid.crs == projection.crs:
        return lattice_coordinates(projection, grid.crs, *grid.centres())
    across, down = _nodes(grid.width), _nodes(grid.height)
    known = _converted(projection, grid, across, down)
    # Between the nodes, where a polynomial would be off the most.
    tested: Places = _between(across), _between(down)
    expected = _converted(projection, grid, *tested)
    found = [_matrix(down, tested[1]) @ k @ _matrix(across, tested[0]).T for k in known]
    if not all(np.abs(f - e).max() <= CLOSE for f, e in zip(found, expected, strict=True)):  # NaN is not
        return lattice_coordinates(projection, grid.crs, *grid.centres())
    left = _matrix(down, np.arange(0.5, grid.height))
    right = _matrix(across, np.arange(0.5, grid.width)).T
    columns, rows = np.empty(grid.shape), np.empty(grid.shape)
    inner = known[0] @ right, known[1] @ right
    step = max(1, STRIP // grid.width)
    for top in range(0, grid.height, step):
        strip = np.s_[top : top + step]
        np.matmul(left[strip], inner[0], out=columns[strip])
        np.matmul(left[strip], inner[1], out=rows[strip])
        _convert_unclear(projection, grid.window(0, top, 1, 1), columns[strip], rows[strip])
    return columns, rows


def _converted(projection: Projection, grid: Grid, columns: Floats, rows: Floats) -> Places:
    """Places of a grid's fractional columns and rows."""
    c, r = np.meshgrid(columns, rows)
    t = grid.transform
    return lattice_coordinates(projection, grid.crs, t.a * c + t.b * r + t.c, t.d * c + t.e * r + t.f)


def _convert_unclear(projection: Projection, grid: Grid, columns: Floats, rows: Floats) -> None:
    """Converts those of some places, the first of which is that of the grid's first pixel."""
    row, column = np.nonzero(_unclear(columns) | _unclear(rows))
    c, r, t = column + 0.5, row + 0.5, grid.transform
    if not len(row):
        return
    x, y = t.a * c + t.b * r + t.c, t.d * c + t.e * r + t.f
    columns[row, column], rows[row, column] = lattice_coordinates(projection, grid.crs, x, y)


def _unclear(places: Floats) -> NDArray[np.bool_]:
    away = places - np.rint(places)
    np.abs(away, out=away)
    unclear: NDArray[np.bool_] = away < UNCLEAR
    return unclear


def _nodes(size: int) -> Floats:
    """Chebyshev's points on 0..size."""
    return size * (0.5 - 0.5 * np.cos(np.pi * (np.arange(NODES) + 0.5) / NODES))


def _between(nodes: Floats) -> Floats:
    middles: Floats = (nodes[:-1] + nodes[1:]) / 2
    return middles


def _matrix(nodes: Floats, at: Floats) -> Floats:
    """What the values at Chebyshev's nodes contribute at other points (Berrut and Trefethen 2004, barycentric)."""
    k = np.arange(NODES)
    weights = (-1.0) ** k * np.sin(np.pi * (k + 0.5) / NODES)
    away = at[:, None] - nodes
    exact = away == 0
    shares = weights / np.where(exact, 1.0, away)
    shares /= shares.sum(axis=1, keepdims=True)
    return np.where(exact.any(axis=1, keepdims=True), exact.astype(np.float64), shares)
