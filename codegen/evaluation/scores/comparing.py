"""Is one system better than another: differences of pass@k, paired by case, drawn by task.

Both systems met the same cases, so the difference is taken case by case, and tasks are drawn with all their cases, as
for intervals. The p-value is two-sided: the share of draws that, moved to a difference of 0, are as far from it as what
was seen. With F tasks it is never below 2^(1 − F), the least that a test by signs of F tasks could give.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
import polars as pl
from numpy.typing import NDArray

from codegen.evaluation.scores.frame import ITEM, Network, checked
from codegen.evaluation.scores.intervals import Drawing, Floats, alike_columns, drawn_means
from codegen.evaluation.scores.passing import RATES, items
from codegen.evaluation.scores.programs import validity_items
from codegen.evaluation.scores.summary import ALL
from lake.errors import BadInputError

System = tuple[str, str]
"""Model and solver."""
Pair = tuple[System, System]

DRAWING = Drawing(draws=10_000)
POWER = 0.8
VALID = "valid"
"""Share of programs without unknown operators: static validity, compared like a rate."""
_NOTHING = 1e-6
"""A difference that is rounding: draws are of single precision."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """System b against system a.

    Attributes:
        a: Model and solver.
        b: Model and solver.
        section: That the cases are of, or `all`.
        rate: What is compared: `unbiased_1`, ….
        tasks: That have cases which both systems met.
        cases: That both met.
        left_out: Cases that only one met, or of which one has too few epochs.
        value_a: pass@k of a over the common cases; None where there are none.
        value_b: Likewise.
        difference: b minus a.
        low: Lower end of the difference's interval; None with fewer than two tasks.
        high: Upper end.
        p_value: Two-sided; None with fewer than two tasks.
        adjusted: The p-value by Holm over the family; None where none was named.
        detectable: Difference that would have been seen in 80 of 100 such studies at a level of 5 %.
    """

    a: System
    b: System
    section: str
    rate: str
    tasks: int
    cases: int
    left_out: int
    value_a: float | None
    value_b: float | None
    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None
    adjusted: float | None
    detectable: float | None


def paired_bootstrap(
    records: pl.DataFrame,
    a: System,
    b: System,
    rate: str = "unbiased_1",
    network: Network = "counted",
    drawing: Drawing = DRAWING,
) -> Comparison:
    """Compares two systems on the cases that both met.

    Args:
        records: Of both, and perhaps of others; with the columns of `Record`.
        a: Model and solver that is compared with.
        b: Model and solver that is compared.
        rate: One of `RATES`; or `VALID`, for the share of programs without unknown operators.
        network: As `items` takes it.
        drawing: How.

    Raises:
        BadInputError: A system has no records, or there is no such rate.
    """
    return compared(compared_items(records, rate, network), [(a, b)], rate, drawing)[0]


def compared_items(records: pl.DataFrame, rate: str, network: Network = "counted") -> pl.DataFrame:
    """What has a rate: cases for pass@k, tasks for `VALID`.

    Raises:
        BadInputError: See `frame.checked`.
    """
    table = checked(records)
    return validity_items(table) if rate == VALID else items(table, network)


def compared(
    found: pl.DataFrame, pairs: Sequence[Pair], rate: str = "unbiased_1", drawing: Drawing = DRAWING, section: str = ALL
) -> list[Comparison]:
    """Several comparisons, which meet the same draws where they have the same tasks.

    Args:
        found: As `passing.items` or `programs.validity_items` gives it.
        pairs: Of systems, a before b.
        rate: A column of it with a share for each row.
        drawing: How.
        section: Whose cases are compared.

    Raises:
        BadInputError: As `paired_bootstrap`.
    """
    if rate not in found.columns:
        raise BadInputError(f"There is no rate {rate}: there are {', '.join(RATES)}, and `{VALID}` of programs.")
    kept = found if section == ALL else found.filter(pl.col("section") == section)
    wide = _by_system(kept, found, pairs, rate)
    task, tasks = _numbered(wide["function"])
    columns = [_Column.of(wide, task, tasks, pair) for pair in pairs]
    sums, counts = (np.stack([getattr(c, name) for c in columns], axis=1) for name in ("sums", "counts"))
    made: dict[int, Comparison] = {}
    for present, places in alike_columns(counts > 0):
        several = int(present.sum()) > 1
        draws = drawn_means(sums[present][:, places], counts[present][:, places], drawing) if several else None
        for at, place in enumerate(places):
            found_draws = None if draws is None else draws[:, at]
            made[int(place)] = columns[place].comparison(pairs[place], section, rate, found_draws, drawing)
    return [made[place] for place in range(len(pairs))]


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """p-values adjusted for the family that they are (S. Holm, 1979); those that are None are no members."""
    known = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    least = 0.0
    for rank, (p, place) in enumerate(known):
        least = max(least, min(1.0, (len(known) - rank) * p))
        adjusted[place] = least
    return adjusted


def as_family(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """The comparisons with their p-values adjusted for each other."""
    adjusted = holm([one.p_value for one in comparisons])
    return [replace(one, adjusted=p) for one, p in zip(comparisons, adjusted, strict=True)]


def comparisons_frame(comparisons: Sequence[Comparison]) -> pl.DataFrame:
    """A row a comparison: `a_model`, `a_solver`, `b_model`, `b_solver` and the other attributes."""
    names = [name for name in Comparison.__slots__ if name not in ("a", "b")]
    rows = [(*one.a, *one.b, *(getattr(one, name) for name in names)) for one in comparisons]
    text = ("a_model", "a_solver", "b_model", "b_solver", "section", "rate")
    whole = ("tasks", "cases", "left_out")
    columns = (*text[:4], *names)
    schema = {name: pl.String if name in text else pl.Int64 if name in whole else pl.Float64 for name in columns}
    return pl.DataFrame(rows, schema=schema, orient="row")


@dataclass(frozen=True, slots=True)
class _Column:
    """A pair's differences, summed by task."""

    sums: Floats
    counts: Floats
    value_a: float | None
    value_b: float | None
    left_out: int

    @classmethod
    def of(cls, wide: pl.DataFrame, task: NDArray[np.int64], tasks: int, pair: Pair) -> _Column:
        a, b = (wide[_label(system)].to_numpy() for system in pair)
        met_a, met_b = (wide[f"{_label(system)}#met"].to_numpy() for system in pair)
        both = ~(np.isnan(a) | np.isnan(b))
        sums = np.bincount(task[both], (b - a)[both], tasks).astype(np.float64)
        counts = np.bincount(task[both], minlength=tasks).astype(np.float64)
        value_a, value_b = (float(a[both].mean()), float(b[both].mean())) if both.any() else (None, None)
        return cls(sums, counts, value_a, value_b, int((met_a | met_b).sum() - both.sum()))

    def comparison(self, pair: Pair, section: str, rate: str, draws: Floats | None, drawing: Drawing) -> Comparison:
        """What the draws say; none: there are fewer than two tasks."""
        tasks, cases = int((self.counts > 0).sum()), int(self.counts.sum())
        difference = float(self.sums.sum() / cases) if cases else None
        low = high = p_value = detectable = None
        if draws is not None and difference is not None:
            low, high, p_value, detectable = _inference(draws, difference, tasks, drawing.level)
        return Comparison(
            *pair, section, rate, tasks, cases, self.left_out, self.value_a, self.value_b, difference,
            low, high, p_value, None, detectable,
        )  # fmt: skip


