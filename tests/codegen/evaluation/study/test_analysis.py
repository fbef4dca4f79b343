"""What is planted is found, and what is not is not; and where nothing is right nothing is claimed."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from codegen.evaluation.scores.intervals import Drawing
from codegen.evaluation.study.analysis import HIGHER, LOWER, OPEN, UNTESTED, analyse
from codegen.evaluation.study.conditions import only, read_conditions
from codegen.evaluation.study.findings import findings, limits
from codegen.evaluation.study.page import markdown
from lake.errors import BadInputError
from tests.codegen.evaluation.scores.simulated import Bench
from tests.codegen.evaluation.study.planted import planted, study_of

QUICK = Drawing(draws=400)
LARGE = Bench(tasks=200, most_cases=2, epochs=3)
RATES = {row.name: 0.5 for row in read_conditions().rows}
PLANTED = RATES | {"bare": 0.25, "cop_without_retrieval": 0.25, "rag_without_operator": 0.25}


def test_effects_are_found_where_they_are_planted_and_nowhere_else() -> None:
    study = planted(PLANTED, LARGE)
    analysis = analyse(study, QUICK)
    found = {(row["condition"], row["against"]): row for row in analysis.uplifts.iter_rows(named=True)}
    apart = {pair: row["finding"] for pair, row in found.items() if row["finding"] != OPEN}
    assert apart == {
        ("direct", "bare"): HIGHER,
        ("rag", "bare"): HIGHER,
        ("cop", "bare"): HIGHER,
        ("cop_without_retrieval", "cop"): LOWER,
        ("rag_without_operator", "rag"): LOWER,
    }
    row = found["rag", "bare"]
    assert row["low"] < 0.25 < row["high"]
    assert (row["adjusted"] >= row["p_value"]) & (row["detectable_adjusted"] > row["detectable"])
    told = findings(analysis, study.state.conditions.families)
    assert sum("more of the cases are right" in one for one in told) == 3
    assert "Retrieval without one of the knowledge base's tables: 7 of 8 differences are not told apart." in told


def test_where_nothing_differs_a_family_finds_something_once_in_twenty() -> None:
    """Family-wise: 40 studies of equal conditions, of which 2 may err, and 6 once in a hundred times."""
    conditions = only(read_conditions(), ["few_shot", "chain_of_thought", "self_debug"])
    rates = {row.name: 0.5 for row in conditions.rows}
    bench = Bench(tasks=40, most_cases=2, epochs=1)
    wrong = 0
    for seed in range(40):
        uplifts = analyse(planted(rates, bench, seed, conditions), QUICK).uplifts
        wrong += bool((uplifts["finding"] != OPEN).any())
    assert uplifts.height == 3
    assert wrong <= 6


def test_by_class_the_figures_are_those_of_its_tasks_and_are_corrected_together() -> None:
    study = planted(PLANTED, LARGE)
    analysis = analyse(study, QUICK)
    problem = study.state.slices[0]
    of_class = study.records.with_columns(problem=pl.col("function").replace_strict(problem))
    by_case = of_class.group_by("solver", "problem", "function", "case").agg(pl.mean("passed"))
    expected = {
        (solver, name): value
        for solver, name, value in by_case.group_by("solver", "problem").agg(pl.mean("passed")).iter_rows()
    }
    for row in analysis.classes.iter_rows(named=True):
        assert row["unbiased_1"] == pytest.approx(expected[row["condition"], row["problem"]])
    table = analysis.uplifts_by_class.filter(family="steps")
    assert table.height == 6 * 9
    assert (table["adjusted"] >= table["p_value"]).all()
    assert table["adjusted"].min() > analysis.uplifts.filter(family="steps")["adjusted"].min()


def test_only_tasks_that_all_conditions_have_are_held_against_each_other() -> None:
    conditions = only(read_conditions(), ["direct", "rag"])
    rates = {"bare": 0.2, "direct": 0.5, "rag": 0.5}
    whole = planted(rates, Bench(tasks=30), 0, conditions)
    gone = whole.records["function"].unique().sort()[:4]
    missing = (pl.col("solver") == "rag") & pl.col("function").is_in(gone)
    study = study_of(whole.records.filter(~missing), conditions)
    analysis = analyse(study, QUICK)
    assert (analysis.tasks, analysis.left_out) == (26, 4)
    assert set(analysis.conditions["tasks"]) == {26}
    assert any("4 tasks left out" in one for one in limits(study, analysis))
    never = study_of(whole.records.filter(pl.col("solver") != "rag"), conditions)
    analysis = analyse(never, QUICK)
    assert (analysis.tasks, analysis.not_begun) == (30, ("rag",))
    assert "Not asked yet: rag." in limits(never, analysis)
    with pytest.raises(BadInputError, match="Nothing is judged yet"):
        analyse(study_of(whole.records.clear(), conditions), QUICK)


def test_failures_of_the_network_are_no_verdicts() -> None:
    conditions = only(read_conditions(), ["direct"])
    records = planted({"bare": 0.5, "direct": 0.5}, Bench(tasks=30, epochs=1), 0, conditions).records
    first = records["function"].unique().sort()[0]
    failed = (pl.col("solver") == "direct") & (pl.col("function") == first)
    offline = records.with_columns(
        passed=pl.when(failed).then(False).otherwise("passed"),
        error=pl.when(failed).then(pl.lit("network")).otherwise("error"),
        code=pl.when(failed).then(pl.lit("")).otherwise("code"),
    )
    study = study_of(offline, conditions)
    analysis = analyse(study, QUICK)
    left = records.filter(pl.col("function") != first)
    rates = dict(analysis.conditions.select("condition", "unbiased_1").iter_rows())
    assert rates["direct"] == pytest.approx(left.filter(solver="direct")["passed"].mean())
    assert analysis.network == records.filter(failed).height
    assert analysis.uplifts["left_out"].item() == records.filter(failed)["case"].n_unique()


def test_where_nothing_is_right_nothing_is_claimed() -> None:
    study = planted(dict.fromkeys(RATES, 1e-9), Bench(tasks=30, epochs=1))
    analysis = analyse(study, QUICK)
    uplifts = analysis.uplifts
    assert (uplifts["difference"] == 0).all()
    assert (uplifts["finding"] == OPEN).all()
    assert uplifts.select("low", "high").row(0) == pytest.approx((-0.1, 0.1))  # 3 / 30
    assert uplifts["tasks_wanted"].is_null().all()
    told = limits(study, analysis)
    assert any("No condition got any case of 30 tasks right" in one and "10.0 %" in one for one in told)
    assert any("not what a way of asking is worth" in one.replace("but not", "not") for one in told)
    assert not any("points more" in one for one in findings(analysis, study.state.conditions.families))
    assert "SIMULATED" in markdown(study, analysis)


def test_of_too_few_tasks_it_is_said_that_nothing_could_have_been_found() -> None:
    study = planted(RATES | {"bare": 1e-9}, Bench(tasks=5, epochs=1))
    analysis = analyse(study, QUICK)
    assert (analysis.uplifts["finding"] == OPEN).all()
    told = [one for one in limits(study, analysis) if "whatever the answers" in one]
    assert len(told) == 3
    assert "none of 11 comparisons could have been told apart" in told[0]
    assert "9 tasks are the fewest" in told[0]  # 11 · 2^(1 − 9) < 0.05
    single = planted(RATES, Bench(tasks=1, epochs=1))
    assert set(analyse(single, QUICK).uplifts["finding"]) == {UNTESTED}


def test_questions_and_rounds_are_told_of_chains() -> None:
    study = planted({"bare": 0.5, "cop": 0.5}, Bench(tasks=40, epochs=1))
    rows = {row["condition"]: row for row in analyse(study, QUICK).conditions.iter_rows(named=True)}
    assert (rows["bare"]["calls"], rows["bare"]["ended"]) == (1, None)
    programs = study.records.filter(solver="cop").group_by("function").agg(pl.all("passed"))
    share = float(programs["passed"].mean())  # type: ignore[arg-type]
    assert rows["cop"]["ended"] == pytest.approx(share)
    assert rows["cop"]["calls"] == pytest.approx(2 * share + 4 * (1 - share))
    steps = [replace(step, code=str(number)) for number, step in enumerate(study.state.steps)]
    study.state.steps[:] = steps
    assert any("were changed between slices" in one for one in limits(study, analyse(study, QUICK)))
