"""Geometries taken together: how two relate, their unions and differences, hulls and simpler outlines.

Where both are straight in the same coordinates the plane of these is exact; otherwise edges are great-circle arcs, on
a plane where arcs are straight (`sphere.Plane`).
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from ee_emulator.geometry import geodesy, sphere
from ee_emulator.values import ErrorMargin, Geometry

_RELATIONS: Mapping[str, Callable[[BaseGeometry, BaseGeometry], bool]] = {
    "intersects": lambda a, b: bool(a.intersects(b)),
    "disjoint": lambda a, b: not a.intersects(b),
    "contains": lambda a, b: bool(a.covers(b)),
    "containedIn": lambda a, b: bool(b.covers(a)),
}
_UNBOUNDED = {"intersects": True, "disjoint": False}


def _common_plane(left: Geometry, right: Geometry) -> bool:
    """Whether both have straight edges in the same coordinates."""
    return left.crs == right.crs and not left.geodesic and not right.geodesic


def relate(name: str, left: Geometry, right: Geometry, margin: ErrorMargin | None = None) -> bool:
    """Whether two geometries relate as `intersects`, `disjoint`, `contains` or `containedIn` says.

    Shapes contain their outlines; an empty geometry is contained in nothing and meets nothing.
    """
    if left.unbounded or right.unbounded:
        return _UNBOUNDED.get(name, left.unbounded if name == "contains" else right.unbounded)
    if left.shape.is_empty or right.shape.is_empty:
        return name == "disjoint"
    if _common_plane(left, right):
        return _RELATIONS[name](left.shape, right.shape)
    return _RELATIONS[name](*_flat(left, right, margin))


def _flat(left: Geometry, right: Geometry, margin: ErrorMargin | None) -> tuple[BaseGeometry, BaseGeometry]:
    """Both on one plane: that about the more detailed one, which is remembered, where it holds the other one too."""
    detailed = shapely.count_coordinates(left.shape) >= shapely.count_coordinates(right.shape)
    anchor, other = (left, right) if detailed else (right, left)
    plane, flat_anchor = _anchored(anchor, geodesy.metres_of(margin, geodesy.PRECISE))
    shape = geodesy.arcs(other, margin)
    if not plane.holds(sphere.vectors(shapely.get_coordinates(shape))):
        plane = sphere.plane_of([geodesy.arcs(anchor, margin), shape])
        flat_anchor = plane.flat(geodesy.arcs(anchor, margin))
    flat_other = plane.flat(shape)
    return (flat_anchor, flat_other) if anchor is left else (flat_other, flat_anchor)


@lru_cache(maxsize=64)
def _anchored(geometry: Geometry, metres: float) -> tuple[sphere.Plane, BaseGeometry]:
    """The plane about a geometry and the geometry on it, prepared to be compared with many."""
    shape = geodesy.arcs(geometry, ErrorMargin(metres))
    plane = sphere.plane_of([shape])
    flat = plane.flat(shape)
    shapely.prepare(flat)
    return plane, flat


_COMBINATIONS: Mapping[str, Callable[[BaseGeometry, BaseGeometry], BaseGeometry]] = {
    "intersection": lambda a, b: a.intersection(b),
    "union": lambda a, b: a.union(b),
    "difference": lambda a, b: a.difference(b),
    "symmetricDifference": lambda a, b: a.symmetric_difference(b),
}


def combine(name: str, left: Geometry, right: Geometry, margin: ErrorMargin | None = None) -> Geometry:
    """The result of `intersection`, `union`, `difference` or `symmetricDifference`."""
    if left.unbounded or right.unbounded:
        return _combine_unbounded(name, left, right)
    if _common_plane(left, right):
        return Geometry(_combined(name, left.shape, right.shape), left.crs, geodesic=False)
    a, b = geodesy.arcs(left, margin), geodesy.arcs(right, margin)
    if a.is_empty and b.is_empty:
        return Geometry(shapely.GeometryCollection())
    plane = sphere.plane_of([a, b])
    return Geometry(plane.back(_combined(name, plane.flat(a), plane.flat(b)), [a, b]))


def _combine_unbounded(name: str, left: Geometry, right: Geometry) -> Geometry:
    """With a geometry that covers everything."""
    nothing = Geometry(shapely.GeometryCollection())
    both = left.unbounded and right.unbounded
    if name == "intersection":
        return right if left.unbounded else left
    if name == "union":
        return left if left.unbounded else right
    if both or (name == "difference" and right.unbounded):
        return nothing
    inside = right if left.unbounded else left
    world = Geometry(shapely.box(-180, -90, 180, 90), geodesic=False)
    return combine("difference", world, inside)


def _combined(name: str, a: BaseGeometry, b: BaseGeometry) -> BaseGeometry:
    """Planar; of two areas nothing thinner than an area remains, as with S2."""
    if "GeometryCollection" in (a.geom_type, b.geom_type):
        a, b = _mixed(name, a, b)
        found = shapely.union_all([a, b])
    else:
        found = _COMBINATIONS[name](a, b)
    if a.geom_type.endswith("Polygon") and b.geom_type.endswith("Polygon"):
        found = shapely.union_all([part for part in sphere.parts(found) if part.geom_type == "Polygon"])
    return shapely.GeometryCollection() if found.is_empty else oriented(found)


def _mixed(name: str, a: BaseGeometry, b: BaseGeometry) -> tuple[BaseGeometry, BaseGeometry]:
    """Two shapes whose union is the result for collections of points, lines and areas."""
    left, right = sphere.parts(a), sphere.parts(b)
    nothing = shapely.GeometryCollection()
    if name == "union":
        return shapely.union_all(left), shapely.union_all(right)
    if name == "intersection":
        return shapely.union_all([x.intersection(y) for x in left for y in right]), nothing
    without = _without(left, right)
    return without, nothing if name == "difference" else _without(right, left)


def _without(left: list[BaseGeometry], right: list[BaseGeometry]) -> BaseGeometry:
    for cut in right:
        left = [part.difference(cut) for part in left]
    return shapely.union_all(left)


def oriented(shape: BaseGeometry) -> BaseGeometry:
    """The shape with outlines counter-clockwise and holes clockwise."""
    if isinstance(shape, shapely.Polygon):
        return shapely.geometry.polygon.orient(shape)
    if isinstance(shape, shapely.MultiPolygon | shapely.GeometryCollection):
        kind: Callable[[Any], BaseGeometry] = type(shape)
        return kind([oriented(part) for part in shape.geoms])
    return shape


def reshaped(
    geometry: Geometry, change: Callable[[BaseGeometry], BaseGeometry], margin: ErrorMargin | None = None
) -> Geometry:
    """The geometry after a change of its shape on a plane where its edges are straight."""
    if geometry.crs == geodesy.GEOGRAPHIC and not geometry.geodesic:
        return geometry.with_shape(oriented(change(geometry.shape)))
    shape = geodesy.arcs(geometry, margin)
    plane = sphere.plane_of([shape])
    return Geometry(plane.back(oriented(change(plane.flat(shape))), [shape]))
