"""Stream checks: good partitions pass, and each poison is caught by the check that is there for it."""

import json
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lake.streams import STREAMS, Stream
from quality.outcome import Outcome
from quality.streams import STREAM_CHECKS, check_stream, checks_of, summarise_stream
from tests.quality.worlds import ALL_STREAMS, grid, stream_table

AEF, INDICES, LIGHTS, TEXT = (STREAMS[name] for name in ("aef", "indices", "nightlights", "text"))
AEF_BANDS, AEF_HALF = pl.col(AEF.columns), AEF.columns[:32]
Poison = Callable[[pl.DataFrame], pl.DataFrame]


def check(stream: Stream, table: pl.DataFrame, previous: pl.DataFrame | None = None) -> dict[str, Outcome]:
    """Outcomes by name; they are also those that were declared."""
    outcomes = check_stream(stream, table, grid().pixel, previous)
    declared = [(spec.name, spec.blocking) for spec in checks_of(stream)]
    assert [(outcome.name, outcome.blocking) for outcome in outcomes] == declared
    json.dumps([dict(outcome.metrics) for outcome in outcomes], allow_nan=False)
    return {outcome.name: outcome for outcome in outcomes}


def failed(outcomes: dict[str, Outcome]) -> set[str]:
    return {name for name, outcome in outcomes.items() if not outcome.passed}


@pytest.mark.parametrize("stream", ALL_STREAMS, ids=lambda s: s.name)
def test_a_good_partition_passes(stream: Stream) -> None:
    assert failed(check(stream, stream_table(stream))) == set()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(ALL_STREAMS), st.integers(0, 10_000))
def test_any_smooth_city_passes(stream: Stream, seed: int) -> None:
    outcomes = check_stream(stream, stream_table(stream, seed), grid().pixel, None)
    assert [outcome for outcome in outcomes if outcome.blocking and not outcome.passed] == []


def rows(share: float) -> pl.Expr:
    """The first rows of a partition: a tile in its north."""
    return pl.int_range(pl.len()) < share * grid().pixel.size


def set_tile(stream: Stream, value: float | None, share: float) -> Poison:
    columns = pl.col(stream.columns)
    return lambda table: table.with_columns(
        pl.when(rows(share)).then(pl.lit(value, dtype=getattr(pl, stream.dtype))).otherwise(columns).name.keep()
    )


def scaled(column: str, factor: float) -> Poison:
    return lambda table: table.with_columns((pl.col(column) * factor).cast(pl.Float32))


def swap(table: pl.DataFrame) -> pl.DataFrame:
    pixel, first, second, *rest = table.columns
    return table.select(pixel, second, first, *rest)


