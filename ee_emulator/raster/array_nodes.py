"""Bands of arrays computed from bands: what the Image functions of arrays are built on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.arithmetic import common_projection, computed_image
from ee_emulator.raster.array_pixels import Batched, per_shape
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.nodes import PerPixel
from ee_emulator.raster.pixel_type import NAMED, PixelType, cast_values, integer_type
from ee_emulator.raster.values import EVERY_INPUT, Band, Image

ARRAY_BYTES = 512
"""Memory that an array pixel is reckoned to take while it is computed: a small array and its stack."""
INDEX = integer_type(0, 2**31 - 1)
"""Type of lengths and positions."""


class ArrayPixels(PerPixel):
    """A function of stacks over the pixels of bands, grouped by shape and by the values of further bands."""

    def __init__(
        self, bands: Sequence[Band], function: Batched, kinds: Sequence[PixelType], settings: Sequence[Band] = ()
    ) -> None:
        def grouped(*pixels: Pixels) -> list[Pixels]:
            return per_shape(function, kinds, pixels[: len(bands)], pixels[len(bands) :])

        super().__init__([*bands, *settings], grouped, array_inputs=EVERY_INPUT)

    def scratch(self, grid: Grid) -> int:
        """The stacks, whose lengths nobody knows before."""
        return ARRAY_BYTES * len(self.inputs) * grid.width * grid.height


def array_bands(
    bands: Sequence[Band], function: Batched, kinds: Sequence[PixelType], settings: Sequence[Band] = ()
) -> list[Band]:
    """Bands of the answers of one function of stacks; see `per_shape`."""
    node = ArrayPixels(bands, function, kinds, settings)
    return [Band(node, kind, common_projection(bands), k) for k, kind in enumerate(kinds)]


def each_band(image: Image, function: Batched, types: Callable[[PixelType], PixelType], settings: Image) -> Image:
    """A function of stacks on every band; the bands of `settings` choose what it does at a pixel.

    Raises:
        EarthEngineError: A band that is no array.
    """
    bands = {}
    for name, band in image.bands.items():
        dimensions(band, name)
        (bands[name],) = array_bands([band], function, [types(band.type)], list(settings.bands.values()))
    return computed_image(image, bands)


NO_SETTINGS = Image()


def dimensions(band: Band, name: str) -> int:
    """Dimensions of an array band.

    Raises:
        EarthEngineError: It holds numbers.
    """
    if not band.type.dimensions:
        raise EarthEngineError(f"The band '{name}' must be an array band, its pixels are numbers.")
    return band.type.dimensions


def same(kind: PixelType) -> PixelType:
    """The type of the input."""
    return kind


def of_dimensions(count: int) -> Callable[[PixelType], PixelType]:
    """The input's type with other dimensions."""
    return lambda kind: replace(kind, dimensions=count)


def bands_for(image: Image, name: str, others: Image, what: str) -> Mapping[str, Band]:
    """The band of `others` that goes with a band of `image`: the only one, or the one at the same place.

    Raises:
        EarthEngineError: Neither one band nor as many.
    """
    if len(others.bands) == 1:
        return others.bands
    if len(others.bands) != len(image.bands):
        raise EarthEngineError(f"{what} must have one band, or {len(image.bands)}; it has {len(others.bands)}.")
    key = others.names[image.names.index(name)]
    return {key: others.bands[key]}


def holding(kind: PixelType, value: float) -> PixelType:
    """The type, wide enough for a value; a fraction among integers is cut off."""
    if not kind.is_integer:
        return kind
    whole = int(cast_values(np.asarray(value), NAMED["int64"]))
    low, high = kind.interval
    return replace(kind, minimum=min(low, whole), maximum=max(high, whole))
