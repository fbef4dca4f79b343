"""Combinations of operators that many callers use in this order (Geo-FuST): closed sequences, and telling operators."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import polars as pl

from codegen.knowledge.functions.affinity import strengths
from codegen.knowledge.functions.serving import THRESHOLD

COMBINATIONS: dict[str, Any] = {
    "combination": pl.String,
    "operators": pl.List(pl.String),
    "count": pl.Int64,
    "support": pl.Float64,
    "relations": pl.List(pl.String),
}
"""`count`: callers that call the operators in this order, others between them or not. `relations`: of each operator and
the next that in which they stand at most places of all scripts (`sequential`, `nested`, `parallel`); empty for none."""


def combination_id(operators: Sequence[str]) -> str:
    """16 hexadecimal digits that depend on the operators alone."""
    return hashlib.sha256("\n".join(operators).encode()).hexdigest()[:16]


def combination_table(patterns: pl.DataFrame, related: pl.DataFrame | None = None) -> pl.DataFrame:
    """The closed patterns of two and more operators, and single ones that surely serve a function.

    Args:
        patterns: `operators`, `count`, `support`, `closed`, as `frequent_sequences` gives them.
        related: As `codegen.knowledge.usage.relationships` counts them; None: relations stay empty.
    """
    length = pl.col("operators").list.len()
    larger = patterns.filter(pl.col("closed") & (length >= 2))
    single = patterns.filter(length == 1)
    names = single["operators"].list.first().to_list()
    telling = single.filter(pl.Series(strengths(names).max(axis=1, initial=0.0) >= THRESHOLD, dtype=pl.Boolean))
    chosen = pl.concat([larger, telling]).select("operators", "count", "support")
    pairs = {} if related is None else _most_frequent(related)
    found = [
        (combination_id(operators), operators, count, support, [pairs.get(pair, "") for pair in pairwise(operators)])
        for operators, count, support in chosen.iter_rows()
    ]
    table = pl.DataFrame(found, schema=COMBINATIONS, orient="row")
    return table.sort(["count", "combination"], descending=[True, False])


def _most_frequent(related: pl.DataFrame) -> dict[tuple[str, str], str]:
    """Each two operators to the relation in which they stand at most places; the inner of nested ones comes first."""
    is_nested = pl.col("relation") == "nested"
    first, second = pl.col("first"), pl.col("second")
    called_in_order = related.select(
        "relation",
        "count",
        first=pl.when(is_nested).then(second).otherwise(first),
        second=pl.when(is_nested).then(first).otherwise(second),
    )
    turned = called_in_order.filter(pl.col("relation") == "parallel").rename({"first": "second", "second": "first"})
    both = pl.concat([called_in_order, turned.select(called_in_order.columns)])
    ordered = both.sort(["count", "relation"], descending=[True, False])
    best = ordered.unique(["first", "second"], keep="first", maintain_order=True)
    return {(first, second): relation for first, second, relation in best.select("first", "second", "relation").rows()}
