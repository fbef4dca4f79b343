"""Geometry and its constructors."""

from collections.abc import Callable
from typing import Any

import shapely
import shapely.geometry
from shapely.geometry.base import BaseGeometry

from ee_emulator import geodesy
from ee_emulator.encode import geojson
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.projection import Projection
from ee_emulator.registry import algorithm
from ee_emulator.values import ErrorMargin, Geometry

Margin = ErrorMargin | None
Proj = Projection | None


def _make(kind: str, coordinates: Any, crs: Proj, geodesic: bool | None) -> Geometry:
    try:
        shape = shapely.geometry.shape({"type": kind, "coordinates": coordinates})
    except (TypeError, ValueError, IndexError, shapely.errors.ShapelyError) as error:
        raise EarthEngineError(f"Invalid GeoJSON coordinates for {kind}: {error}.") from None
    code = "EPSG:4326" if crs is None else crs.crs
    return Geometry(shape, code, code == "EPSG:4326" if geodesic is None else geodesic)


def _points(coordinates: list[Any]) -> list[Any]:
    """Flat lists [x, y, x, y] and points, as lists of positions."""
    if coordinates and all(isinstance(c, int | float) for c in coordinates):
        return [list(pair) for pair in zip(coordinates[::2], coordinates[1::2], strict=True)]
    return [
        list(shapely.get_coordinates(geodesy.in_degrees(c))[0]) if isinstance(c, Geometry) else c for c in coordinates
    ]


def _rings(coordinates: list[Any]) -> list[Any]:
    """One ring or several, each closed."""
    if not coordinates:
        return []
    first = coordinates[0]
    single = isinstance(first, int | float | Geometry) or (first and isinstance(first[0], int | float))
    rings = [coordinates] if single else coordinates
    closed = []
    for ring in rings:
        points = _points(ring)
        closed.append(points if points[0] == points[-1] else [*points, points[0]])
    return closed


@algorithm("GeometryConstructors.Point")
def point(coordinates: list[float], crs: Proj) -> Geometry:
    """A point from [x, y]."""
    if len(coordinates) != 2:
        raise EarthEngineError(f"A point needs two coordinates, got {len(coordinates)}.")
    return _make("Point", coordinates, crs, None)


@algorithm("GeometryConstructors.MultiPoint")
def multi_point(coordinates: list[Any], crs: Proj) -> Geometry:
    """Several points."""
    return _make("MultiPoint", _points(coordinates), crs, None)


@algorithm("GeometryConstructors.LineString")
def line_string(coordinates: list[Any], crs: Proj, geodesic: bool | None, max_error: Margin) -> Geometry:
    """A line through points."""
    return _make("LineString", _points(coordinates), crs, geodesic)


@algorithm("GeometryConstructors.LinearRing")
def linear_ring(coordinates: list[Any], crs: Proj, geodesic: bool | None, max_error: Margin) -> Geometry:
    """A closed line."""
    made = _make("LineString", _rings(coordinates)[0], crs, geodesic)
    return made.with_shape(shapely.LinearRing(made.shape.coords))


@algorithm("GeometryConstructors.MultiLineString")
def multi_line_string(coordinates: list[Any], crs: Proj, geodesic: bool | None, max_error: Margin) -> Geometry:
    """Several lines."""
    single = coordinates and isinstance(coordinates[0], int | float)
    lines = [coordinates] if single else coordinates
    return _make("MultiLineString", [_points(line) for line in lines], crs, geodesic)


@algorithm("GeometryConstructors.Polygon")
def polygon(coordinates: list[Any], crs: Proj, geodesic: bool | None, max_error: Margin, even_odd: bool) -> Geometry:
    """An area within rings; which are holes follows from how often a point is enclosed."""
    rings = _rings(coordinates)
    made = _make("Polygon", rings[:1] if rings else [], crs, geodesic)
    shape = made.shape if made.shape.is_valid else shapely.make_valid(made.shape)
    for ring in rings[1:]:
        shape = shape.symmetric_difference(shapely.make_valid(shapely.Polygon(ring)))
    if not rings[1:] and made.shape.is_valid:
        shape = shapely.geometry.polygon.orient(shapely.Polygon(rings[0] if rings else None))
    return made.with_shape(shape)


@algorithm("GeometryConstructors.MultiPolygon")
def multi_polygon(
    coordinates: list[Any], crs: Proj, geodesic: bool | None, max_error: Margin, even_odd: bool
) -> Geometry:
    """Several areas."""
    parts = [polygon(part, crs, geodesic, max_error, even_odd).shape for part in coordinates]
    code = "EPSG:4326" if crs is None else crs.crs
    united = shapely.union_all(parts)
    shape = shapely.MultiPolygon([united]) if isinstance(united, shapely.Polygon) else united
    return Geometry(shape, code, code == "EPSG:4326" if geodesic is None else geodesic)


