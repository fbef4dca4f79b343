"""Worked values of Image: bands and metadata."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked

APIDOCS = "documentation: developers.google.com/earth-engine/apidocs/ee-image-"


def bands(ee: ModuleType, *names: str) -> Any:
    """An image of constants 1, 2, … under names."""
    return ee.Image.constant(list(range(1, len(names) + 1))).rename(list(names))


def dated(ee: ModuleType) -> Any:
    """An image with metadata."""
    return bands(ee, "a", "b").set({"system:time_start": 86_400_000, "cloud": 12.5, "system:index": "scene"})


WORKED = [
    Worked(
        "Image.load",
        lambda ee: ee.Image("JRC/GHSL/P2023A/GHS_POP/2020").bandNames(),
        ["population_count"],
        "documentation: developers.google.com/earth-engine/datasets/catalog/JRC_GHSL_P2023A_GHS_POP",
    ),
    Worked(
        "Image.select", lambda ee: bands(ee, "a", "b", "c").select([2, "a"]).bandNames(), ["c", "a"], f"{APIDOCS}select"
    ),
    Worked(
        "Image.select",
        lambda ee: bands(ee, "B1", "B11", "QA10").select("B.?.?|QA..").bandNames(),
        ["B1", "B11", "QA10"],
        f"{APIDOCS}select (a pattern must match a whole name)",
    ),
    Worked(
        "Image.select",
        lambda ee: bands(ee, "B1", "B11", "QA10").select("B.").bandNames(),
        ["B1"],
        f"{APIDOCS}select (a pattern must match a whole name)",
    ),
    Worked(
        "Image.select",
        lambda ee: bands(ee, "a", "b").select(["b", "a"], ["x", "y"]).bandNames(),
        ["x", "y"],
        f"{APIDOCS}select (renames by two lists)",
    ),
    Worked("Image.rename", lambda ee: bands(ee, "a", "b").rename("x", "y").bandNames(), ["x", "y"], f"{APIDOCS}rename"),
    Worked(
        "Image.regexpRename",
        lambda ee: bands(ee, "sur_b1_m", "other").regexpRename("^sur_(.*)_m$", "$1").bandNames(),
        ["b1", "other"],
        f"{APIDOCS}regexprename (bands that do not match keep their names)",
    ),
    Worked(
        "Image.slice",
        lambda ee: bands(ee, "a", "b", "c", "d").slice(1, 3).bandNames(),
        ["b", "c"],
        f"{APIDOCS}slice (from start, up to but not including end)",
    ),
    Worked(
        "Image.addBands",
        lambda ee: bands(ee, "a", "b").addBands(bands(ee, "b", "c")).bandNames(),
        ["a", "b", "b_1", "c"],
        f"{APIDOCS}addbands",
    ),
    Worked(
        "Image.addBands",
        lambda ee: (
            bands(ee, "a", "b")
            .addBands(ee.Image(9).rename("a"), None, True)
            .reduceRegion(ee.Reducer.first(), ee.Geometry.Point([0, 0]), 1)
        ),
        {"a": 9, "b": 2},
        f"{APIDOCS}addbands (overwrites bands of the same name)",
    ),
    Worked(
        "Image.cat",
        lambda ee: ee.apply("Image.cat", {"images": [dated(ee), bands(ee, "a"), 5]}).bandNames(),
        ["a", "b", "a_1", "constant"],
        f"{APIDOCS}cat (names that repeat get an index, constants become images)",
    ),
    Worked(
        "Image.cat",
        lambda ee: ee.apply("Image.cat", {"images": [dated(ee), bands(ee, "a").set("cloud", 1)]}).get("cloud"),
        12.5,
        f"{APIDOCS}cat (the metadata of the first image)",
    ),
    Worked(
        "Image.bandTypes",
        lambda ee: ee.Image([200, -3, 0.5]).rename(["a", "b", "c"]).bitwiseNot().bandTypes(),
        {
            "a": {"precision": "int", "min": -(2**15), "max": 2**15 - 1},
            "b": {"precision": "int", "min": -(2**7), "max": 2**7 - 1},
        },
        f"{APIDOCS}bitwisenot (the smallest signed integer type that can hold the input)",
    ),
    Worked("Image.bandNames", lambda ee: bands(ee, "a", "b").bandNames(), ["a", "b"], f"{APIDOCS}bandnames"),
    Worked(
        "Image.bandTypes",
        lambda ee: ee.Image([7, 0.5]).rename(["a", "b"]).toByte().addBands(ee.Image(1).float()).bandTypes(),
        {"a": {"precision": "int", "min": 0, "max": 255}, "constant": {"precision": "float"}},
        f"{APIDOCS}bandtypes",
    ),
    Worked(
        "Image.cast",
        lambda ee: bands(ee, "a", "b").cast({"b": "float", "a": "uint8"}, ["b", "a"]).bandTypes(),
        {"b": {"precision": "float"}, "a": {"precision": "int", "min": 0, "max": 255}},
        f"{APIDOCS}cast",
    ),
    Worked(
        "Image.metadata",
        lambda ee: dated(ee).metadata("cloud").reduceRegion(ee.Reducer.first(), ee.Geometry.Point([0, 0]), 1),
        {"cloud": 12.5},
        f"{APIDOCS}metadata",
    ),
    Worked(
        "Image.metadata",
        lambda ee: dated(ee).set("count", 3).metadata("count", "n").bandTypes(),
        {"n": {"precision": "double"}},
        f"{APIDOCS}metadata (a constant image of type double)",
    ),
    Worked("Image.date", lambda ee: dated(ee).date(), {"type": "Date", "value": 86_400_000}, f"{APIDOCS}date"),
    Worked("Image.id", lambda ee: dated(ee).id(), "scene", f"{APIDOCS}id"),
    Worked(
        "Image.geometry",
        lambda ee: ee.Image(1).clip(ee.Geometry.Rectangle([1, 2, 3, 4])).geometry().bounds(),
        {"type": "Polygon", "coordinates": [[[1, 2], [3, 2], [3, 4], [1, 4], [1, 2]]]},
        f"{APIDOCS}clip (the footprint is that of the geometry)",
        1e-3,
    ),
]
