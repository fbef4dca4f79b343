"""Geometry: its constructors and what it says about itself."""

import functools
import math
from dataclasses import replace
from typing import Any

import shapely
import shapely.geometry
from shapely.affinity import affine_transform
from shapely.geometry.base import BaseGeometry

from ee_emulator.encode import geojson
from ee_emulator.errors import EarthEngineError
from ee_emulator.geometry import geodesy, sphere
from ee_emulator.geometry.overlay import oriented
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
    if crs is not None and not crs.transform.is_identity:  # coordinates are columns and rows of its lattice
        t = crs.transform
        shape = affine_transform(shape, [t.a, t.b, t.d, t.e, t.c, t.f])
    return Geometry(shape, code, code == "EPSG:4326" if geodesic is None else geodesic)


def _points(coordinates: list[Any]) -> list[Any]:
    """Flat lists [x, y, x, y] and points, as lists of positions."""
    if coordinates and all(isinstance(c, int | float) for c in coordinates):
        if len(coordinates) % 2:
            raise EarthEngineError(f"Coordinates come in pairs, got {len(coordinates)} numbers.")
        return [list(pair) for pair in zip(coordinates[::2], coordinates[1::2], strict=True)]
    return [_position(c) for c in coordinates]


def _position(given: Any) -> list[float]:
    """A position, or that of a point."""
    if isinstance(given, Geometry) and not given.shape.is_empty:
        return list(shapely.get_coordinates(geodesy.in_degrees(given))[0])
    if not isinstance(given, list) or len(given) < 2 or not all(isinstance(c, int | float | str) for c in given):
        raise EarthEngineError(f"A position has two coordinates, got {given}.")
    return given


def _lists(parts: list[Any]) -> list[list[Any]]:
    """Parts of a geometry, each a list or a geometry of its own."""
    made = [_coordinates(part) for part in parts]
    if not all(isinstance(part, list) for part in made):
        raise EarthEngineError(f"Each part must be a list of coordinates, got {parts}.")
    return made


def _coordinates(part: Any) -> Any:
    """The coordinates of a part that is a line or an area, in degrees; anything else as it is."""
    if not isinstance(part, Geometry) or isinstance(part.shape, shapely.Point):
        return part
    return geojson(geodesy.in_degrees(part)).get("coordinates")


def _rings(coordinates: list[Any]) -> list[Any]:
    """One ring or several, each closed."""
    if not coordinates:
        return []
    coordinates = [_coordinates(part) for part in coordinates]
    first = coordinates[0]
    single = not isinstance(first, list) or (first and isinstance(first[0], int | float))
    rings = [coordinates] if single else coordinates
    closed = []
    for ring in rings:
        if not isinstance(ring, list) or not ring:
            raise EarthEngineError(f"A ring is a list of positions, got {ring}.")
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
    made = _make("LineString", (_rings(coordinates) or [[]])[0], crs, geodesic)
    return made.with_shape(shapely.LinearRing(made.shape.coords))


@algorithm("GeometryConstructors.MultiLineString")
def multi_line_string(coordinates: list[Any], crs: Proj, geodesic: bool | None, max_error: Margin) -> Geometry:
    """Several lines."""
    single = coordinates and isinstance(coordinates[0], int | float)
    lines = [coordinates] if single else _lists(coordinates)
    return _make("MultiLineString", [_points(line) for line in lines], crs, geodesic)


@algorithm("GeometryConstructors.Polygon")
def polygon(coordinates: list[Any], crs: Proj, geodesic: bool | None, max_error: Margin, even_odd: bool) -> Geometry:
    """An area within rings; by the even-odd rule holes are what rings enclose twice.

    Without the rule the inside is on the left of a ring, and of rings that cross all that they enclose counts.
    """
    made = _make("Polygon", _rings(coordinates), crs, geodesic)
    plane = sphere.plane_of([made.shape]) if made.geodesic else sphere.Plane(None)
    rings = made.shape if plane.axes is None else plane.as_is(made.shape)
    area = plane.back(_area_within(rings, even_odd), [made.shape])
    given = plane.back(oriented(rings), [made.shape])
    return replace(made, shape=area, given=None if _alike(area, given) else given)


def _alike(a: BaseGeometry, b: BaseGeometry) -> bool:
    """Whether two shapes have as many parts, rings and vertices."""
    rings = [[shapely.get_num_interior_rings(part) for part in sphere.parts(shape)] for shape in (a, b)]
    return rings[0] == rings[1] and bool(shapely.count_coordinates(a) == shapely.count_coordinates(b))


