"""Terrain: slope, aspect, light and shadow of elevations in metres."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ee_emulator.algorithms.image.neighbourhood import refuse_arrays
from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster import relief
from ee_emulator.raster.arithmetic import computed_image
from ee_emulator.raster.blocks import Blocks
from ee_emulator.raster.edges import PLUS, complete
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.kernel import MAX_SIDE
from ee_emulator.raster.neighbourhood import Neighbourhood, filled, inner
from ee_emulator.raster.pixel_type import BOOLEAN, FLOAT, NAMED, PixelType, cast_values
from ee_emulator.raster.values import Band, Image
from ee_emulator.registry import algorithm

Array = NDArray[np.float64]
Shape = Callable[[Array, Array], Array]
"""Something of the ground from its growth to the east and north."""

BLOCK = 256
"""Pixels a side of the blocks in which depressions are filled."""


def _elevation(image: Image, name: str) -> Band:
    """The only band, or the one called `elevation`."""
    refuse_arrays(image)
    if len(image.bands) == 1:
        return next(iter(image.bands.values()))
    if "elevation" not in image.bands:
        raise EarthEngineError(f"{name}: The image must have one band, or a band named 'elevation'.")
    return image.bands["elevation"]


def _of_ground(band: Band, function: Shape, kind: PixelType) -> Band:
    def compute(grid: Grid, inputs: Sequence[Pixels]) -> Pixels:
        values = function(*relief.uphill(filled(inputs[0]), grid))
        return Pixels(cast_values(values, kind), complete(inputs[0].mask, PLUS))

    return Band(Neighbourhood([band], lambda _: (1, 1), compute, scratch_bytes=96), kind, band.projection)


def _lit(azimuth: float, elevation: float) -> Shape:
    return lambda east, north: relief.hillshade(east, north, azimuth, elevation)


@algorithm("Terrain.slope")
def slope(input: Image) -> Image:
    """Degrees from the horizontal, by the four neighbours."""
    return computed_image(input, {"slope": _of_ground(_elevation(input, "Terrain.slope"), relief.slope, FLOAT)})


@algorithm("Terrain.aspect")
def aspect(input: Image) -> Image:
    """The direction of steepest descent, degrees clockwise from north, by the four neighbours."""
    return computed_image(input, {"aspect": _of_ground(_elevation(input, "Terrain.aspect"), relief.aspect, FLOAT)})


@algorithm("Terrain.hillshade")
def hillshade(input: Image, azimuth: float, elevation: float) -> Image:
    """Light on the ground from a sun at an azimuth and elevation in degrees, 0 to 255.

    Raises:
        EarthEngineError: Angles that are not finite.
    """
    if not (math.isfinite(azimuth) and math.isfinite(elevation)):
        raise EarthEngineError(f"Terrain.hillshade: The sun cannot stand at ({azimuth}, {elevation}).")
    band = _of_ground(_elevation(input, "Terrain.hillshade"), _lit(azimuth, elevation), NAMED["uint8"])
    return computed_image(input, {"hillshade": band})


@algorithm("Terrain.products", "Terrain")
def products(input: Image) -> Image:
    """The image with slope, aspect and hillshade added; metadata stay."""
    band = _elevation(input, "Terrain")
    added = {
        "slope": _of_ground(band, relief.slope, FLOAT),
        "aspect": _of_ground(band, relief.aspect, FLOAT),
        "hillshade": _of_ground(band, _lit(270.0, 45.0), NAMED["uint8"]),
    }
    return input.computed().with_bands({**input.bands, **added})


@algorithm("Terrain.hillShadow", "HillShadow")
def hill_shadow(image: Image, azimuth: float, zenith: float, neighborhood_size: int, hysteresis: bool) -> Image:
    """1 where light arrives, 0 where ground within so many pixels stands in its way, as band `shadow`.

    Raises:
        EarthEngineError: A sun below the horizon or nowhere, or too large a neighbourhood.
    """
    band = _elevation(image, "HillShadow")
    if not math.isfinite(azimuth):
        raise EarthEngineError(f"HillShadow: The azimuth must be finite, got {azimuth}.")
    if not 0 <= zenith < 90:
        raise EarthEngineError(f"HillShadow: The zenith must be at least 0 and less than 90 degrees, got {zenith}.")
    if not 0 <= neighborhood_size <= MAX_SIDE:
        raise EarthEngineError(f"HillShadow: neighborhoodSize must be between 0 and {MAX_SIDE}.")
    margin = neighborhood_size + 1

    def compute(grid: Grid, inputs: Sequence[Pixels]) -> Pixels:
        ground = filled(inputs[0], -np.inf)  # masked ground casts no shadow
        lit = relief.shadows(ground, grid, azimuth, zenith, neighborhood_size, hysteresis)
        return Pixels(lit.astype(np.uint8), inner(inputs[0].mask, (margin, margin)))

    node = Neighbourhood([band], lambda _: (margin, margin), compute)
    return computed_image(image, {"shadow": Band(node, BOOLEAN, band.projection)})


@algorithm("Terrain.fillMinima")
def fill_minima(image: Image, border_value: int | None, neighborhood: int) -> Image:
    """Depressions of whole numbers filled up to their lowest way out, which may lie so many pixels away.

    Raises:
        EarthEngineError: A band that is not of whole numbers, or too large a neighbourhood.
    """
    refuse_arrays(image)
    if not 0 <= neighborhood <= MAX_SIDE:
        raise EarthEngineError(f"Terrain.fillMinima: neighborhood must be between 0 and {MAX_SIDE}.")

    def levelled(name: str, band: Band) -> Band:
        if not band.type.is_integer:
            raise EarthEngineError(f"Terrain.fillMinima: Only integer types are supported; band '{name}' is not one.")

        def fill(pixels: Pixels) -> Pixels:
            found = relief.filled_minima(pixels, border_value, neighborhood)
            return Pixels(cast_values(found.values, band.type), found.mask)

        return replace(band, node=Blocks(band, BLOCK, neighborhood, fill), index=0)

    return image.computed().with_bands({name: levelled(name, band) for name, band in image.bands.items()})
