"""What must be true of records before scores are made of them."""

import polars as pl
import pytest

from codegen.evaluation.scores.checks import all_checks, complete, network_share, reasons_given, reference_is_right
from tests.codegen.evaluation.scores.simulated import Bench, Simulated, simulated


@pytest.fixture(scope="module")
def records() -> pl.DataFrame:
    return simulated([Simulated("a"), Simulated("reference", rate=1)], Bench(tasks=8, epochs=2))


def test_good_records_pass_every_check(records: pl.DataFrame):
    cases = set(records.select("section", "function", "case").iter_rows())
    found = all_checks(records, cases, epochs=2)
    assert [finding.name for finding in found if not finding.passed] == []
    assert found[0].figures["wanted"] == 2 * 2 * len(cases) == records.height


def test_missing_foreign_and_doubled_verdicts_are_named(records: pl.DataFrame):
    cases = set(records.select("section", "function", "case").iter_rows())
    gone = records.filter(~((pl.col("model") == "a") & (pl.col("case") == records["case"][0]) & (pl.col("epoch") == 2)))
    found = complete(gone)
    assert not found.passed
    assert found.told == f"Verdicts: 1 missing (a/bare {records['case'][0]} #2)."
    assert complete(records, cases, epochs=3).figures["missing"] == 2 * len(cases)
    assert complete(records, list(cases)[1:]).figures["foreign"] == 4
    twice = complete(pl.concat([records, records.head(1)]))
    assert (twice.passed, twice.figures["twice"]) == (False, 1)
    assert not complete(records.clear()).passed


@pytest.mark.parametrize(
    ("passed", "error", "reason", "fine"),
    [
        (True, None, "", True),
        (True, None, "because", False),
        (True, "syntax", "", False),
        (False, "syntax", "line 3", True),
        (False, "syntax", " ", False),
        (False, None, "line 3", False),
    ],
)
def test_failures_have_a_reason_and_what_passed_has_none(
    records: pl.DataFrame, passed: bool, error: str | None, reason: str, fine: bool
):
    one = records.head(1).with_columns(passed=passed, error=pl.lit(error, pl.String), reason=pl.lit(reason))
    assert reasons_given(one).passed is fine


def test_a_system_with_many_network_failures_is_named(records: pl.DataFrame):
    offline = simulated([Simulated("off", network=0.3)], Bench(tasks=30, epochs=2))
    found = network_share(pl.concat([records, offline]))
    assert not found.passed
    assert "off/bare" in found.told
    assert network_share(offline, most=0.9).passed
    assert network_share(records).passed


def test_the_reference_passes_all_or_is_told(records: pl.DataFrame):
    assert reference_is_right(records).passed
    assert reference_is_right(records.filter(model="a")).told == "The reference was not judged here."
    wrong = records.with_columns(passed=(pl.col("model") != "reference") | (pl.col("case") != records["case"][0]))
    found = reference_is_right(wrong)
    assert not found.passed
    assert found.figures["failed"] == 2
    assert records["case"][0] in found.told
