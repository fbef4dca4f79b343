"""Intervals: known values, how often they hold what is true, and what they do with little."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen.evaluation.scores.frame import checked
from codegen.evaluation.scores.intervals import Drawing, drawn_means, mean_intervals, wilson, with_intervals
from codegen.evaluation.scores.passing import items
from tests.codegen.evaluation.scores.simulated import Bench, Simulated, simulated

QUICK = Drawing(draws=300)


@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    # R. G. Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_is_the_published_one(right: int, count: int, low: float, high: float):
    assert wilson(right / count, count) == pytest.approx((low, high), abs=5e-5)


def tasks(chance: np.random.Generator, rate: float, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Sums of passes and counts of cases of tasks, whose five epochs each pass with all cases or with none."""
    solved = chance.beta(rate * 0.6, (1 - rate) * 0.6, number)
    cases = chance.integers(1, 6, number).astype(float)
    return (chance.binomial(5, solved) / 5 * cases)[:, None], cases[:, None]


@pytest.mark.parametrize(("rate", "number"), [(0.5, 60), (0.9, 40), (0.3, 12), (0.7, 3)])
def test_intervals_hold_the_true_rate_as_often_as_they_say(rate: float, number: int):
    chance = np.random.default_rng(7)
    repeats = 250
    held = naive = 0
    for seed in range(repeats):
        sums, counts = tasks(chance, rate, number)
        low, high = mean_intervals(sums, counts, Drawing(draws=200, seed=seed))
        held += bool(low[0] <= rate <= high[0])
        below, above = wilson(float(sums.sum() / counts.sum()), float(counts.sum()))
        naive += below <= rate <= above
    assert held / repeats > 0.91  # three standard errors of 250 repeats below 0.95
    assert naive / repeats < held / repeats - 0.08, "cases of one task are not independent"


def test_the_draws_are_means_of_resampled_tasks():
    chance = np.random.default_rng(0)
    sums, counts = tasks(chance, 0.5, 50)
    share = sums.sum() / counts.sum()
    linear = ((sums - share * counts) ** 2).sum() / counts.sum() ** 2  # variance of a ratio, to first order
    draws = drawn_means(sums, counts, Drawing(draws=4_000))
    assert draws.mean() == pytest.approx(share, abs=0.01)
    assert draws.var() == pytest.approx(linear, rel=0.1)


def test_the_same_seed_gives_the_same_and_another_seed_another_interval():
    sums, counts = tasks(np.random.default_rng(0), 0.5, 30)
    first, again, other = (mean_intervals(sums, counts, Drawing(seed=seed)) for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.allclose(first, other, atol=0.05)


@given(st.integers(1, 30), st.integers(1, 20))
def test_where_all_tasks_are_alike_their_number_counts_and_not_that_of_cases(number: int, cases: int):
    counts = np.full((number, 2), float(cases))
    low, high = mean_intervals(np.stack([counts[:, 0], 0 * counts[:, 1]], axis=1), counts, QUICK)
    assert (high[0], low[1]) == pytest.approx((1, 0))
    assert low[0] == pytest.approx(1 - high[1])
    assert low[0] == pytest.approx(wilson(1.0, number)[0])


def test_one_task_with_many_cases_tells_little():
    low, high = mean_intervals(np.array([[10.0]]), np.array([[20.0]]))
    assert (low[0], high[0]) == pytest.approx(wilson(0.5, 1))


def test_a_column_without_values_has_no_interval():
    low, high = mean_intervals(np.zeros((4, 1)), np.zeros((4, 1)))
    assert np.isnan(low).all()
    assert np.isnan(high).all()


def test_groups_are_as_if_each_were_alone():
    records = checked(
        simulated([Simulated("a", network=0.1), Simulated("b", "rag", 0.8)], Bench(tasks=90), texts=False)
    )
    found = items(records, "left_out")
    by = ["type", "section"]
    together = with_intervals(found, by, ["first_1", "unbiased_3"], QUICK)
    for (kind, section), part in found.group_by(by):
        alone = with_intervals(part, [], ["first_1", "unbiased_3"], QUICK)
        group = together.filter(pl.col("type") == kind, pl.col("section") == section).drop(by)
        assert group.equals(alone.select(group.columns))
    means = found.group_by("model", *by).agg(pl.mean("first_1", "unbiased_3")).sort("model", *by)
    assert together.sort("model", *by)["first_1"].to_list() == pytest.approx(means["first_1"].to_list())
    assert with_intervals(found.clear(), by, ["first_1"]).columns[-3:] == ["first_1", "first_1_low", "first_1_high"]
