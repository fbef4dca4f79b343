"""Geometry: measures, relations, and geometries made from others.

Without a projection all is worked out on the globe, in metres; with one in its plane, in its units.
"""

import math
from collections.abc import Callable
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from ee_emulator.errors import EarthEngineError
from ee_emulator.geometry import geodesy, sphere
from ee_emulator.geometry.overlay import combine, oriented, relate, reshaped
from ee_emulator.raster.projection import Projection
from ee_emulator.registry import algorithm
from ee_emulator.values import ErrorMargin, Geometry

Margin = ErrorMargin | None
Proj = Projection | None


def _bounded(geometry: Geometry) -> Geometry:
    if geometry.unbounded:
        raise EarthEngineError("Unable to perform this geometry operation on an unbounded geometry.")
    return geometry


def _in(geometry: Geometry, proj: Projection, margin: Margin) -> BaseGeometry:
    shape = geodesy.projected(_bounded(geometry), proj.crs, margin)
    if not shape.is_empty and not all(map(math.isfinite, shape.bounds)):
        raise EarthEngineError(f"Unable to transform the geometry to {proj.crs}.")
    return shape


def _sum(shape: BaseGeometry, kind: type[BaseGeometry], measure: Callable[[Any], float]) -> float:
    return float(sum(measure(part) for part in sphere.parts(shape) if isinstance(part, kind)))


@algorithm("Geometry.area")
def area(geometry: Geometry, max_error: Margin, proj: Proj) -> float:
    """Square metres, or squared units of the projection; parts that overlap count each time."""
    if proj is None:
        return geodesy.area(_bounded(geometry), max_error)
    return _sum(_in(geometry, proj, max_error), shapely.Polygon, lambda polygon: polygon.area)


@algorithm("Geometry.length")
def length(geometry: Geometry, max_error: Margin, proj: Proj) -> float:
    """Metres of lines, or units of the projection."""
    if proj is None:
        return geodesy.length(_bounded(geometry), max_error)
    return _sum(_in(geometry, proj, max_error), shapely.LineString, lambda line: line.length)


@algorithm("Geometry.perimeter")
def perimeter(geometry: Geometry, max_error: Margin, proj: Proj) -> float:
    """Metres of outlines, those of holes too, or units of the projection."""
    if proj is None:
        return geodesy.perimeter(_bounded(geometry), max_error)
    return _sum(_in(geometry, proj, max_error), shapely.Polygon, lambda polygon: polygon.length)


@algorithm("Geometry.distance")
def distance(left: Geometry, right: Geometry, max_error: Margin, proj: Proj, spherical: bool) -> float:
    """Least distance in metres, or units of the projection; infinite where one is empty."""
    if left.unbounded or right.unbounded:
        return 0.0
    if proj is None:
        return geodesy.distance(left, right, max_error, spherical)
    a, b = _in(left, proj, max_error), _in(right, proj, max_error)
    return float("inf") if a.is_empty or b.is_empty else float(a.distance(b))


@algorithm("Geometry.withinDistance")
def within_distance(left: Geometry, right: Geometry, distance: float, max_error: Margin, proj: Proj) -> bool:
    """Whether the geometries come as near as that."""
    return _distance(left, right, max_error, proj) <= distance


def _distance(left: Geometry, right: Geometry, max_error: Margin, proj: Proj) -> float:
    return distance(left, right, max_error, proj, spherical=False)


@algorithm("Geometry.closestPoint")
def closest_point(left: Geometry, right: Geometry, max_error: Margin, proj: Proj) -> Geometry | None:
    """The point of the right geometry that is nearest to the left one; null where one is empty."""
    return closest_points(left, right, max_error, proj).get("right")


@algorithm("Geometry.closestPoints")
def closest_points(left: Geometry, right: Geometry, max_error: Margin, proj: Proj) -> dict[str, Geometry]:
    """The nearest points as `left` and `right`; none where one is empty, any point where one is unbounded."""
    if left.unbounded or right.unbounded:
        inside = next((g for g in (left, right) if not g.unbounded), None)
        point = Geometry(shapely.Point(0, 0) if inside is None else geodesy.arcs(inside).representative_point())
        return {} if point.shape.is_empty else {"left": point, "right": point}
    if proj is None:
        found = geodesy.closest(left, right, max_error)
        return {} if found is None else {"left": _point(found[0]), "right": _point(found[1])}
    a, b = _in(left, proj, max_error), _in(right, proj, max_error)
    if a.is_empty or b.is_empty:
        return {}
    line = shapely.shortest_line(a, b)
    start, end = (Geometry(shapely.Point(place), proj.crs, geodesic=False) for place in line.coords)
    return {"left": start, "right": end}


def _point(places: sphere.Points) -> Geometry:
    return Geometry(shapely.Point(places[0]))


# Relations and combinations --------------------------------------------------------------------------------------


def _moved(geometry: Geometry, proj: Proj, margin: Margin) -> Geometry:
    """The geometry in the plane of a projection where one is given."""
    if proj is None or geometry.unbounded:
        return geometry
    return Geometry(_in(geometry, proj, margin), proj.crs, geodesic=False)


