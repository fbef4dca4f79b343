"""Image: edges, gradients and straight lines."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.algorithms.image.neighbourhood import floating, refuse_arrays
from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster import kernel as shapes
from ee_emulator.raster.arithmetic import computed_image
from ee_emulator.raster.blocks import Blocks
from ee_emulator.raster.edges import PLUS, canny, complete, differences, lines, zero_crossings
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.kernel import MAX_SIDE
from ee_emulator.raster.neighbourhood import Neighbourhood, filled, inner
from ee_emulator.raster.pixel_type import BOOLEAN, DOUBLE, cast_values
from ee_emulator.raster.relief import uphill
from ee_emulator.raster.values import Band, Image
from ee_emulator.registry import algorithm


@algorithm("Image.derivative")
def derivative(image: Image) -> Image:
    """Half the difference of the neighbours, per pixel to the right (`_x`) and down (`_y`), for each band."""
    refuse_arrays(image)
    bands: dict[str, Band] = {}
    for name, band in image.bands.items():
        x, y = _pair(band, lambda grid, values: differences(values))
        bands |= {f"{name}_x": x, f"{name}_y": y}
    return computed_image(image, bands)


@algorithm("Image.gradient")
def gradient(input: Image) -> Image:
    """How much the first band grows per metre to the east (`x`) and to the north (`y`).

    The directions are ours: Earth Engine does not say which way its y points.
    """
    refuse_arrays(input)
    if not input.bands:
        raise EarthEngineError("Image.gradient: The image has no bands.")
    x, y = _pair(next(iter(input.bands.values())), lambda grid, values: uphill(values, grid))
    return computed_image(input, {"x": x, "y": y})


Pair = tuple[NDArray[np.float64], NDArray[np.float64]]


def _pair(band: Band, function: Callable[[Grid, NDArray[np.float64]], Pair]) -> list[Band]:
    kind = floating(band.type)

    def compute(grid: Grid, inputs: Sequence[Pixels]) -> list[Pixels]:
        mask = complete(inputs[0].mask, PLUS)
        return [Pixels(cast_values(values, kind), mask) for values in function(grid, filled(inputs[0]))]

    node = Neighbourhood([band], lambda _: (1, 1), compute)
    return [Band(node, kind, band.projection, k) for k in range(2)]


@algorithm("CannyEdgeDetector")
def canny_edge_detector(image: Image, threshold: float, sigma: float) -> Image:
    """The magnitude of the gradient, in units a pixel, where it makes an edge; 0 elsewhere.

    Raises:
        EarthEngineError: A standard deviation that is negative or too large.
    """
    refuse_arrays(image)
    if not 0 <= sigma <= MAX_SIDE / 6 - 1:
        raise EarthEngineError(f"CannyEdgeDetector: sigma must be between 0 and {MAX_SIDE // 6 - 1}, got {sigma}.")
    smoothing = None
    if sigma > 0:
        bell = shapes.gaussian(math.ceil(3 * sigma), sigma, "pixels", True, 1.0, {})
        smoothing = bell.on(Grid("EPSG:4326", image.first_projection().transform, 1, 1))
    margin = 2 + (smoothing.x if smoothing else 0)

    def edges(band: Band) -> Band:
        node = Neighbourhood(
            [band],
            lambda _: (margin, margin),
            lambda _, inputs: canny(inputs[0], smoothing, threshold),
            scratch_bytes=96,
        )
        return Band(node, DOUBLE, band.projection)

    return computed_image(image, {name: edges(band) for name, band in image.bands.items()})


@algorithm("Image.zeroCrossing")
def zero_crossing(image: Image) -> Image:
    """1 where the value crosses zero on the way to the right, down, or down to the right."""
    refuse_arrays(image)

    def crossing(band: Band) -> Band:
        def compute(_: Grid, inputs: Sequence[Pixels]) -> Pixels:
            return Pixels(zero_crossings(inputs[0]).astype(np.uint8), inner(inputs[0].mask, (1, 1)))

        return Band(Neighbourhood([band], lambda _: (1, 1), compute), BOOLEAN, band.projection)

    return computed_image(image, {name: crossing(band) for name, band in image.bands.items()})


@algorithm("HoughTransform")
def hough_transform(image: Image, grid_size: int, input_threshold: float, line_threshold: float, smooth: bool) -> Image:
    """1 on straight lines through pixels at or above a threshold, 0 elsewhere; bands get the suffix `_lines`.

    Lines are looked for in squares of `gridSize` pixels that lie fast on the lattice, each for itself.

    Raises:
        EarthEngineError: Squares of fewer than 2 or more than `MAX_SIDE` pixels a side.
    """
    refuse_arrays(image)
    if not 2 <= grid_size <= MAX_SIDE:
        raise EarthEngineError(f"HoughTransform: gridSize must be between 2 and {MAX_SIDE}, got {grid_size}.")

    def find(pixels: Pixels) -> Pixels:
        active = pixels.mask & (pixels.values >= input_threshold)
        return Pixels(lines(active, line_threshold, smooth).astype(np.uint8), pixels.mask)

    bands: dict[str, Any] = {
        f"{name}_lines": Band(Blocks(band, grid_size, 0, find), BOOLEAN, band.projection)
        for name, band in image.bands.items()
    }
    return computed_image(image, bands)
