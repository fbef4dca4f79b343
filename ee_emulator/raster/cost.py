"""Cheapest paths over a surface of costs, from pixel to pixel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ee_emulator.raster.grid import Grid
from ee_emulator.raster.projection import convert, unit_metres

Floats = NDArray[np.float64]
EARTH_RADIUS = 6_378_137.0
STEPS = ((1, 0), (0, 1), (1, 1), (-1, 1))
"""Columns and rows to half of the eight neighbours; the other half is the way back."""

Pairs = tuple[NDArray[np.int64], NDArray[np.int64], Floats]
"""Numbers of two neighbouring pixels, and the metres between their centres."""


def cheapest_on(
    grid: Grid, costs: Sequence[Floats], passable: NDArray[np.bool_], sources: NDArray[np.bool_], geodetic: bool
) -> Floats:
    """`cheapest` on a grid, looked for where there is anything to cross."""
    answer = np.full((len(costs) + 1, *grid.shape), np.inf)
    rows, columns = np.flatnonzero(passable.any(axis=1)), np.flatnonzero(passable.any(axis=0))
    if not (sources & passable).any():
        return answer
    place = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    inner = grid.window(int(columns[0]), int(rows[0]), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)
    steps = neighbours(inner, geodetic)
    answer[(..., *place)] = cheapest([c[place] for c in costs], passable[place], sources[place], steps)
    return answer


def cheapest(costs: Sequence[Floats], passable: NDArray[np.bool_], sources: NDArray[np.bool_], pairs: Pairs) -> Floats:
    """Costs of the cheapest path from any source to each pixel, and its length.

    A step costs its metres times the mean of its two pixels' costs. Paths are compared by the first layer, those that
    are equal by the second, and so on; the length in metres is the last layer.

    Args:
        costs: Cost a metre for each layer, not negative, (height, width).
        passable: Pixels that paths may cross.
        sources: Where paths begin.
        pairs: The steps.

    Returns:
        (layers + 1, height, width); infinite where no path leads.
    """
    shape = passable.shape
    first, second, metres = _between_passable(pairs, passable)
    begin = np.flatnonzero(sources & passable)
    layers = [(cost.ravel()[first] + cost.ravel()[second]) / 2 * metres for cost in costs] + [metres]
    start, end = np.concatenate([first, second]), np.concatenate([second, first])
    weights = np.tile(np.stack(layers), 2)
    answer = np.full((len(layers), passable.size), np.inf)
    for k in range(len(layers)):
        answer[k] = _distances(start, end, weights[k], begin, passable.size)
        # The next layer looks only at the steps of paths that are cheapest so far.
        tight = _is_tight(answer[k], start, end, weights[k])
        start, end, weights = start[tight], end[tight], weights[:, tight]
    return answer.reshape(-1, *shape)


def _between_passable(pairs: Pairs, passable: NDArray[np.bool_]) -> Pairs:
    first, second, metres = pairs
    open_ = passable.ravel()
    both = open_[first] & open_[second]
    return first[both], second[both], metres[both]


def _distances(
    start: NDArray[np.int64], end: NDArray[np.int64], weight: Floats, begin: NDArray[np.int64], count: int
) -> Floats:
    from scipy import sparse
    from scipy.sparse import csgraph

    graph = sparse.csr_array((weight, (start, end)), shape=(count, count))
    return np.asarray(csgraph.dijkstra(graph, directed=True, indices=begin, min_only=True), np.float64)


def _is_tight(found: Floats, start: NDArray[np.int64], end: NDArray[np.int64], weight: Floats) -> NDArray[np.bool_]:
    through, there = found[start] + weight, found[end]
    finite = np.isfinite(through) & np.isfinite(there)
    return finite & (np.where(finite, through, 0.0) <= np.where(finite, there, 0.0) * (1 + 1e-12) + 1e-12)


def neighbours(grid: Grid, geodetic: bool) -> Pairs:
    """Each pair of neighbouring pixels of a grid once, with the metres between their centres.

    Args:
        grid: The lattice.
        geodetic: Along the sphere of Earth Engine's radius, otherwise straight on the map.
    """
    number = np.arange(grid.width * grid.height).reshape(grid.shape)
    x, y = grid.centres()
    if geodetic:
        x, y = (np.radians(v) for v in convert(grid.crs, "EPSG:4326", x, y))
    first, second, metres = [], [], []
    for dx, dy in STEPS:
        here = np.s_[: grid.height - dy, max(0, -dx) : grid.width - max(0, dx)]
        there = np.s_[dy:, max(0, dx) : grid.width + min(0, dx)]
        first.append(number[here].ravel())
        second.append(number[there].ravel())
        ends = x[here], y[here], x[there], y[there]
        metres.append((_great_circle(*ends) if geodetic else _straight(*ends) * unit_metres(grid.crs)).ravel())
    return np.concatenate(first), np.concatenate(second), np.concatenate(metres)


def _straight(x1: Floats, y1: Floats, x2: Floats, y2: Floats) -> Floats:
    return np.asarray(np.hypot(x2 - x1, y2 - y1))


def _great_circle(lon1: Floats, lat1: Floats, lon2: Floats, lat2: Floats) -> Floats:
    half = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS * np.arcsin(np.sqrt(half)))


def pixel_metres(grid: Grid, geodetic: bool) -> float:
    """The shorter side of a grid's middle pixel, metres."""
    middle = grid.window(grid.width // 2, grid.height // 2, 2, 2)
    _, _, metres = neighbours(middle, geodetic)
    return float(metres[np.isfinite(metres) & (metres > 0)].min(initial=np.inf))
