"""Five challenges of high-dimensional data, and what growing width costs regression, classification and clustering.

The abstract of arXiv 2401.00422 says that there are five and names what they touch: internal and boundary patterns,
distances that concentrate, redundant features, variance skewed towards few components, and the failure of the three
tasks. Which five are measured here, and by what, is ours (`CHALLENGES`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from ml.diagnostics import geometry, knn
from ml.diagnostics.distances import Float, neighbourhoods
from ml.diagnostics.markdown import markdown_table
from ml.diagnostics.settings import BLOBS, Data, Setting
from ml.ridge import Paths, features, moments

CHALLENGES: Mapping[str, str] = {
    "sparsity": "the nearest is as far as the average: nearest / mean distance",
    "boundary": "all is edge: rows in the outer 1 % of some dimension",
    "concentration": "far is as near as near: (Dmax − Dmin) / Dmin",
    "redundancy": "idle dimensions: 1 − participation ratio / width",
    "overfitting": "least squares: training R² − test R²",
}
"""Name to what is measured. Least contrast, and most of the others, is worst."""
TASKS: Mapping[str, str] = {
    "regression_knn": "regression, 10 neighbours (R²)",
    "regression_ridge": "regression, ridge (R²)",
    "classification_knn": "classification, 10 neighbours (skill)",
    "classification_ridge": "classification, ridge (skill)",
    "clustering_kmeans": "clustering, k-means (adjusted Rand)",
}
"""Name to task, method and score; 1 is perfect and 0 useless in all."""
ROWS = 1_000
_EDGE = 0.01
_NEIGHBOURS = 10
_INNER = 5  # sets of groups, each left out in turn to choose the ridge's penalty
_FLOOR = -1.0  # a test R² below it counts as it: least squares near width = rows has no bottom


@dataclass(frozen=True)
class Challenges:
    """What was measured.

    Attributes:
        table: A row a `setting`, `width` and `measure` (of `CHALLENGES` and `TASKS`): `mean` and `sd` over the draws.
        rows: Rows a draw; half of them train.
        draws: Draws.
        origin: Where the table's data come from; the synthetic settings are made up by definition.
    """

    table: pl.DataFrame
    rows: int
    draws: int
    origin: str

    def losses(self) -> pl.DataFrame:
        """What each task loses by width, a row a setting and task: `best` and at which width, `widest`, and `lost`."""
        rows = []
        for (setting, measure), part in self._by("setting", "measure"):
            if measure in TASKS:
                best, widest = part.sort("mean", descending=True).to_dicts()[0], part.sort("width").to_dicts()[-1]
                rows.append({
                    "setting": setting, "task": TASKS[str(measure)], "best": best["mean"], "best_width": best["width"],
                    "widest": widest["mean"], "width": widest["width"], "lost": best["mean"] - widest["mean"],
                })  # fmt: skip
        return pl.DataFrame(rows)

    def to_markdown(self) -> str:
        """A table a setting with a line a width, then what was lost."""
        parts = [f"{self.rows:,} rows (half train, half test), mean of {self.draws} draws. {self.origin}"]
        for (setting,), part in self._by("setting"):
            wide = part.pivot(on="measure", index="width", values="mean", maintain_order=True)
            parts += [f"**{setting}**", markdown_table(wide)]
        return "\n\n".join([*parts, "**Lost between the best width and the widest**", markdown_table(self.losses())])

    def _by(self, *keys: str) -> Iterator[tuple[tuple[object, ...], pl.DataFrame]]:
        return iter(self.table.group_by(*keys, maintain_order=True))


def study_challenges(settings: Sequence[Setting], *, origin: str, draws: int = 3, seed: int = 0) -> Challenges:
    """Measures the challenges and the three tasks in every setting, at every width.

    Args:
        settings: See `ml.diagnostics.settings`.
        origin: Sentence on where the data come from.
        draws: Each with other rows, or other made-up data, and another split.
        seed: Of the first draw.

    Raises:
        BadInputError: Too few rows in a table.
    """
    found = []
    largest = 0
    for setting in settings:
        for width in setting.widths:
            for draw in range(draws):
                data = setting.make(width, seed + draw)
                largest = max(largest, len(data.points))
                measures = _challenges(data, seed + draw) | _tasks(data, seed + draw)
                found += [
                    {"setting": setting.name, "width": width, "measure": name, "value": value}
                    for name, value in measures.items()
                ]
    table = (
        pl.DataFrame(found)
        .group_by("setting", "width", "measure", maintain_order=True)
        .agg(pl.col("value").mean().alias("mean"), pl.col("value").std(ddof=0).alias("sd"))
    )
    return Challenges(table, largest, draws, origin)


def _challenges(data: Data, seed: int) -> dict[str, float]:
    points = data.points
    around = neighbourhoods(points, "euclidean", 1, data.groups)
    low, high = np.quantile(points, (_EDGE, 1 - _EDGE), axis=0)
    shares = geometry.variance_shares(points)
    return {
        "sparsity": float(np.median(around.distance[:, 0]) / around.mean.mean()),
        "boundary": float(((points < low) | (points > high)).any(axis=1).mean()),
        "concentration": geometry.relative_contrast(around),
        "redundancy": 1 - geometry.participation_ratio(shares) / points.shape[1],
        "overfitting": _overfitting(data, _halves(data, seed)),
    }


def _tasks(data: Data, seed: int) -> dict[str, float]:
    train = _halves(data, seed)
    labels = {f"quantity {i}": values for i, values in enumerate(data.targets.T)}
    labels |= {f"class {i}": values for i, values in enumerate(data.classes.T)}
    predicted = {
        "knn": knn.predictions(_nearest_of(data.points, train), labels),
        "ridge": _ridge(data, train, seed),
    }
    quantities = data.targets.shape[1]
    scores = {}
    for method, told in predicted.items():
        cost, scale = knn.losses(told, labels, data.groups)
        each = knn.skill(cost[~train], scale[~train])
        scores[f"regression_{method}"] = _mean_of_known(each[:quantities])
        scores[f"classification_{method}"] = _mean_of_known(each[quantities:])
    clusters = KMeans(BLOBS, n_init=10, random_state=seed + 1).fit_predict(data.blobs)
    scores["clustering_kmeans"] = float(adjusted_rand_score(data.clusters, clusters))
    return {name: scores[name] for name in TASKS}


def _mean_of_known(scores: Float) -> float:
    known = scores[np.isfinite(scores)]
    return float(known.mean()) if len(known) else float("nan")


def _halves(data: Data, seed: int) -> NDArray[np.bool_]:
    """True for rows that train: half of the groups, drawn at random, or half of the rows."""
    units = _units(data)
    drawn = np.random.default_rng(seed).permutation(int(units.max()) + 1)
    return np.isin(units, drawn[: len(drawn) // 2])


def _units(data: Data) -> NDArray[np.int64]:
    return np.arange(len(data.points)) if data.groups is None else data.groups


def _nearest_of(points: Float, train: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The nearest training rows of every row, nearest first; (n, k)."""
    rows = np.flatnonzero(train)
    distances = cdist(points, points[rows])
    order = np.argsort(distances, axis=1, kind="stable")[:, :_NEIGHBOURS]
    return np.asarray(rows[order], np.int64)


