"""Scores of representations of a user's table: a linear probe for each label under each split, baselines beside."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from torch import Tensor

from lake.errors import BadInputError
from ml.batches import spread
from ml.class_probes import MOST_ROWS, ClassFold, probe_classes, summarise_classes
from ml.inference import run_network
from ml.intervals import Draws, bootstrap, label_intervals, mean_intervals, paired_differences
from ml.own_table.labels import Labels
from ml.own_table.plan import SplitPlan
from ml.preprocessing import Preprocessing
from ml.probes import FEWEST_ROWS, Benchmark, fold_scores, probe_groups, summarise
from ml.sampling import drawn
from ml.splits import tabular_benchmark

Float = NDArray[np.float32]
EMBEDDING, ALL_ROWS, RAW, PCA = "embedding", "embedding_all_rows", "raw_columns", "pca"
MAJORITY, FEATURES = "majority_class", "features"
TITLES = {
    EMBEDDING: "Embedding, trained without the held-out rows",
    ALL_ROWS: "Embedding, trained on all rows (no label)",
    RAW: "All columns as they are",
    PCA: "Principal components, as many",
    FEATURES: "The features as they are",
    MAJORITY: "The most frequent class",
}
FEWEST_SETS = 3
"""Sets of rows below which a bootstrap over them says nothing."""
_PCA_ROWS = 20_000
_SCORES = ("representation", "label", "measure", "value", "low", "high", "n")


@dataclass(frozen=True)
class Task:
    """Labels under one split, on the rows that the probes see.

    Attributes:
        plan: The split.
        rows: Numbers of these rows in the table.
        labels: Labels of these rows.
        benchmark: The quantities among them; None where there are none.
        groups: Set of each row, what is left out and drawn whole; (rows,).
        fold: Fold of each row; (rows,).
    """

    plan: SplitPlan
    rows: NDArray[np.int64]
    labels: Labels
    benchmark: Benchmark | None
    groups: NDArray[np.int64]
    fold: NDArray[np.int64]


def make_tasks(plans: Sequence[SplitPlan], labels: Labels, most: int, seed: int) -> list[Task]:
    """What is to be scored, checked before anything is trained.

    Args:
        plans: The splits.
        labels: Of all rows.
        most: Rows that the probes see: some of those with a label.
        seed: Of their draw.

    Raises:
        BadInputError: A label cannot be scored under a split.
    """
    rows = drawn(np.flatnonzero(labels.known.any(axis=1)), most, seed)
    seen = Labels(
        {name: values[rows] for name, values in labels.quantities.items()},
        {name: values.gather(rows) for name, values in labels.classes.items()},
    )
    tasks = []
    for plan in plans:
        groups = plan.left_out[rows]
        benchmark = tabular_benchmark(seen.quantities, [plan.split(rows)], groups) if seen.quantities else None
        task = Task(plan, rows, seen, benchmark, groups, plan.fold[rows])
        _check_classes(task)
        tasks.append(task)
    return tasks


def raw_columns(preprocessing: Preprocessing, raw: Float) -> Float:
    """All columns on the scale that the encoder sees, but for normalisation, which the probe does; (rows, columns)."""
    return run_network(preprocessing.transform, raw)


def principal_components(
    preprocessing: Preprocessing, raw: NDArray[np.float32], training: NDArray[np.int64], width: int
) -> Callable[[Tensor], Tensor]:
    """Leading principal components of normalised columns, missing values at their mean, fitted on training rows.

    Args:
        preprocessing: Fitted on training rows.
        raw: The whole table, maybe memory-mapped; (rows, columns).
        training: Rows that may be seen; at most 20,000 of them are, evenly spread.
        width: Components at most.

    Returns:
        Takes raw columns (n, columns), gives the components (n, ≤ width).
    """
    from sklearn import decomposition

    def normalised(batch: Tensor) -> Tensor:
        return preprocessing.standardise(batch).values

    sample = run_network(normalised, np.asarray(raw[spread(training, _PCA_ROWS)]))
    fitted = decomposition.PCA(min(width, *sample.shape), svd_solver="covariance_eigh").fit(sample)
    mean, axes = torch.from_numpy(fitted.mean_), torch.from_numpy(fitted.components_.T.copy())
    return lambda batch: (normalised(batch) - mean) @ axes


@dataclass(frozen=True)
class FoldScores:
    """Scores of some representations in some folds.

    Attributes:
        quantities: Of `ml.probes.probe_groups`.
        classes: Of `ml.class_probes.probe_classes`.
    """

    quantities: pl.DataFrame
    classes: pl.DataFrame


@dataclass(frozen=True)
class Outcome:
    """Scores under one split.

    Attributes:
        plan: The split.
        rows: Number of rows that the probes saw.
        scores: One row a `representation`, `label` and `measure`: `r2` of quantities; of classes `accuracy` and
            `macro_f1` of logistic regression, and `neighbours_accuracy`. `value`, its 95 % interval `low`, `high` by
            bootstrap over the sets (null for classes, and for fewer than three sets), `n` rows held out.
        means: One row a `representation`, over the quantities: `mean_r2`, `low`, `high`, `labels`.
        differences: `embedding` less each other representation in mean R²: `second`, `difference`, `low`, `high`.
        reconstruction: R² of each stream's reconstruction on held-out rows, mean over the folds.
    """

    plan: SplitPlan
    rows: int
    scores: pl.DataFrame
    means: pl.DataFrame
    differences: pl.DataFrame
    reconstruction: Mapping[str, float]


def score(features: Mapping[str, Float], task: Task, folds: Sequence[int]) -> FoldScores:
    """Scores of some representations of the task's rows in some folds, by their numbers."""
    names = [task.plan.folds[number] for number in folds]
    benchmark = task.benchmark
    quantities = pl.DataFrame()
    if benchmark is not None:
        quantities = probe_groups(features, benchmark, [fold for fold in benchmark.folds if fold.name in names])
    classes = [fold for number in folds for fold in _class_folds(task, number)]
    return FoldScores(quantities, probe_classes(features, classes) if classes else pl.DataFrame())


