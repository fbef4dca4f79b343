"""The simulated planet: frozen, the same for every window, no more generous than real data sets, flawed like them."""

import csv
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ee_emulator.catalog.base import Window
from ee_emulator.planet import aef, observations
from ee_emulator.planet.assets import to_degrees
from ee_emulator.planet.catalog import USER_ASSETS, SimulatedCatalog
from ee_emulator.planet.cities import CITIES
from ee_emulator.planet.digest import digest
from ee_emulator.planet.fields import fields_at
from lake.settings import REPOSITORY

CATALOG = SimulatedCatalog()
WUHAN = (114.25, 30.55, 114.33, 30.62)
PINNED = {
    "CGIAR/SRTM90_V4": "b74879cea6b50353",
    "COPERNICUS/S2_SR_HARMONIZED": "5fa1325b6c20d1e9",
    "GOOGLE/SATELLITE_EMBEDDING/V1/ANNUAL": "4fa2669f62bd99fb",
    "JRC/GHSL/P2023A/GHS_BUILT_H": "8fc8c1b77e574f37",
    "JRC/GHSL/P2023A/GHS_BUILT_S": "21611e618a442140",
    "JRC/GHSL/P2023A/GHS_POP": "738175e2e591c61f",
    "LANDSAT/LC08/C02/T1": "a5b8c63c7c3bfb4d",
    "LANDSAT/LC08/C02/T1_L2": "5640f9d891f9b693",
    "LANDSAT/LC08/C02/T1_TOA": "b3dd6629c11e9fc4",
    "LANDSAT/LC09/C02/T1": "5efc9a28213bf81f",
    "LANDSAT/LC09/C02/T1_L2": "6c9d8020292f27a9",
    "LANDSAT/LC09/C02/T1_TOA": "222e412fd752ee29",
    "MODIS/061/MOD11A2": "831adf3253b09000",
    "MODIS/061/MOD13Q1": "c688b05c7312a7b7",
    "NOAA/VIIRS/DNB/ANNUAL_V21": "3f8bdb87a54a3fa4",
    "NOAA/VIIRS/DNB/ANNUAL_V22": "38263929d7b7d30e",
    "USGS/GMTED2010": "77a2c81b312a4f7a",
    "USGS/SRTMGL1_003": "0ab48d07dce93947",
    "WorldPop/GP/100m/pop": "4a274c2267737545",
    "projects/local-ee/assets/label_districts_2015": "937546e9577e0c05",
    "projects/local-ee/assets/label_districts_2016": "d920ab46b6ca39a3",
    "projects/local-ee/assets/label_districts_2017": "74cc6fa13a8ae898",
    "projects/local-ee/assets/label_districts_2018": "5196d6a90423f5e2",
    "projects/local-ee/assets/label_districts_2019": "ee6c7dadb639826c",
    "projects/local-ee/assets/label_districts_2020": "6f63b5f511609a37",
    "projects/local-ee/assets/label_districts_2021": "2f86d61bbda7e2fc",
    "projects/local-ee/assets/label_districts_2022": "3ff54fb44a6e9012",
    "projects/local-ee/assets/label_districts_2023": "001064ec396275f0",
    "projects/local-ee/assets/label_districts_2024": "eb4e49482a7881b0",
    "projects/local-ee/assets/label_points_2015": "38954b6a6acb2a8c",
    "projects/local-ee/assets/label_points_2016": "7d223e449a453b00",
    "projects/local-ee/assets/label_points_2017": "99741cea139411e7",
    "projects/local-ee/assets/label_points_2018": "0b452e845aeeefd5",
    "projects/local-ee/assets/label_points_2019": "7579e0dd87867bd0",
    "projects/local-ee/assets/label_points_2020": "ead35f405c0866d0",
    "projects/local-ee/assets/label_points_2021": "b4a790609ee5b8ec",
    "projects/local-ee/assets/label_points_2022": "36e615f472379be4",
    "projects/local-ee/assets/label_points_2023": "2bde4242fc8859cc",
    "projects/local-ee/assets/label_points_2024": "616d9e9576c9e898",
    "projects/local-ee/assets/places_2015": "694dd49556e11823",
    "projects/local-ee/assets/places_2016": "7c14c14c75ce192f",
    "projects/local-ee/assets/places_2017": "446009d47558854e",
    "projects/local-ee/assets/places_2018": "69d4ffb03c359a92",
    "projects/local-ee/assets/places_2019": "d754f0aa76c6c855",
    "projects/local-ee/assets/places_2020": "8f446136666865d8",
    "projects/local-ee/assets/places_2021": "695f5d773500f2b8",
    "projects/local-ee/assets/places_2022": "7d33a22585f56821",
    "projects/local-ee/assets/places_2023": "af0ee45205052b72",
    "projects/local-ee/assets/places_2024": "1cfa0c0cb7b16a0c",
    "projects/local-ee/assets/poi_2015": "cfbbeb41db064290",
    "projects/local-ee/assets/poi_2016": "4863a5360e35d0e3",
    "projects/local-ee/assets/poi_2017": "ab0ed1b014f228b1",
    "projects/local-ee/assets/poi_2018": "9e1ae750d938cf62",
    "projects/local-ee/assets/poi_2019": "7c3a4ec36c7fb87b",
    "projects/local-ee/assets/poi_2020": "13c4574b78cd3003",
    "projects/local-ee/assets/poi_2021": "f929d96efbfd6ec6",
    "projects/local-ee/assets/poi_2022": "72520f22f66f9f1e",
    "projects/local-ee/assets/poi_2023": "72fb2676a0e6c795",
    "projects/local-ee/assets/poi_2024": "08133bab86dbe6d3",
    "projects/local-ee/assets/urban_form": "86450ce2234c133a",
}


