"""The scores as Markdown, for the terminal, for Dagster and for MLflow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import polars as pl

from codegen.evaluation.cases.case import SECTIONS
from codegen.evaluation.record import ERROR_CLASSES
from codegen.evaluation.scores.comparing import VALID, Comparison, as_family, compared
from codegen.evaluation.scores.frame import REFERENCE, checked
from codegen.evaluation.scores.intervals import Drawing
from codegen.evaluation.scores.passing import KS, items
from codegen.evaluation.scores.ranks import RANKS
from codegen.evaluation.scores.summary import summary
from codegen.pages.markdown import as_code, plain_words, table_section

Row = Mapping[str, Any]

_code = partial(as_code, longest=60)
_SYSTEMS_ACROSS = 6
"""Systems that a table by type has as columns: the best ones."""
_IN_ORDER = (*SECTIONS, "easy", "medium", "hard")
_CLASS_TITLES = {name: name.replace("_", " ") for name in ERROR_CLASSES}


def markdown(records: pl.DataFrame, about: Mapping[str, Any] | None = None, drawing: Drawing | None = None) -> str:
    """The report.

    Args:
        records: A table with the columns of `Record`, of one or many systems.
        about: What is told of the runs: name and value of each, such as `benchmark`.
        drawing: How intervals are drawn.

    Returns:
        Markdown; names that come from models or files stand as code, so that nothing in them is taken for a mark.

    Raises:
        BadInputError: See `frame.checked`.
    """
    table = checked(records)
    if not table.height:
        return "There are no records.\n"
    whole = summary(table, (), drawing)
    rows = list(whole.iter_rows(named=True))
    parts = [
        _head(table, rows, about or {}),
        _passing("pass@k, any of the first k epochs", "first", rows),
        _passing("pass@k, unbiased", "unbiased", rows),
        _network(rows),
        _by(table, "section", rows, drawing),
        _errors(rows),
        _resources(rows),
        _validity(rows),
        _by(table, "type", rows, drawing),
        _by(table, "difficulty", rows, drawing),
        _differences(table, rows),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def comparisons_markdown(comparisons: Sequence[Comparison]) -> str:
    """Differences with their intervals and p-values, and how large a difference could have been seen."""
    rows = [
        (
            name_of(one.a),
            name_of(one.b),
            one.section,
            f"{one.cases:,} ({one.tasks:,})",
            percent(one.value_a),
            percent(one.value_b),
            _signed(one.difference, one.low, one.high),
            p_text(one.p_value),
            p_text(one.adjusted),
            percent(one.detectable),
        )
        for one in comparisons
    ]
    title = "Differences" + (f" in {_rate_title(comparisons[0].rate)}" if comparisons else "")
    heads = "a", "b", "section", "cases (tasks)", "a, %", "b, %", "b − a, points", "p", "p (Holm)", "could be seen from"
    return table_section(title, heads, rows)


def percent(value: float | None) -> str:
    """A share in percent, with one decimal; a dash where there is none."""
    return "–" if value is None else f"{100 * value:.1f}"


def p_text(p: float | None) -> str:
    """A p-value as it is printed."""
    return "–" if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}"


def name_of(system: tuple[str, str]) -> str:
    """A system's name in a cell."""
    return _code("/".join(system))


def _head(table: pl.DataFrame, rows: Sequence[Row], about: Mapping[str, Any]) -> str:
    functions, cases = table["function"].n_unique(), table.select("section", "function", "case").n_unique()
    epochs = table["epoch"].n_unique()
    told = [
        ("systems", f"{len(rows):,}"),
        ("tasks", f"{functions:,}"),
        ("cases", f"{cases:,}"),
        ("epochs", f"{epochs:,}"),
        ("verdicts", f"{table.height:,}"),
    ]
    if about.get("simulated"):
        told.append(("answers", "SIMULATED: of the local Earth Engine's simulated planet"))
    told += [
        (plain_words(name), _code(str(value)))
        for name, value in about.items()
        if name != "simulated" and not isinstance(value, Mapping | list)
    ]
    note = (
        "\n\nIntervals are of 95 %, by tasks drawn with all their cases (cases of one task are not independent). "
        "CV is the standard deviation (of the population) of pass@1, 3 and 5 over their mean, SA = pass@5 / (1 + CV)."
    )
    return table_section("Evaluation", ("what", "value"), told) + note


def _passing(title: str, estimator: str, rows: Sequence[Row]) -> str:
    suffix = "" if estimator == "first" else "_unbiased"
    ranks = RANKS if estimator == "first" else ()
    made = [
        (
            _name(row),
            *(_with_interval(row, f"{estimator}_{k}") for k in KS),
            _decimal(row[f"cv{suffix}"], 3),
            percent(row[f"sa{suffix}"]),
            *(_whole(row[rank]) for rank in ranks),
        )
        for row in rows
    ]
    heads = "system", *(f"pass@{k}, %" for k in KS), "CV", "SA, %", *(_rank_title(rank) for rank in ranks)
    return table_section(title, heads, made)


