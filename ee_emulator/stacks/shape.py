"""Cutting, joining and rearranging arrays, for single arrays and for stacks of pixels alike.

Every function takes stacks: n arrays of one shape as (n, *shape). Axes count from 0 at the first axis of an array,
which is the second of its stack.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.errors import EarthEngineError
from ee_emulator.limits import elements

Stack = NDArray[Any]


def rank(stack: Stack) -> int:
    """Dimensions of the arrays in a stack."""
    return stack.ndim - 1


def checked_axis(axis: int, dimensions: int) -> int:
    """An axis that the arrays have.

    Raises:
        EarthEngineError: They have not.
    """
    if not 0 <= axis < dimensions:
        raise EarthEngineError(f"Axis must be at least 0 and less than the number of dimensions {dimensions}: {axis}.")
    return axis


def with_axis(stack: Stack, axis: int) -> Stack:
    """The stack, with a new last axis of length 1 where `axis` is just beyond the last one."""
    if axis == rank(stack):
        return stack[..., np.newaxis]
    checked_axis(axis, rank(stack))
    return stack


def concatenated(stacks: Sequence[Stack], axis: int) -> Stack:
    """Arrays joined along an axis, which may be a new one.

    Raises:
        EarthEngineError: Different numbers of dimensions, or different lengths on another axis.
    """
    if len({stack.ndim for stack in stacks}) > 1:
        raise EarthEngineError(f"Arrays must have the same number of dimensions, got {[rank(s) for s in stacks]}.")
    widened = [with_axis(stack, axis) for stack in stacks]
    if len({stack.shape[: axis + 1] + stack.shape[axis + 2 :] for stack in widened}) > 1:
        shapes = ", ".join(str(list(stack.shape[1:])) for stack in stacks)
        raise EarthEngineError(f"Arrays must have the same lengths on all axes but {axis}, got {shapes}.")
    return np.concatenate(widened, axis + 1)


def cut(stack: Stack, position: Sequence[int]) -> Stack:
    """One position of each axis, -1 for the whole axis; the number of dimensions stays.

    Raises:
        EarthEngineError: Not a position an axis, or one outside.
    """
    _check_position(stack, position, lowest=-1)
    places = tuple(slice(None) if at == -1 else slice(at, at + 1) for at in position)
    return stack[(slice(None), *places)]


def element(stack: Stack, position: Sequence[int]) -> Stack:
    """The numbers at one position, (n,); negative coordinates count from the end.

    Raises:
        EarthEngineError: Not a coordinate an axis, or one outside.
    """
    _check_position(stack, position, lowest=None)
    at: tuple[Any, ...] = (slice(None), *position)
    return np.asarray(stack[at])


def _check_position(stack: Stack, position: Sequence[int], lowest: int | None) -> None:
    """Refuses positions that are not there; `lowest` is the least coordinate allowed, None for minus the length."""
    if len(position) != rank(stack):
        raise EarthEngineError(f"Position {list(position)} must have a coordinate for each of {rank(stack)} axes.")
    for axis, (at, length) in enumerate(zip(position, stack.shape[1:], strict=True)):
        if not (-length if lowest is None else lowest) <= at < length:
            raise EarthEngineError(f"Position {at} is outside the bounds of axis {axis}, whose length is {length}.")


def sliced(stack: Stack, axis: int, start: int | None, end: int | None, step: int) -> Stack:
    """Positions from `start` to before `end`; negative ones count from the end, those out of range are left out.

    Raises:
        EarthEngineError: No such axis, or a step that is not positive.
    """
    checked_axis(axis, rank(stack))
    if step <= 0:
        raise EarthEngineError(f"The step of a slice must be positive, got {step}.")
    return stack[(slice(None),) * (axis + 1) + (slice(start, end, step),)]


def masked(stack: Stack, mask: NDArray[Any]) -> Stack:
    """The positions that are parallel to elements of `mask`, one array for all, that are not zero.

    Raises:
        EarthEngineError: The mask has other dimensions, several axes longer than 1, or another length than the array.
    """
    axis = vector_axis(mask.shape, "The mask")
    if mask.ndim != rank(stack) or mask.shape[axis] != stack.shape[axis + 1]:
        raise EarthEngineError(
            f"The mask's lengths {list(mask.shape)} must be those of the array {list(stack.shape[1:])} "
            "along one axis and 1 along the others."
        )
    return np.compress(mask.ravel() != 0, stack, axis + 1)


def vector_axis(shape: Sequence[int], what: str) -> int:
    """The one axis that is not of length 1; the first where all are.

    Raises:
        EarthEngineError: Several are.
    """
    long = [axis for axis, length in enumerate(shape) if length != 1]
    if len(long) > 1 or not shape:
        raise EarthEngineError(f"{what} may have several elements along one axis only, its lengths are {list(shape)}.")
    return long[0] if long else 0


def padded(stack: Stack, lengths: Sequence[int], value: float) -> Stack:
    """Extended with a value up to given lengths; whole numbers come as 64-bit ones.

    Raises:
        EarthEngineError: Not a length an axis.
    """
    if len(lengths) != rank(stack):
        raise EarthEngineError(f"There must be as many lengths as axes ({rank(stack)}), got {list(lengths)}.")
    elements(len(stack) * math.prod(map(max, lengths, stack.shape[1:])))
    if stack.dtype.kind in "iub":  # the value need not fit the type of the elements
        stack, value = stack.astype(np.int64), int(value)
    widths = [(0, max(0, length - given)) for length, given in zip(lengths, stack.shape[1:], strict=True)]
    return np.pad(stack, [(0, 0), *widths], constant_values=value)


def projected(stack: Stack, axes: Sequence[int]) -> Stack | None:
    """The axes that are kept, in the order given; None where a dropped one has length 0, which leaves nothing.

    Raises:
        EarthEngineError: An axis twice, one that is not there, or a dropped one longer than 1.
    """
    kept = [checked_axis(axis, rank(stack)) for axis in axes]
    if len(set(kept)) != len(kept):
        raise EarthEngineError(f"Axes must differ, got {kept}.")
    dropped = [axis for axis in range(rank(stack)) if axis not in kept]
    for axis in dropped:
        if stack.shape[axis + 1] > 1:
            raise EarthEngineError(f"Axis {axis} has length {stack.shape[axis + 1]}; dropped axes are at most 1 long.")
    if any(stack.shape[axis + 1] == 0 for axis in dropped):
        return None
    first = tuple(0 if axis in dropped else slice(None) for axis in range(rank(stack)))
    ranks = sorted(kept)
    return stack[(slice(None), *first)].transpose(0, *(ranks.index(axis) + 1 for axis in kept))


def repeated(stack: Stack, axis: int, copies: int) -> Stack:
    """Copies joined along an axis, which may be a new one.

    Raises:
        EarthEngineError: A negative number of copies.
    """
    if copies < 0:
        raise EarthEngineError(f"The number of copies must not be negative, got {copies}.")
    elements(stack.size * copies)
    widened = with_axis(stack, axis)
    times = [1] * widened.ndim
    times[axis + 1] = copies
    return np.tile(widened, times)


def reshaped(stack: Stack, shape: Sequence[int]) -> Stack:
    """The same elements, in order, under other lengths; one of them may be -1, what is left.

    Raises:
        EarthEngineError: Lengths that the number of elements does not fill.
    """
    size = int(np.prod(stack.shape[1:]))
    known = int(np.prod([length for length in shape if length != -1]))
    unknown = list(shape).count(-1)
    fits = known == size if not unknown else unknown == 1 and known > 0 and size % known == 0
    if not fits or any(length < -1 for length in shape):
        raise EarthEngineError(f"Arrays of {size} elements cannot have the lengths {list(shape)}.")
    return stack.reshape(stack.shape[0], *(size // known if length == -1 else length for length in shape))


def swapped(stack: Stack, first: int, second: int) -> Stack:
    """Two axes swapped."""
    return stack.swapaxes(checked_axis(first, rank(stack)) + 1, checked_axis(second, rank(stack)) + 1)


def ordered(stack: Stack, keys: Stack | None) -> Stack:
    """Sorted along the one axis in which the keys, by default the values, have several elements; stable.

    Raises:
        EarthEngineError: Keys with several such axes, or of another length than the array.
    """
    by = stack if keys is None else keys
    axis = vector_axis(by.shape[1:], "The keys")
    if by.ndim != stack.ndim or by.shape[axis + 1] != stack.shape[axis + 1]:
        given = f"{list(by.shape[1:])} against {list(stack.shape[1:])}"
        raise EarthEngineError(f"The keys must be as many as the array has along axis {axis}, got lengths {given}.")
    order = np.argsort(by.reshape(len(by), -1), axis=1, kind="stable")
    others = [k for k in range(1, stack.ndim) if k != axis + 1]
    return np.take_along_axis(stack, np.expand_dims(order, others), axis + 1)


def greatest(stack: Stack) -> Stack | None:
    """Position of the first greatest element, (n, dimensions); None for arrays without elements."""
    if not int(np.prod(stack.shape[1:])):
        return None
    at = stack.reshape(len(stack), -1).argmax(axis=1)
    if rank(stack) == 0:
        return np.zeros((len(stack), 0), np.int64)
    return np.stack(np.unravel_index(at, stack.shape[1:]), axis=1)


def lengths(stack: Stack) -> Stack:
    """Length of each axis, (n, dimensions)."""
    return np.tile(np.array(stack.shape[1:], np.int64), (len(stack), 1))


def dot(left: Stack, right: Stack) -> Stack:
    """Dot products of vectors, (n,).

    Raises:
        EarthEngineError: They are no vectors, or not of one length.
    """
    if left.ndim != 2 or left.shape != right.shape:
        shapes = f"{list(left.shape[1:])} and {list(right.shape[1:])}"
        raise EarthEngineError(f"The dot product needs two 1-D arrays of one length, got lengths {shapes}.")
    wide = np.int64 if left.dtype.kind in "iub" and right.dtype.kind in "iub" else np.float64
    return np.asarray(np.einsum("nk,nk->n", left.astype(wide), right.astype(wide)))


def bits(number: int) -> NDArray[np.uint8]:
    """Binary digits of a 64-bit integer in two's complement, the lowest first; a single 0 for 0."""
    pattern = number & 0xFFFFFFFFFFFFFFFF
    return np.array([pattern >> k & 1 for k in range(max(pattern.bit_length(), 1))], np.uint8)
