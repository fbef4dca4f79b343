"""Folds whose answer is a list or a dictionary a place: lists, histograms, regression coefficients."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.folds import Array, numbers
from ee_emulator.raster.reducer import Column, Fold, Samples


def _objects(answers: Sequence[Any]) -> Column:
    column = np.empty(len(answers), object)
    for place, answer in enumerate(answers):
        column[place] = answer
    return column, np.ones(len(answers), bool)


def _kept(samples: Samples, place: int, k: int = 0) -> list[Any]:
    values = samples.values[k][:, place][samples.complete()[:, place]]
    return list(values.tolist())


def to_list(tuple_size: int | None) -> Fold:
    """The observations as a list, or as tuples where there are several inputs."""

    def fold(samples: Samples) -> list[Column]:
        places = range(samples.places)
        if tuple_size is None:
            return [_objects([_kept(samples, place) for place in places])]
        columns = [[_kept(samples, place, k) for k in range(tuple_size)] for place in places]
        return [_objects([[list(row) for row in zip(*column, strict=True)] for column in columns])]

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


def count_distinct(samples: Samples) -> list[Column]:
    """Number of distinct values."""
    kinds = [len({repr(v) for v in _kept(samples, place)}) for place in range(samples.places)]
    return [(np.array(kinds), np.ones(samples.places, bool))]


def count_runs(samples: Samples) -> list[Column]:
    """Number of runs of distinct values."""
    kept = [_kept(samples, place) for place in range(samples.places)]
    runs = [sum(k == 0 or values[k] != values[k - 1] for k in range(len(values))) for values in kept]
    return [(np.array(runs), np.ones(samples.places, bool))]


def histogram(max_buckets: int, min_width: float) -> Fold:
    """Buckets whose width is a power of two times `min_width` (or of one), few enough for `max_buckets`."""

    def fold(samples: Samples) -> list[Column]:
        answers: list[Any] = []
        valid = np.ones(samples.places, bool)
        for place in range(samples.places):
            ok = samples.valid[0][:, place]
            values = numbers(samples)[:, place][ok].astype(np.float64)
            weights = samples.weight(samples.valid[0])[:, place][ok]
            valid[place] = bool(len(values))
            answers.append(_buckets(values, weights, max_buckets, min_width) if len(values) else None)
        return [(_objects(answers)[0], valid)]

    return fold


def _buckets(values: Array, weights: Array, max_buckets: int, min_width: float) -> dict[str, Any]:
    low, high = float(values.min()), float(values.max())
    if not math.isfinite(high - low):
        raise EarthEngineError("Reducer.histogram: the values must be finite, and so must be their range.")
    width = min_width or 2.0 ** math.floor(math.log2(max(high - low, 2.0**-52) / max_buckets))
    while math.floor(high / width) - math.floor(low / width) + 1 > max_buckets:
        width *= 2
    start = math.floor(low / width)
    at = np.floor(values / width).astype(np.int64) - start
    sums = np.bincount(at, weights)
    middles = np.bincount(at, weights * values) / np.where(sums > 0, sums, 1.0)
    centres = (np.arange(len(sums)) + start + 0.5) * width
    return {
        "bucketMeans": np.where(sums > 0, middles, centres).tolist(),
        "bucketMin": start * width,
        "bucketWidth": width,
        "histogram": sums.tolist(),
    }


def fixed_histogram(low: float, high: float, steps: int, cumulative: bool) -> Fold:
    """Rows of bucket's lower end and weight; what lies outside is left out."""

    def fold(samples: Samples) -> list[Column]:
        answers = []
        edges = np.linspace(low, high, steps + 1)
        for place in range(samples.places):
            ok = samples.valid[0][:, place]
            weights = samples.weight(samples.valid[0])[:, place][ok]
            values = numbers(samples)[:, place][ok].astype(np.float64)
            within = (values >= low) & (values < high)
            sums, _ = np.histogram(values[within], edges, weights=weights[within])
            sums = np.cumsum(sums) if cumulative else sums
            answers.append([[float(e), float(s)] for e, s in zip(edges[:-1], sums, strict=True)])
        return [_objects(answers)]

    return fold


def linear_regression(num_x: int, num_y: int, ridge: float | None = None) -> Fold:
    """Least squares without an intercept of its own: coefficients (num_x by num_y) and residuals' RMS.

    With `ridge` the coefficients are penalised and an intercept, which is not, comes first.
    """

    def fold(samples: Samples) -> list[Column]:
        coefficients, residuals = [], []
        ok = samples.complete()
        for place in range(samples.places):
            chosen = ok[:, place]
            columns = [numbers(samples, k)[chosen, place].astype(np.float64) for k in range(num_x + num_y)]
            x, y = np.stack(columns[:num_x], axis=1), np.stack(columns[num_x:], axis=1)
            w = np.sqrt(samples.weight(ok)[chosen, place])[:, None]
            solution, error = _solve(x, y, w, ridge)
            coefficients.append(solution.tolist())
            residuals.append(error.tolist())
        return [_objects(coefficients), _objects(residuals)]

    return fold


def _solve(x: Array, y: Array, w: Array, ridge: float | None) -> tuple[Array, Array]:
    if ridge is not None:
        x = np.concatenate([np.ones((len(x), 1)), x], axis=1)
        penalty = np.diag([0.0] + [ridge] * (x.shape[1] - 1))
        solution = np.linalg.pinv((w * x).T @ (w * x) + penalty) @ ((w * x).T @ (w * y))
    else:
        solution = np.linalg.lstsq(w * x, w * y, rcond=None)[0]
    error = np.sqrt(((w * (y - x @ solution)) ** 2).sum(axis=0) / max(float((w**2).sum()), 1e-300))
    return solution, error
