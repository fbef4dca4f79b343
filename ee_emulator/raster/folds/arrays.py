"""Folds whose inputs are arrays: covariance, element by element, and taking aggregates apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.arrays import array_of
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.pixel_type import PixelType
from ee_emulator.raster.reducer import Column, Fold, Reducer, Samples, column_array

Array = NDArray[Any]


def covariance(centre: bool) -> Fold:
    """Covariance matrix of vectors of one length, by total weight; about their mean, or about zero."""

    def fold(samples: Samples) -> list[Column]:
        shares = samples.weight(samples.valid[0])
        answers = [_covariance(*_vectors(samples, place, shares), centre) for place in range(samples.places)]
        return [_column(answers)]

    return fold


def _vectors(samples: Samples, place: int, shares: Array) -> tuple[list[Array], Array]:
    ok = samples.valid[0][:, place]
    values = [array_of(v).values if isinstance(v, list) else np.asarray(v) for v in samples.values[0][:, place][ok]]
    if any(v.ndim != 1 or v.dtype.kind not in "biuf" or len(v) != len(values[0]) for v in values):
        raise EarthEngineError("Reducer.covariance: All inputs must be 1-D arrays of the same length.")
    return values, shares[:, place][ok]


def _covariance(vectors: list[Array], weights: Array, centre: bool) -> Array | None:
    total = float(weights.sum()) if len(vectors) else 0.0
    if total <= 0:
        return None
    block = np.stack(vectors).astype(np.float64)
    if centre:
        block = block - weights @ block / total
    return np.asarray((block * weights[:, None]).T @ block / total)


def _column(answers: Sequence[Any]) -> Column:
    column = np.empty(len(answers), object)
    for place, answer in enumerate(answers):
        column[place] = answer
    return column, np.array([answer is not None for answer in answers], bool)


def for_each_element(reducer: Reducer) -> Reducer:
    """Applies a reducer to each position of arrays of one shape; its outputs are arrays of that shape."""

    def fold(samples: Samples) -> list[Column]:
        found = [_elements(reducer, samples, place) for place in range(samples.places)]
        return [_column([answers[k] for answers in found]) for k in range(len(reducer.outputs))]

    def types(inputs: Sequence[PixelType]) -> list[PixelType]:
        dimensions = max((kind.dimensions for kind in inputs), default=0)
        return [replace(kind, dimensions=dimensions) for kind in reducer.output_types([k.element for k in inputs])]

    return replace(reducer, name="Reducer.forEachElement", fold=fold, types=types)


def _elements(reducer: Reducer, samples: Samples, place: int) -> list[Array | None]:
    ok = samples.complete()[:, place]
    blocks = [[np.asarray(item) for item in values[:, place][ok]] for values in samples.values]
    if any(item.dtype.kind not in "biuf" for block in blocks for item in block):
        raise EarthEngineError("Reducer.forEachElement: Expected arrays or numbers, found other values in the input.")
    shapes = {item.shape for block in blocks for item in block}
    if len(shapes) > 1:
        raise EarthEngineError(f"Reducer.forEachElement: All arrays must have the same shape, found {sorted(shapes)}.")
    if not shapes:
        return [None] * len(reducer.outputs)
    (shape,) = shapes
    stacks = [np.stack(block).reshape(len(block), -1) for block in blocks]
    valid = (np.ones(stacks[0].shape, bool),) * len(stacks)
    weights, inside = (_rows(part, place, ok) for part in (samples.weights, samples.inside))
    columns = reducer.apply(Samples(tuple(stacks), valid, weights, inside))
    return [np.where(known, values, 0).reshape(shape) for values, known in columns]


def _rows(part: Any, place: int, ok: Array) -> Any:
    """The weights of one place's observations, (n, 1)."""
    if part is None:
        return None
    return np.broadcast_to(part, (len(ok), np.shape(part)[1]))[:, place if np.shape(part)[1] > 1 else 0][ok][:, None]


def disaggregate(reducer: Reducer, axis: int | None) -> Reducer:
    """Hands the items of arrays, lists and dictionaries to a reducer one by one; other values as they are."""

    def fold(samples: Samples) -> list[Column]:
        columns = [_apart(reducer, samples, place, axis) for place in range(samples.places)]
        return [_merged([answers[k] for answers in columns]) for k in range(len(reducer.outputs))]

    def types(inputs: Sequence[PixelType]) -> list[PixelType]:
        left = 0 if axis is None else 1
        return reducer.output_types([replace(k, dimensions=max(k.dimensions - 1, 0) * left) for k in inputs])

    return replace(reducer, name="Reducer.disaggregate", fold=fold, types=types)


def _apart(reducer: Reducer, samples: Samples, place: int, axis: int | None) -> list[Column]:
    rows: list[list[Any]] = [[] for _ in samples.values]
    weights: list[Any] = []
    inside: list[Any] = []
    for k in range(len(samples.values[0])):
        items = [
            _items(v[k, place], axis) if ok[k, place] else [None]
            for v, ok in zip(samples.values, samples.valid, strict=True)
        ]
        count = max(map(len, items), default=0)
        if any(len(item) not in (1, count) for item in items):
            raise EarthEngineError("Reducer.disaggregate: All inputs must have as many items.")
        for row, item in zip(rows, items, strict=True):
            row += item * count if len(item) == 1 else item
        weights += [_share(samples.weights, k, place)] * count
        inside += [_share(samples.inside, k, place)] * count
    values = tuple(column_array(row).reshape(-1, 1) for row in rows)
    valid = tuple(np.array([item is not None for item in row], bool).reshape(-1, 1) for row in rows)
    shares = None if samples.weights is None else np.array(weights, np.float64).reshape(-1, 1)
    within = None if samples.inside is None else np.array(inside, bool).reshape(-1, 1)
    return reducer.apply(Samples(values, valid, shares, within))


def _share(part: Any, k: int, place: int) -> Any:
    return None if part is None else part[k, min(place, part.shape[1] - 1)]


def _items(value: Any, axis: int | None) -> list[Any]:
    if isinstance(value, np.ndarray):
        if axis is None:
            return list(value.ravel().tolist())
        if not 0 <= axis < value.ndim:
            raise EarthEngineError(f"Reducer.disaggregate: An array of {value.ndim} dimensions has no axis {axis}.")
        parts = list(np.moveaxis(value, axis, 0))
        return [part.item() for part in parts] if value.ndim == 1 else parts
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else [value.item() if isinstance(value, np.generic) else value]


def _merged(columns: Sequence[Column]) -> Column:
    """Columns of one place each as one column."""
    if all(values.dtype != object for values, _ in columns):
        return np.concatenate([values for values, _ in columns]), np.concatenate([known for _, known in columns])
    return _column([values[0] if known[0] else None for values, known in columns])
