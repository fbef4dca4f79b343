"""Worked values of Image: masks, clipping and replacing, on a row of four pixels."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked

APIDOCS = "documentation: developers.google.com/earth-engine/apidocs/ee-image-"
METRES = "EPSG:3857"


def columns(ee: ModuleType) -> Any:
    """0 to 3 along the row, as one band `x`."""
    return ee.Image.pixelCoordinates(ee.Projection(METRES).atScale(100)).select("x").floor().toInt()


def row(ee: ModuleType, image: Any, missing: Any = -9) -> Any:
    """The first band's four pixels from left to right; masked ones are given as -9."""
    area = ee.Geometry.Rectangle([0, 0, 400, 100], METRES, False)
    shown = ee.Image(image).select([0], ["v"]).unmask(missing, False) if missing is not None else image
    return shown.reduceRegion(ee.Reducer.toList(), area, 100, METRES).get("v")


def holed(ee: ModuleType) -> Any:
    """0, masked, 2, 3."""
    return columns(ee).updateMask(columns(ee).neq(1))


def half(ee: ModuleType) -> Any:
    """The left two pixels as a geometry."""
    return ee.Geometry.Rectangle([0, 0, 200, 100], METRES, False)


WORKED = [
    Worked(
        "Image.updateMask",
        lambda ee: row(ee, holed(ee).updateMask(columns(ee).neq(3))),
        [0, -9, 2, -9],
        f"{APIDOCS}updatemask (only where the mask is not zero already)",
    ),
    Worked("Image.selfMask", lambda ee: row(ee, columns(ee).selfMask()), [-9, 1, 2, 3], f"{APIDOCS}selfmask"),
    Worked("Image.mask", lambda ee: row(ee, holed(ee).mask()), [1, 0, 1, 1], f"{APIDOCS}mask (1 valid, 0 invalid)"),
    Worked(
        "Image.mask",
        lambda ee: row(ee, holed(ee).add(5).mask(columns(ee).lt(2))),
        [5, 0, -9, -9],
        f"{APIDOCS}mask (pixels whose mask was zero are filled with zeros)",
    ),
    Worked("Image.unmask", lambda ee: row(ee, holed(ee).unmask(7)), [0, 7, 2, 3], f"{APIDOCS}unmask"),
    Worked(
        "Image.unmask",
        lambda ee: row(ee, columns(ee).clip(half(ee)).unmask(7)),
        [0, 1, -9, -9],
        f"{APIDOCS}unmask (the footprint is retained)",
    ),
    Worked(
        "Image.unmask",
        lambda ee: row(ee, columns(ee).clip(half(ee)).unmask(7, False)),
        [0, 1, 7, 7],
        f"{APIDOCS}unmask (without the footprint)",
    ),
    Worked("Image.clip", lambda ee: row(ee, columns(ee).clip(half(ee))), [0, 1, -9, -9], f"{APIDOCS}clip"),
    Worked(
        "Image.clipToCollection",
        lambda ee: row(
            ee,
            columns(ee).clipToCollection(
                ee.FeatureCollection(
                    [ee.Feature(half(ee)), ee.Feature(ee.Geometry.Rectangle([300, 0, 400, 100], METRES, False))]
                )
            ),
        ),
        [0, 1, -9, 3],
        f"{APIDOCS}cliptocollection (covered by at least one feature)",
    ),
    Worked(
        "Image.where",
        lambda ee: row(ee, columns(ee).where(columns(ee).gte(2), 10)),
        [0, 1, 10, 10],
        f"{APIDOCS}where",
    ),
    Worked(
        "Image.where",
        lambda ee: row(ee, holed(ee).where(columns(ee).lt(2), columns(ee).add(20).updateMask(columns(ee)))),
        [0, -9, 2, 3],
        f"{APIDOCS}where (a masked value leaves the input, a masked input stays)",
    ),
    Worked(
        "Image.blend",
        lambda ee: row(ee, ee.Image(8).blend(holed(ee))),
        [0, 8, 2, 3],
        f"{APIDOCS}blend",
    ),
    Worked(
        "Image.blend",
        lambda ee: ee.Image(8).blend(ee.Image([1, 2])).bandNames().size(),
        2,
        f"{APIDOCS}blend (an image of one band is replicated)",
    ),
    Worked(
        "Image.remap",
        lambda ee: row(ee, columns(ee).remap([3, 0, 2], [30, 10, 20])),
        [10, -9, 20, 30],
        f"{APIDOCS}remap (what is not listed is masked)",
    ),
    Worked(
        "Image.remap",
        lambda ee: row(ee, columns(ee).addBands(ee.Image(5)).remap([5], [6], 0, "constant")),
        [6, 6, 6, 6],
        f"{APIDOCS}remap",
    ),
    Worked(
        "Image.remap",
        lambda ee: columns(ee).set("kept", 4).remap([1], [2]).get("kept"),
        4,
        "earth engine: samples/javascript/apidocs/ee-image-remap.js (input properties are retained)",
    ),
]
