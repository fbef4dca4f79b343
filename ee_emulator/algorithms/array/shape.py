"""Array: cutting, joining, rearranging, sorting and reducing."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.arrays import type_of
from ee_emulator.errors import EarthEngineError
from ee_emulator.limits import as_long
from ee_emulator.raster.pixel_type import cast_values, union
from ee_emulator.raster.reducer import Reducer
from ee_emulator.registry import algorithm
from ee_emulator.stacks import shape as shapes
from ee_emulator.stacks.reduce import accumulated, default_reducer, reduced
from ee_emulator.values import Array


def single(function: Callable[..., NDArray[Any]], array: Array, *arguments: Any) -> Array:
    """A function of stacks on one array."""
    return Array(function(array.values[np.newaxis], *arguments)[0])


def united(arrays: Sequence[Array]) -> list[NDArray[Any]]:
    """The values of several arrays under the type that holds them all."""
    kind = union([type_of(array) for array in arrays])
    return [cast_values(array.values, kind) for array in arrays]


@algorithm("Array.cat")
def cat(arrays: list[Array], axis: int) -> Array:
    """Arrays joined along an axis, which may be the one after their last.

    Raises:
        EarthEngineError: No arrays, or arrays that do not fit.
    """
    if not arrays:
        raise EarthEngineError("At least one array is needed.")
    return Array(shapes.concatenated([values[np.newaxis] for values in united(arrays)], axis)[0])


@algorithm("Array.cut")
def cut(array: Array, position: list[int]) -> Array:
    """One position of each axis, or with -1 the whole axis."""
    return single(shapes.cut, array, position)


@algorithm("Array.get")
def get(array: Array, position: list[int]) -> float:
    """The number at a position."""
    found: float = shapes.element(array.values[np.newaxis], position)[0].item()
    return found


@algorithm("Array.slice")
def slice_(array: Array, axis: int, start: int, end: int | None, step: int) -> Array:
    """Positions along an axis, counted from the end where they are negative."""
    return single(shapes.sliced, array, axis, start, end, step)


@algorithm("Array.mask")
def mask(input: Array, mask: Array) -> Array:
    """The positions that are parallel to elements of the mask that are not zero."""
    return single(shapes.masked, input, mask.values)


@algorithm("Array.pad")
def pad(array: Array, lengths: list[int], pad: float) -> Array:
    """Extended with a value up to given lengths; the type stays."""
    kind = type_of(array)
    wide = single(shapes.padded, array, lengths, cast_values(np.asarray(pad), kind).item())
    return Array(cast_values(wide.values, kind))


@algorithm("Array.project")
def project(array: Array, axes: list[int]) -> Array:
    """Fewer axes: those not kept must have length 1.

    Raises:
        EarthEngineError: They have not.
    """
    found = shapes.projected(array.values[np.newaxis], axes)
    if found is None:
        raise EarthEngineError(f"Nothing is left of lengths {list(array.values.shape)} on the axes {axes}.")
    return Array(found[0])


@algorithm("Array.repeat")
def repeat(array: Array, axis: int, copies: int) -> Array:
    """Copies joined along an axis, which may be the one after the last."""
    return single(shapes.repeated, array, axis, copies)


@algorithm("Array.reshape")
def reshape(array: Array, shape: Array) -> Array:
    """The same elements under other lengths."""
    return single(shapes.reshaped, array, [as_long(length) for length in shape.values.ravel().tolist()])


@algorithm("Array.transpose", "Array.matrixTranspose")
def transpose(array: Array, axis1: int, axis2: int) -> Array:
    """Two axes swapped."""
    return single(shapes.swapped, array, axis1, axis2)


@algorithm("Array.sort")
def sort(array: Array, keys: Array | None) -> Array:
    """Sorted by the values or by keys, along the axis in which these have several elements."""
    return single(shapes.ordered, array, None if keys is None else keys.values[np.newaxis])


@algorithm("Array.argmax")
def argmax(array: Array) -> list[int] | None:
    """Position of the first greatest element; null where there are no elements."""
    found = shapes.greatest(array.values[np.newaxis])
    return None if found is None else list(found[0].tolist())


@algorithm("Array.length")
def length(array: Array) -> Array:
    """Length of each axis."""
    return single(shapes.lengths, array)


@algorithm("Array.dotProduct")
def dot_product(array1: Array, array2: Array) -> float:
    """Sum of products of two vectors."""
    found: float = shapes.dot(*(values[np.newaxis] for values in united([array1, array2])))[0].item()
    return found


@algorithm("Array.reduce")
def reduce(array: Array, reducer: Reducer, axes: list[int], field_axis: int | None) -> Array:
    """All positions of some axes folded into one; several inputs and outputs of the reducer lie along `field_axis`."""
    return single(reduced, array, reducer, axes, field_axis)


@algorithm("Array.accum")
def accum(array: Array, axis: int, reducer: Reducer | None) -> Array:
    """Each position folded with all before it."""
    return single(accumulated, array, axis, reducer or default_reducer())