POISONS: list[tuple[str, str, Stream, Poison]] = [
    ("swapped columns", "schema", INDICES, swap),
    ("a column too few", "schema", INDICES, lambda t: t.drop("nbr")),
    ("a column too many", "schema", INDICES, lambda t: t.with_columns(ndsi=pl.lit(0.0))),
    ("AEF as floats", "schema", AEF, lambda t: t.with_columns(pl.col("A00").cast(pl.Float32))),
    ("a pixel twice", "no_duplicate_pixels", INDICES, lambda t: pl.concat([t, t.head(1)])),
    ("missing pixels", "pixel_coverage", INDICES, lambda t: t.slice(3)),
    (
        "pixels of another grid",
        "pixel_coverage",
        INDICES,
        lambda t: t.with_columns((pl.col("pixel") + 1_000_000).cast(pl.UInt32)),
    ),
    ("land surface temperature in kelvin", "ranges", INDICES, lambda t: t.with_columns(pl.col("lst") + 273.15)),
    ("infinite values", "ranges", INDICES, lambda t: t.with_columns(pl.lit(float("inf"), pl.Float32).alias("ndvi"))),
    ("NaN tile", "nodata_share", INDICES, set_tile(INDICES, float("nan"), 0.4)),
    ("null tile", "nodata_share", LIGHTS, set_tile(LIGHTS, None, 0.4)),
    ("nodata tile of AEF", "nodata_share", AEF, set_tile(AEF, -128, 0.4)),
    ("nothing but nodata", "nodata_share", AEF, set_tile(AEF, -128, 1.0)),
    ("one band missing", "band_nodata_share", INDICES, lambda t: t.with_columns(pl.lit(None, pl.Float32).alias("nbr"))),
    ("zeros tile of AEF", "no_blank_chips", AEF, set_tile(AEF, 0, 0.1)),
    ("zeros everywhere", "no_blank_chips", LIGHTS, set_tile(LIGHTS, 0, 1.0)),
    ("zeros tile of indices", "no_blank_chips", INDICES, set_tile(INDICES, 0, 0.05)),
    ("constant partition", "no_blank_chips", INDICES, set_tile(INDICES, 0.3, 1.0)),
    ("a repeated text", "no_blank_chips", TEXT, set_tile(TEXT, 0.1, 0.3)),
    ("constant band", "no_constant_band", INDICES, lambda t: t.with_columns(pl.lit(0.2, pl.Float32).alias("ndvi"))),
    ("zeros tile of AEF", "unit_length", AEF, set_tile(AEF, 0, 0.01)),
    ("half a vector", "unit_length", AEF, lambda t: t.with_columns(pl.lit(-128, pl.Int8).alias(n) for n in AEF_HALF)),
    ("a mean that was not normalised", "unit_length", AEF, lambda t: t.with_columns((AEF_BANDS * 0.8).cast(pl.Int8))),
]  # fmt: skip


@pytest.mark.parametrize(("what", "caught_by", "stream", "poison"), POISONS, ids=[f"{p[1]}: {p[0]}" for p in POISONS])
def test_poison_is_caught(what: str, caught_by: str, stream: Stream, poison: Poison) -> None:
    outcome = check(stream, poison(stream_table(stream)))[caught_by]
    assert not outcome.passed, what
    assert outcome.description != next(s.description for s in checks_of(stream) if s.name == caught_by)


