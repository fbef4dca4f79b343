"""Observations that a person has to correct fail a test whose name says what is wrong, and no label is built."""

from typing import Any

import pytest

from lake.partition_io import Lake
from tests.labels.conftest import Build, RunDbt, district, pixel, point, write_year

GOOD_POINT = point(pixel(2, 2), "pm25", 35, "ug/m3", 2020)
GOOD_DISTRICT = district("north", "wage", 90_000, "CNY/year", 2020)

BAD_POINTS: dict[str, dict[str, Any]] = {
    "units_of_points_are_known": point(5, "pm25", 35, "ppm", 2020),
    "labels_of_points_are_in_the_catalogue": point(5, "happiness", 7, "1", 2020),
    "labels_of_points_are_observed_as_points": point(5, "wage", 90_000, "CNY/year", 2020),
}
BAD_DISTRICTS: dict[str, dict[str, Any]] = {
    "units_of_districts_are_known": district("north", "wage", 90_000, "USD/year", 2020),
    "labels_of_districts_are_in_the_catalogue": district("north", "happiness", 7, "1", 2020),
    "labels_of_districts_are_observed_in_districts": district("north", "pm25", 35, "ug/m3", 2020),
}
STREAM_SOURCES = {
    "WorldPop 2020 by district": "population",
    "VIIRS night lights, scaled": "nightlights",
    "POI counts": "poi",
}


def build(
    folders: pytest.TempPathFactory, run_dbt: RunDbt, points: list[dict[str, Any]], districts: list[dict[str, Any]]
) -> Build:
    lake = Lake(str(folders.mktemp("lake")))
    write_year(lake, "wuhan", 2020, points, districts)
    return run_dbt(lake, "build", "--exclude-resource-type", "unit_test")


@pytest.fixture(scope="module")
def mistaken(tmp_path_factory: pytest.TempPathFactory, run_dbt: RunDbt) -> Build:
    points, districts = [GOOD_POINT, *BAD_POINTS.values()], [GOOD_DISTRICT, *BAD_DISTRICTS.values()]
    return build(tmp_path_factory, run_dbt, points, districts)


@pytest.fixture(scope="module")
def derived(tmp_path_factory: pytest.TempPathFactory, run_dbt: RunDbt) -> Build:
    survey = GOOD_POINT | {"source": "station points, survey"}
    return build(tmp_path_factory, run_dbt, [survey], [GOOD_DISTRICT | {"source": name} for name in STREAM_SOURCES])


def test_every_mistake_fails_the_test_that_names_it_and_no_other(mistaken: Build) -> None:
    assert mistaken.failed == {*BAD_POINTS, *BAD_DISTRICTS}


def test_no_label_is_built_from_mistaken_observations(mistaken: Build) -> None:
    assert mistaken.statuses["chn_econ_labels"] == "skipped"


@pytest.mark.parametrize("test", [*BAD_POINTS, *BAD_DISTRICTS])
def test_a_failed_test_keeps_what_is_to_be_corrected(test: str, mistaken: Build) -> None:
    bad = (BAD_POINTS | BAD_DISTRICTS)[test]
    wrong = mistaken.query(f"select label, unit, first_city, observations from main_dbt_test__audit.{test}")
    assert wrong.rows() == [(bad["label"], bad["unit"], "wuhan", 1)]


def test_a_label_derived_from_a_stream_is_refused_and_one_that_only_sounds_so_is_not(derived: Build) -> None:
    assert derived.failed == {"labels_are_not_derived_from_streams"}
    found = derived.query("select source, stream from main_dbt_test__audit.labels_are_not_derived_from_streams")
    assert dict(found.iter_rows()) == STREAM_SOURCES
    lineage = derived.query("select source, stream from chn_econ_label_lineage where label = 'pm25'")
    assert lineage.rows() == [("station points, survey", None)]
