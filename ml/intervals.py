"""How far scores would move had other cities been held out: percentile bootstrap over cities.

Pixels of a city are alike, so that resampling pixels would promise far too much. Cities are drawn with replacement, as
many as there are, and R² is computed anew from each city's sums, about the mean of the fold as resampled. Every
representation meets the same draws, so that a difference between two is judged on its own. The probes are not fitted
anew: an interval tells of the cities that are scored, not of the luck of training (ours).

A group is a city here; in a table of one's own it is whatever its rows are gathered by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lake.errors import BadInputError

DRAWS = 2_000
LEVEL = 0.95

_FEWEST_GROUPS = 3  # an interval from fewer says nothing
_Float = NDArray[np.float64]


@dataclass(frozen=True)
class Draws:
    """R² of every representation and label of one split, as scored and in each draw.

    Attributes:
        split: `E1`, `E2`, `E3` or another.
        representations: Names.
        labels: Names.
        scored: R² (representations, labels), NaN where none was scored; as `ml.probes.summarise` gives it.
        drawn: (draws, representations, labels).
        groups: Number of groups drawn.
    """

    split: str
    representations: tuple[str, ...]
    labels: tuple[str, ...]
    scored: _Float
    drawn: _Float
    groups: int


def bootstrap(groups: pl.DataFrame, draws: int = DRAWS, seed: int = 0) -> list[Draws]:
    """Draws of each split.

    Args:
        groups: Of `ml.probes.probe_groups`, of one `choice` only.
        draws: Number of resamples.
        seed: Of the resamples; the same for every split.

    Raises:
        BadInputError: Several choices of the penalty in one table, or a split of fewer than three groups.
    """
    if groups["choice"].n_unique() > 1:
        raise BadInputError("The table holds several choices of the penalty: filter it by `choice` first.")
    return [
        _bootstrap(split, table, draws, seed)
        for (split,), table in groups.sort("split").group_by("split", maintain_order=True)
    ]


def mean_intervals(draws: Sequence[Draws], floor: float = -np.inf, level: float = LEVEL) -> pl.DataFrame:
    """Mean R² over the labels with its percentile interval.

    Args:
        draws: Of `bootstrap`.
        floor: R² of a label below it counts as it; a probe that fails elsewhere fails without bound.
        level: Share of the draws inside the interval.

    Returns:
        One row a `split` and `representation`: `mean_r2`, `low`, `high`, `labels` and `groups`.
    """
    rows = []
    for of_split in draws:
        scored, drawn = _means(of_split, floor)
        low, high = _interval(drawn, level)
        for i, name in enumerate(of_split.representations):
            labels = int(np.isfinite(of_split.scored[i]).sum())
            rows.append((of_split.split, name, scored[i], low[i], high[i], labels, of_split.groups))
    columns = ["split", "representation", "mean_r2", "low", "high", "labels", "groups"]
    return pl.DataFrame(rows, schema=columns, orient="row").sort("split", "representation")


def label_intervals(draws: Sequence[Draws], level: float = LEVEL) -> pl.DataFrame:
    """R² of every label with its percentile interval: a row a `split`, `representation` and `label`."""
    rows = []
    for of_split in draws:
        low, high = _interval(of_split.drawn, level)
        for (i, j), r2 in np.ndenumerate(of_split.scored):
            if np.isfinite(r2):
                names = of_split.representations[i], of_split.labels[j]
                rows.append((of_split.split, *names, r2, low[i, j], high[i, j]))
    columns = ["split", "representation", "label", "r2", "low", "high"]
    return pl.DataFrame(rows, schema=columns, orient="row").sort("split", "representation", "label")


def paired_differences(
    draws: Sequence[Draws], pairs: Sequence[tuple[str, str]], floor: float = -np.inf, level: float = LEVEL
) -> pl.DataFrame:
    """Difference in mean R² between two representations, draw by draw.

    Args:
        draws: Of `bootstrap`.
        pairs: First and second; the difference is first less second.
        floor: As for `mean_intervals`.
        level: Share of the draws inside the interval.

    Returns:
        One row a `split` and pair: `first`, `second`, `difference`, `low`, `high`, and `ahead`, the share of the draws
        in which the first is ahead.

    Raises:
        BadInputError: A representation of a pair was not scored in a split.
    """
    rows = []
    for of_split in draws:
        scored, drawn = _means(of_split, floor)
        for first, second in pairs:
            i, j = _place(of_split, first), _place(of_split, second)
            differences = drawn[:, i] - drawn[:, j]
            low, high = _interval(differences, level)
            ahead = float((differences > 0).mean())
            rows.append((of_split.split, first, second, scored[i] - scored[j], float(low), float(high), ahead))
    columns = ["split", "first", "second", "difference", "low", "high", "ahead"]
    return pl.DataFrame(rows, schema=columns, orient="row")


@dataclass(frozen=True)
class _Sums:
    """What R² of any resample is made of.

    Attributes:
        sse: Over all folds of a split; (representations, labels, groups).
        sst: Likewise, each fold's rows about the fold's mean.
        shared: For each fold of several groups: rows, and excess over the fold's mean, of the same shape. A fold of one
            group has its mean however often it is drawn.
    """

    sse: _Float
    sst: _Float
    shared: tuple[tuple[_Float, _Float], ...]


def _bootstrap(split: str, table: pl.DataFrame, draws: int, seed: int) -> Draws:
    names = {key: tuple(table[key].unique().sort()) for key in ("representation", "label", "group")}
    count = len(names["group"])
    if count < _FEWEST_GROUPS:
        raise BadInputError(
            f"Split {split} holds out {count} groups: a bootstrap over so few says nothing. At least {_FEWEST_GROUPS} "
            "are needed."
        )
    several = table.filter(pl.col("group").n_unique().over("fold") > 1).sort("fold")
    sums = _Sums(
        _spread(table, "sse", names),
        _spread(table, "sst", names),
        tuple(
            (_spread(fold, "n", names), _spread(fold, "deviation", names))
            for _, fold in several.group_by("fold", maintain_order=True)
        ),
    )
    weights = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=draws)
    scored, drawn = _r2(sums, np.ones((1, count)))[0], _r2(sums, weights.astype(np.float64))
    return Draws(split, names["representation"], names["label"], scored, drawn, count)


def _spread(table: pl.DataFrame, column: str, names: Mapping[str, Sequence[str]]) -> _Float:
    """A column summed over folds; (representations, labels, groups)."""
    values = np.zeros([len(of_key) for of_key in names.values()])
    places = tuple(
        table[key].replace_strict(of_key, range(len(of_key)), return_dtype=pl.Int64).to_numpy()
        for key, of_key in names.items()
    )
    np.add.at(values, places, table[column].to_numpy())
    return values


def _r2(sums: _Sums, weights: _Float) -> _Float:
    """1 − Σsse/Σsst with the groups weighted (draws, groups), about each fold's weighted mean; (draws, …)."""
    sse, sst = _weighted(weights, sums.sse), _weighted(weights, sums.sst)
    for n, deviation in sums.shared:
        sst -= _weighted(weights, deviation) ** 2 / np.maximum(_weighted(weights, n), 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(sst > 0, 1 - sse / sst, np.nan), np.float64)


def _weighted(weights: _Float, values: _Float) -> _Float:
    return np.asarray(np.tensordot(weights, values, axes=(1, 2)), np.float64)


def _means(draws: Draws, floor: float) -> tuple[_Float, _Float]:
    """Mean over the labels as scored (representations,) and in each draw (draws, representations)."""
    return _nanmean(np.maximum(draws.scored, floor)), _nanmean(np.maximum(draws.drawn, floor))


def _nanmean(values: _Float) -> _Float:
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known, values, 0.0).sum(axis=-1) / known.sum(axis=-1), np.float64)


def _interval(drawn: _Float, level: float) -> _Float:
    """Lower and upper end over the draws, the first axis; (2, …)."""
    tail = (1 - level) / 2
    return np.asarray(np.nanquantile(drawn, [tail, 1 - tail], axis=0), np.float64)


def _place(draws: Draws, representation: str) -> int:
    if representation not in draws.representations:
        raise BadInputError(
            f"{representation} was not scored in split {draws.split}; there are {', '.join(draws.representations)}."
        )
    return draws.representations.index(representation)
