"""Checks of judged cases: what is sound passes, each thing that is wrong is told."""

import polars as pl

from quality.evaluation import check_records

CASES = {"imageAddTask_testcase1", "imageAddTask_testcase2"}


def records(model: str = "some") -> pl.DataFrame:
    rows = [
        {"case": case, "epoch": epoch, "passed": True, "error": None, "reason": "", "model": model, "solver": "bare"}
        for case in sorted(CASES)
        for epoch in (1, 2)
    ]
    return pl.DataFrame(rows, schema_overrides={"error": pl.String})


def failing(**changes: object) -> pl.DataFrame:
    first = pl.int_range(pl.len()) == 0
    changed = [
        pl.when(first).then(pl.lit(value)).otherwise(pl.col(name)).alias(name) for name, value in changes.items()
    ]
    return records(str(changes.get("model", "some"))).with_columns(changed)


def failed(found: pl.DataFrame, cases: set[str] = CASES, epochs: int = 2) -> dict[str, str]:
    return {outcome.name: outcome.description for outcome in check_records(found, cases, epochs) if not outcome.passed}


def test_what_is_sound_passes() -> None:
    assert failed(records()) == {}
    assert failed(failing(passed=False, error="syntax", reason="line 1")) == {}


def test_a_case_that_is_missing_is_named() -> None:
    assert "imageAddTask_testcase2" in failed(records().filter(pl.col("case").str.ends_with("1")))["complete"]


def test_a_case_of_another_benchmark_is_named() -> None:
    assert "imageAddTask_testcase2" in failed(records(), {"imageAddTask_testcase1"})["complete"]


def test_an_epoch_that_is_missing_or_there_twice_is_told() -> None:
    assert "have not 3 epochs" in failed(records(), epochs=3)["complete"]
    assert "more than once" in failed(pl.concat([records(), records().head(1)]))["complete"]


def test_a_failure_needs_a_class_and_a_reason_and_a_pass_has_none() -> None:
    assert "no class or reason" in failed(failing(passed=False, error="syntax"))["told"]
    assert "yet have an error" in failed(failing(error="syntax"))["told"]
    assert "no classes" in failed(failing(passed=False, error="fate", reason="it was"))["told"]


def test_the_benchmarks_own_solutions_may_not_fail() -> None:
    assert (
        "imageAddTask_testcase1"
        in failed(failing(model="reference", passed=False, error="syntax", reason="no"))["answers"]
    )


def test_many_failures_of_the_network_are_to_be_looked_at() -> None:
    assert "failed for the network" in failed(failing(passed=False, error="network", reason="no answer"))["network"]
