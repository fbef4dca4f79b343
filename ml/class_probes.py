"""Class labels: what logistic regression and nearest neighbours tell from a representation, beside always guessing one.

Two kinds of class. A label's *quintile*: fifths of its values over the training rows of a fold, so that nothing of what
is held out sets the bounds. A *group's class*, such as the tier or region of a pixel's city: here whole cities are held
out, some of each class, for a probe that met other pixels of a city knows the city and with it the class. (Under E2 or
E3 the held-out region or tier would be a class never trained on.) Both are ours; so are the sizes below.

Logistic regression on features standardised by the training rows; C chosen by leaving out whole training groups.
Nearest neighbours: 10 by cosine on the features as they are, the majority among them. Rows are drawn, so that time is
bounded.
"""

import os
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits

from lake.errors import BadInputError
from ml.probes import FEWEST_ROWS, Benchmark, Fold
from ml.sampling import drawn

CLASSES = 5
NEIGHBOURS = 10
PENALTIES = (1e-3, 1e-2, 1e-1, 1.0)
"""C of the logistic regression, scikit-learn's inverse penalty."""
INNER_FOLDS = 3
MOST_ROWS = 2_000
"""Drawn of the training rows of a fold, and of those held out."""
CLASSIFIERS = ("logistic", "neighbours", "majority")

UNSEEN = "unseen groups"
"""Split of `group_folds`."""

FEWEST_GROUPS = 3  # of each class

_SCHEMA = {
    "split": pl.String, "fold": pl.String, "label": pl.String, "representation": pl.String, "classifier": pl.String,
    "accuracy": pl.Float64, "macro_f1": pl.Float64, "n": pl.Int64, "trained_on": pl.Int64, "c": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True)
class ClassFold:
    """Rows of one class problem.

    Attributes:
        split: As in the scores.
        name: As in the scores.
        label: Name of what is told.
        train: Rows to train on.
        test: Rows held out.
        classes: Class of each row of the table, −1 where unknown; (rows,).
        groups: Of each row of the table: left out whole when C is chosen; (rows,).
    """

    split: str
    name: str
    label: str
    train: NDArray[np.int64]
    test: NDArray[np.int64]
    classes: NDArray[np.int64]
    groups: NDArray[np.int64]


def quintile_folds(
    data: Benchmark, folds: Sequence[Fold], labels: Sequence[str] | None = None, seed: int = 0
) -> list[ClassFold]:
    """Fifths of labels under some folds.

    Args:
        data: Labels.
        folds: Of the benchmark; those of E1 are better gathered first (`pooled`), for a probe a city is dear.
        labels: Some of the benchmark's; all where none are named.
        seed: Of the rows drawn.
    """
    made = []
    for fold in folds:
        set_of_block = {block: number for number, blocks in enumerate(fold.train) for block in blocks}
        groups = np.array([set_of_block.get(number, -1) for number in range(len(data.block_city))])[data.block]
        for name in labels or data.labels:
            values = data.values[:, data.labels.index(name)]
            known = np.isfinite(values)
            train = np.flatnonzero(known & (groups >= 0))
            test = np.flatnonzero(known & np.isin(data.block, fold.test))
            if len(train) >= FEWEST_ROWS and len(test) >= FEWEST_ROWS:
                classes = quantile_classes(values, train)
                rows = drawn(train, MOST_ROWS, seed), drawn(test, MOST_ROWS, seed)
                made.append(ClassFold(fold.split, fold.name, name, *rows, classes, groups))
    return made


def group_folds(label: str, classes: ArrayLike, groups: ArrayLike, folds: int = 4, seed: int = 0) -> list[ClassFold]:
    """Classes of whole groups, each group held out once, with groups of every class left to train on.

    Args:
        label: Name, such as `tier`.
        classes: Of each row; one value a group; (rows,).
        groups: Of each row, such as its city; (rows,).
        folds: Fewer where the rarest class has fewer groups.
        seed: Of how groups are dealt and rows are drawn.

    Raises:
        BadInputError: A group has two classes, there is one class only, or a class has fewer than three groups.
    """
    from sklearn.model_selection import StratifiedKFold

    table = pl.DataFrame({"class": np.asarray(classes).astype(str), "group": np.asarray(groups).astype(str)})
    whole = table.unique().sort("group")
    if whole["group"].is_duplicated().any():
        name = whole.filter(pl.col("group").is_duplicated())["group"][0]
        raise BadInputError(f"{label} has several values in {name}: it must be the same in all rows of a group.")
    counts = whole["class"].value_counts().sort("count")
    if counts.height < 2 or counts["count"][0] < FEWEST_GROUPS:
        raise BadInputError(
            f"{label} has the classes {dict(counts.iter_rows())} (groups in each): at least two classes of "
            f"{FEWEST_GROUPS} groups are needed, of which one is held out and one left out to choose C."
        )
    codes = table["class"].replace_strict(sorted(counts["class"]), range(counts.height)).to_numpy()
    numbers = table["group"].replace_strict(list(whole["group"]), range(whole.height)).to_numpy()
    dealing = StratifiedKFold(min(folds, counts["count"][0]), shuffle=True, random_state=seed)
    made = []
    for number, (kept, held_out) in enumerate(dealing.split(np.zeros(whole.height), whole["class"].to_numpy())):
        train, test = (np.flatnonzero(np.isin(numbers, chosen)) for chosen in (kept, held_out))
        rows = drawn(train, MOST_ROWS, seed), drawn(test, MOST_ROWS, seed)
        made.append(ClassFold(UNSEEN, str(number), label, *rows, codes.astype(np.int64), numbers))
    return made


