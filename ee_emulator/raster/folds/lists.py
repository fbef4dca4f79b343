"""Folds whose answer is a list, an array, a table or a dictionary a place: lists, histograms, counts of kinds."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.folds.numbers import Array, numbers
from ee_emulator.raster.reducer import Column, Fold, Samples, plain_value
from ee_emulator.values import Feature, FeatureCollection


def _objects(answers: Sequence[Any]) -> Column:
    column = np.empty(len(answers), object)
    for place, answer in enumerate(answers):
        column[place] = answer
    return column, np.ones(len(answers), bool)


def _kept(samples: Samples, place: int, k: int = 0) -> list[Any]:
    values = samples.values[k][:, place][samples.complete()[:, place]]
    return list(values.tolist())


def _rows(samples: Samples, place: int, optional: int) -> list[list[Any]]:
    """The observations of a place, one item an input, whose inputs but the last `optional` ones are all valid."""
    needed = samples.valid[: len(samples.valid) - optional]
    ok = np.ones(len(samples.valid[0]), bool)
    for valid in needed:
        ok &= valid[:, place]
    columns = []
    for values, valid in zip(samples.values, samples.valid, strict=True):
        pairs = zip(values[:, place][ok], valid[:, place][ok], strict=True)
        columns.append([plain_value(item) if known else None for item, known in pairs])
    return [list(row) for row in zip(*columns, strict=True)]


def to_list(tuple_size: int | None, optional: int) -> Fold:
    """The observations as a list, or as tuples of several inputs; the last `optional` inputs may be null."""

    def fold(samples: Samples) -> list[Column]:
        if samples.places > 1 and not optional and all(values.dtype != object for values in samples.values):
            return [_objects(_blocks(samples, tuple_size is None))]
        rows = [_rows(samples, place, optional) for place in range(samples.places)]
        return [_objects([[row[0] for row in found] if tuple_size is None else found for found in rows])]

    return fold


def _blocks(samples: Samples, single: bool) -> list[Array]:
    """The complete observations of each place as an array, which is what lists of numbers become in a pixel."""
    ok = samples.complete()
    whole = np.stack(samples.values, -1)
    return [whole[ok[:, place], place, 0] if single else whole[ok[:, place], place] for place in range(samples.places)]


def to_collection(names: Sequence[str], optional: int) -> Fold:
    """The observations as features with the inputs as properties; the last `optional` inputs may be null."""

    def collection(rows: list[list[Any]]) -> FeatureCollection:
        features = [
            Feature(None, {n: v for n, v in zip(names, row, strict=True) if v is not None}, str(k))
            for k, row in enumerate(rows)
        ]
        return FeatureCollection(lambda: features)

    def fold(samples: Samples) -> list[Column]:
        return [_objects([collection(_rows(samples, place, optional)) for place in range(samples.places)])]

    return fold


def frequency_histogram(samples: Samples) -> list[Column]:
    """Weight of each distinct value, keyed by the value as text."""
    answers = []
    for place in range(samples.places):
        ok = samples.valid[0][:, place]
        weights = samples.weight(samples.valid[0])[:, place][ok]
        histogram: dict[str, float] = {}
        for value, weight in zip(samples.values[0][:, place][ok].tolist(), weights.tolist(), strict=True):
            key = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
            histogram[key] = histogram.get(key, 0.0) + weight
        answers.append(histogram)
    return [_objects(answers)]


def count_distinct(nulls: bool) -> Fold:
    """Number of distinct values; null is one of them or not."""

    def fold(samples: Samples) -> list[Column]:
        known = samples.unweighted()
        kinds = np.array([len({repr(v) for v in _kept(known, place)}) for place in range(samples.places)])
        if nulls:
            kinds = kinds + (samples.within() & ~samples.valid[0]).any(axis=0)
        return [(kinds, np.ones(samples.places, bool))]

    return fold


def count_every(samples: Samples) -> list[Column]:
    """Number of observations, null ones among them."""
    return [(samples.within().sum(axis=0), np.ones(samples.places, bool))]


def count_runs(samples: Samples) -> list[Column]:
    """Number of runs of distinct values."""
    kept = [_kept(samples, place) for place in range(samples.places)]
    runs = [sum(k == 0 or values[k] != values[k - 1] for k in range(len(values))) for values in kept]
    return [(np.array(runs), np.ones(samples.places, bool))]


def histogram(max_buckets: int, min_width: float) -> Fold:
    """Buckets as a dictionary; see `_buckets`."""
    return _of_numbers(lambda values, weights: _described(values, weights, max_buckets, min_width))


def auto_histogram(max_buckets: int, min_width: float, cumulative: bool) -> Fold:
    """Rows of a bucket's lower end and its weight, an array (buckets, 2); see `_buckets`."""

    def table(values: Array, weights: Array) -> Array:
        at, start, width = _buckets(values, max_buckets, min_width)
        return _table((np.arange(at.max() + 1) + start) * width, np.bincount(at, weights), cumulative)

    return _of_numbers(table)


