"""Terrain on planes, cones and pits whose slopes, shadows and fillings are known."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from skimage.morphology import reconstruction

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster import render as rendering
from ee_emulator.raster.grid import Grid
from tests.ee_emulator.raster.arrays import CONTEXT, call, image, native, pixels


def plane(east: float, north: float, size: int = 9) -> np.ndarray:
    """Elevations on a lattice of 10 m that grow by so much per metre to the east and north."""
    rows, columns = np.mgrid[:size, :size] * 10.0
    return 500.0 + east * columns - north * rows


def terrain(name: str, elevations: np.ndarray, **options: float) -> np.ndarray:
    made = call(f"Terrain.{name}", **{"input": image(elevations), **options})
    answer = pixels(made, native(*elevations.shape[::-1]))
    assert not answer.mask[0].any()
    assert answer.mask[1:-1, 1:-1].all()
    return answer.values[1:-1, 1:-1]


@pytest.mark.parametrize(
    ("east", "north", "aspect"),
    [(0.1, 0, 270), (-0.1, 0, 90), (0, 0.3, 180), (0, -0.3, 0), (-0.2, -0.2, 45), (0.2, -0.2, 315)],
)
def test_a_plane_slopes_down_towards_its_aspect(east: float, north: float, aspect: float) -> None:
    elevations = plane(east, north)
    np.testing.assert_allclose(terrain("slope", elevations), np.degrees(np.arctan(np.hypot(east, north))), rtol=1e-6)
    np.testing.assert_allclose(terrain("aspect", elevations) % 360, aspect, atol=1e-4)


def test_flat_ground_has_no_slope_and_faces_north() -> None:
    assert not terrain("slope", plane(0, 0)).any()
    assert not terrain("aspect", plane(0, 0)).any()
    assert set(terrain("hillshade", plane(0, 0)).ravel().tolist()) == {180}  # 255 cos 45°


def test_light_falls_on_the_side_that_faces_the_sun() -> None:
    towards, away = plane(1, 0), plane(-1, 0)  # 45 degrees, facing west and east; the sun is in the west at 45
    assert set(terrain("hillshade", towards).ravel().tolist()) == {255}
    assert set(terrain("hillshade", away).ravel().tolist()) == {0}
    assert terrain("hillshade", towards, azimuth=90, elevation=80).max() < 200


def test_a_cone_has_one_slope_and_all_aspects() -> None:
    rows, columns = np.mgrid[-40:41, -40:41] * 10.0
    elevations = 1000.0 - 0.5 * np.hypot(rows, columns)
    slope, aspect = terrain("slope", elevations), terrain("aspect", elevations)
    far = np.hypot(rows, columns)[1:-1, 1:-1] > 100
    np.testing.assert_allclose(slope[far], np.degrees(np.arctan(0.5)), atol=0.1)
    outward = np.degrees(np.arctan2(columns, -rows))[1:-1, 1:-1] % 360
    turn = (aspect - outward + 180) % 360 - 180
    np.testing.assert_allclose(turn[far], 0, atol=0.5)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857"])
def test_metres_follow_the_latitude(crs: str) -> None:
    """A plane in metres at 60 degrees north, where a degree of longitude is half as long as on the equator."""
    step, corner = (1 / 3600, (10.0, 60.0)) if crs == "EPSG:4326" else (30.0, (1_113_194.9, 8_399_737.9))
    grid = Grid(crs, Affine(step, 0, corner[0], 0, -step, corner[1]), 5, 5)
    across = {"EPSG:4326": 111_319.49 * 0.5012 / 3600, "EPSG:3857": 30.0 * 0.5}[crs]
    lonlat = call("Image.pixelCoordinates", projection=call("Projection", crs=crs))
    east = call("Image.multiply", image1=call("Image.select", input=lonlat, bandSelectors=["x"]), image2=across / step)
    made = call("Terrain.slope", input=east)
    answer = rendering.render(made, grid, None, CONTEXT)["slope"].values[2, 2]
    assert answer == pytest.approx(45.0, abs=0.15)


def test_products_are_added_to_all_that_was_there() -> None:
    both = image({"elevation": plane(0.1, 0), "other": plane(0, 0)}, properties={"name": "hill"})
    made = call("Terrain.products", input=both)
    assert made.names == ["elevation", "other", "slope", "aspect", "hillshade"]
    assert made.properties["name"] == "hill"
    assert made.bands["hillshade"].type.describe() == {"type": "PixelType", "precision": "int", "min": 0, "max": 255}
    with pytest.raises(EarthEngineError, match="'elevation'"):
        call("Terrain.slope", input=image({"a": plane(0, 0), "b": plane(0, 0)}))


# Shadows ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("azimuth", "side"), [(270, np.s_[7, 8:13]), (90, np.s_[7, 2:7]), (0, np.s_[8:13, 7])])
def test_a_tower_casts_its_shadow_away_from_the_sun(azimuth: float, side: tuple[int, slice]) -> None:
    elevations = np.zeros((15, 15))
    elevations[7, 7] = 50.0  # five pixels long under a sun at 45 degrees, whose last one light just reaches
    options = {"azimuth": azimuth, "zenith": 45, "neighborhoodSize": 10}
    lit = pixels(call("Terrain.hillShadow", image=image(elevations), **options), native(15, 15)).values
    dark = np.zeros((15, 15), bool)
    dark[side] = True
    last = {270: (7, 12), 90: (7, 2), 0: (12, 7)}[azimuth]
    dark[last] = False
    np.testing.assert_array_equal(lit, ~dark)


def test_shadows_end_at_the_neighbourhood() -> None:
    elevations = np.zeros((1, 15))
    elevations[0, 0] = 1000.0
    for reach, length in ((0, 0), (4, 4)):
        made = call("HillShadow", image=image(elevations), azimuth=270, zenith=45, neighborhoodSize=reach)
        assert (pixels(made, native(15, 1)).values == 0).sum() == length


def test_hysteresis_only_adds_shadow() -> None:
    elevations = np.random.default_rng(5).random((40, 40)).cumsum(axis=1) * 8
    options = {"azimuth": 75, "zenith": 70, "neighborhoodSize": 12}
    plain, smooth = (
        pixels(call("HillShadow", image=image(elevations), hysteresis=h, **options), native(40, 40)).values
        for h in (False, True)
    )
    assert (smooth <= plain).all()
    assert (smooth < plain).any()


def test_a_sun_below_the_horizon_or_nowhere_is_refused() -> None:
    with pytest.raises(EarthEngineError, match="zenith"):
        call("HillShadow", image=image(plane(0, 0)), azimuth=0, zenith=90)
    with pytest.raises(EarthEngineError, match="azimuth"):
        call("HillShadow", image=image(plane(0, 0)), azimuth=float("inf"), zenith=10)
    with pytest.raises(EarthEngineError, match="sun"):
        call("Terrain.hillshade", input=image(plane(0, 0)), azimuth=float("nan"))


# Depressions ------------------------------------------------------------------------------------------------------


def test_a_pit_is_filled_to_its_lowest_way_out() -> None:
    ground = np.full((9, 9), 10, np.int16)
    ground[4, 4], ground[3, 4], ground[2:0:-1, 4], ground[0, 4] = 1, 3, 6, 2
    filled = pixels(call("Terrain.fillMinima", image=image(ground)), native(9, 9)).values
    expected = ground.copy()
    expected[4, 4] = expected[3, 4] = 6
    np.testing.assert_array_equal(filled, expected)
    assert filled.dtype == np.int16


def test_filling_is_reconstruction_and_a_border_value_dams_the_edge() -> None:
    ground = np.random.default_rng(9).integers(0, 50, (30, 30)).astype(np.int16)
    seed = np.full(ground.shape, ground.max())
    seed[[0, -1]], seed[:, [0, -1]] = ground[[0, -1]], ground[:, [0, -1]]
    filled = pixels(call("Terrain.fillMinima", image=image(ground)), native(30, 30)).values
    np.testing.assert_array_equal(filled, reconstruction(seed, ground, method="erosion"))
    dammed = pixels(call("Terrain.fillMinima", image=image(ground), borderValue=40), native(30, 30)).values
    np.testing.assert_array_equal(dammed, np.maximum(ground, 40))


def test_only_whole_numbers_are_filled() -> None:
    with pytest.raises(EarthEngineError, match="integer"):
        call("Terrain.fillMinima", image=image(np.zeros((3, 3))))


# Tiles ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("Terrain.products", {}),
        ("Terrain.hillShadow", {"azimuth": 300, "zenith": 60, "neighborhoodSize": 9, "hysteresis": True}),
        ("Terrain.fillMinima", {"neighborhood": 6}),
    ],
)
def test_tiles_give_what_the_whole_gives(name: str, options: dict[str, float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ee_emulator.algorithms.terrain.BLOCK", 16)
    ground = np.random.default_rng(4).integers(0, 90, (50, 60)).astype(np.int16)
    made = call(name, **{"input" if name.endswith("products") else "image": image(ground)}, **options)
    whole = rendering.render(made, native(60, 50), None, CONTEXT)
    part = native(60, 50).window(13, 9, 31, 28)
    again = rendering.render(made, part, None, CONTEXT)
    for band in made.names:
        np.testing.assert_array_equal(again[band].values, whole[band].values[9:37, 13:44])
        np.testing.assert_array_equal(again[band].mask, whole[band].mask[9:37, 13:44])
