"""Collection: images of what lies around a pixel, `distance`, `inverseDistance` and `kriging`."""

from collections import defaultdict
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ee_emulator.algorithms.element import geometry_of
from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.geometry import geodesy, sphere
from ee_emulator.raster import places
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.nodes import Generated, masked
from ee_emulator.raster.pixel_type import DOUBLE
from ee_emulator.raster.reducer import Reducer, reduce_columns
from ee_emulator.raster.values import Band, Image
from ee_emulator.registry import algorithm
from ee_emulator.values import Collection, ErrorMargin, Geometry

Estimate = Callable[[places.Known, NDArray[np.float64]], NDArray[np.float64]]


@algorithm("Collection.distance")
def distance(features: Collection, search_radius: float, max_error: float) -> Image:
    """Metres from each pixel's centre to the nearest point, line or outline; masked where none is within the radius."""

    @cache
    def edges() -> places.Edges | None:
        found = [geometry_of(feature) for feature in features.elements()]
        margin = ErrorMargin(max_error) if max_error > 0 else None
        shapes = [geodesy.arcs(geometry, margin) for geometry in found if geometry is not None]
        shapes = [shape for shape in shapes if not shape.is_empty]
        return places.Edges(shapes) if shapes else None

    def generate(grid: Grid) -> list[Pixels]:
        nearest = edges()
        if nearest is None:
            return [masked(grid, np.dtype(np.float64))]
        metres = nearest.metres(places.pixel_vectors(grid), search_radius).reshape(grid.shape)
        near = np.isfinite(metres)
        return [Pixels(np.where(near, metres, 0.0), near)]

    return Image({"distance": Band(Generated(generate), DOUBLE)})


@algorithm("FeatureCollection.inverseDistance")
def inverse_distance(
    collection: Collection,
    range: float,
    property_name: str,
    mean: float,
    std_dev: float,
    gamma: float,
    reducer: Reducer | None,
) -> Image:
    """A property between the points that have it, weighted by the inverse of the distance.

    Raises:
        EarthEngineError: A range or a decay out of range.
    """
    if range <= 0 or std_dev < 0 or gamma < 0:
        raise EarthEngineError("'range' must be positive, 'stdDev' and 'gamma' not negative.")

    def estimate(known: places.Known, metres: NDArray[np.float64]) -> NDArray[np.float64]:
        return places.inverse_distance(known, metres, range, mean, gamma)

    return _surface(collection, property_name, reducer, range, estimate)


@algorithm("FeatureCollection.kriging")
def kriging(
    collection: Collection,
    property_name: str,
    shape: str,
    range: float,
    sill: float,
    nugget: float,
    max_distance: float | None,
    reducer: Reducer | None,
) -> Image:
    """A property between the points that have it, by ordinary kriging.

    Raises:
        EarthEngineError: An unknown shape, or a range, sill, nugget or distance out of range.
    """
    if shape not in places.SHAPES:
        raise EarthEngineError(f"Unknown shape '{shape}'; known: {', '.join(places.SHAPES)}.")
    reach = range if max_distance is None else max_distance
    if range <= 0 or reach <= 0 or nugget < 0 or sill <= nugget:
        raise EarthEngineError(
            "'range' and 'maxDistance' must be positive, 'sill' greater than 'nugget' and that not < 0."
        )
    model = places.semivariogram(shape, range, sill, nugget)
    return _surface(
        collection, property_name, reducer, reach, lambda known, metres: places.kriging(known, metres, model)
    )


def _surface(collection: Collection, name: str, reducer: Reducer | None, reach: float, estimate: Estimate) -> Image:
    """A band named for the property; masked where no point is within reach."""

    @cache
    def known() -> places.Known:
        return _known(collection, name, reducer)

    def generate(grid: Grid) -> list[Pixels]:
        found = places.in_chunks(known(), places.pixel_vectors(grid), reach, estimate).reshape(grid.shape)
        valid = np.isfinite(found)
        return [Pixels(np.where(valid, found, 0.0), valid)]

    return Image({name: Band(Generated(generate), DOUBLE)})


def _known(collection: Collection, name: str, reducer: Reducer | None) -> places.Known:
    """The property's values by place; several at one place are reduced, to their mean unless said otherwise."""
    found: dict[tuple[float, float], list[float]] = defaultdict(list)
    for feature in collection.elements():
        geometry, value = geometry_of(feature), feature.properties.get(name)
        if geometry is None or geometry.shape.is_empty or value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise EarthEngineError(f"Property '{name}' must be a number, got {value!r}.")
        found[_place(geometry)].append(float(value))
    values = [_one(list_, reducer) for list_ in found.values()]
    points = np.array(list(found), np.float64).reshape(-1, 2)
    return places.Known(sphere.vectors(points), np.array(values, np.float64))


def _place(geometry: Geometry) -> tuple[float, float]:
    shape = geodesy.in_degrees(geometry)
    point = shape if isinstance(shape, shapely.Point) else geodesy.centroid(geometry)
    return point.x, point.y


def _one(values: list[float], reducer: Reducer | None) -> float:
    if len(values) == 1:
        return values[0]
    if reducer is None:
        return float(np.mean(values))
    answer: dict[str, Any] = reduce_columns(reducer, [values])
    return float(next(iter(answer.values())))
