"""Class probes: what is held out sets no bounds, groups stay whole, and always guessing one class stands beside."""

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from lake.errors import BadInputError
from ml.class_probes import (
    MOST_ROWS,
    group_folds,
    pooled,
    probe_classes,
    quantile_classes,
    quintile_folds,
    summarise_classes,
)
from ml.probes import Benchmark
from ml.splits import leave_one_out, spatial_blocks, tabular_benchmark

CITIES, PIXELS = 12, 60


def cities() -> tuple[Benchmark, NDArray[np.float64], NDArray[np.int64]]:
    """Features that tell a label, and the number of each row's city; a benchmark with a split within and one across."""
    rng = np.random.default_rng(0)
    city = np.repeat(np.arange(CITIES), PIXELS)
    X = rng.normal(size=(len(city), 6))
    label = X @ [2.0, -1.0, 0.0, 0.0, 0.0, 0.0] + 0.2 * rng.normal(size=len(city))
    label[rng.random(len(city)) < 0.1] = np.nan
    x = np.tile(np.arange(PIXELS), CITIES)
    within = spatial_blocks("E1", x, np.zeros(len(x)), side=10, folds=3, within=city)
    bench = tabular_benchmark({"rent": label}, [within, leave_one_out("E2", city % 4, city)], city)
    return bench, X, city


def test_classes_are_fifths_of_the_training_rows() -> None:
    values = np.concatenate([np.arange(100.0), [1e9, -1e9, np.nan]])
    classes = quantile_classes(values, np.arange(100))
    assert np.bincount(classes[:100]).tolist() == [20] * 5
    assert classes[100:].tolist() == [4, 0, -1]
    many_alike = quantile_classes(np.array([0.0] * 90 + [5.0] * 10), np.arange(100))
    assert np.bincount(many_alike).tolist() == [90, 10]


def test_what_is_held_out_moves_no_bound() -> None:
    bench, _, _ = cities()
    fold = next(fold for fold in bench.folds if fold.split == "E2")
    (before,) = quintile_folds(bench, [fold])
    moved = bench.values.copy()
    moved[np.isin(bench.block, fold.test)] += 1_000.0
    (after,) = quintile_folds(Benchmark(bench.labels, moved, bench.block, bench.block_city, bench.folds), [fold])
    np.testing.assert_array_equal(before.classes[before.train], after.classes[after.train])
    assert set(after.classes[after.test]) == {4}


def test_a_label_is_told_and_noise_does_no_better_than_guessing() -> None:
    bench, X, _ = cities()
    folds = quintile_folds(bench, [fold for fold in bench.folds if fold.split == "E2"])
    noise = np.random.default_rng(5).normal(size=X.shape)
    scores = probe_classes({"x": X, "noise": noise}, folds)
    assert scores.height == 4 * 2 * 3
    by = {(row["representation"], row["classifier"]): row for row in summarise_classes(scores).iter_rows(named=True)}
    assert by["x", "logistic"]["accuracy"] > 0.75
    assert by["x", "logistic"]["macro_f1"] > 0.75
    assert by["x", "neighbours"]["accuracy"] > by["x", "majority"]["accuracy"] + 0.15
    assert by["x", "majority"]["macro_f1"] < 0.1
    assert by["noise", "logistic"]["accuracy"] < by["noise", "majority"]["accuracy"] + 0.1
    assert by["x", "majority"]["n"] == np.isfinite(bench.values).sum()


def test_scores_are_those_of_the_classifier_named() -> None:
    bench, X, _ = cities()
    (fold,) = quintile_folds(bench, [next(fold for fold in bench.folds if fold.split == "E2")])
    row = probe_classes({"x": X}, [fold]).row(by_predicate=pl.col("classifier") == "majority", named=True)
    truth, told = fold.classes[fold.test], fold.classes[fold.train]
    guess = np.full(len(truth), np.bincount(told).argmax())
    assert row["accuracy"] == pytest.approx((truth == guess).mean())
    assert row["macro_f1"] == pytest.approx(f1_score(truth, guess, average="macro", zero_division=0))


def test_missing_features_take_the_training_mean() -> None:
    bench, X, _ = cities()
    folds = quintile_folds(bench, [next(fold for fold in bench.folds if fold.split == "E2")])
    holes = X.copy()
    holes[np.random.default_rng(1).random(X.shape) < 0.1] = np.nan
    filled = holes.copy()
    mean = np.nanmean(holes[folds[0].train].astype(np.float32).astype(np.float64), axis=0).astype(np.float32)
    filled[np.isnan(holes)] = np.broadcast_to(mean, X.shape)[np.isnan(holes)]
    left, right = (probe_classes({"x": matrix}, folds) for matrix in (holes, filled))
    assert left.equals(right)


def test_blocks_within_cities_are_gathered_into_one_probe() -> None:
    bench, _, city = cities()
    within = [fold for fold in bench.folds if fold.split == "E1"]
    gathered = pooled(bench, within)
    assert [fold.name for fold in gathered] == ["block 0", "block 1", "block 2"]
    held_out = [np.isin(bench.block, fold.test) for fold in gathered]
    assert (np.sum(held_out, axis=0) == 1).all()
    for fold, rows in zip(gathered, held_out, strict=True):
        assert set(city[rows]) == set(range(CITIES))
        train = np.isin(bench.block, [block for blocks in fold.train for block in blocks])
        np.testing.assert_array_equal(train, ~rows)
        assert len(fold.train) == 2


def test_classes_of_whole_cities_are_told_of_unseen_cities_only() -> None:
    _, X, city = cities()
    tier = np.array(["one", "two"])[city % 2]
    folds = group_folds("tier", tier, city)
    held_out = np.concatenate([np.unique(city[fold.test]) for fold in folds])
    assert sorted(held_out) == list(range(CITIES))
    for fold in folds:
        assert not set(city[fold.train]) & set(city[fold.test])
        assert set(tier[fold.train]) == set(tier[fold.test]) == {"one", "two"}
    marks = np.random.default_rng(0).normal(size=(CITIES, 8))
    knows_cities = marks[city] + 0.1 * np.random.default_rng(1).normal(size=(len(city), 8))
    knows_tiers = X + 2.0 * (tier == "one")[:, None]
    scores = summarise_classes(probe_classes({"cities": knows_cities, "tiers": knows_tiers}, folds))
    by = {(row["representation"], row["classifier"]): row["accuracy"] for row in scores.iter_rows(named=True)}
    assert by["tiers", "logistic"] > 0.95
    assert by["cities", "logistic"] < 0.8, "knowing a city by its mark tells nothing of another's tier"


def test_rows_are_drawn_the_same_every_time() -> None:
    city = np.repeat(np.arange(6), 1_000)
    folds = group_folds("tier", city % 2, city, folds=3)
    assert [len(fold.train) for fold in folds] == [MOST_ROWS] * 3
    again = group_folds("tier", city % 2, city, folds=3)
    assert all(np.array_equal(a.train, b.train) for a, b in zip(folds, again, strict=True))


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (np.zeros(CITIES * PIXELS), "at least two classes of 3 groups"),
        (np.repeat(np.arange(CITIES) < 2, PIXELS), "at least two classes of 3 groups"),
        (np.arange(CITIES * PIXELS) % 2, "several values in 0"),
    ],
)
def test_classes_that_cannot_be_held_out_are_refused(classes: NDArray[np.int64], message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        group_folds("tier", classes, cities()[2])
