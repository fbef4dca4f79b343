"""Great Expectations suites, built from the contracts: the streams' table, the label catalogue, the probes' scores.

They look at summaries, one row a partition and band or label, for pandas cannot hold all pixels. Great Expectations
takes seconds to import: this module is imported by what writes the Data Docs, and by nothing that runs per partition.
"""

import itertools
from collections.abc import Sequence
from typing import Any

import polars as pl

from lake.cities import CITIES, YEARS
from lake.streams import Band, Stream
from quality.labels import MOST_MISSING
from quality.seeds import transformed
from quality.streams import MOST_BAND_NODATA

SUMMARY_COLUMNS = (
    "city", "year", "stream", "band", "unit", "rows", "pixels", "missing_share", "minimum", "maximum", "mean", "std",
    "distinct",
)  # fmt: skip
"""Of `quality.streams.summarise_stream`, with the partition in front."""
LABEL_COLUMNS = (
    "city", "year", "label", "unit", "transform", "rows", "pixels", "missing_share", "minimum", "maximum", "mean",
    "std", "distinct",
)  # fmt: skip
"""Of `quality.labels.summarise_labels`."""
SCORE_COLUMNS = ("split", "fold", "label", "representation", "r2", "n", "alpha", "sse", "sst")
"""Of the probes: one row a split, fold, label and representation."""
SCORE_FLOOR = -1e3
"""R² below which a probe did not extrapolate but exploded (ours)."""
SPLITS = ("E1", "E2", "E3")

_SLACK = 1e-6  # ln and its inverse in two engines


def stream_suite(stream: Stream, partitions: int, simulated: bool) -> Any:
    """What the summaries of one stream must meet.

    Args:
        stream: Its contract.
        partitions: Number of partitions that were summarised.
        simulated: Whether any of them was simulated; said in the suite's name and notes.
    """
    e = _vocabulary()
    expectations = [
        *_keys(SUMMARY_COLUMNS, ["city", "year", "band"], partitions * stream.width),
        e.ExpectColumnDistinctValuesToEqualSet(column="band", value_set=list(stream.columns)),
        e.ExpectColumnValuesToBeInSet(column="unit", value_set=sorted({b.unit for b in stream.bands})),
        *_limits_of_bands(stream),
        *_spread("band", MOST_BAND_NODATA),
    ]
    notes = f"{stream.title}: the contract of `{stream.name}` in lake/streams.py, held against every partition."
    return _suite(f"stream {stream.name}", expectations, notes, simulated)


def label_suite(catalogue: pl.DataFrame, partitions: int, simulated: bool) -> Any:
    """What the summaries of the labels must meet; arguments as for `stream_suite`, with the catalogue seed."""
    e = _vocabulary()
    names = catalogue["label"].to_list()
    expectations = [
        *_keys(LABEL_COLUMNS, ["city", "year", "label"], partitions * len(names)),
        e.ExpectColumnDistinctValuesToEqualSet(column="label", value_set=names),
        *_limits_of_labels(catalogue),
        *_spread("label", MOST_MISSING),
    ]
    notes = "CHN-Econ labels on the scale in which they are predicted: dbt_project/seeds/label_catalogue.csv."
    return _suite("CHN-Econ labels", expectations, notes, simulated)


def score_suite(catalogue: pl.DataFrame, simulated: bool) -> Any:
    """What the probes' score table must meet."""
    e = _vocabulary()
    expectations = [
        e.ExpectTableColumnsToMatchOrderedList(column_list=list(SCORE_COLUMNS)),
        e.ExpectCompoundColumnsToBeUnique(column_list=["split", "fold", "label", "representation"]),
        e.ExpectColumnDistinctValuesToEqualSet(column="split", value_set=list(SPLITS)),
        e.ExpectColumnValuesToBeInSet(column="label", value_set=catalogue["label"].to_list()),
        e.ExpectColumnValuesToNotBeNull(column="r2"),
        e.ExpectColumnValuesToBeBetween(column="r2", max_value=1),
        e.ExpectColumnValuesToBeBetween(column="r2", min_value=SCORE_FLOOR, severity="warning"),
        e.ExpectColumnValuesToBeBetween(column="n", min_value=1),
        e.ExpectColumnValuesToBeBetween(column="sst", min_value=0, strict_min=True),
        e.ExpectColumnValuesToBeBetween(column="sse", min_value=0),
        e.ExpectColumnValuesToBeBetween(column="r2", min_value=0, mostly=0.5, severity="warning"),
    ]
    return _suite("probe scores", expectations, "Linear probes of CHN-Econ under E1, E2 and E3.", simulated)


