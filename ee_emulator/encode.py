"""Values to the JSON that clients expect, and to the constants that `value:compute` answers with."""

import math
from typing import Any

import numpy as np
import shapely
import shapely.geometry
from shapely.geometry.base import BaseGeometry

from ee_emulator.errors import EarthEngineError
from ee_emulator.limits import narrowed
from ee_emulator.raster.describe import describe_image
from ee_emulator.raster.values import Image
from ee_emulator.values import (
    Array,
    Collection,
    Date,
    DateRange,
    ErrorMargin,
    Feature,
    FeatureCollection,
    Filter,
    Function,
    Geometry,
    Join,
    type_name,
)

MAX_ELEMENTS = 5_000
"""Earth Engine prints at most this many elements of a collection."""


def encode(value: Any) -> Any:
    """JSON of a value.

    Only what is printed itself lists its elements: a collection within a list, a dictionary or a property is described
    without them, as in aazuspan/eerepr's fixture `test_full_repr.yml`.

    Raises:
        EarthEngineError: The value has no JSON form, or a collection is too long to print.
    """
    if isinstance(value, Collection):
        elements = _limited(value)
        return {**_described(value), "features": [_part(element) for element in elements]}
    return _part(value)


def _part(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int | float | np.number):
        return _number(value)
    if isinstance(value, list | tuple):
        return [_part(item) for item in value]
    if isinstance(value, dict):
        return {key: _part(item) for key, item in value.items()}
    for kind, function in _ENCODERS.items():
        if isinstance(value, kind):
            return function(value)
    if isinstance(value, Image):
        return _part(describe_image(value))
    if hasattr(value, "describe"):  # projections, pixel types, reducers, kernels
        return _part(value.describe())
    raise EarthEngineError(f"not supported by the emulator: printing a {type(value).__name__}")


def _text(value: str) -> str:
    """Half characters, which cutting UTF-16 text can leave, become question marks: JSON has no place for them."""
    return value if value.isascii() else value.encode(errors="replace").decode()


def _number(given: float | np.number[Any]) -> Any:
    value: Any = given.item() if isinstance(given, np.number) else given
    if isinstance(value, int):
        return narrowed(value)
    if math.isfinite(value):
        return _whole(value)
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


def encode_geometry(geometry: Geometry) -> dict[str, Any]:
    """GeoJSON with Earth Engine's own keys `geodesic`, `evenOdd` and `crs`."""
    if geometry.unbounded:
        return {"type": "Polygon", "coordinates": [_WHOLE_EARTH], "geodesic": geometry.geodesic, "evenOdd": True}
    answer = geojson(geometry.shown)
    # Only what departs from the default is said: aazuspan/eerepr's fixtures hold lines and areas without the key.
    if not geometry.geodesic and answer["type"] not in ("Point", "MultiPoint"):
        answer["geodesic"] = False
    if geometry.crs != "EPSG:4326":
        answer["crs"] = {"type": "name", "properties": {"name": geometry.crs}}
    return answer


_WHOLE_EARTH = [[-180, -90], [180, -90], [180, 90], [-180, 90], [-180, -90]]


def geojson(shape: BaseGeometry) -> dict[str, Any]:
    """GeoJSON of a shape, with lists in place of tuples; rings run counter-clockwise outside."""
    if shape.is_empty and shape.geom_type == "Polygon":
        return {"type": "GeometryCollection", "geometries": []}
    if shape.is_empty and shape.geom_type in ("Point", "LineString", "LinearRing"):
        return {"type": shape.geom_type, "coordinates": []}
    if shape.geom_type == "GeometryCollection":
        return {"type": "GeometryCollection", "geometries": [geojson(part) for part in shapely.get_parts(shape)]}
    mapping = shapely.geometry.mapping(shape)
    return {"type": mapping["type"], "coordinates": _lists(mapping["coordinates"])}


def _lists(coordinates: Any) -> Any:
    return [_lists(c) for c in coordinates] if isinstance(coordinates, tuple | list) else _whole(coordinates)


def encode_feature(feature: Feature) -> dict[str, Any]:
    """A GeoJSON feature."""
    answer: dict[str, Any] = {
        "type": "Feature",
        "geometry": None if feature.geometry is None else encode_geometry(feature.geometry),
    }
    if feature.id is not None:
        answer["id"] = feature.id
    answer["properties"] = _part(dict(feature.properties))
    return answer


def _described(collection: Collection) -> dict[str, Any]:
    """A collection without its elements."""
    if isinstance(collection, FeatureCollection):
        answer: dict[str, Any] = {"type": "FeatureCollection", "columns": _columns(collection)}
    else:
        answer = {"type": "ImageCollection", "bands": []}
    properties = dict(collection.properties)
    name = properties.pop("system:id", collection.id)
    if name:
        answer["id"] = name
    if properties:
        answer["properties"] = _part(properties)
    return answer


def _limited(collection: Collection) -> list[Any]:
    elements = list(collection.elements())
    if len(elements) > MAX_ELEMENTS:
        raise EarthEngineError(
            f"Collection query aborted after accumulating over {MAX_ELEMENTS} elements. "
            "Use limit(), or export or download the collection."
        )
    return elements


def _columns(collection: Collection) -> dict[str, str]:
    columns: dict[str, str] = {}
    for feature in collection.elements():
        for key, value in getattr(feature, "properties", {}).items():
            columns.setdefault(key, _column_type(value))
    columns["system:index"] = "String"
    return columns


def _column_type(value: Any) -> str:
    return type_name(value) if isinstance(value, bool | int | float | str | list) else "Object"


def _encode_range(value: DateRange) -> dict[str, Any]:
    return {"type": "DateRange", "dates": [value.start, value.end]}


def _encode_margin(value: ErrorMargin) -> dict[str, Any]:
    if value.value is None:
        return {"type": "ErrorMargin", "unit": "infinite"}
    return {"type": "ErrorMargin", "unit": value.unit, "value": value.value}


def _refuse_function(_: Function) -> Any:
    raise EarthEngineError("A function cannot be the result of an expression.")


_ENCODERS: dict[type, Any] = {
    Array: lambda value: _part(value.values.tolist()),
    Date: lambda value: {"type": "Date", "value": _whole(float(value.ms))},
    DateRange: _encode_range,
    ErrorMargin: _encode_margin,
    Geometry: encode_geometry,
    Feature: encode_feature,
    Collection: _described,
    Filter: lambda value: {"type": "Filter", **_part(dict(value.description))},
    Join: lambda _: {"type": "Join"},
    Function: _refuse_function,
}


def _whole(value: float) -> float:
    """Whole numbers lose their fraction: the fixtures of aazuspan/eerepr hold `[1, 0, 0, 0, 1, 0]` as a transform.

    Beyond 2**53 not every whole number has a floating-point one of its own, and the exponent stays.
    """
    return int(value) if value.is_integer() and abs(value) < 2.0**53 else value
