"""Label checks: a sound benchmark passes, and what would make its scores a lie is caught."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl
import pytest

from lake.cities import CITIES
from lake.streams import STREAMS
from quality.labels import LABEL_CHECKS, check_labels, summarise_labels
from quality.outcome import Outcome
from quality.seeds import label_catalogue, transformed, unit_conversions
from tests.quality.worlds import ALL_STREAMS, grid, stream_table

PARTITIONS = (("wuhan", 2018), ("wuhan", 2020), ("beijing", 2018))
NAMES = label_catalogue()["label"].to_list()


@dataclass(frozen=True)
class Bench:
    """Everything that `check_labels` takes."""

    labels: pl.DataFrame
    catalogue: pl.DataFrame
    lineage: pl.DataFrame
    splits: Mapping[str, pl.DataFrame]
    keys: pl.DataFrame
    streams: Mapping[str, pl.DataFrame]

    def with_labels(self, *expressions: Any, **named: Any) -> "Bench":
        return replace(self, labels=self.labels.with_columns(*expressions, **named))

    def with_split(self, name: str, table: pl.DataFrame) -> "Bench":
        return replace(self, splits={**self.splits, name: table})


def partition_keys(city: str, year: int) -> pl.DataFrame:
    return pl.DataFrame({"pixel": grid().pixel}).select(
        pl.lit(city).alias("city"), pl.lit(year, pl.Int32).alias("year"), "pixel"
    )


def partition_labels(city: str, year: int, seed: int) -> pl.DataFrame:
    """Values in the lower middle of the catalogue's limits, the same in blocks of 5 pixels."""
    limits = label_catalogue().select(
        transformed(pl.col(end), pl.col("transform")).alias(end) for end in ("minimum", "maximum")
    )
    low, high = limits.to_numpy().T
    draw = np.random.default_rng(seed)
    _, block = np.unique(grid().rows // 5 * 1_000 + grid().columns // 5, return_inverse=True)
    values = low + (0.2 + 0.5 * draw.random((block.max() + 1, len(NAMES)))[block]) * (high - low)
    return partition_keys(city, year).hstack(pl.DataFrame(values, schema=NAMES, orient="row"))


@lru_cache(maxsize=1)
def sound() -> Bench:
    keys = pl.concat([partition_keys(*partition) for partition in PARTITIONS])
    labels = pl.concat([partition_labels(*partition, seed) for seed, partition in enumerate(PARTITIONS)])
    lineage = pl.DataFrame(
        [(name, "simulated survey", None, 100) for name in NAMES],
        schema={"label": pl.String, "source": pl.String, "stream": pl.String, "observations": pl.Int64},
        orient="row",
    )
    pixels = keys.select("city", "pixel").unique(maintain_order=True)
    splits = {
        "E1": pixels.with_columns(fold=(pl.col("pixel") % 5).cast(pl.Int32)),
        "E2": pl.DataFrame({"city": list(CITIES), "fold": [city.region for city in CITIES.values()]}),
        "E3": pl.DataFrame({"city": list(CITIES), "fold": [city.tier for city in CITIES.values()]}),
    }
    streams = {
        stream.name: pl.concat(
            [
                partition_keys(*partition).hstack(stream_table(stream, seed).drop("pixel"))
                for seed, partition in enumerate(PARTITIONS)
            ]
        )
        for stream in ALL_STREAMS
    }
    return Bench(labels, label_catalogue(), lineage, splits, keys, streams)


def check(bench: Bench) -> dict[str, Outcome]:
    outcomes = check_labels(bench.labels, bench.catalogue, bench.lineage, bench.splits, bench.keys, bench.streams)
    assert [(o.name, o.blocking) for o in outcomes] == [(s.name, s.blocking) for s in LABEL_CHECKS]
    return {outcome.name: outcome for outcome in outcomes}


def test_a_sound_benchmark_passes() -> None:
    assert [outcome for outcome in check(sound()).values() if not outcome.passed] == []


def test_labels_without_any_stream_table_can_be_checked() -> None:
    outcome = check(replace(sound(), streams={}))["no_copied_label"]
    assert outcome.metrics["judged_labels"] == 0


def with_stream(bench: Bench, label: str, stream: str) -> Bench:
    leaked = pl.col("stream").is_null() & (pl.col("label") == label)
    return replace(
        bench,
        lineage=bench.lineage.with_columns(
            stream=pl.when(leaked).then(pl.lit(stream)).otherwise("stream"),
            source=pl.when(leaked).then(pl.lit("VIIRS annual lights")).otherwise("source"),
        ),
    )


E1 = "E1"
Poison = Callable[[Bench], Bench]
POISONS: list[tuple[str, str, str, Poison]] = [
    ("label_schema", "a label that is missing", "rent", lambda b: replace(b, labels=b.labels.drop("rent"))),
    ("label_schema", "a label of nobody's", "gini", lambda b: b.with_labels(gini=pl.lit(0.4))),
    ("label_schema", "labels as float32", "wage is Float32", lambda b: b.with_labels(pl.col("wage").cast(pl.Float32))),
    ("label_schema", "swapped columns", "rent for house_price",
     lambda b: replace(b, labels=b.labels.select("city", "year", "pixel", NAMES[0], NAMES[2], NAMES[1], *NAMES[3:]))),
    ("label_coverage", "pixels without a row", "wuhan|2018", lambda b: replace(b, labels=b.labels.slice(5))),
    ("label_coverage", "a partition of nobody's", "beijing|2018",
     lambda b: replace(b, keys=b.keys.filter(pl.col("city") != "beijing"))),
    ("label_coverage", "a row twice", "repeat", lambda b: replace(b, labels=pl.concat([b.labels, b.labels.head(1)]))),
    ("label_ranges", "wages that were not transformed", "ln(1 + CNY/year)",
     lambda b: b.with_labels(wage=pl.col("wage").exp())),
    ("label_ranges", "shares as parts of 1000", "ageing_share", lambda b: b.with_labels(pl.col("ageing_share") * 10)),
    ("label_ranges", "an infinite value", "pm25", lambda b: b.with_labels(pm25=pl.lit(float("inf")))),
    ("label_missing_share", "a label that is mostly NaN", "pm25",
     lambda b: b.with_labels(pm25=pl.when(pl.col("pixel") % 5 == 0).then("pm25").otherwise(float("nan")))),
    ("no_constant_label", "a constant label", "commute_time", lambda b: b.with_labels(commute_time=pl.lit(30.0))),
    ("no_constant_label", "no label at all", "No label is known",
     lambda b: b.with_labels(pl.lit(None, pl.Float64).alias(name) for name in NAMES)),
    ("label_lineage", "a label out of a stream", "VIIRS annual lights",
     lambda b: with_stream(b, "gdp_density", "nightlights")),
    ("splits", "a split that is missing", "E3 lacks",
     lambda b: replace(b, splits={k: b.splits[k] for k in ("E1", "E2")})),
    ("splits", "a pixel in two folds", "E1 is not disjoint",
     lambda b: b.with_split(E1, pl.concat([b.splits[E1], b.splits[E1].head(1).with_columns(pl.col("fold") + 1)]))),
    ("splits", "pixels without a fold", "E1 is not complete", lambda b: b.with_split(E1, b.splits[E1].slice(7))),
    ("splits", "a fold that is null", "E1 is not complete",
     lambda b: b.with_split(E1, b.splits[E1].with_columns(fold=pl.when(pl.col("fold") != 2).then("fold")))),
    ("splits", "one fold only", "E1 holds nothing out",
     lambda b: b.with_split(E1, b.splits[E1].with_columns(fold=pl.lit(0)))),
    ("splits", "a city in two regions", "E2 is not disjoint",
     lambda b: b.with_split("E2", pl.concat([b.splits["E2"], pl.DataFrame({"city": ["wuhan"], "fold": ["East"]})]))),
    ("splits", "a city in a wrong region", "wuhan in East",
     lambda b: b.with_split("E2", b.splits["E2"].with_columns(
         fold=pl.when(pl.col("city") == "wuhan").then(pl.lit("East")).otherwise("fold")))),
    ("splits", "a city without a tier", "E3 is not complete",
     lambda b: b.with_split("E3", b.splits["E3"].filter(pl.col("city") != "wuhan"))),
    ("splits", "labelled cities of one region", "E2 holds nothing out",
     lambda b: replace(b, labels=b.labels.filter(pl.col("city") == "wuhan"))),
]  # fmt: skip


@pytest.mark.parametrize(("caught_by", "what", "told", "poison"), POISONS, ids=[f"{p[0]}: {p[1]}" for p in POISONS])
def test_poison_is_caught(caught_by: str, what: str, told: str, poison: Poison) -> None:
    outcome = check(poison(sound()))[caught_by]
    assert not outcome.passed, what
    assert told in outcome.description


def test_without_the_schema_nothing_else_passes() -> None:
    outcomes = check(replace(sound(), labels=sound().labels.drop("rent")))
    assert not any(outcome.passed for outcome in outcomes.values())


def test_a_label_that_is_not_observed_is_no_constant() -> None:
    outcomes = check(sound().with_labels(rent=pl.lit(None, pl.Float64)))
    assert outcomes["no_constant_label"].passed
    assert not outcomes["label_missing_share"].passed
    assert not outcomes["label_missing_share"].blocking


# Copies of a stream -----------------------------------------------------------------------------------------------


def copy_of_band(bench: Bench, stream: str, band: str, block: int, curve: Callable[[pl.Expr], pl.Expr]) -> Bench:
    """`gdp_density` as a curve of a band, averaged over blocks of `block` pixels."""
    table = bench.streams[stream].select("city", "year", "pixel", pl.col(band).cast(pl.Float64).alias("copied"))
    ncols = grid().ncols
    places = table.with_columns(row=pl.col("pixel") // ncols // block, col=pl.col("pixel") % ncols // block)
    mean = places.select("city", "year", "pixel", pl.col("copied").mean().over("city", "year", "row", "col"))
    labels = bench.labels.join(mean, on=["city", "year", "pixel"]).with_columns(gdp_density=curve(pl.col("copied")))
    return replace(bench, labels=labels.drop("copied"))


@pytest.mark.parametrize(
    ("stream", "band", "block"), [("nightlights", "radiance_mean", 1), ("population", "ghsl_density", 3)]
)
def test_a_label_computed_from_a_band_is_seen_through_its_curve_and_blocks(stream: str, band: str, block: int) -> None:
    leaked = copy_of_band(sound(), stream, band, block, lambda value: (1 + value).log() * 0.7 + 1)
    outcome = check(leaked)["no_copied_label"]
    assert not outcome.passed
    assert not outcome.blocking
    assert f"{stream}.{band}" in outcome.description


def test_a_label_computed_from_a_quantised_band_is_seen() -> None:
    leaked = copy_of_band(sound(), "aef", "A05", 1, lambda value: -value / 127)
    assert "aef.A05" in check(leaked)["no_copied_label"].description


def test_a_label_that_merely_follows_a_band_is_not_accused() -> None:
    draw = np.random.default_rng(0).random(sound().labels.height)
    follows = copy_of_band(sound(), "nightlights", "radiance_mean", 1, lambda value: value / 1_000)
    noisy = follows.with_labels(gdp_density=pl.col("gdp_density") + pl.Series(draw) * 0.4)
    outcome = check(noisy)["no_copied_label"]
    assert outcome.passed
    assert float(outcome.metrics["correlation"]) > 0.3


# Summary and seeds ------------------------------------------------------------------------------------------------


def test_summary_has_a_row_a_partition_and_label() -> None:
    summary = summarise_labels(sound().with_labels(rent=pl.lit(float("nan"))).labels, label_catalogue())
    assert summary.height == len(PARTITIONS) * len(NAMES)
    rent = summary.filter(pl.col("label") == "rent").row(0, named=True)
    assert (rent["missing_share"], rent["minimum"], rent["distinct"]) == (1.0, None, 0)
    wage = summary.filter((pl.col("label") == "wage") & (pl.col("city") == "wuhan") & (pl.col("year") == 2018))
    values = sound().labels.filter((pl.col("city") == "wuhan") & (pl.col("year") == 2018))["wage"]
    assert wage["mean"].item() == pytest.approx(values.mean())
    assert wage["distinct"].item() == values.n_unique()


def test_the_catalogue_forbids_streams_that_exist() -> None:
    forbidden = {name for text in label_catalogue()["derived_from_forbidden"] for name in text.split("|")}
    assert forbidden <= set(STREAMS)
    assert set(unit_conversions()["label"]) == set(NAMES)
