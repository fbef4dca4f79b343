"""Pixels from features around them: distance to the nearest, and values interpolated between points.

Distances are taken on a sphere, so that nothing depends on where a tile begins.

* K. Basso, P. R. de Avila Zingano and C. M. Dal Sasso Freitas, "Interpolation of scattered data: investigating
  alternatives for the modified Shepard method", SIBGRAPI 1999.
* N. Cressie, "Statistics for Spatial Data", 1993, chapter 3 (ordinary kriging).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ee_emulator.geometry import sphere
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.projection import convert

Floats = NDArray[np.float64]
PIECES = 200_000
"""Pieces into which the edges of a collection are divided at most, roughly."""

SHORTEST = 100.0
"""Metres of a piece of an edge."""

CANDIDATES = 8
"""Pieces with the nearest middles, among which the nearest piece is looked for."""

CHUNK = 2_000_000
"""Pairs of a pixel and a point that are worked on at once."""

SHAPES: dict[str, Callable[[Floats], Floats]] = {
    "exponential": lambda h: 1.0 - np.exp(-3.0 * h),
    "gaussian": lambda h: 1.0 - np.exp(-3.0 * h * h),
    "spherical": lambda h: np.where(h < 1.0, 1.5 * h - 0.5 * h**3, 1.0),
}
"""Semivariograms of the distance in ranges, where they reach (nearly) their sill of 1."""


def pixel_vectors(grid: Grid) -> Floats:
    """Unit vectors (pixels, 3) of the centres; NaN where a centre is nowhere on Earth."""
    lon, lat = convert(grid.crs, "EPSG:4326", *(v.ravel() for v in grid.centres()))
    places = np.column_stack([lon, lat])
    places[~np.isfinite(places).all(axis=1)] = np.nan
    return sphere.vectors(places)


def chord(metres: float) -> float:
    """The straight distance between unit vectors so many metres apart."""
    return float(2.0 * np.sin(min(metres / sphere.RADIUS / 2.0, np.pi / 2)))


def all_metres(first: Floats, second: Floats) -> Floats:
    """Metres between all unit vectors of one set and of another, (first, second)."""
    from scipy.spatial.distance import cdist

    return np.asarray(2.0 * sphere.RADIUS * np.arcsin(np.clip(cdist(first, second) / 2.0, 0.0, 1.0)))


class Edges:
    """Points and edges of shapes in degrees with great-circle edges, to find the nearest of."""

    def __init__(self, shapes: Sequence[BaseGeometry]) -> None:
        pairs = [_ends(line) for shape in shapes for line in _lines(shape)]
        start, end = (np.concatenate([pair[k] for pair in pairs]) for k in (0, 1))
        angle = sphere.angles(start, end)
        longest = max(SHORTEST / sphere.RADIUS, float(angle.sum()) / PIECES)
        count = np.maximum(1, np.ceil(angle / longest)).astype(np.int64)
        owner = np.repeat(np.arange(len(start)), count)
        number = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
        share = count[owner].astype(np.float64)
        self.start = _between(start[owner], end[owner], number / share)
        self.end = _between(start[owner], end[owner], (number + 1) / share)
        self.half = longest / 2.0
        from scipy.spatial import cKDTree

        self.tree = cKDTree(_between(self.start, self.end, np.full(len(owner), 0.5)))

    def metres(self, places: Floats, limit: float) -> Floats:
        """Metres from each unit vector to the nearest edge; infinite beyond the limit."""
        answer = np.full(len(places), np.inf)
        known = np.flatnonzero(np.isfinite(places).all(axis=1))
        reach = chord(limit + self.half * sphere.RADIUS) * (1 + 1e-9)
        count = min(CANDIDATES, len(self.start))
        _, found = self.tree.query(places[known], k=[*range(1, count + 1)], distance_upper_bound=reach)
        for column in found.T:
            near = column < len(self.start)
            apart = _apart(places[known[near]], self.start[column[near]], self.end[column[near]]) * sphere.RADIUS
            answer[known[near]] = np.minimum(answer[known[near]], apart)
        answer[answer > limit] = np.inf
        return answer


def _lines(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    for part in sphere.parts(shape):
        if isinstance(part, shapely.Polygon):
            yield from (part.exterior, *part.interiors)
        else:
            yield part


def _ends(line: BaseGeometry) -> tuple[Floats, Floats]:
    """Both ends of each edge of a line; a point is an edge of no length."""
    places = sphere.vectors(shapely.get_coordinates(line))
    return (places[:-1], places[1:]) if len(places) > 1 else (places, places)


def _between(start: Floats, end: Floats, share: Floats) -> Floats:
    """Places at a share of arcs."""
    angle = sphere.angles(start, end)[:, None]
    share = share[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (np.sin((1 - share) * angle) * start + np.sin(share * angle) * end) / np.sin(angle)
    return np.where(angle > 0, found, start)


def _apart(places: Floats, start: Floats, end: Floats) -> Floats:
    """Angle between each place and the arc of the same row."""
    normal = np.cross(start, end)
    length = np.linalg.norm(normal, axis=1)
    normal = normal / np.where(length > 0, length, 1.0)[:, None]
    foot = places - (places * normal).sum(axis=1)[:, None] * normal
    over = ((np.cross(start, foot) * normal).sum(axis=1) >= 0) & ((np.cross(foot, end) * normal).sum(axis=1) >= 0)
    across = np.abs(np.arcsin(np.clip((places * normal).sum(axis=1), -1.0, 1.0)))
    ends = np.minimum(sphere.angles(places, start), sphere.angles(places, end))
    return np.where(over & (length > 0), across, ends)


@dataclass(frozen=True)
class Known:
    """Values at places.

    Attributes:
        places: Unit vectors (N, 3).
        values: One a place.
    """

    places: Floats
    values: Floats

    def near(self, places: Floats, reach: float) -> Known:
        """Those that any of the places can have within reach; the others need no distance."""
        known = places[np.isfinite(places).all(axis=1)]
        if not len(known) or not len(self.values):
            return Known(self.places[:0], self.values[:0])
        middle = known.mean(axis=0)
        radius = float(np.linalg.norm(known - middle, axis=1).max())
        chosen = np.linalg.norm(self.places - middle, axis=1) <= radius + chord(reach) + 1e-12
        return Known(self.places[chosen], self.values[chosen])


def in_chunks(known: Known, places: Floats, reach: float, estimate: Callable[[Known, Floats], Floats]) -> Floats:
    """An estimate a place from the values around it; NaN where there is none.

    Args:
        known: All values.
        places: Unit vectors (P, 3).
        reach: Metres beyond which a value counts for nothing.
        estimate: From values and their metres (places, values), infinite beyond reach.
    """
    near = known.near(places, reach)
    answer = np.full(len(places), np.nan)
    if not len(near.values):
        return answer
    for rows in np.array_split(np.arange(len(places)), max(1, len(places) * len(near.values) // CHUNK)):
        metres = all_metres(places[rows], near.places)
        with np.errstate(all="ignore"):
            answer[rows] = estimate(near, np.where(metres <= reach, metres, np.inf))
    return answer


def inverse_distance(known: Known, metres: Floats, reach: float, mean: float, gamma: float) -> Floats:
    """Modified Shepard weights `((reach - d) / (reach · d))²`, and a share of the global mean that grows with distance.

    The weights are published (Basso et al. 1999). How `gamma` draws an estimate to the mean is not: here a value's
    departure from it fades with `exp(-gamma · d / reach)`.
    """
    weights = np.where(metres < reach, ((reach - metres) / (reach * np.maximum(metres, 1e-6))) ** 2, 0.0)
    faded = (known.values - mean) * np.exp(-gamma * metres / reach)
    return np.asarray(mean + (weights * np.where(weights > 0, faded, 0.0)).sum(axis=1) / weights.sum(axis=1))


def kriging(known: Known, metres: Floats, semivariogram: Callable[[Floats], Floats]) -> Floats:
    """Ordinary kriging from the values within reach; places with the same ones are solved for together."""
    answer = np.full(len(metres), np.nan)
    sets, owner = np.unique(np.isfinite(metres), axis=0, return_inverse=True)
    for number, used in enumerate(sets):
        if not used.any():
            continue
        rows = np.flatnonzero(owner.ravel() == number)
        places, count = known.places[used], int(used.sum())
        apart = all_metres(places, places)
        system = np.ones((count + 1, count + 1))
        system[:count, :count], system[-1, -1] = semivariogram(apart), 0.0
        right = np.ones((count + 1, len(rows)))
        right[:count] = semivariogram(metres[np.ix_(rows, used)].T)
        answer[rows] = known.values[used] @ _solved(system, right)[:count]
    return answer


def _solved(system: Floats, right: Floats) -> Floats:
    """The solution, or the least of several where points lie (nearly) on one another."""
    try:
        return np.asarray(np.linalg.solve(system, right))
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.lstsq(system, right, rcond=None)[0])


def semivariogram(shape: str, reach: float, sill: float, nugget: float) -> Callable[[Floats], Floats]:
    """Half the mean squared difference at a distance in metres: 0 at 0, `nugget` beyond it, `sill` at the range."""

    def at(metres: Floats) -> Floats:
        rising = nugget + (sill - nugget) * SHAPES[shape](metres / reach)
        return np.where(metres > 1e-3, rising, 0.0)

    return at
