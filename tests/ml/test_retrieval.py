"""Retrieval against brute force, and against chance where there is nothing to find."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lake.errors import BadInputError
from ml.class_probes import quantile_classes
from ml.probes import Benchmark
from ml.retrieval import nearest, retrieve_labels, same_place_recall
from ml.splits import leave_one_out, tabular_benchmark

CITIES, PIXELS = 8, 80


def cities() -> tuple[Benchmark, NDArray[np.float64], NDArray[np.int64]]:
    """A benchmark across regions, features whose direction tells the label, and each row's city."""
    rng = np.random.default_rng(0)
    city = np.repeat(np.arange(CITIES), PIXELS)
    X = rng.normal(size=(len(city), 2))
    label = np.arctan2(X[:, 1], np.abs(X[:, 0])) + 0.05 * rng.normal(size=len(city))
    label[::7] = np.nan
    return tabular_benchmark({"rent": label}, [leave_one_out("E2", city % 4, city)], city), X, city


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), k=st.integers(1, 9))
def test_the_nearest_are_those_of_the_full_matrix_of_cosines(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    queries, corpus = rng.normal(size=(20, 5)), 3 * rng.normal(size=(300, 5))
    rows, cosines = nearest(queries, corpus, k)
    full = (queries @ corpus.T) / np.outer(np.linalg.norm(queries, axis=1), np.linalg.norm(corpus, axis=1))
    np.testing.assert_allclose(cosines, -np.sort(-full, axis=1)[:, :k], atol=1e-5)
    np.testing.assert_allclose(np.take_along_axis(full, rows, axis=1), cosines, atol=1e-5)


def test_precision_and_difference_are_those_counted_by_hand() -> None:
    bench, X, _ = cities()
    fold = bench.folds[1]
    (row,) = retrieve_labels({"x": X}, bench, [fold], k=5).iter_rows(named=True)
    values = bench.values[:, 0]
    test = np.isin(bench.block, fold.test)
    train = np.flatnonzero(~test)
    classes = quantile_classes(values, train[np.isfinite(values[train])])
    precision, difference = [], []
    by_chance: dict[str, list[float]] = {"class": [], "value": []}
    for query in np.flatnonzero(test & np.isfinite(values)):
        cosine = X[train] @ X[query] / np.linalg.norm(X[train], axis=1)
        found = train[np.argsort(-cosine)[:5]]
        found = found[np.isfinite(values[found])]
        if len(found):
            precision.append((classes[found] == classes[query]).mean())
            difference.append(np.abs(values[found] - values[query]).mean())
            known = train[np.isfinite(values[train])]
            by_chance["class"].append((classes[known] == classes[query]).mean())
            by_chance["value"].append(np.abs(values[known] - values[query]).mean())
    assert row["precision"] == pytest.approx(np.mean(precision))
    assert row["difference"] == pytest.approx(np.mean(difference))
    assert row["precision_by_chance"] == pytest.approx(np.mean(by_chance["class"]))
    assert row["difference_by_chance"] == pytest.approx(np.mean(by_chance["value"]))
    assert row["queries"] == len(precision)
    assert row["corpus"] == len(train)


def test_a_representation_that_tells_a_label_beats_chance_and_noise_does_not() -> None:
    bench, X, city = cities()
    noise = np.random.default_rng(1).normal(size=X.shape)
    table = retrieve_labels({"x": X, "noise": noise}, bench, bench.folds, {"half": city < 4, "quarter": city % 4})
    labels = table.filter(label="rent")
    assert (labels.filter(representation="x")["precision"] > 0.6).all()
    assert (labels["precision_by_chance"] - 0.2).abs().max() < 0.02
    told, not_told = labels.filter(representation="x"), labels.filter(representation="noise")
    assert (told["difference"] < 0.3 * told["difference_by_chance"]).all()
    assert (not_told["precision"] - not_told["precision_by_chance"]).abs().max() < 0.06
    assert (not_told["difference"] / not_told["difference_by_chance"] - 1).abs().max() < 0.1
    classes = table.filter(pl.col("label") == "half")
    assert (classes["precision"] - 0.5).abs().max() < 0.1
    assert classes["difference"].is_null().all()
    assert "quarter" not in table["label"], "the quarter that is held out is nowhere to be found"


def test_a_place_that_changed_little_finds_itself() -> None:
    rng = np.random.default_rng(0)
    places = rng.normal(size=(200, 8))
    still, moved = places + 0.01 * rng.normal(size=places.shape), rng.normal(size=places.shape)
    place = np.concatenate([np.arange(200), np.arange(200)[::-1], np.arange(50)])
    year = np.repeat([2017, 2024, 2020], [200, 200, 50])
    tables = {
        "still": np.concatenate([places, still[::-1], moved[:50]]),
        "moved": np.concatenate([places, moved[::-1], moved[:50]]),
    }
    by = {
        (row["representation"], row["k"]): row for row in same_place_recall(tables, place, year).iter_rows(named=True)
    }
    assert by["still", 1]["recall"] == 1.0
    assert by["moved", 10]["recall"] == pytest.approx(by["moved", 10]["recall_by_chance"], abs=0.06)
    assert by["moved", 10]["recall_by_chance"] == 10 / 200
    assert {row["places"] for row in by.values()} == {200}


def test_searches_that_make_no_sense_are_refused() -> None:
    X = np.ones((40, 2))
    with pytest.raises(BadInputError, match="5 nearest are asked for among 3 rows"):
        nearest(X, X[:3], 5)
    with pytest.raises(BadInputError, match="All rows are of the year 2020"):
        same_place_recall({"x": X}, np.arange(40), np.full(40, 2020))
    with pytest.raises(BadInputError, match="stands twice"):
        same_place_recall({"x": X}, np.zeros(40), np.arange(40) % 2)
    with pytest.raises(BadInputError, match="0 places are in both 2020 and 2021"):
        same_place_recall({"x": X}, np.arange(40), 2020 + np.arange(40) % 2)