def _vocabulary() -> Any:
    """The module of all expectations; untyped, for it re-exports them in a way that mypy does not follow."""
    import great_expectations.expectations

    return great_expectations.expectations


def _suite(name: str, expectations: Sequence[Any], notes: str, simulated: bool) -> Any:
    import great_expectations as gx

    origin = "Simulated data: they say nothing about China." if simulated else "Real data."
    return gx.ExpectationSuite(
        name=f"{name} (simulated)" if simulated else name, expectations=list(expectations), notes=[notes, origin]
    )


def _keys(columns: Sequence[str], unique: Sequence[str], rows: int) -> list[Any]:
    """A complete table: its columns, one row a key, known cities and years, each pixel once."""
    e = _vocabulary()
    return [
        e.ExpectTableColumnsToMatchOrderedList(column_list=list(columns)),
        e.ExpectTableRowCountToEqual(value=rows),
        e.ExpectCompoundColumnsToBeUnique(column_list=list(unique)),
        e.ExpectColumnValuesToBeInSet(column="city", value_set=sorted(CITIES)),
        e.ExpectColumnValuesToBeInSet(column="year", value_set=list(YEARS)),
        e.ExpectColumnValuesToBeBetween(column="rows", min_value=1),
        e.ExpectColumnPairValuesToBeEqual(column_A="rows", column_B="pixels"),
    ]


def _spread(key: str, most_missing: float) -> list[Any]:
    """Warnings: a band or label that is missing too often, or that does not vary within a partition."""
    e = _vocabulary()
    return [
        e.ExpectColumnValuesToBeBetween(column="missing_share", min_value=0, max_value=1),
        e.ExpectColumnValuesToBeBetween(column="missing_share", max_value=most_missing, severity="warning"),
        e.ExpectColumnValuesToBeBetween(column="distinct", min_value=2, severity="warning"),
        e.ExpectColumnValuesToBeBetween(column="std", min_value=0, strict_min=True, severity="warning"),
        e.ExpectColumnValuesToNotBeNull(column=key),
    ]


def _limits_of_bands(stream: Stream) -> list[Any]:
    """Minimum and maximum of each band within its limits; bands of equal limits share an expectation."""

    def limits(band: Band) -> tuple[float, float]:
        return band.low, band.high

    grouped = itertools.groupby(sorted(stream.bands, key=limits), key=limits)
    return _limits("band", [(low, high, [band.name for band in bands]) for (low, high), bands in grouped], stream.width)


def _limits_of_labels(catalogue: pl.DataFrame) -> list[Any]:
    """The same for labels, on the transformed scale."""
    scaled = (transformed(pl.col(end), pl.col("transform")).alias(end) for end in ("minimum", "maximum"))
    rows = catalogue.select("label", *scaled).group_by("minimum", "maximum").agg("label").sort("minimum", "maximum")
    groups = [(low - _SLACK, high + _SLACK, sorted(names)) for low, high, names in rows.rows()]
    return _limits("label", groups, catalogue.height)


def _limits(key: str, groups: Sequence[tuple[float, float, list[str]]], count: int) -> list[Any]:
    from great_expectations.expectations.row_conditions import Column

    e = _vocabulary()
    return [
        e.ExpectColumnValuesToBeBetween(
            column=extreme,
            min_value=low,
            max_value=high,
            **({} if len(names) == count else {"row_condition": Column(key).is_in(names)}),
        )
        for low, high, names in groups
        for extreme in ("minimum", "maximum")
    ]