def _inference(draws: Floats, difference: float, tasks: int, level: float) -> tuple[float, float, float, float]:
    """Ends of the interval, p-value, and the difference that could have been seen.

    The draws are spread a little, by F / (F − 1) in their variance, and the interval's percentiles are those of
    Student's t (T. Hesterberg, "What Teachers Should Know about the Bootstrap", 2014, arXiv 1411.5279). Where all tasks
    differ by the same, the rule of three stands in: at most 3 / F of all tasks can differ otherwise.
    """
    from scipy.special import ndtr, stdtrit

    least = 2.0 ** (1 - tasks)
    away = (draws - difference) * math.sqrt(tasks / (tasks - 1))
    error = float(away.std())
    if error < _NOTHING:
        half = min(1.0, 3 / tasks)
        p = 1.0 if abs(difference) < _NOTHING else max(least, 1 / (len(draws) + 1))
        return max(-1.0, difference - half), min(1.0, difference + half), p, half
    as_far = int((np.abs(away) >= abs(difference) - _NOTHING).sum())
    p = max(least, (1 + as_far) / (1 + len(draws)))
    tail = float(ndtr(stdtrit(tasks - 1, 0.5 - level / 2)))
    low, high = difference + np.quantile(away, [tail, 1 - tail])
    seen = NormalDist().inv_cdf(0.5 + level / 2) + NormalDist().inv_cdf(POWER)
    return float(low), float(high), min(1.0, p), min(1.0, seen * error)


def _by_system(kept: pl.DataFrame, found: pl.DataFrame, pairs: Sequence[Pair], rate: str) -> pl.DataFrame:
    """A row a case, and for each system its rate (NaN where there is none) and whether it met the case."""
    wanted = sorted({system for pair in pairs for system in pair})
    there = set(found.select("model", "solver").unique().iter_rows())
    for system in wanted:
        if system not in there:
            known = ", ".join("/".join(one) for one in sorted(there))
            raise BadInputError(f"There are no records of {'/'.join(system)}: there are those of {known or 'nobody'}.")
    case = ITEM[2:]
    wide = kept.select(case).unique().sort(case)
    for model, solver in wanted:
        of_system = kept.filter(pl.col("model") == model, pl.col("solver") == solver)
        label = _label((model, solver))
        told = of_system.select(*case, pl.col(rate).alias(label), pl.lit(True).alias(f"{label}#met"))
        filled = pl.col(label).fill_null(math.nan), pl.col(f"{label}#met").fill_null(False)
        wide = wide.join(told, on=case, how="left", maintain_order="left").with_columns(filled)
    return wide


def _numbered(names: pl.Series) -> tuple[NDArray[np.int64], int]:
    """A number for each distinct name, and how many there are."""
    distinct, numbers = np.unique(names.to_numpy().astype(str), return_inverse=True)
    return numbers.astype(np.int64), len(distinct)


def _label(system: System) -> str:
    return "\x00".join(system)
