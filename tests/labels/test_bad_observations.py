"""Observations that a person has to correct fail a test whose name says what is wrong, and no label is built."""

from pathlib import Path
from typing import Any

import pytest

from lake.partition_io import Lake
from tests.labels.conftest import Build, RunDbt, district, pixel, point, write_year

GOOD_POINT = point(pixel(2, 2), "pm25", 35, "ug/m3", 2020)
GOOD_DISTRICT = district("north", "wage", 90_000, "CNY/year", 2020)

BAD: dict[str, tuple[str, dict[str, Any]]] = {
    "units_of_points_are_known": ("points", point(5, "pm25", 35, "ppm", 2020)),
    "labels_of_points_are_in_the_catalogue": ("points", point(5, "happiness", 7, "1", 2020)),
    "labels_of_points_are_observed_as_points": ("points", point(5, "wage", 90_000, "CNY/year", 2020)),
    "units_of_districts_are_known": ("districts", district("north", "wage", 90_000, "USD/year", 2020)),
    "labels_of_districts_are_in_the_catalogue": ("districts", district("north", "happiness", 7, "1", 2020)),
    "labels_of_districts_are_observed_in_districts": ("districts", district("north", "pm25", 35, "ug/m3", 2020)),
}


def build_with(folder: Path, run_dbt: RunDbt, kind: str, bad: dict[str, Any]) -> Build:
    lake = Lake(str(folder / "lake"))
    points = [GOOD_POINT, bad] if kind == "points" else [GOOD_POINT]
    districts = [GOOD_DISTRICT, bad] if kind == "districts" else [GOOD_DISTRICT]
    write_year(lake, "wuhan", 2020, points, districts)
    return run_dbt(lake, "build", "--exclude-resource-type", "unit_test")


@pytest.mark.parametrize("test", BAD)
def test_each_mistake_fails_the_test_that_names_it_and_stops_the_labels(
    test: str, tmp_path: Path, run_dbt: RunDbt
) -> None:
    kind, bad = BAD[test]
    build = build_with(tmp_path, run_dbt, kind, bad)
    assert build.failed == {test}
    assert build.statuses["chn_econ_labels"] == "skipped"
    wrong = build.query(f"select label, unit, first_city, observations from main_dbt_test__audit.{test}")
    assert wrong.rows() == [(bad["label"], bad["unit"], "wuhan", 1)]


@pytest.mark.parametrize(
    ("source", "stream"),
    [("WorldPop 2020 by district", "population"), ("VIIRS night lights, scaled", "nightlights"), ("POI counts", "poi")],
)
def test_a_label_that_was_derived_from_a_stream_is_refused(
    source: str, stream: str, tmp_path: Path, run_dbt: RunDbt
) -> None:
    build = build_with(tmp_path, run_dbt, "districts", GOOD_DISTRICT | {"source": source})
    assert build.failed == {"labels_are_not_derived_from_streams"}
    found = build.query("select label, source, stream from main_dbt_test__audit.labels_are_not_derived_from_streams")
    assert found.rows() == [("wage", source, stream)]


def test_a_source_that_only_sounds_like_a_stream_is_accepted(tmp_path: Path, run_dbt: RunDbt) -> None:
    build = build_with(tmp_path, run_dbt, "points", GOOD_POINT | {"source": "station points, survey", "value": 36})
    assert build.failed == set()
