"""Image: what treats the bands of a pixel as a colour or a spectrum, and curves through values."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.algorithms.image.neighbourhood import floating, refuse_arrays
from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster import kernel as shapes
from ee_emulator.raster.arithmetic import computed_image
from ee_emulator.raster.array_pixels import per_shape
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.kernel import Kernel
from ee_emulator.raster.neighbourhood import Neighbourhood, inner
from ee_emulator.raster.nodes import PerPixel
from ee_emulator.raster.pixel_type import DOUBLE, FLOAT, PixelType, cast_values
from ee_emulator.raster.spectra import cube_of, extreme_spectrum, metric_named
from ee_emulator.raster.unmixing import unmix as shares_of
from ee_emulator.raster.values import Band, Image
from ee_emulator.registry import algorithm

Array = NDArray[np.float64]


def _stacked(
    image: Image, names: Sequence[str], kind: PixelType, function: Callable[[Array], Array], bands: Sequence[Band]
) -> Image:
    """A function of all bands of a pixel, (bands, pixels) to (outputs, pixels); masked where any band is.

    Raises:
        EarthEngineError: A band of arrays.
    """
    if any(band.type.dimensions for band in bands):
        raise EarthEngineError("The bands must be scalar-valued.")

    def compute(*inputs: Pixels) -> list[Pixels]:
        mask = np.logical_and.reduce([pixels.mask for pixels in inputs])
        stack = np.stack([np.where(mask, pixels.values, 0).astype(np.float64).ravel() for pixels in inputs])
        with np.errstate(all="ignore"):
            answer = function(stack)
        return [Pixels(cast_values(row.reshape(mask.shape), kind), mask) for row in answer]

    node = PerPixel(bands, compute)
    made = {name: Band(node, kind, bands[0].projection, k) for k, name in enumerate(names)}
    return computed_image(image, made)


# Colours ----------------------------------------------------------------------------------------------------------


def _three(image: Image, name: str) -> tuple[list[Band], PixelType]:
    bands = list(image.bands.values())
    if len(bands) != 3:
        raise EarthEngineError(f"Image.{name}: The image must have 3 bands, it has {len(bands)}.")
    return bands, FLOAT if all(floating(band.type) == FLOAT for band in bands) else DOUBLE


@algorithm("Image.rgbToHsv")
def rgb_to_hsv(image: Image) -> Image:
    """Red, green and blue in 0..1 to hue, saturation and value in 0..1; grey has hue 0.

    Raises:
        EarthEngineError: Not three bands.
    """
    bands, kind = _three(image, "rgbToHsv")
    return _stacked(image, ("hue", "saturation", "value"), kind, _hsv, bands)


def _hsv(rgb: Array) -> Array:
    red, green, blue = rgb
    value = rgb.max(axis=0)
    span = value - rgb.min(axis=0)
    step = np.where(span == 0, 1.0, span)
    sixths = np.where(
        value == red, (green - blue) / step, np.where(value == green, 2 + (blue - red) / step, 4 + (red - green) / step)
    )
    saturation = np.where(value == 0, 0.0, span / np.where(value == 0, 1.0, value))
    return np.stack([np.where(span == 0, 0.0, (sixths / 6.0) % 1.0), saturation, value])


@algorithm("Image.hsvToRgb")
def hsv_to_rgb(image: Image) -> Image:
    """Hue, saturation and value in 0..1 to red, green and blue in 0..1.

    Raises:
        EarthEngineError: Not three bands.
    """
    bands, kind = _three(image, "hsvToRgb")
    return _stacked(image, ("red", "green", "blue"), kind, _rgb, bands)


def _rgb(hsv: Array) -> Array:
    hue, saturation, value = hsv
    # Each primary falls off as the hue moves away from it: Foley and van Dam's hexcone in closed form.
    sectors = np.array([5.0, 3.0, 1.0])[:, None] + 6.0 * (hue % 1.0)
    fall = np.clip(np.minimum(sectors % 6.0, 4.0 - sectors % 6.0), 0.0, 1.0)
    rgb: Array = value - value * saturation * fall
    return rgb


# Spectra ----------------------------------------------------------------------------------------------------------


@algorithm("Image.unmix")
def unmix(image: Image, endmembers: list[list[float]], sum_to_one: bool, non_negative: bool) -> Image:
    """The share of each endmember in a pixel, as bands `band_0`, `band_1`, ….

    Raises:
        EarthEngineError: No endmembers, or an endmember without a finite value for each band.
    """
    bands = list(image.bands.values())
    if not bands or not endmembers or any(len(member) != len(bands) for member in endmembers):
        raise EarthEngineError(f"Image.unmix: Each endmember needs a value for each of the {len(bands)} bands.")
    members = np.array(endmembers, np.float64)
    if not np.isfinite(members).all():
        raise EarthEngineError("Image.unmix: Endmembers must be finite.")
    names = [f"band_{k}" for k in range(len(members))]
    return _stacked(image, names, DOUBLE, lambda stack: shares_of(stack, members, sum_to_one, non_negative), bands)


@algorithm("Image.spectralDistance")
def spectral_distance(image1: Image, image2: Image, metric: str) -> Image:
    """How far apart the spectra of two images are, pixel by pixel, as band `distance`.

    Raises:
        EarthEngineError: An unknown metric, or different numbers of bands.
    """
    distance = metric_named(metric)
    first, second = list(image1.bands.values()), list(image2.bands.values())
    if first and second and first[0].type.dimensions and second[0].type.dimensions:
        return _array_distance(image1, first[0], second[0], distance)
    if len(first) != len(second) or not first:
        raise EarthEngineError(
            f"Image.spectralDistance: The images must have as many bands; they have {len(first)} and {len(second)}."
        )
    half = len(first)
    return _stacked(
        image1, ["distance"], DOUBLE, lambda stack: distance(stack[:half], stack[half:])[None], [*first, *second]
    )


def _array_distance(image: Image, first: Band, second: Band, distance: Any) -> Image:
    def spectra(one: NDArray[Any], other: NDArray[Any]) -> Any:
        if one.shape != other.shape or one.ndim != 2:
            raise EarthEngineError("Image.spectralDistance: The arrays must have one dimension and the same length.")
        return distance(one.T.astype(np.float64), other.T.astype(np.float64))

    node = PerPixel([first, second], lambda *inputs: per_shape(spectra, [DOUBLE], inputs), array_inputs={0, 1})
    return computed_image(image, {"distance": Band(node, DOUBLE, first.projection)})


def _morphology(image: Image, metric: str, kernel: Kernel | None, centroid: bool) -> tuple[Kernel, Any]:
    distance = metric_named(metric)
    chosen = kernel if kernel is not None else shapes.shaped("square", (1.0, 1.0), "pixels", False, 1.0, {})

    def pick(cube: Array, mask: NDArray[np.bool_], grid: Grid, furthest: bool) -> Array:
        return extreme_spectrum(cube, mask, chosen.on(grid).centred(), distance, centroid, furthest)

    if not image.bands:
        raise EarthEngineError("The image has no bands.")
    return chosen, pick


def _spectral_image(image: Image, metric: str, kernel: Kernel | None, centroid: bool, furthest: bool) -> Image:
    chosen, pick = _morphology(image, metric, kernel, centroid)
    arrays = next(iter(image.bands.values())).type.dimensions > 0
    names = image.names[:1] if arrays else image.names
    bands = [image.bands[name] for name in names]

    def compute(grid: Grid, inputs: Sequence[Pixels]) -> list[Pixels]:
        cube, mask = cube_of(inputs)
        spectra = pick(cube, mask, grid, furthest)
        centre = inner(mask, chosen.on(grid).margin)
        if not arrays:
            return [Pixels(cast_values(s, b.type), centre) for s, b in zip(spectra, bands, strict=True)]
        values = np.empty(grid.shape, object)
        for row, column in np.argwhere(centre):
            values[row, column] = spectra[:, row, column].astype(bands[0].type.element_dtype)
        return [Pixels(values, centre)]

    node = Neighbourhood(bands, lambda grid: chosen.on(grid).margin, compute, scratch_bytes=48 * len(bands))
    made = {n: Band(node, b.type, b.projection, k) for k, (n, b) in enumerate(zip(names, bands, strict=True))}
    return computed_image(image, made)


@algorithm("Image.spectralErosion")
def spectral_erosion(image: Image, metric: str, kernel: Kernel | None, use_centroid: bool) -> Image:
    """The spectrum under the kernel that is closest to its centre, or to the mean of the pixels under it."""
    return _spectral_image(image, metric, kernel, use_centroid, furthest=False)


@algorithm("Image.spectralDilation")
def spectral_dilation(image: Image, metric: str, kernel: Kernel | None, use_centroid: bool) -> Image:
    """The spectrum under the kernel that is furthest from its centre, or from the mean of the pixels under it."""
    return _spectral_image(image, metric, kernel, use_centroid, furthest=True)


@algorithm("Image.spectralGradient")
def spectral_gradient(image: Image, metric: str, kernel: Kernel | None, use_centroid: bool) -> Image:
    """The distance between spectral dilation and erosion, as band `distance`."""
    chosen, pick = _morphology(image, metric, kernel, use_centroid)
    bands = list(image.bands.values())
    bands = bands[:1] if bands[0].type.dimensions else bands
    distance = metric_named(metric)

    def compute(grid: Grid, inputs: Sequence[Pixels]) -> Pixels:
        cube, mask = cube_of(inputs)
        far, near = pick(cube, mask, grid, True), pick(cube, mask, grid, False)
        return Pixels(distance(far, near), inner(mask, chosen.on(grid).margin))

    node = Neighbourhood(bands, lambda grid: chosen.on(grid).margin, compute, scratch_bytes=64 * len(bands))
    return computed_image(image, {"distance": Band(node, DOUBLE, bands[0].projection)})


# Curves -----------------------------------------------------------------------------------------------------------


@algorithm("Image.interpolate")
def interpolate(image: Image, x: list[float], y: list[float], behavior: str) -> Image:
    """The first band through a function of straight pieces.

    Raises:
        EarthEngineError: Lists of different length or fewer than two points, x that does not grow, an unknown
            behaviour beyond the ends, or an image without numbers.
    """
    if len(x) != len(y) or len(x) < 2:
        raise EarthEngineError(
            f"Image.interpolate: x and y need as many values, at least two; there are {len(x)} and {len(y)}."
        )
    if any(b <= a for a, b in pairwise(x)):
        raise EarthEngineError("Image.interpolate: The x values must be strictly increasing.")
    if behavior not in ("extrapolate", "clamp", "input", "mask"):
        raise EarthEngineError(f"Image.interpolate: Unknown behavior '{behavior}'.")
    refuse_arrays(image)
    if not image.bands:
        raise EarthEngineError("Image.interpolate: The image has no bands.")
    name, band = next(iter(image.bands.items()))
    xs, ys = np.array(x), np.array(y)

    def compute(pixels: Pixels) -> Pixels:
        values = pixels.values.astype(np.float64)
        inside = (values >= xs[0]) & (values <= xs[-1])
        answer = np.interp(values, xs, ys)
        if behavior == "extrapolate":
            answer = np.where(values < xs[0], _line(values, xs[:2], ys[:2]), answer)
            answer = np.where(values > xs[-1], _line(values, xs[-2:], ys[-2:]), answer)
        elif behavior == "input":
            answer = np.where(inside, answer, values)
        return Pixels(answer, pixels.mask & inside if behavior == "mask" else pixels.mask)

    return computed_image(image, {name: Band(PerPixel([band], compute), DOUBLE, band.projection)})


def _line(values: Array, x: Array, y: Array) -> Array:
    slope = (y[1] - y[0]) / (x[1] - x[0])
    return np.asarray(y[0] + (values - x[0]) * slope)
