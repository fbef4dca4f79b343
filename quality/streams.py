"""Checks of one partition of a stream, and its summary: numpy and polars only, for they run on every partition."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lake.aef import dequantise
from lake.streams import AEF_NODATA, STREAMS, Stream
from quality.drift import drift_problems
from quality.outcome import CheckSpec, Outcome, enumerate_names
from quality.vectors import commonest_row_share, quantised_length_tolerance

MOST_NODATA = 0.25
"""Share of the pixels that may lack every band; more is a tile that did not arrive (ours)."""
MOST_BAND_NODATA = 0.1
"""Share of the pixels that may lack one band before a person is told (ours)."""
MOST_ALIKE = {"aef": 0.02, "indices": 0.02, "text": 0.25}
MOST_ALIKE_OTHERWISE = 0.5
"""Share of the pixels that may be the same in every band. What a sensor sees never repeats, texts do where all places
near are described alike, and water has neither people nor shops (ours)."""

SCHEMA = CheckSpec("schema", True, "The columns, their order and their types are those of lake/streams.py.")
NO_DUPLICATES = CheckSpec("no_duplicate_pixels", True, "No pixel stands twice.")
COVERAGE = CheckSpec("pixel_coverage", True, "The pixels are those of the city's grid, no more and no fewer.")
RANGES = CheckSpec("ranges", True, "Every value lies within its band's limits in the stated unit.")
NODATA = CheckSpec("nodata_share", True, f"At most {MOST_NODATA:.0%} of the pixels lack every band.")
BAND_NODATA = CheckSpec(
    "band_nodata_share", False, f"Each band is missing in at most {MOST_BAND_NODATA:.0%} of pixels."
)
NO_BLANKS = CheckSpec("no_blank_chips", True, "No large part of the partition is zero or constant in every band.")
NO_CONSTANTS = CheckSpec("no_constant_band", False, "Every band varies over the partition.")
UNIT_LENGTH = CheckSpec("unit_length", True, "Dequantised embeddings have length 1, up to quantisation.")
DRIFT = CheckSpec("drift", False, "The distributions are like those of the city's other year.")

_EVERY_STREAM = (SCHEMA, NO_DUPLICATES, COVERAGE, RANGES, NODATA, BAND_NODATA, NO_BLANKS, NO_CONSTANTS, DRIFT)
_EXTRACT_AGAIN = "Extract the partition again."


def _is_quantised(stream: Stream) -> bool:
    return stream.dtype == "Int8"


def checks_of(stream: Stream) -> tuple[CheckSpec, ...]:
    """The checks that `check_stream` makes of a stream, in its order."""
    return (*_EVERY_STREAM, UNIT_LENGTH) if _is_quantised(stream) else _EVERY_STREAM


STREAM_CHECKS: Mapping[str, tuple[CheckSpec, ...]] = {name: checks_of(stream) for name, stream in STREAMS.items()}


@dataclass(frozen=True)
class _Partition:
    """A table that has its stream's schema.

    Attributes:
        stream: Which stream.
        table: `pixel` and the bands.
    """

    stream: Stream
    table: pl.DataFrame

    @cached_property
    def pixel(self) -> NDArray[np.uint32]:
        """Pixel numbers as they stand, (n,)."""
        return self.table["pixel"].to_numpy()

    @cached_property
    def bands(self) -> pl.DataFrame:
        """The bands, null where missing."""
        return _without_nodata(self.stream, self.table)

    @cached_property
    def values(self) -> NDArray[np.float32]:
        """The bands as stored, float32 (n, width), NaN where missing."""
        return self.bands.select(pl.all().cast(pl.Float32).fill_null(float("nan"))).to_numpy()

    @cached_property
    def present(self) -> NDArray[np.bool_]:
        """Pixels that have any band, (n,)."""
        return np.asarray(~np.isnan(self.values).all(axis=1))


def check_stream(
    stream: Stream, table: pl.DataFrame, expected_pixels: NDArray[np.uint32], previous: pl.DataFrame | None
) -> list[Outcome]:
    """Checks one partition of a stream.

    Args:
        stream: Its contract.
        table: `pixel` (UInt32) and the stream's columns.
        expected_pixels: Pixels of the city's grid, each once.
        previous: The same city in another year, to compare with; None where there is none yet.

    Returns:
        An outcome for each of `checks_of(stream)`, in that order. A table without the schema is judged no further.
    """
    schema = _schema(stream, table)
    if not schema.passed:
        return [schema, *(spec.not_judged(SCHEMA) for spec in checks_of(stream)[1:])]
    partition = _Partition(stream, table)
    outcomes = [
        schema,
        _duplicates(partition),
        _coverage(partition, expected_pixels),
        _ranges(partition),
        _nodata(partition),
        _band_nodata(partition),
        _blanks(partition),
        _constants(partition),
        _drift(partition, previous),
    ]
    return [*outcomes, _unit_length(partition)] if _is_quantised(stream) else outcomes


def summarise_stream(stream: Stream, table: pl.DataFrame) -> pl.DataFrame:
    """One row a band: what Great Expectations looks at instead of pixels.

    Args:
        stream: Its contract.
        table: `pixel` and the stream's columns.

    Returns:
        `stream`, `band`, `unit`, `rows`, `pixels` (distinct), `missing_share`, `minimum`, `maximum`, `mean`, `std`
        (null where nothing is there) and `distinct` (values, without the missing). AEF in codes, as it is stored.
    """
    bands = _without_nodata(stream, table)

    def each(expression: pl.Expr, dtype: type[pl.DataType]) -> pl.Series:
        return pl.Series(bands.select(expression).row(0), dtype=dtype)

    missing = each(pl.all().null_count(), pl.Int64)
    return pl.DataFrame(
        {
            "stream": stream.name,
            "band": list(stream.columns),
            "unit": [band.unit for band in stream.bands],
            "rows": pl.Series([table.height] * stream.width, dtype=pl.Int64),
            "pixels": pl.Series([table["pixel"].n_unique()] * stream.width, dtype=pl.Int64),
            "missing_share": missing / max(table.height, 1),
            "minimum": each(pl.all().min(), pl.Float64),
            "maximum": each(pl.all().max(), pl.Float64),
            "mean": each(pl.all().cast(pl.Float64).mean(), pl.Float64),
            "std": each(pl.all().cast(pl.Float64).std(ddof=0), pl.Float64),
            "distinct": each(pl.all().drop_nulls().n_unique(), pl.Int64),
        }
    )


def _without_nodata(stream: Stream, table: pl.DataFrame) -> pl.DataFrame:
    """The bands with nodata and NaN as null."""
    bands = pl.col(stream.columns)
    if _is_quantised(stream):
        return table.select(pl.when(bands != AEF_NODATA).then(bands))
    return table.select(bands.fill_nan(None))


def _schema(stream: Stream, table: pl.DataFrame) -> Outcome:
    wanted = {"pixel": pl.UInt32(), **dict.fromkeys(stream.columns, getattr(pl, stream.dtype)())}
    found = dict(table.schema)
    problems = []
    lacking = [name for name in wanted if name not in found]
    foreign = [name for name in found if name not in wanted]
    if lacking:
        problems.append(f"Columns are missing: {enumerate_names(lacking)}.")
    if foreign:
        problems.append(f"Columns are there that the stream does not have: {enumerate_names(foreign)}.")
    if not problems and list(found) != list(wanted):
        moved = [f"{got} for {want}" for got, want in zip(found, wanted, strict=True) if got != want]
        problems.append(f"Columns are out of order: {enumerate_names(moved)}.")
    wrong = [f"{n} is {found[n]}, not {wanted[n]}" for n in wanted if n in found and found[n] != wanted[n]]
    if wrong:
        problems.append(f"Types are wrong: {enumerate_names(wrong)}.")
    if problems:
        problems.append(f"The contract of {stream.name} is in lake/streams.py. {_EXTRACT_AGAIN}")
    return SCHEMA.outcome(problems, {"columns": len(found), "rows": table.height})


def _duplicates(partition: _Partition) -> Outcome:
    pixels, counts = np.unique(partition.pixel, return_counts=True)
    twice = pixels[counts > 1]
    problems = []
    if len(twice):
        problems.append(f"{len(twice):,} pixels stand more than once: {enumerate_names(twice)}. {_EXTRACT_AGAIN}")
    return NO_DUPLICATES.outcome(problems, {"duplicated_pixels": len(twice)})


def _coverage(partition: _Partition, expected: NDArray[np.uint32]) -> Outcome:
    lacking = np.setdiff1d(expected, partition.pixel)
    foreign = np.setdiff1d(partition.pixel, expected)
    problems = []
    if len(lacking):
        problems.append(f"{len(lacking):,} pixels of the grid have no row: {enumerate_names(lacking)}.")
    if len(foreign):
        problems.append(f"{len(foreign):,} pixels are not in the grid: {enumerate_names(foreign)}.")
    if problems:
        problems.append(f"Was the profile changed? {_EXTRACT_AGAIN}")
    share = 1 - len(lacking) / max(len(expected), 1)
    return COVERAGE.outcome(problems, {"coverage": share, "missing": len(lacking), "foreign": len(foreign)})


def _ranges(partition: _Partition) -> Outcome:
    low = np.array([band.low for band in partition.stream.bands], np.float32)
    high = np.array([band.high for band in partition.stream.bands], np.float32)
    outside = (partition.values < low) | (partition.values > high)
    counts = outside.sum(axis=0)
    problems = []
    for index in np.flatnonzero(counts)[:4]:
        band, bad = partition.stream.bands[index], partition.values[outside[:, index], index]
        problems.append(
            f"{band.name}: {counts[index]:,} of {len(outside):,} values lie outside {band.low:g} to {band.high:g} "
            f"{band.unit}, from {bad.min():g} to {bad.max():g}."
        )
    if (more := np.count_nonzero(counts) - len(problems)) > 0:
        problems.append(f"So do values of {more} more bands.")
    if problems:
        problems.append(f"Look at the unit and scale factor in the extraction. {_EXTRACT_AGAIN}")
    return RANGES.outcome(problems, {"values_outside": counts.sum(), "bands_outside": np.count_nonzero(counts)})


def _nodata(partition: _Partition) -> Outcome:
    share = 1 - float(partition.present.mean()) if len(partition.present) else 1.0
    problems = []
    if share > MOST_NODATA:
        problems.append(
            f"{share:.1%} of the pixels lack every band, more than {MOST_NODATA:.0%}: look whether "
            f"the source covers the city in this year. {_EXTRACT_AGAIN}"
        )
    return NODATA.outcome(problems, {"nodata_share": share})


def _band_nodata(partition: _Partition) -> Outcome:
    missing = np.isnan(partition.values)
    shares = missing.mean(axis=0) if len(missing) else np.ones(missing.shape[1])
    bad = np.flatnonzero(shares > MOST_BAND_NODATA)
    problems = []
    if len(bad):
        told = [f"{partition.stream.columns[i]} ({shares[i]:.1%})" for i in bad]
        problems.append(
            f"Bands are missing in more than {MOST_BAND_NODATA:.0%} of the pixels: {enumerate_names(told)}. "
            "The model fills them with its training mean; look whether the source has them."
        )
    return BAND_NODATA.outcome(problems, {"bands_above_limit": len(bad), "highest_share": shares.max()})


def _blanks(partition: _Partition) -> Outcome:
    limit = MOST_ALIKE.get(partition.stream.name, MOST_ALIKE_OTHERWISE)
    there = partition.bands.filter(pl.Series(partition.present))
    alike = commonest_row_share(there)
    zero = float((partition.values[partition.present] == 0).all(axis=1).mean()) if there.height else 0.0
    problems = []
    if alike > limit:
        what = "zero" if zero > limit else "one and the same"
        problems.append(
            f"{alike:.1%} of the pixels are {what} in every band, more than {limit:.0%}: a blank tile? {_EXTRACT_AGAIN}"
        )
    return NO_BLANKS.outcome(problems, {"alike_share": alike, "zero_share": zero})


def _constants(partition: _Partition) -> Outcome:
    spread = partition.bands.select(pl.all().min() == pl.all().max()).row(0)
    constant = [name for name, is_constant in zip(partition.stream.columns, spread, strict=True) if is_constant]
    problems = []
    if constant:
        problems.append(
            f"{len(constant)} of {partition.stream.width} bands have one value in all pixels: "
            f"{enumerate_names(constant)}. They tell a model nothing about the city; look at the source."
        )
    return NO_CONSTANTS.outcome(problems, {"constant_bands": len(constant)})


def _unit_length(partition: _Partition) -> Outcome:
    codes = partition.table.select(partition.stream.columns).to_numpy()[partition.present]
    # A row that lacks some bands only is too short, and so it should be: an embedding is whole or missing.
    lengths = np.linalg.norm(np.nan_to_num(dequantise(codes)), axis=1)
    tolerance = quantised_length_tolerance(partition.stream.width)
    bad = np.flatnonzero(np.abs(lengths - 1) > tolerance)
    problems = []
    if len(bad):
        problems.append(
            f"{len(bad):,} of {len(lengths):,} embeddings have a length other than 1 ± {tolerance:.3f}, from "
            f"{lengths[bad].min():.3f} to {lengths[bad].max():.3f}; first pixels "
            f"{enumerate_names(partition.pixel[partition.present][bad[:6]])}. Normalise after averaging and "
            f"dequantise with 127.5. {_EXTRACT_AGAIN}"
        )
    extremes = {"shortest": lengths.min(), "longest": lengths.max()} if len(lengths) else {}
    return UNIT_LENGTH.outcome(problems, {"not_unit": len(bad), **extremes})


def _drift(partition: _Partition, previous: pl.DataFrame | None) -> Outcome:
    if previous is None:
        return DRIFT.outcome(metrics={"compared_pixels": 0})
    if not _schema(partition.stream, previous).passed:
        broken = "The other year's table does not have the stream's columns: extract that partition again."
        return DRIFT.outcome([broken], {"compared_pixels": 0})
    other = _Partition(partition.stream, previous)
    _, here, there = np.intersect1d(partition.pixel, other.pixel, return_indices=True)
    problems, metrics = drift_problems(partition.stream, partition.values[here], other.values[there])
    return DRIFT.outcome(problems, metrics)
