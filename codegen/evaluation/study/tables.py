"""The study's tables as a person reads them, for the page and for Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from codegen.evaluation.scores.passing import KS
from codegen.evaluation.scores.report import p_text, percent
from codegen.evaluation.study.analysis import RATE, Analysis

Row = Mapping[str, Any]


def points(value: float) -> str:
    """A difference of shares in points, with its sign; what is rounded to nothing has none."""
    rounded = round(100 * value, 1)
    return f"{rounded:+.1f}" if rounded else "0.0"


def points_between(low: float, high: float) -> str:
    """An interval of differences."""
    return f"{points(low)} to {points(high)}"


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as text.

    Attributes:
        heads: Of the columns.
        rows: Cells; a row of one cell is a heading between rows.
        names: Columns that hold words, from the left; the others hold numbers.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    names: int = 1


def conditions(analysis: Analysis, families: Mapping[str, str]) -> Table:
    """How often each way of asking is right."""
    ks = [k for k in KS if analysis.conditions[f"unbiased_{k}"].is_not_null().any()]
    heads = "condition", "tasks", "cases", *(f"pass@{k}, %" for k in ks), "tasks with a right case", "coverage, %"
    rows = _by_family(
        analysis.conditions,
        families,
        lambda row: (
            f"{row['tasks']:,}",
            f"{row['cases']:,}",
            *(_with_interval(row, f"unbiased_{k}") for k in ks),
            f"{row['tasks_with_right_cases'] or 0:,}",
            percent(row["coverage"]),
        ),
    )
    return Table(heads, tuple(rows))


def validity(analysis: Analysis, families: Mapping[str, str]) -> Table:
    """What programs call that does not exist."""
    heads = (
        "condition", "calls a program", "of them made up, %", "programs without made-up ones, %",
        "programs without calls, %",
    )  # fmt: skip
    rows = _by_family(
        analysis.conditions,
        families,
        lambda row: (
            _decimal(row["operators"], 2),
            percent(row["hallucinated"]),
            _with_interval(row, "valid"),
            percent(row["without_calls"]),
        ),
    )
    return Table(heads, tuple(rows))


def costs(analysis: Analysis, families: Mapping[str, str]) -> Table:
    """What a program takes."""
    heads = (
        "condition", "questions", "tokens read", "tokens written", "model, s", "running a case, s", "lines",
        "no code, %", "ended by itself, %",
    )  # fmt: skip
    rows = _by_family(
        analysis.conditions,
        families,
        lambda row: (
            _decimal(row["calls"], 1),
            *(_decimal(row[name], 0) for name in ("prompt_tokens", "completion_tokens")),
            _decimal(row["model_seconds"], 1),
            _decimal(row["run_seconds"], 2),
            _decimal(row["lines"], 1),
            percent(row["no_code"]),
            percent(row["ended"]),
        ),
    )
    return Table(heads, tuple(rows))


def hypotheses(analysis: Analysis, families: Mapping[str, str]) -> Table:
    """What was expected of each comparison, and what was found."""
    heads = (
        "condition", "against", "expected", "found", "difference, points (95 %)", "p", "p (Holm)", "seen from, points",
        "tasks for 10 points",
    )  # fmt: skip
    rows: list[tuple[str, ...]] = []
    for family, title in families.items():
        of_family = list(analysis.uplifts.filter(pl.col("family") == family).iter_rows(named=True))
        if of_family:
            rows.append((title,))
        for before, row in zip((None, *of_family), of_family, strict=False):
            is_first = before is None or before["condition"] != row["condition"]
            rows.append(_hypothesis(row, row["hypothesis"] if is_first else "as above"))
    return Table(heads, tuple(rows), names=4)


def classes(analysis: Analysis, titles: Mapping[str, str]) -> Table:
    """pass@1 by class of problems."""
    names = analysis.conditions["condition"].to_list()
    cells = {(row["problem"], row["condition"]): row for row in analysis.classes.iter_rows(named=True)}
    rows = []
    for problem in dict.fromkeys(analysis.classes["problem"]):
        of_class = [cells.get((problem, name)) for name in names]
        tasks = max(row["tasks"] for row in of_class if row)
        shown = (percent(row[RATE]) if row else "–" for row in of_class)
        rows.append((titles.get(problem, problem), f"{tasks:,}", *shown))
    return Table(("class of problems", "tasks", *names), tuple(rows))


def _hypothesis(row: Row, expected: str) -> tuple[str, ...]:
    difference = "–" if row["difference"] is None else points(row["difference"])
    if row["low"] is not None:
        difference += f" ({points_between(row['low'], row['high'])})"
    wanted = "–" if row["tasks_wanted"] is None else f"{row['tasks_wanted']:,}"
    return (
        row["condition"],
        row["against"],
        expected,
        row["finding"],
        difference,
        p_text(row["p_value"]),
        p_text(row["adjusted"]),
        percent(row["detectable_adjusted"]),
        wanted,
    )


def _by_family(table: pl.DataFrame, families: Mapping[str, str], cells: Any) -> Iterator[tuple[str, ...]]:
    for family, title in families.items():
        rows = list(table.filter(pl.col("family") == family).iter_rows(named=True))
        if rows:
            yield (title,)
        for row in rows:
            yield (row["condition"], *cells(row))


def _with_interval(row: Row, name: str) -> str:
    if row[name] is None:
        return "–"
    return f"{percent(row[name])} ({percent(row[f'{name}_low'])}–{percent(row[f'{name}_high'])})"


def _decimal(value: float | None, places: int) -> str:
    return "–" if value is None else f"{value:,.{places}f}"
