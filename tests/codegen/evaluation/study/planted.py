"""Studies of models that do not exist: what each way of asking is worth is planted."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from codegen.evaluation.scores.frame import checked
from codegen.evaluation.study.conditions import Conditions, read_conditions
from codegen.evaluation.study.problems import titles
from codegen.evaluation.study.reading import Study, with_calls
from codegen.evaluation.study.state import State, Step
from tests.codegen.evaluation.scores.simulated import Bench, Simulated, simulated

MODEL = "openai-api/fake/planted"
FIXED = {"model": MODEL, "benchmark": "ours", "parts": ["combination", "theme"], "seed": 0}
TOLD = {"date": "2026-01-01T00:00:00+00:00", "versions": {"python": "3.11"}}
CLASSES = list(titles())[:9]


def planted(
    rates: Mapping[str, float],
    bench: Bench,
    seed: int = 0,
    conditions: Conditions | None = None,
    texts: bool = False,
) -> Study:
    """A study in which a condition's programs are right as often as its rate says; one without a rate is not begun."""
    table = conditions or read_conditions()
    made = [Simulated(MODEL, row.name, rates[row.name]) for row in table.rows if row.name in rates]
    return study_of(simulated(made, bench, seed, texts), table)


def study_of(records: pl.DataFrame, conditions: Conditions) -> Study:
    """A study with these records."""
    whole = checked(records)
    functions = whole["function"].unique().sort().to_list()
    problems = {function: CLASSES[number % len(CLASSES)] for number, function in enumerate(functions)}
    steps = [Step(row.name, 1, len(functions), 10.0, "cafe") for row in conditions.rows]
    state = State(FIXED, TOLD, conditions, int(whole["epoch"].n_unique()), len(functions), [problems], steps)
    return Study(state, whole, with_calls(whole, _calls(whole, conditions)), {"simulated": True})


def _calls(records: pl.DataFrame, conditions: Conditions) -> pl.DataFrame:
    """Most take all rounds where they are wrong, and none where they are right."""
    most = {row.name: row.most_calls for row in conditions.rows}
    least = pl.min_horizontal(pl.lit(2), pl.col("most"))
    programs = records.group_by("solver", "function", "epoch").agg(pl.all("passed").alias("right"))
    counted = programs.with_columns(most=pl.col("solver").replace_strict(most, return_dtype=pl.Int64))
    calls = pl.when("right").then(least).otherwise(pl.col("most")).cast(pl.Int64)
    return counted.select("solver", "function", pl.col("epoch").cast(pl.Int64), calls.alias("calls"))
