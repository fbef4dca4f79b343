"""The grids: 50,000 pixels a city, the same numbers at every scale, places found again."""

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.cities import CITIES, YEARS, checked_year, city
from lake.errors import BadInputError, UnknownCityError, UnknownYearError
from lake.grid import BLOCK, CORE_PIXELS, GRIDS, PATCH, city_grid, city_polygon, spread_grid
from lake.profiles import SCALES


def test_paper_scale_has_14_4_million_pixel_years() -> None:
    scale = SCALES["paper"]
    assert len(scale.cities) == 36
    assert len(scale.cities) * len(scale.years) * scale.pixels == 14_400_000


def test_demo_covers_all_regions_and_tiers() -> None:
    demo = [CITIES[c] for c in SCALES["demo"].cities]
    assert {c.region for c in demo} == {c.region for c in CITIES.values()}
    assert {c.tier for c in demo} == {c.tier for c in CITIES.values()}


@pytest.mark.parametrize("city_id", sorted(CITIES))
def test_every_core_is_50_000_pixels_inside_the_polygon(city_id: str) -> None:
    grid = city_grid(city_id)
    assert len(np.unique(grid.pixel)) == CORE_PIXELS
    polygon = city_polygon(city_id, grid.crs)
    shapely.prepare(polygon)
    assert shapely.contains_xy(polygon, *grid.centres()).all()


@pytest.mark.parametrize("city_id", sorted(CITIES))
def test_utm_zone_is_that_of_the_centre(city_id: str) -> None:
    place = CITIES[city_id]
    assert place.utm_epsg == 32600 + int((place.lon + 180) // 6) + 1


def test_a_pixel_has_the_same_number_and_place_at_every_scale() -> None:
    small, whole = city_grid("wuhan", 400), city_grid("wuhan")
    assert np.isin(small.pixel, whole.pixel).all()
    assert (small.ncols, small.transform) == (whole.ncols, whole.transform)


def test_pixels_are_aligned_to_100_m() -> None:
    for city_id in CITIES:
        transform = city_grid(city_id).transform
        assert transform.c % 100 == 0
        assert transform.f % 100 == 0


@given(st.integers(0, 2_499), st.floats(-49, 49), st.floats(-49, 49))
def test_a_place_inside_a_pixel_is_located_in_it(index: int, dx: float, dy: float) -> None:
    grid = city_grid("shenzhen", 2_500)
    x, y = grid.centres()
    to_degrees = pyproj.Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(x[index] + dx, y[index] + dy)
    assert grid.locate(np.array([lon]), np.array([lat]))[0] == grid.pixel[index]


def test_places_outside_are_minus_one() -> None:
    grid = city_grid("wuhan", 400)
    assert (grid.locate(np.array([0.0, CITIES["wuhan"].lon]), np.array([0.0, 31.5])) == -1).all()


def test_gather_is_the_inverse_of_scatter() -> None:
    grid = city_grid("haikou", 1_000)
    values = np.arange(3_000, dtype=np.float32).reshape(1_000, 3)
    assert (grid.gather(grid.scatter(values, np.nan)) == values).all()
    assert grid.scatter(values, np.nan).shape == (grid.window.height, grid.window.width, 3)


# A spread sample ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("city_id", sorted(CITIES))
def test_a_spread_sample_is_patches_each_inside_a_block_of_its_own(city_id: str) -> None:
    grid, core = spread_grid(city_id, 600), city_grid(city_id)
    assert (grid.ncols, grid.transform) == (core.ncols, core.transform)
    assert np.isin(grid.pixel, core.pixel).all()
    assert len(grid.pixel) == len(np.unique(grid.pixel)) == 600
    assert len(grid.patches) == 24
    margin = (BLOCK - PATCH) // 2
    for patch in grid.patches:
        assert (patch.width, patch.height) == (PATCH, PATCH)
        assert (patch.row % BLOCK, patch.column % BLOCK) == (margin, margin)
    assert len({(patch.row // BLOCK, patch.column // BLOCK) for patch in grid.patches}) == 24


@pytest.mark.parametrize("city_id", sorted(CITIES))
def test_a_spread_sample_leaves_no_part_of_the_core_out(city_id: str) -> None:
    grid, core = spread_grid(city_id, 600), city_grid(city_id)
    x, y = grid.centres()
    east, north = core.centres()
    nearest = np.min([np.hypot(east - a, north - b) for a, b in zip(x[::25], y[::25], strict=True)], axis=0)
    assert np.median(nearest) < 3_000  # 24 discs as large as the core are 2.6 km in radius
    assert np.quantile(nearest, 0.95) < 5_000


def test_observations_count_in_the_whole_blocks_of_a_spread_sample() -> None:
    grid, core = spread_grid("qingdao", 600), city_grid("qingdao")
    assert len(grid.surveyed) == 24 * BLOCK**2
    assert np.isin(grid.surveyed, core.pixel).all()
    assert np.isin(grid.pixel, grid.surveyed).all()
    assert [(w.width, w.height) for w in grid.surveyed_windows] == [(BLOCK, BLOCK)] * 24
    x, y = core.centres()
    lon, lat = pyproj.Transformer.from_crs(core.crs, "EPSG:4326", always_xy=True).transform(x, y)
    assert sorted(set(grid.locate(lon, lat)) - {-1}) == grid.surveyed.tolist()
    assert city_grid("qingdao", 400).surveyed.tolist() == city_grid("qingdao", 400).pixel.tolist()


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 400))
def test_any_number_of_patches_is_spread(patches: int) -> None:
    grid = spread_grid("haikou", patches * PATCH**2)
    assert len(grid.patches) == patches
    assert len(np.unique(grid.pixel)) == patches * PATCH**2


@pytest.mark.parametrize("pixels", [0, -25, 24, 610, 25 * 458])
def test_a_spread_sample_that_cannot_be_is_refused_with_what_can(pixels: int) -> None:
    with pytest.raises(BadInputError, match=r"1 to \d+ patches of 25 pixels"):
        spread_grid("wuhan", pixels)


def test_a_spread_sample_goes_onto_a_raster_and_back() -> None:
    grid = spread_grid("xiamen", 50)
    values = np.arange(50, dtype=np.float32)[:, None]
    raster = grid.scatter(values, np.nan)
    assert np.isfinite(raster).sum() == 50
    assert (grid.gather(raster) == values).all()


def test_the_study_has_every_city_and_few_pixels_of_each() -> None:
    study = SCALES["study"]
    assert len(study.cities) == 36
    assert study.years == (YEARS[0], YEARS[-1])
    for city_id in ("wuhan", "xiamen"):
        assert study.grid(city_id).pixel.tolist() == spread_grid(city_id, study.pixels).pixel.tolist()
    assert set(GRIDS) == {scale.choice for scale in SCALES.values()}


def test_unknown_city_names_the_nearest_spelling() -> None:
    with pytest.raises(UnknownCityError, match="Did you mean wuhan"):
        city("wuhann")


@pytest.mark.parametrize("year", [2016, 2025, "soon"])
def test_unknown_year_says_what_is_covered(year: int | str) -> None:
    with pytest.raises(UnknownYearError, match="2017 to 2024"):
        checked_year(year)
    assert checked_year("2020") in YEARS


@pytest.mark.parametrize("pixels", [0, 50_001])
def test_impossible_pixel_counts_are_refused(pixels: int) -> None:
    with pytest.raises(BadInputError):
        city_grid("wuhan", pixels)