def _ms(year: int) -> float:
    return datetime(year, 1, 1, tzinfo=UTC).timestamp() * 1000


def test_planet_is_frozen() -> None:
    """Models are tuned on this planet: a change needs a new version and new figures everywhere."""
    assert digest(CATALOG) == PINNED


def test_centres_are_those_of_the_platforms_city_table() -> None:
    with (REPOSITORY / "dbt_project/seeds/cities.csv").open(encoding="utf-8") as file:
        seed = {r["city"]: (float(r["lon"]), float(r["lat"]), r["region"], r["tier"]) for r in csv.DictReader(file)}
    assert {c.id: (c.lon, c.lat, c.region, c.tier) for c in CITIES} == seed


def test_every_asset_says_that_it_is_simulated() -> None:
    for asset in CATALOG.assets.values():
        assert "not a measurement" in asset.properties["simulated"]
        if hasattr(asset, "images"):
            image = next(iter(asset.images(WUHAN)))
            assert "not a measurement" in image.properties["simulated"]


@pytest.mark.parametrize(
    ("asset_id", "first", "last"),
    [
        ("WorldPop/GP/100m/pop", 2000, 2020),
        ("NOAA/VIIRS/DNB/ANNUAL_V21", 2013, 2021),
        ("NOAA/VIIRS/DNB/ANNUAL_V22", 2022, 2024),
        ("JRC/GHSL/P2023A/GHS_POP", 1975, 2030),
        ("JRC/GHSL/P2023A/GHS_BUILT_H", 2018, 2018),
        (aef.ID, 2017, 2024),
        ("LANDSAT/LC08/C02/T1_L2", 2013, 2024),
        ("LANDSAT/LC09/C02/T1_L2", 2021, 2024),
        ("COPERNICUS/S2_SR_HARMONIZED", 2018, 2024),
    ],
)
def test_data_sets_exist_only_at_their_real_dates(asset_id: str, first: int, last: int) -> None:
    starts = [image.properties["system:time_start"] for image in CATALOG.assets[asset_id].images(WUHAN)]
    years = [datetime.fromtimestamp(ms / 1000, UTC).year for ms in starts]
    assert (min(years), max(years)) == (first, last)