def _ridge(data: Data, train: NDArray[np.bool_], seed: int) -> dict[str, NDArray[Any]]:
    """Targets, and classes by the largest of their indicators, fitted on the training rows."""
    units = _units(data)
    inner = np.random.default_rng(seed).permutation(int(units.max()) + 1) % _INNER
    sets = [np.flatnonzero(train & (inner[units] == part)) for part in range(_INNER)]
    X, Y = features(data.points), np.hstack([data.targets, *_indicators(data)])
    sums = {part: moments(X, Y, rows) for part, rows in enumerate(sets) if len(rows)}
    fit = Paths(sums).choose_and_fit([[part] for part in sums])
    told = data.points @ fit.coefficients + fit.intercept
    quantities = data.targets.shape[1]
    predicted: dict[str, NDArray[Any]] = {f"quantity {i}": told[:, i] for i in range(quantities)}
    ends = np.cumsum([quantities, *(indicator.shape[1] for indicator in _indicators(data))])
    for index, (start, end) in enumerate(pairwise(ends)):
        predicted[f"class {index}"] = told[:, start:end].argmax(axis=1).astype(np.int64)
    return predicted


def _indicators(data: Data) -> list[Float]:
    """One column a class of each label; (n, classes) each."""
    return [(values[:, None] == np.arange(int(values.max()) + 1)).astype(np.float64) for values in data.classes.T]


def _overfitting(data: Data, train: NDArray[np.bool_]) -> float:
    """Of the quantities, or of the classes' indicators where there are none."""
    Y = data.targets if data.targets.shape[1] else np.hstack(_indicators(data))
    middle, level = data.points[train].mean(axis=0), Y[train].mean(axis=0)
    fitted = np.linalg.lstsq(data.points[train] - middle, Y[train] - level, rcond=None)[0]
    told = (data.points - middle) @ fitted + level
    cost, scale = knn.losses(_named(told), _named(Y), data.groups)
    within, outside = knn.skill(cost[train], scale[train]), knn.skill(cost[~train], scale[~train])
    return _mean_of_known(np.maximum(within, _FLOOR) - np.maximum(outside, _FLOOR))


def _named(columns: Float) -> dict[str, Float]:
    return {str(index): values for index, values in enumerate(columns.T)}
