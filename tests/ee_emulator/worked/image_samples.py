"""Worked values of samples and links, on the row of six pixels of `image_distance`."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked
from tests.ee_emulator.worked.image_distance import columns
from tests.ee_emulator.worked.image_objects import pairs


def _row(ee: ModuleType) -> Any:
    return ee.Geometry.Rectangle([0, 0, 600, 100], "EPSG:3857", False)


def _on_a_lattice(ee: ModuleType, image: Any) -> Any:
    return image.setDefaultProjection("EPSG:3857", None, 100)


def _days(ee: ModuleType) -> Any:
    return ee.ImageCollection([columns(ee).set("system:time_start", 7), columns(ee).add(10).rename("x")])


WORKED = [
    Worked(
        "Image.stratifiedSample",
        lambda ee: (
            pairs(ee)
            .stratifiedSample(2, "remapped", _row(ee), 100, "EPSG:3857", 3, [1], [9])
            .aggregate_array("remapped")
        ),
        [0, 0, 1, 1, 1, 2],
        "documentation: developers.google.com/earth-engine/apidocs/ee-image-stratifiedsample (or all there are)",
    ),
    Worked(
        "Image.sampleRectangle",
        lambda ee: _on_a_lattice(ee, columns(ee)).sampleRectangle(_row(ee)).get("x"),
        [[0, 1, 2, 3, 4, 5]],
        "documentation: developers.google.com/earth-engine/apidocs/ee-image-samplerectangle (a 2-D array a band)",
    ),
    Worked(
        "ImageCollection.getRegion",
        lambda ee: (
            _days(ee)
            .getRegion(ee.Geometry.Rectangle([0, 0, 200, 100], "EPSG:3857", False), 100, "EPSG:3857")
            .map(lambda row: ee.List(row).get(4))
        ),
        ["x", 0, 10, 1, 11],
        "documentation: developers.google.com/earth-engine/apidocs/ee-imagecollection-getregion (headings first)",
    ),
    Worked(
        "ImageCollection.getRegion",
        lambda ee: _days(ee).getRegion(ee.Geometry.Point([0, 0]), 100),
        [
            ["id", "longitude", "latitude", "time", "x"],
            ["0", 0.0004491576420597607, 0.0004491576420597607, 7, 0],
            ["1", 0.0004491576420597607, 0.0004491576420597607, None, 10],
        ],
        "reference: by hand, the centre of the pixel of 100 m of the equator's 111319.49 m a degree",
    ),
    Worked(
        "Image.linkCollection",
        lambda ee: (
            ee.Image(1)
            .set("key", "b")
            .linkCollection(
                ee.ImageCollection([ee.Image(5).rename("q").set("key", "a"), ee.Image(6).rename("q").set("key", "b")]),
                "q",
                None,
                "key",
            )
            .reduceRegion(ee.Reducer.first(), ee.Geometry.Point([0, 0]), 100)
        ),
        {"constant": 1, "q": 6},
        "documentation: developers.google.com/earth-engine/apidocs/ee-image-linkcollection",
    ),
    Worked(
        "Image.copyProperties",
        lambda ee: ee.Image(1).copyProperties(ee.Image(2).set({"a": 1, "b": 2}), ["a"]).toDictionary(),
        {"a": 1},
        "documentation: developers.google.com/earth-engine/apidocs/ee-image-copyproperties",
    ),
]
