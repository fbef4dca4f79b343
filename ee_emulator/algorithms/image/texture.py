"""Image: texture."""

from collections.abc import Sequence

import numpy as np

from ee_emulator.algorithms.image.neighbourhood import refuse_arrays
from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.arithmetic import computed_image
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.kernel import Kernel
from ee_emulator.raster.neighbourhood import Compute, Neighbourhood, inner
from ee_emulator.raster.pixel_type import DOUBLE
from ee_emulator.raster.texture import MEASURES, Offset, cooccurrences, directions
from ee_emulator.raster.texture import entropy as window_entropy
from ee_emulator.raster.values import Band, Image
from ee_emulator.registry import algorithm

MAX_SIZE = 50
"""Pixels to each side of a window of co-occurrences: its pairs are held one by one."""

MAX_DIRECTIONS = 128
"""Directions in which pairs are looked for."""

_DEFAULT = ((-1, -1), (0, -1), (1, -1), (-1, 0))


@algorithm("Image.entropy")
def entropy(image: Image, kernel: Kernel) -> Image:
    """Entropy of the values under a kernel, bits; fractions of values are cut off."""
    refuse_arrays(image)

    def around(band: Band) -> Band:
        def compute(grid: Grid, inputs: Sequence[Pixels]) -> Pixels:
            weights = kernel.on(grid).centred()
            if not weights.support.any():
                raise EarthEngineError("Image.entropy: The kernel has no weight that is not zero.")
            return window_entropy(inputs[0], weights.support)

        return Band(Neighbourhood([band], lambda grid: kernel.on(grid).margin, compute), DOUBLE, band.projection)

    return computed_image(image, {name: around(band) for name, band in image.bands.items()})


@algorithm("Image.glcmTexture")
def glcm_texture(image: Image, size: int, kernel: Kernel | None, average: bool) -> Image:
    """Eighteen measures of grey-level co-occurrence a band, averaged over the directions or for each of them.

    Where only one grey level occurs the correlations are 0.

    Raises:
        EarthEngineError: A band that is not of whole numbers of 32 bits, a kernel in metres, or without directions.
    """
    refuse_arrays(image)
    if not 1 <= size <= MAX_SIZE:
        raise EarthEngineError(f"Image.glcmTexture: The size must be between 1 and {MAX_SIZE}, got {size}.")
    if kernel is not None and kernel.metric:
        raise EarthEngineError("Image.glcmTexture: The kernel must be specified in pixels.")
    ways = list(_DEFAULT) if kernel is None else directions(kernel.at(image.first_projection()).offsets())
    if not 0 < len(ways) <= MAX_DIRECTIONS:
        raise EarthEngineError(
            f"Image.glcmTexture: The kernel gives {len(ways)} directions; there must be 1 to {MAX_DIRECTIONS}."
        )
    bands: dict[str, Band] = {}
    for name, band in image.bands.items():
        if not band.type.is_integer or band.type.interval[0] < -(2**31) or band.type.interval[1] >= 2**31:
            raise EarthEngineError(f"Image.glcmTexture: Only 32-bit or smaller integer types are supported; '{name}'.")
        bands |= _averaged(name, band, size, ways) if average else _directional(name, band, size, ways)
    return computed_image(image, bands)


def _averaged(name: str, band: Band, size: int, ways: Sequence[Offset]) -> dict[str, Band]:
    def compute(_: Grid, inputs: Sequence[Pixels]) -> list[Pixels]:
        found = [cooccurrences(inputs[0], size, way) for way in ways]
        weight = np.maximum(np.sum([valid for _, valid in found], axis=0), 1)
        mask = inner(inputs[0].mask, (size, size)) & np.logical_or.reduce([valid for _, valid in found])
        sums = [np.sum([np.where(ok, m[k], 0.0) for m, ok in found], axis=0) for k in range(len(MEASURES))]
        return [Pixels(total / weight, mask) for total in sums]

    return _outputs(band, size, [f"{name}_{measure}" for measure in MEASURES], compute)


def _directional(name: str, band: Band, size: int, ways: Sequence[Offset]) -> dict[str, Band]:
    bands: dict[str, Band] = {}
    for way in ways:

        def compute(_: Grid, inputs: Sequence[Pixels], way: Offset = way) -> list[Pixels]:
            measures, valid = cooccurrences(inputs[0], size, way)
            mask = inner(inputs[0].mask, (size, size)) & valid
            return [Pixels(values, mask) for values in measures]

        bands |= _outputs(band, size, [f"{name}_{measure}_{way[0]}_{way[1]}" for measure in MEASURES], compute)
    return bands


def _outputs(band: Band, size: int, names: Sequence[str], compute: Compute) -> dict[str, Band]:
    node = Neighbourhood([band], lambda _: (size, size), compute, scratch_bytes=300)
    return {name: Band(node, DOUBLE, band.projection, k) for k, name in enumerate(names)}
