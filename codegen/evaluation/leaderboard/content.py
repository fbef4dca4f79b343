"""What the page holds besides long texts: scores of each cell, and every verdict, short enough to be sent along.

Whatever comes again and again (systems, tasks, cases, reasons) is told once and then by its number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from codegen.evaluation.leaderboard.texts import Texts
from codegen.evaluation.record import ERROR_CLASSES
from codegen.evaluation.scores.comparing import DRAWING, Pair, as_family, compared
from codegen.evaluation.scores.frame import REFERENCE, SYSTEM
from codegen.evaluation.scores.intervals import Drawing
from codegen.evaluation.scores.passing import RATES, items
from codegen.evaluation.scores.summary import ALL, DIMENSIONS, JUDGED, cube, summary

VERDICTS = ("passed", *ERROR_CLASSES, "unclassed")
COMPARED = ("unbiased_1", "first_5")
"""Rates whose differences are on the page."""
MOST_COMPARED = 24
"""Systems of which each two are compared; of more, all are compared with the best."""
REASON = 400
"""Characters of a reason."""
_PROGRAM = (*SYSTEM, "function", "epoch", "prompt", "code")
_ENDS = ("", "_low", "_high")


@dataclass(frozen=True)
class Content:
    """What the page's script reads.

    Attributes:
        core: Scores and verdicts.
        texts: Long texts, by whose numbers the verdicts name them.
        overall: Summary of everything, a row a system: the best by pass@1 first, the reference last.
    """

    core: dict[str, Any]
    texts: Texts
    overall: pl.DataFrame


def content(records: pl.DataFrame, answers: Mapping[str, str], drawing: Drawing | None = None) -> Content:
    """Everything about records.

    Args:
        records: As `frame.checked` gives them.
        answers: By id of a case, what is expected of it.
        drawing: How intervals are drawn.
    """
    cells = cube(records, drawing)
    whole = cells.filter(pl.all_horizontal(pl.col(name) == ALL for name in DIMENSIONS))
    order = pl.col("model") == REFERENCE, -pl.col("unbiased_1"), *SYSTEM
    overall = whole.sort(order, nulls_last=True)
    who = overall.select(SYSTEM).with_row_index("_system")
    by_result = summary(records, ("out_type",), drawing)
    texts = _collected(records, answers)
    numbers = texts.numbered()
    tasks, cases = _tasks(records), _cases(records)
    programs = _programs(records)
    core = {
        "systems": overall.select(SYSTEM).rows(),
        "verdicts": VERDICTS,
        "cells": _cells(cells, DIMENSIONS, who),
        "results": _cells(by_result, ("out_type",), who),
        "tasks": tasks.drop("_task").rows(),
        "cases": _case_rows(cases, tasks, answers, numbers),
        "programs": _program_columns(programs, who, tasks, numbers),
        "records": _record_columns(records, programs, cases, numbers),
        "differences": _differences(records, overall),
        "draws": DRAWING.draws,
    }
    return Content(core, texts, overall)


def _cells(table: pl.DataFrame, by: Sequence[str], who: pl.DataFrame) -> dict[str, Any]:
    """A summary by columns; systems by number, shares with five decimals."""
    network = bool(table["network"].sum())
    left_out = set() if network else {f"{name}{end}" for name in (*JUDGED, *_JUDGED_STABILITY) for end in _ENDS}
    placed = table.join(who, on=SYSTEM, maintain_order="left").rename({"_system": "system"})
    columns = [*by, "system", *(n for n in table.columns if n not in {*by, *SYSTEM, *left_out})]
    shares = {name for name in columns if name.removesuffix("_low").removesuffix("_high") in _SHARES}
    return {name: _rounded(placed[name], 5 if name in shares else 3) for name in columns}


_JUDGED_STABILITY = ("judged_cv", "judged_sa", "judged_cv_unbiased", "judged_sa_unbiased")
_SHARES = {*RATES, *JUDGED, *_JUDGED_STABILITY, "cv", "sa", "cv_unbiased", "sa_unbiased", "valid", "hallucinated"}


def _rounded(column: pl.Series, places: int) -> list[Any]:
    return (column.round(places) if column.dtype.is_float() else column).to_list()


def _tasks(records: pl.DataFrame) -> pl.DataFrame:
    found = records.select("function", "type", "difficulty").unique("function", keep="first", maintain_order=True)
    return found.sort("function").with_row_index("_task")


def _cases(records: pl.DataFrame) -> pl.DataFrame:
    found = records.select("section", "function", "case", "out_type").unique(
        ("section", "function", "case"), keep="first", maintain_order=True
    )
    return found.sort("function", "case", "section").with_row_index("_case")


def _case_rows(
    cases: pl.DataFrame, tasks: pl.DataFrame, answers: Mapping[str, str], numbers: Mapping[str, int]
) -> list[tuple[Any, ...]]:
    """Number of the task, id, section, type of the result, number of the expected answer (−1: not told)."""
    placed = cases.join(tasks, on="function", maintain_order="left")
    rows = placed.select("_task", "case", "section", "out_type").iter_rows()
    return [(*row, numbers.get(answers.get(row[1], ""), -1)) for row in rows]


def _programs(records: pl.DataFrame) -> pl.DataFrame:
    """What was written; one a task and epoch, but for records that somebody put together otherwise."""
    told = ("prompt_tokens", "completion_tokens", "model_seconds", "lines", "operators", "unknown_operators")
    return records.group_by(_PROGRAM, maintain_order=True).agg(pl.first(*told)).with_row_index("_program")


def _program_columns(
    programs: pl.DataFrame, who: pl.DataFrame, tasks: pl.DataFrame, numbers: Mapping[str, int]
) -> dict[str, list[Any]]:
    placed = programs.join(who, on=SYSTEM, maintain_order="left").join(tasks, on="function", maintain_order="left")
    told = {name: placed[name].to_list() for name in ("prompt_tokens", "completion_tokens", "lines", "operators")}
    return told | {
        "unknown": placed["unknown_operators"].to_list(),
        "seconds": _rounded(placed["model_seconds"], 3),
        "system": placed["_system"].to_list(),
        "epoch": placed["epoch"].to_list(),
        "prompt": [numbers.get(text, -1) for text in placed["prompt"]],
        "code": [numbers.get(text, -1) for text in placed["code"]],
    }


def _record_columns(
    records: pl.DataFrame, programs: pl.DataFrame, cases: pl.DataFrame, numbers: Mapping[str, int]
) -> dict[str, list[Any]]:
    """By system, case and epoch, as `checked` orders them: program (which tells system and epoch), case, verdict, …."""
    placed = (
        records.join(programs.select("_program", *_PROGRAM), on=_PROGRAM, maintain_order="left", nulls_equal=True)
        .join(cases.drop("out_type"), on=("section", "function", "case"), maintain_order="left")
        .with_columns(_verdict().alias("_verdict"), pl.col("reason").str.slice(0, REASON).alias("_reason"))
    )
    reasons = placed["_reason"].unique(maintain_order=True).to_list()
    place = {reason: number for number, reason in enumerate(reasons)}
    return {
        "reasons": reasons,
        "program": placed["_program"].to_list(),
        "case": placed["_case"].to_list(),
        "verdict": placed["_verdict"].to_list(),
        "reason": [place[reason] for reason in placed["_reason"]],
        "output": [numbers.get(text, -1) for text in placed["output"]],
        "seconds": _rounded(placed["run_seconds"], 3),
    }


def _verdict() -> pl.Expr:
    """Place in `VERDICTS`."""
    classes = pl.col("error").replace_strict(list(ERROR_CLASSES), range(1, len(ERROR_CLASSES) + 1), default=None)
    return pl.when("passed").then(0).otherwise(classes.fill_null(len(VERDICTS) - 1))


def _collected(records: pl.DataFrame, answers: Mapping[str, str]) -> Texts:
    """All long texts, by what they matter for (`texts.KINDS`); in the order of tasks, so like ones lie together."""
    texts = Texts()
    texts.add(answers.values(), 0)
    ordered = records.sort("function", "case", *SYSTEM, "epoch")
    texts.add(ordered["prompt"].unique(maintain_order=True), 0)
    failed = ordered.filter(~pl.col("passed"))
    first = failed.unique((*SYSTEM, "section", "function", "case"), keep="first", maintain_order=True)
    for kind, table in ((1, first), (2, failed)):
        texts.add((text for row in table.select("code", "output").iter_rows() for text in row), kind)
    passed = ordered.filter("passed")
    texts.add(passed.filter(pl.col("epoch") == pl.col("epoch").min())["code"].unique(maintain_order=True), 3)
    texts.add(passed["code"].unique(maintain_order=True), 4)
    texts.add(passed["output"].unique(maintain_order=True), 5)
    return texts


def _differences(records: pl.DataFrame, overall: pl.DataFrame) -> list[list[Any]]:
    """Of each two systems; a is named by its number, as b is, and the better one of the two is b."""
    all_systems = [(str(model), str(solver)) for model, solver in overall.select(SYSTEM).iter_rows()]
    number = {system: place for place, system in enumerate(all_systems)}
    ranked = [system for system in all_systems if system[0] != REFERENCE]
    best = range(len(ranked)) if len(ranked) <= MOST_COMPARED else range(1)
    pairs: list[Pair] = [(ranked[b], ranked[a]) for a in best for b in range(a + 1, len(ranked))]
    found = items(records)
    rows = []
    for rate in COMPARED:
        for one in as_family(compared(found, pairs, rate)) if pairs else ():
            told = (one.difference, one.low, one.high, one.p_value, one.adjusted, one.detectable)
            figures = [None if value is None else round(value, 5) for value in told]
            rows.append([rate, number[one.a], number[one.b], one.cases, one.tasks, *figures])
    return rows
