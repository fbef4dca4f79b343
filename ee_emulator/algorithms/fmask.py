"""FMask: clouds and the shadows that belong to them."""

import math
from collections.abc import Sequence

import numpy as np

from ee_emulator.algorithms.terrain import fill_minima
from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.cloud_shadows import Sun, match
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.pixel_type import NAMED
from ee_emulator.raster.surrounding_nodes import TILE_SIDE, Cells
from ee_emulator.raster.values import Band, Image
from ee_emulator.registry import algorithm

algorithm("FMask.fillMinima")(fill_minima)

_MOST = 1024
"""Pixels that a tile may be padded with."""


@algorithm("FMask.matchClouds")
def match_clouds(
    input: Image, cloud: Image, shadow: Image, btemp: Image, scene_low: float, scene_high: float, neighborhood: int
) -> Image:
    """Potential clouds, and of the potential shadows those that a cloud explains: band `csm`.

    0 clear, 2 cloud shadow, 4 cloud, as in Fmask's own products (ours: the description does not say). Clouds of fewer
    than 9 pixels are dropped. The sun's place comes from the properties SUN_AZIMUTH and SUN_ELEVATION of `input`; the
    satellite stands in the zenith. See `raster/cloud_shadows.py`.

    Raises:
        EarthEngineError: The sun's place is not known, or too large a neighbourhood.
    """
    azimuth, elevation = (input.properties.get(key) for key in ("SUN_AZIMUTH", "SUN_ELEVATION"))
    if not isinstance(azimuth, int | float) or not isinstance(elevation, int | float) or elevation <= 0:
        raise EarthEngineError("Missing required metadata property: SUN_AZIMUTH and SUN_ELEVATION.")
    if not 0 <= neighborhood <= _MOST:
        raise EarthEngineError(f"neighborhood must be between 0 and {_MOST}, got {neighborhood}.")
    if not (math.isfinite(scene_low) and math.isfinite(scene_high)):
        raise EarthEngineError("'sceneLow' and 'sceneHigh' must be finite.")
    sun = Sun(float(azimuth), float(elevation))
    bands = [next(iter(image.bands.values())) for image in (cloud, shadow, btemp)]
    scene = next(iter(input.bands.values()))

    def compute(grid: Grid, inputs: Sequence[Pixels]) -> list[Pixels]:
        clouds, shadows = (pixels.mask & (pixels.values != 0) for pixels in inputs[:2])
        warmth = np.where(inputs[2].mask, inputs[2].values, math.nan)
        found = match(grid, clouds, shadows, warmth, sun, scene_low, scene_high)
        return [Pixels(found, inputs[3].mask)]

    node = Cells([*bands, scene], TILE_SIDE, neighborhood, compute)
    return input.computed().with_bands({"csm": Band(node, NAMED["uint8"], scene.projection)})
