"""Raw observations of the labels of a city and year: simulated ones, or a user's own tables."""

from collections.abc import Iterator, Sequence

import dagster as dg
import polars as pl

from assets.checks import any_blocked, blocked, declared, results
from assets.econ.keys import OBSERVATION_TABLES, OBSERVATIONS
from assets.econ.streams import GROUP
from assets.extraction.observations import Observations, extract_observations, read_observations
from assets.failures import told_clearly
from assets.partitions import A_CITY_A_RUN, CITY_YEAR, city_years, key_of
from assets.requests import KEY, observation_request
from assets.resources import CityLake, EarthEngine
from lake.grid import CityGrid
from lake.partition_io import Written
from lake.settings import settings
from quality.observations import OBSERVATION_CHECKS, check_observations
from quality.outcome import Outcome

POINTS = dg.AssetKey(["observations", "points"])
"""Carries the checks of all three."""
_DESCRIPTIONS = {
    "points": "Label observations at places: prices, rents, travel times, air.",
    "districts": "Label observations of districts, as yearbooks print them.",
    "pixel_district": "The district in which each pixel lies.",
}


@dg.multi_asset(
    specs=[
        dg.AssetSpec(key, group_name=GROUP, description=_DESCRIPTIONS[key.path[-1]], kinds={"parquet"}, skippable=True)
        for key in OBSERVATIONS
    ],
    partitions_def=CITY_YEAR,
    backfill_policy=A_CITY_A_RUN,
    pool="earthengine",
    check_specs=declared(OBSERVATION_CHECKS, POINTS),
)
def label_observations(
    context: dg.AssetExecutionContext, earth_engine: EarthEngine, lake: CityLake
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Reads the observations and the districts, and places them on the pixels."""
    outcomes: dict[str, Sequence[Outcome]] = {}
    for city, year in city_years(context):
        with told_clearly():
            observations = _observe(earth_engine, lake.grid(city), year)
            outcomes[key_of(city, year)] = found = check_observations(
                observations.points, observations.districts, observations.pixel_district, lake.grid(city)
            )
            written = _keep(lake, observations, (city, year), found)
        for key, result in written.items():
            context.add_asset_metadata(
                {
                    "dagster/row_count": result.rows,
                    "dagster/uri": result.uri,
                    "content_hash": result.content_hash,
                    "provenance": observations.metadata,
                },
                asset_key=key,
                partition_key=key_of(city, year),
            )
    yield from results(outcomes, POINTS)
    if not any_blocked(outcomes):
        for key in OBSERVATIONS:
            yield dg.MaterializeResult(asset_key=key)


def _observe(earth_engine: EarthEngine, grid: CityGrid, year: int) -> Observations:
    folder = settings().observations
    if folder:
        return read_observations(folder, grid, year)
    return extract_observations(earth_engine.session(), grid, year)


def _keep(
    lake: CityLake, observations: Observations, partition: tuple[str, int], found: Sequence[Outcome]
) -> dict[dg.AssetKey, Written]:
    """Writes the three tables; those that a blocking check refused go to `quarantine/`."""
    prefix = "quarantine/" if blocked(found) else ""
    metadata = observations.metadata | {KEY: observation_request()}
    tables: dict[str, pl.DataFrame] = {table: getattr(observations, table) for table in OBSERVATION_TABLES}
    return {
        key: lake.store.write(prefix + "/".join(key.path), *partition, tables[key.path[-1]], metadata)
        for key in OBSERVATIONS
    }