def pooled(data: Benchmark, folds: Sequence[Fold]) -> list[Fold]:
    """Folds within cities gathered into one probe for all: the first block of every city is held out, then the second.

    Args:
        data: The benchmark.
        folds: Of a split within cities (E1), in which every city has its own.
    """
    place: dict[int, int] = {}
    counted: dict[str, int] = {}
    for fold in folds:
        for block in fold.test:
            place[block] = counted.setdefault(data.block_city[block], 0)
        for city in {data.block_city[block] for block in fold.test}:
            counted[city] += 1
    gathered: dict[int, list[int]] = {}
    for block, number in place.items():
        gathered.setdefault(number, []).append(block)
    return [
        Fold(
            folds[0].split,
            f"block {number}",
            tuple(tuple(blocks) for other, blocks in sorted(gathered.items()) if other != number),
            tuple(gathered[number]),
        )
        for number in sorted(gathered)
    ]


def quantile_classes(values: NDArray[np.float64], train: NDArray[np.int64], count: int = CLASSES) -> NDArray[np.int64]:
    """Class of each value by quantiles of the training rows; −1 where it is unknown; (rows,).

    Fewer than `count` where many training values are the same.
    """
    bounds = np.unique(np.quantile(values[train], np.arange(1, count) / count))
    return np.where(np.isfinite(values), np.searchsorted(bounds, values), -1)


def probe_classes(representations: Mapping[str, NDArray[Any]], folds: Iterable[ClassFold]) -> pl.DataFrame:
    """Scores of every representation in every fold.

    Args:
        representations: Name to features of the table's rows, (rows, any width); a missing value becomes the column's
            training mean.
        folds: Of `quintile_folds` and `group_folds`.

    Returns:
        One row a `split`, `fold`, `label`, `representation` and `classifier` of `CLASSIFIERS`: `accuracy`, `macro_f1`
        over the classes that are held out, `n` rows held out, `trained_on` rows, and `c` of the logistic regression.
        Folds with one training class are left out; so is the logistic regression where no groups can be left out.
    """
    kept = [fold for fold in folds if len(np.unique(fold.classes[fold.train])) > 1]
    rows = []
    # lbfgs takes thousands of small products: threads inside each cost many times what they save
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, matrix in representations.items():
            for fold, results in zip(kept, pool.map(partial(_probe, matrix), kept), strict=True):
                keys = (fold.split, fold.name, fold.label, name)
                rows += [(*keys, *result) for result in results]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row").sort(list(_SCHEMA)[:5])


def summarise_classes(scores: pl.DataFrame) -> pl.DataFrame:
    """One row a `split`, `representation`, `label` and `classifier`: means over the folds by rows held out."""
    keys = ["split", "representation", "label", "classifier"]
    weighted = [
        ((pl.col(name) * pl.col("n")).sum() / pl.col("n").sum()).alias(name) for name in ("accuracy", "macro_f1")
    ]
    counts = pl.len().cast(pl.Int64).alias("folds"), pl.col("n").sum()
    return scores.group_by(keys, maintain_order=True).agg(*weighted, *counts).sort(keys)


def _probe(matrix: NDArray[Any], fold: ClassFold) -> list[tuple[Any, ...]]:
    """Classifier, accuracy, macro F1, rows and C of each classifier."""
    from sklearn.neighbors import KNeighborsClassifier

    train, test = _filled(matrix, fold.train, fold.test)
    told, truth = fold.classes[fold.train], fold.classes[fold.test]
    neighbours = KNeighborsClassifier(min(NEIGHBOURS, len(train)), metric="cosine", algorithm="brute")
    guesses: list[tuple[str, NDArray[np.int64], float | None]] = [
        ("neighbours", neighbours.fit(train, told).predict(test), None),
        ("majority", np.full(len(test), np.bincount(told).argmax()), None),
        *(("logistic", guess, c) for c, guess in _logistic(train, told, fold.groups[fold.train], test)),
    ]
    return [(name, *_agreement(truth, guess), len(test), len(train), c) for name, guess, c in guesses]


def _logistic(
    train: NDArray[np.float32], told: NDArray[np.int64], groups: NDArray[np.int64], test: NDArray[np.float32]
) -> Iterator[tuple[float, NDArray[np.int64]]]:
    """C, and the classes of the rows held out; nothing where no groups can be left out to choose it."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    model = Pipeline([("scale", StandardScaler()), ("logistic", LogisticRegression(max_iter=500, tol=1e-3))])
    folds = min(INNER_FOLDS, len(np.unique(groups)))
    if folds < 2:
        return
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)  # a class may lie in one group
        dealt = StratifiedGroupKFold(folds).split(train, told, groups)
        inner = [(kept, left_out) for kept, left_out in dealt if len(np.unique(told[kept])) > 1 and len(left_out)]
    if inner:
        search = GridSearchCV(model, {"logistic__C": list(PENALTIES)}, scoring="accuracy", cv=inner).fit(train, told)
        yield float(search.best_params_["logistic__C"]), np.asarray(search.predict(test), np.int64)


def _agreement(truth: NDArray[np.int64], guess: NDArray[np.int64]) -> tuple[float, float]:
    from sklearn.metrics import f1_score

    present = np.unique(truth)
    f1 = f1_score(truth, guess, labels=present, average="macro", zero_division=0.0)
    return float((truth == guess).mean()), float(f1)


def _filled(
    matrix: NDArray[Any], train: NDArray[np.int64], test: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Training and held-out rows with the training mean in place of missing values; float32."""
    left, right = matrix[train].astype(np.float32), matrix[test].astype(np.float32)
    known = np.isfinite(left)
    means = np.where(known, left, 0.0).sum(axis=0, dtype=np.float64) / np.maximum(known.sum(axis=0), 1)
    filled = (np.where(np.isfinite(part), part, means).astype(np.float32) for part in (left, right))
    return next(filled), next(filled)
