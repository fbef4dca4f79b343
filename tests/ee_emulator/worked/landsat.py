"""Worked values of Landsat's, Sentinel2's and FMask's algorithms: constant scenes with the metadata of a real one."""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked

# Factors of LANDSAT/LC08/C02/T1 (the same for all its scenes, but for the radiances of the reflective bands).
FACTORS: dict[str, Any] = {
    "SENSOR_ID": "OLI_TIRS",
    "SPACECRAFT_ID": "LANDSAT_8",
    "SUN_ELEVATION": 60,
    "SUN_AZIMUTH": 135,
    "CLOUD_COVER": 10,
    "WRS_PATH": 123,
    "WRS_ROW": 39,
    "RADIANCE_MULT_BAND_10": 3.342e-4,
    "RADIANCE_ADD_BAND_10": 0.1,
    "K1_CONSTANT_BAND_10": 774.8853,
    "K2_CONSTANT_BAND_10": 1321.0789,
} | {
    f"{kind}_BAND_{band}": value
    for band in range(2, 8)
    for kind, value in (
        ("REFLECTANCE_MULT", 2e-5),
        ("REFLECTANCE_ADD", -0.1),
        ("RADIANCE_MULT", 0.0125),
        ("RADIANCE_ADD", -62.5),
    )
}
LAND = [9000, 9500, 10000, 16000, 12000, 9000, 25000]
CLOUD = [30000, 30000, 30000, 30000, 28000, 25000, 18000]
NAMES = ["B2", "B3", "B4", "B5", "B6", "B7", "B10"]
SUN = math.sin(math.radians(60))
KELVIN = 1321.0789 / math.log(774.8853 / (25000 * 3.342e-4 + 0.1) + 1)


def scene(ee: ModuleType, values: list[int]) -> Any:
    """A raw scene of Landsat 8."""
    return ee.Image.constant(values).toUint16().rename(NAMES).set(FACTORS)


def at_a_pixel(ee: ModuleType, image: Any) -> Any:
    """All bands at one place."""
    return image.reduceRegion(ee.Reducer.first(), ee.Geometry.Point([114.3, 30.6]), 30)


def toa(ee: ModuleType, values: list[int]) -> Any:
    """The calibrated scene."""
    return ee.Algorithms.Landsat.TOA(scene(ee, values))


def _pit(ee: ModuleType) -> Any:
    """The lowest pixel of a plain of 7 that has a hole of 3, one degree wide, after filling."""
    place = ee.Image.pixelCoordinates(ee.Projection("EPSG:4326")).floor()
    hole = place.select([0]).eq(114).And(place.select([1]).eq(30))
    filled = ee.apply("FMask.fillMinima", {"image": ee.Image(7).where(hole, 3).toInt(), "neighborhood": 5})
    region = ee.Geometry.Rectangle([112, 28, 117, 33], "EPSG:4326", False)
    return filled.reduceRegion(ee.Reducer.minMax(), region, crs="EPSG:4326", crsTransform=[1, 0, 0, 0, -1, 0])


def _matched(ee: ModuleType, column: int, row: int) -> Any:
    """The classes in a square of 5 x 5 pixels of 30 m.

    A cloud of that size lies at (60, 60) and a dark square at (40, 40), 20 pixels to the west and to the north: with
    the sun in the south-east at 60 degrees that is the shadow of a cloud 1,470 m above. Another one at (60, 40) has
    no cloud in the direction of the sun.
    """
    place = ee.Image.pixelCoordinates(ee.Projection("EPSG:32650", [30, 0, 240000, 0, -30, 3387000])).floor()

    def square(left: int, top: int) -> Any:
        x, y = place.select([0]), place.select([1])
        return x.gte(left).And(x.lt(left + 5)).And(y.gte(top)).And(y.lt(top + 5)).selfMask()

    dark = square(40, 40).unmask().Or(square(60, 40).unmask()).selfMask()
    csm = ee.Algorithms.FMask.matchClouds(ee.Image(1).set(FACTORS), square(60, 60), dark, ee.Image(15), 15, 25)
    west, north = 240000 + 30 * column, 3387000 - 30 * row
    region = ee.Geometry.Rectangle([west + 1, north - 149, west + 149, north - 1], "EPSG:32650", False)
    return csm.reduceRegion(
        ee.Reducer.minMax(), region, crs="EPSG:32650", crsTransform=[30, 0, 240000, 0, -30, 3387000]
    )


def _parallax(ee: ModuleType) -> Any:
    """A checkerboard in which B8 departs from B8A by twice as much as B7 does."""
    place = ee.Image.pixelCoordinates(ee.Projection("EPSG:4326").atScale(30)).floor()
    board = place.select([0]).add(place.select([1])).mod(2)
    return ee.Image.cat(board.add(1), board.multiply(2).add(1), ee.Image(1)).rename(["B7", "B8", "B8A"])


