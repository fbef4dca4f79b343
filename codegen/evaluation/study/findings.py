"""What a study lets one say, and what it does not, in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from codegen.evaluation.scores.report import p_text, percent
from codegen.evaluation.study.analysis import HIGHER, LEVEL, LOWER, RATE, Analysis
from codegen.evaluation.study.costs import counted
from codegen.evaluation.study.reading import Study
from codegen.evaluation.study.tables import points_between

Row = Mapping[str, Any]

FEW_IN_A_CLASS = 20
"""Tasks of a class below which its figures are leads at best."""


def findings(analysis: Analysis, families: Mapping[str, str]) -> list[str]:
    """What is told apart, comparison by comparison; and how many are not."""
    told = []
    for family, title in families.items():
        rows = list(analysis.uplifts.filter(pl.col("family") == family).iter_rows(named=True))
        apart = [row for row in rows if row["finding"] in (HIGHER, LOWER)]
        told += [_apart(row) for row in apart]
        open_ = len(rows) - len(apart)
        if rows and not apart:
            told.append(f"{title}: no difference is told apart, of {len(rows)} tried.")
        elif open_:
            told.append(f"{title}: {open_} of {len(rows)} differences are not told apart.")
    return told


def _apart(row: Row) -> str:
    more = "more" if row["finding"] == HIGHER else "fewer"
    a, b = percent(row["value_a"]), percent(row["value_b"])
    interval = points_between(row["low"], row["high"])
    return (
        f"{row['condition']} against {row['against']}: {100 * abs(row['difference']):.1f} points {more} of the cases "
        f"are right, {b} % against {a} % (difference {interval}, p {p_text(row['adjusted'])})."
    )


def limits(study: Study, analysis: Analysis) -> list[str]:
    """What cannot be concluded, and why."""
    return [*_of_data(study, analysis), *_of_zeros(analysis), *_of_power(analysis, study), *_of_classes(analysis)]


def _of_data(study: Study, analysis: Analysis) -> Iterator[str]:
    if study.about.get("simulated"):
        yield (
            "The planet is SIMULATED: answers come from a local Earth Engine. That code runs and gives what it should "
            "is judged as in earnest; nothing is said about the Earth."
        )
    yield f"One model was asked, {analysis.model}: what holds for it need not hold for another."
    epochs = int(study.records["epoch"].n_unique())
    if epochs == 1:
        yield "Each program was drawn once: pass@3, pass@5 and how stable answers are is not known."
    if analysis.not_begun:
        yield f"Not asked yet: {', '.join(analysis.not_begun)}."
    wanted = max(study.state.planned, len(study.state.problems))
    if analysis.tasks < wanted:
        yield f"{analysis.tasks:,} of the {wanted:,} tasks that are wanted are done: the same command goes on."
    if analysis.left_out:
        yield f"{counted(analysis.left_out, 'task')} left out, as some conditions were not asked for all of them yet."
    if analysis.network:
        yield f"{counted(analysis.network, 'verdict')} left out of the rates, as the network prevented them."
    if len({step.code for step in study.state.steps}) > 1:
        yield "Prompts or chain were changed between slices: conditions were asked by more than one version of them."


def _of_zeros(analysis: Analysis) -> Iterator[str]:
    """By the rule of three: of n tasks none, so with 95 % confidence fewer than 3 / n of all."""
    rows = analysis.conditions
    none = rows.filter(pl.col(RATE) == 0)["condition"].to_list()
    if not none:
        return
    bound = min(100.0, 300 / analysis.tasks)
    whom = "No condition" if len(none) == rows.height else f"{_listed(none)}"
    number = "any" if len(none) == rows.height else "no"
    yield (
        f"{whom} got {number} case of {counted(analysis.tasks, 'task')} right: with 95 % confidence that is so in "
        f"all but {bound:.1f} % of such tasks at most (rule of three)."
    )
    if len(none) == rows.height:
        yield (
            "Where nothing is right nothing can be better: the study shows how it is made, and what each way of asking "
            "costs and makes up, but not what a way of asking is worth."
        )


def _of_power(analysis: Analysis, study: Study) -> Iterator[str]:
    for family, title in study.state.conditions.families.items():
        rows = analysis.uplifts.filter(pl.col("family") == family)
        size = rows.filter(pl.col("p_value").is_not_null()).height
        if not size:
            continue
        tasks = max(rows["tasks"].to_list())
        if size * 2.0 ** (1 - tasks) >= LEVEL:
            needed = math.floor(1 + math.log2(size / LEVEL)) + 1
            yield (
                f"{title}: with {counted(tasks, 'task')} no p-value is below {2.0 ** (1 - tasks):.2g}, so none of "
                f"{counted(size, 'comparison')} could have been told apart, whatever the answers; {needed:,} tasks are "
                "the fewest."
            )
            continue
        seen = rows["detectable_adjusted"].drop_nulls().to_list()
        wanted = rows["tasks_wanted"].drop_nulls().to_list()
        more = f" For 10 points, uncorrected, about {max(wanted):,} tasks are wanted." if wanted else ""
        span = dict.fromkeys((percent(min(seen)), percent(max(seen))))
        yield (
            f"{title}: differences below {' to '.join(span)} points would have been overlooked in more than 20 of 100 "
            f"such studies.{more}"
        )


def _of_classes(analysis: Analysis) -> Iterator[str]:
    tasks = analysis.classes.group_by("problem").agg(pl.max("tasks"))["tasks"].to_list()
    if len(tasks) > 1 and min(tasks) < FEW_IN_A_CLASS:
        fewest = counted(min(tasks), "task")
        yield f"Some class of problems has {fewest} only: what differs between classes is a lead to follow, no finding."


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
