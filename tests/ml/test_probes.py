"""The benchmark's folds and probes: nothing of what is held out reaches a fit."""

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from lake.cities import CITIES
from lake.errors import BadInputError
from lake.partition_io import Lake
from ml.dataset import StreamTable
from ml.evaluation import folds_by_cities
from ml.probes import CHOICES, Benchmark, benchmark, fold_scores, load_benchmark, probe, probe_groups, summarise
from tests.ml.conftest import LABELS

CITY_NAMES = ("shenzhen", "wuhan", "chengdu", "shenyang", "changchun", "lanzhou")
PIXELS = 60


def keys() -> pl.DataFrame:
    parts = [
        pl.DataFrame({"city": [city] * PIXELS, "year": [year] * PIXELS, "pixel": np.arange(PIXELS)})
        for city in CITY_NAMES
        for year in (2020, 2021)
    ]
    return pl.concat(parts).cast({"year": pl.Int32, "pixel": pl.UInt32})


def splits() -> dict[str, pl.DataFrame]:
    pixels = keys().select("city", "pixel").unique()
    return {
        "E1": pixels.with_columns((pl.col("pixel") // 4 % 5).cast(pl.Int32).alias("fold")),
        "E2": pl.DataFrame({"city": list(CITIES), "fold": [city.region for city in CITIES.values()]}),
        "E3": pl.DataFrame({"city": list(CITIES), "fold": [city.tier for city in CITIES.values()]}),
    }


def synthetic(missing: float = 0.0, seed: int = 0) -> tuple[Benchmark, np.ndarray]:
    """A benchmark whose labels follow from six features, with gaps in the labels."""
    rng = np.random.default_rng(seed)
    rows = keys()
    X = rng.normal(size=(rows.height, 6)).astype(np.float32)
    Y = X @ rng.normal(size=(6, 3)) + rng.normal(scale=[0.1, 1.0, 5.0], size=(rows.height, 3))
    Y[rng.random(Y.shape) < missing] = np.nan
    labels = pl.concat([rows, pl.DataFrame(Y, schema=["a", "b", "c"])], how="horizontal").with_columns(
        pl.col("a", "b", "c").fill_nan(None)
    )
    return benchmark(rows, labels.sample(fraction=1, shuffle=True, seed=1), splits()), X


@pytest.fixture(scope="module")
def bench() -> Benchmark:
    return synthetic()[0]


def test_every_row_is_held_out_once_under_each_split(bench: Benchmark) -> None:
    for split in ("E1", "E2", "E3"):
        held_out = [block for fold in bench.folds if fold.split == split for block in fold.test]
        assert sorted(held_out) == list(range(len(bench.block_city))), split


def test_no_block_is_trained_on_and_held_out_at_once(bench: Benchmark) -> None:
    for fold in bench.folds:
        train = [block for blocks in fold.train for block in blocks]
        assert len(set(train)) == len(train)
        assert not set(train) & set(fold.test), fold.name


def test_across_cities_no_city_stands_on_both_sides_and_each_is_left_out_whole(bench: Benchmark) -> None:
    for fold in (fold for fold in bench.folds if fold.split != "E1"):
        train = [{bench.block_city[block] for block in blocks} for blocks in fold.train]
        assert all(len(cities) == 1 for cities in train), fold.name
        trained = {city for cities in train for city in cities}
        assert len(trained) == len(train), "a city must be left out whole when the penalty is chosen"
        held_out = {bench.block_city[block] for block in fold.test}
        attribute = "region" if fold.split == "E2" else "tier"
        values = {getattr(CITIES[city], attribute) for city in held_out}
        assert values == {fold.name.removeprefix("tier ")}
        assert held_out == {city for city in CITY_NAMES if getattr(CITIES[city], attribute) in values}
        assert trained == set(CITY_NAMES) - held_out


def test_within_cities_a_probe_sees_its_own_city_only(bench: Benchmark) -> None:
    for fold in (fold for fold in bench.folds if fold.split == "E1"):
        assert len(fold.train) == 4
        assert {bench.block_city[block] for blocks in (*fold.train, fold.test) for block in blocks} == {
            fold.name.split()[0]
        }


def test_a_pixel_is_in_the_same_block_in_every_year(bench: Benchmark) -> None:
    rows = keys().with_columns(pl.Series("block", bench.block))
    assert rows.group_by("city", "pixel").agg(pl.col("block").n_unique())["block"].max() == 1


def test_folds_that_train_on_the_same_cities_are_gathered(bench: Benchmark) -> None:
    across = [fold for fold in bench.folds if fold.split != "E1"]
    gathered = folds_by_cities(bench, across)
    # among these six, Shenzhen alone is the East and tier 1
    both = gathered[tuple(sorted(set(CITY_NAMES) - {"shenzhen"}))]
    assert [(fold.split, fold.name) for fold in both] == [("E2", "East"), ("E3", "tier 1")]
    assert sorted(fold.name for folds in gathered.values() for fold in folds) == sorted(fold.name for fold in across)


def test_scores_equal_scikit_learns_on_the_same_rows() -> None:
    bench, X = synthetic(missing=0.3)
    folds = [fold for fold in bench.folds if fold.split == "E2"]
    scores = probe({"x": X}, bench, folds, alphas=[7.0])
    assert scores.height == len(folds) * 3
    for fold in folds:
        train = np.isin(bench.block, [block for blocks in fold.train for block in blocks])
        test = np.isin(bench.block, fold.test)
        for label, name in enumerate(bench.labels):
            known = np.isfinite(bench.values[:, label])
            scaler = StandardScaler().fit(X[train & known])
            model = Ridge(7.0).fit(scaler.transform(X[train & known]), bench.values[train & known, label])
            expected = model.score(scaler.transform(X[test & known]), bench.values[test & known, label])
            row = scores.row(by_predicate=(pl.col("fold") == fold.name) & (pl.col("label") == name), named=True)
            assert row["r2"] == pytest.approx(expected, abs=1e-5)
            assert row["n"] == (test & known).sum()


def test_what_is_held_out_does_not_move_the_penalty_or_the_fit() -> None:
    bench, X = synthetic()
    fold = next(fold for fold in bench.folds if fold.name == "West")
    test = np.isin(bench.block, fold.test)
    before = probe({"x": X}, bench, [fold])
    moved = bench.values.copy()
    moved[test] += 1_000.0  # R² is about the fold's own mean: only the errors change
    after = probe({"x": X}, Benchmark(bench.labels, moved, bench.block, bench.block_city, bench.folds), [fold])
    assert after["alpha"].to_list() == before["alpha"].to_list()
    np.testing.assert_allclose(after["sst"], before["sst"], rtol=1e-6)
    n = int(test.sum())
    # a fit that had seen the shift would err by less than the whole of it
    np.testing.assert_allclose(np.sqrt(after["sse"] / n), 1_000.0, rtol=0.01)


def test_noise_and_unlabelled_rows_have_no_score_to_be_proud_of() -> None:
    bench, X = synthetic()
    noise = np.random.default_rng(9).normal(size=X.shape)
    scores = summarise(probe({"x": X, "noise": noise}, bench, bench.folds))
    by = {(row["representation"], row["split"], row["label"]): row["r2"] for row in scores.to_dicts()}
    assert by["x", "E2", "a"] > 0.98
    assert by["x", "E1", "a"] > 0.98
    assert all(by["noise", split, label] < 0.05 for split in ("E1", "E2", "E3") for label in bench.labels)


def test_folds_with_too_few_labels_are_left_out() -> None:
    bench, X = synthetic()
    values = bench.values.copy()
    fold = next(fold for fold in bench.folds if fold.name == "Central")
    rows = np.flatnonzero(np.isin(bench.block, fold.test))
    values[rows[19:], 0] = np.nan
    few = Benchmark(bench.labels, values, bench.block, bench.block_city, bench.folds)
    assert probe({"x": X}, few, [fold])["label"].to_list() == ["b", "c"]


def test_a_label_that_does_not_vary_has_no_score() -> None:
    bench, X = synthetic()
    values = bench.values.copy()
    values[:, 1] = 40.0
    flat = Benchmark(bench.labels, values, bench.block, bench.block_city, bench.folds)
    assert set(probe({"x": X}, flat, bench.folds)["label"]) == {"a", "c"}


def test_the_summary_pools_errors_over_folds_about_each_folds_mean() -> None:
    scores = pl.DataFrame(
        {
            "split": ["E2"] * 2, "representation": ["x"] * 2, "label": ["a"] * 2, "fold": ["East", "West"],
            "r2": [0.9, -1.0], "n": [100, 10], "sse": [10.0, 20.0], "sst": [100.0, 10.0],
        }
    )  # fmt: skip
    assert summarise(scores).to_dicts() == [
        {"split": "E2", "representation": "x", "label": "a", "r2": 1 - 30 / 110, "folds": 2, "n": 110}
    ]


def test_the_benchmark_of_a_lake_has_its_labels_by_key(filled_lake: Lake, data: StreamTable) -> None:
    bench = load_benchmark(filled_lake, data)
    assert bench.labels == LABELS
    row = 400
    city, year, pixel = data.keys.row(row)
    labels = filled_lake.read_table("labels/chn_econ_labels")
    expected = labels.filter(city=city, year=year, pixel=pixel).select(LABELS).row(0)
    assert bench.values[row].tolist() == list(expected)


def test_labels_of_other_pixels_are_refused() -> None:
    labels = keys().with_columns(pl.col("pixel") + 5_000, pl.lit(1.0).alias("a"))
    with pytest.raises(BadInputError, match="No pixel of the streams has a label"):
        benchmark(keys(), labels, splits())


@pytest.mark.parametrize("split", ["E1", "E2", "E3"])
def test_a_city_without_a_fold_is_named(split: str) -> None:
    tables = splits()
    tables[split] = tables[split].filter(pl.col("city") != "chengdu")
    with pytest.raises(BadInputError, match=f"Split {split} lacks pixels of chengdu"):
        benchmark(keys(), keys().with_columns(pl.lit(1.0).alias("a")), tables)


def test_a_city_in_two_folds_is_refused() -> None:
    tables = splits()
    tables["E2"] = pl.concat([tables["E2"], pl.DataFrame({"city": ["wuhan"], "fold": ["West"]})])
    with pytest.raises(BadInputError, match="more than one fold"):
        benchmark(keys(), keys().with_columns(pl.lit(1.0).alias("a")), tables)


def test_scores_of_the_groups_add_up_to_those_of_their_fold() -> None:
    bench, X = synthetic(missing=0.2)
    groups = probe_groups({"x": X}, bench, bench.folds, choices=CHOICES)
    across = groups.filter(pl.col("split") == "E2", pl.col("fold") == "Northeast", pl.col("choice") == "groups")
    assert set(across["group"]) == {"shenyang", "changchun"}
    scores = probe({"x": X}, bench, bench.folds)
    assert fold_scores(groups).filter(choice="groups").drop("choice").equals(scores)
    assert across.group_by("label").agg(pl.col("deviation").sum())["deviation"].abs().max() < 1e-9
    for label, name in enumerate(bench.labels):
        known = np.isfinite(bench.values[:, label])
        region = known & np.isin(bench.block, next(fold.test for fold in bench.folds if fold.name == "Northeast"))
        city = region & (keys()["city"] == "shenyang").to_numpy()
        excess = bench.values[city, label] - bench.values[region, label].mean()
        row = across.row(by_predicate=(pl.col("group") == "shenyang") & (pl.col("label") == name), named=True)
        assert row["n"] == city.sum()
        assert row["sst"] == pytest.approx((excess**2).sum())
        assert row["deviation"] == pytest.approx(excess.sum())


def marked_cities(seed: int) -> tuple[Benchmark, np.ndarray]:
    """Under its factors each city has a faint mark that tells its level among the training cities and nowhere else."""
    rng = np.random.default_rng(seed)
    bench, _ = synthetic()
    city = np.asarray(bench.block_city)[bench.block]
    factors = rng.normal(size=(len(city), 5))
    marks = {name: 0.1 * rng.normal(size=4) for name in CITY_NAMES}
    levels = {name: rng.normal() for name in CITY_NAMES}
    hidden = np.column_stack([factors, [marks[name] for name in city]])
    X = hidden @ rng.normal(size=(9, 12)) + 0.001 * rng.normal(size=(len(city), 12))
    values = factors @ rng.normal(size=(5, 1)) + np.array([[levels[name]] for name in city])
    return Benchmark(("level",), values, bench.block, bench.block_city, bench.folds), X


def test_a_penalty_chosen_over_rows_costs_a_lot_where_groups_differ() -> None:
    lost = []
    for seed in range(5):
        bench, X = marked_cities(seed)
        folds = [fold for fold in bench.folds if fold.split == "E2"]
        summary = summarise(fold_scores(probe_groups({"x": X}, bench, folds, choices=CHOICES)))
        assert summary.columns[0] == "choice"
        r2 = dict(summary.select("choice", "r2").iter_rows())
        lost.append(r2["groups"] - r2["rows"])
    assert np.mean(lost) > 0.2


def test_a_representation_of_other_rows_is_refused() -> None:
    bench, X = synthetic()
    with pytest.raises(BadInputError, match="one row of features a row of labels"):
        probe({"x": X[1:]}, bench, bench.folds)


def test_more_blocks_than_memory_holds_are_refused_before_work_begins() -> None:
    bench, X = synthetic()
    wide = np.lib.stride_tricks.as_strided(X, (len(X), 20_000), (X.strides[0], 0))
    with pytest.raises(BadInputError, match="30 blocks, whose sums for 20000 features of wide take"):
        probe({"wide": wide}, bench, bench.folds)
