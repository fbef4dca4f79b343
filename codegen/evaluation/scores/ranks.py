"""Efficiency and ranks, in the manner of AutoGEEval and AutoGEEval++.

Their code computes no ranks, so what the names mean here is written down here:

- `p_rank`: by pass@5, of the first k epochs; where a system has fewer than five, by the largest k that all have, which
  `rank_k` tells;
- `s_rank`: by SA, where all have it;
- `e_rank`: by the mean of three ranks, those by pass@k per 1,000 tokens, per second of the model and per line, all
  three means of a program;
- `total_rank`: by the mean of those of the three that there are.

Equal ones share the better rank, and the next one counts on behind them. The reference is not ranked.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from codegen.evaluation.scores.frame import REFERENCE, SYSTEM
from codegen.evaluation.scores.passing import KS

EFFICIENCIES = ("token_efficiency", "time_efficiency", "line_efficiency")
RANKS = ("p_rank", "s_rank", "e_rank", "total_rank")


def ranked(summary: pl.DataFrame, by: Sequence[str] = ()) -> pl.DataFrame:
    """The summary with `rank_k`, `EFFICIENCIES` (points of pass@k in percent per unit) and `RANKS` of each group.

    Args:
        summary: A row a system and group, with `first_1` …, `sa`, `prompt_tokens`, `completion_tokens`,
            `model_seconds` and `lines`.
        by: Columns of the groups.
    """
    group: list[str | pl.Expr] = [*by] or [pl.lit(0)]
    among = pl.col("model") != REFERENCE
    rate, k = _rate_that_all_have(among, group)
    tokens = (pl.col("prompt_tokens") + pl.col("completion_tokens")) / 1_000
    costs = (tokens, pl.col("model_seconds"), pl.col("lines"))
    figures = summary.with_columns(rate.alias("_rate"), k.alias("rank_k")).with_columns(
        pl.when(cost > 0).then(100 * pl.col("_rate") / cost).alias(name)
        for name, cost in zip(EFFICIENCIES, costs, strict=True)
    )
    contenders = figures.filter(among)
    stable = pl.when(pl.col("sa").null_count().over(group) == 0).then(pl.col("sa"))
    placed = contenders.with_columns(
        _rank(pl.col("_rate"), group).alias("p_rank"),
        _rank(stable, group).alias("s_rank"),
        _rank(-_mean([_rank(pl.col(name), group) for name in EFFICIENCIES]), group).alias("e_rank"),
    ).with_columns(_rank(-_mean([pl.col(name) for name in RANKS[:3]]), group).alias("total_rank"))
    keys = [*by, *SYSTEM]
    return figures.drop("_rate").join(placed.select(*keys, *RANKS), on=keys, how="left").sort(keys)


def _rate_that_all_have(among: pl.Expr, group: Sequence[str | pl.Expr]) -> tuple[pl.Expr, pl.Expr]:
    """pass@k of the largest k that all contenders of a group have, and that k."""
    rate, found = pl.lit(None, pl.Float64), pl.lit(None, pl.Int64)
    for k in KS:
        lacks = (pl.col(f"first_{k}").is_null() & among).any().over(group)
        rate = pl.when(lacks).then(rate).otherwise(pl.col(f"first_{k}"))
        found = pl.when(lacks).then(found).otherwise(pl.lit(k, pl.Int64))
    return rate, found


def _rank(value: pl.Expr, group: Sequence[str | pl.Expr]) -> pl.Expr:
    """1 for the largest; rounded, so that equal means of ranks are equal."""
    return value.round(9).rank("min", descending=True).over(group).cast(pl.Int64)


def _mean(values: Sequence[pl.Expr]) -> pl.Expr:
    """Of those that there are; null where there are none."""
    return pl.mean_horizontal(*values, ignore_nulls=True)
