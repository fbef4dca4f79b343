"""Differences of systems: what they are, how often they are found, and how often where there are none."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen.evaluation.scores.comparing import (
    Comparison,
    as_family,
    compared,
    comparisons_frame,
    holm,
    paired_bootstrap,
)
from codegen.evaluation.scores.frame import checked
from codegen.evaluation.scores.intervals import Drawing
from codegen.evaluation.scores.passing import items
from codegen.evaluation.scores.programs import programs
from lake.errors import BadInputError
from tests.codegen.evaluation.scores.simulated import Bench, Simulated, simulated

QUICK = Drawing(draws=400)
A, B = ("a", "bare"), ("b", "bare")


def two(first: float, second: float, seed: int = 0, **bench: float) -> pl.DataFrame:
    return simulated(
        [Simulated("a", rate=first), Simulated("b", rate=second)], Bench(**bench), seed, texts=False  # type: ignore[arg-type]
    )  # fmt: skip


def test_the_difference_is_that_of_common_cases():
    records = two(0.4, 0.6, tasks=30)
    gone = (pl.col("model") == "b") & (pl.col("function") == records["function"][0])
    left = records.filter(~gone)
    found = paired_bootstrap(left, A, B, "unbiased_1", drawing=QUICK)
    common = left.filter(pl.col("function") != records["function"][0])
    value = {m: common.filter(pl.col("model") == m)["passed"].mean() for m in ("a", "b")}
    assert (found.value_a, found.value_b) == pytest.approx((value["a"], value["b"]))
    assert found.difference == pytest.approx(value["b"] - value["a"])  # type: ignore[operator]
    assert found.left_out == records.filter(gone)["case"].n_unique()
    assert found.tasks == 29
    assert found.low < found.difference < found.high  # type: ignore[operator]


def test_turned_around_the_difference_is_its_negative():
    records = two(0.4, 0.6, tasks=30)
    there, back = paired_bootstrap(records, A, B, drawing=QUICK), paired_bootstrap(records, B, A, drawing=QUICK)
    assert (there.difference, there.low, there.high) == pytest.approx((-back.difference, -back.high, -back.low))  # type: ignore[operator]
    assert there.p_value == back.p_value


def test_where_there_is_no_difference_few_are_found_and_where_there_is_most_are():
    """At 5 %, of equal systems; and as many as `detectable` promises of unequal ones."""
    bench = {"tasks": 40, "most_cases": 3, "epochs": 2}
    equal = [paired_bootstrap(two(0.5, 0.5, seed, **bench), A, B, drawing=QUICK) for seed in range(90)]
    assert np.mean([one.p_value < 0.05 for one in equal]) < 0.12  # type: ignore[operator]
    assert np.mean([one.low <= 0 <= one.high for one in equal]) > 0.88  # type: ignore[operator]
    seen = float(np.mean([one.detectable for one in equal]))  # type: ignore[arg-type]
    apart = [paired_bootstrap(two(0.5 - seen / 2, 0.5 + seen / 2, s, **bench), A, B, drawing=QUICK) for s in range(60)]
    assert 0.6 < np.mean([one.p_value < 0.05 for one in apart]) < 0.96  # type: ignore[operator]


def test_equal_records_do_not_differ_and_the_page_says_what_could_have_been_seen():
    one = simulated([Simulated("a")], Bench(tasks=30), texts=False)
    both = pl.concat([one, one.with_columns(model=pl.lit("b"))])
    found = paired_bootstrap(both, A, B, drawing=QUICK)
    assert (found.difference, found.p_value) == (0, 1)
    assert (found.low, found.high, found.detectable) == pytest.approx((-0.1, 0.1, 0.1))  # 3 / 30


def test_few_tasks_prove_nothing_however_large_the_difference():
    records = two(1 - 1e-9, 1e-9, tasks=4)
    found = paired_bootstrap(records, A, B, drawing=QUICK)
    assert found.difference == pytest.approx(-1, abs=1e-6)
    assert found.p_value == pytest.approx(2**-3)
    single = paired_bootstrap(records.filter(pl.col("function") == records["function"][0]), A, B, drawing=QUICK)
    assert (single.p_value, single.low, single.detectable) == (None, None, None)


def test_a_case_with_too_few_epochs_is_left_out():
    found = paired_bootstrap(two(0.5, 0.6, tasks=10, epochs=3), A, B, "first_5", drawing=QUICK)
    assert (found.cases, found.difference, found.p_value) == (0, None, None)
    assert found.left_out > 0


def test_several_comparisons_are_as_if_each_were_alone():
    systems = [Simulated("a"), Simulated("b", rate=0.6), Simulated("c", "rag", 0.7)]
    records = checked(simulated(systems, Bench(tasks=30), texts=False))
    pairs = [(A, B), (A, ("c", "rag")), (B, ("c", "rag"))]
    together = compared(items(records), pairs, drawing=QUICK)
    for one, (a, b) in zip(together, pairs, strict=True):
        alone = paired_bootstrap(records, a, b, drawing=QUICK)
        assert (one.a, one.b, one.cases, one.tasks, one.p_value) == (a, b, alone.cases, alone.tasks, alone.p_value)
        assert (one.difference, one.low, one.high) == pytest.approx((alone.difference, alone.low, alone.high), abs=1e-6)
    sections = compared(items(records), pairs[:1], drawing=QUICK, section="theme")
    assert sections[0].section == "theme"
    assert sections[0].tasks == 1


def test_programs_without_unknown_operators_are_compared_like_a_rate():
    systems = [Simulated("a", rate=0.5, hallucinates=0.9), Simulated("b", rate=0.5, hallucinates=0.1)]
    records = checked(simulated(systems, Bench(tasks=60), texts=False))
    found = paired_bootstrap(records, A, B, "valid", drawing=QUICK)
    made = programs(records, ("section",)).with_columns(valid=pl.col("unknown_operators") == 0)
    share = {m: made.filter(model=m)["valid"].mean() for m in ("a", "b")}
    assert (found.value_a, found.value_b) == pytest.approx((share["a"], share["b"]))
    assert found.p_value < 0.05  # type: ignore[operator]
    assert found.tasks == 60


def test_unknown_systems_and_rates_are_refused():
    records = two(0.5, 0.5, tasks=3)
    with pytest.raises(BadInputError, match="no records of z/bare: there are those of a/bare, b/bare"):
        paired_bootstrap(records, A, ("z", "bare"))
    with pytest.raises(BadInputError, match="no rate pass_1"):
        paired_bootstrap(records, A, B, "pass_1")


def test_holms_correction_is_the_worked_example():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, None, 0.9]) == [1.0, None, 1.0]


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_rejects_what_stepping_down_rejects(p_values: list[float]):
    adjusted = holm(p_values)
    rejected: set[int] = set()
    for rank, place in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        if p_values[place] * (len(p_values) - rank) > 0.05:
            break
        rejected.add(place)
    assert {place for place, p in enumerate(adjusted) if p is not None and p <= 0.05} == rejected


def test_a_family_stands_in_a_table():
    found = as_family([paired_bootstrap(two(0.3, 0.7, seed, tasks=30), A, B, drawing=QUICK) for seed in (0, 1)])
    table = comparisons_frame(found)
    assert table.height == 2
    assert set(table.columns) == {"a_model", "a_solver", "b_model", "b_solver", *Comparison.__slots__} - {"a", "b"}
    assert (table["adjusted"] >= table["p_value"]).all()
    assert comparisons_frame([]).height == 0
