"""How operators are used over all scripts: how often, with what, in which chains, on which data sets.

Counts are of places in scripts, not of how often a place runs: a loop's body counts once. Only what is made when a
script runs counts; what stands in functions that nobody calls, or that wait for a click, is told apart in
`operator_uses`.
"""

import polars as pl

from codegen.knowledge.extracted import Extracted
from codegen.knowledge.shipped import catalogued_data_sets

_RUNS = pl.col("reached") == "runs"


def operator_uses(extracted: Extracted) -> pl.DataFrame:
    """Per operator: `uses` (places), `scripts`, and `waiting`, places that are come to later or never."""
    grouped = extracted.scan("calls").group_by(name="operator")
    return grouped.agg(
        uses=_RUNS.sum().cast(pl.Int64),
        scripts=pl.col("script").filter(_RUNS).n_unique().cast(pl.Int64),
        waiting=(~_RUNS).sum().cast(pl.Int64),
    ).collect(engine="streaming")


def relationships(extracted: Extracted) -> pl.DataFrame:
    """Per pair and relation: `count` (places) and `scripts`; the most frequent first."""
    grouped = extracted.scan("relations").group_by("first", "second", "relation")
    found = grouped.agg(
        count=pl.col("count").sum().cast(pl.Int64), scripts=pl.col("script").n_unique().cast(pl.Int64)
    ).collect(engine="streaming")
    return found.sort(["count", "first", "second", "relation"], descending=[True, False, False, False])


def chain_table(extracted: Extracted) -> pl.DataFrame:
    """Per chain: its operators, `count`, `scripts` and an `example` (a script's id); the most frequent first."""
    grouped = extracted.scan("chains").group_by("chain")
    found = grouped.agg(
        pl.col("operators").first(),
        count=pl.len().cast(pl.Int64),
        scripts=pl.col("script").n_unique().cast(pl.Int64),
        example=pl.col("script").min(),
    ).collect(engine="streaming")
    return found.sort(["scripts", "count", "chain"], descending=[True, True, False])


def data_set_operators(extracted: Extracted) -> pl.DataFrame:
    """Per data set and operator that loads it or works on what it gives: `scripts`, and `count`, the same."""
    grouped = extracted.scan("datasets").group_by("dataset", "operator")
    found = grouped.agg(scripts=pl.col("script").n_unique().cast(pl.Int64)).collect(engine="streaming")
    return found.sort(["scripts", "dataset", "operator"], descending=[True, False, False]).with_columns(count="scripts")


def data_sets(extracted: Extracted) -> pl.DataFrame:
    """The catalogue's data sets, and those that scripts load besides, with the number of `scripts` that do.

    An image of a collection (`MODIS/006/MCD43A4/2002_07_04`) counts for the collection.
    """
    catalogue = pl.DataFrame(list(catalogued_data_sets()))
    used = extracted.scan("datasets").select("script", "dataset").unique().collect()
    known = set(catalogue["id"])
    of_catalogue = {id_: _catalogued(id_, known) for id_ in used["dataset"].unique()}
    counted = (
        used.with_columns(id=pl.col("dataset").replace_strict(of_catalogue, return_dtype=pl.String))
        .group_by("id")
        .agg(scripts=pl.col("script").n_unique().cast(pl.Int64))
    )
    joined = catalogue.join(counted, on="id", how="full", coalesce=True)
    filled = joined.with_columns(pl.col(pl.String).fill_null(""), pl.col("scripts").fill_null(0))
    return filled.sort(["scripts", "id"], descending=[True, False])


def _catalogued(data_set: str, known: set[str]) -> str:
    """The id of the catalogue that an id lies below, or the id itself."""
    parts = data_set.split("/")
    below = ("/".join(parts[:end]) for end in range(len(parts), 0, -1))
    return next((name for name in below if name in known), data_set)


def transactions(extracted: Extracted) -> pl.DataFrame:
    """What each caller (a script's top level, or a function in it) calls, in order: `script`, `function`, `operators`.

    What only the Code Editor shows (`Map`, `ui`, `Chart`, `print`) is left out: it would stand in nearly every pattern.
    """
    is_shown = pl.col("operator").str.contains(r"^(Map|ui|Chart)\.|^(print|ui|Chart)$")
    return (
        extracted.scan("calls")
        .filter(_RUNS, ~is_shown)
        .sort("script", "number")
        .group_by("script", "function", maintain_order=True)
        .agg(operators="operator")
        .collect()
    )
