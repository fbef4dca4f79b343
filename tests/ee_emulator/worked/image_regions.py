"""Worked values of Image: regions reduced and sampled."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked
from tests.ee_emulator.worked.image_masks import METRES, columns

APIDOCS = "documentation: developers.google.com/earth-engine/apidocs/ee-image-"


def box(ee: ModuleType, west: float, east: float) -> Any:
    """A rectangle of one row of pixels, in metres."""
    return ee.Geometry.Rectangle([west, 0, east, 100], METRES, False)


def features(ee: ModuleType) -> Any:
    """Two rectangles, of columns 0 to 1 and 2 to 4."""
    return ee.FeatureCollection(
        [ee.Feature(box(ee, 0, 200), {"name": "left"}), ee.Feature(box(ee, 200, 500), {"name": "right"})]
    )


def squares(ee: ModuleType) -> Any:
    """The columns and their squares."""
    return columns(ee).addBands(columns(ee).pow(2).toInt().rename("square"))


WORKED = [
    Worked(
        "Image.reduceRegion",
        lambda ee: squares(ee).reduceRegion(ee.Reducer.sum(), box(ee, 0, 400), 100, METRES),
        {"x": 6, "square": 14},
        "reference: by hand, 0 + 1 + 2 + 3 and 0 + 1 + 4 + 9",
    ),
    Worked(
        "Image.reduceRegion",
        lambda ee: columns(ee).reduceRegion(ee.Reducer.sum(), box(ee, 0, 150), 100, METRES),
        {"x": 0.5},
        "reference: by hand; half of pixel 1 lies inside and counts half",
    ),
    Worked(
        "Image.reduceRegion",
        lambda ee: squares(ee).reduceRegion(ee.Reducer.linearFit(), box(ee, 0, 200), 100, METRES),
        {"scale": 1, "offset": 0},
        f"{APIDOCS}reduceregion (a reducer of two inputs takes the two bands)",
    ),
    Worked(
        "Image.reduceRegions",
        lambda ee: (
            squares(ee)
            .reduceRegions(features(ee), ee.Reducer.mean(), 100, METRES)
            .toList(2)
            .map(lambda f: ee.Feature(f).toDictionary(["name", "x", "square"]))
        ),
        [{"name": "left", "x": 0.5, "square": 0.5}, {"name": "right", "x": 3, "square": 29 / 3}],
        "reference: by hand, means of the columns",
    ),
    Worked(
        "Image.reduceRegions",
        lambda ee: (
            columns(ee)
            .reduceRegions(features(ee), ee.Reducer.minMax(), 100, METRES)
            .toList(2)
            .map(lambda f: ee.Feature(f).toDictionary(["min", "max"]))
        ),
        [{"min": 0, "max": 1}, {"min": 2, "max": 4}],
        "documentation: guides/reducers_reduce_regions (of one band the names of the outputs)",
    ),
    Worked(
        "Image.sample",
        lambda ee: squares(ee).sample(box(ee, 0, 300), 100, METRES).aggregate_array("square"),
        [0, 1, 4],
        f"{APIDOCS}sample (a feature a pixel, a property a band)",
    ),
    Worked(
        "Image.sample",
        lambda ee: columns(ee).updateMask(columns(ee).neq(1)).sample(box(ee, 0, 300), 100, METRES).size(),
        2,
        f"{APIDOCS}sample (features with nulls are dropped)",
    ),
    Worked(
        "Image.sampleRegions",
        lambda ee: (
            columns(ee)
            .sampleRegions(features(ee), ["name"], 100, METRES)
            .toList(9)
            .map(lambda f: ee.Feature(f).toDictionary(["name", "x"]))
        ),
        [{"name": "left", "x": x} for x in (0, 1)] + [{"name": "right", "x": x} for x in (2, 3, 4)],
        f"{APIDOCS}sampleregions (a feature a pixel, with the properties asked for)",
    ),
    Worked(
        "Collection.reduceToImage",
        lambda ee: (
            features(ee)
            .map(lambda f: f.set("n", ee.String(f.get("name")).length()))
            .reduceToImage(["n"], ee.Reducer.first())
            .reduceRegion(ee.Reducer.sum(), box(ee, 0, 500), 100, METRES)
        ),
        {"first": 2 * 4 + 3 * 5},
        "reference: by hand; two pixels of 4 letters and three of 5",
    ),
]
