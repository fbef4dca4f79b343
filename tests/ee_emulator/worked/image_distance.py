"""Worked values of distances and costs, on a row of six pixels of 100 m with its first pixel at the CRS's origin."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked


def columns(ee: ModuleType) -> Any:
    """0 to 5 along the row."""
    return ee.Image.pixelCoordinates(ee.Projection("EPSG:3857").atScale(100)).select("x").floor().toInt()


def along_the_row(ee: ModuleType, image: Any) -> Any:
    """The unmasked values of each band from left to right."""
    row = ee.Geometry.Rectangle([0, 0, 600, 100], "EPSG:3857", False)
    return image.reduceRegion(ee.Reducer.toList(), row, 100, "EPSG:3857")


WORKED = [
    Worked(
        "Image.fastDistanceTransform",
        lambda ee: along_the_row(ee, columns(ee).eq(1).fastDistanceTransform(3)),
        {"distance": [1, 0, 1, 4, 9, 16]},
        "documentation: developers.google.com/earth-engine/apidocs/ee-image-fastdistancetransform (squared by default)",
    ),
    Worked(
        "Image.fastDistanceTransform",
        lambda ee: along_the_row(ee, columns(ee).eq(1).fastDistanceTransform(3, "pixels", "manhattan")),
        {"distance": [1, 0, 1, 2, 3, 4]},
        "reference: by hand, |dx|",
    ),
    Worked(
        "Image.fastDistanceTransform",
        lambda ee: along_the_row(ee, columns(ee).neq(0).Not().fastDistanceTransform(2).sqrt().gt(2)),
        {"distance": [0, 0, 0, 1, 1, 1]},
        "earth engine: openet-core openet/core/tests/test_a_utils.py, test_erode_pixels_parameter (neighborhood of 2)",
    ),
    Worked(
        "Image.directionalDistanceTransform",
        lambda ee: along_the_row(ee, columns(ee).eq(3).directionalDistanceTransform(0, 2)),
        {"distance": [2, 1, 0]},
        "reference: by hand; angles as in the tutorial sentinel-2-s2cloudless, where shadows lie away from the sun",
    ),
    Worked(
        "Image.distance",
        lambda ee: along_the_row(ee, columns(ee).eq(1).distance(ee.Kernel.euclidean(300, "meters"))),
        {"x": [100, 0, 100, 200, 300]},
        "documentation: developers.google.com/earth-engine/apidocs/ee-image-distance (in the kernel's units)",
    ),
    Worked(
        "Image.rsedTransform",
        lambda ee: along_the_row(ee, columns(ee).eq(2).multiply(4).rsedTransform(5)),
        {"distance": [0, 3, 4, 3, 0, 0]},
        "documentation: developers.google.com/earth-engine/apidocs/ee-image-rsedtransform (parabolas)",
    ),
    Worked(
        "Image.medialAxis",
        lambda ee: along_the_row(ee, columns(ee).remap([0, 4], [1, 1], 0).medialAxis(5).select(["medial", "coverage"])),
        {"medial": [0, 0, 4, 0, 0, 0], "coverage": [0, 0, 3, 0, 0, 0]},
        "reference: by hand, Coeurjolly and Montanvert 2007: one disc of radius 2 between the two sources holds all",
    ),
    Worked(
        "Image.cumulativeCost",
        lambda ee: along_the_row(ee, ee.Image(2).cumulativeCost(columns(ee).eq(1), 250, False)),
        {"cumulative_cost": [200, 0, 200, 400]},
        "documentation: developers.google.com/earth-engine/apidocs/ee-image-cumulativecost (cost times metres)",
    ),
]
