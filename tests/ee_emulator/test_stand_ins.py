"""Stand-ins: what an entry of the catalogue says is there under the id, the same whatever window asks."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ee_emulator.catalog.base import Window
from ee_emulator.catalog.folder import CatalogError, FolderCatalog
from ee_emulator.catalog.stand_in import Range, StandInImage

ENTRIES = """
assets:
  - id: MODIS/061/MCD12Q1
    stand_in: collection
    bands: {LC_Type1: {range: [1, 17], type: uint8}, share: [0.0, 1.0]}
    scale: 500
    start: 2001-01-01
    end: 2004-01-01
    every: year
  - id: WRI/GPPD/power_plants
    stand_in: table
    columns: {fuel1: [Coal, Gas], capacitymw: [1, 5000]}
    geometry: point
    rows: 40
    bounds: [100, 20, 120, 40]
"""


@pytest.fixture
def catalog(tmp_path: Path) -> FolderCatalog:
    (tmp_path / "catalog.yaml").write_text(ENTRIES, encoding="utf-8")
    return FolderCatalog(tmp_path)


def _ms(year: int) -> float:
    return datetime(year, 1, 1, tzinfo=UTC).timestamp() * 1000


def test_a_collection_has_an_image_for_each_date_that_is_asked_for(catalog: FolderCatalog) -> None:
    collection = catalog.get("MODIS/061/MCD12Q1")
    images = list(collection.images())
    assert [i.id.rpartition("/")[2] for i in images] == ["2001_01_01", "2002_01_01", "2003_01_01"]
    assert [i.id for i in collection.images(None, _ms(2002), _ms(2003))] == [images[1].id]
    assert catalog.get(images[2].id) == images[2]
    assert all("stand-in" in image.properties["simulated"] for image in images)


def test_hours_and_months_are_steps_too(tmp_path: Path) -> None:
    times = "stand_in: collection, bands: {a: [0, 1]}, start: 2020-01-01, end: 2020-03-01"
    text = f"assets:\n- {{id: A/HOURS, {times}, every: 0.5}}\n- {{id: A/MONTHS, {times}, every: month}}\n"
    (tmp_path / "catalog.yaml").write_text(text, encoding="utf-8")
    catalog = FolderCatalog(tmp_path)
    halves, months = (list(catalog.get(f"A/{name}").images()) for name in ("HOURS", "MONTHS"))
    assert len(halves) == 120
    assert len({image.id for image in halves}) == 120
    assert [image.properties["system:time_start"] for image in months] == [_ms(2020), _ms(2020) + 31 * 86_400_000]


def test_pixels_fill_the_range_in_the_type_given(catalog: FolderCatalog) -> None:
    (image, *_) = catalog.get("MODIS/061/MCD12Q1").images()
    pixels = image.read(["LC_Type1", "share"], Window(60_000, 20_000, 300, 300))
    assert pixels["LC_Type1"].values.dtype == np.uint8
    assert set(np.unique(pixels["LC_Type1"].values)) == set(range(1, 18))
    assert 0 <= pixels["share"].values.min() < 0.1
    assert 0.9 < pixels["share"].values.max() <= 1


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 20), st.integers(1, 20))
def test_a_window_is_part_of_the_whole(column: int, row: int, width: int, height: int) -> None:
    image = StandInImage("X/Y", {"b": Range(0, 255, "uint8")}, 1_000.0)
    whole = image.read(["b"], Window(20_000, 8_000, 60, 60))["b"].values
    part = image.read(["b"], Window(20_000 + column, 8_000 + row, width, height))["b"].values
    assert (part == whole[row : row + height, column : column + width]).all()


def test_there_is_nothing_beyond_the_edge_of_the_world() -> None:
    image = StandInImage("X/Y", {"b": Range(0, 1)}, 100_000.0)
    assert image.read(["b"], Window(-1, 0, 3, 1))["b"].mask.tolist() == [[False, True, True]]


def test_rows_lie_within_the_extent_and_hold_what_the_columns_say(catalog: FolderCatalog) -> None:
    rows = list(catalog.get("WRI/GPPD/power_plants").rows())
    assert len(rows) == 40
    assert {row.properties["fuel1"] for row in rows} == {"Coal", "Gas"}
    assert all(1 <= row.properties["capacitymw"] <= 5000 for row in rows)
    assert all(100 <= row.geometry["coordinates"][0] <= 120 for row in rows)


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("stand_in: cube\n    bands: {a: [0, 1]}", "'stand_in' is one of"),
        ("stand_in: image", "'bands' is a mapping"),
        ("stand_in: image\n    bands: {a: [0]}", "'a' is a range of two numbers"),
        ("stand_in: image\n    bands: {a: {range: [0, 1], type: uint7}}", "unknown type"),
        ("stand_in: collection\n    bands: {a: [0, 1]}", "needs 'start' and 'end'"),
        (
            "stand_in: collection\n    bands: {a: [0, 1]}\n    start: 2020\n    end: 2021\n    every: week",
            "'every' is year",
        ),
        ("stand_in: collection\n    bands: {a: [0, 1]}\n    start: 2020\n    end: 2019", "must come after"),
        ("stand_in: image\n    bands: {a: [0, 1]}\n    colour: red", "unknown ['colour']"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_line(tmp_path: Path, entry: str, problem: str) -> None:
    (tmp_path / "catalog.yaml").write_text(f"assets:\n  - id: A/B\n    {entry}\n", encoding="utf-8")
    with pytest.raises(CatalogError) as refused:
        FolderCatalog(tmp_path)
    assert problem in str(refused.value)
    assert "line 2" in str(refused.value)
