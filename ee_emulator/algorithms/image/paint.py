"""Image: numbers of features painted into pixels."""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ee_emulator.algorithms.element import geometry_of
from ee_emulator.algorithms.image.math import cast_band, constant
from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.drawing import on_pixels
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.nodes import Generated, Mosaic
from ee_emulator.raster.pixel_type import PixelType, cast_values, union
from ee_emulator.raster.regions import centres_inside, shape_in, shares
from ee_emulator.raster.values import Band, Image
from ee_emulator.registry import algorithm
from ee_emulator.values import Collection, Geometry

Painted = tuple[Geometry, float, float | None]
"""A geometry, its number, and the width of its outline; None to fill it."""


@algorithm("Image.paint")
def paint(image: Image, feature_collection: Collection, color: Any, width: Any) -> Image:
    """Every band with features painted over it, filled, or outlined where a width (pixels) is given.

    Number and width may be a feature's own: the names of properties. What is painted is unmasked.

    Raises:
        EarthEngineError: A number or width that is none.
    """
    shapes: list[Painted] = []
    for feature in feature_collection.elements():
        geometry, value = geometry_of(feature), _own(feature, color, "color")
        if geometry is not None and value is not None:
            shapes.append((geometry, value, None if width is None else _own(feature, width, "width")))
    kind = union([constant(value).bands["constant"].type for _, value, _ in shapes]) if shapes else None

    def painted(band: Band) -> Band:
        whole = band.type if kind is None else union([band.type, kind])
        over = Band(Generated(lambda grid: [_drawn(shapes, grid, whole)]), whole)
        return Band(Mosaic([cast_band(band, whole), over], whole), whole, band.projection)

    return image.computed().map_bands(painted)


def _own(feature: Any, given: Any, argument: str) -> float | None:
    """A number, or a feature's property of that name; None where the feature has no such property."""
    value = feature.properties.get(given) if isinstance(given, str) else given
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise EarthEngineError(f"'{argument}' must be a number or the name of a numeric property, got {value!r}.")
    return value


def _drawn(shapes: list[Painted], grid: Grid, kind: PixelType) -> Pixels:
    values, mask = np.zeros(grid.shape, kind.dtype), np.zeros(grid.shape, bool)
    for geometry, value, width in shapes:
        hit = _filled(geometry, grid) if width is None else _outlined(geometry, width, grid)
        values[hit], mask[hit] = cast_values(np.array(value), kind), True
    return Pixels(values, mask)


def _filled(geometry: Geometry, grid: Grid) -> NDArray[np.bool_]:
    """Pixels whose centre is in an area; those that a point or line touches."""
    shape = shape_in(geometry, grid.crs)
    if shape.is_empty or not shape.intersects(shapely.box(*grid.bounds)):
        return np.zeros(grid.shape, bool)
    return centres_inside(shape, grid) if shape.area else shares(shape, grid)[1]


def _outlined(geometry: Geometry, width: float, grid: Grid) -> NDArray[np.bool_]:
    """Pixels whose centre is within half a width of an outline, a line or a point."""
    shape = on_pixels(geometry, grid)
    line = shape.boundary if shape.area else shape
    window = -width, -width, grid.width + width, grid.height + width
    stroke = shapely.clip_by_rect(line, *window).buffer(width / 2)
    columns, rows = np.meshgrid(np.arange(grid.width) + 0.5, np.arange(grid.height) + 0.5)
    shapely.prepare(stroke)
    return np.asarray(shapely.intersects_xy(stroke, columns, rows))
