"""Dimensionality diagnostics: distance concentration, manifold effect and hubs of every representation and metric.

What is reported follows arXiv 2401.00422 (relative contrast, skew of the principal components) and the sources named in
`ml.diagnostics.geometry`; that each is set beside how well neighbours tell the labels is ours. A larger contrast does
not imply better neighbours, and `Dimensionality.agreement` measures whether it does here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import spearmanr

from lake.errors import BadInputError
from ml.diagnostics import geometry, knn
from ml.diagnostics.distances import METRICS, Float, Neighbourhoods, neighbourhoods
from ml.diagnostics.markdown import markdown_table
from ml.diagnostics.sample import Sample, draw

ROWS = 2_000
NEIGHBOURS = 10
_DRAWS = 1_000
_LOOKING = 500  # of shuffled rows, which are alike: their median needs no more
_TOP = 10  # leading principal components whose share is reported


@dataclass(frozen=True)
class Dimensionality:
    """What was measured.

    Attributes:
        metrics: A row a `representation` and `metric`: `width`, `contrast`, `shuffled` (the contrast once every column
            is shuffled by itself: same width, same values, no structure), `spread`, `cv`, `hub_skewness`, `antihubs`,
            `skill` (mean over the labels; null without labels) with its interval `low`, `high`.
        shapes: A row a representation: `width`, `bytes` a row, `top_1`, `top_10` (share of the leading components in
            the variance), `for_90` (components for 90 % of it), `participation`, `two_nn`, `mle`.
        labels: A row a representation, metric and `label`: `skill`, and `accuracy` of classes.
        spectra: Representation to shares of the principal components.
        draws: Representation and metric to mean skill under each draw of one common bootstrap; (draws,).
        agreement: Spearman's correlation of contrast with skill over all rows of `metrics`; NaN without labels.
        rows: Rows looked at.
        groups: Groups among them, 0 for none.
        neighbours: k.
        origin: Where the data come from.
    """

    metrics: pl.DataFrame
    shapes: pl.DataFrame
    labels: pl.DataFrame
    spectra: Mapping[str, Float]
    draws: Mapping[tuple[str, str], Float]
    agreement: float
    rows: int
    groups: int
    neighbours: int
    origin: str

    def to_markdown(self) -> str:
        """The tables, and how they were made."""
        elsewhere = f" in the other {self.groups - 1} groups" if self.groups else ""
        return "\n\n".join(
            [
                f"{self.rows:,} rows, each with its {self.neighbours} nearest{elsewhere}; "
                f"intervals: 95 %, bootstrap over {'groups' if self.groups else 'rows'}. {self.origin}",
                markdown_table(self.metrics, {"contrast": 2, "shuffled": 2, "hub_skewness": 2}),
                markdown_table(self.shapes, {"participation": 1, "two_nn": 1, "mle": 1}),
            ]
        )


def study_dimensionality(
    representations: Mapping[str, NDArray[Any]],
    labels: Mapping[str, NDArray[Any]],
    groups: Sequence[Any] | NDArray[Any] | None = None,
    *,
    origin: str,
    metrics: Sequence[str] = tuple(METRICS),
    rows: int = ROWS,
    neighbours: int = NEIGHBOURS,
    seed: int = 0,
) -> Dimensionality:
    """Measures every representation under every metric on a sample of rows.

    Time grows with rows² × width; memory with rows × width, whatever the table holds.

    Args:
        representations: Name to matrix (n, width), NaN where missing; int8 is taken as AlphaEarth's codes. See
            `ml.diagnostics.sample.released_forms`.
        labels: Name to values (n,): floats are quantities, whole numbers and strings classes. May be empty.
        groups: Group of each row (its city). Neighbours are then rows of other groups: within a city the nearest are
            the pixels next door and the same pixel in another year, and any representation finds these.
        origin: Sentence on where the data come from.
        metrics: Some of `ml.diagnostics.distances.METRICS`.
        rows: At most so many rows are looked at.
        neighbours: k, of the hubs and of the prediction.
        seed: Of the sample, the shuffle and the bootstrap.

    Raises:
        BadInputError: Nothing to look at, lengths differ, too few rows or neighbours, an unknown metric, or one group.
    """
    if neighbours < 2:
        raise BadInputError(f"Hubs and intrinsic dimension need at least 2 neighbours, not {neighbours}.")
    unknown = [metric for metric in metrics if metric not in METRICS]
    if unknown:
        raise BadInputError(f"No metric is called {', '.join(unknown)}; there are {', '.join(METRICS)}.")
    sample = draw(representations, labels, groups, rows, seed)
    cells, told, draws = _cells(sample, metrics, neighbours, seed)
    contrast, skill = cells["contrast"].to_numpy(), cells["skill"].cast(pl.Float64).to_numpy()
    known = np.isfinite(contrast) & np.isfinite(skill)
    spectra = {name: geometry.variance_shares(points) for name, points in sample.points.items()}
    return Dimensionality(
        metrics=cells,
        shapes=pl.DataFrame([_shape(sample, name, spectra[name], neighbours) for name in sample.points]),
        labels=told,
        spectra=spectra,
        draws=draws,
        agreement=_rank_correlation(contrast[known], skill[known]),
        rows=len(sample.rows),
        groups=0 if sample.groups is None else len(np.unique(sample.groups)),
        neighbours=neighbours,
        origin=origin,
    )


def _cells(
    sample: Sample, metrics: Sequence[str], neighbours: int, seed: int
) -> tuple[pl.DataFrame, pl.DataFrame, dict[tuple[str, str], Float]]:
    units = np.arange(len(sample.rows)) if sample.groups is None else sample.groups
    count = int(units.max()) + 1
    weights = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=_DRAWS).astype(np.float64)
    cells: list[dict[str, Any]] = []
    told: list[dict[str, Any]] = []
    draws: dict[tuple[str, str], Float] = {}
    for name, points in sample.points.items():
        shuffled = np.random.default_rng(seed).permuted(points, axis=0)
        for metric in metrics:
            around = neighbourhoods(points, metric, neighbours, sample.groups)
            cost, scale = knn.losses(knn.predictions(around.nearest, sample.labels), sample.labels, sample.groups)
            each = knn.skill(cost, scale)
            cell: dict[str, Any] = {"representation": name, "metric": metric, "width": points.shape[1]}
            cell |= _measures(around, neighbourhoods(shuffled, metric, 1, looking=_LOOKING))
            cell |= {"skill": None, "low": None, "high": None}
            if np.isfinite(each).any():
                draws[name, metric] = knn.skill_draws(_by_unit(cost, units), _by_unit(scale, units), weights)
                low, high = np.quantile(draws[name, metric], (0.025, 0.975))
                cell |= {"skill": float(np.nanmean(each)), "low": float(low), "high": float(high)}
            cells.append(cell)
            told += _told(name, metric, sample, cost, each)
    schema = {"skill": pl.Float64, "low": pl.Float64, "high": pl.Float64}
    names = ("representation", "metric", "label", "skill", "accuracy")
    told_schema = {name: pl.String() if place < 3 else pl.Float64() for place, name in enumerate(names)}
    return pl.DataFrame(cells, schema_overrides=schema), pl.DataFrame(told, schema=told_schema), draws


def _measures(around: Neighbourhoods, shuffled: Neighbourhoods) -> dict[str, float]:
    return {
        "contrast": geometry.relative_contrast(around),
        "shuffled": geometry.relative_contrast(shuffled),
        "spread": geometry.spread(around),
        "cv": geometry.variation(around),
        "hub_skewness": geometry.hub_skewness(around),
        "antihubs": geometry.antihub_share(around),
    }


def _told(name: str, metric: str, sample: Sample, cost: Float, each: Float) -> list[dict[str, Any]]:
    rows = []
    for index, (label, values) in enumerate(sample.labels.items()):
        is_class = values.dtype == np.int64
        accuracy = 1 - cost[values >= 0, index].mean() if is_class and (values >= 0).any() else None
        rows.append({
            "representation": name, "metric": metric, "label": label,
            "skill": float(each[index]) if np.isfinite(each[index]) else None, "accuracy": accuracy,
        })  # fmt: skip
    return rows


def _shape(sample: Sample, name: str, shares: Float, neighbours: int) -> dict[str, Any]:
    points = sample.points[name]
    around = neighbourhoods(points, "euclidean", neighbours, sample.groups)
    return {
        "representation": name,
        "width": points.shape[1],
        "bytes": sample.stored[name],
        "top_1": float(shares[0]),
        f"top_{_TOP}": float(shares[:_TOP].sum()),
        "for_90": geometry.components_for(shares, 0.9),
        "participation": geometry.participation_ratio(shares),
        "two_nn": geometry.two_nn(around, sample.groups),
        "mle": geometry.maximum_likelihood(around),
    }


def _rank_correlation(a: Float, b: Float) -> float:
    """NaN where there are fewer than three pairs, or either does not vary."""
    if len(a) < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(spearmanr(a, b).statistic)


def _by_unit(values: Float, units: NDArray[np.int64]) -> Float:
    return np.column_stack([np.bincount(units, column) for column in values.T]) if values.shape[1] else values
