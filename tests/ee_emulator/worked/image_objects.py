"""Worked values of objects, on the row of six pixels of `image_distance`."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked
from tests.ee_emulator.worked.image_distance import along_the_row, columns


def pairs(ee: ModuleType) -> Any:
    """0, 0, 1, 1, 1, 2 along the row."""
    return columns(ee).remap([0, 1, 2, 3, 4, 5], [0, 0, 1, 1, 1, 2], 9)


def _cut_off(ee: ModuleType) -> Any:
    rows = ee.Image.pixelCoordinates(ee.Projection("EPSG:3857").atScale(100)).select("y").floor()
    return pairs(ee).updateMask(rows.eq(0))


WORKED = [
    Worked(
        "Image.connectedPixelCount",
        lambda ee: along_the_row(ee, _cut_off(ee).connectedPixelCount(20, False)),
        {"remapped": [2, 2, 3, 3, 3, 1]},
        "documentation: developers.google.com/earth-engine/apidocs/ee-image-connectedpixelcount (itself among them)",
    ),
    Worked(
        "Image.connectedPixelCount",
        lambda ee: along_the_row(ee, pairs(ee).connectedPixelCount(5, True)),
        {"remapped": [5, 5, 5, 5, 5, 5]},
        "documentation: developers.google.com/earth-engine/apidocs/ee-image-connectedpixelcount (at most maxSize)",
    ),
    Worked(
        "Image.connectedComponents",
        lambda ee: along_the_row(ee, _cut_off(ee).connectedComponents(ee.Kernel.plus(1), 2).select("labels").gte(0)),
        {"labels": [1, 1, 1]},
        "documentation: developers.google.com/earth-engine/apidocs/ee-image-connectedcomponents (large ones masked)",
    ),
    Worked(
        "Image.reduceConnectedComponents",
        lambda ee: along_the_row(
            ee, columns(ee).addBands(_cut_off(ee)).reduceConnectedComponents(ee.Reducer.mean(), "remapped", 9)
        ),
        {"x": [0.5, 0.5, 3, 3, 3, 5]},
        "documentation: developers.google.com/earth-engine/apidocs/ee-image-reduceconnectedcomponents",
    ),
]
