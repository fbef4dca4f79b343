"""Intervals of means over cases: cases of one task stand or fall with one program, so tasks are what is drawn.

A cluster bootstrap: as many tasks as there are, drawn with replacement, each with all its cases; the mean over the
cases of a draw is a ratio. Its variance, times F / (F − 1) for F tasks, says how many independent cases would be as
uncertain, n = p (1 − p) / variance, and the interval is Wilson's for a proportion p of n, with Student's t of F − 1
degrees of freedom (as surveys do it: C. Franco et al., "Comparative Study of Confidence Intervals for Proportions in
Complex Sample Surveys", 2019). Percentiles of the draws were tried first: of simulated studies of 20 tasks and a true
pass rate of 0.93 they held it in 86 of 100, these in 97; over 1 to 100 tasks and rates of 0.3 to 0.93 it is 90 to 100,
mostly 94 to 97.

Where all tasks are alike (all right, all wrong) the draws tell nothing, and of fewer than `FEW` tasks too little: n is
the number of *tasks* then, also where there is one with many cases, as these are not independent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np
import polars as pl
from numpy.typing import NDArray

from codegen.evaluation.scores.frame import SYSTEM

Floats = NDArray[np.float64]

DRAWS = 1_000
LEVEL = 0.95
SEED = 0
FEW = 5
_AT_ONCE = 500
_NOTHING = 1e-10
"""A variance that is rounding: draws are of single precision."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """How intervals are drawn.

    Attributes:
        draws: Of the bootstrap.
        seed: Makes them repeatable: equal numbers of tasks meet equal draws, whatever the system.
        level: Of the interval.
    """

    draws: int = DRAWS
    seed: int = SEED
    level: float = LEVEL


def wilson(share: float, count: float, level: float = LEVEL) -> tuple[float, float]:
    """Wilson's score interval of a proportion (E. B. Wilson, 1927).

    Args:
        share: What was seen, in [0, 1].
        count: Of independent things, above 0.
        level: Of the interval.
    """
    low, high = _score_interval(np.array([share]), np.array([count]), NormalDist().inv_cdf(0.5 + level / 2))
    return float(low[0]), float(high[0])


def drawn_means(sums: Floats, counts: Floats, drawing: Drawing) -> Floats:
    """Means of bootstrap samples of clusters.

    Args:
        sums: Of the values of each cluster, for each column; (clusters, columns).
        counts: How many values each has, above 0 everywhere; (clusters, columns).
        drawing: How many, from which seed.

    Returns:
        (draws, columns)
    """
    above, below = sums.astype(np.float32), counts.astype(np.float32)
    parts = []
    for start in range(0, drawing.draws, _AT_ONCE):
        often = _multiplicities(len(sums), min(_AT_ONCE, drawing.draws - start), drawing.seed, start)
        parts.append((often @ above) / (often @ below))
    return np.concatenate(parts).astype(np.float64)


@lru_cache(maxsize=32)
def _multiplicities(clusters: int, draws: int, seed: int, start: int) -> NDArray[np.float32]:
    """How often each cluster is in each draw; (draws, clusters). Kept, as groups with as many tasks come again."""
    chance = np.random.default_rng((seed, clusters, start))
    often: NDArray[np.float32] = chance.multinomial(clusters, np.full(clusters, 1 / clusters), draws).astype(np.float32)
    return often


def mean_intervals(sums: Floats, counts: Floats, drawing: Drawing | None = None) -> tuple[Floats, Floats]:
    """Lower and upper ends of the intervals of columns of proportions; NaN for a column without values.

    Args:
        sums: Of the values, each in [0, 1], of each cluster; (clusters, columns).
        counts: How many values a cluster has in a column, 0 where it takes no part; (clusters, columns).
        drawing: How.
    """
    drawing = drawing or Drawing()
    low, high = np.full(sums.shape[1], np.nan), np.full(sums.shape[1], np.nan)
    present = counts > 0
    for pattern, columns in alike_columns(present):
        if not pattern.any():
            continue
        low[columns], high[columns] = _of_all(sums[pattern][:, columns], counts[pattern][:, columns], drawing)
    return low, high


def with_intervals(
    items: pl.DataFrame, by: Sequence[str], columns: Sequence[str], drawing: Drawing | None = None
) -> pl.DataFrame:
    """Means of columns with their intervals, for each system and group.

    Args:
        items: Rows with the columns of `SYSTEM`, `function`, `by` and proportions, null where they are not defined.
        by: Columns of the groups besides the system; none: all rows are one group.
        columns: What is averaged.
        drawing: How intervals are drawn.

    Returns:
        `SYSTEM`, `by`, and `NAME`, `NAME_low`, `NAME_high` for each column; null where no row has a value.
    """
    keys = [*by, *SYSTEM]
    clusters = items.group_by(*keys, "function").agg(
        *(pl.col(name).sum().cast(pl.Float64).alias(f"{name}_sum") for name in columns),
        *(pl.col(name).count().cast(pl.Float64).alias(f"{name}_count") for name in columns),
    )
    groups = clusters.select(keys).unique().sort(keys)
    group, system, task = (_numbered(clusters, names) for names in (list(by), list(SYSTEM), ["function"]))
    sums, counts = (clusters.select(f"{n}_{what}" for n in columns).to_numpy() for what in ("sum", "count"))
    ends = np.full((3, groups.height, len(columns)), np.nan)
    place = _numbered(clusters, keys)  # in the order of `groups`
    for rows in _each(group):
        # All systems of a group at once, so that all of them meet the same draws of tasks.
        s, n = (_matrix(values[rows], task[rows], system[rows]) for values in (sums, counts))
        found = np.stack([_means(s, n), *mean_intervals(s, n, drawing)])
        who = np.unique(system[rows])
        where = np.zeros(len(who), np.int64)
        where[np.searchsorted(who, system[rows])] = place[rows]
        ends[:, where] = found.reshape(3, len(who), len(columns))
    told = [
        pl.Series(f"{name}{end}", ends[number, :, at])
        for at, name in enumerate(columns)
        for number, end in enumerate(("", "_low", "_high"))
    ]
    return groups.with_columns(told).with_columns(pl.col(series.name).fill_nan(None) for series in told)


def _numbered(table: pl.DataFrame, names: Sequence[str]) -> NDArray[np.int64]:
    """For each row the number of its values, in their order."""
    if not names:
        return np.zeros(table.height, np.int64)
    return (table.select(pl.struct(names).rank("dense").cast(pl.Int64)).to_series() - 1).to_numpy()


def _each(group: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """The rows of each group."""
    order = np.argsort(group, kind="stable")
    ends = np.flatnonzero(np.diff(group[order])) + 1
    return (rows for rows in np.split(order, ends) if len(rows))


def _matrix(values: Floats, task: NDArray[np.int64], system: NDArray[np.int64]) -> Floats:
    """Values of rows (rows, columns), placed by task and system; (tasks, systems · columns)."""
    tasks, row = np.unique(task, return_inverse=True)
    systems, column = np.unique(system, return_inverse=True)
    matrix = np.zeros((len(tasks), len(systems), values.shape[1]))
    matrix[row, column] = values
    return matrix.reshape(len(tasks), -1)


def _means(sums: Floats, counts: Floats) -> Floats:
    total = counts.sum(axis=0)
    means: Floats = np.divide(sums.sum(axis=0), total, out=np.full(len(total), np.nan), where=total > 0)
    return means


def alike_columns(present: NDArray[np.bool_]) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.int64]]]:
    """The clusters that take part, and the columns of which just these do."""
    patterns, which = np.unique(present, axis=1, return_inverse=True)
    for number in range(patterns.shape[1]):
        yield patterns[:, number], np.flatnonzero(which.ravel() == number)


def _of_all(sums: Floats, counts: Floats, drawing: Drawing) -> tuple[Floats, Floats]:
    """Intervals of columns of which all clusters have values."""
    from scipy.special import stdtrit

    clusters = len(sums)
    total = counts.sum(axis=0)
    share = np.clip(sums.sum(axis=0) / total, 0, 1)
    count = np.full(len(share), float(clusters))
    z = np.full(len(share), NormalDist().inv_cdf(0.5 + drawing.level / 2))
    if clusters >= FEW:
        variance = drawn_means(sums, counts, drawing).var(axis=0) * clusters / (clusters - 1)
        told = variance > _NOTHING
        count[told] = np.minimum(share * (1 - share) / np.where(told, variance, 1.0), total)[told]
        z[told] = stdtrit(clusters - 1, 0.5 + drawing.level / 2)
    return _score_interval(share, count, z)


def _score_interval(share: Floats, count: Floats, z: Floats | float) -> tuple[Floats, Floats]:
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * np.sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return np.maximum(0.0, middle - half), np.minimum(1.0, middle + half)
