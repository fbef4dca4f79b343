"""Worked values of images of what lies around a pixel."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked


def _two(ee: ModuleType) -> Any:
    """1 and 3, two hundredths of a degree apart on the equator."""
    return ee.FeatureCollection(
        [ee.Feature(ee.Geometry.Point([0, 0]), {"z": 1}), ee.Feature(ee.Geometry.Point([0.02, 0]), {"z": 3})]
    )


def _between(ee: ModuleType, image: Any) -> Any:
    """The pixel whose centre lies between the two."""
    transform = [0.002, 0, -0.001, 0, 0.002, -0.001]
    return image.reduceRegion(ee.Reducer.first(), ee.Geometry.Point([0.01, 0]), None, "EPSG:4326", transform)


WORKED = [
    Worked(
        "Collection.distance",
        lambda ee: _between(ee, _two(ee).distance(5000)),
        {"distance": 1111.25},
        "reference: by hand, a hundredth of a degree on the sphere of 6,367 km of Earth Engine's buffers",
        tolerance=1e-5,
    ),
    Worked(
        "FeatureCollection.kriging",
        lambda ee: _between(ee, _two(ee).kriging("z", "exponential", 5000, 1.0, 0.1)),
        {"z": 2},
        "reference: by hand, ordinary kriging weighs two points alike from the middle between them",
    ),
    Worked(
        "FeatureCollection.inverseDistance",
        lambda ee: _between(ee, _two(ee).inverseDistance(5000, "z", 2, 1)),
        {"z": 2},
        "reference: by hand, Basso et al. 1999: from the middle both points weigh alike, and 2 is the mean",
    ),
]