def test_time_hints_choose_what_a_filter_would() -> None:
    collection = CATALOG.assets["LANDSAT/LC08/C02/T1_L2"]
    everything = [i.id for i in collection.images(WUHAN) if _ms(2020) <= i.properties["system:time_start"] < _ms(2021)]
    assert [i.id for i in collection.images(WUHAN, _ms(2020), _ms(2021))] == everything
    assert len(everything) in (22, 23)


def _aef_tile() -> aef.AefTile:
    (tile,) = CATALOG.assets[aef.ID].images(WUHAN, _ms(2020), _ms(2020) + 1)
    return tile


def test_aef_vectors_have_unit_length_up_to_quantisation() -> None:
    pixels = _aef_tile().read([f"A{k:02d}" for k in range(64)], Window(7_000, 7_000, 40, 40))
    length = np.sqrt(sum(p.values**2 for p in pixels.values()))
    assert np.abs(length - 1).max() < 0.01


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 20), st.integers(1, 20))
def test_aef_is_the_same_whatever_window_asks(column: int, row: int, width: int, height: int) -> None:
    tile = _aef_tile()
    whole = tile.read(["A07"], Window(7_000, 7_000, 80, 80))["A07"].values
    part = tile.read(["A07"], Window(7_000 + column, 7_000 + row, width, height))["A07"].values
    assert (part == whole[row : row + height, column : column + width]).all()


def test_aef_is_masked_beyond_its_tile() -> None:
    size = aef.TILE_METRES // 10
    pixels = _aef_tile().read(["A00"], Window(size - 2, 100, 4, 1))["A00"]
    assert pixels.mask.tolist() == [[True, True, False, False]]


def test_aef_codes_are_the_stored_ones() -> None:
    values = _aef_tile().read(["A00"], Window(7_000, 7_000, 50, 50))["A00"].values
    codes = np.sign(values) * np.sqrt(np.abs(values)) * 127.5
    assert np.abs(codes - np.rint(codes)).max() < 1e-9


def test_clouds_are_set_in_the_quality_band_where_reflectance_is_high() -> None:
    for image in CATALOG.assets["LANDSAT/LC08/C02/T1_L2"].images(WUHAN, _ms(2020), _ms(2021)):
        pixels = image.read(["SR_B2", "QA_PIXEL"], Window(3_000, 3_000, 60, 60))
        cloud = (pixels["QA_PIXEL"].values >> 3) & 1 == 1
        blue = pixels["SR_B2"].values * 0.0000275 - 0.2
        assert (blue[cloud] > 0.4).all()
        assert (blue[~cloud] < 0.4).all()


def test_scenes_differ_in_cloud_and_some_are_clear() -> None:
    cover = [i.properties["CLOUD_COVER"] for i in CATALOG.assets["LANDSAT/LC08/C02/T1_L2"].images(WUHAN)]
    assert min(cover) < 15
    assert max(cover) > 70


@pytest.mark.parametrize("table", ["poi_2020", "places_2020", "label_points_2020"])
def test_an_extent_gives_the_rows_that_a_filter_would(table: str) -> None:
    asset = CATALOG.assets[f"{USER_ASSETS}/{table}"]
    wide = (WUHAN[0] - 0.02, WUHAN[1] - 0.02, WUHAN[2] + 0.02, WUHAN[3] + 0.02)

    def inside(rows: object) -> set[str]:
        points = [(r.id, r.geometry["coordinates"]) for r in rows]
        return {i for i, (x, y) in points if WUHAN[0] <= x <= WUHAN[2] and WUHAN[1] <= y <= WUHAN[3]}

    assert inside(asset.rows(WUHAN)) == inside(asset.rows(wide))
    assert len(inside(asset.rows(WUHAN))) > 50


