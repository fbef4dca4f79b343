"""Image: random pixels and random colours; the same seed and place give the same number on every machine."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.algorithms.image.neighbourhood import refuse_arrays
from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.blocks import lattice_place
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.nodes import Generated, PerPixel
from ee_emulator.raster.pixel_type import DOUBLE, NAMED, PixelType
from ee_emulator.raster.values import Band, Image, named
from ee_emulator.registry import algorithm

Hashes = NDArray[np.uint64]


def scrambled(keys: Sequence[Any]) -> Hashes:
    """A hash of whole numbers that broadcast: the finaliser of SplitMix64 (Steele, Lea and Flood 2014), key by key."""
    state = np.zeros((), np.uint64)
    with np.errstate(over="ignore"):
        for key in keys:
            word = np.asarray(key, np.int64).astype(np.uint64)
            state = (state ^ word) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0x632BE59BD9B4E019)
            state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            state = state ^ (state >> np.uint64(31))
    return np.asarray(state)


@algorithm("Image.random")
def random(seed: int, distribution: str) -> Image:
    """A number for each pixel of a lattice, uniform in [0, 1) or normal with mean 0 and deviation 1.

    The numbers are not Earth Engine's.

    Raises:
        EarthEngineError: Another distribution.
    """
    if distribution not in ("uniform", "normal"):
        raise EarthEngineError(f"Image.random: Unknown distribution '{distribution}'; known: uniform, normal.")

    def generate(grid: Grid) -> list[Pixels]:
        from scipy.special import ndtri

        column, row = lattice_place(grid)
        columns, rows = column + np.arange(grid.width)[None, :], row + np.arange(grid.height)[:, None]
        scale = np.float64(grid.transform.a).view(np.int64)
        bits = (scrambled([seed, scale, columns, rows]) >> np.uint64(11)).astype(np.float64)
        values = bits / 2.0**53 if distribution == "uniform" else ndtri((bits + 0.5) / 2.0**53)
        return [Pixels(values, np.ones(grid.shape, bool))]

    kind = PixelType("double", 0, 1) if distribution == "uniform" else DOUBLE
    return Image({"random": Band(Generated(generate), kind)})


@algorithm("Image.randomVisualizer")
def random_visualizer(image: Image) -> Image:
    """Three bands of a colour for each value of the first band, then the bands of the image.

    Raises:
        EarthEngineError: An image without bands, or whose first band holds arrays.
    """
    refuse_arrays(image)
    if not image.bands:
        raise EarthEngineError("Image.randomVisualizer: The image must have at least one band.")
    first = next(iter(image.bands.values()))

    def colour(pixels: Pixels) -> list[Pixels]:
        values = pixels.values
        keys = values.astype(np.int64) if values.dtype.kind in "iu" else values.astype(np.float64).view(np.int64)
        bits = scrambled([keys])
        return [Pixels(((bits >> np.uint64(8 * k)) & np.uint64(255)).astype(np.uint8), pixels.mask) for k in range(3)]

    node = PerPixel([first], colour)
    colours = [Band(node, NAMED["uint8"], first.projection, k) for k in range(3)]
    names = ["viz-red", "viz-green", "viz-blue", *image.names]
    return image.computed().with_bands(named(names, [*colours, *image.bands.values()]))