def gather(task: Task, parts: Sequence[FoldScores], reconstruction: Mapping[str, float], seed: int) -> Outcome:
    """The scores of a split out of those of its folds.

    Args:
        task: Labels and split.
        parts: Scores of its folds.
        reconstruction: R² of each stream on held-out rows.
        seed: Of the bootstrap.
    """
    tables, means, differences = [], pl.DataFrame(), pl.DataFrame()
    if task.benchmark is not None:
        groups = pl.concat([part.quantities for part in parts])
        draws = bootstrap(groups, seed=seed) if groups["group"].n_unique() >= FEWEST_SETS else []
        tables.append(_quantity_scores(groups, draws))
        if draws:
            present = groups["representation"].unique().to_list()
            others = [(EMBEDDING, name) for name in order(present) if EMBEDDING in present and name != EMBEDDING]
            means, differences = mean_intervals(draws), paired_differences(draws, others) if others else differences
    if task.labels.classes:
        tables.append(_class_scores(pl.concat([part.classes for part in parts if part.classes.height])))
    scores = pl.concat([table.select(pl.lit(task.plan.name).alias("split"), *_SCORES) for table in tables])
    return Outcome(task.plan, len(task.rows), scores, means, differences, reconstruction)


def _quantity_scores(groups: pl.DataFrame, draws: Sequence[Draws]) -> pl.DataFrame:
    scores = summarise(fold_scores(groups)).rename({"r2": "value"}).with_columns(measure=pl.lit("r2"))
    if not draws:
        return scores.with_columns(pl.lit(None, pl.Float64).alias(name) for name in ("low", "high"))
    intervals = label_intervals(draws).select("representation", "label", "low", "high")
    return scores.join(intervals, on=("representation", "label"), how="left", maintain_order="left")


def _class_scores(classes: pl.DataFrame) -> pl.DataFrame:
    """Logistic regression and neighbours of each representation, and once the majority class."""
    summary = summarise_classes(classes)
    logistic, neighbours = summary.filter(classifier="logistic"), summary.filter(classifier="neighbours")
    guessed = summary.filter(classifier="majority").unique("label", keep="first", maintain_order=True)
    parts = [
        logistic.with_columns(pl.col("accuracy").alias("value"), measure=pl.lit("accuracy")),
        guessed.with_columns(
            pl.col("accuracy").alias("value"), measure=pl.lit("accuracy"), representation=pl.lit(MAJORITY)
        ),
        logistic.with_columns(pl.col("macro_f1").alias("value"), measure=pl.lit("macro_f1")),
        neighbours.with_columns(pl.col("accuracy").alias("value"), measure=pl.lit("neighbours_accuracy")),
    ]
    return pl.concat(parts).with_columns(pl.lit(None, pl.Float64).alias(name) for name in ("low", "high"))


def _class_folds(task: Task, number: int) -> list[ClassFold]:
    """The class labels under one fold, where enough rows and two classes to train on are known."""
    made = []
    for label, classes in task.labels.classes.items():
        codes = classes.rank("dense").cast(pl.Int64).fill_null(0).to_numpy() - 1
        known, held_out = codes >= 0, task.fold == number
        train, test = np.flatnonzero(known & ~held_out), np.flatnonzero(known & held_out)
        if len(test) >= FEWEST_ROWS and len(np.unique(codes[train])) > 1:
            rows = drawn(train, MOST_ROWS, number), drawn(test, MOST_ROWS, number)
            made.append(ClassFold(task.plan.name, task.plan.folds[number], label, *rows, codes, task.groups))
    return made


def _check_classes(task: Task) -> None:
    found = {fold.label for number, *_ in task.plan.held_out() for fold in _class_folds(task, number)}
    if lacking := sorted(set(task.labels.classes) - found):
        raise BadInputError(
            f"The label {lacking[0]} cannot be scored {task.plan.name}: one fold at least needs {FEWEST_ROWS} labelled "
            "rows held out and two classes to train on."
        )


def order(representations: Sequence[str]) -> list[str]:
    """Names in the order of reports."""
    known = [name for name in TITLES if name in representations]
    return known + sorted(name for name in representations if name not in TITLES)
