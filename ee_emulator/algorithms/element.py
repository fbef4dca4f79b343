"""Element and Feature: their properties and geometries; functions of any value."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from ee_emulator.algorithms.geometry import measures as geometry_measures
from ee_emulator.errors import EarthEngineError
from ee_emulator.geometry import geodesy, sphere
from ee_emulator.raster.describe import describe_bands, footprint
from ee_emulator.raster.projection import Projection
from ee_emulator.raster.values import Image
from ee_emulator.registry import Context, algorithm, coerce
from ee_emulator.selectors import matching
from ee_emulator.values import Collection, Date, ErrorMargin, Feature, Geometry, type_name

Margin = ErrorMargin | None
Proj = Projection | None
MOST_METRES = 2e7
"""A margin of half the Earth's outline is none: Earth Engine prints 1e7 m as such and 1e8 m as infinite."""


def geometry_of(value: Any, context: Context | None = None) -> Geometry | None:
    """The geometry of a feature, the footprint of an image, the union over a collection; None where there is none."""
    if isinstance(value, Geometry):
        return value
    if isinstance(value, Feature):
        return value.geometry
    if isinstance(value, Image):
        return UNBOUNDED if value.footprint is None else outlined(value.footprint)
    if isinstance(value, Collection):
        found = [g for g in (geometry_of(element, context) for element in value.elements()) if g is not None]
        if any(g.unbounded for g in found):
            return UNBOUNDED
        return collected(found)
    return None


@lru_cache(maxsize=256)
def outlined(footprint: BaseGeometry) -> Geometry:
    """A footprint as geometry, one and the same for images that share it: what is worked out of it is remembered."""
    return Geometry(footprint, geodesic=False)


def collected(geometries: list[Geometry]) -> Geometry:
    """The geometries as one, not united: a multi-part one where all are of a kind, a collection otherwise."""
    if len(geometries) == 1:
        return geometries[0]
    crs = {g.crs for g in geometries}
    straight = len(crs) == 1 and not any(g.geodesic for g in geometries)
    shapes = [part for g in geometries for part in sphere.parts(g.shape if straight else geodesy.arcs(g))]
    kinds = {_KINDS[type(shape)] for shape in shapes}
    made = kinds.pop()(shapes) if len(kinds) == 1 else shapely.GeometryCollection(shapes)
    return Geometry(made, crs.pop(), geodesic=False) if straight else Geometry(made)


_KINDS: Mapping[type[BaseGeometry], Callable[[list[Any]], BaseGeometry]] = {
    shapely.Point: shapely.MultiPoint,
    shapely.LineString: shapely.MultiLineString,
    shapely.LinearRing: shapely.MultiLineString,
    shapely.Polygon: shapely.MultiPolygon,
}


UNBOUNDED = Geometry(shapely.box(-180, -90, 180, 90), unbounded=True)


def property_of(element: Any, name: str) -> Any:
    """A property, `system:index`, `.geo` or `system:footprint`; None where it is missing."""
    if name == "system:index":
        found = getattr(element, "id", None) if isinstance(element, Feature) else None
        return element.properties.get(name) if found is None else found
    if name in element.properties:
        return element.properties[name]
    if isinstance(element, Image) and name in _OF_IMAGES:
        return _OF_IMAGES[name](element)
    if name in (".all", ".geo", "system:footprint", "geometry"):
        return geometry_of(element)
    if name in ("system:id", "system:version") and isinstance(element, Image | Collection):
        return getattr(element, name.removeprefix("system:"), None)  # of a stored image; Xee asks for it
    return None


_OF_IMAGES: Mapping[str, Callable[[Image], Any]] = {
    "system:bands": describe_bands,
    "system:band_names": lambda image: image.names,
    "system:footprint": footprint,
}


def with_properties(element: Any, properties: Mapping[str, Any]) -> Any:
    """The element with other properties, `system:index` among them."""
    if isinstance(element, Feature):
        kept = dict(properties)
        index = kept.pop("system:index", element.id)
        shape = (
            kept.pop("geometry", element.geometry) if isinstance(kept.get("geometry"), Geometry) else element.geometry
        )
        return Feature(shape, kept, index)
    if isinstance(element, Image):
        outline = properties.get("system:footprint")
        if not isinstance(outline, Geometry):
            return element.with_properties(properties)
        kept = {name: value for name, value in properties.items() if name != "system:footprint"}
        return replace(element.with_properties(kept), footprint=_outlined_by(outline))
    if isinstance(element, Collection):
        return element.derive(element.elements, properties)
    raise EarthEngineError(f"A {type_name(element)} has no properties.")


def _outlined_by(outline: Geometry) -> BaseGeometry | None:
    """A footprint from a property: a ring means what it surrounds."""
    if outline.unbounded:
        return None
    shape = geodesy.in_degrees(outline)
    return shapely.Polygon(shape) if isinstance(shape, shapely.LinearRing) else shape


def all_properties(element: Any) -> dict[str, Any]:
    """Properties with `system:index` where the element has one."""
    properties = dict(element.properties)
    if isinstance(element, Feature) and element.id is not None:
        properties.setdefault("system:index", element.id)
    return properties


@algorithm("Feature")
def feature(geometry: Geometry | None, metadata: dict[str, Any], geometry_key: str | None) -> Feature:
    """A feature of a geometry and properties."""
    properties = dict(metadata)
    index = properties.pop("system:index", None)
    return Feature(geometry, properties, index)


@algorithm("Feature.id")
def id_(element: Any) -> str | None:
    """`system:index`, or the asset id of a stored image."""
    found: str | None = getattr(element, "id", None) or property_of(element, "system:index")
    return found


