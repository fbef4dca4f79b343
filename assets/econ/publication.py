"""What looks at everything that was released: the STAC catalogue, the overview map, the data docs."""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from assets.econ.keys import BENCHMARK, DATA_DOCS, OVERVIEW, PICTURE_AXES, RELEASE, SCORES, STAC, STREAM_TABLES
from assets.econ.upkeep import needs_streams
from assets.failures import told_clearly
from assets.partitions import CityYear, keys_of
from assets.resources import CityLake
from lake.partition_io import Lake
from lake.settings import settings
from lake.streams import STREAMS
from ml.dataset import is_simulated
from ml.release import layout
from quality.labels import summarise_labels
from quality.seeds import label_catalogue
from quality.streams import summarise_stream

GROUP = "publication"
EXPECTATIONS = dg.AssetCheckSpec(
    "expectations", asset=DATA_DOCS, description="Every critical expectation of every suite is met."
)


@dg.asset(key=STAC, group_name=GROUP, deps=[RELEASE], kinds={"stac"})
def stac_catalogue(lake: CityLake) -> dg.MaterializeResult[None]:
    """The STAC catalogue over everything released, validated."""
    from ml.release.stac import validate, write_stac

    with told_clearly():
        catalogue = write_stac(lake.store)
        valid = validate(lake.store)
    return dg.MaterializeResult(
        metadata={"uri": lake.store.uri(layout.CATALOG), "items": catalogue.items, "valid_documents": valid}
    )


@dg.asset(key=OVERVIEW, group_name=GROUP, deps=[RELEASE, PICTURE_AXES], kinds={"matplotlib"})
def overview_map(lake: CityLake) -> dg.MaterializeResult[None]:
    """Every embedded city and year side by side, in the same colours."""
    from ml.release.axes import read_axes
    from ml.release.partition import write_overview

    with told_clearly():
        written = write_overview(lake.store, read_axes(lake.store))
    return dg.MaterializeResult(metadata={"uri": written.uri, "content_hash": written.content_hash})


@dg.asset(
    key=DATA_DOCS,
    group_name=GROUP,
    deps=[*STREAM_TABLES, BENCHMARK, SCORES],
    kinds={"greatexpectations"},
    check_specs=[EXPECTATIONS],
)
def data_docs(lake: CityLake) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Great Expectations over summaries of all partitions, the labels and the scores, as pages to read."""
    from quality.data_docs import write_data_docs

    with told_clearly():
        extracted = [key for key in keys_of(lake.scale) if not needs_streams(lake.store, *key)]
        labels = summarise_labels(lake.store.read_table("labels/chn_econ_labels"), label_catalogue())
        written = write_data_docs(
            settings().data_dir / "data_docs",
            _summaries(lake.store, extracted),
            labels,
            lake.store.read_table("scores/probes"),
            is_simulated(lake.store, extracted),
        )
    yield dg.AssetCheckResult(
        asset_key=DATA_DOCS, check_name=EXPECTATIONS.name, passed=written.passed, severity=dg.AssetCheckSeverity.WARN
    )
    yield dg.MaterializeResult(asset_key=DATA_DOCS, metadata={"index": dg.MetadataValue.path(str(written.index))})


def _summaries(lake: Lake, partitions: list[CityYear]) -> pl.DataFrame:
    """One row a city, year, stream and band."""
    return pl.concat(
        summarise_stream(stream, lake.read(stream.dataset, city, year)).select(
            pl.lit(city).alias("city"), pl.lit(year, pl.Int32).alias("year"), pl.all()
        )
        for city, year in partitions
        for stream in STREAMS.values()
    )
