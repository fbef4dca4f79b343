"""Shapes on the globe: their measures, their nearest points, and their way between coordinate systems.

Edges of geodesic geometries are great-circle arcs on a sphere whose latitudes are geodetic. Earth Engine takes areas on
the sphere of the ellipsoid's area, centroids on the unit sphere, lengths and distances by Andoyer's formula for the
WGS-84 ellipsoid, and buffers on a sphere of 6,367 km: its printed answers are met to eleven digits.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ee_emulator.geometry import sphere
from ee_emulator.geometry.buffering import grown
from ee_emulator.geometry.s2 import rectangle_bound
from ee_emulator.raster import projection
from ee_emulator.values import ErrorMargin, Geometry

GEOD = pyproj.Geod(ellps="WGS84")
AUTHALIC = pyproj.Geod(a=6_371_007.180_918_475, b=6_371_007.180_918_475)
"""The sphere that has the area of the WGS-84 ellipsoid."""
GEOGRAPHIC = "EPSG:4326"
PRECISE = 0.1
"""Metres by which edges may differ where no error margin is given."""


def reproject(shape: BaseGeometry, source: str, target: str) -> BaseGeometry:
    """Moves a shape's vertices from one CRS to another."""
    if source == target:
        return shape
    transformer = projection.transformer(source, target)

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))

    return shapely.transform(shape, move)


def in_degrees(geometry: Geometry) -> BaseGeometry:
    """The shape in longitude and latitude; straight edges of a projected one are divided first."""
    if geometry.crs == GEOGRAPHIC:
        return geometry.shape
    if geometry.shape.is_empty:
        return geometry.shape
    west, south, east, north = geometry.shape.bounds
    longest = max(east - west, north - south)
    dense = shapely.segmentize(geometry.shape, longest / 16) if longest > 0 else geometry.shape
    return reproject(dense, geometry.crs, GEOGRAPHIC)


def arcs(geometry: Geometry, margin: ErrorMargin | None = None) -> BaseGeometry:
    """The shape in degrees with great-circle edges; edges that are no arcs are divided into some that nearly are.

    Args:
        geometry: Any.
        margin: Metres by which the arcs may differ from the edges; 0.1 unless given.
    """
    metres = metres_of(margin, PRECISE)
    if geometry.shape.is_empty or (geometry.crs == GEOGRAPHIC and geometry.geodesic):
        return geometry.shape
    if geometry.crs == GEOGRAPHIC:
        return sphere.with_arcs(geometry.shape, metres)
    move = _mover(geometry.crs, GEOGRAPHIC)
    dense = sphere.refined(
        geometry.shape, sphere.straight, lambda p: sphere.vectors(move(p)), sphere.arc, metres / sphere.RADIUS
    )
    return shapely.transform(dense, move)


def projected(geometry: Geometry, crs: str, margin: ErrorMargin | None = None) -> BaseGeometry:
    """The shape in a CRS with straight edges that keep the course of the geometry's edges.

    Args:
        geometry: Any.
        crs: Where to.
        margin: Metres by which the edges may differ; 0.1 unless given.
    """
    straight_already = geometry.crs == crs and not (crs == GEOGRAPHIC and geometry.geodesic)
    if geometry.shape.is_empty or straight_already:
        return geometry.shape
    metres = metres_of(margin, PRECISE)
    along = sphere.arc_in_degrees if geometry.crs == GEOGRAPHIC and geometry.geodesic else sphere.straight
    move = _mover(geometry.crs, crs)
    dense = sphere.refined(geometry.shape, along, move, sphere.straight, metres / projection.unit_metres(crs))
    return shapely.transform(dense, move)


def metres_of(margin: ErrorMargin | None, default: float) -> float:
    """The metres of an error margin; the default for none, for zero and for one in other units."""
    return margin.value if margin is not None and margin.value and margin.unit == "meters" else default


def _mover(source: str, target: str) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    transformer = projection.transformer(source, target)
    return lambda points: np.column_stack(transformer.transform(points[:, 0], points[:, 1]))


