"""Shapes on the globe: measures on the ellipsoid, and constructions in a local projection.

Earth Engine measures geodesic geometries on the sphere or ellipsoid to within an error margin; here lengths, areas and
distances are taken on the WGS-84 ellipsoid (pyproj's Geod) and buffers in an azimuthal equidistant projection about the
shape's centre.
"""

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ee_emulator.raster import projection
from ee_emulator.values import Geometry

GEOD = pyproj.Geod(ellps="WGS84")
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


def area(geometry: Geometry) -> float:
    """Square metres."""
    shape = in_degrees(geometry)
    return sum(_polygon_area(part) for part in _parts(shape) if isinstance(part, shapely.Polygon))


def _polygon_area(polygon: shapely.Polygon) -> float:
    oriented = shapely.geometry.polygon.orient(polygon)
    return abs(GEOD.geometry_area_perimeter(oriented)[0])


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
    """The centre of mass, in degrees, computed in a local projection."""
    shape = in_degrees(geometry)
    if shape.is_empty:
        return shapely.Point()
    if isinstance(shape, shapely.Point):
        return shape
    crs = "+proj=laea " + _local_crs(shape).removeprefix("+proj=aeqd ")
    moved = reproject(reproject(shape, GEOGRAPHIC, crs).centroid, crs, GEOGRAPHIC)
    return shapely.Point(shapely.get_coordinates(moved)[0])
