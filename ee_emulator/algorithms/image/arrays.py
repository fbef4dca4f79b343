"""Image: arrays of numbers as pixels."""

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.errors import EarthEngineError
from ee_emulator.limits import as_long
from ee_emulator.raster.arithmetic import computed_image, paired
from ee_emulator.raster.array_nodes import (
    INDEX,
    NO_SETTINGS,
    array_bands,
    bands_for,
    dimensions,
    each_band,
    holding,
    of_dimensions,
    same,
)
from ee_emulator.raster.pixel_type import DOUBLE, NAMED, integer_type, union
from ee_emulator.raster.reducer import Reducer
from ee_emulator.raster.values import Band, Image
from ee_emulator.registry import algorithm
from ee_emulator.stacks import shape as shapes
from ee_emulator.stacks.reduce import accumulated, default_reducer, reduced, reduced_type

Stack = NDArray[Any]


@algorithm("Image.toArray")
def to_array(image: Image, axis: int) -> Image:
    """All bands as one array a pixel, joined along an axis; masked where any band is.

    Raises:
        EarthEngineError: Bands of different dimensions, or an axis beyond the one after their last.
    """
    bands = list(image.bands.values())
    found = {band.type.dimensions for band in bands}
    if len(found) != 1:
        raise EarthEngineError(f"All bands must have the same number of dimensions, found {sorted(found)}.")
    (count,) = found
    if not 0 <= axis <= count:
        raise EarthEngineError(f"Axis must be at least 0 and at most the bands' number of dimensions {count}: {axis}.")
    kind = replace(union([band.type for band in bands]), dimensions=max(count, axis + 1))
    (joined,) = array_bands(bands, lambda *stacks: shapes.concatenated(stacks, axis), [kind])
    return computed_image(image, {"array": joined})


@algorithm("Image.arrayCat")
def array_cat(image1: Image, image2: Image, axis: int) -> Image:
    """The arrays of two images joined along an axis, band by band."""
    bands = {}
    for name, left, right in paired(image1, image2):
        kind = union([left.type, right.type])
        kind = replace(kind, dimensions=max(dimensions(left, name), dimensions(right, name), axis + 1))
        (bands[name],) = array_bands([left, right], lambda *stacks: shapes.concatenated(stacks, axis), [kind])
    return computed_image(image1, bands)


@algorithm("Image.arrayDimensions")
def array_dimensions(input: Image) -> Image:
    """Number of dimensions of each pixel, 0 for a number."""
    bands = {}
    for name, band in input.bands.items():
        kind = integer_type(0, band.type.dimensions)
        (bands[name],) = array_bands([band], lambda stack: np.full(len(stack), stack.ndim - 1), [kind])
    return computed_image(input, bands)


@algorithm("Image.arrayLength")
def array_length(input: Image, axis: int) -> Image:
    """Length of each pixel's array along an axis."""

    def length(stack: Stack) -> Stack:
        return shapes.lengths(stack)[:, shapes.checked_axis(axis, stack.ndim - 1)]

    return each_band(input, length, lambda _: INDEX, NO_SETTINGS)


@algorithm("Image.arrayLengths")
def array_lengths(input: Image) -> Image:
    """Length of every axis of each pixel's array, as an array."""
    return each_band(input, shapes.lengths, lambda _: replace(INDEX, dimensions=1), NO_SETTINGS)


@algorithm("Image.arrayArgmax")
def array_argmax(image: Image) -> Image:
    """Position of the first greatest element, as an array; masked where the array is empty."""
    return each_band(image, shapes.greatest, lambda _: replace(INDEX, dimensions=1), NO_SETTINGS)


@algorithm("Image.arrayGet")
def array_get(image: Image, position: Image) -> Image:
    """The number at a position, which has a band a coordinate."""

    def get(stack: Stack, *at: Any) -> Stack | None:
        return None if None in at else shapes.element(stack, [int(k) for k in at])

    return each_band(image, get, of_dimensions(0), position)


