"""The grids: 50,000 pixels a city, the same numbers at every scale, places found again."""

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lake.cities import CITIES, YEARS, checked_year, city
from lake.errors import BadInputError, UnknownCityError, UnknownYearError
from lake.grid import CORE_PIXELS, city_grid, city_polygon
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
