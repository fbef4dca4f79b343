"""Which streams come from the same source in two years, by what the partitions say of themselves (ours)."""

from collections.abc import Mapping, Sequence

import polars as pl

from lake.partition_io import Lake
from lake.streams import STREAMS

SAME, OTHER, LAGGING = "same", "other source", "lagging"


def stream_sources(lake: Lake, cities: Sequence[str], first: int, last: int) -> pl.DataFrame:
    """Where each stream of two years came from, a row a stream.

    Args:
        lake: Its partitions' metadata name `source` (data sets) and `source_year`.
        cities: Looked at; a stream counts as changed where it is in any of them.
        first: Earlier year.
        last: Later year.

    Returns:
        `stream`; `origin`: `other source` where the last year has a data set that the first has not, `lagging` where
        one of the last year's is of an earlier year, `same` otherwise; `first` and `last`: data sets with their years,
        of the first city in which it is so.
    """
    rows = []
    for name, stream in STREAMS.items():
        found = []
        for city in cities:
            before, after = (lake.metadata(stream.dataset, city, year) for year in (first, last))
            found.append((_origin(before, after, first, last), _told(before), _told(after)))
        worst = min(found, key=lambda one: (OTHER, LAGGING, SAME).index(one[0]))
        rows.append((name, *worst))
    return pl.DataFrame(rows, schema=["stream", "origin", "first", "last"], orient="row")


def _origin(before: Mapping[str, str], after: Mapping[str, str], first: int, last: int) -> str:
    if _data_sets(after, last) - _data_sets(before, first):
        return OTHER
    years = [year for year in after.get("source_year", "").split("; ") if year.isdigit()]
    return LAGGING if any(int(year) < last for year in years) else SAME


def _data_sets(told: Mapping[str, str], year: int) -> set[str]:
    """Ids of the data sets; a table a year, such as `poi_2017`, is one and the same."""
    return {source.replace(str(year), "YEAR") for source in told.get("source", "").split("; ")}


def _told(metadata: Mapping[str, str]) -> str:
    sources, years = (metadata.get(key, "").split("; ") for key in ("source", "source_year"))
    if len(sources) != len(years):
        return f"{'; '.join(sources)} ({'; '.join(years)})"
    return "; ".join(f"{source} ({year})" for source, year in zip(sources, years, strict=True))
