"""Image: matrices as pixels. A pixel whose matrix has no answer (a singular one to invert) is masked."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.algorithms.array.math import identity
from ee_emulator.algorithms.image.math import constant
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.arithmetic import computed_image, paired
from ee_emulator.raster.array_nodes import NO_SETTINGS, array_bands, dimensions, each_band, holding, same
from ee_emulator.raster.array_pixels import Batched, Partly
from ee_emulator.raster.pixel_type import DOUBLE, PixelType
from ee_emulator.raster.values import Image
from ee_emulator.registry import algorithm
from ee_emulator.stacks import matrices

Stack = NDArray[Any]
MATRIX = PixelType("double", dimensions=2)


@algorithm("Image.matrixIdentity")
def matrix_identity(size: int) -> Image:
    """The identity matrix in every pixel."""
    return constant(identity(size))


def _answered(*parts: Stack) -> Partly:
    valid = np.logical_and.reduce([matrices.solvable(part) for part in parts])
    return Partly(tuple(np.where(np.isnan(part), 0.0, part) for part in parts), valid)


def _finite(function: Callable[..., Any]) -> Batched:
    """A function of stacks whose NaN are no answers."""

    def answered(*stacks: Stack) -> Partly:
        found = function(*stacks)
        return _answered(*(found if isinstance(found, tuple) else (found,)))

    return answered


def _of_pairs(function: Callable[[Stack, Stack], Stack]) -> Callable[[Image, Image], Image]:
    def joined(image1: Image, image2: Image) -> Image:
        bands = {}
        for name, left, right in paired(image1, image2):
            for band in (left, right):
                dimensions(band, name)
            (bands[name],) = array_bands([left, right], _finite(function), [MATRIX])
        return computed_image(image1, bands)

    return joined


def _of_each(function: Batched, types: Callable[[PixelType], PixelType]) -> Callable[[Image], Image]:
    return lambda value: each_band(value, function, types, NO_SETTINGS)


def _decomposed(names: Sequence[str], function: Callable[[Stack], tuple[Stack, ...]]) -> Callable[[Image], Image]:
    def decomposed(image: Image) -> Image:
        if len(image.bands) != 1:
            raise EarthEngineError(f"The image must have one band, it has {len(image.bands)}.")
        ((name, band),) = image.bands.items()
        dimensions(band, name)
        parts = array_bands([band], _finite(function), [MATRIX] * len(names))
        return computed_image(image, dict(zip(names, parts, strict=True)))

    return decomposed


def _register() -> None:
    algorithm("Image.matrixMultiply")(_of_pairs(matrices.product))
    algorithm("Image.matrixSolve")(_of_pairs(matrices.solution))
    for name, function in matrices.TO_NUMBERS.items():
        algorithm(f"Image.{name}")(_of_each(_finite(function), lambda _: DOUBLE))
    for name, function in matrices.TO_MATRICES.items():
        algorithm(f"Image.{name}")(_of_each(_finite(function), lambda _: MATRIX))
    algorithm("Image.matrixDiagonal")(_of_each(matrices.diagonal, same))
    algorithm("Image.matrixToDiag")(_of_each(matrices.from_diagonal, lambda kind: holding(kind, 0)))
    for name, (parts, decompose) in matrices.DECOMPOSITIONS.items():
        algorithm(f"Image.{name}")(_decomposed(parts, decompose))


_register()
