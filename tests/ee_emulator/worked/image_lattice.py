"""Worked values of Image: projections, resolution, and bands reduced to one."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked
from tests.ee_emulator.worked.image_masks import METRES, columns

APIDOCS = "documentation: developers.google.com/earth-engine/apidocs/ee-image-"


def at(ee: ModuleType, image: Any, x: float, y: float, scale: float = 100) -> Any:
    """The pixels at a place in metres of Web Mercator."""
    point = ee.Geometry.Point([x, y], METRES)
    return image.reduceRegion(ee.Reducer.first(), point, scale, METRES)


def ramp(ee: ModuleType) -> Any:
    """0, 1, 2, … along columns of 100 m, with that lattice as its projection."""
    return columns(ee).reproject(METRES, None, 100)


WORKED = [
    Worked(
        "Image.projection",
        lambda ee: ee.Image.pixelArea().projection(),
        {"type": "Projection", "crs": "EPSG:4326", "transform": [1, 0, 0, 0, 1, 0]},
        "earth engine: google/earthengine-community, samples/javascript/apidocs/ee-image-pixelarea.js",
    ),
    Worked(
        "Image.reproject",
        lambda ee: at(ee, columns(ee).reproject(METRES, None, 200), 150, 50),
        {"x": 1},
        "reference: by hand; the pixel of 200 m has its centre at 100 m, in column 1",
    ),
    Worked(
        "Image.setDefaultProjection",
        lambda ee: ee.Image(1).setDefaultProjection("EPSG:3857", None, 30).projection().nominalScale(),
        30,
        f"{APIDOCS}setdefaultprojection",
    ),
    Worked(
        "Image.resample",
        lambda ee: at(ee, ramp(ee).resample("bilinear"), 375, 375, 50),
        {"x": 3.25},
        "reference: by hand; a quarter of the way from the centre of column 3 to that of column 4",
    ),
    Worked(
        "Image.reduceResolution",
        lambda ee: at(ee, ramp(ee).reduceResolution(ee.Reducer.mean()).reproject(METRES, None, 400), 500, 100, 400),
        {"x": 5.5},
        "reference: by hand; the mean of columns 4 to 7",
    ),
    Worked(
        "Image.reduceResolution",
        lambda ee: at(
            ee,
            ramp(ee).reduceResolution(ee.Reducer.minMax()).reproject(METRES, None, 400),
            500,
            100,
            400,
        ),
        {"x_min": 4, "x_max": 7},
        f"{APIDOCS}reduceresolution (several outputs follow the band's name)",
    ),
    Worked(
        "Image.reduceResolution",
        lambda ee: at(
            ee,
            ramp(ee)
            .addBands(ramp(ee).multiply(3).add(1).rename("y"))
            .reduceResolution(ee.Reducer.linearFit())
            .reproject(METRES, None, 400),
            500,
            100,
            400,
        ),
        {"scale": 3, "offset": 1},
        f"{APIDOCS}reduceresolution (several inputs: the outputs' own names)",
    ),
    Worked(
        "Image.reduce",
        lambda ee: at(ee, ee.Image([4, 9, 2]).reduce(ee.Reducer.minMax()), 0, 0),
        {"min": 2, "max": 9},
        f"{APIDOCS}reduce (a band an output)",
    ),
    Worked(
        "Image.pixelLonLat",
        lambda ee: ee.Image.pixelLonLat().reduceRegion(
            ee.Reducer.first(), ee.Geometry.Point([10.3, 45.6]), None, "EPSG:4326", [0.5, 0, 0, 0, -0.5, 90]
        ),
        {"longitude": 10.25, "latitude": 45.75},
        "reference: by hand; the centre of the half-degree pixel",
    ),
    Worked(
        "Image.pixelArea",
        lambda ee: ee.Image.pixelArea().reduceRegion(
            ee.Reducer.first(), ee.Geometry.Point([0.5, 0.5]), None, "EPSG:4326", [1, 0, 0, 0, -1, 90]
        ),
        {"area": 12308463893.98},
        "reference: pyproj, Geod('WGS84') over a cell of one degree with its parallels in 10,000 steps",
        1e-7,
    ),
    Worked(
        "Image.pixelCoordinates",
        lambda ee: at(ee, ee.Image.pixelCoordinates(ee.Projection(METRES).atScale(100)), 250, 250),
        {"x": 2.5, "y": 2.5},
        "reference: by hand; the centre of column 2 and row 2; both axes of the projection run upwards",
    ),
]