def _relation(name: str) -> Callable[..., bool]:
    return lambda left, right, max_error, proj: relate(
        name, _moved(left, proj, max_error), _moved(right, proj, max_error), max_error
    )


def _combination(name: str) -> Callable[..., Geometry]:
    return lambda left, right, max_error, proj: combine(
        name, _moved(left, proj, max_error), _moved(right, proj, max_error), max_error
    )


for _name in ("intersects", "disjoint", "contains", "containedIn"):
    algorithm(f"Geometry.{_name}")(_relation(_name))
for _name in ("intersection", "union", "difference", "symmetricDifference"):
    algorithm(f"Geometry.{_name}")(_combination(_name))


# Constructions ---------------------------------------------------------------------------------------------------


@algorithm("Geometry.buffer")
def buffer(geometry: Geometry, distance: float, max_error: Margin, proj: Proj) -> Geometry:
    """Grown by metres, or by units of the projection; shrunk where the distance is negative."""
    if geometry.unbounded:
        return geometry
    if not math.isfinite(distance):
        raise EarthEngineError(f"A geometry cannot be grown by {distance}.")
    if proj is None:
        return geodesy.buffer(geometry, distance, max_error)
    return Geometry(oriented(_in(geometry, proj, max_error).buffer(distance)), proj.crs, geodesic=False)


@algorithm("Geometry.bounds")
def bounds(geometry: Geometry, max_error: Margin, proj: Proj) -> Geometry:
    """The box about the geometry, in degrees or in the projection."""
    if geometry.unbounded:
        return geometry
    if proj is not None and proj.crs != geodesy.GEOGRAPHIC:
        shape = _in(geometry, proj, max_error)
        return Geometry(_box(None if shape.is_empty else shape.bounds), proj.crs, geodesic=False)
    return Geometry(_box(geodesy.extent(geometry)), geodesic=False)


def _box(extent: tuple[float, float, float, float] | None) -> BaseGeometry:
    if extent is None:
        return shapely.GeometryCollection()
    west, south, east, north = extent
    return shapely.Polygon([(west, south), (east, south), (east, north), (west, north)])


@algorithm("Geometry.centroid")
def centroid(geometry: Geometry, max_error: Margin, proj: Proj) -> Geometry:
    """The centre of mass of the areas, or else of the lines, or else of the points."""
    if proj is not None:
        return Geometry(_in(geometry, proj, max_error).centroid, proj.crs, proj.crs == geodesy.GEOGRAPHIC)
    return Geometry(geodesy.centroid(_bounded(geometry)))


@algorithm("Geometry.convexHull")
def convex_hull(geometry: Geometry, max_error: Margin, proj: Proj) -> Geometry:
    """The smallest convex shape about the geometry; a line or point where it is no wider."""
    if geometry.unbounded or geometry.shape.is_empty:
        return geometry
    return reshaped(_moved(geometry, proj, max_error), lambda shape: shape.convex_hull, max_error)


@algorithm("Geometry.dissolve")
def dissolve(geometry: Geometry, max_error: Margin, proj: Proj) -> Geometry:
    """The parts united; a geometry of one part stays as it is."""
    if geometry.unbounded or not hasattr(geometry.shape, "geoms"):
        return geometry
    return reshaped(_moved(geometry, proj, max_error), lambda shape: shapely.union_all(sphere.parts(shape)), max_error)


@algorithm("Geometry.simplify")
def simplify(geometry: Geometry, max_error: ErrorMargin, proj: Proj) -> Geometry:
    """With fewer vertices, within a margin of metres or of the projection's units.

    Raises:
        EarthEngineError: A margin in projected units without a projection.
    """
    if geometry.unbounded or geometry.shape.is_empty:
        return geometry
    value = max_error.value or 0.0
    if proj is not None:
        units = value if max_error.unit == "projected" else value / _unit(proj)
        return Geometry(_in(geometry, proj, None).simplify(units), proj.crs, geodesic=False)
    if max_error.unit == "projected":
        raise EarthEngineError("An error margin in projected units needs a projection.")
    if geometry.crs != geodesy.GEOGRAPHIC:
        return geometry.with_shape(geometry.shape.simplify(value / _unit(Projection(geometry.crs))))
    if not geometry.geodesic:
        return geometry.with_shape(geometry.shape.simplify(value / _unit(Projection())))
    return reshaped(geometry, lambda shape: shape.simplify(value / sphere.RADIUS))


def _unit(proj: Projection) -> float:
    """Metres of a unit of the CRS."""
    return Projection(proj.crs).nominal_scale


@algorithm("Geometry.transform")
def transform(geometry: Geometry, proj: Projection, max_error: Margin, geodesic: bool | None) -> Geometry:
    """The geometry in another projection; edges that would change their course are divided."""
    if geometry.unbounded:
        return geometry
    arcs = proj.crs == geodesy.GEOGRAPHIC if geodesic is None else geodesic
    if proj.crs == geodesy.GEOGRAPHIC and arcs:
        return Geometry(geodesy.arcs(geometry, max_error))
    return Geometry(geodesy.projected(geometry, proj.crs, max_error), proj.crs, geodesic=False)
