"""The seven streams of a city and year, each an asset, each checked before it is kept."""

import time
from collections.abc import Iterator

import dagster as dg

from assets.checks import any_blocked, blocked, declared, results
from assets.extraction.extract import Extraction, extract
from assets.failures import told_clearly
from assets.partitions import A_CITY_A_RUN, CITY_YEAR, CityYear, city_years, key_of
from assets.requests import KEY, stream_request
from assets.resources import CityLake, EarthEngine
from assets.thumbnails import stream_thumbnail
from lake.partition_io import Lake, Written
from lake.streams import STREAMS, Stream
from quality.outcome import Outcome
from quality.streams import check_stream, checks_of

GROUP = "streams"
Made = dg.MaterializeResult[None] | dg.AssetCheckResult


def stream_asset(stream: Stream) -> dg.AssetsDefinition:
    """The asset of one stream."""
    key = dg.AssetKey(["streams", stream.name])

    @dg.asset(
        key=key,
        description=f"{stream.title}: {stream.width} band(s) a 100 m pixel, {stream.dtype}.",
        group_name=GROUP,
        partitions_def=CITY_YEAR,
        backfill_policy=A_CITY_A_RUN,
        pool="earthengine",
        kinds={"earthengine", "parquet"},
        check_specs=declared(checks_of(stream), key),
        metadata={"bands": dg.MetadataValue.md(_bands(stream))},
        output_required=False,  # what a blocking check refuses is not materialised
    )
    def stream_of_cities(
        context: dg.AssetExecutionContext, earth_engine: EarthEngine, lake: CityLake
    ) -> Iterator[Made]:
        outcomes: dict[str, list[Outcome]] = {}
        for city, year in city_years(context):
            with told_clearly():
                started = time.perf_counter()
                extraction = extract(earth_engine.session(), stream, lake.grid(city), year)
                outcomes[key_of(city, year)] = found = _check(stream, extraction, lake, (city, year))
                written = _keep(lake.store, stream, (city, year), extraction, found)
            context.add_asset_metadata(
                _metadata(stream, extraction, written, lake, city, time.perf_counter() - started),
                partition_key=key_of(city, year),
            )
        yield from results(outcomes, key)
        if not any_blocked(outcomes):
            yield dg.MaterializeResult(asset_key=key)

    return stream_of_cities


def _check(stream: Stream, extraction: Extraction, lake: CityLake, partition: CityYear) -> list[Outcome]:
    """Checks a partition, against the nearest earlier year of the same city where there is one."""
    city, year = partition
    earlier = [y for c, y in lake.store.partitions(stream.dataset) if c == city and y < year]
    previous = lake.store.read(stream.dataset, city, max(earlier)) if earlier else None
    return check_stream(stream, extraction.table, lake.grid(city).pixel, previous)


def _keep(store: Lake, stream: Stream, partition: CityYear, extraction: Extraction, found: list[Outcome]) -> Written:
    """Writes a partition; one that a blocking check refused goes to `quarantine/`, where a person can look at it."""
    dataset = f"quarantine/{stream.dataset}" if blocked(found) else stream.dataset
    metadata = extraction.metadata | {KEY: stream_request(stream)}
    return store.write(dataset, *partition, extraction.table, metadata)


def _metadata(
    stream: Stream, extraction: Extraction, written: Written, lake: CityLake, city: str, seconds: float
) -> dict[str, dg.MetadataValue]:
    simulated = extraction.metadata["simulated"] == "true"
    return {
        "dagster/row_count": dg.MetadataValue.int(written.rows),
        "dagster/uri": dg.MetadataValue.text(written.uri),
        "content_hash": dg.MetadataValue.text(written.content_hash),
        "unchanged": dg.MetadataValue.bool(not written.changed),
        "seconds": dg.MetadataValue.float(round(seconds, 2)),
        "provenance": dg.MetadataValue.json(extraction.metadata),
        "map": stream_thumbnail(stream, extraction.table, lake.grid(city), simulated),
    }


def _bands(stream: Stream) -> str:
    rows = [f"| {band.name} | {band.unit} | {band.low:g} to {band.high:g} |" for band in stream.bands]
    return "\n".join(["| band | unit | sensible values |", "|---|---|---|", *rows])


STREAM_ASSETS = [stream_asset(stream) for stream in STREAMS.values()]
