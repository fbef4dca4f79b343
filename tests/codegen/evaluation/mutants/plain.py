"""What comes of a program with Earth Engine's plain client: by this a mutant is told from its reference.

It is no judge: it knows no files of answers and no tolerances of a verdict, and tells only clear differences.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from codegen.evaluation.building.executing import call, make_params
from codegen.evaluation.cases.case import Case

Found = Literal["uncompiled", "raised", "refused", "value"]
"""Python does not compile it; it raises while it is called; Earth Engine refuses what it gives; it has a value."""

_SIDE = 40
"""Pixels of a side: about a kilometre at 30 m."""
_DEGREES = 30 / 111_319.49079327358


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a program.

    Attributes:
        found: How far it came.
        type: Class of what it gave; empty where it gave nothing.
        value: Its value, in a form that can be compared.
        told: What was raised or answered.
    """

    found: Found
    type: str = ""
    value: Any = None
    told: str = ""


def outcome(code: str, case: Case) -> Outcome:
    """Runs a function on a case; `ee` is initialised."""
    import ee

    try:
        compile(code, "<mutant>", "exec")
    except SyntaxError as error:
        return Outcome("uncompiled", told=str(error))
    try:
        result = call(code, make_params(case.params))
    except Exception as error:  # whatever a mutant raises is its outcome
        return Outcome("raised", told=f"{type(error).__name__}: {error}")
    kind = f"ee.{type(result).__name__}" if isinstance(result, ee.ComputedObject) else type(result).__name__
    try:
        return Outcome("value", kind, _value(result, case.out_type))
    except ee.EEException as error:
        return Outcome("refused", kind, told=str(error))


def _value(result: Any, out_type: str) -> Any:
    import ee

    if isinstance(result, ee.ImageCollection):
        return _pixels(result.mean())
    if isinstance(result, ee.Image):
        return _arrays(result) if out_type == "ee.ArrayImage" else _pixels(result)
    if isinstance(result, ee.ComputedObject):
        return result.getInfo()
    if isinstance(result, list | tuple):
        return [_value(item, "") for item in result]
    if isinstance(result, Mapping):
        return {key: _value(item, "") for key, item in result.items()}
    return result


def _arrays(image: Any) -> Any:
    import ee

    return image.reduceRegion(ee.Reducer.first(), ee.Geometry.Point([120.05, 30.05]), 500).getInfo()


def _pixels(image: Any) -> Any:
    """Pixels of 30 m from the north-west corner of an image's bounds on; about the origin where it has none.

    Masked ones are 0, as in a GeoTIFF.
    """
    import ee

    corners = image.geometry().bounds().getInfo()["coordinates"][0]
    west, north = min(x for x, _ in corners), max(y for _, y in corners)
    if max(x for x, _ in corners) - west > 300:
        west, north = 0.0, 0.0
    names = [band["id"] for band in image.getInfo()["bands"]]
    if not names:
        return []
    grid = {
        "dimensions": {"width": _SIDE, "height": _SIDE},
        "affineTransform": {
            "scaleX": _DEGREES, "shearX": 0, "translateX": west, "shearY": 0, "scaleY": -_DEGREES, "translateY": north
        },
        "crsCode": "EPSG:4326",
    }  # fmt: skip
    numbered = image.rename([f"b{number}" for number in range(len(names))]).toDouble().unmask(0)
    answer = ee.data.computePixels({"expression": numbered, "fileFormat": "NUMPY_NDARRAY", "grid": grid})
    return np.stack([answer[f"b{number}"] for number in range(len(names))], axis=-1)


def differ(one: Any, other: Any) -> bool:
    """Whether two values are clearly different; see `kept_where` in rules.yaml."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return _pixels_differ(one, other)
    if _is_number(one) and _is_number(other):
        return _far(float(one), float(other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return _mappings_differ(one, other)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) != len(other) or any(differ(*pair) for pair in zip(one, other, strict=True))
    return bool(one != other)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _far(one: float, other: float) -> bool:
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) != math.isnan(other)
    return abs(one - other) > max(0.001, 0.001 * max(abs(one), abs(other)))


def _pixels_differ(one: Any, other: Any) -> bool:
    if not (isinstance(one, np.ndarray) and isinstance(other, np.ndarray)) or one.shape != other.shape:
        return True
    return bool(np.mean(np.abs(one - other) > 0.01) >= 0.01)


def _mappings_differ(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    if "coordinates" in one and "coordinates" in other:
        return _coordinates_differ(one["coordinates"], other["coordinates"])
    if one.get("type") == other.get("type") == "Feature":
        return differ(one["geometry"], other["geometry"])
    if one.get("type") == other.get("type") == "FeatureCollection":
        return _coordinates_differ(_all_coordinates(one), _all_coordinates(other))
    return one.keys() != other.keys() or any(differ(one[key], other[key]) for key in one)


def _all_coordinates(table: Mapping[str, Any]) -> list[Any]:
    """Coordinates of all features together: which feature has which does not count."""
    geometries = [feature["geometry"] for feature in table["features"] if feature["geometry"]]
    return [geometry.get("coordinates", geometry.get("geometries")) for geometry in geometries]


def _coordinates_differ(one: Any, other: Any) -> bool:
    """By the set of corners: where a ring begins does not count."""
    return _corners(one) != _corners(other)


def _corners(coordinates: Any) -> set[tuple[float, ...]]:
    if isinstance(coordinates, Mapping):
        return _corners(coordinates.get("coordinates"))
    if not isinstance(coordinates, list) or not coordinates:
        return set()
    if isinstance(coordinates[0], int | float):
        return {tuple(round(float(number), 4) for number in coordinates)}
    return set().union(*(_corners(inner) for inner in coordinates))
