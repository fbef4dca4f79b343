"""Bootstrap over cities: against resamples made by hand from the rows themselves."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.errors import BadInputError
from ml.intervals import Draws, bootstrap, label_intervals, mean_intervals, paired_differences
from ml.probes import CHOICES, Benchmark, fold_scores, probe_groups, summarise
from ml.splits import leave_one_out, tabular_benchmark

CITIES, PIXELS = 9, 40


def scored(seed: int = 0) -> tuple[Benchmark, pl.DataFrame]:
    rng = np.random.default_rng(seed)
    city = np.repeat(np.arange(CITIES), PIXELS)
    X = rng.normal(size=(len(city), 5))
    noise = 0.2 + rng.random(CITIES)[city]
    values = {name: X @ rng.normal(size=5) + city / 9 + noise * rng.normal(size=len(city)) for name in ("a", "b")}
    values["b"][city == 4] = np.nan
    splits = [leave_one_out("region", city % 3, city), leave_one_out("city", city)]
    bench = tabular_benchmark(values, splits, city)
    weak = X * [1, 1, 0, 0, 0] + 0.5 * rng.normal(size=X.shape)
    return bench, probe_groups({"strong": X, "weak": weak}, bench, bench.folds)


def test_the_score_itself_is_that_of_the_summary() -> None:
    _, groups = scored()
    summary = summarise(fold_scores(groups))
    found = label_intervals(bootstrap(groups, 10))
    both = summary.join(found, on=["split", "representation", "label"], suffix="_found")
    assert both.height == summary.height == found.height == 8
    np.testing.assert_allclose(both["r2_found"], both["r2"], rtol=1e-9)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000))
def test_a_draw_scores_the_cities_drawn_about_the_mean_of_the_fold_as_drawn(seed: int) -> None:
    """R² of one draw, from rows repeated as the draw repeats their cities."""
    _, groups = scored(seed)
    of_split = next(draws for draws in bootstrap(groups, 3, seed) if draws.split == "region")
    weights = np.random.default_rng(seed).multinomial(CITIES, np.full(CITIES, 1 / CITIES), size=3)
    order = sorted(str(city) for city in range(CITIES))
    for draw, counts in enumerate(weights):
        repeated = dict(zip(order, counts.tolist(), strict=True))
        table = groups.filter(split="region", representation="strong", label="a")
        sse = sst = 0.0
        for (fold,), of_fold in table.group_by("fold"):
            assert fold is not None
            times = np.array([repeated[group] for group in of_fold["group"]])
            rows = np.repeat(np.arange(of_fold.height), times)
            n, deviation, squares = (of_fold[name].to_numpy()[rows] for name in ("n", "deviation", "sst"))
            sse += of_fold["sse"].to_numpy()[rows].sum()
            sst += squares.sum() - (deviation.sum() ** 2 / n.sum() if len(rows) else 0.0)
        i, j = of_split.representations.index("strong"), of_split.labels.index("a")
        assert of_split.drawn[draw, i, j] == pytest.approx(1 - sse / sst)


def test_intervals_hold_the_score_and_narrow_with_more_cities() -> None:
    _, groups = scored()
    table = mean_intervals(bootstrap(groups))
    assert table.columns == ["split", "representation", "mean_r2", "low", "high", "labels", "groups"]
    for row in table.iter_rows(named=True):
        assert row["low"] < row["mean_r2"] < row["high"] <= 1
        assert (row["labels"], row["groups"]) == (2, CITIES)
    copies = [groups.with_columns(group=pl.col("group") + f" {i}", fold=pl.col("fold") + f" {i}") for i in range(9)]
    more = mean_intervals(bootstrap(pl.concat(copies)))
    np.testing.assert_allclose(more["mean_r2"], table["mean_r2"], rtol=1e-9)
    ratio = (more["high"] - more["low"]) / (table["high"] - table["low"])
    assert ratio.is_between(0.2, 0.5).all(), "a third, for nine times the cities"


def test_differences_are_taken_draw_by_draw() -> None:
    _, groups = scored()
    draws = bootstrap(groups)
    table = paired_differences(draws, [("strong", "weak"), ("weak", "strong"), ("strong", "strong")])
    means = mean_intervals(draws)
    for split in ("city", "region"):
        forward, backward, none = table.filter(split=split).iter_rows(named=True)
        assert forward["low"] == pytest.approx(-backward["high"])
        assert forward["ahead"] == 1.0
        assert (none["difference"], none["low"], none["high"], none["ahead"]) == (0, 0, 0, 0)
        strong, weak = means.filter(split=split)["mean_r2"]
        assert forward["difference"] == pytest.approx(strong - weak)
        ends = means.filter(split=split).select(pl.col("high") - pl.col("low")).sum().item()
        assert forward["high"] - forward["low"] < ends, "paired draws tell more than two intervals"


def test_the_same_seed_draws_the_same() -> None:
    _, groups = scored()
    shuffled = groups.sample(fraction=1, shuffle=True, seed=1)
    np.testing.assert_allclose(bootstrap(groups, 50)[0].drawn, bootstrap(shuffled, 50)[0].drawn, rtol=1e-9)
    assert not np.allclose(bootstrap(groups, 50)[0].drawn, bootstrap(groups, 50, seed=1)[0].drawn)


def test_a_floor_holds_labels_that_fail_without_bound() -> None:
    scored_r2 = np.array([[0.5, -80.0]])
    draws = Draws("E2", ("x",), ("a", "b"), scored_r2, np.repeat(scored_r2[None], 4, axis=0), 5)
    assert mean_intervals([draws])["mean_r2"].item() == pytest.approx(-39.75)
    assert mean_intervals([draws], floor=-1.0).row(0)[2:5] == pytest.approx((-0.25, -0.25, -0.25))


def test_what_cannot_be_drawn_is_refused() -> None:
    bench, groups = scored()
    with pytest.raises(BadInputError, match="holds out 2 groups"):
        bootstrap(groups.filter(pl.col("group").is_in(["0", "1"])))
    both = probe_groups({"x": np.ones((len(bench.values), 1))}, bench, bench.folds, choices=CHOICES)
    with pytest.raises(BadInputError, match="several choices"):
        bootstrap(both)
    with pytest.raises(BadInputError, match="nobody was not scored in split city; there are strong, weak"):
        paired_differences(bootstrap(groups, 5), [("strong", "nobody")])
