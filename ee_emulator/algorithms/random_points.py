"""FeatureCollection.randomPoints: points spread evenly over the highest-dimensional parts of a region."""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ee_emulator import limits
from ee_emulator.errors import EarthEngineError
from ee_emulator.geometry import geodesy, sphere
from ee_emulator.registry import algorithm
from ee_emulator.values import ErrorMargin, Feature, FeatureCollection, Geometry

Generator = np.random.Generator
MOST_TRIES = 10_000
"""Batches of candidates before a region counts as having no area."""


@algorithm("FeatureCollection.randomPoints")
def random_points(region: Geometry, points: int, seed: int, max_error: ErrorMargin) -> FeatureCollection:
    """So many points, even on the sphere; the same for a seed, but not the ones that Earth Engine draws.

    Raises:
        EarthEngineError: The region is unbounded or empty, or the number negative.
    """
    if region.unbounded or region.shape.is_empty:
        raise EarthEngineError("The region must be bounded and not empty.")
    if points < 0:
        raise EarthEngineError(f"The number of points must not be negative, got {points}.")
    count = limits.elements(points)
    return FeatureCollection(lambda: _features(_drawn(geodesy.arcs(region, max_error), count, seed)))


def _features(places: NDArray[np.float64]) -> list[Feature]:
    return [Feature(Geometry(shapely.Point(place)), {}, str(number)) for number, place in enumerate(places)]


def _drawn(shape: BaseGeometry, count: int, seed: int) -> NDArray[np.float64]:
    """Places in degrees, (count, 2)."""
    generator = np.random.default_rng(seed % 2**64)
    parts = sphere.parts(shape)
    areas = [part for part in parts if isinstance(part, shapely.Polygon)]
    if areas:
        return _in_areas(shapely.union_all(areas), count, generator)
    lines = [part for part in parts if isinstance(part, shapely.LineString)]
    if lines:
        return _on_lines(lines, count, generator)
    places: NDArray[np.float64] = shapely.get_coordinates(shape)
    return places[generator.integers(len(places), size=count)]


def _in_areas(area: BaseGeometry, count: int, generator: Generator) -> NDArray[np.float64]:
    """Candidates even over the bounding box on the sphere, of which those inside are kept."""
    plane = sphere.plane_of([area])
    inside = plane.flat(area)
    shapely.prepare(inside)
    west, south, east, north = geodesy.extent(Geometry(area)) or (0.0, 0.0, 0.0, 0.0)
    low, high = np.sin(np.radians([max(south, -90.0), min(north, 90.0)]))
    kept: list[NDArray[np.float64]] = []
    for _ in range(MOST_TRIES):
        longitudes = generator.uniform(west, east, count + 16)
        latitudes = np.degrees(np.arcsin(generator.uniform(low, high, count + 16)))
        candidates = np.column_stack([longitudes, latitudes])
        kept.append(candidates[shapely.intersects(inside, plane.points(candidates))])
        if sum(map(len, kept)) >= count:
            return np.concatenate(kept)[:count]
    raise EarthEngineError("The region has no area to draw points from.")


def _on_lines(lines: list[shapely.LineString], count: int, generator: Generator) -> NDArray[np.float64]:
    """Points at even shares of the lines' length."""
    ends = [shapely.get_coordinates(line) for line in lines]
    start, end = np.concatenate([e[:-1] for e in ends]), np.concatenate([e[1:] for e in ends])
    reached = np.cumsum(sphere.angles(sphere.vectors(start), sphere.vectors(end)))
    drawn = generator.uniform(0, reached[-1], count)
    edge = np.searchsorted(reached, drawn, side="right").clip(max=len(reached) - 1)
    length = np.diff(reached, prepend=0.0)[edge]
    share = 1 - (reached[edge] - drawn) / np.where(length > 0, length, 1.0)
    found = [sphere.arc_in_degrees(start[k][None], end[k][None], float(s))[0] for k, s in zip(edge, share, strict=True)]
    return np.array(found).reshape(-1, 2)