@algorithm("Element.propertyNames")
def property_names(element: Any) -> list[str]:
    """Names of the properties."""
    names = set(all_properties(element)) | {"system:index"}
    if isinstance(element, Image):
        names |= {"system:bands", "system:band_names"}
    stored = ("system:id", "system:version", "system:footprint")
    if isinstance(element, Image | Collection):
        names |= {name for name in stored if getattr(element, name.removeprefix("system:"), None) is not None}
    return sorted(names)


@algorithm("Element.get")
def get(object: Any, property: str) -> Any:
    """The value of a property; null where it is missing."""
    return property_of(object, property)


def _typed(kind: str) -> Callable[..., Any]:
    def typed(object: Any, property: str, *, context: Context) -> Any:
        value = property_of(object, property)
        return None if value is None else coerce(value, kind, context)

    return typed


for _name, _kind in {"getNumber": "Number", "getString": "String"}.items():
    algorithm(f"Element.{_name}")(_typed(_kind))


@algorithm("Element.set")
def set_(object: Any, key: str, value: Any) -> Any:
    """With one property set; null removes it."""
    properties = {**all_properties(object), key: value}
    if value is None:
        del properties[key]
    return with_properties(object, properties)


@algorithm("Element.setMulti")
def set_multi(object: Any, properties: dict[str, Any]) -> Any:
    """With several properties set; nulls remove theirs."""
    merged = {**all_properties(object), **properties}
    return with_properties(object, {key: value for key, value in merged.items() if value is not None})


@algorithm("Element.toDictionary")
def to_dictionary(element: Any, properties: list[str] | None) -> dict[str, Any]:
    """The properties as a dictionary; all that are no system properties by default."""
    if properties is None:
        return {key: value for key, value in element.properties.items() if not key.startswith("system:")}
    found = {name: property_of(element, name) for name in properties}
    return {name: value for name, value in found.items() if value is not None}


@algorithm("Element.copyProperties")
def copy_properties(destination: Any, source: Any, properties: list[str] | None, exclude: list[str] | None) -> Any:
    """The destination with properties of the source: all but `system:` ones, or those named."""
    if destination is None or source is None:
        return destination
    names = property_names(source)
    if properties is not None:
        chosen: Sequence[str] = matching(properties, names, True, "Property")
    else:
        chosen = [name for name in names if not name.startswith("system:")]
    skipped = set(matching(exclude or [], names, True, "Property"))
    copied = {name: property_of(source, name) for name in chosen if name not in skipped}
    return with_properties(destination, all_properties(destination) | copied)


@algorithm("Element.replaceProperties")
def replace_properties(destination: Any, source: Any) -> Any:
    """The destination with the properties of the source instead of its own, or with none; it keeps its index."""
    taken = {} if source is None else dict(source.properties)
    taken.pop("system:index", None)
    index = property_of(destination, "system:index")
    return with_properties(destination, taken if index is None else taken | {"system:index": index})


@algorithm("Element.geometry", "Feature.geometry")
def geometry(feature: Any, max_error: Margin, proj: Proj, geodesics: bool | None) -> Geometry | None:
    """The geometry; the footprint of an image."""
    found = geometry_of(feature)
    if found is None or proj is None:
        return found
    return geometry_measures.transform(found, proj, max_error, geodesics)


@algorithm("Feature.setGeometry")
def set_geometry(feature: Any, geometry: Geometry | None) -> Any:
    """With another geometry."""
    if isinstance(feature, Feature):
        return replace(feature, geometry=geometry)
    return replace(feature, footprint=None if geometry is None else geodesy.in_degrees(geometry))


@algorithm("Feature.select")
def select(input: Any, property_selectors: list[str], new_properties: list[str] | None, retain_geometry: bool) -> Any:
    """With only the properties chosen, renamed where new names are given."""
    chosen = matching(property_selectors, sorted(input.properties), True, "Property")
    names = new_properties or chosen
    if len(names) != len(chosen):
        raise EarthEngineError(f"{len(chosen)} properties were chosen and {len(names)} names given.")
    properties = {new: input.properties[old] for old, new in zip(chosen, names, strict=True)}
    selected = with_properties(input, properties)
    return selected if retain_geometry or not isinstance(selected, Feature) else replace(selected, geometry=None)


# Free functions ----------------------------------------------------------------------------------------------------


@algorithm("If", lazy=True)
def if_(condition: Callable[[], Any], true_case: Callable[[], Any], false_case: Callable[[], Any]) -> Any:
    """One of two values; only the chosen one is computed. Zero, NaN, null and what is empty count as false."""
    value = condition()
    is_false = value is None or value in (False, "", [], {}) or value != value  # NaN alone differs from itself
    return false_case() if is_false else true_case()


@algorithm("IsEqual")
def is_equal(left: Any, right: Any) -> bool:
    """Whether two values are the same."""
    from ee_emulator.algorithms.list import equal

    return equal(left, right)


@algorithm("ObjectType")
def object_type(value: Any) -> str:
    """Name of the value's type."""
    if isinstance(value, Date):
        return "Date"
    return type_name(value)


@algorithm("ErrorMargin")
def error_margin(value: float | None, unit: str) -> ErrorMargin:
    """A margin in metres or in the projection's units, or `infinite`; of a negative one the size.

    Raises:
        EarthEngineError: An unknown unit.
    """
    if unit not in ("meters", "projected", "infinite"):
        raise EarthEngineError(f"Unknown unit '{unit}'; known: meters, projected, infinite.")
    if unit == "infinite" or value is None or abs(value) > MOST_METRES:
        return ErrorMargin(None, "infinite")
    return ErrorMargin(abs(value), unit)
