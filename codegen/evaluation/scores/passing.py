"""pass@k by both estimators, and how stable it is.

- *first*: whether any of the first k epochs passed, which is how AutoGEEval's published figures are made;
- *unbiased*: 1 − C(n − c, k) / C(n, k) for n epochs of which c passed, the chance that any of k epochs drawn from the
  n passes (M. Chen et al., "Evaluating Large Language Models Trained on Code", 2021, section 2.1).

Both are means over cases. Where a case has fewer than k epochs, neither is defined: null, and the case does not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Literal

import polars as pl

from codegen.evaluation.scores.frame import ITEM, Network, without_network

KS = (1, 3, 5)
Estimator = Literal["first", "unbiased"]
ESTIMATORS: tuple[Estimator, ...] = ("first", "unbiased")
RATES = tuple(f"{estimator}_{k}" for estimator in ESTIMATORS for k in KS)
"""Columns of pass@k: `first_1`, …, `unbiased_5`."""


def unbiased(epochs: pl.Expr, right: pl.Expr, k: int) -> pl.Expr:
    """The unbiased estimate of pass@k; null where there are fewer than k epochs.

    Args:
        epochs: How often a case was tried.
        right: How often it passed.
        k: At least 1.
    """
    wrong = epochs - right
    none_passes = reduce(lambda product, i: product * (wrong - i).clip(0) / (epochs - i), range(k), pl.lit(1.0))
    return pl.when(epochs >= k).then(1.0 - none_passes)


def first(passed: pl.Expr, k: int) -> pl.Expr:
    """Within a case's group, in order of its epochs: whether any of the first k passed, as 0 or 1; null for fewer."""
    return pl.when(pl.len() >= k).then(passed.head(k).any().cast(pl.Float64))


def items(records: pl.DataFrame, network: Network = "counted") -> pl.DataFrame:
    """Each case that a system met, with its pass@k.

    Args:
        records: As `frame.checked` gives them.
        network: Whether failures of the network count as failures or as epochs that there were not; in the second way
            the first k epochs are the first k that have a verdict.

    Returns:
        Columns of `ITEM`, `type`, `difficulty`, `out_type`, `epochs` (n), `right` (c) and `RATES`.
    """
    kept = records if network == "counted" else without_network(records)
    tried, right = pl.len().cast(pl.Int64), pl.col("passed").sum().cast(pl.Int64)
    grouped = kept.sort(*ITEM, "epoch").group_by(ITEM, maintain_order=True)
    counted = grouped.agg(
        pl.first("type", "difficulty", "out_type"),
        tried.alias("epochs"),
        right.alias("right"),
        *(first(pl.col("passed"), k).alias(f"first_{k}") for k in KS),
    )
    return counted.with_columns(unbiased(pl.col("epochs"), pl.col("right"), k).alias(f"unbiased_{k}") for k in KS)


def variation(rates: Sequence[str]) -> pl.Expr:
    """CV: standard deviation of pass@1, pass@3 and pass@5 over their mean.

    The standard deviation is the population's (over three, not two): the three are all that there is, not a sample.
    Null where one of them is, and where nothing passed, as the mean is 0 then.
    """
    mean = pl.sum_horizontal(rates, ignore_nulls=False) / len(rates)
    square = sum(((pl.col(rate) - mean) ** 2 for rate in rates), pl.lit(0.0)) / len(rates)
    return pl.when(mean > 0).then(square.sqrt() / mean)


def stability_adjusted(rates: Sequence[str]) -> pl.Expr:
    """SA: pass@5 / (1 + CV); 0 where nothing passed, null where pass@5 is not defined."""
    last = pl.col(rates[-1])
    return pl.when(last == 0).then(0.0).otherwise(last / (1.0 + variation(rates)))


def stability() -> list[pl.Expr]:
    """`cv`, `sa` of the first estimator, as published, and `cv_unbiased`, `sa_unbiased` of the other."""
    made = []
    for estimator, suffix in (("first", ""), ("unbiased", "_unbiased")):
        rates = [f"{estimator}_{k}" for k in KS]
        made.append(variation(rates).alias(f"cv{suffix}"))
        made.append(stability_adjusted(rates).alias(f"sa{suffix}"))
    return made
