"""CHN-Econ: how well a linear probe reads each label out of a representation, under three splits (docs/methods.md).

E1 holds spatial blocks out inside each city, a probe a city. E2 leaves a region out, E3 a tier. Everything that a probe
fits (scalers, the penalty) comes from its training rows only, and the penalty is chosen by leaving whole training
cities out (whole blocks in E1): chosen over pixels, a probe looks good inside the training cities and fails outside.
`probe_groups` reports both choices side by side, so that anybody can see it.

Tables without cities are probed in the same way: `ml.splits` makes a benchmark of plain arrays.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from lake.errors import BadInputError
from lake.partition_io import HASH_KEY, Lake
from ml.dataset import LABELS_DATASET, StreamTable, load_labels
from ml.ridge import ALPHAS, Features, Fit, Moments, Paths, features, known_moments, label_sets, moments

CHOICES = ("groups", "rows")
"""How a penalty is chosen: by leaving out whole training groups (cities), or, to compare with, a pixel at a time."""

KEYS = ("city", "year", "pixel")
SPLIT_DATASETS = {"E1": "labels/split_e1", "E2": "labels/split_e2", "E3": "labels/split_e3"}
FEWEST_ROWS = 20
"""A fold with fewer labelled rows held out has no R² worth telling (ours)."""
MOST_BYTES = 4 * 2**30
"""What the moments of all blocks may take."""
_CONSTANT = 1e-12  # a label that does not vary in a fold has no R²; relative to its mean square
_SCHEMA = {
    "split": pl.String, "fold": pl.String, "label": pl.String, "representation": pl.String,
    "r2": pl.Float64, "n": pl.Int64, "alpha": pl.Float64, "sse": pl.Float64, "sst": pl.Float64,
}  # fmt: skip
_FOLD_SCHEMA = {
    "choice": pl.String, "split": pl.String, "fold": pl.String, "group": pl.String, "label": pl.String,
    "n": pl.Int64, "alpha": pl.Float64, "sse": pl.Float64, "sst": pl.Float64, "deviation": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True)
class Fold:
    """Blocks held out together.

    Attributes:
        split: `E1`, `E2` or `E3`; any name in a table of one's own.
        name: Such as `West`, `tier 2` or `wuhan block 3`.
        train: Training blocks in the sets (a city's, or one block) that are left out whole to choose the penalty.
        test: Blocks held out.
    """

    split: str
    name: str
    train: tuple[tuple[int, ...], ...]
    test: tuple[int, ...]


@dataclass(frozen=True)
class Benchmark:
    """Labels and splits, row by row with a stream table.

    Attributes:
        labels: Names of the labels.
        values: On the catalogue's scale, NaN where unknown; float64 (rows, labels).
        block: Number of the block of each row: the pixels of one city in one fold of E1; (rows,).
        block_city: City of each block; in a table of one's own its group, whatever the rows are gathered by.
        folds: Of all splits.
    """

    labels: tuple[str, ...]
    values: NDArray[np.float64]
    block: NDArray[np.int64]
    block_city: tuple[str, ...]
    folds: tuple[Fold, ...]

    def training_cities(self, fold: Fold) -> tuple[str, ...]:
        """The cities of which some block is trained on, sorted."""
        return tuple(sorted({self.block_city[block] for blocks in fold.train for block in blocks}))

    def rows_in(self, blocks: Iterable[int]) -> NDArray[np.int64]:
        """Rows of some blocks, ascending."""
        return np.flatnonzero(np.isin(self.block, list(blocks)))

    def rows_of(self, fold: Fold) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows that a fold trains on, and rows that it holds out."""
        return self.rows_in(block for blocks in fold.train for block in blocks), self.rows_in(fold.test)


def load_benchmark(lake: Lake, data: StreamTable) -> Benchmark:
    """Labels and splits out of the lake for the rows of a stream table.

    Raises:
        PartitionMissingError: The label tables were never built.
        BadInputError: See `benchmark`.
    """
    splits = {name: lake.read_table(dataset) for name, dataset in SPLIT_DATASETS.items()}
    return benchmark(data.keys, load_labels(lake), splits)


def benchmark_version(lake: Lake) -> str:
    """The content hashes of the label and split tables, in one line."""
    names = (LABELS_DATASET, *SPLIT_DATASETS.values())
    return " ".join(lake.table_metadata(name).get(HASH_KEY, "missing") for name in names)


def benchmark(keys: pl.DataFrame, labels: pl.DataFrame, splits: Mapping[str, pl.DataFrame]) -> Benchmark:
    """Labels and folds in the order of the keys.

    Args:
        keys: `city`, `year`, `pixel`.
        labels: The same columns and one Float64 column a label.
        splits: `E1`: `city`, `pixel`, `fold`; `E2` and `E3`: `city`, `fold`.

    Raises:
        BadInputError: No row of the keys has any label, or a city or pixel has no fold, or two.
    """
    names = tuple(column for column in labels.columns if column not in KEYS)
    key_types = {"city": pl.String, "year": pl.Int32, "pixel": pl.UInt32}
    keys = keys.select(pl.col(name).cast(dtype) for name, dtype in key_types.items())
    labels = labels.with_columns(pl.col(name).cast(dtype) for name, dtype in key_types.items())
    joined = keys.join(labels, on=KEYS, how="left", maintain_order="left")
    values = joined.select(pl.col(names).cast(pl.Float64).fill_null(float("nan"))).to_numpy()
    if not np.isfinite(values).any():
        raise BadInputError(f"No pixel of the streams has a label in {LABELS_DATASET}: build the labels again.")
    dealt = _fold_of(keys, splits["E1"].with_columns(pl.col("pixel").cast(pl.UInt32)), ("city", "pixel"), "E1")
    blocks = keys.select("city").with_columns(pl.Series("fold", dealt)).unique().sort("city", "fold")
    numbered = blocks.with_row_index("block").with_columns(pl.col("block").cast(pl.Int64))
    block = keys.select("city").with_columns(pl.Series("fold", dealt))
    block = block.join(numbered, on=("city", "fold"), how="left", maintain_order="left")
    folds = _folds_in_cities(numbered)
    for name, prefix in (("E2", ""), ("E3", "tier ")):
        folds += _folds_of_cities(numbered, _fold_of(numbered, splits[name], ("city",), name), name, prefix)
    return Benchmark(names, values, block["block"].to_numpy(), tuple(numbered["city"]), tuple(folds))


def probe(
    representations: Mapping[str, NDArray[Any]],
    data: Benchmark,
    folds: Sequence[Fold],
    alphas: Sequence[float] = ALPHAS,
) -> pl.DataFrame:
    """Probes every representation for every label in some folds.

    Args:
        representations: Name to features, (rows, any width); a missing value becomes the column's training mean.
        data: Labels of the same rows.
        folds: Some of the benchmark's folds.
        alphas: Penalties to choose from.

    Returns:
        One row a `split`, `fold`, `label` and `representation`, with `r2` (about the fold's own mean), `n` (rows held
        out), `alpha`, and the sums `sse` and `sst` that R² is made of. Folds with too few rows are left out.

    Raises:
        BadInputError: See `probe_groups`.
    """
    return fold_scores(probe_groups(representations, data, folds, alphas)).drop("choice")


def probe_groups(
    representations: Mapping[str, NDArray[Any]],
    data: Benchmark,
    folds: Sequence[Fold],
    alphas: Sequence[float] = ALPHAS,
    choices: Sequence[str] = ("groups",),
) -> pl.DataFrame:
    """The same, a row a group (city) that is held out, and for each way to choose the penalty.

    Args:
        representations: As for `probe`.
        data: As for `probe`.
        folds: As for `probe`.
        alphas: As for `probe`.
        choices: Of `CHOICES`.

    Returns:
        One row a `choice`, `split`, `fold`, `group`, `label` and `representation`, with `n`, `alpha`, `sse`, `sst` (of
        the group's rows, about the fold's mean) and `deviation`, the sum of the group's labels less the fold's mean:
        what `ml.intervals` needs to score any resample of the groups.

    Raises:
        BadInputError: A representation has another number of rows, or the blocks are too many for its width.
    """
    needed = sorted({block for fold in folds for blocks in (*fold.train, fold.test) for block in blocks})
    for name, matrix in representations.items():
        _check_size(name, matrix, data, len(needed))
    known = np.isfinite(data.values)
    middle = np.where(known, data.values, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    Y = data.values - middle  # sums about a point near the mean lose no digits
    rows_of = _rows_by_block(data.block, needed)
    tables = [pl.DataFrame(schema={"representation": pl.String, **_FOLD_SCHEMA})]
    # Many small matrices: one thread a fold is twice as fast as many threads a matrix, and sums are the same anywhere.
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, matrix in representations.items():
            problems = _problems(features(matrix), Y, rows_of, pool)
            tasks = [
                pool.submit(_probe_fold, problem, fold, data, alphas, choices) for problem in problems for fold in folds
            ]
            rows = [row for task in tasks for row in task.result()]
            table = pl.DataFrame(rows, schema=_FOLD_SCHEMA, orient="row")
            tables.append(table.select(pl.lit(name).alias("representation"), *_FOLD_SCHEMA))
    return pl.concat(tables).sort("choice", "split", "representation", "label", "fold", "group")


def fold_scores(groups: pl.DataFrame) -> pl.DataFrame:
    """The table of `probe_groups` summed over the groups of each fold: as `probe` gives, with `choice` in front."""
    keys = ("choice", "split", "fold", "label", "representation")
    summed = groups.group_by(keys, maintain_order=True).agg(pl.col("alpha").first(), pl.col("n", "sse", "sst").sum())
    scored = summed.with_columns((1 - pl.col("sse") / pl.col("sst")).alias("r2"))
    return scored.select("choice", *_SCHEMA).sort("choice", "split", "representation", "label", "fold")


def summarise(scores: pl.DataFrame) -> pl.DataFrame:
    """One row a `split`, `representation` and `label`: `r2` over all folds, 1 − Σsse/Σsst, and `folds` and `n`.

    Variance is taken about each fold's own mean, so that telling cities apart earns nothing. Where the scores have a
    `choice`, each has its rows.
    """
    keys = [key for key in ("choice", "split", "representation", "label") if key in scores.columns]
    return (
        scores.group_by(keys, maintain_order=True)
        .agg(
            (1 - pl.col("sse").sum() / pl.col("sst").sum()).alias("r2"),
            pl.len().cast(pl.Int64).alias("folds"),
            pl.col("n").sum().alias("n"),
        )
        .sort(keys)
    )


@dataclass(frozen=True)
class _Problem:
    """Labels that are known for the same rows, with one representation.

    Attributes:
        X: Features of all rows.
        Y: The labels, NaN where unknown; (rows, k).
        labels: Their places among all labels.
        rows_of: The rows of each block for which they are known.
        parts: Moments of these.
        paths: Ridge solutions on unions of blocks, shared by all folds.
    """

    X: Features
    Y: NDArray[np.float64]
    labels: Sequence[int]
    rows_of: Mapping[int, NDArray[np.int64]]
    parts: Mapping[int, Moments]
    paths: Paths


def _problems(
    X: Features, Y: NDArray[np.float64], rows_of: Mapping[int, NDArray[np.int64]], pool: ThreadPoolExecutor
) -> list[_Problem]:
    known = np.isfinite(Y)
    sums = pool.map(partial(moments, X, np.where(known, Y, 0.0)), rows_of.values())
    wholes = dict(zip(rows_of, sums, strict=True))
    problems = []
    for labels in label_sets(Y):
        there = known[:, labels[0]]
        parts = {block: known_moments(wholes[block], X, Y, rows, labels) for block, rows in rows_of.items()}
        found = {block: rows[there[rows]] for block, rows in rows_of.items()}
        problems.append(_Problem(X, Y[:, labels], labels, found, parts, Paths(parts)))
    return problems


def _probe_fold(
    problem: _Problem, fold: Fold, data: Benchmark, alphas: Sequence[float], choices: Sequence[str]
) -> list[tuple[Any, ...]]:
    """Rows of the table of `probe_groups`, but for the representation."""
    train = [kept for blocks in fold.train if (kept := [block for block in blocks if problem.parts[block].rows])]
    held_out = problem.paths.total(fold.test)
    if held_out.rows < FEWEST_ROWS or len(train) < 2:
        return []
    varies = held_out.sst > _CONSTANT * np.maximum(held_out.yy, 1e-300)
    groups: dict[str, list[int]] = {}
    for block in fold.test:
        if problem.parts[block].rows:
            groups.setdefault(data.block_city[block], []).append(block)
    results: list[tuple[Any, ...]] = []
    for choice in choices:
        fit = _fit(problem, train, alphas, choice)
        for group, blocks in groups.items():
            part = problem.paths.total(blocks)
            sst, deviation = _about(part, held_out.y / held_out.rows)
            values = np.stack([fit.alpha, fit.squared_error(part), sst, deviation], axis=1)
            results += [
                (choice, fold.split, fold.name, group, data.labels[problem.labels[i]], part.rows, *values[i].tolist())
                for i in np.flatnonzero(varies).tolist()
            ]
    return results


def _fit(problem: _Problem, train: Sequence[Sequence[int]], alphas: Sequence[float], choice: str) -> Fit:
    if choice == "groups":
        return problem.paths.choose_and_fit(train, alphas)
    rows = np.concatenate([problem.rows_of[block] for blocks in train for block in blocks])
    return problem.paths.choose_over_rows_and_fit(train, problem.X, problem.Y, rows, alphas)


def _about(part: Moments, level: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sum of squares of each label about a level, and sum of what it exceeds the level by; (k,) each."""
    squares = part.yy - 2 * level * part.y + part.rows * level**2
    return np.maximum(squares, 0.0), part.y - part.rows * level


def _rows_by_block(block: NDArray[np.int64], needed: Sequence[int]) -> dict[int, NDArray[np.int64]]:
    """Rows of each block, ascending, by one sort of the table."""
    order = np.argsort(block, kind="stable")
    bounds = np.searchsorted(block[order], [*needed, *(number + 1 for number in needed)])
    starts, ends = bounds[: len(needed)], bounds[len(needed) :]
    return {number: order[start:end] for number, start, end in zip(needed, starts, ends, strict=True)}


def _check_size(name: str, matrix: NDArray[Any], data: Benchmark, blocks: int) -> None:
    if matrix.ndim != 2 or len(matrix) != len(data.values):
        raise BadInputError(
            f"The representation {name} has the shape {matrix.shape}, the labels have {len(data.values)} rows: give "
            "one row of features a row of labels, in the same order."
        )
    size = 8 * blocks * matrix.shape[1] ** 2
    if size > MOST_BYTES:
        raise BadInputError(
            f"The splits cut the rows into {blocks} blocks, whose sums for {matrix.shape[1]} features of {name} take "
            f"{size / 2**30:.1f} GiB; at most {MOST_BYTES / 2**30:.0f} GiB are taken. Gather the rows into fewer "
            "groups or folds, or probe fewer features."
        )


def _fold_of(keys: pl.DataFrame, split: pl.DataFrame, on: Sequence[str], name: str) -> pl.Series:
    """The fold of each row of the keys, as text."""
    table = split.select(*on, pl.col("fold").cast(pl.String).alias("dealt")).unique()
    fold = keys.join(table, on=list(on), how="left", maintain_order="left")
    if fold.height != keys.height:
        raise BadInputError(f"Split {name} gives a {' and '.join(on)} more than one fold: build the labels again.")
    if fold["dealt"].is_null().any():
        lacking = fold.filter(pl.col("dealt").is_null())["city"].unique().sort().to_list()
        raise BadInputError(f"Split {name} lacks pixels of {', '.join(lacking)}: build the labels again.")
    return fold["dealt"]


def _folds_in_cities(blocks: pl.DataFrame) -> list[Fold]:
    """E1: each block of each city held out in turn; the probe is trained on the city's others."""
    folds = []
    for city, block, dealt in blocks.select("city", "block", "fold").iter_rows():
        others = blocks.filter((pl.col("city") == city) & (pl.col("block") != block))["block"]
        folds.append(Fold("E1", f"{city} block {dealt}", tuple((other,) for other in others), (block,)))
    return folds


def _folds_of_cities(blocks: pl.DataFrame, dealt: pl.Series, split: str, prefix: str) -> list[Fold]:
    """E2 and E3: all cities of one fold held out in turn; `dealt` is the fold of each block's city."""
    blocks = blocks.with_columns(dealt.alias("dealt"))
    folds = []
    for held_out in dealt.unique().sort():
        train = blocks.filter(pl.col("dealt") != held_out).group_by("city").agg("block").sort("city")["block"]
        test = blocks.filter(pl.col("dealt") == held_out)["block"]
        folds.append(Fold(split, f"{prefix}{held_out}", tuple(tuple(block) for block in train), tuple(test)))
    return folds
