"""All figures of all systems in one table: for everything, for each group, or for each cell of a cube of groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, combinations

import polars as pl

from codegen.evaluation.scores.failures import error_mix
from codegen.evaluation.scores.frame import SYSTEM
from codegen.evaluation.scores.intervals import Drawing, with_intervals
from codegen.evaluation.scores.passing import RATES, items, stability
from codegen.evaluation.scores.programs import resources, validity
from codegen.evaluation.scores.ranks import ranked

ALL = "all"
DIMENSIONS = ("section", "type", "difficulty")
"""What a leaderboard is filtered by."""
JUDGED = tuple(f"judged_{rate}" for rate in RATES)
"""pass@k without failures of the network: `judged_first_1`, …."""


def summary(records: pl.DataFrame, by: Sequence[str] = (), drawing: Drawing | None = None) -> pl.DataFrame:
    """A row a system and group.

    Args:
        records: As `frame.checked` gives them.
        by: Columns of the groups: `section`, `type`, `difficulty`, `out_type`, ….
        drawing: How intervals are drawn.

    Returns:
        `by`, `SYSTEM`; `RATES` with `_low` and `_high`, `cv`, `sa`, `cv_unbiased`, `sa_unbiased`; the same without
        failures of the network, each with `judged_` before it; and the columns of `error_mix`, `resources`, `validity`
        and `ranked`. The best rank comes first.
    """
    return _summary(_Tables.of(records), by, drawing)


def cube(records: pl.DataFrame, drawing: Drawing | None = None) -> pl.DataFrame:
    """Summaries for each combination of section, type and difficulty; a dimension that is not looked at is `ALL`."""
    subsets = chain.from_iterable(combinations(DIMENSIONS, size) for size in range(len(DIMENSIONS) + 1))
    tables = _Tables.of(records)
    parts = []
    for by in subsets:
        others = [pl.lit(ALL).alias(name) for name in DIMENSIONS if name not in by]
        parts.append(_summary(tables, by, drawing).with_columns(others))
    columns = [*DIMENSIONS, *(name for name in parts[0].columns if name not in DIMENSIONS)]
    return pl.concat([part.select(columns) for part in parts])


@dataclass(frozen=True)
class _Tables:
    """What summaries are made from, whatever the groups.

    Attributes:
        records: All.
        items: With failures of the network counted.
        judged: Without them; of the systems that had none the same.
    """

    records: pl.DataFrame
    items: pl.DataFrame
    judged: pl.DataFrame

    @classmethod
    def of(cls, records: pl.DataFrame) -> _Tables:
        found = items(records)
        offline = records.filter(pl.col("error").eq_missing("network")).select(SYSTEM).unique()
        without = items(records.join(offline, on=SYSTEM, how="semi"), "left_out")
        return cls(records, found, pl.concat([found.join(offline, on=SYSTEM, how="anti"), without]))


def _summary(tables: _Tables, by: Sequence[str], drawing: Drawing | None) -> pl.DataFrame:
    keys = [*by, *SYSTEM]
    records = tables.records
    judged = with_intervals(tables.judged, by, RATES, drawing).with_columns(stability())
    whole = with_intervals(tables.items, by, RATES, drawing).with_columns(stability())
    parts = (
        judged.rename({name: f"judged_{name}" for name in judged.columns if name not in keys}),
        error_mix(records, by),
        resources(records, by),
        validity(records, by, drawing),
    )
    for part in parts:
        whole = whole.join(part, on=keys, how="left")
    return ranked(whole, by).sort(*by, "total_rank", *SYSTEM, nulls_last=True)