def test_observations_have_gaps_duplicates_and_slips_that_can_be_undone() -> None:
    rows = list(CATALOG.assets[f"{USER_ASSETS}/label_points_2020"].rows(WUHAN))
    prices = [r.properties for r in rows if r.properties["label"] == "house_price"]
    assert any("value" not in p for p in prices)
    ids = [p["observation_id"] for p in prices]
    assert len(set(ids)) < len(ids)
    label = observations.LABELS["house_price"]
    slipped = [p["value"] * label.factor for p in prices if p["unit"] == label.slip and "value" in p]
    plain = [p["value"] for p in prices if p["unit"] == label.unit and "value" in p]
    assert slipped
    assert min(plain) * 0.5 < min(slipped) <= max(slipped) < max(plain) * 2


def test_embeddings_do_not_give_wealth_away() -> None:
    """The capacity problem needs variance that lives in narrow streams: a linear look at AEF must miss much of it."""
    tile = _aef_tile()
    bands = [f"A{k:02d}" for k in range(64)]
    pixels = tile.read(bands, Window(6_400, 6_400, 160, 160), overview=0)
    x = np.stack([pixels[b].values[::4, ::4].ravel() for b in bands], 1)
    band = tile.bands[0]
    columns, rows = np.meshgrid(6_400 + np.arange(0, 160, 4) + 0.5, 6_400 + np.arange(0, 160, 4) + 0.5)
    t = band.transform
    lon, lat = to_degrees(band.crs).transform(t.c + t.a * columns, t.f + t.e * rows)
    fields = fields_at(lon, lat, 2020)
    design = np.column_stack([x, np.ones(len(x))])

    def r2(target: np.ndarray) -> float:
        y = target.ravel()
        residual = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
        return float(1 - residual.var() / y.var())

    assert r2(fields.built) > 0.8
    assert r2(fields.affluence) < r2(fields.built)


def test_rivers_run_below_the_land_beside_them() -> None:
    model = CATALOG.assets["USGS/SRTMGL1_003"]
    column, row = ~model.bands[0].transform @ (114.28, 30.6)
    window = Window(int(column), int(row), 300, 300)
    heights = model.read(["elevation"], window)["elevation"].values.astype(float)
    lon, lat = np.meshgrid(*(np.round(c, 9) for c in _degrees_of(model, window)))
    wet = fields_at(lon, lat, 2000).water > 0.9
    assert wet.any()
    assert heights[wet].mean() < heights[~wet].mean()


def _degrees_of(model: object, window: Window) -> tuple[np.ndarray, np.ndarray]:
    t = model.bands[0].transform
    columns, rows = np.arange(window.width) + window.column + 0.5, np.arange(window.height) + window.row + 0.5
    return t.c + t.a * columns, t.f + t.e * rows


def test_raw_counts_calibrate_to_the_reflectance_at_the_top_of_the_atmosphere() -> None:
    raw, toa = (
        next(iter(CATALOG.assets[f"LANDSAT/LC08/C02/T1{suffix}"].images(WUHAN, _ms(2020)))) for suffix in ("", "_TOA")
    )
    assert raw.properties["SENSOR_ID"] == "OLI_TIRS"
    window = Window(3_000, 3_000, 40, 40)
    counts = raw.read(["B4", "B10"], window)
    seen = toa.read(["B4", "B10"], window)
    p = raw.properties
    sine = np.sin(np.radians(p["SUN_ELEVATION"]))
    red = (counts["B4"].values * p["REFLECTANCE_MULT_BAND_4"] + p["REFLECTANCE_ADD_BAND_4"]) / sine
    assert np.abs(red - seen["B4"].values).max() < 5e-5
    radiance = counts["B10"].values * p["RADIANCE_MULT_BAND_10"] + p["RADIANCE_ADD_BAND_10"]
    kelvin = p["K2_CONSTANT_BAND_10"] / np.log(p["K1_CONSTANT_BAND_10"] / radiance + 1)
    assert np.abs(kelvin - seen["B10"].values).max() < 0.01
