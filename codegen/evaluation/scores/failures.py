"""How many there are, what went wrong, and how much of it was the network's fault."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from codegen.evaluation.record import ERROR_CLASSES
from codegen.evaluation.scores.frame import SYSTEM

SHARES = tuple(f"error_{name}" for name in ERROR_CLASSES)
"""Columns of the error mix."""


def error_mix(records: pl.DataFrame, by: Sequence[str] = ()) -> pl.DataFrame:
    """Counts and the error mix of each system and group.

    Args:
        records: As `frame.checked` gives them.
        by: Columns of the groups besides the system.

    Returns:
        `by`, `SYSTEM`; `tasks`, `cases`, `epochs` (the most that a case has), `verdicts` (cases times epochs);
        `failures`, of which `network`; `coverage`, the share of verdicts that the network did not prevent; and `SHARES`
        of the failures, null where nothing failed.
    """
    failed = pl.col("passed").not_()
    counted = records.group_by(*by, *SYSTEM).agg(
        pl.col("function").n_unique().cast(pl.Int64).alias("tasks"),
        pl.struct("section", "function", "case").n_unique().cast(pl.Int64).alias("cases"),
        pl.col("epoch").n_unique().cast(pl.Int64).alias("epochs"),
        pl.len().cast(pl.Int64).alias("verdicts"),
        failed.sum().cast(pl.Int64).alias("failures"),
        *((failed & pl.col("error").eq_missing(name)).sum().alias(f"error_{name}") for name in ERROR_CLASSES),
    )
    network = pl.col("error_network").cast(pl.Int64)
    shares = [pl.when(pl.col("failures") > 0).then(pl.col(name) / pl.col("failures")).alias(name) for name in SHARES]
    return counted.with_columns(
        network.alias("network"), (1 - network / pl.col("verdicts")).alias("coverage"), *shares
    ).sort(*by, *SYSTEM)
