"""The dbt seeds that say what a label is, as the checks read them."""

from functools import lru_cache

import polars as pl

from lake.settings import REPOSITORY

_SEEDS = REPOSITORY / "dbt_project" / "seeds"


@lru_cache(maxsize=1)
def label_catalogue() -> pl.DataFrame:
    """One row a label, with the columns of the seed.

    `minimum` and `maximum` are Float64 in the canonical unit; the rest is text.
    """
    return pl.read_csv(_SEEDS / "label_catalogue.csv", infer_schema=False).with_columns(
        pl.col("minimum", "maximum").cast(pl.Float64)
    )


@lru_cache(maxsize=1)
def unit_conversions() -> pl.DataFrame:
    """Units in which a label may come: `label`, `unit` and `factor` (Float64) to its canonical unit."""
    table = pl.read_csv(_SEEDS / "unit_conversions.csv", infer_schema=False)
    return table.with_columns(pl.col("factor").cast(pl.Float64))


def transformed(value: pl.Expr, transform: pl.Expr) -> pl.Expr:
    """A label's value on the scale in which it is predicted: ln(1 + value) where the catalogue says log1p."""
    return pl.when(transform == "log1p").then(value.log1p()).otherwise(value)


def spelled_unit(unit: pl.Expr) -> pl.Expr:
    """A unit as it is compared: without blanks around it, with ², ³, µ and ％ typed as 2, 3, u and % (as dbt does)."""
    return unit.str.replace_many(list("²³µμ％"), list("23uu%")).str.strip_chars(" ")
