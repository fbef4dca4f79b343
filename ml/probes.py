"""CHN-Econ: how well a linear probe reads each label out of a representation, under three splits (METHODS §1).

E1 holds spatial blocks out inside each city, a probe a city. E2 leaves a region out, E3 a tier. Everything that a probe
fits (scalers, the penalty) comes from its training rows only, and the penalty is chosen by leaving whole training
cities out (whole blocks in E1): chosen over pixels, a probe looks good inside the training cities and fails outside.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lake.errors import BadInputError
from lake.partition_io import Lake
from ml.dataset import LABELS_DATASET, StreamTable, load_labels
from ml.ridge import ALPHAS, Moments, choose_and_fit, moments

KEYS = ("city", "year", "pixel")
SPLITS = ("E1", "E2", "E3")
_SPLIT_DATASETS = {"E1": "labels/split_e1", "E2": "labels/split_e2", "E3": "labels/split_e3"}
_FEWEST_ROWS = 20  # a fold with fewer labelled rows has no R² worth telling (ours)


@dataclass(frozen=True)
class Fold:
    """Rows held out together.

    Attributes:
        name: Such as `West`, `tier 2` or `wuhan block 3`.
        train: Training rows.
        test: Rows held out.
        group: Group of every training row (a city, or a block fold), left out whole when the penalty is chosen.
    """

    name: str
    train: NDArray[np.int64]
    test: NDArray[np.int64]
    group: NDArray[np.int64]


@dataclass(frozen=True)
class Benchmark:
    """Labels and splits, row by row with a stream table.

    Attributes:
        labels: Names of the labels.
        values: On the catalogue's scale, NaN where unknown; float64 (rows, labels).
        folds: Folds of each split.
    """

    labels: tuple[str, ...]
    values: NDArray[np.float64]
    folds: Mapping[str, Sequence[Fold]]


def load_benchmark(lake: Lake, data: StreamTable) -> Benchmark:
    """Labels and splits out of the lake for the rows of a stream table.

    Raises:
        PartitionMissingError: The label tables were never built.
        BadInputError: See `benchmark`.
    """
    splits = {name: lake.read_table(dataset) for name, dataset in _SPLIT_DATASETS.items()}
    return benchmark(data.keys, load_labels(lake), splits)


def benchmark(keys: pl.DataFrame, labels: pl.DataFrame, splits: Mapping[str, pl.DataFrame]) -> Benchmark:
    """Labels and folds in the order of the keys.

    Args:
        keys: `city`, `year`, `pixel`.
        labels: The same columns and one Float64 column a label.
        splits: `E1`: `city`, `pixel`, `fold`; `E2` and `E3`: `city`, `fold`.

    Raises:
        BadInputError: No row of the keys has any label, or a city or pixel has no fold.
    """
    names = tuple(column for column in labels.columns if column not in KEYS)
    key_types = {"city": pl.String, "year": pl.Int32, "pixel": pl.UInt32}
    keys = keys.select(pl.col(name).cast(dtype) for name, dtype in key_types.items())
    labels = labels.with_columns(pl.col(name).cast(dtype) for name, dtype in key_types.items())
    joined = keys.join(labels, on=KEYS, how="left", maintain_order="left")
    values = joined.select(pl.col(names).cast(pl.Float64).fill_null(float("nan"))).to_numpy()
    if not np.isfinite(values).any():
        raise BadInputError(f"No pixel of the streams has a label in {LABELS_DATASET}: build the labels again.")
    city = keys["city"].to_numpy()
    blocks = splits["E1"].select("city", pl.col("pixel").cast(pl.UInt32), "fold")
    folds = {"E1": _block_folds(city, _fold_of(keys, blocks, ("city", "pixel"), "E1"))}
    for name, prefix in (("E2", ""), ("E3", "tier ")):
        folds[name] = _city_folds(city, _fold_of(keys, splits[name].select("city", "fold"), ("city",), name), prefix)
    return Benchmark(names, values, folds)


def probe(
    representations: Mapping[str, NDArray[Any]],
    data: Benchmark,
    splits: Sequence[str] = SPLITS,
    alphas: Sequence[float] = ALPHAS,
) -> pl.DataFrame:
    """Probes every representation for every label in every fold.

    Args:
        representations: Name to features, (rows, any width); a missing value becomes the column's training mean.
        data: Labels and folds of the same rows.
        splits: Which of E1, E2, E3.
        alphas: Penalties to choose from.

    Returns:
        One row a `split`, `fold`, `label` and `representation`, with `r2` (about the fold's own mean), `n` (rows held
        out), `alpha`, and the sums `sse` and `sst` that R² is made of. Folds with too few rows are left out.
    """
    rows: list[dict[str, Any]] = []
    for name, features in representations.items():
        for split in splits:
            for fold in data.folds[split]:
                rows += [
                    {"split": split, "representation": name, **row} for row in _probe(features, data, fold, alphas)
                ]
    schema = {
        "split": pl.String, "fold": pl.String, "label": pl.String, "representation": pl.String,
        "r2": pl.Float64, "n": pl.Int64, "alpha": pl.Float64, "sse": pl.Float64, "sst": pl.Float64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema)


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


def _probe(features: NDArray[Any], data: Benchmark, fold: Fold, alphas: Sequence[float]) -> list[dict[str, Any]]:
    train, test = _imputed(features[fold.train], features[fold.test])
    known_train, known_test = np.isfinite(data.values[fold.train]), np.isfinite(data.values[fold.test])
    results = []
    # labels that are known for the same rows share one set of moments
    for labels in _same_rows(np.concatenate([known_train, known_test])):
        use, held = known_train[:, labels[0]], known_test[:, labels[0]]
        group = fold.group[use]
        if held.sum() < _FEWEST_ROWS or len(np.unique(group)) < 2:
            continue
        y_train, y_test = data.values[fold.train][use][:, labels], data.values[fold.test][held][:, labels]
        parts = [moments(train[use][group == g], y_train[group == g]) for g in np.unique(group)]
        results += _scores(choose_and_fit(parts, alphas), moments(test[held], y_test), y_test, labels, data, fold)
    return results


def _scores(
    fit: Any, held_out: Moments, truth: NDArray[np.float64], labels: list[int], data: Benchmark, fold: Fold
) -> list[dict[str, Any]]:
    sse, sst = fit.squared_error(held_out), ((truth - truth.mean(axis=0)) ** 2).sum(axis=0)
    return [
        {
            "fold": fold.name,
            "label": data.labels[label],
            "r2": float(1 - sse[i] / sst[i]),
            "n": held_out.rows,
            "alpha": float(fit.alpha[i]),
            "sse": float(sse[i]),
            "sst": float(sst[i]),
        }
        for i, label in enumerate(labels)
        if sst[i] > 0
    ]


def _imputed(train: NDArray[Any], test: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both centred on the training mean, with missing values at it."""
    train, test = np.asarray(train, np.float64), np.asarray(test, np.float64)
    observed = np.isfinite(train)
    mean = np.where(observed, train, 0.0).sum(axis=0) / np.maximum(observed.sum(axis=0), 1)
    return np.where(observed, train - mean, 0.0), np.where(np.isfinite(test), test - mean, 0.0)


