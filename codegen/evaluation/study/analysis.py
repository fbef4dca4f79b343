"""What a study says: how often each way of asking is right, what it is worth, and what cannot be told.

All figures are of the tasks that every condition was asked for, so that a table's rows can be held against each other.
Failures of the network are no verdict on a way of asking: they are left out, and counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import polars as pl

from codegen.evaluation.scores.comparing import (
    DRAWING,
    POWER,
    Comparison,
    Pair,
    as_family,
    compared,
    comparisons_frame,
)
from codegen.evaluation.scores.failures import error_mix
from codegen.evaluation.scores.frame import systems, without_network
from codegen.evaluation.scores.intervals import Drawing, with_intervals
from codegen.evaluation.scores.passing import RATES, items
from codegen.evaluation.scores.programs import resources, validity
from codegen.evaluation.study.conditions import Condition, Conditions
from codegen.evaluation.study.problems import titles
from codegen.evaluation.study.reading import Study
from lake.errors import BadInputError

RATE = "unbiased_1"
"""What is compared: pass@1."""
LEVEL = 0.05
AIM = 0.1
"""A difference that is worth knowing of: 10 points."""

HIGHER, LOWER, OPEN, UNTESTED = "higher", "lower", "not told apart", "not tested"
"""What a comparison finds, after correction."""


@dataclass(frozen=True)
class Analysis:
    """Tables of a study, and what they are of.

    Attributes:
        model: Who was asked.
        conditions: A row a condition, in the order of the study's table: `condition`, `family`, `asked` (the solver),
            then counts, pass@k with intervals, static validity, costs, error mix, `calls`, `no_code`, `ended`.
        classes: A row a condition and class of problems, with pass@k and intervals.
        uplifts: A row a comparison: `family`, `condition`, `against`, `hypothesis`, the columns of `Comparison`,
            `detectable_adjusted`, `tasks_wanted`, `finding`.
        uplifts_by_class: Likewise for each class; `adjusted` over all classes of a family.
        tasks: Tasks that all conditions have.
        left_out: Tasks that only some of them have.
        not_begun: Conditions without any verdict.
        network: Verdicts that the network prevented.
    """

    model: str
    conditions: pl.DataFrame
    classes: pl.DataFrame
    uplifts: pl.DataFrame
    uplifts_by_class: pl.DataFrame
    tasks: int
    left_out: int
    not_begun: tuple[str, ...]
    network: int

    def tables(self) -> dict[str, pl.DataFrame]:
        """By name."""
        return {
            "conditions": self.conditions,
            "classes": self.classes,
            "uplifts": self.uplifts,
            "uplifts_by_class": self.uplifts_by_class,
        }


def analyse(study: Study, drawing: Drawing = DRAWING) -> Analysis:
    """The tables of a study.

    Args:
        study: As `read_study` gives it.
        drawing: How intervals and p-values are drawn.

    Raises:
        BadInputError: Nothing is judged yet.
    """
    conditions = study.state.conditions
    begun = {solver for _, solver in systems(without_network(study.records))}
    if not begun:
        raise BadInputError("Nothing is judged yet: `eecode eval study` goes on with the study.")
    kept, left_out = _common(study.records.filter(pl.col("solver").is_in(begun)), begun)
    model = str(study.state.fixed.get("model", ""))
    there = [row for row in conditions.rows if row.name in begun]
    found = _in_classes(items(kept, "left_out"), study.state.problems)
    return Analysis(
        model=model,
        conditions=_conditions(kept, found, study.programs, there, drawing),
        classes=_ordered(with_intervals(found, ["section"], RATES, drawing).rename({"section": "problem"}), found),
        uplifts=_uplifts(found, conditions, begun, model, drawing),
        uplifts_by_class=_by_class(found, conditions, begun, model, drawing),
        tasks=kept["function"].n_unique(),
        left_out=left_out,
        not_begun=tuple(row.name for row in conditions.rows if row.name not in begun),
        network=kept.filter(pl.col("error").eq_missing("network")).height,
    )


def _common(records: pl.DataFrame, begun: set[str]) -> tuple[pl.DataFrame, int]:
    """Records of the tasks that all conditions have, and how many tasks are left out."""
    met = records.group_by("function").agg(pl.col("solver").n_unique().alias("met"))
    common = met.filter(pl.col("met") == len(begun))
    return records.join(common.select("function"), on="function", how="semi"), met.height - common.height


def _in_classes(found: pl.DataFrame, problems: Mapping[str, str]) -> pl.DataFrame:
    """Items whose section is the class of their problem: what comparisons and intervals are grouped by."""
    return found.with_columns(pl.col("function").replace_strict(problems, default=None).alias("section"))


def _ordered(classes: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """With the number of tasks, in the order in which classes are told."""
    counts = found.group_by("section").agg(
        pl.col("function").n_unique().alias("tasks"), pl.struct("function", "case").n_unique().alias("cases")
    )
    order = {name: number for number, name in enumerate(titles())}
    place = pl.col("problem").replace_strict(order, default=len(order), return_dtype=pl.Int64)
    joined = classes.join(counts, left_on="problem", right_on="section").sort(place, "solver")
    return joined.drop("model").rename({"solver": "condition"})


def _conditions(
    kept: pl.DataFrame, found: pl.DataFrame, programs: pl.DataFrame, rows: Sequence[Condition], drawing: Drawing
) -> pl.DataFrame:
    keys = ["model", "solver"]
    of_programs = _asking(programs.join(kept.select("function").unique(), on="function", how="semi"), rows)
    right = found.group_by("solver").agg(
        pl.col("function").filter(pl.col("right") > 0).n_unique().cast(pl.Int64).alias("tasks_with_right_cases")
    )
    whole = with_intervals(found, (), RATES, drawing)
    for part in (error_mix(kept), resources(kept), validity(kept, (), drawing)):
        whole = whole.join(part, on=keys, how="full", coalesce=True)
    whole = whole.join(right, on="solver", how="left").join(of_programs, on="solver", how="left").drop("model")
    told = pl.DataFrame(
        [(row.name, row.family, row.solver) for row in rows],
        schema={"condition": pl.String, "family": pl.String, "asked": pl.String},
        orient="row",
    )
    return told.join(whole.rename({"solver": "condition"}), on="condition", how="left", maintain_order="left")


def _asking(programs: pl.DataFrame, rows: Sequence[Condition]) -> pl.DataFrame:
    """Questions a program, the share without code, and the share that ended before all rounds were used, if any.

    A chain that used its last round may have a program that runs, or have been stopped: its record does not say.
    """
    most = {row.name: row.most_calls for row in rows if row.rounds}
    bound = pl.col("solver").replace_strict(most, default=None, return_dtype=pl.Int64)
    ended = pl.when(bound.is_not_null()).then(pl.col("is_code") & (pl.col("calls") < bound))
    return programs.group_by("solver").agg(
        pl.mean("calls"), pl.col("is_code").not_().mean().alias("no_code"), ended.mean().alias("ended")
    )


def _pairs(conditions: Conditions, family: str, begun: set[str], model: str) -> Iterator[tuple[Condition, Pair]]:
    for row in conditions.rows:
        for other in row.against if row.family == family else ():
            if {row.name, other} <= begun:
                yield row, ((model, other), (model, row.name))


def _uplifts(
    found: pl.DataFrame, conditions: Conditions, begun: set[str], model: str, drawing: Drawing
) -> pl.DataFrame:
    told: list[tuple[Condition, Comparison, int]] = []
    for family in conditions.families:
        pairs = list(_pairs(conditions, family, begun, model))
        made = as_family(compared(found, [pair for _, pair in pairs], RATE, drawing)) if pairs else []
        told += [(row, one, len(made)) for (row, _), one in zip(pairs, made, strict=True)]
    return _frame(told)


def _by_class(
    found: pl.DataFrame, conditions: Conditions, begun: set[str], model: str, drawing: Drawing
) -> pl.DataFrame:
    """One family of comparisons for all classes: there are many, and one that looks good will be among them."""
    told: list[tuple[Condition, Comparison, int]] = []
    classes = [name for name in titles() if (found["section"] == name).any()]
    for family in conditions.families:
        rows, made = list[Condition](), list[Comparison]()
        for name in classes:
            pairs = list(_pairs(conditions, family, begun, model))
            rows += [row for row, _ in pairs]
            made += compared(found, [pair for _, pair in pairs], RATE, drawing, name) if pairs else []
        told += [(row, one, len(made)) for row, one in zip(rows, as_family(made), strict=True)]
    return _frame(told).rename({"section": "problem"})


def _frame(told: Sequence[tuple[Condition, Comparison, int]]) -> pl.DataFrame:
    table = comparisons_frame([one for _, one, _ in told])
    detectable = [_adjusted_detectable(one, size) for _, one, size in told]
    columns: dict[str, tuple[list[Any], type[pl.DataType]]] = {
        "family": ([row.family for row, *_ in told], pl.String),
        "condition": ([row.name for row, *_ in told], pl.String),
        "against": ([one.a[1] for _, one, _ in told], pl.String),
        "hypothesis": ([row.hypothesis for row, *_ in told], pl.String),
        "detectable_adjusted": (detectable, pl.Float64),
        "tasks_wanted": ([_tasks_wanted(one) for _, one, _ in told], pl.Int64),
        "finding": ([finding(one) for _, one, _ in told], pl.String),
    }
    series = [pl.Series(name, values, kind) for name, (values, kind) in columns.items()]
    whole = table.drop("a_model", "a_solver", "b_model", "b_solver").with_columns(series)
    first = ["family", "condition", "against", "hypothesis", "finding"]
    return whole.select(*first, pl.exclude(first))


def finding(one: Comparison) -> str:
    """What a comparison says at a level of 5 %, after correction."""
    if one.adjusted is None or one.difference is None:
        return UNTESTED
    if one.adjusted >= LEVEL:
        return OPEN
    return HIGHER if one.difference > 0 else LOWER


def _adjusted_detectable(one: Comparison, size: int) -> float | None:
    """The difference that would be seen in 80 of 100 such studies by the strictest test of a family of so many."""
    if one.detectable is None:
        return None
    if _is_unmoved(one):
        return min(1.0, -math.log(LEVEL / size) / one.tasks)
    normal = NormalDist()
    alone, strict = (normal.inv_cdf(1 - level / 2) + normal.inv_cdf(POWER) for level in (LEVEL, LEVEL / size))
    return min(1.0, one.detectable * strict / alone)


def _tasks_wanted(one: Comparison) -> int | None:
    """Tasks of which a difference of 10 points would be seen in 80 of 100 studies, were they like these."""
    if one.detectable is None or _is_unmoved(one):
        return None
    return math.ceil(one.tasks * (one.detectable / AIM) ** 2)


def _is_unmoved(one: Comparison) -> bool:
    """Whether all tasks differ by the same, so that the rule of three stands in for what draws would tell."""
    return one.detectable is not None and one.detectable == min(1.0, 3 / one.tasks)
