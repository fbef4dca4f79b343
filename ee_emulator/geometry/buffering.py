"""Shapes grown on the sphere, with the vertices that Earth Engine gives.

The grown shape is the union of the shape with a capsule about each edge. A capsule's ends are arcs whose vertices lie
at the distance from the edge's ends, each so far from the one before that the chord between them comes within the
error of the circle; a point's circle begins in the north and runs counter-clockwise. Read off the buffers that real
Earth Engine printed in csaybar/EEwPython (4_features.ipynb): their vertices are these to twelve digits.
"""

from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ee_emulator.geometry import sphere
from ee_emulator.geometry.sphere import Points

LARGEST_ERROR = 1 - np.cos(np.pi / 4)
"""As a share of the distance: a circle keeps at least four vertices."""


def grown(shape: BaseGeometry, metres: float, error: float) -> BaseGeometry:
    """A shape in degrees with arcs, grown by metres; shrunk where they are negative.

    Args:
        shape: Any.
        metres: Of the sphere of `sphere.RADIUS`.
        error: Metres by which the outline may fall short of the circle.
    """
    angle = abs(metres) / sphere.RADIUS
    share = min(max(error / abs(metres), 1e-6), LARGEST_ERROR)
    step = 2 * np.arccos(1 - share)
    outlines = [ring for part in sphere.parts(shape) for ring in _capsules(part, angle, step)]
    if not outlines:
        return shapely.Polygon()
    areas = [part for part in sphere.parts(shape) if isinstance(part, shapely.Polygon)]
    if metres > 0 and len(outlines) == 1 and not areas:
        return shapely.Polygon(sphere.unwrapped(sphere.degrees(outlines[0])))
    plane = sphere.plane_of([shape], angle)
    capsules = shapely.union_all([plane.flat(shapely.Polygon(sphere.degrees(ring))) for ring in outlines])
    inside = shapely.union_all([plane.flat(area) for area in areas])
    return plane.back(inside.union(capsules) if metres > 0 else inside.difference(capsules), [shape])


def _capsules(part: BaseGeometry, angle: float, step: float) -> list[Points]:
    """Closed outlines, unit vectors, about each edge of a part, or about a point."""
    if isinstance(part, shapely.Point):
        return [_circle(sphere.vectors(shapely.get_coordinates(part))[0], angle, step)]
    rings = [part.exterior, *part.interiors] if isinstance(part, shapely.Polygon) else [part]
    found = []
    for ring in rings:
        places = sphere.vectors(shapely.get_coordinates(ring))
        edges = pairwise(places)
        found += [_capsule(start, end, angle, step) for start, end in edges if not np.array_equal(start, end)]
    return found or [_circle(sphere.vectors(shapely.get_coordinates(part))[0], angle, step)]


def _circle(centre: Points, angle: float, step: float) -> Points:
    headings = np.arange(0.0, -2 * np.pi + 1e-9, -step)
    ring = _around(centre, headings, angle)
    return np.vstack([ring, ring[:1]])


def _capsule(start: Points, end: Points, angle: float, step: float) -> Points:
    """Along the right side of an edge, round its end, back along the left side and round its start."""
    leaving, arriving = _heading(start, end), _heading(end, start) + np.pi
    turns = np.append(np.arange(np.pi / 2, -np.pi / 2 + 1e-9, -step), -np.pi / 2)
    ring = np.vstack([_around(end, arriving + turns, angle), _around(start, leaving - np.pi + turns, angle)])
    return np.vstack([ring, ring[:1]])


def _axes(place: Points) -> tuple[Points, Points]:
    """East and north at a place."""
    lon = np.arctan2(place[1], place[0])
    east = np.array([-np.sin(lon), np.cos(lon), 0.0])
    return east, np.cross(place, east)


def _heading(place: Points, target: Points) -> float:
    """Radians clockwise from north."""
    east, north = _axes(place)
    return float(np.arctan2(target @ east, target @ north))


def _around(place: Points, headings: Points, angle: float) -> Points:
    """The places at an angle from one, in each heading."""
    east, north = _axes(place)
    directions = np.sin(headings)[:, None] * east + np.cos(headings)[:, None] * north
    return np.asarray(np.cos(angle) * place + np.sin(angle) * directions)
