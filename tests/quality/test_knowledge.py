"""Checks of a knowledge base: what is sound passes, each thing that is wrong is told."""

import polars as pl
import pytest

from quality.knowledge import check_corpus, check_tables

SCRIPTS = pl.DataFrame({"id": ["a", "b"]})
DROPPED = pl.DataFrame({"origin": ["x"], "reason": ["binary"]})


def tables() -> dict[str, pl.DataFrame]:
    return {
        "operators": pl.DataFrame({"name": ["ee.Image", "ee.Image.add"]}),
        "relationships": pl.DataFrame(
            {"first": ["ee.Image"], "second": ["ee.Image.add"], "count": [3], "scripts": [2]}
        ),
        "chains": pl.DataFrame({"operators": [["ee.Image", "ee.Image.add"]], "count": [3], "scripts": [2]}),
        "patterns": pl.DataFrame({"operators": [["ee.Image"]]}),
        "outcomes": pl.DataFrame({"calls": [50, 50], "unresolved": [1, 0], "cut": [False, False]}),
    }


def failed(made: dict[str, pl.DataFrame], scripts: int = 2) -> dict[str, str]:
    return {outcome.name: outcome.description for outcome in check_tables(made, scripts) if not outcome.passed}


def test_what_is_sound_passes() -> None:
    assert failed(tables()) == {}
    assert all(outcome.passed for outcome in check_corpus(SCRIPTS, DROPPED))


@pytest.mark.parametrize(
    ("scripts", "dropped", "told"),
    [
        (SCRIPTS.head(0), DROPPED, "No script was kept"),
        (pl.concat([SCRIPTS, SCRIPTS]), DROPPED, "stand twice"),
        (SCRIPTS, pl.DataFrame({"origin": ["x"], "reason": [""]}), "without a reason"),
    ],
)
def test_a_corpus_that_cannot_be_used_is_told(scripts: pl.DataFrame, dropped: pl.DataFrame, told: str) -> None:
    (outcome,) = check_corpus(scripts, dropped)
    assert not outcome.passed
    assert outcome.blocking
    assert told in outcome.description


def test_an_operator_that_no_source_has_is_named() -> None:
    made = tables() | {"patterns": pl.DataFrame({"operators": [["ee.Image.fly"]]})}
    assert "ee.Image.fly" in failed(made)["operators"]


def test_counts_that_cannot_be_are_told() -> None:
    assert "3 scripts have 2 outcomes" in failed(tables(), 3)["counts"]
    made = tables() | {"chains": tables()["chains"].with_columns(count=pl.lit(1))}
    assert "in more scripts than places" in failed(made)["counts"]


def test_scripts_of_another_client_are_to_be_looked_at() -> None:
    outcomes = pl.DataFrame({"calls": [50, 50], "unresolved": [20, 0], "cut": [True, False]})
    told = failed(tables() | {"outcomes": outcomes})["followed"]
    assert "name no operator" in told
    assert "too intricate" in told
