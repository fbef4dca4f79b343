"""City × year: the partitions of the platform, and how several of them share a run."""

from collections.abc import Iterable, Sequence

import dagster as dg

from lake.cities import CITIES, YEARS
from lake.profiles import Scale

CITY_YEAR = dg.MultiPartitionsDefinition(
    {
        "city": dg.StaticPartitionsDefinition(list(CITIES)),
        "year": dg.StaticPartitionsDefinition([str(year) for year in YEARS]),
    }
)
"""Keys read `wuhan|2020`: Dagster sorts the dimensions by name."""

A_CITY_A_RUN = dg.BackfillPolicy.multi_run(len(YEARS))
"""Backfill policy of everything partitioned.

Dagster cuts the keys of a two-dimensional backfill into pieces of this many in the order of cities, then years, and
names each piece by its first and last key. Read back, that is a rectangle of cities and years. With a whole city's
years a piece, piece and rectangle are the same set; with another number they would not be.
"""

RANGE_START, RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
"""Tags by which a run has several partitions."""

CityYear = tuple[str, int]


def key_of(city: str, year: int) -> str:
    """The partition key of a city and year."""
    return f"{city}|{year}"


def city_year(key: str) -> CityYear:
    """City and year of a partition key."""
    city, year = key.split("|")
    return city, int(year)


def city_years(context: dg.AssetExecutionContext) -> list[CityYear]:
    """The partitions of this run, one or several."""
    return [city_year(key) for key in context.partition_keys]


def keys_of(scale: Scale) -> list[CityYear]:
    """All partitions of a scale, city by city."""
    return [(city, year) for city in scale.cities for year in scale.years]


def in_runs(partitions: Iterable[CityYear]) -> list[dg.PartitionKeyRange]:
    """Partitions as the fewest ranges that each hold one city and years without a gap; one range is one run."""
    ranges: list[dg.PartitionKeyRange] = []
    years_of: dict[str, set[int]] = {}
    for city, year in partitions:
        years_of.setdefault(city, set()).add(year)
    for city, years in years_of.items():
        ranges += [dg.PartitionKeyRange(key_of(city, a), key_of(city, b)) for a, b in _spans(sorted(years))]
    return ranges


def members(keys: dg.PartitionKeyRange) -> list[CityYear]:
    """The partitions of a range of one city."""
    (city, first), (_, last) = city_year(keys.start), city_year(keys.end)
    return [(city, year) for year in range(first, last + 1)]


def _spans(years: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of every stretch of years without a gap."""
    spans: list[tuple[int, int]] = []
    for year in years:
        if spans and spans[-1][1] == year - 1:
            spans[-1] = (spans[-1][0], year)
        else:
            spans.append((year, year))
    return spans