@pytest.mark.parametrize(
    ("stream", "band"),
    [(s, band.name) for s in ALL_STREAMS if s is not AEF for band in s.bands],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_a_unit_slip_of_1000_is_caught_in_every_band(stream: Stream, band: str) -> None:
    outcome = check(stream, scaled(band, 1_000)(stream_table(stream)))["ranges"]
    assert not outcome.passed
    assert band in outcome.description


def test_without_the_schema_nothing_else_passes() -> None:
    outcomes = check(INDICES, swap(stream_table(INDICES)))
    assert failed(outcomes) == {spec.name for spec in checks_of(INDICES)}
    assert "evi for ndvi, ndvi for evi" in outcomes["schema"].description


def test_an_empty_table_does_not_pass() -> None:
    for stream in ALL_STREAMS:
        assert {"pixel_coverage", "nodata_share"} <= failed(check(stream, stream_table(stream).clear()))


def test_messages_name_the_pixel_and_the_remedy() -> None:
    table = stream_table(AEF)
    twice = check(AEF, pl.concat([table, table.head(1)]))["no_duplicate_pixels"]
    assert str(table["pixel"][0]) in twice.description
    assert "Extract the partition again" in twice.description


def test_some_nodata_is_no_failure() -> None:
    assert failed(check(AEF, set_tile(AEF, -128, 0.05)(stream_table(AEF)))) == set()
    assert failed(check(INDICES, set_tile(INDICES, None, 0.05)(stream_table(INDICES)))) == set()


# Drift ------------------------------------------------------------------------------------------------------------


def nudged(stream: Stream, table: pl.DataFrame) -> pl.DataFrame:
    """The next year of a city: a little different everywhere."""
    if stream is AEF:
        values = table.select(AEF.columns).to_numpy().astype(np.int16)
        step = np.random.default_rng(0).integers(-2, 3, values.shape)
        values = np.clip(values + step, -127, 127).astype(np.int8)
        return table.select("pixel").hstack(pl.DataFrame(values, schema=list(AEF.columns), orient="row"))
    return table.with_columns((pl.col(stream.columns) * 1.02).cast(pl.Float32))


@pytest.mark.parametrize("stream", ALL_STREAMS, ids=lambda s: s.name)
def test_a_year_of_ordinary_change_is_no_drift(stream: Stream) -> None:
    table = stream_table(stream)
    assert check(stream, nudged(stream, table), table)["drift"].passed


@pytest.mark.parametrize("stream", [AEF, TEXT], ids=lambda s: s.name)
def test_embeddings_of_another_model_are_drift(stream: Stream) -> None:
    table = stream_table(stream)
    turned = table.with_columns(-pl.col(stream.columns))
    outcome = check(stream, turned, table)["drift"]
    assert not outcome.passed
    assert not outcome.blocking


@pytest.mark.parametrize("factor", [1e-3, 1e-2, 2.0])
def test_a_unit_that_changed_between_years_is_drift(factor: float) -> None:
    table = stream_table(LIGHTS)
    outcome = check(LIGHTS, scaled("radiance_mean", factor)(table), table)["drift"]
    assert not outcome.passed
    assert "radiance_mean" in outcome.description


@pytest.mark.parametrize("stream", [AEF, LIGHTS, INDICES], ids=lambda s: s.name)
def test_the_same_values_in_two_years_are_suspicious(stream: Stream) -> None:
    table = stream_table(stream)
    assert "Every value is that of the other year" in check(stream, table, table)["drift"].description


def test_drift_looks_at_the_same_pixels_whatever_their_order() -> None:
    table = stream_table(AEF)
    shuffled = nudged(AEF, table).sample(fraction=1, shuffle=True, seed=0)
    assert check(AEF, shuffled, table)["drift"].passed


def test_no_other_year_is_no_drift() -> None:
    outcome = check(AEF, stream_table(AEF), None)["drift"]
    assert outcome.passed
    assert outcome.metrics["compared_pixels"] == 0


def test_a_broken_other_year_is_told() -> None:
    outcome = check(INDICES, stream_table(INDICES), stream_table(INDICES).drop("ndvi"))["drift"]
    assert "other year's table" in outcome.description


# Summary ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", ALL_STREAMS, ids=lambda s: s.name)
def test_summary_has_a_row_a_band(stream: Stream) -> None:
    summary = summarise_stream(stream, stream_table(stream))
    assert tuple(summary["band"]) == stream.columns
    assert (summary["minimum"] <= summary["mean"]).all()
    assert (summary["mean"] <= summary["maximum"]).all()
    assert (summary["rows"] == grid().pixel.size).all()


def test_summary_leaves_nodata_and_nan_out() -> None:
    codes = pl.DataFrame({"pixel": [0, 1, 2]}, schema={"pixel": pl.UInt32}).with_columns(
        pl.Series(name, [-128, 3, 5], dtype=pl.Int8) for name in AEF.columns
    )
    row = summarise_stream(AEF, codes).row(0, named=True)
    assert (row["minimum"], row["maximum"], row["mean"], row["std"], row["distinct"]) == (3, 5, 4, 1, 2)
    assert row["missing_share"] == pytest.approx(1 / 3)
    floats = stream_table(LIGHTS).head(2).with_columns(radiance_mean=pl.Series([float("nan"), 2.0], dtype=pl.Float32))
    row = summarise_stream(LIGHTS, floats).row(0, named=True)
    assert (row["maximum"], row["missing_share"], row["distinct"]) == (2.0, 0.5, 1)


def test_summary_of_nothing_is_null() -> None:
    row = summarise_stream(LIGHTS, stream_table(LIGHTS).clear()).row(0, named=True)
    assert (row["rows"], row["minimum"], row["mean"]) == (0, None, None)


def test_every_stream_declares_its_checks() -> None:
    assert set(STREAM_CHECKS) == set(STREAMS)
    for specs in STREAM_CHECKS.values():
        assert len({spec.name for spec in specs}) == len(specs)
