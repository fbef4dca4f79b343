"""Landsat's calibration, cloud score and composites, Sentinel2's displacement index, Fmask's matching of shadows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from affine import Affine

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster import render as rendering
from ee_emulator.raster.cloud_shadows import Sun, match
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.values import Image
from tests.ee_emulator.raster.arrays import UTM, call, collection, image, masked_list, native, pixels
from tests.ee_emulator.worked.landsat import CLOUD, FACTORS, LAND, NAMES

SHAPE = (2, 2)
THIRTY = Affine(30.0, 0.0, 500_000.0, 0.0, -30.0, 3_400_000.0)


def scene(values: list[int], masked: tuple[int, int] | None = None, **properties: Any) -> Image:
    """A raw scene of Landsat 8 of one value a band."""
    arrays = {name: np.full(SHAPE, value, np.uint16) for name, value in zip(NAMES, values, strict=True)}
    mask = np.ones(SHAPE, bool)
    if masked is not None:
        mask[masked] = False
    return image(arrays, dict.fromkeys(NAMES, mask), properties=FACTORS | properties)


def value(given: Image, band: str, grid: Grid | None = None) -> float:
    """The first pixel of a band."""
    return float(pixels(given, grid or native(2, 2), band).values[0, 0])


# Calibration ------------------------------------------------------------------------------------------------------


def test_older_scenes_take_the_published_irradiance_and_constants() -> None:
    old = image(
        {"B3": np.full(SHAPE, 100, np.uint8), "B6": np.full(SHAPE, 130, np.uint8), "BQA": np.ones(SHAPE, np.uint8)},
        properties={
            "SPACECRAFT_ID": "LANDSAT_5",
            "SUN_ELEVATION": 45.0,
            "EARTH_SUN_DISTANCE": 1.01,
            "LMAX_BAND3": 264.0,
            "LMIN_BAND3": -1.17,
            "QCALMAX_BAND3": 255.0,
            "QCALMIN_BAND3": 1.0,
            "RADIANCE_MULT_BAND_6": 0.055375,
            "RADIANCE_ADD_BAND_6": 1.18243,
        },
    )
    radiance = (264 + 1.17) / 254 * 99 - 1.17
    calibrated = call("Landsat.TOA", input=old)
    expected = math.pi * radiance * 1.01**2 / (1536 * math.sin(math.radians(45)))
    assert value(calibrated, "B3") == pytest.approx(expected, rel=1e-6)
    kelvin = 1260.56 / math.log(607.76 / (130 * 0.055375 + 1.18243) + 1)
    assert value(calibrated, "B6") == pytest.approx(kelvin, rel=1e-6)
    assert value(calibrated, "BQA") == 1
    assert value(call("Landsat.calibratedRadiance", image=old), "B3") == pytest.approx(radiance, rel=1e-6)


def test_without_a_distance_the_day_of_the_year_tells_it() -> None:
    properties = {
        "SPACECRAFT_ID": "LANDSAT_7",
        "SUN_ELEVATION": 90.0,
        "RADIANCE_MULT_BAND_1": 1.0,
        "RADIANCE_ADD_BAND_1": 0.0,
    }
    january, july = (
        value(
            call(
                "Landsat.TOA", input=image({"B1": np.full(SHAPE, 90)}, properties=properties | {"system:time_start": t})
            ),
            "B1",
        )
        for t in (1_578_096_000_000, 1_593_820_800_000)  # 4 January and 4 July 2020
    )
    assert january / july == pytest.approx((0.98328 / 1.01672) ** 2, rel=1e-3)


def test_the_metadata_of_a_calibrated_scene_stay_and_its_id_goes() -> None:
    calibrated = call("Landsat.TOA", input=scene(LAND))
    assert calibrated.properties["SENSOR_ID"] == "OLI_TIRS"
    assert calibrated.id is None


@pytest.mark.parametrize(
    ("name", "argument", "message"),
    [
        ("Landsat.TOA", "input", "calibration metadata"),
        ("Landsat.calibratedRadiance", "image", "RADIANCE_MULT_BAND_n"),
        ("Landsat.simpleCloudScore", "image", "SENSOR_ID"),
    ],
)
def test_what_is_no_landsat_scene_is_refused(name: str, argument: str, message: str) -> None:
    with pytest.raises(EarthEngineError, match=message):
        call(name, **{argument: image(np.ones(SHAPE))})


# Clouds and composites --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("measure", "score"), [("blue", 50), ("warm", 30), ("snow", 0), ("all", 100)])
def test_the_score_is_the_least_of_its_measures(measure: str, score: int) -> None:
    cloud = {"B2": 0.5, "B3": 0.5, "B4": 0.5, "B5": 0.5, "B6": 0.5, "B7": 0.5, "B10": 280.0}
    changes = {"blue": {"B2": 0.2}, "warm": {"B10": 297.0}, "snow": {"B6": 0.04, "B7": 0.04, "B5": 0.9}, "all": {}}
    arrays = {name: np.full(SHAPE, v, np.float64) for name, v in (cloud | changes[measure]).items()}
    scored = call("Landsat.simpleCloudScore", image=image(arrays, properties={"SENSOR_ID": "OLI_TIRS"}))
    assert value(scored, "cloud") == pytest.approx(score, abs=1)
    assert scored.bands["cloud"].type.describe() == {"type": "PixelType", "precision": "int", "min": 0, "max": 255}


def test_a_composite_takes_the_clear_scenes_of_each_pixel() -> None:
    scenes = [scene(LAND, masked=(0, 0)), scene([v + 100 for v in LAND]), scene(CLOUD)]
    found = call("Landsat.simpleComposite", collection=collection(scenes), asFloat=True)
    band = pixels(found, native(2, 2), "B2").values
    toa = [(v * 2e-5 - 0.1) / math.sin(math.radians(60)) for v in (9000, 9100)]
    assert band[0, 0] == pytest.approx(toa[1], rel=1e-5)
    assert band[1, 1] == pytest.approx(sum(toa) / 2, rel=1e-5)
    top = call("Landsat.simpleComposite", collection=collection(scenes), asFloat=True, percentile=100)
    assert value(top, "B2", native(2, 2)) == pytest.approx(toa[1], rel=1e-5)
    everything = call("Landsat.simpleComposite", collection=collection(scenes), cloudScoreRange=100, percentile=100)
    assert pixels(everything, native(2, 2), "B2").values[1, 1] == round(
        (30000 * 2e-5 - 0.1) / math.sin(math.pi / 3) * 255
    )


def test_where_no_scene_is_the_composite_is_masked() -> None:
    found = call("Landsat.simpleComposite", collection=collection([scene(LAND, masked=(0, 1))]))
    assert masked_list(pixels(found, native(2, 2), "B2"))[0][1] is None


def test_scenes_are_limited_by_place_and_in_total() -> None:
    covers = [(1, 30.0), (1, 5.0), (2, 80.0), (2, 12.0), (2, 50.0)]
    scenes = [scene(LAND, WRS_PATH=path, CLOUD_COVER=cover) for path, cover in covers]

    def kept(**limits: int) -> list[float]:
        found = call("Landsat.pathRowLimit", collection=collection(scenes), **limits)
        return [one.properties["CLOUD_COVER"] for one in found.elements()]

    assert kept() == [30, 5, 80, 12, 50]
    assert kept(maxScenesPerPathRow=1) == [5, 12]
    assert kept(maxScenesTotal=3) == [30, 5, 12]
    apart = [*scenes[:2], image({"B2": np.ones(SHAPE)}, transform=THIRTY @ Affine.translation(90, 90))]
    found = call("Landsat.pathRowLimit", collection=collection(apart), maxScenesTotal=1)
    assert len(list(found.elements())) == 2  # one of the two that overlap, and the one beside them


# Displacement -----------------------------------------------------------------------------------------------------


def sentinel(shifted: int) -> Image:
    """A bright object that B8 sees `shifted` pixels of 10 m beside where B7 and B8A see it."""
    rng = np.random.default_rng(0)
    ground = 2000 + rng.normal(0, 30, (20, 20))
    ground[6:14, 6:14] += 3000
    fine = np.roll(ground.repeat(2, axis=0).repeat(2, axis=1), shifted, axis=1)
    coarse = {
        name: image({name: ground + rng.normal(0, 20, ground.shape)}, transform=THIRTY @ Affine.scale(2 / 3))
        for name in ("B7", "B8A")
    }
    near = image({"B8": fine + rng.normal(0, 20, fine.shape)}, transform=THIRTY @ Affine.scale(1 / 3))
    images = [coarse["B7"], near, coarse["B8A"]]
    return call("Image.cat", images=images)


def test_what_lies_high_is_displaced_and_the_ground_is_not() -> None:
    grid = Grid(UTM, THIRTY @ Affine.scale(2 / 3), 20, 20)
    high, low = (pixels(call("Sentinel2.CDI", source=sentinel(s)), grid, "cdi").values for s in (2, 0))
    assert high[10, 6] < -0.8
    assert low[10, 6] > -0.5
    assert (np.abs(high) <= 1).all()


def test_the_index_does_not_depend_on_tiles_or_scale(monkeypatch: pytest.MonkeyPatch) -> None:
    index = call("Sentinel2.CDI", source=sentinel(2))
    grid = Grid(UTM, THIRTY @ Affine.scale(2 / 3), 20, 20)
    whole = pixels(index, grid, "cdi").values
    finer = pixels(index, Grid(UTM, THIRTY @ Affine.scale(1 / 3), 40, 40), "cdi").values
    np.testing.assert_array_equal(finer[::2, ::2], whole)
    monkeypatch.setattr(rendering, "TILE_BYTES", 20_000)
    assert len(rendering.tiles([index.bands["cdi"]], grid)) > 1
    np.testing.assert_allclose(pixels(index, grid, "cdi").values, whole, atol=1e-5)


# Shadows ----------------------------------------------------------------------------------------------------------


def squares(*corners: tuple[int, int]) -> np.ndarray:
    """Squares of 6 pixels at (row, column)."""
    answer = np.zeros((80, 80), bool)
    for row, column in corners:
        answer[row : row + 6, column : column + 6] = True
    return answer


@pytest.mark.parametrize(("azimuth", "down", "right"), [(180, -1, 0), (0, 1, 0), (90, 0, -1), (135, -1, -1)])
def test_a_shadow_lies_away_from_the_sun(azimuth: float, down: int, right: int) -> None:
    grid = Grid(UTM, THIRTY, 80, 80)
    place = (37 + 20 * down, 37 + 20 * right)
    found = match(
        grid, squares((37, 37)), squares(place, (70, 70)), np.full(grid.shape, 10.0), Sun(azimuth, 45), 15, 25
    )
    assert (found[squares((37, 37))] == 4).all()
    assert (found[squares(place)] == 2).all()
    assert (found[squares((70, 70))] == 0).all()


def test_a_cold_cloud_is_high_and_a_warm_one_low() -> None:
    grid = Grid(UTM, THIRTY, 80, 80)
    near, far = squares((37 - 8, 37)), squares((37 - 35, 37))
    for warmth, expected in ((18.0, near), (1.5, far)):
        found = match(grid, squares((37, 37)), near | far, np.full(grid.shape, warmth), Sun(180, 45), 15, 16)
        assert (found[expected] == 2).all()
        assert (found == 2).sum() == 36


def test_tiny_clouds_are_dropped() -> None:
    tiny = np.zeros((80, 80), bool)
    tiny[10:12, 10:14] = True
    grid = Grid(UTM, THIRTY, 80, 80)
    assert not match(grid, tiny, ~tiny, np.zeros(grid.shape), Sun(180, 45), 15, 25).any()
