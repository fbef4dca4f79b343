"""Ridge probes of 16 labels under 3 splits over 20 penalties, against scikit-learn on the same folds.

36 made-up cities; features and labels from common factors, each city at its own level. `RidgeCV(alpha_per_target=True)`
chooses a penalty over rows, and so does the first of our two measurements: penalties and held-out R² have to come out
the same. The second chooses by leaving out whole cities, as the platform reports it; `RidgeCV` does not offer that.

A loop over labels, one `RidgeCV` a label, would take many minutes. It is timed for the labels and folds that are
printed, and the rest is reckoned: as many times as it takes longer than one `RidgeCV` of all labels in these folds.

Usage: python benchmarks/probes.py [--rows N] [--width N] [--loop-labels N]
"""

import argparse
import time
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.linear_model import RidgeCV
from sklearn.preprocessing import StandardScaler

from lake.cities import CITIES
from ml.probes import Benchmark, Fold, fold_scores, probe_groups
from ml.splits import Split, leave_one_out, tabular_benchmark

LABELS = 16
ALPHAS = np.logspace(-1, 7, 20)
TOLERANCE = 1e-6
TARGET_ALL, TARGET_LOOP = 3.0, 30.0
LOOP_FOLDS = ("East", "tier 1", "wuhan 0")
"""Folds of the loop over labels: one of each split."""


def made_up(rows: int, width: int) -> tuple[NDArray[np.float32], Benchmark]:
    """Features (cities · rows, width) and the benchmark of as many rows."""
    rng = np.random.default_rng(0)
    city = np.repeat(list(CITIES), rows)
    factors = rng.normal(size=(len(city), 24))
    X = factors @ rng.normal(size=(24, width)) + 0.7 * rng.normal(size=(len(city), width))
    level = np.repeat(rng.normal(size=(len(CITIES), LABELS)), rows, axis=0)
    Y = factors @ rng.normal(size=(24, LABELS)) + level + rng.normal(size=(len(city), LABELS))
    labels = {f"label {i}": Y[:, i] for i in range(LABELS)}
    block = np.tile(np.arange(rows) * 5 // rows, len(CITIES))
    splits = [
        Split("E1", block, block, within=city),
        leave_one_out("E2", [CITIES[name].region for name in city], city),
        leave_one_out("E3", [f"tier {CITIES[name].tier}" for name in city], city),
    ]
    return X.astype(np.float32), tabular_benchmark(labels, splits, city)


def ours(X: NDArray[np.float32], data: Benchmark, choice: str) -> tuple[float, pl.DataFrame]:
    """Seconds and scores."""
    start = time.perf_counter()
    scores = fold_scores(probe_groups({"made up": X}, data, data.folds, ALPHAS.tolist(), (choice,)))
    return time.perf_counter() - start, scores


def scikit_learns(
    X: NDArray[np.float32], data: Benchmark, folds: Sequence[Fold], label_sets: Sequence[slice]
) -> tuple[float, pl.DataFrame]:
    """Seconds and scores of one `RidgeCV` for each set of labels in each fold."""
    start = time.perf_counter()
    rows = []
    for fold in folds:
        test = np.isin(data.block, fold.test)
        train = np.isin(data.block, [block for blocks in fold.train for block in blocks])
        scaler = StandardScaler().fit(X[train].astype(np.float64))
        x, x_test = scaler.transform(X[train].astype(np.float64)), scaler.transform(X[test].astype(np.float64))
        for labels in label_sets:
            y, y_test = data.values[train, labels], data.values[test, labels]
            model = RidgeCV(ALPHAS, alpha_per_target=True).fit(x, y)
            errors = ((model.predict(x_test).reshape(y_test.shape) - y_test) ** 2).sum(axis=0)
            r2 = 1 - errors / ((y_test - y_test.mean(axis=0)) ** 2).sum(axis=0)
            names = data.labels[labels]
            found = zip(names, r2, np.atleast_1d(model.alpha_), strict=True)
            rows += [(fold.split, fold.name, *of_label) for of_label in found]
    seconds = time.perf_counter() - start
    return seconds, pl.DataFrame(rows, schema=["split", "fold", "label", "r2", "alpha"], orient="row")


def disagreement(ours: pl.DataFrame, theirs: pl.DataFrame) -> float:
    """Largest difference in R²; infinite where a penalty differs or a score is missing."""
    both = theirs.join(ours, on=("split", "fold", "label"), how="left", suffix="_ours")
    if both["r2_ours"].has_nulls() or not np.allclose(both["alpha"], both["alpha_ours"], rtol=1e-9):
        return float("inf")
    return float(np.abs(both["r2"].to_numpy() - both["r2_ours"].to_numpy()).max())


def main() -> None:
    """Measures, checks that both agree, and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_200, help="a city")
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--loop-labels", type=int, default=2)
    arguments = parser.parse_args()
    X, data = made_up(arguments.rows, arguments.width)
    print(
        f"{len(X):,} rows of {len(CITIES)} cities, {arguments.width} features, {LABELS} labels, {len(ALPHAS)} "
        f"penalties, {len(data.folds)} folds of 3 splits"
    )
    over_rows, scores = ours(X, data, "rows")
    over_cities, _ = ours(X, data, "groups")
    together, theirs = scikit_learns(X, data, data.folds, [slice(0, LABELS)])
    differ = disagreement(scores, theirs)
    print(f"ours, penalty over rows          {over_rows:8.1f} s")
    print(f"ours, penalty over whole cities  {over_cities:8.1f} s")
    print(f"RidgeCV(alpha_per_target=True)   {together:8.1f} s, R² differs by at most {differ:.1e}")
    verdict(together / over_rows, TARGET_ALL, "over rows")
    verdict(together / over_cities, TARGET_ALL, "over whole cities")

    sample = [fold for fold in data.folds if fold.name in LOOP_FOLDS]
    labels = [slice(label, label + 1) for label in range(arguments.loop_labels)]
    taken, looped = scikit_learns(X, data, sample, labels)
    at_once, _ = scikit_learns(X, data, sample, [slice(0, LABELS)])
    loop = together * taken * LABELS / len(labels) / at_once
    print(f"RidgeCV a label                  {loop:8.1f} s, from {taken:.1f} s for {len(labels)} labels in", end=" ")
    print(f"{', '.join(fold.name for fold in sample)}; R² differs by at most {disagreement(scores, looped):.1e}")
    verdict(loop / over_rows, TARGET_LOOP, "over rows")
    verdict(loop / over_cities, TARGET_LOOP, "over whole cities")
    if max(differ, disagreement(scores, looped)) > TOLERANCE:
        raise SystemExit(f"The scores are not scikit-learn's to {TOLERANCE}.")


def verdict(ratio: float, target: float, choice: str) -> None:
    """A line that says how many times faster we are."""
    print(f"  {ratio:.1f} times faster {choice} (target {target:.0f}: {'reached' if ratio >= target else 'MISSED'})")


if __name__ == "__main__":
    main()
