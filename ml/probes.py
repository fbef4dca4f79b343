"""CHN-Econ: how well a linear probe reads each label out of a representation, under three splits (docs/methods.md).

E1 holds spatial blocks out inside each city, a probe a city. E2 leaves a region out, E3 a tier. Everything that a probe
fits (scalers, the penalty) comes from its training rows only, and the penalty is chosen by leaving whole training
cities out (whole blocks in E1): chosen over pixels, a probe looks good inside the training cities and fails outside.
"""

import os
from collections.abc import Mapping, Sequence
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

KEYS = ("city", "year", "pixel")
SPLIT_DATASETS = {"E1": "labels/split_e1", "E2": "labels/split_e2", "E3": "labels/split_e3"}
_FEWEST_ROWS = 20  # a fold with fewer labelled rows has no R² worth telling (ours)
_CONSTANT = 1e-12  # a label that does not vary in a fold has no R²; relative to its mean square
_SCHEMA = {
    "split": pl.String, "fold": pl.String, "label": pl.String, "representation": pl.String,
    "r2": pl.Float64, "n": pl.Int64, "alpha": pl.Float64, "sse": pl.Float64, "sst": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True)
class Fold:
    """Blocks held out together.

    Attributes:
        split: `E1`, `E2` or `E3`.
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
        block_city: City of each block.
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
    """
    rows: list[dict[str, Any]] = []
    known = np.isfinite(data.values)
    middle = np.where(known, data.values, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    Y = data.values - middle  # sums about a point near the mean lose no digits
    needed = {block for fold in folds for blocks in (*fold.train, fold.test) for block in blocks}
    rows_of = {block: np.flatnonzero(data.block == block) for block in sorted(needed)}
    # Many small matrices: one thread a label is twice as fast as many threads a matrix, and sums are the same anywhere.
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, matrix in representations.items():
            X = features(matrix)
            sums = pool.map(partial(moments, X, np.where(known, Y, 0.0)), rows_of.values())
            wholes = dict(zip(rows_of, sums, strict=True))
            tasks = {
                tuple(labels): pool.submit(_probe, X, Y, labels, wholes, rows_of, folds, alphas)
                for labels in label_sets(Y)
            }
            for labels, task in tasks.items():
                rows += [{"representation": name, "label": data.labels[labels[i]], **row} for i, row in task.result()]
    return pl.DataFrame(rows, schema=_SCHEMA).sort("split", "representation", "label", "fold")


def summarise(scores: pl.DataFrame) -> pl.DataFrame:
    """One row a `split`, `representation` and `label`: `r2` over all folds, 1 − Σsse/Σsst, and `folds` and `n`.

    Variance is taken about each fold's own mean, so that telling cities apart earns nothing.
    """
    return (
        scores.group_by("split", "representation", "label", maintain_order=True)
        .agg(
            (1 - pl.col("sse").sum() / pl.col("sst").sum()).alias("r2"),
            pl.len().cast(pl.Int64).alias("folds"),
            pl.col("n").sum().alias("n"),
        )
        .sort("split", "representation", "label")
    )


def _probe(
    X: Features,
    Y: NDArray[np.float64],
    labels: Sequence[int],
    wholes: Mapping[int, Moments],
    rows_of: Mapping[int, NDArray[np.int64]],
    folds: Sequence[Fold],
    alphas: Sequence[float],
) -> list[tuple[int, dict[str, Any]]]:
    """Probes of labels that are known for the same rows: the place of the label among them, and its scores."""
    parts = {block: known_moments(wholes[block], X, Y, rows, labels) for block, rows in rows_of.items()}
    paths = Paths(parts)
    results = []
    for fold in folds:
        train = [kept for blocks in fold.train if (kept := [block for block in blocks if parts[block].rows])]
        held_out = paths.total(fold.test)
        if held_out.rows >= _FEWEST_ROWS and len(train) > 1:
            fit = paths.choose_and_fit(train, alphas)
            results += _scores(fold, fit, held_out)
    return results


def _scores(fold: Fold, fit: Fit, held_out: Moments) -> list[tuple[int, dict[str, Any]]]:
    sse, sst = fit.squared_error(held_out), held_out.sst
    return [
        (
            label,
            {
                "split": fold.split,
                "fold": fold.name,
                "r2": float(1 - sse[label] / sst[label]),
                "n": held_out.rows,
                "alpha": float(fit.alpha[label]),
                "sse": float(sse[label]),
                "sst": float(sst[label]),
            },
        )
        for label in np.flatnonzero(sst > _CONSTANT * np.maximum(held_out.yy, 1e-300)).tolist()
    ]


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
