"""Permutation tests on distances between a few things, such as cities."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from ml.diagnostics.distances import Float

PERMUTATIONS = 9_999


def p_value(observed: float, permuted: Float) -> float:
    """Share of values at least as large, the observed one counted among them, so that it is never 0."""
    return float((1 + (permuted >= observed - 1e-12).sum()) / (1 + len(permuted)))


def permuted(
    statistic: Callable[[NDArray[np.int64]], float], count: int, permutations: int, seed: int
) -> tuple[float, float]:
    """A statistic of an order of `count` things, and its p-value (one-sided, large) under random orders."""
    rng = np.random.default_rng(seed)
    others = np.array([statistic(rng.permutation(count)) for _ in range(permutations)])
    observed = statistic(np.arange(count))
    return observed, p_value(observed, others)


def separation(distances: Float, labels: NDArray[np.int64], permutations: int, seed: int) -> tuple[float, float]:
    """Clarke's R (1993) of a grouping and its p-value: 1 where all pairs within groups are nearer than all between.

    Args:
        distances: Symmetric; (n, n).
        labels: Group of each; (n,).
        permutations: Random labellings.
        seed: Of them.
    """
    ranks = _ranks(distances)
    upper = np.triu_indices(len(labels), 1)
    half = len(upper[0]) / 2

    def statistic(order: NDArray[np.int64]) -> float:
        dealt = labels[order]
        same = dealt[upper[0]] == dealt[upper[1]]
        return float((ranks[~same].mean() - ranks[same].mean()) / half)

    return permuted(statistic, len(labels), permutations, seed)


def mantel(a: Float, b: Float, permutations: int, seed: int, given: Float | None = None) -> tuple[float, float]:
    """Correlation of two distance matrices over pairs (Mantel 1967) and its p-value, one-sided for positive.

    Args:
        a: Symmetric; (n, n); its rows and columns are permuted together.
        b: The same.
        permutations: Random orders.
        seed: Of them.
        given: Where there, the partial correlation given this matrix (Smouse et al. 1986).
    """
    upper = np.triu_indices(len(a), 1)
    other = _standardised(b[upper])
    third = None if given is None else _standardised(given[upper])

    def statistic(order: NDArray[np.int64]) -> float:
        own = _standardised(a[order][:, order][upper])
        direct = float((own * other).mean())
        if third is None:
            return direct
        first, second = float((own * third).mean()), float((other * third).mean())
        return (direct - first * second) / float(np.sqrt(max((1 - first**2) * (1 - second**2), 1e-12)))

    return permuted(statistic, len(a), permutations, seed)


def _ranks(distances: Float) -> Float:
    return np.asarray(rankdata(distances[np.triu_indices(len(distances), 1)]), np.float64)


def _standardised(values: Float) -> Float:
    deviation = values.std()
    return np.asarray((values - values.mean()) / (deviation if deviation > 0 else 1.0), np.float64)
