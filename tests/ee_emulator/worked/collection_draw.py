"""Worked values of drawn features."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked


def _square(ee: ModuleType, properties: Any = None) -> Any:
    square = ee.Geometry.Rectangle([0, 0, 2000, 2000], "EPSG:3857", False)
    return ee.FeatureCollection([ee.Feature(square, properties)])


def _in_the_middle(ee: ModuleType, image: Any) -> Any:
    middle = ee.Geometry.Point([1050, 1050], "EPSG:3857")
    return image.reduceRegion(ee.Reducer.first(), middle, 100, "EPSG:3857")


WORKED = [
    Worked(
        "Collection.draw",
        lambda ee: _in_the_middle(ee, _square(ee).draw("800080")),
        {"vis-red": 128, "vis-green": 0, "vis-blue": 128},
        "documentation: developers.google.com/earth-engine/apidocs/ee-featurecollection-draw (RRGGBB)",
    ),
    Worked(
        "Collection.style",
        lambda ee: _in_the_middle(ee, _square(ee).style(color="red", fillColor="0000FF80")),
        {"vis-red": 0, "vis-green": 0, "vis-blue": 255},
        "documentation: developers.google.com/earth-engine/apidocs/ee-featurecollection-style (fillColor)",
    ),
    Worked(
        "Collection.style",
        lambda ee: _in_the_middle(ee, _square(ee, {"look": {"fillColor": "orange"}}).style(styleProperty="look")),
        {"vis-red": 255, "vis-green": 165, "vis-blue": 0},
        "documentation: developers.google.com/earth-engine/apidocs/ee-featurecollection-style (styleProperty)",
    ),
    Worked(
        "Image.paint",
        lambda ee: _in_the_middle(ee, ee.Image([1, 2]).paint(_square(ee, {"code": 9}), "code")),
        {"constant": 9, "constant_1": 9},
        "documentation: developers.google.com/earth-engine/apidocs/ee-image-paint (every band)",
    ),
    Worked(
        "Image.paint",
        lambda ee: _in_the_middle(ee, ee.Image(1).paint(_square(ee), 9, 2)),
        {"constant": 1},
        "documentation: developers.google.com/earth-engine/apidocs/ee-image-paint (outlines where a width is given)",
    ),
]
