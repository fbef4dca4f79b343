"""Functions and their mapping against labels that were made blind to the program (this package's docstring says how).

Metrics (`codegen.knowledge.functions.measuring`): the mapping is right where the first function of a combination is
the label or one of its alternates (semantic); a combination is right where its operators stand together in as many
callers as it tells, counted anew (structural). What scripts serve: F1 over pairs (script, function), beside what it
would be if every script were told the four functions that most of them serve.
"""

from pathlib import Path

import polars as pl
import pytest
import yaml

from codegen.corpora.script import Script
from codegen.extraction.extract import extract
from codegen.knowledge.functions import function_tables, map_combination
from codegen.knowledge.functions.measuring import (
    LabelledCombination,
    functions_of_scripts,
    multi_label,
    semantic_accuracy,
    structural_accuracy,
)
from codegen.knowledge.patterns.sequences import frequent_sequences
from tests.ee_emulator.javascript.scripts import distinct_scripts

HERE = Path(__file__).parent
SHOWN = ("Map.", "ui.", "Chart.")
COMMON = {"show_map", "load_images", "select_bands", "filter_time"}


@pytest.fixture(scope="module")
def callers() -> pl.DataFrame:
    """What each caller of the 1,001 distinct scripts calls, by the name of the script."""
    rows: dict[tuple[str, str], list[str]] = {}
    for script in distinct_scripts():
        for call in extract(script["code"], "javascript").calls:
            if call.reached.name == "RUNS" and not call.operator.startswith(SHOWN) and call.operator != "print":
                rows.setdefault((script["name"], call.function), []).append(call.operator)
    told = [(script, function, operators) for (script, function), operators in rows.items()]
    return pl.DataFrame(told, schema=["script", "function", "operators"], orient="row")


@pytest.fixture(scope="module")
def tables(callers: pl.DataFrame) -> dict[str, pl.DataFrame]:
    scripts = [Script(s["name"], "geemap", s["name"], "MIT", "javascript", s["code"], "") for s in distinct_scripts()]
    sequences = frequent_sequences(callers["operators"].to_list(), 0.01, 6)
    return function_tables(callers, sequences, scripts)


def test_the_mapping_is_semantically_right(tables: dict[str, pl.DataFrame]) -> None:
    labels = [
        LabelledCombination(tuple(one["operators"]), one["function"], tuple(one.get("also", ())))
        for one in yaml.safe_load((HERE / "combinations.yaml").read_text(encoding="utf-8"))
    ]
    found = semantic_accuracy(labels, lambda operators: map_combination(operators, tables))
    print(f"{len(labels)} combinations: {found.accuracy:.3f} right, {found.primary:.3f} the label itself")
    assert found.accuracy >= 0.90


def test_the_combinations_stand_in_the_scripts_as_told(tables: dict[str, pl.DataFrame], callers: pl.DataFrame) -> None:
    share = structural_accuracy(tables["combinations"], callers)
    print(f"{tables['combinations'].height} combinations: {share:.3f} stand as told")
    assert share >= 0.95


def test_what_scripts_serve(tables: dict[str, pl.DataFrame]) -> None:
    labelled = yaml.safe_load((HERE / "labels.yaml").read_text(encoding="utf-8"))
    told = functions_of_scripts(tables["unit_functions"])
    found = multi_label({name: told.get(name, set()) for name in labelled}, labelled)
    constant = multi_label(dict.fromkeys(labelled, COMMON), labelled)
    rare = multi_label(
        {name: told.get(name, set()) - COMMON for name in labelled},
        {name: set(functions) - COMMON for name, functions in labelled.items()},
    )
    for name, score in (("ours", found), ("the four common ones, always", constant), ("without those four", rare)):
        print(f"{name}: precision {score.precision:.3f}, recall {score.recall:.3f}, F1 {score.f1:.3f}")
    assert found.f1 > constant.f1
    assert found.f1 >= 0.85