@algorithm("Image.arraySlice")
def array_slice(input: Image, axis: int, start: Image | None, end: Image | None, step: int) -> Image:
    """Positions along an axis, from those in one image to before those in another.

    Where the images are masked the slice starts at the first position and stops at the last.
    """
    given = [(limit, what) for limit, what in ((start, "start"), (end, "end")) if limit is not None]

    def cut(stack: Stack, *limits: Any) -> Stack:
        found = dict(zip([what for _, what in given], limits, strict=True))
        first, last = (None if found.get(what) is None else int(found[what]) for what in ("start", "end"))
        return shapes.sliced(stack, axis, first, last, step)

    bands = {}
    for name, band in input.bands.items():
        dimensions(band, name)
        settings = [_for(input, name, limit, what) for limit, what in given]
        (bands[name],) = array_bands([band], cut, [band.type], settings)
    return computed_image(input, bands)


def _for(image: Image, name: str, others: Image, what: str) -> Band:
    return next(iter(bands_for(image, name, others, f"'{what}'").values()))


@algorithm("Image.arrayMask")
def array_mask(input: Image, mask: Image) -> Image:
    """The positions of each array that are parallel to elements of the mask that are not zero."""

    def masked(stack: Stack, chosen: Any) -> Stack | None:
        return None if chosen is None else shapes.masked(stack, chosen)

    bands = {}
    for name, band in input.bands.items():
        dimensions(band, name)
        chosen = _for(input, name, mask, "mask")
        dimensions(chosen, "mask")
        (bands[name],) = array_bands([band], masked, [band.type], [chosen])
    return computed_image(input, bands)


@algorithm("Image.arrayPad")
def array_pad(image: Image, lengths: list[int], pad: float) -> Image:
    """Arrays extended with a value up to given lengths."""

    def padded(stack: Stack) -> Stack:
        return shapes.padded(stack, lengths, pad)

    return each_band(image, padded, lambda kind: holding(kind, pad), NO_SETTINGS)


@algorithm("Image.arrayProject")
def array_project(input: Image, axes: list[int]) -> Image:
    """Fewer axes: those not kept must have length 1; a pixel in which one has length 0 is masked."""
    return each_band(input, lambda stack: shapes.projected(stack, axes), of_dimensions(len(axes)), NO_SETTINGS)


@algorithm("Image.arrayRepeat")
def array_repeat(input: Image, axis: int, copies: Image) -> Image:
    """Copies of each array joined along an axis, which may be the one after the last."""

    def repeated(stack: Stack, count: Any) -> Stack | None:
        if count is None:
            return None
        if np.ndim(count):
            raise EarthEngineError("The number of copies must be a number, not an array.")
        return shapes.repeated(stack, axis, as_long(float(count)))

    bands = {}
    for name, band in input.bands.items():
        kind = replace(band.type, dimensions=max(band.type.dimensions, axis + 1))
        (bands[name],) = array_bands([band], repeated, [kind], [_for(input, name, copies, "copies")])
    return computed_image(input, bands)


@algorithm("Image.arrayReshape")
def array_reshape(image: Image, lengths: Image, dimensions: int) -> Image:
    """The same elements under other lengths, which are an array a pixel of as many elements as `dimensions`."""

    def reshaped(stack: Stack, shape: Any) -> Stack | None:
        if shape is None:
            return None
        wanted = [int(length) for length in np.ravel(shape)]
        if len(wanted) != dimensions:
            raise EarthEngineError(f"There must be {dimensions} lengths, got {wanted}.")
        return shapes.reshaped(stack, wanted)

    if len(lengths.bands) != 1:
        raise EarthEngineError(f"'lengths' must have one band, it has {len(lengths.bands)}.")
    return each_band(image, reshaped, of_dimensions(dimensions), lengths)


