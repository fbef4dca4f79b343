"""Worked values of ImageCollection, on collections of constants."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked

APIDOCS = "documentation: developers.google.com/earth-engine/apidocs/ee-imagecollection-"


def collection(ee: ModuleType, *values: float | None) -> Any:
    """Images of one band `v` each; None is a masked one."""
    images = [
        ee.Image(0).updateMask(0).rename("v") if value is None else ee.Image(value).rename("v") for value in values
    ]
    return ee.ImageCollection.fromImages(images)


def pixels(ee: ModuleType, image: Any) -> Any:
    """The pixels of all bands at a point."""
    return image.reduceRegion(ee.Reducer.first(), ee.Geometry.Point([0.5, 0.5]), 1)


def folded(name: str, expected: float, *values: float | None) -> Worked:
    """A shorthand of a reducer; the band keeps its name."""
    return Worked(
        f"reduce.{name}",
        lambda ee: pixels(ee, ee.apply(f"reduce.{name}", {"collection": collection(ee, *values)})),
        {"v": expected},
        "reference: by hand, over the unmasked values",
    )


def two(ee: ModuleType) -> Any:
    """Two images of bands a and b."""
    return ee.ImageCollection.fromImages([ee.Image([1, 20]).rename(["a", "b"]), ee.Image([5, 10]).rename(["a", "b"])])


WORKED = [
    folded("min", 2, 5, 2, None, 4),
    folded("max", 5, 5, 2, None, 4),
    folded("count", 3, 5, 2, None, 4),
    folded("sum", 11, 5, 2, None, 4),
    folded("product", 40, 5, 2, None, 4),
    folded("mean", 11 / 3, 5, 2, None, 4),
    folded("median", 4, 5, 2, None, 4),
    folded("mode", 2, 5, 2, None, 2),
    folded("and", 0, 5, 0, None, 4),
    folded("and", 1, 5, None, 4),
    folded("or", 1, 0, 0, None, 4),
    folded("or", 0, 0, 0, None),
    Worked(
        "ImageCollection.load",
        lambda ee: ee.ImageCollection("JRC/GHSL/P2023A/GHS_POP").first().bandNames(),
        ["population_count"],
        "documentation: developers.google.com/earth-engine/datasets/catalog/JRC_GHSL_P2023A_GHS_POP",
    ),
    Worked(
        "ImageCollection.fromImages",
        lambda ee: collection(ee, 7, 8).aggregate_array("system:index"),
        ["0", "1"],
        "reference: by hand; images are numbered from 0, as the bands' names of geetools' tests show",
    ),
    Worked(
        "ImageCollection.merge",
        lambda ee: collection(ee, 7, 8).merge(collection(ee, 9)).aggregate_array("system:index"),
        ["1_0", "1_1", "2_0"],
        f"{APIDOCS}merge (indices get the number of their collection)",
    ),
    Worked(
        "ImageCollection.combine",
        lambda ee: two(ee).combine(collection(ee, 3)).toBands().bandNames(),
        ["0_a", "0_b", "0_v"],
        f"{APIDOCS}combine (an inner join on the id)",
    ),
    Worked(
        "ImageCollection.mosaic",
        lambda ee: pixels(ee, collection(ee, 7, 8, None).mosaic()),
        {"v": 8},
        f"{APIDOCS}mosaic (the last one that is not masked)",
    ),
    Worked(
        "ImageCollection.qualityMosaic",
        lambda ee: pixels(ee, two(ee).qualityMosaic("b")),
        {"a": 1, "b": 20},
        f"{APIDOCS}qualitymosaic (all bands from the image with the greatest quality)",
    ),
    Worked(
        "ImageCollection.reduce",
        lambda ee: pixels(ee, two(ee).reduce(ee.Reducer.minMax())),
        {"a_min": 1, "a_max": 5, "b_min": 10, "b_max": 20},
        f"{APIDOCS}reduce (outputs' names after the bands')",
    ),
    Worked(
        "ImageCollection.reduce",
        lambda ee: pixels(ee, two(ee).reduce(ee.Reducer.linearFit())),
        {"scale": -2.5, "offset": 22.5},
        f"{APIDOCS}reduce (several inputs: the outputs' own names); the line through (1, 20) and (5, 10)",
    ),
    Worked(
        "ImageCollection.toBands",
        lambda ee: pixels(ee, two(ee).toBands()),
        {"0_a": 1, "0_b": 20, "1_a": 5, "1_b": 10},
        f"{APIDOCS}tobands (bands after their image's id)",
    ),
    Worked(
        "ImageCollection.cast",
        lambda ee: two(ee).cast({"a": "float", "b": "int16"}, ["b", "a"]).first().bandTypes(),
        {"b": {"precision": "int", "min": -32768, "max": 32767}, "a": {"precision": "float"}},
        f"{APIDOCS}cast",
    ),
]
