"""Outcomes of the quality room as Dagster's checks: what blocks, what warns, and what a person reads."""

import dagster as dg

from assets.checks import any_blocked, declared, results
from quality.outcome import CheckSpec, Outcome

KEY = dg.AssetKey("table")
UNITS = CheckSpec("units", True, "Values are in the stated unit.")
ROWS = CheckSpec("rows", True, "As many rows as pixels.")
DRIFT = CheckSpec("drift", False, "Years resemble one another.")


def by_name(outcomes: dict[str, list[Outcome]]) -> dict[str, dg.AssetCheckResult]:
    return {str(result.check_name): result for result in results(outcomes, KEY)}


def test_an_asset_declares_a_blocking_check_and_one_that_warns_and_each_names_what_it_holds_to() -> None:
    contract, plausibility = declared([UNITS, DRIFT, ROWS], KEY)
    assert (contract.name, contract.blocking, contract.asset_key) == ("contract", True, KEY)
    assert (plausibility.name, plausibility.blocking) == ("plausibility", False)
    assert contract.description == "- **units**: Values are in the stated unit.\n- **rows**: As many rows as pixels."
    assert [spec.name for spec in declared([DRIFT], KEY)] == ["plausibility"]


def test_results_are_those_that_were_declared() -> None:
    found = {"wuhan|2020": [UNITS.outcome(), DRIFT.outcome()]}
    assert set(by_name(found)) == {spec.name for spec in declared([UNITS, DRIFT], KEY)}


def test_one_bad_partition_fails_the_check_of_the_run_and_is_named() -> None:
    bad = UNITS.outcome(["Population is in thousands: multiply by 1,000."], {"median": 3.14159265})
    found = {"wuhan|2020": [UNITS.outcome(), DRIFT.outcome()], "wuhan|2021": [bad, DRIFT.outcome()]}
    assert any_blocked(found)
    contract = by_name(found)["contract"]
    assert not contract.passed
    assert contract.severity is dg.AssetCheckSeverity.ERROR
    assert contract.description == "wuhan|2021 units: Population is in thousands: multiply by 1,000."
    table = str(contract.metadata["outcomes"].value)
    assert "| wuhan\\|2020 | units | yes |  |" in table
    assert "| wuhan\\|2021 | units | **no** | median 3.142 |" in table
    assert by_name(found)["plausibility"].passed


def test_what_is_only_implausible_warns_and_blocks_nothing() -> None:
    found = {"": [UNITS.outcome(), DRIFT.outcome(["Lights doubled."])]}
    assert not any_blocked(found)
    plausibility = by_name(found)["plausibility"]
    assert not plausibility.passed
    assert plausibility.severity is dg.AssetCheckSeverity.WARN
    assert by_name(found)["contract"].passed
    assert "| all | drift | **no** |" in str(plausibility.metadata["outcomes"].value)
