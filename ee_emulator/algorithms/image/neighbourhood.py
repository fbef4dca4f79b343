"""Image: what a kernel does to it: convolutions, reductions, morphology, neighbours as bands or arrays."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster import kernel as shapes
from ee_emulator.raster.arithmetic import computed_image
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.kernel import Kernel
from ee_emulator.raster.neighbourhood import Neighbourhood, convolved, inner, reduced
from ee_emulator.raster.pixel_type import DOUBLE, FLOAT, PixelType, cast_values
from ee_emulator.raster.reducer import Reducer
from ee_emulator.raster.values import Band, Image
from ee_emulator.registry import Context, algorithm, invoke

MAX_BANDS = 10_000
"""Bands that the neighbours of an image may become."""


def refuse_arrays(image: Image) -> None:
    """Neighbourhoods are of numbers.

    Raises:
        EarthEngineError: A band of arrays.
    """
    for name, band in image.bands.items():
        if band.type.dimensions:
            raise EarthEngineError(f"The input image must be scalar-valued; band '{name}' holds arrays.")


def floating(kind: PixelType) -> PixelType:
    """The floating-point type that a computation on a band gives: float stays float, all else becomes double."""
    return FLOAT if kind.precision == "float" else DOUBLE


@algorithm("Image.convolve")
def convolve(image: Image, kernel: Kernel) -> Image:
    """Weighted sums of the pixels under a kernel; the kernel is not turned around."""
    refuse_arrays(image)

    def around(band: Band) -> Band:
        kind = floating(band.type)

        def compute(grid: Grid, inputs: Any) -> Pixels:
            return convolved(inputs[0], kernel.on(grid).centred(), kind)

        return Band(Neighbourhood([band], lambda grid: kernel.on(grid).margin, compute), kind, band.projection)

    return computed_image(image, {name: around(band) for name, band in image.bands.items()})


# Reducing ---------------------------------------------------------------------------------------------------------


@algorithm("Image.reduceNeighborhood")
def reduce_neighborhood(
    image: Image, reducer: Reducer, kernel: Kernel, input_weight: str, skip_masked: bool, optimization: str | None
) -> Image:
    """Reduces the pixels under a kernel; `optimization` is only checked, the engine chooses by itself.

    Raises:
        EarthEngineError: An unknown weighting or optimisation, or a reducer whose inputs are not the bands.
    """
    refuse_arrays(image)
    if input_weight.lower() not in ("mask", "kernel", "min"):
        raise EarthEngineError(f"Image.reduceNeighborhood: Unrecognized input weight: '{input_weight}'.")
    if optimization is not None and optimization.lower() not in ("boxcar", "window"):
        raise EarthEngineError(f"Image.reduceNeighborhood: Unrecognized optimization: '{optimization}'.")
    reduction = _Reduction(reducer, kernel, input_weight.lower(), skip_masked)
    if reducer.inputs == 1:
        bands: dict[str, Band] = {}
        for name, band in image.bands.items():
            made = reduction.of([band])
            bands |= {f"{name}_{output}": b for output, b in zip(reducer.outputs, made, strict=True)}
        return computed_image(image, bands)
    if reducer.inputs != len(image.bands):
        raise EarthEngineError(
            f"Image.reduceNeighborhood: The reducer has {reducer.inputs} inputs; the image has {len(image.bands)} "
            "bands. A reducer of several inputs needs as many bands."
        )
    made = reduction.of(list(image.bands.values()))
    return computed_image(image, dict(zip(reducer.outputs, made, strict=True)))


class _Reduction:
    """A reducer with its kernel, ready to be put on bands."""

    def __init__(self, reducer: Reducer, kernel: Kernel, weigh_by: str, skip_masked: bool) -> None:
        self.reducer = reducer
        self.kernel = kernel
        self.weigh_by = weigh_by
        self.skip_masked = skip_masked

    def of(self, bands: list[Band]) -> list[Band]:
        """A band for each of the reducer's outputs."""
        types = self.reducer.output_types([band.type for band in bands])

        def compute(grid: Grid, inputs: Any) -> list[Pixels]:
            weights = self.kernel.on(grid).centred()
            if not weights.support.any():
                raise EarthEngineError("Image.reduceNeighborhood: The kernel has no weight that is not zero.")
            answer = reduced(grid, inputs, self.reducer, weights, self.weigh_by, types)
            if not self.skip_masked:
                return answer
            centre = np.logical_and.reduce([inner(pixels.mask, weights.margin) for pixels in inputs])
            return [Pixels(pixels.values, pixels.mask & centre) for pixels in answer]

        node = Neighbourhood(bands, lambda grid: self.kernel.on(grid).margin, compute, spreads=not self.skip_masked)
        return [Band(node, kind, bands[0].projection, k) for k, kind in enumerate(types)]