def area(geometry: Geometry, margin: ErrorMargin | None = None) -> float:
    """Square metres."""
    straight = geometry.crs == GEOGRAPHIC and not geometry.geodesic
    shape = geometry.shape if straight else arcs(geometry, margin)
    measure = _straight_area if straight else _arcs_area
    areas = (part for part in sphere.parts(shape) if isinstance(part, shapely.Polygon))
    return float(sum(measure(p.exterior) - sum(map(measure, p.interiors)) for p in areas))


def _arcs_area(ring: shapely.LinearRing) -> float:
    return abs(AUTHALIC.polygon_area_perimeter(*shapely.get_coordinates(ring).T)[0])


def _straight_area(ring: shapely.LinearRing) -> float:
    """Within a ring whose edges are straight in degrees: the integral of the sine of latitude over longitude."""
    lon, lat = np.radians(shapely.get_coordinates(ring)).T
    width, height = np.diff(lon), np.diff(lat)
    level = height == 0
    sloping = (np.cos(lat[:-1]) - np.cos(lat[1:])) / np.where(level, 1.0, height)
    return abs(float((width * np.where(level, np.sin(lat[:-1]), sloping)).sum())) * AUTHALIC.a**2


def length(geometry: Geometry, margin: ErrorMargin | None = None) -> float:
    """Metres of lines; 0 for points and areas."""
    lines = (p for p in sphere.parts(arcs(geometry, margin)) if isinstance(p, shapely.LineString))
    return sum(float(edge_lengths(shapely.get_coordinates(line)).sum()) for line in lines)


def perimeter(geometry: Geometry, margin: ErrorMargin | None = None) -> float:
    """Metres of the outlines of areas; 0 for points and lines."""
    areas = (p for p in sphere.parts(arcs(geometry, margin)) if isinstance(p, shapely.Polygon))
    rings = [ring for p in areas for ring in (p.exterior, *p.interiors)]
    return sum(float(edge_lengths(shapely.get_coordinates(ring)).sum()) for ring in rings)