def _scored(ee: ModuleType, values: list[int]) -> Any:
    return at_a_pixel(ee, ee.Algorithms.Landsat.simpleCloudScore(toa(ee, values)).select("cloud"))


def _best(ee: ModuleType) -> Any:
    """Cloud covers of the two best of four scenes of one place."""
    scenes = [scene(ee, LAND).set("CLOUD_COVER", cover) for cover in (30, 5, 80, 12)]
    return ee.Algorithms.Landsat.pathRowLimit(ee.ImageCollection(scenes), 2).aggregate_array("CLOUD_COVER")


def _composite(ee: ModuleType, as_float: bool) -> Any:
    scenes = [scene(ee, [value + shift for value in LAND]) for shift in (0, 100, 200)]
    scenes.append(scene(ee, CLOUD))
    return at_a_pixel(ee, ee.Algorithms.Landsat.simpleComposite(ee.ImageCollection(scenes), asFloat=as_float))


WARMER = 1321.0789 / math.log(774.8853 / (25100 * 3.342e-4 + 0.1) + 1)

WORKED = [
    Worked(
        "Landsat.TOA",
        lambda ee: at_a_pixel(ee, toa(ee, LAND)),
        {"B2": (9000 * 2e-5 - 0.1) / SUN, "B5": (16000 * 2e-5 - 0.1) / SUN, "B10": KELVIN},
        "reference: USGS, Using the USGS Landsat Level-1 Data Product: reflectance and temperature",
        1e-5,
    ),
    Worked(
        "Landsat.calibratedRadiance",
        lambda ee: at_a_pixel(ee, ee.Algorithms.Landsat.calibratedRadiance(scene(ee, LAND))),
        {"B2": 9000 * 0.0125 - 62.5, "B5": 16000 * 0.0125 - 62.5, "B10": 25000 * 3.342e-4 + 0.1},
        "documentation: slope RADIANCE_MULT_BAND_n, intercept RADIANCE_ADD_BAND_n",
        1e-5,
    ),
    Worked(
        "Landsat.simpleCloudScore",
        lambda ee: _scored(ee, CLOUD),
        {"cloud": 100},
        "reference: by hand: beyond all ranges of the Code Editor's example SimpleCloudScore",
    ),
    Worked(
        "Landsat.simpleCloudScore",
        lambda ee: _scored(ee, [15000, 16000, 17000, 22000, 21000, 19000, 18000]),
        {"cloud": 65},
        "reference: by hand: blue (0.2309 - 0.1) / 0.2 is the least of the measures",
    ),
    Worked(
        "Landsat.pathRowLimit",
        _best,
        [5, 12],
        "documentation: the best scenes of each path and row; best is least cloudy",
    ),
    Worked(
        "Landsat.simpleComposite",
        lambda ee: _composite(ee, True),
        {"B2": (9100 * 2e-5 - 0.1) / SUN, "B10": WARMER},
        "documentation: the median of the scenes whose cloud score is near the least one; units of Landsat.TOA",
        1e-5,
    ),
    Worked(
        "Landsat.simpleComposite",
        lambda ee: _composite(ee, False),
        {"B2": round((9100 * 2e-5 - 0.1) / SUN * 255), "B10": round(WARMER - 100)},
        "documentation: reflectance by 255, temperature less 100, rounded",
    ),
    Worked(
        "Landsat.translateMetadata",
        lambda ee: at_a_pixel(ee, ee.apply("Landsat.translateMetadata", {"input": ee.Image(5).rename("b")})),
        {"b": 5},
        "documentation: it does nothing",
    ),
    Worked(
        "Sentinel2.CDI",
        lambda ee: at_a_pixel(ee, ee.Algorithms.Sentinel2.CDI(_parallax(ee))),
        {"cdi": -0.6},
        "reference: Frantz et al. 2018, equation of the index: variances in the ratio 1 : 4",
        1e-3,
    ),
    Worked(
        "FMask.fillMinima",
        _pit,
        {"constant_min": 7, "constant_max": 7},
        "documentation: a local minimum is filled to its way out",
    ),
    Worked(
        "FMask.matchClouds",
        lambda ee: _matched(ee, 40, 40),
        {"csm_min": 2, "csm_max": 2},
        "reference: Zhu and Woodcock 2012, section 3.2, by hand: the shadow lies where the sun throws it",
    ),
    Worked(
        "FMask.matchClouds",
        lambda ee: _matched(ee, 60, 40),
        {"csm_min": 0, "csm_max": 0},
        "reference: Zhu and Woodcock 2012, section 3.2, by hand: dark, but no cloud explains it",
    ),
]
