"""What programs cost: once a program, however many cases it is judged with."""

import polars as pl
import pytest

from codegen.evaluation.scores.failures import SHARES, error_mix
from codegen.evaluation.scores.frame import checked
from codegen.evaluation.scores.programs import programs, resources, validity
from tests.codegen.evaluation.scores.simulated import Bench, Simulated, simulated


def small(**changes: object) -> pl.DataFrame:
    """Two cases of one program and one case of another, for one epoch."""
    base = simulated([Simulated("m", rate=1 - 1e-9)], Bench(tasks=1, most_cases=1, epochs=1), texts=False)
    rows = pl.concat([base] * 3).with_columns(
        function=pl.Series(["f", "f", "g"]),
        case=pl.Series(["f1", "f2", "g1"]),
        section=pl.Series(["unit", "boundary", "unit"]),
        passed=pl.Series([True, False, True]),
        error=pl.Series([None, "wrong_answer", None]),
        prompt_tokens=pl.Series([100, 100, 200]),
        completion_tokens=pl.Series([10, 10, 30]),
        model_seconds=pl.Series([1.0, 1.0, 2.0]),
        run_seconds=pl.Series([0.1, 0.2, 0.6]),
        lines=pl.Series([4, 4, 8]),
        operators=pl.Series([2, 2, 6]),
        unknown_operators=pl.Series([1, 1, 0]),
    )
    return checked(rows.with_columns(**{name: pl.Series(value) for name, value in changes.items()}))


def test_a_program_counts_once_and_a_right_case_costs_its_share():
    found = resources(small()).row(0, named=True)
    assert (found["programs"], found["prompt_tokens"], found["lines"]) == (2, 150, 6)
    assert (found["total_tokens"], found["tokens_per_right"], found["seconds_per_right"]) == (340, 170, 1.5)
    assert (found["run_seconds"], found["total_run_seconds"]) == (pytest.approx(0.3), pytest.approx(0.9))


def test_a_program_with_cases_in_two_sections_is_in_both():
    by_section = resources(small(), ("section",))
    assert dict(by_section.select("section", "programs").iter_rows()) == {"boundary": 1, "unit": 2}
    assert programs(small()).height == 2


def test_where_nothing_passed_a_right_case_has_no_price():
    found = resources(small(passed=[False] * 3, error=["syntax"] * 3)).row(0, named=True)
    assert found["tokens_per_right"] is None
    assert found["total_tokens"] == 340


def test_what_the_network_prevented_is_no_program():
    offline = small(error=["network", "network", None], passed=[False, False, True], code=["", "", "x"])
    assert resources(offline)["programs"].to_list() == [1]
    assert resources(offline)["prompt_tokens"].to_list() == [200]
    judge_failed = small(error=["network", "network", None], passed=[False, False, True])
    assert resources(judge_failed)["programs"].to_list() == [2], "the model had answered; the judge had no network"


def test_unknown_operators_are_counted_a_program():
    found = validity(small()).row(0, named=True)
    assert (found["operators"], found["unknown_operators"], found["hallucinated"]) == (4, 0.5, 1 / 8)
    assert (found["valid"], found["without_calls"]) == (0.5, 0)
    assert found["valid_low"] < 0.5 < found["valid_high"]
    silent = validity(small(operators=[0] * 3, unknown_operators=[0] * 3)).row(0, named=True)
    assert (silent["hallucinated"], silent["without_calls"], silent["valid"]) == (None, 1, 1)


def test_the_error_mix_is_of_failures_and_coverage_of_verdicts():
    records = checked(simulated([Simulated("m", rate=0.4, network=0.2)], Bench(tasks=60), texts=False))
    found = error_mix(records).row(0, named=True)
    failed = records.filter(~pl.col("passed"))
    for share in SHARES:
        assert found[share] == failed.filter(pl.col("error") == share.removeprefix("error_")).height / failed.height
    assert sum(found[share] for share in SHARES) == pytest.approx(1)
    assert found["coverage"] == 1 - records.filter(pl.col("error") == "network").height / records.height
    assert found["verdicts"] == records.height == found["cases"] * found["epochs"]
    assert error_mix(records.filter("passed"))["error_syntax"].to_list() == [None]