def edge_lengths(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres of the edges of a line in degrees (n, 2)."""
    return elliptical(points[:-1], points[1:])


def elliptical(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres between places in degrees (n, 2), by Andoyer's formula to the first order of the flattening.

    Source: J. Meeus, Astronomical Algorithms (1998), chapter 11; the perimeter that Earth Engine prints for a polygon
    of 14,000 km is this to twelve digits, and differs from the true geodesic by a millionth.
    """
    mean = np.radians((start[:, 1] + end[:, 1]) / 2)
    half = np.radians((start[:, 1] - end[:, 1]) / 2)
    turn = np.radians((start[:, 0] - end[:, 0]) / 2)
    sine = (np.sin(half) * np.cos(turn)) ** 2 + (np.cos(mean) * np.sin(turn)) ** 2
    cosine = (np.cos(half) * np.cos(turn)) ** 2 + (np.sin(mean) * np.sin(turn)) ** 2
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        angle = np.arctan2(np.sqrt(sine), np.sqrt(cosine))
        ratio = np.sqrt(sine * cosine) / angle
        first = (3 * ratio - 1) / (2 * cosine) * (np.sin(mean) * np.cos(half)) ** 2
        second = (3 * ratio + 1) / (2 * sine) * (np.cos(mean) * np.sin(half)) ** 2
        metres = 2 * angle * GEOD.a * (1 + GEOD.f * np.where(cosine > 0, first, 0.0) - GEOD.f * second)
    # Below a ten-thousandth of a millimetre the terms of the formula underflow.
    length: NDArray[np.float64] = np.where(sine > 1e-28, metres, 2 * np.sqrt(sine) * GEOD.a)
    return length


def distance(left: Geometry, right: Geometry, margin: ErrorMargin | None = None, spherical: bool = False) -> float:
    """Metres between the nearest points of two shapes: on the ellipsoid, or on the sphere of buffers."""
    found = closest(left, right, margin)
    if found is None:
        return float("inf")
    if spherical:
        return float(sphere.angles(*map(sphere.vectors, found))[0]) * sphere.RADIUS
    return float(elliptical(*found)[0])


def closest(
    left: Geometry, right: Geometry, margin: ErrorMargin | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """The nearest points of two shapes, each (1, 2) in degrees; one point twice where they meet, None where empty."""
    a, b = arcs(left, margin), arcs(right, margin)
    if a.is_empty or b.is_empty:
        return None
    if isinstance(a, shapely.Point) and isinstance(b, shapely.Point):
        return shapely.get_coordinates(a), shapely.get_coordinates(b)
    plane = sphere.plane_of([a, b])
    flat_a, flat_b = plane.flat(a), plane.flat(b)
    if flat_a.intersects(flat_b):
        common = shapely.get_coordinates(plane.back(flat_a.intersection(flat_b).representative_point()))
        return common, common
    start, end = sphere.nearest(a, b)
    return sphere.degrees(start[None]), sphere.degrees(end[None])


def buffer(geometry: Geometry, metres: float, margin: ErrorMargin | None = None) -> Geometry:
    """The shape grown (or shrunk, where negative) by a distance; to a hundredth of it unless a margin is given."""
    shape = arcs(geometry, margin)
    if shape.is_empty or metres == 0:
        return Geometry(shape)
    return Geometry(grown(shape, metres, metres_of(margin, abs(metres) / 100)))


def extent(geometry: Geometry) -> tuple[float, float, float, float] | None:
    """West, south, east and north in degrees; arcs reach beyond their ends. East is over 180 across the antimeridian.

    Edges that are arcs are bounded by S2, which leaves a margin of rounding; None for an empty geometry.
    """
    if geometry.shape.is_empty:
        return None
    if geometry.crs != GEOGRAPHIC or not geometry.geodesic:
        west, south, east, north = in_degrees(geometry).bounds
        return west, south, east, north
    return rectangle_bound(geometry.shape)


def centroid(geometry: Geometry) -> shapely.Point:
    """The centre of mass, in degrees: of the areas, or else of the lines, or else of the points."""
    parts = sphere.parts(arcs(geometry))
    for kind, moment in _MOMENTS.items():
        of_kind = [moment(part) for part in parts if isinstance(part, kind)]
        if of_kind:
            x, y, z = np.sum(of_kind, axis=0)
            if np.hypot(np.hypot(x, y), z) > 0:
                return shapely.Point(np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y))))
    return shapely.Point()


def _area_moment(polygon: shapely.Polygon) -> NDArray[np.float64]:
    """The integral of the unit vector over a polygon."""
    return np.asarray(_ring_moment(polygon.exterior) - sum(map(_ring_moment, polygon.interiors)))


def _ring_moment(ring: shapely.LinearRing) -> NDArray[np.float64]:
    """The integral over what a ring encloses (Stokes: half the sum of its edges' angle times their normal)."""
    vertices = sphere.vectors(shapely.get_coordinates(ring))
    normal = np.cross(vertices[:-1], vertices[1:])
    sine = np.linalg.norm(normal, axis=1)
    angle = sphere.angles(vertices[:-1], vertices[1:])
    total = (normal * (angle / np.where(sine > 0, sine, 1.0))[:, None]).sum(axis=0) / 2
    return np.asarray(total if total @ vertices.sum(axis=0) >= 0 else -total)


def _line_moment(line: shapely.LineString) -> NDArray[np.float64]:
    """The integral of the unit vector along a line: each arc's chord direction times its chord's length."""
    vertices = sphere.vectors(shapely.get_coordinates(line))
    sums, chord = vertices[:-1] + vertices[1:], np.linalg.norm(vertices[1:] - vertices[:-1], axis=1)
    return np.asarray((sums / np.linalg.norm(sums, axis=1)[:, None] * chord[:, None]).sum(axis=0))


def _point_moment(point: shapely.Point) -> NDArray[np.float64]:
    return np.asarray(sphere.vectors(shapely.get_coordinates(point))[0])


_MOMENTS: Mapping[type[BaseGeometry], Callable[[Any], NDArray[np.float64]]] = {
    shapely.Polygon: _area_moment,
    shapely.LineString: _line_moment,
    shapely.Point: _point_moment,
}