def _same_rows(known: NDArray[np.bool_]) -> list[list[int]]:
    """Columns of a mask (rows, labels) gathered by equality, in order of first appearance."""
    gathered: dict[bytes, list[int]] = {}
    for label in range(known.shape[1]):
        gathered.setdefault(np.packbits(known[:, label]).tobytes(), []).append(label)
    return list(gathered.values())


def _fold_of(keys: pl.DataFrame, split: pl.DataFrame, on: Sequence[str], name: str) -> NDArray[Any]:
    fold = keys.join(split.unique(), on=list(on), how="left", maintain_order="left")
    if fold.height != keys.height:
        raise BadInputError(f"Split {name} gives a {' and '.join(on)} more than one fold: build the labels again.")
    if fold["fold"].is_null().any():
        lacking = fold.filter(pl.col("fold").is_null())["city"].unique().sort().to_list()
        raise BadInputError(f"Split {name} lacks pixels of {', '.join(lacking)}: build the labels again.")
    return fold["fold"].to_numpy()


def _block_folds(city: NDArray[Any], fold: NDArray[Any]) -> list[Fold]:
    folds = []
    for name in np.unique(city):
        inside = np.flatnonzero(city == name)
        for held_out in np.unique(fold[inside]):
            train = inside[fold[inside] != held_out]
            test = inside[fold[inside] == held_out]
            folds.append(Fold(f"{name} block {held_out}", train, test, _numbered(fold[train])))
    return folds


def _city_folds(city: NDArray[Any], fold: NDArray[Any], prefix: str) -> list[Fold]:
    folds = []
    for held_out in np.unique(fold):
        train = np.flatnonzero(fold != held_out)
        test = np.flatnonzero(fold == held_out)
        folds.append(Fold(f"{prefix}{held_out}", train, test, _numbered(city[train])))
    return folds


def _numbered(values: NDArray[Any]) -> NDArray[np.int64]:
    return np.unique(values, return_inverse=True)[1].astype(np.int64)
