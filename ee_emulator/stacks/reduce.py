"""Reducers along the axes of arrays, for single arrays and for stacks of pixels alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.pixel_type import PixelType, cast_values, type_of_dtype, union
from ee_emulator.raster.reducer import Reducer, Samples
from ee_emulator.stacks.shape import checked_axis, rank

Stack = NDArray[Any]


def default_reducer() -> Reducer:
    """The sum, which `accum` takes where no reducer is given."""
    from ee_emulator.registry import IMPLEMENTATIONS

    reducer: Reducer = IMPLEMENTATIONS["Reducer.sum"].function()
    return reducer


def reduced_type(reducer: Reducer, kind: PixelType) -> PixelType:
    """Type of the answers of a reducer over elements of a type, its outputs side by side."""
    return union([found.element for found in reducer.output_types([kind.element] * reducer.inputs)])


def reduced(stack: Stack, reducer: Reducer, axes: Sequence[int], field_axis: int | None) -> Stack:
    """Folds axes into length 1.

    Args:
        stack: (n, *shape).
        reducer: Its inputs are the positions along `field_axis`, and its outputs take their place.
        axes: Axes to fold.
        field_axis: None only for a reducer of one input and one output.

    Raises:
        EarthEngineError: An axis that is not there or has two roles, or inputs that are not as many as positions.
    """
    folded = sorted({checked_axis(axis, rank(stack)) for axis in axes})
    fields = _checked_fields(stack, reducer, folded, field_axis)
    front = [stack] if fields is None else [stack.take([k], fields + 1) for k in range(stack.shape[fields + 1])]
    columns = [_observations(part, folded) for part in front]
    answers = _folded(reducer, columns, reduced_type(reducer, type_of_dtype(stack.dtype)))
    shape = [1 if axis in folded or axis == fields else length for axis, length in enumerate(stack.shape[1:])]
    outputs = [answer.reshape(len(stack), *shape) for answer in answers]
    return outputs[0] if fields is None else np.concatenate(outputs, fields + 1)


def _checked_fields(stack: Stack, reducer: Reducer, folded: Sequence[int], field_axis: int | None) -> int | None:
    if field_axis is None:
        if reducer.inputs > 1 or len(reducer.outputs) > 1:
            raise EarthEngineError("The reducer has several inputs or outputs: fieldAxis must be given.")
        return None
    axis = checked_axis(field_axis, rank(stack))
    if axis in folded:
        raise EarthEngineError(f"fieldAxis {axis} must not be among the axes that are reduced.")
    if stack.shape[axis + 1] != reducer.inputs:
        raise EarthEngineError(
            f"The reducer has {reducer.inputs} inputs; the length along fieldAxis {axis} is {stack.shape[axis + 1]}."
        )
    return axis


def _observations(part: Stack, folded: Sequence[int]) -> Stack:
    """(observations, places): the folded axes first, everything else in order."""
    front = np.moveaxis(part, [axis + 1 for axis in folded], range(len(folded)))
    count = int(np.prod([part.shape[axis + 1] for axis in folded]))
    return front.reshape(count, part.size // count if count else _places(part, folded))


def _places(part: Stack, folded: Sequence[int]) -> int:
    return int(np.prod([length for k, length in enumerate(part.shape) if k - 1 not in folded]))


def _folded(reducer: Reducer, columns: Sequence[Stack], kind: PixelType) -> list[Stack]:
    """The outputs, (places,) each; without an answer 0.

    Raises:
        EarthEngineError: An output is no number.
    """
    valid = np.ones(columns[0].shape, bool)
    with np.errstate(all="ignore"):
        found = reducer.apply(Samples(tuple(columns), (valid,) * len(columns)))
    answers = []
    for values, known in found:
        if values.dtype == object:
            raise EarthEngineError(f"{reducer.name}: Each output of a reducer of arrays must be a number.")
        answers.append(cast_values(np.where(known, values, 0), kind))
    return answers


def accumulated(stack: Stack, axis: int, reducer: Reducer) -> Stack:
    """Each position along an axis folded with those before it.

    Raises:
        EarthEngineError: No such axis, or a reducer of several inputs or outputs.
    """
    checked_axis(axis, rank(stack))
    if reducer.inputs > 1 or len(reducer.outputs) > 1:
        raise EarthEngineError("The reducer must have one input and one output.")
    stops = range(1, stack.shape[axis + 1] + 1)
    parts = [reduced(stack.take(range(stop), axis + 1), reducer, [axis], None) for stop in stops]
    kind = reduced_type(reducer, type_of_dtype(stack.dtype))
    return np.concatenate(parts, axis + 1) if parts else cast_values(stack, kind)
