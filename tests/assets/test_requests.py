"""A partition written under other settings is out of date, and only those that the setting has a part in."""

import json
from pathlib import Path

import polars as pl
import pytest

from assets.requests import KEY, OBSERVATIONS, has_inputs, wanted_inputs
from lake.partition_io import Lake
from lake.streams import STREAMS
from tests.assets.conftest import UseSettings

ALL_STREAMS = {stream.dataset for stream in STREAMS.values()}
ALL = ALL_STREAMS | set(OBSERVATIONS)


@pytest.mark.parametrize(
    ("variable", "value", "out_of_date"),
    [
        ("AEF_ECON_INDICES_SENSOR", "sentinel2", {"streams/indices"}),
        ("AEF_ECON_TEXT_ENCODER", "BAAI/bge-m3", {"streams/text"}),
        (
            "AEF_ECON_EE_ASSETS",
            "projects/mine/assets",
            {"streams/text", "streams/poi", "streams/morphology", *OBSERVATIONS},
        ),
        ("AEF_ECON_PROFILE", "demo", ALL),
        ("EE_PROJECT", "my-project", ALL),
        ("AEF_ECON_MODEL_NAME", "another", set()),
    ],
)
def test_a_setting_makes_out_of_date_what_it_has_a_part_in(
    use_settings: UseSettings, variable: str, value: str, out_of_date: set[str]
) -> None:
    use_settings()
    before = wanted_inputs()
    use_settings(**{variable: value})
    after = wanted_inputs()
    assert {dataset for dataset in ALL if before[dataset] != after[dataset]} == out_of_date


def test_which_pixels_are_taken_is_asked_for_and_the_nearest_as_before_there_was_a_choice(
    use_settings: UseSettings,
) -> None:
    use_settings(AEF_ECON_PROFILE="study")
    assert all(json.loads(asked)["choice"] == "spread" for asked in wanted_inputs().values())
    use_settings(AEF_ECON_PROFILE="paper")
    assert all("choice" not in json.loads(asked) for asked in wanted_inputs().values())


def test_a_raster_that_is_replaced_in_the_catalogue_is_noticed(use_settings: UseSettings, tmp_path: Path) -> None:
    (tmp_path / "catalog.yaml").write_text("assets: []")
    use_settings(AEF_ECON_EE_CATALOG=str(tmp_path))
    before = wanted_inputs()
    assert wanted_inputs() == before
    (tmp_path / "dem.tif").write_bytes(b"raster")
    assert all(before[dataset] != asked for dataset, asked in wanted_inputs().items())


def test_own_labels_that_are_corrected_are_read_again_and_streams_are_not(
    use_settings: UseSettings, tmp_path: Path
) -> None:
    points = tmp_path / "points.csv"
    points.write_text("value\n1\n")
    use_settings(AEF_ECON_OBSERVATIONS=str(tmp_path))
    before = wanted_inputs()
    points.write_text("value\n2\n")
    corrected = wanted_inputs()
    assert {dataset for dataset in ALL if before[dataset] != corrected[dataset]} == set(OBSERVATIONS)
    points.write_text("value\n1\n")
    assert wanted_inputs() == before, "what counts is their content, not when they were written"


def test_a_partition_is_complete_when_every_input_was_asked_for_as_now(
    use_settings: UseSettings, tmp_path: Path
) -> None:
    use_settings(AEF_ECON_INDICES_SENSOR="landsat")
    lake, table = Lake(str(tmp_path)), pl.DataFrame({"pixel": [1]})
    for number, (dataset, asked) in enumerate(wanted_inputs().items(), 1):
        assert not has_inputs(lake, "wuhan", 2020), f"{number - 1} of {len(ALL)} are there"
        lake.write(dataset, "wuhan", 2020, table, {KEY: asked})
    assert has_inputs(lake, "wuhan", 2020)
    assert not has_inputs(lake, "wuhan", 2021)
    use_settings(AEF_ECON_INDICES_SENSOR="sentinel2")
    assert not has_inputs(lake, "wuhan", 2020)
