"""What reducers compute: folds of N observations at P places into numbers, vectorised over the places."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.reducer import Column, Fold, Samples

Array = NDArray[Any]
Ordered = tuple[Array, Array, Array]
"""Values sorted along the observations, their weights (0 where masked) and the total weight a place."""


def numbers(samples: Samples, k: int = 0) -> Array:
    """Values of input `k`.

    Raises:
        EarthEngineError: They are not numbers.
    """
    values = samples.values[k]
    if values.dtype == object:
        raise EarthEngineError("Reducer: Invalid type. Expected numbers, found other values in the input.")
    return values


def count(samples: Samples) -> list[Column]:
    """Number of valid observations."""
    total = samples.valid[0].sum(axis=0)
    return [(total, np.ones(total.shape, bool))]


def total(samples: Samples) -> list[Column]:
    """Weighted sum; 0 without observations. Whole numbers stay whole where no weight is a fraction."""
    values, ok = numbers(samples), samples.valid[0]
    if samples.weights is None:
        answer = np.where(ok, values, 0).sum(axis=0, dtype=np.int64 if values.dtype.kind in "iub" else np.float64)
    else:
        answer = (samples.weight(ok) * np.where(ok, values, 0)).sum(axis=0)
    return [(answer, np.ones(answer.shape, bool))]


def mean(samples: Samples) -> list[Column]:
    """Weighted mean."""
    values, ok = numbers(samples), samples.valid[0]
    if samples.weights is None:
        weight = ok.sum(axis=0)
        answer = np.where(ok, values, 0).sum(axis=0, dtype=np.float64)
    else:
        shares = samples.weight(ok)
        weight, answer = shares.sum(axis=0), (shares * np.where(ok, values, 0)).sum(axis=0)
    return [_quotient(answer, weight)]


def _quotient(numerator: Array, denominator: Array) -> Column:
    valid = denominator > 0
    return np.where(valid, numerator / np.where(valid, denominator, 1), 0.0), valid


def moment(order: int, finish: Callable[[Array, Array, Array], Column]) -> Fold:
    """A fold of central moments up to `order`; `finish(moments, mean, weight)` makes the answer."""

    def fold(samples: Samples) -> list[Column]:
        values, ok = numbers(samples), samples.valid[0]
        shares = samples.weight(ok)
        weight = shares.sum(axis=0)
        safe = np.where(weight > 0, weight, 1.0)
        centre = (shares * np.where(ok, values, 0)).sum(axis=0) / safe
        away = np.where(ok, values - centre, 0.0)
        moments = np.stack([(shares * away**k).sum(axis=0) / safe for k in range(order + 1)])
        return [finish(moments, centre, weight)]

    return fold


variance = moment(2, lambda m, _, w: (m[2], w > 0))
standard_deviation = moment(2, lambda m, _, w: (np.sqrt(m[2]), w > 0))
sample_variance = moment(2, lambda m, _, w: _quotient(m[2] * w, w - 1))
sample_deviation = moment(2, lambda m, _, w: (np.sqrt(_quotient(m[2] * w, w - 1)[0]), w > 1))
skew = moment(3, lambda m, _, w: (_ratio(m[3], m[2] ** 1.5), (w > 0) & (m[2] > 0)))
kurtosis = moment(4, lambda m, _, w: (_ratio(m[4], m[2] ** 2) - 3.0, (w > 0) & (m[2] > 0)))


def _ratio(numerator: Array, denominator: Array) -> Array:
    return numerator / np.where(denominator > 0, denominator, 1.0)


def extreme(largest: bool, inputs: int = 1) -> Fold:
    """Maximum or minimum; the other inputs are taken from the observation that has it."""

    def fold(samples: Samples) -> list[Column]:
        values, ok = numbers(samples), samples.complete()
        if not len(values):
            return [_nothing(samples.places)] * inputs
        worst = _limit(values.dtype, largest)
        chosen = np.where(ok, values, worst)
        at = chosen.argmax(axis=0) if largest else chosen.argmin(axis=0)
        places = np.arange(samples.places)
        # All observations may equal the filler: take a valid one.
        at = np.where(ok[at, places], at, ok.argmax(axis=0))
        found = np.asarray(ok.any(axis=0))
        return [(samples.values[k][at, places], found) for k in range(inputs)]

    return fold


def _limit(dtype: np.dtype[Any], lowest: bool) -> float | int:
    if dtype.kind == "b":
        return not lowest
    if dtype.kind == "f":
        return -math.inf if lowest else math.inf
    limits = np.iinfo(dtype)
    return int(limits.min if lowest else limits.max)


def _nothing(places: int) -> Column:
    return np.zeros(places), np.zeros(places, bool)


def min_max(samples: Samples) -> list[Column]:
    """Minimum and maximum."""
    return extreme(False)(samples) + extreme(True)(samples)


def pick(last: bool, nulls: bool) -> Fold:
    """First or last observation, null ones among them or not."""

    def fold(samples: Samples) -> list[Column]:
        values, ok = samples.values[0], samples.valid[0]
        if not len(values):
            return [_nothing(samples.places)]
        places = np.arange(samples.places)
        if nulls:
            at = np.full(samples.places, len(values) - 1 if last else 0)
        else:
            at = len(values) - 1 - ok[::-1].argmax(axis=0) if last else ok.argmax(axis=0)
        return [(values[at, places], ok[at, places])]

    return fold


def product(samples: Samples) -> list[Column]:
    """Product; 1 without observations."""
    values = numbers(samples)
    answer = np.where(samples.valid[0], values, 1).prod(axis=0, dtype=np.float64)
    return [(answer, np.ones(answer.shape, bool))]


def logical(every: bool) -> Fold:
    """Whether all or any observations are not zero, 0 or 1."""

    def fold(samples: Samples) -> list[Column]:
        truth = numbers(samples) != 0
        ok = samples.valid[0]
        answer = (truth | ~ok).all(axis=0) if every else (truth & ok).any(axis=0)
        return [(answer.astype(np.int64), np.ones(answer.shape, bool))]

    return fold


def bitwise(conjunction: bool) -> Fold:
    """Bitwise and/or over the observations."""

    def fold(samples: Samples) -> list[Column]:
        values, ok = numbers(samples).astype(np.int64), samples.valid[0]
        operation = np.bitwise_and if conjunction else np.bitwise_or
        answer = operation.reduce(np.where(ok, values, -1 if conjunction else 0), axis=0)
        return [(answer, np.asarray(ok.any(axis=0)))]

    return fold


def ordered(samples: Samples) -> Ordered:
    """Sorts observations by value, masked ones last with weight 0."""
    values, ok = numbers(samples).astype(np.float64, copy=False), samples.valid[0]
    filled = np.where(ok, values, np.inf)
    if samples.weights is None:
        n = ok.sum(axis=0)
        sorted_values = np.sort(filled, axis=0)
        shares = (np.arange(len(values))[:, None] < n).astype(np.float64)
        return sorted_values, shares, n.astype(np.float64)
    order = np.argsort(filled, axis=0, kind="stable")
    shares = np.take_along_axis(samples.weight(ok), order, axis=0)
    return np.take_along_axis(filled, order, axis=0), shares, shares.sum(axis=0)


def quantiles(shares: Sequence[float]) -> Fold:
    """Quantiles by linear interpolation between the midpoints of the observations' weights.

    The median of an even number is the mean of the middle two. The interpolation of other percentiles is ours:
    Earth Engine does not document its own.
    """

    def fold(samples: Samples) -> list[Column]:
        if not len(samples.values[0]):
            return [_nothing(samples.places)] * len(shares)
        if samples.weights is None:
            values, weight = _sorted(samples)
            found = [_equal_quantile(values, weight, share) for share in shares]
        else:
            values, weights, weight = ordered(samples)
            found = [_quantile(values, weights, weight, share) for share in shares]
        valid = weight > 0
        return [(np.where(valid, quantile, 0.0), valid) for quantile in found]

    return fold


def _sorted(samples: Samples) -> tuple[Array, Array]:
    """Values of weight 1 sorted in their own type, masked ones last, and how many there are at each place."""
    values, ok = numbers(samples), samples.valid[0]
    filled = values if ok.all() else np.where(ok, values, np.array(_limit(values.dtype, False), values.dtype))
    return np.sort(filled, axis=0), ok.sum(axis=0).astype(np.float64)


def _equal_quantile(values: Array, count: Array, share: float) -> Array:
    """The quantile of sorted observations of weight 1, whose midpoints need no looking for."""
    place = np.clip(count * share - 0.5, 0.0, np.maximum(count - 1, 0.0))
    lower = np.floor(place).astype(np.int64)
    upper = np.minimum(lower + 1, np.maximum(count - 1, 0.0).astype(np.int64))
    places = np.arange(values.shape[1])
    below, beyond = values[lower, places].astype(np.float64), values[upper, places].astype(np.float64)
    with np.errstate(invalid="ignore"):
        quantile: Array = np.where(below == beyond, below, below + (place - lower) * (beyond - below))
    return quantile


def _quantile(values: Array, weights: Array, weight: Array, share: float) -> Array:
    places = np.arange(values.shape[1])
    middles = np.cumsum(weights, axis=0) - weights / 2
    known = np.maximum((weights > 0).sum(axis=0), 1)
    target = weight * share
    # Observations of weight 0 are last in a stack without weights; with weights they never come between.
    above = ((middles < target - 1e-12) & (weights > 0)).sum(axis=0)
    upper = np.clip(above, 0, known - 1)
    lower = np.clip(above - 1, 0, known - 1)
    low, high = middles[lower, places], middles[upper, places]
    step = np.where(high > low, high - low, 1.0)
    at = np.clip((target - low) / step, 0.0, 1.0)
    below, beyond = values[lower, places], values[upper, places]
    with np.errstate(invalid="ignore"):
        quantile: Array = np.where(below == beyond, below, below + at * (beyond - below))
    return quantile


def mode(samples: Samples) -> list[Column]:
    """The value of the greatest weight; of equals the smallest."""
    if not len(samples.values[0]):
        return [_nothing(samples.places)]
    values, weights, weight = ordered(samples)
    best = values[0].copy()
    best_weight = np.zeros(samples.places)
    run = np.zeros(samples.places)
    if samples.places == 1:
        kinds, inverse = np.unique(values[:, 0], return_inverse=True)
        sums = np.bincount(inverse, weights[:, 0])
        best[0] = kinds[sums.argmax()]
    else:
        for k in range(len(values)):
            run = np.where(values[k] == values[k - 1], run, 0.0) + weights[k] if k else weights[0].copy()
            better = run > best_weight
            best, best_weight = np.where(better, values[k], best), np.where(better, run, best_weight)
    valid = weight > 0
    best = np.where(valid, best, 0.0)
    return [(best.astype(samples.values[0].dtype) if samples.values[0].dtype.kind in "iu" else best, valid)]


def interval_mean(low: float, high: float) -> Fold:
    """Weighted mean of the observations between two percentiles (0..1), ends included."""

    def fold(samples: Samples) -> list[Column]:
        (bottom, valid), (top, _) = quantiles([low, high])(samples)
        values, ok = numbers(samples), samples.valid[0]
        within = ok & (values >= bottom) & (values <= top)
        answer = mean(Samples(samples.values, (within,), samples.weights))[0]
        return [(answer[0], answer[1] & valid)]

    return fold


def _pair_sums(samples: Samples) -> tuple[Array, Array, Array, Array, Array, Array]:
    ok = samples.complete()
    shares = samples.weight(ok)
    weight = shares.sum(axis=0)
    safe = np.where(weight > 0, weight, 1.0)
    x, y = (np.where(ok, numbers(samples, k), 0).astype(np.float64) for k in (0, 1))
    mx, my = (shares * x).sum(axis=0) / safe, (shares * y).sum(axis=0) / safe
    dx, dy = np.where(ok, x - mx, 0.0), np.where(ok, y - my, 0.0)
    return (
        (shares * dx * dx).sum(axis=0),
        (shares * dx * dy).sum(axis=0),
        (shares * dy * dy).sum(axis=0),
        mx,
        my,
        weight,
    )


def linear_fit(samples: Samples) -> list[Column]:
    """Least squares y = offset + scale x: scale and offset; a single x has slope 0."""
    sxx, sxy, _, mx, my, weight = _pair_sums(samples)
    scale = np.where(sxx > 0, sxy / np.where(sxx > 0, sxx, 1.0), 0.0)
    return [(scale, weight > 0), (my - scale * mx, weight > 0)]


def pearsons_correlation(samples: Samples) -> list[Column]:
    """Pearson's correlation and its two-sided p-value (Student's t with n - 2 degrees of freedom)."""
    from scipy import stats

    sxx, sxy, syy, _, _, weight = _pair_sums(samples)
    spread = np.sqrt(sxx * syy)
    valid = spread > 0
    r = np.clip(np.where(valid, sxy / np.where(valid, spread, 1.0), 0.0), -1.0, 1.0)
    freedom = np.maximum(weight - 2, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(r) * np.sqrt(freedom / np.maximum(1 - r * r, 0.0))
        p = 2 * stats.t.sf(t, np.where(freedom > 0, freedom, 1))
    return [(r, valid), (p, valid & (freedom > 0) & np.isfinite(p))]
