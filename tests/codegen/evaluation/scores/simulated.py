"""Records of models that do not exist, whose true pass rates are known.

A task has a chance of being solved by a system, drawn from a beta distribution; in each epoch the system writes one
program, which is right or wrong as a whole, and a right one may still fail a boundary case. So the cases of a task are
as dependent as they are in earnest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from codegen.evaluation.scores.frame import SCHEMA

OPERATORS = (
    ("ee.Image", "add", "image, value"), ("ee.Image", "normalizedDifference", "image, bandNames"),
    ("ee.Image", "reduceRegion", "image, reducer, geometry, scale"), ("ee.Image", "updateMask", "image, mask"),
    ("ee.ImageCollection", "filterDate", "collection, start, end"), ("ee.ImageCollection", "median", "collection"),
    ("ee.Feature", "buffer", "feature, distance"), ("ee.Feature", "set", "feature, name, value"),
    ("ee.FeatureCollection", "filterBounds", "collection, geometry"), ("ee.Geometry", "area", "geometry, maxError"),
    ("ee.Geometry", "intersection", "left, right, maxError"), ("ee.List", "slice", "values, start, end"),
    ("ee.List", "sort", "values, keys"), ("ee.Number", "divide", "left, right"), ("ee.String", "replace", "text, a, b"),
    ("ee.Dictionary", "combine", "first, second"), ("ee.Date", "advance", "date, delta, unit"),
    ("ee.DateRange", "contains", "dateRange, date"), ("ee.Array", "matrixMultiply", "left, right"),
    ("ee.ArrayImage", "arrayReduce", "image, reducer, axes"), ("ee.Kernel", "gaussian", "radius, sigma"),
    ("ee.Reducer", "percentile", "percentiles"), ("ee.Filter", "calendarRange", "start, end, field"),
    ("ee.Classifier", "smileRandomForest", "numberOfTrees"), ("ee.ConfusionMatrix", "kappa", "confusionMatrix"),
    ("ee.Projection", "nominalScale", "proj"), ("ee.Join", "inner", "primaryKey, secondaryKey"),
    ("ee.BOOL", "equals", "left, right"), ("ee.Blob", "string", "blob"), ("ee.PixelType", "precision", "pixelType"),
    ("ee.ErrorMargin", "value", "errorMargin"), ("ee.Element", "get", "element, property"),
    ("ee.Clusterer", "wekaKMeans", "nClusters"),
)  # fmt: skip
_SHARES = {"syntax": 0.1, "parameter": 0.3, "output_type": 0.15, "wrong_answer": 0.4, "runtime": 0.05}
_REASONS = {
    "syntax": "SyntaxError: '(' was never closed (line 4)",
    "parameter": "AttributeError: '{0}' object has no attribute '{1}All'",
    "output_type": "the function gave ee.ComputedObject where {0} was expected",
    "wrong_answer": "expected 0.482, got 0.471 at pixel (12, 7) of band nd",
    "runtime": "the program was stopped after 300 s",
    "network": "ConnectionError: the model's endpoint answered 503 four times",
}


@dataclass(frozen=True)
class Simulated:
    """A system.

    Attributes:
        model: Its name.
        solver: Its name.
        rate: Expected share of tasks that a program solves.
        tokens: Mean of a program.
        network: Chance that the network fails a program.
        hallucinates: Chance that a wrong program calls an operator that does not exist.
    """

    model: str
    solver: str = "bare"
    rate: float = 0.5
    tokens: int = 300
    network: float = 0.0
    hallucinates: float = 0.3


@dataclass(frozen=True)
class Bench:
    """What is asked.

    Attributes:
        tasks: How many.
        most_cases: Of a task; from 1 to so many.
        epochs: How often each is asked.
        spread: a + b of the beta distribution: small where a task is either easy or hopeless.
        boundary: Chance that a right program passes a boundary case.
    """

    tasks: int = 40
    most_cases: int = 4
    epochs: int = 5
    spread: float = 1.0
    boundary: float = 1.0


def simulated(systems: Sequence[Simulated], bench: Bench = Bench(), seed: int = 0, texts: bool = True) -> pl.DataFrame:
    """Records of all systems on the same tasks."""
    chance = np.random.default_rng(seed)
    tasks = _tasks(bench, chance)
    hardness = chance.random(bench.tasks)  # the same for all, so that systems find the same tasks hard
    return pl.concat([_of_system(system, tasks, hardness, bench, chance, texts) for system in systems])


def _tasks(bench: Bench, chance: np.random.Generator) -> pl.DataFrame:
    """A row a case."""
    rows = []
    for number in range(bench.tasks):
        kind, operator, parameters = OPERATORS[number % len(OPERATORS)]
        part = "theme" if number % 20 == 19 else "combination" if number % 10 == 9 else "unit"
        name = (
            f"{kind.removeprefix('ee.').lower()}{operator[0].upper()}{operator[1:]}{number // len(OPERATORS) or ''}Task"
        )
        difficulty = ("easy", "medium", "hard")[(number * 7) % 3]
        for case in range(1, int(chance.integers(1, bench.most_cases + 1)) + 1):
            section = "boundary" if part == "unit" and case > 2 else part
            rows.append((number, section, name, f"{name}_testcase{case}", kind, difficulty, operator, parameters))
    columns = ["number", "section", "function", "case", "type", "difficulty", "operator", "parameters"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def _of_system(
    system: Simulated, tasks: pl.DataFrame, hardness: np.ndarray, bench: Bench, chance: np.random.Generator, texts: bool
) -> pl.DataFrame:
    from scipy.special import betaincinv

    size = bench.tasks, bench.epochs
    solved = np.ones(bench.tasks)
    if system.rate < 1:
        solved = betaincinv(system.rate * bench.spread, (1 - system.rate) * bench.spread, hardness)
    right = chance.random(size) < solved[:, None]
    offline = chance.random(size) < system.network
    made = chance.random(size) < system.hallucinates
    classes = chance.choice(list(_SHARES), size, p=list(_SHARES.values()))
    prompt = chance.integers(90, 220, bench.tasks)
    completion = chance.poisson(system.tokens, size)
    lines = chance.integers(3, 14, size)
    parts = []
    for epoch in range(bench.epochs):
        at = tasks["number"].to_numpy()
        on_edge = (tasks["section"] == "boundary").to_numpy() & (chance.random(len(at)) > bench.boundary)
        wrong = ~right[at, epoch] | on_edge
        unknown = ~right[at, epoch] & made[at, epoch] & ~offline[at, epoch]
        error = np.where(unknown, "parameter", np.where(on_edge & right[at, epoch], "wrong_answer", classes[at, epoch]))
        error = np.where(offline[at, epoch], "network", error)
        passed = ~(wrong | offline[at, epoch])
        parts.append(
            tasks.with_columns(
                model=pl.lit(system.model), solver=pl.lit(system.solver), epoch=pl.lit(epoch + 1),
                out_type=pl.col("type"), passed=pl.Series(passed),
                error=pl.Series(np.where(passed, None, error).tolist(), dtype=pl.String),
                prompt_tokens=pl.Series(np.where(offline, 0, prompt[:, None])[at, epoch]),
                completion_tokens=pl.Series(np.where(offline, 0, completion)[at, epoch]),
                model_seconds=pl.Series(completion[at, epoch] / 60),
                run_seconds=pl.Series(chance.gamma(2, 0.02, len(at))),
                lines=pl.Series(np.where(offline, 0, lines)[at, epoch]),
                operators=pl.Series(np.where(offline, 0, lines - 1)[at, epoch]),
                unknown_operators=pl.Series(unknown.astype(int)),
            )
        )  # fmt: skip
    return _told(pl.concat(parts), texts).select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())


def _told(table: pl.DataFrame, texts: bool) -> pl.DataFrame:
    """With what a person reads."""
    if not texts:
        empty = [pl.lit("").alias(name) for name in ("reason", "prompt", "output")]
        code = pl.when(pl.col("error").eq_missing("network")).then(pl.lit("")).otherwise(pl.lit("x"))
        return table.with_columns(*empty, code.alias("code"))
    reasons = [
        (_REASONS[error].format(kind, operator) if error else "")
        for error, kind, operator in table.select("error", "type", "operator").iter_rows()
    ]
    columns = "function", "type", "operator", "parameters", "epoch", "error", "unknown_operators", "lines"
    code = [_code(*row) for row in table.select(columns).iter_rows()]
    prompt = pl.format(
        'Complete the function. Give the code only.\n\ndef {}({}):\n    """Calls {}.{} and gives its result.\n\n'
        "    Args:\n        {}: As Earth Engine takes them.\n\n    Returns:\n        {}\n    \"\"\"\n",
        "function", "parameters", "type", "operator", "parameters", "type",
    )  # fmt: skip
    output = pl.when(pl.col("passed")).then(pl.format("{}: as expected", "out_type")).otherwise(pl.lit("0.471"))
    return table.with_columns(
        prompt.alias("prompt"), output.alias("output"), pl.Series("reason", reasons), pl.Series("code", code)
    )


def _code(
    function: str, kind: str, operator: str, parameters: str, epoch: int, error: str | None, unknown: int, lines: int
) -> str:
    if error == "network":
        return ""
    called = f"{operator}All" if unknown else operator
    first, *rest = parameters.split(", ")
    filler = "".join(
        f"    step_{n} = ee.Number({n * epoch}).add(1)  # kept for later\n" for n in range(max(lines - 4, 0))
    )
    end = "" if error == "syntax" else ")"
    return (
        f'import ee\n\n\ndef {function}({parameters}):\n    """Answer number {epoch}."""\n{filler}'
        f"    result = {kind}({first}).{called}({', '.join(rest)}{end}\n    return result\n"
    )
