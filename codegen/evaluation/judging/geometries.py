"""Whether two geometries are the same set of points, but for noise."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely
import shapely.geometry
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from codegen.evaluation.judging.values import shortened

TOLERANCE = 1e-8
"""Degrees, some 1 mm; in the units of its own where a geometry has another reference system."""
WGS84 = "EPSG:4326"


def geometry_difference(expected: Any, got: Any) -> str | None:
    """The difference of two geometries in GeoJSON as Earth Engine writes it.

    Order and direction of rings, the vertex at which they begin, vertices on straight edges and the grouping of parts
    make none, nor does what is thinner than the tolerance. A feature without geometry has an empty one.

    Returns:
        A sentence; None where they are the same.
    """
    try:
        wanted, came = shape_of(expected), shape_of(got)
    except ValueError as error:
        return f"Expected a geometry, got {shortened(got)} ({error})."
    if wanted.is_empty or came.is_empty:
        return None if wanted.is_empty and came.is_empty else f"Expected {_said(wanted)}, got {_said(came)}."
    if _system(expected) != _system(got):
        return f"Expected coordinates of {_system(expected)}, got {_system(got)}."
    if not _same_points(wanted, came):
        return f"Expected {_said(wanted)}, got {_said(came)}: they are not the same points."
    if max(shapely.get_dimensions(wanted), shapely.get_dimensions(came)) > 0 and _geodesic(expected) != _geodesic(got):
        kinds = {True: "geodesic", False: "planar"}
        return f"Expected {kinds[_geodesic(expected)]} edges, got {kinds[_geodesic(got)]} ones."
    return None


def shape_of(geometry: Any) -> BaseGeometry:
    """The shape of a GeoJSON geometry; rings that cross themselves are taken by the even-odd rule.

    Raises:
        ValueError: It is none.
    """
    if geometry is None:
        return shapely.Point()
    try:
        with np.errstate(invalid="ignore"):  # a warning of NumPy's, where a coordinate is no number
            shape = shapely.geometry.shape(geometry)
        if not np.isfinite(shapely.get_coordinates(shape)).all():
            raise ValueError("a coordinate is not finite")
        return shape if shape.is_valid else _made_valid(shape)
    except (ShapelyError, LookupError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise ValueError(str(error) or type(error).__name__) from None


def _made_valid(shape: BaseGeometry) -> BaseGeometry:
    try:
        return shapely.make_valid(shape)
    except ShapelyError:  # an outer ring without area about inner ones that have some: left as it is
        return shape


def is_empty(geometry: Any) -> bool:
    """Whether a GeoJSON geometry has no points; what is no geometry is not empty."""
    try:
        return bool(shape_of(geometry).is_empty)
    except ValueError:
        return False


def _same_points(one: BaseGeometry, other: BaseGeometry) -> bool:
    try:
        if one.equals_exact(other) or one.equals(other):
            return True
        return all(_near(a, b) for a, b in zip(_by_dimension(one), _by_dimension(other), strict=True))
    except ShapelyError:  # coordinates beyond what can be overlaid: vertex by vertex
        return bool(one.normalize().equals_exact(other.normalize(), TOLERANCE))


def _by_dimension(shape: BaseGeometry) -> tuple[BaseGeometry, BaseGeometry, BaseGeometry]:
    """Points, lines and areas of a shape; those on or in others of more dimensions go with them."""
    parts = shapely.get_parts(shapely.unary_union(_flat(shape)))
    dimensions = shapely.get_dimensions(parts)
    points, lines, areas = (shapely.unary_union(parts[dimensions == d]) for d in range(3))
    return points, lines, areas


def _flat(shape: BaseGeometry) -> list[BaseGeometry]:
    parts = [shape]
    while any(hasattr(part, "geoms") for part in parts):
        parts = [inner for part in parts for inner in (part.geoms if hasattr(part, "geoms") else [part])]
    return [part for part in parts if not part.is_empty]


def _near(one: BaseGeometry, other: BaseGeometry) -> bool:
    """Whether shapes of one dimension cover each other but for the tolerance."""
    if one.is_empty or other.is_empty:
        return one.is_empty and other.is_empty
    if shapely.get_dimensions(shapely.get_parts(one)[0]) == 2:
        return bool(one.symmetric_difference(other).buffer(-TOLERANCE / 2).is_empty)
    return all(a.difference(b.buffer(TOLERANCE)).is_empty for a, b in ((one, other), (other, one)))


def _geodesic(geometry: Mapping[str, Any]) -> bool:
    """Edges are geodesic unless it is said that they are not."""
    said = geometry.get("geodesic")
    return _system(geometry) == WGS84 if said is None else bool(said)


def _system(geometry: Mapping[str, Any]) -> str:
    crs = geometry.get("crs")
    properties = crs.get("properties") if isinstance(crs, Mapping) else None
    return str(properties.get("name", WGS84)) if isinstance(properties, Mapping) else str(crs or WGS84)


def _said(shape: BaseGeometry) -> str:
    if shape.is_empty:
        return "an empty geometry"
    bounds = ", ".join(f"{value:.6g}" for value in shape.bounds)
    sizes = ("", f" of length {_short(shape.length)}", f" of area {_short(shape.area)}")
    return f"a {shape.geom_type}{sizes[int(shapely.get_dimensions(shape))]} within [{bounds}]"


def _short(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else str(value)
