"""CHN-Econ: the dbt models as assets, and the hand-off of the label tables to Python."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import polars as pl
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, dbt_assets

from assets.checks import blocked, declared, results
from assets.econ.keys import BENCHMARK, LABEL_TABLES
from assets.econ.upkeep import needs_streams
from assets.failures import told_clearly
from assets.partitions import keys_of
from assets.resources import DBT_PROJECT, CityLake
from lake.errors import BadInputError
from lake.partition_io import Written
from lake.settings import settings
from lake.streams import STREAMS
from ml.release import layout
from quality.labels import LABEL_CHECKS, check_labels
from quality.outcome import Outcome

GROUP = "labels"
_LOOKED_AT = 3
"""Partitions whose streams the labels are held against: a copied label shows in any of them."""


class _InOneGroup(DagsterDbtTranslator):
    """Seeds, staging and marts in one group: folders are dbt's concern."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The group of every model and seed."""
        return GROUP


@dbt_assets(
    manifest=DBT_PROJECT.manifest_path,
    project=DBT_PROJECT,
    dagster_dbt_translator=_InOneGroup(),
    pool="warehouse",  # of one slot: a DuckDB file has one writer
)
def chn_econ(context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
    """Builds and tests the labels out of all observations in the lake."""
    yield from dbt.cli(["build", "--exclude-resource-type", "unit_test"], context=context).stream()


@dg.asset(
    key=BENCHMARK,
    group_name=GROUP,
    deps=[*LABEL_TABLES, "label_catalogue"],
    pool="warehouse",
    kinds={"duckdb", "parquet"},
    check_specs=declared(LABEL_CHECKS, BENCHMARK),
    output_required=False,
)
def chn_econ_benchmark(lake: CityLake) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Labels and splits, out of the warehouse into the lake, behind checks that stop what would poison a model."""
    with told_clearly():
        tables = _read_warehouse()
        found = _check(lake, tables)
        written = {} if blocked(found) else _write(lake, tables)
    yield from results({"": found}, BENCHMARK)
    if written:
        yield dg.MaterializeResult(asset_key=BENCHMARK, metadata=_metadata(lake, tables, written))


def _read_warehouse() -> dict[str, pl.DataFrame]:
    """The marts and the catalogue.

    Raises:
        BadInputError: A table was never built.
    """
    import duckdb

    with duckdb.connect(settings().duckdb_path, read_only=True) as warehouse:
        try:
            return {name: warehouse.table(name).pl() for name in (*LABEL_TABLES, "label_catalogue")}
        except duckdb.CatalogException as error:
            raise BadInputError(
                f"The warehouse {settings().duckdb_path} lacks a table: build the labels. {error}"
            ) from error


def _check(lake: CityLake, tables: Mapping[str, pl.DataFrame]) -> list[Outcome]:
    """The labels against the catalogue, the pixels that were observed, and the streams of a few partitions."""
    observed = lake.store.partitions("observations/pixel_district")
    some = [key for key in keys_of(lake.scale) if not needs_streams(lake.store, *key)][:_LOOKED_AT]
    return check_labels(
        tables["chn_econ_labels"],
        tables["label_catalogue"],
        tables["chn_econ_label_lineage"],
        {name: tables[f"split_{name.lower()}"] for name in ("E1", "E2", "E3")},
        lake.store.read_many("observations/pixel_district", observed, ["pixel"]),
        {name: lake.store.read_many(stream.dataset, some) for name, stream in STREAMS.items()} if some else {},
    )


def _write(lake: CityLake, tables: Mapping[str, pl.DataFrame]) -> dict[str, Written]:
    told = {"simulated": str(_is_simulated(lake)).lower()}
    return {name: lake.store.write_table(f"labels/{name}", tables[name], told) for name in LABEL_TABLES}


def _is_simulated(lake: CityLake) -> bool:
    """True where any observation is simulated; unknown counts as simulated."""
    return any(
        layout.is_simulated(lake.store.metadata("observations/points", *partition))
        for partition in lake.store.partitions("observations/points")
    )


def _metadata(lake: CityLake, tables: Mapping[str, pl.DataFrame], written: Mapping[str, Written]) -> dict[str, Any]:
    audit = tables["chn_econ_label_audit"]
    coverage = (
        audit.group_by("label")
        .agg(pl.col("labelled_pixels").sum() / pl.col("pixels").sum(), pl.col("observations").sum())
        .sort("label")
    )
    rows = [f"| {row[0]} | {row[1]:.1%} | {row[2]:,} |" for row in coverage.iter_rows()]
    return {
        "dagster/row_count": written["chn_econ_labels"].rows,
        "dagster/uri": written["chn_econ_labels"].uri,
        "content_hash": written["chn_econ_labels"].content_hash,
        "coverage": dg.MetadataValue.md(
            "\n".join(["| label | pixels with a value | observations |", "|---|---:|---:|", *rows])
        ),
        "simulated": _is_simulated(lake),
    }
