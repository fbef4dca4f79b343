"""Label observations, from Earth Engine's tables and from a user's files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import polars as pl
import pyproj
import pytest
import shapely
import shapely.geometry

from assets.extraction.connection import Session
from assets.extraction.errors import ExtractionError
from assets.extraction.observations import Observations, extract_observations, pixel_districts, read_observations
from ee_emulator.planet.catalog import USER_ASSETS
from lake.errors import BadInputError
from lake.grid import BLOCK, CityGrid, city_grid, spread_grid
from quality.observations import check_observations
from tests.assets.extraction.direct import CATALOG
from tests.labels.conftest import DISTRICT_SCHEMA, POINT_SCHEMA

YEAR = 2021
GRID = city_grid("wuhan", 2500)


@pytest.fixture(scope="module")
def extracted(earth_engine: Session) -> Observations:
    return extract_observations(earth_engine, GRID, YEAR)


def rows_of(kind: str) -> list[Any]:
    table: Any = CATALOG.get(f"{USER_ASSETS}/label_{kind}_{YEAR}")
    return list(table.rows(GRID.window.bounds_wgs84))


def test_the_tables_have_the_columns_that_dbt_expects(extracted: Observations) -> None:
    assert dict(extracted.points.schema) == POINT_SCHEMA
    assert dict(extracted.districts.schema) == DISTRICT_SCHEMA
    assert dict(extracted.pixel_district.schema) == {
        "pixel": pl.UInt32,
        "district_id": pl.String,
        "row": pl.Int32,
        "col": pl.Int32,
    }
    assert extracted.metadata["simulated"] == "true"


def test_points_are_the_assets_flaws_and_all(extracted: Observations) -> None:
    west, south, east, north = GRID.window.bounds_wgs84
    inside = {
        row.properties["observation_id"]: row.properties.get("value")
        for row in rows_of("points")
        if west <= row.geometry["coordinates"][0] <= east and south <= row.geometry["coordinates"][1] <= north
    }
    got = dict(extracted.points.select("observation_id", "value").iter_rows())
    assert got == inside
    assert None in inside.values()  # gaps stay
    assert extracted.points.height > len(inside)  # and so do duplicates


def test_points_lie_in_the_pixel_that_is_told(extracted: Observations) -> None:
    to_utm = pyproj.Transformer.from_crs("EPSG:4326", GRID.crs, always_xy=True)
    told = extracted.points.drop_nulls("pixel")
    x, y = to_utm.transform(told["lon"].to_numpy(), told["lat"].to_numpy())
    row, column = np.divmod(told["pixel"].to_numpy().astype(int), GRID.ncols)
    assert np.abs(x - (GRID.transform.c + 100.0 * (column + 0.5))).max() <= 50.0
    assert np.abs(y - (GRID.transform.f - 100.0 * (row + 0.5))).max() <= 50.0
    assert extracted.points["pixel"].null_count() > 0  # the window's corners are outside the pixels taken


def test_each_pixel_has_the_district_that_holds_its_centre(extracted: Observations) -> None:
    to_degrees = pyproj.Transformer.from_crs(GRID.crs, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(*GRID.centres())
    assert extracted.pixel_district["pixel"].to_list() == GRID.pixel.tolist()
    shapes = {row.properties["district_id"]: shapely.geometry.shape(row.geometry) for row in rows_of("districts")}
    for k in range(0, GRID.pixel.size, 97):
        holding = {key for key, shape in shapes.items() if shape.buffer(1e-5).contains(shapely.Point(lon[k], lat[k]))}
        assert extracted.pixel_district["district_id"][k] in holding
    assert set(extracted.pixel_district["district_id"]) <= set(extracted.districts["district_id"])


def test_a_missing_year_names_table_and_setting(earth_engine: Session) -> None:
    with pytest.raises(ExtractionError, match=r"observations of wuhan\|2031.*label_points_2031.*AEF_ECON_EE_ASSETS"):
        extract_observations(earth_engine, GRID, 2031)


def test_overlapping_districts_go_to_the_lowest_id_and_gaps_to_none() -> None:
    west, south, east, north = GRID.window.bounds
    middle = (west + east) / 2
    found = pixel_districts(
        GRID, {"b": shapely.box(west, south, middle, north), "a": shapely.box(west, (south + north) / 2, middle, north)}
    )
    x, y = GRID.centres()
    expected = np.where(x > middle, None, np.where(y > (south + north) / 2, "a", "b"))
    assert found["district_id"].to_list() == expected.tolist()
    assert pixel_districts(GRID, {})["district_id"].null_count() == GRID.pixel.size


# A spread sample --------------------------------------------------------------------------------------------------


def test_a_spread_sample_has_all_points_of_its_blocks_as_a_map_has_them(earth_engine: Session) -> None:
    sample = spread_grid("wuhan", 50)
    block = sample.surveyed_windows[1]
    numbers = (block.row + np.arange(BLOCK)[:, None]) * sample.ncols + block.column + np.arange(BLOCK)
    pixel = numbers.ravel().astype(np.uint32)
    around = CityGrid(sample.city, sample.crs, sample.transform, sample.ncols, sample.nrows, pixel)
    spread, whole = (extract_observations(earth_engine, grid, YEAR) for grid in (sample, around))

    def of_block(found: Observations) -> pl.DataFrame:
        return found.points.filter(pl.col("pixel").is_in(pixel.tolist())).sort("observation_id", "unit", "value")

    assert of_block(spread).equals(of_block(whole))
    assert (~of_block(spread)["pixel"].is_in(sample.pixel.tolist())).any()  # a point counts beside the patch as well
    outside = spread.points["pixel"].null_count() / spread.points.height
    assert outside < 0.2  # what the blocks' outlines in degrees have too much
    assert spread.pixel_district["pixel"].to_list() == sample.pixel.tolist()
    districts = dict(spread.pixel_district.select("pixel", "district_id").iter_rows())
    of_map = dict(whole.pixel_district.select("pixel", "district_id").iter_rows())
    assert all(of_map[key] == name for key, name in districts.items() if key in of_map)
    outcomes = check_observations(spread.points, spread.districts, spread.pixel_district, sample)
    assert [outcome.description for outcome in outcomes if outcome.blocking and not outcome.passed] == []


@pytest.mark.parametrize("with_city", [False, True])
def test_of_a_users_points_those_between_the_blocks_are_nobodys(
    extracted: Observations, tmp_path: Path, with_city: bool
) -> None:
    write(tmp_path, extracted, "csv", "districts.geojson")
    if with_city:
        points = pl.read_csv(tmp_path / "points.csv").with_columns(city=pl.lit("wuhan"))
        points.write_csv(tmp_path / "points.csv")
    found = read_observations(tmp_path, spread_grid("wuhan", 600), YEAR)
    assert 0 < found.points.height < extracted.points.height / 2
    assert found.points["pixel"].null_count() < found.points.height / 2


# A user's files ---------------------------------------------------------------------------------------------------


def polygons() -> geopandas.GeoDataFrame:
    shapes = {row.properties["district_id"]: shapely.geometry.shape(row.geometry) for row in rows_of("districts")}
    return geopandas.GeoDataFrame({"district_id": list(shapes)}, geometry=list(shapes.values()), crs="EPSG:4326")


def write(folder: Path, observations: Observations, suffix: str, polygon_file: str) -> None:
    points = observations.points.drop("pixel")
    if suffix == "csv":
        points.write_csv(folder / "points.csv")
        observations.districts.write_csv(folder / "districts.csv")
    else:
        points.write_parquet(folder / "points.parquet")
        observations.districts.write_parquet(folder / "districts.parquet")
    if polygon_file.endswith("geojson"):
        polygons().to_file(folder / polygon_file, driver="GeoJSON")
    else:
        polygons().to_crs("EPSG:3857").to_parquet(folder / polygon_file)


@pytest.mark.parametrize(
    ("suffix", "polygon_file"), [("csv", "districts.geojson"), ("parquet", "districts.geoparquet")]
)
def test_files_give_what_was_written(extracted: Observations, tmp_path: Path, suffix: str, polygon_file: str) -> None:
    write(tmp_path, extracted, suffix, polygon_file)
    found = read_observations(tmp_path, GRID, YEAR)
    assert found.points.equals(extracted.points)
    assert found.districts.equals(extracted.districts)
    assert found.pixel_district.equals(extracted.pixel_district)
    assert found.metadata["simulated"] == "false"
    assert found.metadata["source"] == f"points.{suffix}; districts.{suffix}; {polygon_file}"


def test_a_file_of_many_cities_and_years_gives_each_its_own(extracted: Observations, tmp_path: Path) -> None:
    write(tmp_path, extracted, "csv", "districts.geojson")
    assert read_observations(tmp_path, GRID, YEAR + 1).points.is_empty()
    elsewhere = read_observations(tmp_path, city_grid("lanzhou", 400), YEAR)
    assert elsewhere.points.is_empty()
    assert elsewhere.districts.is_empty()
    assert elsewhere.pixel_district["district_id"].null_count() == 400


def test_a_city_column_decides_where_there_is_one(extracted: Observations, tmp_path: Path) -> None:
    write(tmp_path, extracted, "csv", "districts.geojson")
    points = pl.read_csv(tmp_path / "points.csv").with_columns(city=pl.lit("wuhan"), lon=pl.col("lon") + 1.0)
    points.write_csv(tmp_path / "points.csv")
    found = read_observations(tmp_path, GRID, YEAR)
    assert found.points.height == extracted.points.height  # kept, so that the checks can tell of misplaced points
    assert found.points["pixel"].null_count() == found.points.height


def test_unreadable_dates_and_unknown_districts_are_kept_for_the_checks(
    extracted: Observations, tmp_path: Path
) -> None:
    write(tmp_path, extracted, "csv", "districts.geojson")
    points = pl.read_csv(tmp_path / "points.csv").head(1).with_columns(observed_on=pl.lit("last spring"))
    points.write_csv(tmp_path / "points.csv")
    districts = pl.read_csv(tmp_path / "districts.csv").head(1).with_columns(district_id=pl.lit("atlantis"))
    districts.write_csv(tmp_path / "districts.csv")
    found = read_observations(tmp_path, GRID, YEAR)
    assert found.points["observed_on"].to_list() == ["last spring"]
    assert found.districts["district_id"].to_list() == ["atlantis"]


def test_numeric_ids_and_real_dates_are_read_as_text(extracted: Observations, tmp_path: Path) -> None:
    write(tmp_path, extracted, "parquet", "districts.geoparquet")
    points = pl.read_parquet(tmp_path / "points.parquet")
    numbered = points.with_columns(
        pl.int_range(points.height).alias("observation_id"), pl.col("observed_on").str.to_date()
    )
    numbered.write_parquet(tmp_path / "points.parquet")
    found = read_observations(tmp_path, GRID, YEAR).points
    assert found["observation_id"].to_list() == [str(k) for k in range(points.height)]
    assert found["observed_on"].to_list() == points["observed_on"].to_list()


def drop(name: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda frame: frame.drop(name)


@pytest.mark.parametrize(
    ("file", "change", "says"),
    [
        (
            "points.csv",
            drop("unit"),
            r"points\.csv: no column unit\. Wanted: observation_id, .* Found: observation_id, lon",
        ),
        ("districts.csv", drop("district_id"), r"districts\.csv: no column district_id\."),
        (
            "points.csv",
            lambda f: f.with_columns(value=pl.lit("expensive")),
            r"points\.csv: column value should be Float64, but is String with values such as 'expensive'",
        ),
        (
            "districts.csv",
            lambda f: f.with_columns(year=pl.lit("2021a")),
            r"districts\.csv: column year should be Int32.*'2021a'",
        ),
        (
            "points.csv",
            lambda f: f.rename({"lon": "lat", "lat": "lon"}),
            r"points\.csv: \d+ of \d+ points have no place on Earth.*lat 114\..*exchanged",
        ),
    ],
)
def test_wrong_columns_and_types_name_file_and_column(
    extracted: Observations, tmp_path: Path, file: str, change: Callable[[pl.DataFrame], pl.DataFrame], says: str
) -> None:
    write(tmp_path, extracted, "csv", "districts.geojson")
    change(pl.read_csv(tmp_path / file)).write_csv(tmp_path / file)
    with pytest.raises(BadInputError, match=says):
        read_observations(tmp_path, GRID, YEAR)


def test_missing_double_and_unreadable_files_are_named(extracted: Observations, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"none of points\.parquet and points\.csv.*AEF_ECON_OBSERVATIONS"):
        read_observations(tmp_path, GRID, YEAR)
    write(tmp_path, extracted, "parquet", "districts.geojson")
    (tmp_path / "points.csv").write_text("")
    with pytest.raises(BadInputError, match=r"both of points\.parquet and points\.csv"):
        read_observations(tmp_path, GRID, YEAR)
    (tmp_path / "points.csv").unlink()
    (tmp_path / "districts.parquet").write_text("no table")
    with pytest.raises(BadInputError, match=r"districts\.parquet cannot be read as a table"):
        read_observations(tmp_path, GRID, YEAR)


def test_wrong_polygons_are_named(extracted: Observations, tmp_path: Path) -> None:
    write(tmp_path, extracted, "csv", "districts.geojson")
    polygons().rename(columns={"district_id": "code"}).to_file(tmp_path / "districts.geojson", driver="GeoJSON")
    with pytest.raises(BadInputError, match=r"districts\.geojson: no column district_id.*Found: code"):
        read_observations(tmp_path, GRID, YEAR)
    points = polygons().assign(geometry=polygons().representative_point())
    points.to_file(tmp_path / "districts.geojson", driver="GeoJSON")
    with pytest.raises(BadInputError, match="should be polygons; there are Point"):
        read_observations(tmp_path, GRID, YEAR)
    (tmp_path / "districts.geojson").write_text("{}")
    with pytest.raises(BadInputError, match=r"districts\.geojson cannot be read as polygons"):
        read_observations(tmp_path, GRID, YEAR)
    (tmp_path / "districts.geojson").unlink()
    with pytest.raises(BadInputError, match=r"has none of districts\.geoparquet or districts\.geojson"):
        read_observations(tmp_path, GRID, YEAR)
