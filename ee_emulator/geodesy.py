"""Shapes on the globe: measures on the ellipsoid, and constructions in a local projection.

Edges of geodesic geometries are great-circle arcs on a sphere whose latitudes are geodetic. Earth Engine takes areas on
the sphere of the ellipsoid's area and centroids on the unit sphere: its printed answers are met to eleven digits.
Lengths and distances are taken on the WGS-84 ellipsoid (Earth Engine's differ from them by a millionth), buffers in an
azimuthal equidistant projection about the shape's centre.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ee_emulator.raster import projection
from ee_emulator.values import Geometry

GEOD = pyproj.Geod(ellps="WGS84")
AUTHALIC = pyproj.Geod(a=6_371_007.180_918_475, b=6_371_007.180_918_475)
"""The sphere that has the area of the WGS-84 ellipsoid."""
GEOGRAPHIC = "EPSG:4326"


def reproject(shape: BaseGeometry, source: str, target: str) -> BaseGeometry:
    """Moves a shape's vertices from one CRS to another."""
    if source == target:
        return shape
    transformer = projection.transformer(source, target)

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))

    return shapely.transform(shape, move)


def in_degrees(geometry: Geometry) -> BaseGeometry:
    """The shape in longitude and latitude; straight edges of a projected one are densified first."""
    if geometry.crs == GEOGRAPHIC:
        return geometry.shape
    west, south, east, north = geometry.shape.bounds if not geometry.shape.is_empty else (0, 0, 0, 0)
    longest = max(east - west, north - south)
    dense = shapely.segmentize(geometry.shape, longest / 16) if longest > 0 else geometry.shape
    return reproject(dense, geometry.crs, GEOGRAPHIC)


def _arcs(geometry: Geometry) -> BaseGeometry:
    """The shape in degrees with great-circle edges; those that are straight in degrees are divided into short ones."""
    shape = in_degrees(geometry)
    if geometry.crs != GEOGRAPHIC or geometry.geodesic or shape.is_empty:
        return shape
    west, south, east, north = shape.bounds
    longest = max(east - west, north - south)
    return shapely.segmentize(shape, longest / 64) if longest > 0 else shape


def area(geometry: Geometry) -> float:
    """Square metres."""
    return sum(_polygon_area(part) for part in _parts(_arcs(geometry)) if isinstance(part, shapely.Polygon))


def _polygon_area(polygon: shapely.Polygon) -> float:
    oriented = shapely.geometry.polygon.orient(polygon)
    return abs(AUTHALIC.geometry_area_perimeter(oriented)[0])


def length(geometry: Geometry) -> float:
    """Metres of lines; 0 for points and areas."""
    shape = in_degrees(geometry)
    return sum(float(GEOD.geometry_length(p)) for p in _parts(shape) if isinstance(p, shapely.LineString))


def perimeter(geometry: Geometry) -> float:
    """Metres of the outlines of areas; 0 for points and lines."""
    shape = in_degrees(geometry)
    rings = [ring for p in _parts(shape) if isinstance(p, shapely.Polygon) for ring in (p.exterior, *p.interiors)]
    return sum(float(GEOD.line_length(*np.asarray(ring.coords).T[:2])) for ring in rings)


def _parts(shape: BaseGeometry) -> list[BaseGeometry]:
    if hasattr(shape, "geoms"):
        return [part for piece in shape.geoms for part in _parts(piece)]
    return [] if shape.is_empty else [shape]


def _local_crs(shape: BaseGeometry) -> str:
    centre = shape.centroid
    return f"+proj=aeqd +lat_0={centre.y!r} +lon_0={centre.x!r} +datum=WGS84 +units=m +no_defs"


def distance(left: Geometry, right: Geometry) -> float:
    """Metres between the nearest points of two shapes."""
    a, b = in_degrees(left), in_degrees(right)
    if a.is_empty or b.is_empty:
        return float("inf")
    if a.intersects(b):
        return 0.0
    start, end = nearest(a, b)
    return float(GEOD.inv(start.x, start.y, end.x, end.y)[2])


def nearest(a: BaseGeometry, b: BaseGeometry) -> tuple[shapely.Point, shapely.Point]:
    """The nearest points of two shapes in degrees, found where distances are true about the midpoint."""
    if isinstance(a, shapely.Point) and isinstance(b, shapely.Point):
        return a, b
    crs = _local_crs(shapely.union_all([a.centroid, b.centroid]))
    line = shapely.shortest_line(reproject(a, GEOGRAPHIC, crs), reproject(b, GEOGRAPHIC, crs))
    start, end = reproject(line, crs, GEOGRAPHIC).coords
    return shapely.Point(start), shapely.Point(end)


def buffer(geometry: Geometry, metres: float, quadrant_segments: int = 8) -> Geometry:
    """The shape grown (or shrunk, where negative) by a distance."""
    shape = in_degrees(geometry)
    if shape.is_empty:
        return Geometry(shape)
    crs = _local_crs(shape)
    grown = reproject(shape, GEOGRAPHIC, crs).buffer(metres, quad_segs=quadrant_segments)
    return Geometry(reproject(grown, crs, GEOGRAPHIC))


def centroid(geometry: Geometry) -> shapely.Point:
    """The centre of mass, in degrees: of the areas, or else of the lines, or else of the points."""
    parts = _parts(_arcs(geometry))
    for kind, moment in _MOMENTS.items():
        of_kind = [moment(part) for part in parts if isinstance(part, kind)]
        if of_kind:
            x, y, z = np.sum(of_kind, axis=0)
            if np.hypot(np.hypot(x, y), z) > 0:
                return shapely.Point(np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y))))
    return shapely.Point()


def _on_sphere(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unit vectors of places in degrees, (n, 3)."""
    lon, lat = np.radians(points[:, 0]), np.radians(points[:, 1])
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def _area_moment(polygon: shapely.Polygon) -> NDArray[np.float64]:
    """The integral of the unit vector over a polygon (Stokes: half the sum of its edges' angle times their normal)."""
    total = np.zeros(3)
    oriented = shapely.geometry.polygon.orient(polygon)
    for ring in (oriented.exterior, *oriented.interiors):
        vertices = _on_sphere(shapely.get_coordinates(ring))
        normal = np.cross(vertices[:-1], vertices[1:])
        sine = np.linalg.norm(normal, axis=1)
        angle = np.arctan2(sine, (vertices[:-1] * vertices[1:]).sum(axis=1))
        total += (normal * (angle / np.where(sine > 0, sine, 1.0))[:, None]).sum(axis=0) / 2
    return total


def _line_moment(line: shapely.LineString) -> NDArray[np.float64]:
    """The integral of the unit vector along a line: each arc's chord direction times its chord's length."""
    vertices = _on_sphere(shapely.get_coordinates(line))
    sums, chord = vertices[:-1] + vertices[1:], np.linalg.norm(vertices[1:] - vertices[:-1], axis=1)
    return np.asarray((sums / np.linalg.norm(sums, axis=1)[:, None] * chord[:, None]).sum(axis=0))


def _point_moment(point: shapely.Point) -> NDArray[np.float64]:
    return np.asarray(_on_sphere(shapely.get_coordinates(point))[0])


_MOMENTS: Mapping[type[BaseGeometry], Callable[[Any], NDArray[np.float64]]] = {
    shapely.Polygon: _area_moment,
    shapely.LineString: _line_moment,
    shapely.Point: _point_moment,
}
