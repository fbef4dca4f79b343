"""Tables made of the probes' scores: means by category of label, collapsed labels, both choices of the penalty."""

from collections.abc import Mapping

import polars as pl

from lake.errors import BadInputError
from lake.settings import REPOSITORY

CATALOGUE = REPOSITORY / "dbt_project" / "seeds" / "label_catalogue.csv"
ALL = "all"
"""Category of the rows that mean all labels."""


def label_categories() -> dict[str, str]:
    """Category (economy, society, environment) of each of the platform's labels, from the catalogue."""
    return dict(pl.read_csv(CATALOGUE, columns=["label", "category"], infer_schema=False).iter_rows())


def category_means(summary: pl.DataFrame, categories: Mapping[str, str] | None = None) -> pl.DataFrame:
    """Mean R² and collapsed labels by category of label.

    Args:
        summary: Of `ml.probes.summarise`, with or without `choice`.
        categories: Category of each label; None: no categories, only the mean over all.

    Returns:
        One row a `split`, `representation` and `category`, and one with the category `all`: `mean_r2`, `labels` and
        `collapsed`, the number of labels with R² < 0.

    Raises:
        BadInputError: A label has no category.
    """
    keys = [key for key in ("choice", "split", "representation") if key in summary.columns]
    tables = [summary.with_columns(category=pl.lit(ALL))]
    if categories is not None:
        lacking = sorted(set(summary["label"]) - set(categories))
        if lacking:
            raise BadInputError(
                f"No category for {', '.join(lacking)}: add them to {CATALOGUE.name} or leave them out."
            )
        tables.append(summary.with_columns(category=pl.col("label").replace_strict(categories)))
    return (
        pl.concat(tables)
        .group_by(*keys, "category")
        .agg(
            pl.col("r2").mean().alias("mean_r2"),
            pl.len().cast(pl.Int64).alias("labels"),
            (pl.col("r2") < 0).sum().cast(pl.Int64).alias("collapsed"),
        )
        .sort(*keys, "category")
    )


def compare_choices(summary: pl.DataFrame) -> pl.DataFrame:
    """What choosing the penalty over rows costs: both choices side by side.

    Args:
        summary: Of `ml.probes.summarise` on both choices of `ml.probes.CHOICES`.

    Returns:
        One row a `split` and `representation`: `mean_r2_groups`, `mean_r2_rows`, `collapsed_groups`, `collapsed_rows`,
        and the label that loses most by the choice over rows: `label`, `r2_groups`, `r2_rows`.

    Raises:
        BadInputError: One of the choices is not there.
    """
    if "choice" not in summary.columns or set(summary["choice"]) != {"groups", "rows"}:
        raise BadInputError("Both choices of the penalty are needed: probe with `choices=CHOICES`.")
    by_label = summary.pivot(on="choice", index=["split", "representation", "label"], values="r2")
    return (
        by_label.with_columns((pl.col("groups") - pl.col("rows")).alias("lost"))
        .group_by("split", "representation")
        .agg(
            pl.col("groups", "rows").mean().name.prefix("mean_r2_"),
            (pl.col("groups", "rows") < 0).sum().cast(pl.Int64).name.prefix("collapsed_"),
            pl.col("label", "groups", "rows").get(pl.col("lost").arg_max()).name.prefix("most_"),
        )
        .rename({"most_label": "label", "most_groups": "r2_groups", "most_rows": "r2_rows"})
        .sort("split", "representation")
    )
