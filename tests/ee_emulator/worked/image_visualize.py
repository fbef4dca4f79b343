"""Worked values of pictures."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked


def _at_a_point(ee: ModuleType, image: Any) -> Any:
    return image.reduceRegion(ee.Reducer.first(), ee.Geometry.Point([10, 20]), 100)


WORKED = [
    Worked(
        "Image.visualize",
        lambda ee: _at_a_point(ee, ee.Image([100, 50, 0]).visualize(min=0, max=[100, 100, 50])),
        {"vis-red": 255, "vis-green": 128, "vis-blue": 0},
        "documentation: developers.google.com/earth-engine/apidocs/ee-image-visualize (min becomes 0, max 255)",
    ),
    Worked(
        "Image.visualize",
        lambda ee: _at_a_point(ee, ee.Image(7).visualize(min=0, max=10, palette=["000000", "blueviolet", "FFFFFF"])),
        {"vis-red": 185, "vis-green": 128, "vis-blue": 238},
        "reference: by hand, 0.4 of the way from blueviolet (138, 43, 226) to white",
    ),
    Worked(
        "Image.visualize",
        lambda ee: _at_a_point(ee, ee.Image(64).visualize(gain=2, bias=7, gamma=2)),
        {"vis-gray": 186},
        "reference: by hand, 255 × ((64 × 2 + 7) / 255)^(1/2) = 185.5",
    ),
    Worked(
        "Image.sldStyle",
        lambda ee: _at_a_point(
            ee,
            ee.Image(150).sldStyle(
                '<RasterSymbolizer><ColorMap type="intervals">'
                '<ColorMapEntry color="#00FF00" quantity="150"/><ColorMapEntry color="#0000FF" quantity="256"/>'
                "</ColorMap></RasterSymbolizer>"
            ),
        ),
        {"vis-red": 0, "vis-green": 0, "vis-blue": 255},
        "reference: docs.geoserver.org RasterSymbolizer, intervals exclude their quantity",
    ),
    Worked(
        "Image.sldStyle",
        lambda ee: _at_a_point(
            ee,
            ee.Image(25).sldStyle(
                '<RasterSymbolizer><ColorMap type="ramp"><ColorMapEntry color="#000000" quantity="0"/>'
                '<ColorMapEntry color="#FF6400" quantity="100"/></ColorMap></RasterSymbolizer>'
            ),
        ),
        {"vis-red": 64, "vis-green": 25, "vis-blue": 0},
        "reference: docs.geoserver.org RasterSymbolizer, a quarter of the way from black to FF6400",
    ),
]