def _focal(name: str) -> Callable[..., Image]:
    def focal(
        image: Image,
        radius: float,
        kernel_type: str,
        units: str,
        iterations: int,
        kernel: Kernel | None,
        *,
        context: Context,
    ) -> Image:
        refuse_arrays(image)
        if kernel is None:
            kernel = _named_kernel(kernel_type, radius, units)
        # Masked pixels are filled from their neighbours, which gap filling with focal_mean relies on.
        reduction = _Reduction(invoke(f"Reducer.{name}", {}, context), kernel, "kernel", skip_masked=False)
        for _ in range(_checked(iterations)):
            image = computed_image(image, {n: reduction.of([band])[0] for n, band in image.bands.items()})
        return image

    focal.__doc__ = f"The {name} of the pixels under a kernel, so many times over; bands keep their names."
    return focal


def _checked(iterations: int) -> int:
    if not 0 <= iterations <= 1000:
        raise EarthEngineError(f"The number of iterations must be between 0 and 1000, got {iterations}.")
    return iterations


def _named_kernel(kind: str, radius: float, units: str) -> Kernel:
    if kind not in ("circle", "square", "cross", "plus", "octagon", "diamond"):
        raise EarthEngineError(f"Unknown kernel type: '{kind}'.")
    return shapes.shaped(kind, (radius, radius), units, True, 1.0, {"radius": radius})


def _register() -> None:
    for name in ("mean", "median", "mode", "min", "max"):
        algorithm(f"Image.focal{name.capitalize()}", f"Image.focal_{name}", f"Window.{name}")(_focal(name))


_register()


# Neighbours -------------------------------------------------------------------------------------------------------


@algorithm("Image.neighborhoodToBands")
def neighborhood_to_bands(image: Image, kernel: Kernel) -> Image:
    """A band for each pixel under a kernel, named by its offset from the focus.

    Raises:
        EarthEngineError: A kernel in metres, whose number of bands would depend on the lattice, or too many bands.
    """
    if kernel.metric:
        raise EarthEngineError("Image.neighborhoodToBands: The kernel must be specified in pixels.")
    offsets = kernel.at(image.first_projection()).offsets()
    if len(offsets) * len(image.bands) > MAX_BANDS:
        raise EarthEngineError(
            f"Image.neighborhoodToBands: The result would have {len(offsets) * len(image.bands)} bands; "
            f"at most {MAX_BANDS} are allowed."
        )
    bands = {}
    for name, band in image.bands.items():
        for x, y in offsets:
            bands[f"{name}_{x}_{y}"] = Band(_shifted(band, x, y), band.type, band.projection)
    return computed_image(image, bands)


def _shifted(band: Band, x: int, y: int) -> Neighbourhood:
    def compute(grid: Grid, inputs: Any) -> Pixels:
        place = np.s_[abs(y) + y : abs(y) + y + grid.height, abs(x) + x : abs(x) + x + grid.width]
        return Pixels(inputs[0].values[place], inputs[0].mask[place])

    return Neighbourhood([band], lambda _: (abs(x), abs(y)), compute, spreads=True)


@algorithm("Image.neighborhoodToArray")
def neighborhood_to_array(image: Image, kernel: Kernel, default_value: float) -> Image:
    """The pixels under a kernel as an array of rows and columns; a kernel's weights do not matter.

    Raises:
        EarthEngineError: A kernel that is not a rectangle, or a band of arrays.
    """
    refuse_arrays(image)
    if kernel.name not in ("Kernel.fixed", "Kernel.square", "Kernel.rectangle"):
        raise EarthEngineError("Image.neighborhoodToArray: Only fixed, square and rectangle kernels are supported.")
    return image.computed().map_bands(lambda band: _array_band(band, kernel, default_value))


def _array_band(band: Band, kernel: Kernel, fill: float) -> Band:
    kind = PixelType(band.type.precision, band.type.minimum, band.type.maximum, 2)
    default = cast_values(np.array([fill]), band.type)[0]

    def compute(grid: Grid, inputs: Any) -> Pixels:
        weights = kernel.on(grid)
        columns, rows = weights.margin
        values = np.where(inputs[0].mask, inputs[0].values, default).astype(band.type.element_dtype, copy=False)
        windows = np.lib.stride_tricks.sliding_window_view(values, weights.values.shape)
        windows = windows[rows - weights.y :, columns - weights.x :][: grid.height, : grid.width]
        answer = np.empty(grid.shape, object)
        for row in range(grid.height):
            for column in range(grid.width):
                answer[row, column] = windows[row, column].copy()
        return Pixels(answer, inner(inputs[0].mask, weights.margin))

    return Band(
        Neighbourhood([band], lambda grid: kernel.on(grid).margin, compute, scratch_bytes=400), kind, band.projection
    )