@algorithm("GeometryConstructors.Rectangle")
def rectangle(coordinates: list[Any], crs: Proj, geodesic: bool | None, even_odd: bool) -> Geometry:
    """Between two corners, [west, south, east, north]."""
    corners = _points(coordinates)
    flat = [c for corner in corners for c in corner]
    if any(c in ("-Infinity", "Infinity") or c in (float("inf"), float("-inf")) for c in flat):
        return Geometry(shapely.box(-180, -90, 180, 90), unbounded=True)
    xs, ys = [c[0] for c in corners], [c[1] for c in corners]
    west, east, south, north = min(xs), max(xs), min(ys), max(ys)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return _make("Polygon", [ring], crs, geodesic)


@algorithm("GeometryConstructors.BBox")
def bbox(west: float, south: float, east: float, north: float) -> Geometry:
    """A box along meridians and parallels."""
    if north < south:
        raise EarthEngineError(f"BBox: north ({north}) must not lie below south ({south}).")
    box = shapely.box(max(west, -180.0), max(south, -90.0), min(east, 180.0), min(north, 90.0), ccw=True)
    return Geometry(shapely.geometry.polygon.orient(box), geodesic=False)


@algorithm("GeometryConstructors.MultiGeometry")
def multi_geometry(geometries: list[Geometry], crs: Proj, geodesic: bool | None, max_error: Margin) -> Geometry:
    """Several geometries of any sort."""
    return Geometry(shapely.GeometryCollection([geodesy.in_degrees(g) for g in geometries]))


# Measures --------------------------------------------------------------------------------------------------------


def _planar(geometry: Geometry, proj: Proj) -> BaseGeometry | None:
    """The shape in a projection given, where measures are planar; None for the globe."""
    if proj is None:
        return None
    return geodesy.reproject(geodesy.in_degrees(geometry), "EPSG:4326", proj.crs)


@algorithm("Geometry.area")
def area(geometry: Geometry, max_error: Margin, proj: Proj) -> float:
    """Square metres, or squared units of the projection."""
    planar = _planar(geometry, proj)
    return geodesy.area(geometry) if planar is None else float(planar.area)


@algorithm("Geometry.length")
def length(geometry: Geometry, max_error: Margin, proj: Proj) -> float:
    """Metres of lines, or units of the projection."""
    planar = _planar(geometry, proj)
    if planar is not None:
        return float(planar.length) if planar.geom_type.endswith(("LineString", "LinearRing")) else 0.0
    return geodesy.length(geometry)


@algorithm("Geometry.perimeter")
def perimeter(geometry: Geometry, max_error: Margin, proj: Proj) -> float:
    """Metres of outlines, or units of the projection."""
    planar = _planar(geometry, proj)
    if planar is not None:
        return float(planar.length) if planar.geom_type.endswith("Polygon") else 0.0
    return geodesy.perimeter(geometry)


@algorithm("Geometry.distance")
def distance(left: Geometry, right: Geometry, max_error: Margin, proj: Proj, spherical: bool) -> float:
    """Least distance in metres, or units of the projection."""
    a, b = _planar(left, proj), _planar(right, proj)
    if a is None or b is None:
        return geodesy.distance(left, right)
    return float(a.distance(b))


# Relations -------------------------------------------------------------------------------------------------------

_RELATIONS: dict[str, Callable[[BaseGeometry, BaseGeometry], bool]] = {
    "intersects": lambda a, b: bool(a.intersects(b)),
    "disjoint": lambda a, b: bool(a.disjoint(b)),
    "contains": lambda a, b: bool(a.covers(b)),
    "containedIn": lambda a, b: bool(b.covers(a)),
}
_COMBINATIONS: dict[str, Callable[[BaseGeometry, BaseGeometry], BaseGeometry]] = {
    "intersection": lambda a, b: a.intersection(b),
    "union": lambda a, b: a.union(b),
    "difference": lambda a, b: a.difference(b),
    "symmetricDifference": lambda a, b: a.symmetric_difference(b),
}


def relate(name: str, left: Geometry, right: Geometry) -> bool:
    """Whether two geometries relate as `intersects`, `disjoint`, `contains` or `containedIn` says."""
    if left.unbounded or right.unbounded:
        return {"intersects": True, "disjoint": False}.get(
            name, left.unbounded if name == "contains" else right.unbounded
        )
    return _RELATIONS[name](geodesy.in_degrees(left), geodesy.in_degrees(right))


def combine(name: str, left: Geometry, right: Geometry) -> Geometry:
    """The result of a set operation on two geometries."""
    return Geometry(_COMBINATIONS[name](geodesy.in_degrees(left), geodesy.in_degrees(right)))


