"""Frequent patterns and rules as rows of the page, whichever of the two forms of the tables there is."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from codegen.knowledge.explorer.head import Tables


def pattern_rows(tables: Tables, most: int) -> list[list[Any]]:
    """Operators, whether in order, count, support, lift, closed, maximal; the most frequent, first.

    Lift is the support over the product of the supports of the operators: how much more often they are together than
    they would be by chance. It is None where the support of one of them is not known.
    """
    alone = {row["operators"][0]: row["support"] for row in _named(tables, pl.col("operators").list.len() == 1)}
    found = sorted(_named(tables, pl.lit(True), most), key=lambda row: -row["support"])
    return [
        [
            row["operators"],
            row["ordered"],
            row["count"],
            rounded(row["support"]),
            rounded(row["lift"] if "lift" in row else _lift(row["operators"], row["support"], alone)),
            bool(row.get("closed")),
            bool(row.get("maximal")),
        ]
        for row in found[:most]
    ]


def rule_rows(tables: Tables, most: int) -> list[list[Any]]:
    """Antecedent, consequent, support, confidence, lift; the most frequent, first."""
    rules = tables.get("rules")
    if rules is None or not rules.height:
        return []
    ordered = rules.sort(["support", "confidence"], descending=True, maintain_order=True).head(most)
    columns = ordered.select("antecedent", "consequent", "support", "confidence", "lift")
    return [[a, b, *(rounded(value) for value in values)] for a, b, *values in columns.iter_rows()]


def _named(tables: Tables, wanted: pl.Expr, most: int | None = None) -> Iterator[dict[str, Any]]:
    """Rows of both tables, the most frequent of each, with `operators` and `ordered`."""
    for name in ("patterns", "sequences"):
        table = tables.get(name, pl.DataFrame())
        if not table.height:
            continue
        alike = table.rename({"items": "operators"} if "items" in table.columns else {})
        if "ordered" not in alike.columns:
            alike = alike.with_columns(ordered=pl.lit(name == "sequences"))
        found = alike.filter(wanted).sort("support", descending=True, maintain_order=True)
        yield from (found if most is None else found.head(most)).to_dicts()


def _lift(operators: list[str], support: float, alone: Mapping[str, float]) -> float | None:
    if not all(alone.get(operator) for operator in operators):
        return None
    return support / math.prod(alone[operator] for operator in operators)


def rounded(value: float | None) -> float | None:
    """To four digits, which is what is shown; None for what is no number."""
    return float(f"{value:.4g}") if value is not None and math.isfinite(value) else None