@algorithm("Image.arrayTranspose", "Image.matrixTranspose")
def array_transpose(input: Image, axis1: int, axis2: int) -> Image:
    """Two axes swapped."""
    return each_band(input, lambda stack: shapes.swapped(stack, axis1, axis2), same, NO_SETTINGS)


@algorithm("Image.arraySort")
def array_sort(image: Image, keys: Image | None) -> Image:
    """Each array sorted, by its values or by keys."""
    if keys is None:
        return each_band(image, lambda stack: shapes.ordered(stack, None), same, NO_SETTINGS)
    bands = {}
    for name, band in image.bands.items():
        dimensions(band, name)
        (bands[name],) = array_bands([band, _for(image, name, keys, "keys")], shapes.ordered, [band.type])
    return computed_image(image, bands)


@algorithm("Image.arrayDotProduct")
def array_dot_product(image1: Image, image2: Image) -> Image:
    """Sum of products of each pair of vectors."""
    bands = {}
    for name, left, right in paired(image1, image2):
        kind = NAMED["int64"] if left.type.is_integer and right.type.is_integer else DOUBLE
        (bands[name],) = array_bands([left, right], shapes.dot, [kind])
    return computed_image(image1, bands)


@algorithm("Image.arrayReduce")
def array_reduce(input: Image, reducer: Reducer, axes: list[int], field_axis: int | None) -> Image:
    """All positions of some axes of each array folded into one."""

    def folded(stack: Stack) -> Stack:
        return reduced(stack, reducer, axes, field_axis)

    return each_band(
        input,
        folded,
        lambda kind: replace(reduced_type(reducer, kind), dimensions=kind.dimensions),
        NO_SETTINGS,
    )


@algorithm("Image.arrayAccum")
def array_accum(input: Image, axis: int, reducer: Reducer | None) -> Image:
    """Each position of each array folded with all before it, by default their sum."""
    fold = reducer or default_reducer()

    def running(stack: Stack) -> Stack:
        return accumulated(stack, axis, fold)

    return each_band(
        input,
        running,
        lambda kind: replace(reduced_type(fold, kind), dimensions=kind.dimensions),
        NO_SETTINGS,
    )


@algorithm("Image.arrayFlatten")
def array_flatten(image: Image, coordinate_labels: list[list[str]], separator: str) -> Image:
    """A band for each element of the arrays, named by the labels of its coordinates; masked where there is none.

    Raises:
        EarthEngineError: Not one band, or not a list of labels an axis.
    """
    if len(image.bands) != 1:
        raise EarthEngineError(f"The image must have one band, it has {len(image.bands)}.")
    ((name, band),) = image.bands.items()
    if dimensions(band, name) != len(coordinate_labels):
        raise EarthEngineError(
            f"There must be labels for each of {band.type.dimensions} axes, got {len(coordinate_labels)} lists."
        )
    wanted = tuple(len(labels) for labels in coordinate_labels)

    def spread(stack: Stack) -> tuple[Stack, ...]:
        if stack.shape[1:] != wanted:
            raise EarthEngineError(f"The labels name {list(wanted)} positions, an array has {list(stack.shape[1:])}.")
        return tuple(stack.reshape(len(stack), -1).T)

    names = [separator.join(labels) for labels in product(*coordinate_labels)]
    bands = array_bands([band], spread, [band.type.element] * len(names))
    return computed_image(image, dict(zip(names, bands, strict=True)))


@algorithm("Image.bitsToArrayImage")
def bits_to_array_image(input: Image) -> Image:
    """Binary digits of whole numbers, the lowest first."""
    kind = replace(integer_type(0, 1), dimensions=1)
    bands = {}
    for name, band in input.bands.items():
        if band.type.dimensions:
            raise EarthEngineError(f"The pixels of band '{name}' must be numbers, they are arrays.")
        (bands[name],) = array_bands([band], _bits, [kind], [band])
    return computed_image(input, bands)


def _bits(stack: Stack, number: Any) -> Stack:
    return np.tile(shapes.bits(int(number)), (len(stack), 1))
