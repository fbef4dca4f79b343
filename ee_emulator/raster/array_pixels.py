"""Pixels that are arrays: those of one shape are stacked, computed at once and scattered back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.pixel_type import PixelType, cast_values

Stack = NDArray[Any]
"""n arrays of one shape, (n, *shape), or n numbers, (n,)."""
Batched = Callable[..., Any]
"""Takes stacks of n and settings that the n share; gives a stack of n, a tuple of them, `Partly`, or None for none."""


@dataclass(frozen=True)
class Partly:
    """Answers of which only some are `valid`, (n,): the pixels of the others are masked."""

    stacks: tuple[Stack, ...]
    valid: NDArray[np.bool_]


def per_shape(
    function: Batched, kinds: Sequence[PixelType], arrays: Sequence[Pixels], settings: Sequence[Pixels] = ()
) -> list[Pixels]:
    """Applies a function of stacks to the pixels of a tile, group by group.

    Args:
        function: Gets a stack for each of `arrays` and, for each of `settings`, the one value of the group.
        kinds: Types of its answers.
        arrays: A pixel is masked where any of these is.
        settings: Pixels whose values decide the group (where a slice starts); None where they are masked.
    """
    mask = np.logical_and.reduce([pixels.mask for pixels in arrays])
    valid = mask.ravel().copy()
    flat = [pixels.values.ravel() for pixels in arrays]
    answers = [np.zeros(mask.size, kind.dtype) for kind in kinds]
    for places, chosen in _groups(flat, settings, np.flatnonzero(valid)):
        found = function(*(_stacked(values[places]) for values in flat), *chosen)
        if isinstance(found, Partly):
            valid[places] = found.valid
            found = found.stacks
        if found is None:
            valid[places] = False
            continue
        for answer, kind, stack in zip(answers, kinds, found if isinstance(found, tuple) else (found,), strict=True):
            _scatter(cast_values(np.asarray(stack), kind.element), answer, places)
    return [Pixels(answer.reshape(mask.shape), valid.reshape(mask.shape)) for answer in answers]


def _groups(
    arrays: Sequence[NDArray[Any]], settings: Sequence[Pixels], places: NDArray[np.intp]
) -> Iterator[tuple[NDArray[np.intp], list[Any]]]:
    """Places whose arrays have one shape and whose settings are the same, with those settings."""
    if not places.size:
        return
    columns = [[np.shape(item) for item in values[places]] for values in arrays if values.dtype == object]
    chosen = [_settings(pixels, places) for pixels in settings]
    columns += [[_hashable(item) for item in items] for items in chosen]
    if not columns:
        yield places, []
        return
    groups: dict[Any, list[int]] = {}
    for k, key in enumerate(zip(*columns, strict=True)):
        groups.setdefault(key, []).append(k)
    for members in groups.values():
        yield places[members], [items[members[0]] for items in chosen]


def _settings(pixels: Pixels, places: NDArray[np.intp]) -> list[Any]:
    values, mask = pixels.values.ravel()[places], pixels.mask.ravel()[places]
    items = list(values) if values.dtype == object else values.tolist()
    return [item if valid else None for item, valid in zip(items, mask.tolist(), strict=True)]


def _hashable(item: Any) -> Any:
    return (item.shape, item.tobytes()) if isinstance(item, np.ndarray) else item


def _stacked(values: NDArray[Any]) -> Stack:
    return np.stack(list(values)) if values.dtype == object else values


def _scatter(stack: Stack, answer: NDArray[Any], places: NDArray[np.intp]) -> None:
    if answer.dtype != object:
        answer[places] = stack
        return
    for place, item in zip(places.tolist(), stack, strict=True):
        answer[place] = item


def elementwise(function: Callable[..., NDArray[Any]]) -> Batched:
    """A function of numbers as one of stacks: arrays of one shape meet, a number meets every element."""

    def batched(*stacks: Stack) -> Stack:
        aligned = align(stacks)
        return np.broadcast_to(function(*aligned), aligned[0].shape)

    return batched


def align(stacks: Sequence[Stack]) -> list[Stack]:
    """Stacks of one shape: numbers are repeated over the arrays that they meet.

    Raises:
        EarthEngineError: Arrays of different shapes.
    """
    shapes = {stack.shape for stack in stacks if stack.ndim > 1}
    if len(shapes) > 1:
        found = " and ".join(str(list(stack.shape[1:])) for stack in stacks)
        raise EarthEngineError(f"Arrays must have the same lengths in all dimensions, or be a number; got {found}.")
    shape = next(iter(shapes), stacks[0].shape)
    widened = (stack.reshape(stack.shape + (1,) * (len(shape) - stack.ndim)) for stack in stacks)
    return [np.broadcast_to(stack, shape) for stack in widened]
