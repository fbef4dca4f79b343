"""A benchmark made of plain arrays: the folds that it has, and the tables that it refuses."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from lake.errors import BadInputError
from ml.probes import Benchmark, Fold, probe, probe_groups
from ml.splits import MOST_SETS, Split, deal, k_fold, leave_one_out, spatial_blocks, tabular_benchmark

ROWS = 600


def rows_of(bench: Benchmark, fold: Fold) -> tuple[np.ndarray, list[np.ndarray]]:
    """Rows held out, and rows of each set that is left out to choose the penalty."""
    return np.isin(bench.block, fold.test), [np.isin(bench.block, blocks) for blocks in fold.train]


def table(seed: int = 0) -> dict[str, Any]:
    """Hospitals in regions, at places, with one label."""
    rng = np.random.default_rng(seed)
    hospital = rng.integers(0, 12, ROWS)
    X = rng.normal(size=(ROWS, 4))
    return {
        "X": X,
        "hospital": np.array([f"h{number:02d}" for number in hospital]),
        "region": np.array(["north", "south", "west"])[hospital % 3],
        "place": rng.uniform(0, 10, (ROWS, 2)),
        "label": X @ [1.0, -2.0, 0.5, 0.0] + 0.1 * rng.normal(size=ROWS),
    }


def test_each_value_of_a_column_is_held_out_and_whole_units_choose_the_penalty() -> None:
    data = table()
    split = leave_one_out("region", data["region"], data["hospital"])
    bench = tabular_benchmark({"stay": data["label"]}, [split], data["hospital"])
    assert [fold.name for fold in bench.folds] == ["north", "south", "west"]
    for fold in bench.folds:
        test, sets = rows_of(bench, fold)
        assert (data["region"][test] == fold.name).all()
        assert (data["region"] == fold.name).sum() == test.sum()
        assert [set(data["hospital"][rows]) for rows in sets] == [{h} for h in sorted(set(data["hospital"][~test]))]
    assert set(bench.block_city) == set(data["hospital"])


def test_scores_of_a_table_of_ones_own_are_scikit_learns() -> None:
    data = table()
    bench = tabular_benchmark({"stay": data["label"]}, [k_fold("hospitals", data["hospital"], 4)])
    scores = probe({"x": data["X"]}, bench, bench.folds, alphas=[5.0])
    for row in scores.iter_rows(named=True):
        test, _ = rows_of(bench, next(fold for fold in bench.folds if fold.name == row["fold"]))
        scaler = StandardScaler().fit(data["X"][~test])
        model = Ridge(5.0).fit(scaler.transform(data["X"][~test]), data["label"][~test])
        assert row["r2"] == pytest.approx(model.score(scaler.transform(data["X"][test]), data["label"][test]), abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(groups=st.lists(st.integers(0, 8), min_size=30, max_size=80), folds=st.integers(3, 5))
def test_dealt_groups_stay_whole_and_every_fold_gets_some(groups: list[int], folds: int) -> None:
    if len(set(groups)) < folds:
        with pytest.raises(BadInputError, match=f"{len(set(groups))} groups into {folds} folds"):
            deal("s", groups, folds)
        return
    dealt = pl.DataFrame({"group": groups, "fold": deal("s", groups, folds)})
    assert dealt.group_by("group").agg(pl.col("fold").n_unique())["fold"].max() == 1
    assert dealt["fold"].n_unique() == folds


def test_blocks_of_ground_stay_whole_within_each_city() -> None:
    data = table()
    x, y = data["place"].T
    split = spatial_blocks("E1", x, y, side=2.5, folds=3, within=data["region"])
    bench = tabular_benchmark({"stay": data["label"]}, [split])
    cell = np.array([f"{r} {int(a // 2.5)} {int(b // 2.5)}" for r, a, b in zip(data["region"], x, y, strict=True)])
    assert len(bench.folds) == 9
    for fold in bench.folds:
        test, sets = rows_of(bench, fold)
        train = np.logical_or.reduce(sets)
        assert len(sets) == 2
        assert set(data["region"][test | train]) == {fold.name.split()[0]}
        assert not set(cell[test]) & set(cell[train])


def test_blocks_without_cities_share_one_probe() -> None:
    data = table()
    split = spatial_blocks("blocks", *data["place"].T, side=2.0, folds=4)
    bench = tabular_benchmark({"stay": data["label"]}, [split])
    assert len(bench.folds) == 4
    assert all(np.logical_or.reduce([test, *sets]).all() for test, sets in (rows_of(bench, f) for f in bench.folds))


def test_many_units_are_dealt_into_sets_that_hold_them_whole() -> None:
    units = np.repeat(np.arange(300), 2)
    split = leave_one_out("region", table()["region"], units)
    sets = pl.DataFrame({"unit": units, "set": np.asarray(split.left_out)})
    assert sets["set"].n_unique() == MOST_SETS
    assert sets.group_by("unit").agg(pl.col("set").n_unique())["set"].max() == 1


def test_splits_of_several_kinds_share_one_benchmark() -> None:
    data = table()
    splits = [leave_one_out("region", data["region"]), k_fold("hospitals", data["hospital"], 3)]
    bench = tabular_benchmark({"a": data["label"], "b": -data["label"]}, splits, data["hospital"])
    groups = probe_groups({"x": data["X"]}, bench, bench.folds)
    assert set(groups["split"]) == {"region", "hospitals"}
    for split in ("region", "hospitals"):
        counted = groups.filter(split=split, label="a").group_by("group").agg(pl.col("n").sum())
        assert dict(counted.iter_rows()) == dict(pl.Series(data["hospital"]).value_counts().iter_rows())


REFUSED: list[tuple[str, Callable[[dict[str, Any]], object]]] = [
    ("every row has 'x'", lambda t: leave_one_out("s", ["x"] * ROWS)),
    ("two values only, 'a' and 'b'", lambda t: leave_one_out("s", ["a", "b"] * (ROWS // 2))),
    ("Row 7 lacks a value", lambda t: leave_one_out("s", [None if i == 7 else str(i % 3) for i in range(ROWS)])),
    ("Row 7 lacks a value", lambda t: leave_one_out("s", np.where(np.arange(ROWS) == 7, np.nan, 1.0))),
    ("deals 12 groups into 13 folds", lambda t: k_fold("s", t["hospital"], 13)),
    ("has 2 folds", lambda t: k_fold("s", t["hospital"], 2)),
    ("Row 0 has no coordinates", lambda t: spatial_blocks("s", np.full(ROWS, np.nan), np.ones(ROWS), 1.0)),
    ("side of 0", lambda t: spatial_blocks("s", *t["place"].T, 0)),
    ("s within north deals 1 groups", lambda t: spatial_blocks("s", *t["place"].T, 100, 3, t["region"])),
    ("is 3 in every row", lambda t: tabular_benchmark({"a": np.full(ROWS, 3.0)}, [k_fold("s", t["hospital"])])),
    ("not numeric", lambda t: tabular_benchmark({"a": t["region"]}, [k_fold("s", t["hospital"])])),
    ("known for 10 of 600 rows", lambda t: tabular_benchmark(
        {"a": np.where(np.arange(ROWS) < 10, t["label"], np.nan)}, [k_fold("s", t["hospital"])])),
    ("known for 10 of 10 rows", lambda t: tabular_benchmark(
        {"a": t["label"][:10]}, [k_fold("s", t["hospital"][:10], 3)])),
    (r"have \[590, 600\] rows, the labels 590", lambda t: tabular_benchmark(
        {"a": t["label"][:590]}, [k_fold("s", t["hospital"])])),
    ("No fold of split s can be scored", lambda t: tabular_benchmark(
        {"a": t["label"][:50]}, [leave_one_out("s", np.arange(50) // 5)])),
    ("at least one label", lambda t: tabular_benchmark({}, [k_fold("s", t["hospital"])])),
]  # fmt: skip


@pytest.mark.parametrize(("message", "make"), REFUSED, ids=[message for message, _ in REFUSED])
def test_tables_that_cannot_be_split_are_refused_with_advice(
    message: str, make: Callable[[dict[str, Any]], object]
) -> None:
    with pytest.raises(BadInputError, match=message):
        make(table())


def test_a_split_by_hand_needs_no_helper() -> None:
    data = table()
    fold = np.arange(ROWS) % 3
    bench = tabular_benchmark({"stay": data["label"]}, [Split("mine", fold, data["hospital"])])
    test, sets = rows_of(bench, bench.folds[1])
    assert (np.flatnonzero(test) % 3 == 1).all()
    assert len(sets) == 12
