"""Folds of order: rank correlations and Sen's slope, from all pairs of observations."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ee_emulator.raster.folds.numbers import numbers, pearsons_correlation
from ee_emulator.raster.reducer import Column, Fold, Samples

Array = NDArray[np.float64]
PAIRS_AT_ONCE = 4_000_000
"""Pairs of observations, over all places, that are compared at once."""


def kendalls_correlation(inputs: int) -> Fold:
    """Kendall's tau-b and its two-sided p-value, by the normal approximation with the variance corrected for ties.

    One input is correlated with the order of the observations. (M. Kendall, Rank Correlation Methods, 1948.)
    """

    def fold(samples: Samples) -> list[Column]:
        ok = samples.complete()
        y = numbers(samples, inputs - 1).astype(np.float64)
        x = numbers(samples, 0).astype(np.float64) if inputs == 2 else np.cumsum(ok, axis=0, dtype=np.float64)
        found = _in_parts(_kendall, x, y, ok)
        valid = np.isfinite(found[0])
        return [(np.where(valid, found[0], 0.0), valid), (np.where(valid, found[1], 0.0), valid)]

    return fold


def sens_slope(samples: Samples) -> list[Column]:
    """Median slope of all pairs with different x, and the median of what is left of y (P. Sen, JASA 63, 1968)."""
    x, y = (numbers(samples, k).astype(np.float64) for k in (0, 1))
    found = _in_parts(_sen, x, y, samples.complete())
    valid = np.isfinite(found[0])
    return [(np.where(valid, values, 0.0), valid) for values in found]


def spearmans_correlation(samples: Samples) -> list[Column]:
    """Pearson's correlation of the ranks, ties sharing theirs, and its two-sided p-value."""
    ok = samples.complete()
    ranks = tuple(_ranks(np.where(ok, numbers(samples, k), np.inf), ok) for k in (0, 1))
    return pearsons_correlation(Samples(ranks, (ok, ok)))


def _ranks(values: Array, ok: NDArray[np.bool_]) -> Array:
    """Average ranks down the observations; masked ones, which are infinite, come last."""
    from scipy import stats

    ranks: Array = stats.rankdata(values, axis=0)
    return np.where(ok, ranks, 0.0)


def _in_parts(function: Callable[..., tuple[Array, Array]], x: Array, y: Array, ok: NDArray[np.bool_]) -> Array:
    """Two answers a place, (2, places), as many places at once as the pairs allow."""
    count, places = ok.shape
    step = max(1, PAIRS_AT_ONCE // max(count * (count - 1) // 2, 1))
    parts = [function(*(v[:, k : k + step] for v in (x, y, ok))) for k in range(0, places, step)]
    return np.concatenate([np.stack(part) for part in parts], axis=1) if parts else np.zeros((2, 0))


def _pairs(x: Array, y: Array, ok: NDArray[np.bool_]) -> tuple[Array, Array, NDArray[np.bool_]]:
    first, second = np.triu_indices(len(x), 1)
    with np.errstate(invalid="ignore"):
        return x[second] - x[first], y[second] - y[first], ok[first] & ok[second]


def _kendall(x: Array, y: Array, ok: NDArray[np.bool_]) -> tuple[Array, Array]:
    from scipy import stats

    dx, dy, both = _pairs(x, y, ok)
    signs_x, signs_y = np.where(both, np.sign(dx), 0.0), np.where(both, np.sign(dy), 0.0)
    score = (signs_x * signs_y).sum(axis=0)
    spread = np.sqrt((signs_x != 0).sum(axis=0) * (signs_y != 0).sum(axis=0).astype(np.float64))
    variance = _score_variance(x, y, ok)
    with np.errstate(divide="ignore", invalid="ignore"):
        return score / spread, 2 * stats.norm.sf(np.abs(score) / np.sqrt(variance))


def _score_variance(x: Array, y: Array, ok: NDArray[np.bool_]) -> Array:
    """Variance of the score under independence (Kendall 1970, section 5.7); t and u are sizes of tied groups."""
    n = ok.sum(axis=0).astype(np.float64)
    t, u = _ties(x, ok), _ties(y, ok)
    first = n * (n - 1) * (2 * n + 5) - t[2] - u[2]
    with np.errstate(divide="ignore", invalid="ignore"):
        second = t[0] * u[0] / (2 * n * (n - 1))
        third = np.where(n > 2, t[1] * u[1] / (9 * n * (n - 1) * (n - 2)), 0.0)
    return np.asarray(first / 18 + second + third)


def _ties(values: Array, ok: NDArray[np.bool_]) -> Array:
    """Over groups of equal values the sums of t(t-1), t(t-1)(t-2) and t(t-1)(2t+5), (3, places)."""
    equal = np.zeros(values.shape)
    for k in range(len(values)):  # each observation adds its group's size, which divides out again below
        equal[k] = ((values == values[k]) & ok & ok[k]).sum(axis=0)
    t = np.where(ok, equal, 1.0)
    each = np.stack([t - 1, (t - 1) * (t - 2), (t - 1) * (2 * t + 5)])
    return np.asarray(np.where(ok, each, 0.0).sum(axis=1))


def _sen(x: Array, y: Array, ok: NDArray[np.bool_]) -> tuple[Array, Array]:
    dx, dy, both = _pairs(x, y, ok)
    usable = both & (dx != 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = _median(np.where(usable, dy / dx, np.nan))
        return slope, _median(np.where(ok, y - slope * x, np.nan))


def _median(values: Array) -> Array:
    """Median down the observations without NaN; NaN where there is nothing else."""
    if not len(values):
        return np.full(values.shape[1], np.nan)
    ordered = np.sort(values, axis=0)  # NaN come last
    count = (~np.isnan(values)).sum(axis=0)
    places = np.arange(values.shape[1])
    below, above = (
        ordered[np.maximum(count - 1, 0) // 2, places],
        ordered[np.minimum(count // 2, len(values) - 1), places],
    )
    return np.asarray((below + above) / 2)
