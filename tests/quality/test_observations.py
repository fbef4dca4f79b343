"""Observation checks: messy but honest observations pass, and files that mean something else do not."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import pyproj
import pytest

from lake.observations import SCHEMAS
from quality.observations import OBSERVATION_CHECKS, check_observations
from quality.outcome import Outcome
from quality.seeds import label_catalogue, spelled_unit
from tests.labels.conftest import DISTRICT_SCHEMA, POINT_SCHEMA
from tests.quality.worlds import grid


@dataclass(frozen=True)
class Observed:
    """The three tables."""

    points: pl.DataFrame
    districts: pl.DataFrame
    pixel_district: pl.DataFrame

    def points_with(self, *expressions: pl.Expr) -> "Observed":
        return replace(self, points=self.points.with_columns(*expressions))


def honest() -> Observed:
    """Every label at 50 points or in two districts; a gap, another unit and a point outside among them."""
    on, catalogue = grid(), label_catalogue()
    to_degrees = pyproj.Transformer.from_crs(on.crs, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(*on.centres())
    names = catalogue.filter(pl.col("observed_as") == "points").select("label", "unit")
    at = np.arange(0, 400, 8)
    points = names.join(pl.DataFrame({"pixel": on.pixel[at], "lon": lon[at], "lat": lat[at]}), how="cross")
    points = points.with_row_index("observation_id").select(
        pl.col("observation_id").cast(pl.String),
        "pixel",
        "lon",
        "lat",
        "label",
        pl.when(pl.int_range(pl.len()) % 17 > 0).then(20.0).alias("value"),
        "unit",
        pl.lit("2020-05-01").alias("observed_on"),
        pl.lit("simulated survey").alias("source"),
    )
    outside = points.head(1).with_columns(pixel=pl.lit(None, pl.UInt32), lon=pl.lit(100.0), unit=pl.lit("万元/平方米"))
    districts = (
        catalogue.filter(pl.col("observed_as") == "districts")
        .join(pl.DataFrame({"district_id": ["north", "south"]}), how="cross")
        .select(
            "district_id",
            "label",
            pl.lit(30.0).alias("value"),
            "unit",
            pl.lit(2020, pl.Int32).alias("year"),
            pl.lit("simulated yearbook").alias("source"),
        )
    )
    spine = pl.DataFrame(
        {
            "pixel": on.pixel,
            "district_id": ["north" if row < np.median(on.rows) else "south" for row in on.rows],
            "row": on.rows.astype(np.int32),
            "col": on.columns.astype(np.int32),
        }
    )
    return Observed(pl.concat([points, outside]), districts, spine)


def check(observed: Observed) -> dict[str, Outcome]:
    outcomes = check_observations(observed.points, observed.districts, observed.pixel_district, grid())
    assert [(o.name, o.blocking) for o in outcomes] == [(s.name, s.blocking) for s in OBSERVATION_CHECKS]
    return {outcome.name: outcome for outcome in outcomes}


def test_honest_observations_pass() -> None:
    assert [outcome for outcome in check(honest()).values() if not outcome.passed] == []


def test_the_schemas_are_those_that_dbt_is_tested_with() -> None:
    assert SCHEMAS["points"] == POINT_SCHEMA
    assert SCHEMAS["districts"] == DISTRICT_SCHEMA


SWAPPED = (pl.col("lat").alias("lon"), pl.col("lon").alias("lat"))
Poison = Callable[[Observed], Observed]
POISONS: list[tuple[str, str, str, Poison]] = [
    ("observation_schema", "a column that is missing", "points lacks the columns unit",
     lambda o: replace(o, points=o.points.drop("unit"))),
    ("observation_schema", "values as text", "value is String, not Float64",
     lambda o: o.points_with(pl.col("value").cast(pl.String))),
    ("observation_schema", "districts without a name", "district_id",
     lambda o: replace(o, districts=o.districts.rename({"district_id": "name"}))),
    ("pixel_district", "pixels that are missing", "3 pixels of the grid are missing",
     lambda o: replace(o, pixel_district=o.pixel_district.slice(3))),
    ("pixel_district", "a pixel twice", "1 rows repeat",
     lambda o: replace(o, pixel_district=pl.concat([o.pixel_district, o.pixel_district.head(1)]))),
    ("pixel_district", "rows and columns swapped", "row",
     lambda o: replace(o, pixel_district=o.pixel_district.with_columns(row="col", col="row"))),
    ("coordinates", "longitude and latitude swapped", "swapped", lambda o: o.points_with(*SWAPPED)),
    ("coordinates", "points of another datum", "not in the pixel", lambda o: o.points_with(pl.col("lon") + 0.005)),
    ("coordinates", "another city", "outside",
     lambda o: o.points_with(pl.col("lon") - 5, pl.lit(None, pl.UInt32).alias("pixel"))),
    ("coordinates", "a place that is missing", "no longitude",
     lambda o: o.points_with(pl.lit(None, pl.Float64).alias("lon"))),
    ("known_labels", "a label of nobody's", "gini", lambda o: o.points_with(pl.lit("gini").alias("label"))),
    ("known_labels", "no label", "(none)", lambda o: o.points_with(pl.lit(None, pl.String).alias("label"))),
    ("known_units", "a unit of nobody's", "house_price in 'USD/ft2'",
     lambda o: o.points_with(pl.lit("USD/ft2").alias("unit"))),
    ("known_units", "no unit", "'(none)'", lambda o: o.points_with(pl.lit(None, pl.String).alias("unit"))),
    ("known_districts", "districts by another name", "polygons",
     lambda o: replace(o, districts=o.districts.with_columns(pl.lit("Nord").alias("district_id")))),
    ("observation_gaps", "half the values missing", "house_price (100.0%)",
     lambda o: o.points_with(pl.when(pl.col("label") != "house_price").then("value").otherwise(float("nan")))),
    ("observation_gaps", "a label without observations", "wage",
     lambda o: replace(o, districts=o.districts.filter(pl.col("label") != "wage"))),
]  # fmt: skip


@pytest.mark.parametrize(("caught_by", "what", "told", "poison"), POISONS, ids=[f"{p[0]}: {p[1]}" for p in POISONS])
def test_poison_is_caught(caught_by: str, what: str, told: str, poison: Poison) -> None:
    outcome = check(poison(honest()))[caught_by]
    assert not outcome.passed, what
    assert told in outcome.description


def test_observations_of_districts_only_can_be_checked() -> None:
    outcomes = check(replace(honest(), points=honest().points.clear()))
    assert outcomes["coordinates"].passed
    assert not outcomes["observation_gaps"].passed
    assert not outcomes["observation_gaps"].blocking


def test_units_are_compared_however_they_are_typed() -> None:
    typed = pl.DataFrame({"unit": [" CNY/m²", "µg/m³ ", "％", "1/km2"]})
    assert typed.select(spelled_unit(pl.col("unit")))["unit"].to_list() == ["CNY/m2", "ug/m3", "%", "1/km2"]