def _register_relations() -> None:
    for name in _RELATIONS:

        def relation(left: Geometry, right: Geometry, max_error: Margin, proj: Proj, name: str = name) -> bool:
            return relate(name, left, right)

        algorithm(f"Geometry.{name}")(_relation(relation))
    for name in _COMBINATIONS:

        def combination(left: Geometry, right: Geometry, max_error: Margin, proj: Proj, name: str = name) -> Geometry:
            return combine(name, left, right)

        algorithm(f"Geometry.{name}")(_relation(combination))


def _relation(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda left, right, max_error, proj: function(left, right, max_error, proj)


_register_relations()


@algorithm("Geometry.withinDistance")
def within_distance(left: Geometry, right: Geometry, distance: float, max_error: Margin, proj: Proj) -> bool:
    """Whether the geometries come as near as that."""
    a, b = _planar(left, proj), _planar(right, proj)
    apart = geodesy.distance(left, right) if a is None or b is None else float(a.distance(b))
    return apart <= distance


# Constructions ---------------------------------------------------------------------------------------------------


@algorithm("Geometry.buffer")
def buffer(geometry: Geometry, distance: float, max_error: Margin, proj: Proj) -> Geometry:
    """Grown by metres, or by units of the projection."""
    planar = _planar(geometry, proj)
    if planar is not None and proj is not None:
        return Geometry(planar.buffer(distance), proj.crs, geodesic=False)
    return geodesy.buffer(geometry, distance)


@algorithm("Geometry.bounds")
def bounds(geometry: Geometry, max_error: Margin, proj: Proj) -> Geometry:
    """The box about the geometry, in degrees or in the projection."""
    if geometry.unbounded:
        return geometry
    planar = _planar(geometry, proj)
    if planar is not None and proj is not None and proj.crs != "EPSG:4326":
        return Geometry(_box(planar), proj.crs, geodesic=False)
    return Geometry(_box(geodesy.in_degrees(geometry)), geodesic=False)


def _box(shape: BaseGeometry) -> BaseGeometry:
    if shape.is_empty:
        return shapely.Polygon()
    west, south, east, north = shape.bounds
    return shapely.Polygon([(west, south), (east, south), (east, north), (west, north)])


@algorithm("Geometry.centroid")
def centroid(geometry: Geometry, max_error: Margin, proj: Proj) -> Geometry:
    """The centre of mass."""
    planar = _planar(geometry, proj)
    if planar is not None and proj is not None:
        return Geometry(planar.centroid, proj.crs)
    return Geometry(geodesy.centroid(geometry))


@algorithm("Geometry.convexHull")
def convex_hull(geometry: Geometry, max_error: Margin, proj: Proj) -> Geometry:
    """The smallest convex shape about the geometry."""
    return Geometry(geodesy.in_degrees(geometry).convex_hull)


@algorithm("Geometry.dissolve")
def dissolve(geometry: Geometry, max_error: Margin, proj: Proj) -> Geometry:
    """The parts united."""
    return Geometry(shapely.union_all(geodesy.in_degrees(geometry)))


@algorithm("Geometry.simplify")
def simplify(geometry: Geometry, max_error: ErrorMargin, proj: Proj) -> Geometry:
    """With fewer vertices, within a margin of metres."""
    degrees = (max_error.value or 0.0) / 111_195.0
    return Geometry(geodesy.in_degrees(geometry).simplify(degrees))


@algorithm("Geometry.transform")
def transform(geometry: Geometry, proj: Projection, max_error: Margin, geodesic: bool | None) -> Geometry:
    """The geometry in another projection."""
    shape = geodesy.reproject(geodesy.in_degrees(geometry), "EPSG:4326", proj.crs)
    return Geometry(shape, proj.crs, proj.crs == "EPSG:4326" if geodesic is None else geodesic)


# Parts -----------------------------------------------------------------------------------------------------------


@algorithm("Geometry.coordinates")
def coordinates(geometry: Geometry) -> list[Any]:
    """GeoJSON coordinates."""
    found: list[Any] = geojson(geometry.shape).get("coordinates", [])
    return found


@algorithm("Geometry.geodesic", "Geometry.edgesAreGeodesics")
def geodesic(geometry: Geometry) -> bool:
    """Whether edges are great-circle arcs."""
    return geometry.geodesic


@algorithm("Geometry.geometries")
def geometries(geometry: Geometry) -> list[Geometry]:
    """The parts of a multi-part geometry; the geometry itself where it has one part."""
    parts = getattr(geometry.shape, "geoms", None)
    return [geometry.with_shape(part) for part in parts] if parts is not None else [geometry]


@algorithm("Geometry.isUnbounded")
def is_unbounded(geometry: Geometry) -> bool:
    """Whether it covers everything."""
    return geometry.unbounded


@algorithm("Geometry.projection")
def projection(geometry: Geometry) -> Projection:
    """The projection of the coordinates."""
    return Projection(geometry.crs)


@algorithm("Geometry.type")
def type_(geometry: Geometry) -> str:
    """GeoJSON type."""
    return str(geometry.shape.geom_type)