def _network(rows: Sequence[Row]) -> str:
    """Only where the network failed."""
    made = [
        (_name(row), f"{row['network']:,}", percent(row["coverage"]), *_both(row, "unbiased_1"), *_both(row, "first_5"))
        for row in rows
        if row["network"]
    ]
    heads = "system", "network failures", "coverage, %", "pass@1", "without them", "pass@5", "without them"
    return table_section("Failures of the network", heads, made)


def _both(row: Row, rate: str) -> tuple[str, str]:
    return percent(row[rate]), percent(row[f"judged_{rate}"])


def _errors(rows: Sequence[Row]) -> str:
    made = [
        (_name(row), f"{row['failures']:,}", *(percent(row[f"error_{name}"]) for name in ERROR_CLASSES)) for row in rows
    ]
    return table_section("What failed, % of failures", ("system", "failures", *_CLASS_TITLES.values()), made)


def _resources(rows: Sequence[Row]) -> str:
    made = [
        (
            _name(row),
            *(_decimal(row[name], 0) for name in ("prompt_tokens", "completion_tokens")),
            *(_decimal(row[name], places) for name, places in (("model_seconds", 2), ("run_seconds", 3), ("lines", 1))),
            _decimal(row["tokens_per_right"], 0),
            _decimal(row["seconds_per_right"], 2),
            *(_decimal(row[name], 2) for name in ("token_efficiency", "time_efficiency", "line_efficiency")),
        )
        for row in rows
    ]
    heads = (
        "system", "prompt tokens", "completion tokens", "model s", "run s a case", "lines", "tokens a right case",
        "s a right case", "per 1,000 tokens", "per s", "per line",
    )  # fmt: skip
    return table_section("Resources a program, and points of pass@k per unit", heads, made)


def _validity(rows: Sequence[Row]) -> str:
    made = [
        (
            _name(row),
            _decimal(row["operators"], 2),
            _decimal(row["unknown_operators"], 3),
            percent(row["hallucinated"]),
            _with_interval(row, "valid"),
            percent(row["without_calls"]),
        )
        for row in rows
    ]
    heads = "system", "operators", "unknown ones", "% of calls", "programs without unknown ones, %", "without calls, %"
    return table_section("Operators a program", heads, made)


def _by(table: pl.DataFrame, by: str, rows: Sequence[Row], drawing: Drawing | None) -> str:
    """pass@1 of the best systems, a row a group."""
    across = [(str(row["model"]), str(row["solver"])) for row in rows[:_SYSTEMS_ACROSS]]
    found = {(r[by], r["model"], r["solver"]): r for r in summary(table, (by,), drawing).iter_rows(named=True)}
    groups = sorted({group for group, *_ in found}, key=lambda group: (_place(group), group))
    counts = table.group_by(by).agg(pl.struct("section", "function", "case").n_unique().alias("cases"))
    cases = dict(counts.iter_rows())
    made = []
    for group in groups:
        cells = [found.get((group, *system)) for system in across]
        shown = ["–" if cell is None else _with_interval(cell, "unbiased_1") for cell in cells]
        made.append((_code(group), f"{cases[group]:,}", *shown))
    left = f" (the first {len(across)} of {len(rows)} systems)" if len(rows) > len(across) else ""
    return table_section(f"pass@1 by {by}, %{left}", (by, "cases", *(name_of(system) for system in across)), made)


def _place(group: str) -> int:
    """Of sections and difficulties, which are not told in alphabetical order."""
    return _IN_ORDER.index(group) if group in _IN_ORDER else len(_IN_ORDER)


def _differences(table: pl.DataFrame, rows: Sequence[Row]) -> str:
    """The best against each other one."""
    contenders = [(str(row["model"]), str(row["solver"])) for row in rows if row["model"] != REFERENCE]
    if len(contenders) < 2:
        return ""
    best, *others = contenders
    return comparisons_markdown(as_family(compared(items(table), [(other, best) for other in others])))


def _name(row: Row) -> str:
    return name_of((row["model"], row["solver"]))


def _with_interval(row: Row, name: str) -> str:
    if row[name] is None:
        return "–"
    return f"{percent(row[name])} ({percent(row[f'{name}_low'])}–{percent(row[f'{name}_high'])})"


def _signed(value: float | None, low: float | None, high: float | None) -> str:
    if value is None:
        return "–"
    ends = "" if low is None or high is None else f" ({100 * low:+.1f} to {100 * high:+.1f})"
    return f"{100 * value:+.1f}{ends}"


def _rate_title(rate: str) -> str:
    if rate == VALID:
        return "programs without unknown operators (cases are tasks)"
    estimator, k = rate.rsplit("_", 1)
    return f"pass@{k}, {'unbiased' if estimator == 'unbiased' else 'any of the first'}"


def _rank_title(rank: str) -> str:
    return {"p_rank": "P rank", "s_rank": "S rank", "e_rank": "E rank", "total_rank": "total rank"}[rank]


def _decimal(value: float | None, places: int) -> str:
    return "–" if value is None else f"{value:,.{places}f}"


def _whole(value: int | None) -> str:
    return "–" if value is None else f"{value}"