def _area_within(polygon: BaseGeometry, even_odd: bool) -> BaseGeometry:
    """The valid area that the rings of a polygon, which may cross, stand for."""
    if polygon.is_valid or not isinstance(polygon, shapely.Polygon):
        return oriented(polygon)
    rings = [shapely.Polygon(ring) for ring in (polygon.exterior, *polygon.interiors)]
    if even_odd:
        return oriented(functools.reduce(shapely.symmetric_difference, [_areas(shapely.make_valid(r)) for r in rings]))
    return oriented(shapely.union_all([_areas(shapely.make_valid(ring, method="structure")) for ring in rings]))


def _areas(shape: BaseGeometry) -> BaseGeometry:
    """Only what has an area; empty where nothing has."""
    areas = [part for part in sphere.parts(shape) if isinstance(part, shapely.Polygon)]
    return areas[0] if len(areas) == 1 else shapely.MultiPolygon(areas)


@algorithm("GeometryConstructors.MultiPolygon")
def multi_polygon(
    coordinates: list[Any], crs: Proj, geodesic: bool | None, max_error: Margin, even_odd: bool
) -> Geometry:
    """Several areas."""
    made = [polygon(part, crs, geodesic, max_error, even_odd) for part in _lists(coordinates)]
    first = made[0] if made else _make("MultiPolygon", [], crs, geodesic)
    areas = [area for geometry in made for area in sphere.parts(geometry.shape) if isinstance(area, shapely.Polygon)]
    shape: BaseGeometry = shapely.MultiPolygon(areas)
    if not shape.is_valid:
        united = _areas(shapely.union_all(areas))
        shape = oriented(shapely.MultiPolygon([united]) if isinstance(united, shapely.Polygon) else united)
    shown = [part for geometry in made for part in sphere.parts(geometry.shown) if isinstance(part, shapely.Polygon)]
    given = shapely.MultiPolygon(shown)
    return replace(first, shape=shape, given=None if _alike(shape, given) else given)


@algorithm("GeometryConstructors.Rectangle")
def rectangle(coordinates: list[Any], crs: Proj, geodesic: bool | None, even_odd: bool) -> Geometry:
    """Between two corners, [west, south, east, north]."""
    corners = _points(coordinates)
    if len(corners) < 2:
        raise EarthEngineError(f"A rectangle needs two corners, got {coordinates}.")
    flat = [c for corner in corners for c in corner]
    if any(c in ("-Infinity", "Infinity") or c in (float("inf"), float("-inf")) for c in flat):
        return Geometry(shapely.box(-180, -90, 180, 90), unbounded=True)
    xs, ys = [c[0] for c in corners], [c[1] for c in corners]
    west, east, south, north = min(xs), max(xs), min(ys), max(ys)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return _make("Polygon", [ring], crs, geodesic)


@algorithm("GeometryConstructors.BBox")
def bbox(west: float, south: float, east: float, north: float) -> Geometry:
    """A box along meridians and parallels; one that goes east over the antimeridian ends beyond 180.

    Raises:
        EarthEngineError: North lies below south, or a side is not a number.
    """
    if any(map(math.isnan, (east - west, south, north))):
        raise EarthEngineError(f"BBox: the sides must be numbers, got {west}, {south}, {east} and {north}.")
    if north < south:
        raise EarthEngineError(f"BBox: north ({north}) must not lie below south ({south}).")
    if east - west >= 360:
        west, east = -180.0, 180.0
    elif math.isinf(east - west):
        raise EarthEngineError(f"BBox: west ({west}) and east ({east}) bound nothing.")
    else:
        turns = math.floor((west + 180) / 360) * 360
        west, east = west - turns, east - turns
        east += math.ceil((west - east) / 360) * 360 if east < west else 0
    return Geometry(_oblong(west, max(south, -90.0), east, min(north, 90.0)), geodesic=False)


def _oblong(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.Polygon([(west, south), (east, south), (east, north), (west, north)])


@algorithm("GeometryConstructors.MultiGeometry")
def multi_geometry(geometries: list[Geometry], crs: Proj, geodesic: bool | None, max_error: Margin) -> Geometry:
    """Several geometries of any sort."""
    if any(g.unbounded for g in geometries):
        return next(g for g in geometries if g.unbounded)
    code = "EPSG:4326" if crs is None else crs.crs
    straight = bool(geometries) and all(g.crs == code and not g.geodesic for g in geometries)
    if straight or code != "EPSG:4326":
        return Geometry(shapely.GeometryCollection([geodesy.projected(g, code) for g in geometries]), code, False)
    return Geometry(shapely.GeometryCollection([geodesy.arcs(g) for g in geometries]))


# Parts -----------------------------------------------------------------------------------------------------------


@algorithm("Geometry.coordinates")
def coordinates(geometry: Geometry) -> list[Any]:
    """GeoJSON coordinates; of a collection those of each part."""
    answer = geojson(geometry.shown)
    found: list[Any] = answer.get("coordinates", [part.get("coordinates") for part in answer.get("geometries", [])])
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
    return str(geometry.shown.geom_type)
