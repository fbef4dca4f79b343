"""All figures in one table."""

import polars as pl
import pytest

from codegen.evaluation.scores.frame import checked
from codegen.evaluation.scores.intervals import Drawing
from codegen.evaluation.scores.passing import RATES, items
from codegen.evaluation.scores.summary import ALL, DIMENSIONS, cube, summary
from tests.codegen.evaluation.scores.simulated import Bench, Simulated, simulated

QUICK = Drawing(draws=100)
SYSTEMS = [Simulated("a", rate=0.7), Simulated("b", rate=0.4, network=0.1), Simulated("reference", rate=1 - 1e-9)]


@pytest.fixture(scope="module")
def records() -> pl.DataFrame:
    return checked(simulated(SYSTEMS, Bench(tasks=66, boundary=0.8), texts=False))


def test_a_cell_of_the_cube_is_the_summary_of_its_cases(records: pl.DataFrame):
    cells = cube(records, QUICK)
    choices = [
        ("unit", ALL, ALL),
        (ALL, "ee.Image", ALL),
        ("boundary", ALL, "easy"),
        ("unit", "ee.List", "hard"),
        (ALL,) * 3,
    ]
    for chosen in choices:
        wanted = dict(zip(DIMENSIONS, chosen, strict=True))
        cell = cells.filter(*(pl.col(name) == value for name, value in wanted.items())).drop(DIMENSIONS)
        kept = records.filter(*(pl.col(name) == value for name, value in wanted.items() if value != ALL))
        alone = summary(kept, (), QUICK)
        assert cell.height == 3
        assert cell.equals(alone.select(cell.columns)), chosen


def test_rates_are_means_over_cases(records: pl.DataFrame):
    means = items(records).group_by("model").agg(pl.mean(*RATES)).sort("model")
    found = summary(records, (), QUICK).sort("model")
    for rate in RATES:
        assert found[rate].to_list() == pytest.approx(means[rate].to_list())
        assert (found[f"{rate}_low"] <= found[rate]).all()
        assert (found[f"{rate}_high"] >= found[rate]).all()


def test_only_a_system_with_failures_of_the_network_differs_without_them(records: pl.DataFrame):
    found = {row["model"]: row for row in summary(records, (), QUICK).iter_rows(named=True)}
    assert found["a"]["judged_unbiased_1"] == found["a"]["unbiased_1"]
    assert found["b"]["judged_unbiased_1"] > found["b"]["unbiased_1"]
    judged = items(records.filter(pl.col("model") == "b"), "left_out")["unbiased_1"].mean()
    assert found["b"]["judged_unbiased_1"] == pytest.approx(judged)
    assert found["b"]["coverage"] < 1 == found["a"]["coverage"]


def test_the_best_rank_comes_first_and_the_reference_last(records: pl.DataFrame):
    assert summary(records, (), QUICK)["model"].to_list() == ["a", "b", "reference"]


def test_a_system_that_the_network_prevented_wholly_is_still_there():
    records = simulated([Simulated("a"), Simulated("off", network=1.0)], Bench(tasks=6), texts=False)
    found = {row["model"]: row for row in summary(checked(records), (), QUICK).iter_rows(named=True)}
    assert found["off"]["first_1"] == 0
    assert found["off"]["judged_first_1"] is None
    assert found["off"]["coverage"] == 0
    assert found["off"]["programs"] is None