def _of_numbers(function: Callable[[Array, Array], Any]) -> Fold:
    """A fold by a function of the values and weights of one place; no answer without observations."""

    def fold(samples: Samples) -> list[Column]:
        shares = samples.weight(samples.valid[0])
        answers: list[Any] = []
        for place in range(samples.places):
            ok = samples.valid[0][:, place]
            values = numbers(samples)[:, place][ok]
            answers.append(function(values, shares[:, place][ok]) if len(values) else None)
        return [(_objects(answers)[0], np.array([answer is not None for answer in answers], bool))]

    return fold


LARGEST_IN_BUCKETS = 1e300
"""Beyond it the number of a bucket is no number any more."""


def _buckets(values: Array, max_buckets: int, min_width: float) -> tuple[Array, int, float]:
    """Bucket of each value, number of the first bucket and width.

    The width is a power of two times `min_width`, or a power of two, of whole numbers at least 1, and so large that
    there are at most `max_buckets`, rounded up to a power of two.
    """
    most = 2 ** math.ceil(math.log2(max(max_buckets, 1)))
    low, high = float(values.min()), float(values.max())
    if max(abs(low), abs(high)) > LARGEST_IN_BUCKETS or math.isnan(low):
        raise EarthEngineError(f"A histogram of values between {low} and {high} has no buckets.")
    width = min_width or 2.0 ** math.floor(math.log2(max(high - low, 2.0**-52) / most))
    if not min_width and values.dtype.kind in "iub":
        width = max(width, 1.0)
    while math.floor(high / width) - math.floor(low / width) + 1 > most:
        width *= 2
    start = math.floor(low / width)
    return np.floor(values / width).astype(np.int64) - start, start, width


def _described(values: Array, weights: Array, max_buckets: int, min_width: float) -> dict[str, Any]:
    at, start, width = _buckets(values, max_buckets, min_width)
    sums = np.bincount(at, weights)
    middles = np.bincount(at, weights * values) / np.where(sums > 0, sums, 1.0)
    centres = (np.arange(len(sums)) + start + 0.5) * width
    return {
        "bucketMeans": np.where(sums > 0, middles, centres).tolist(),
        "bucketMin": start * width,
        "bucketWidth": width,
        "histogram": sums.tolist(),
    }


def _table(edges: Array, sums: Array, cumulative: bool) -> Array:
    return np.column_stack([edges, np.cumsum(sums) if cumulative else sums]).astype(np.float64)


def fixed_histogram(low: float, high: float, steps: int, cumulative: bool) -> Fold:
    """Rows of bucket's lower end and weight, an array (steps, 2); what lies outside is left out."""
    edges = np.linspace(low, high, steps + 1)

    def table(values: Array, weights: Array) -> Array:
        within = (values >= low) & (values < high)
        sums, _ = np.histogram(values[within].astype(np.float64), edges, weights=weights[within])
        return _table(edges[:-1], sums, cumulative)

    return _of_numbers(table)


def fixed_2d_histogram(x: tuple[float, float, int], y: tuple[float, float, int]) -> Fold:
    """Counts (x steps, y steps) and the lower ends of the buckets of both axes; what lies outside is left out."""
    edges = [np.linspace(low, high, steps + 1) for low, high, steps in (x, y)]

    def fold(samples: Samples) -> list[Column]:
        ok = samples.complete()
        pair = [numbers(samples, k).astype(np.float64) for k in (0, 1)]
        for values, (low, high, _) in zip(pair, (x, y), strict=True):
            ok = ok & (values >= low) & (values < high)
        counts = []
        for place in range(samples.places):
            first, second = (values[:, place][ok[:, place]] for values in pair)
            counts.append(np.histogram2d(first, second, bins=edges)[0].astype(np.int64))
        return [_objects(counts), *(_objects([axis[:-1]] * samples.places) for axis in edges)]

    return fold
