"""The sphere on which geometries without a projection are worked out.

Places are unit vectors, edges are great-circle arcs. A gnomonic plane makes arcs straight, so that the planar library
(GEOS) finds exact unions, intersections and hulls of everything that lies within 80° of one place. Wider shapes are
worked out in longitude and latitude, with arcs divided into short pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

RADIUS = 6_367_000.0
"""Metres; the sphere of Earth Engine's buffers: the vertices that it prints lie at this radius to ten digits."""
WIDEST = np.cos(np.radians(80.0))
"""Cosine of the farthest that a shape may reach from the centre of its plane."""
_COARSE = 100.0
"""Metres by which pieces of arcs may differ from the arcs where no plane holds the shapes."""

Points = NDArray[np.float64]
Along = Callable[[Points, Points, float], Points]


def vectors(points: Points) -> Points:
    """Unit vectors (n, 3) of places in degrees (n, 2)."""
    lon, lat = np.radians(points[:, 0]), np.radians(points[:, 1])
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def degrees(places: Points) -> Points:
    """Longitude and latitude in degrees (n, 2) of vectors (n, 3) of any length."""
    x, y, z = places.T
    return np.column_stack([np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y)))])


def straight(start: Points, end: Points, share: float) -> Points:
    """Points at a share of straight edges."""
    return start + (end - start) * share


def arc(start: Points, end: Points, share: float) -> Points:
    """Unit vectors at a share of great-circle arcs between unit vectors."""
    angle = angles(start, end)[:, None]
    sine = np.sin(angle)
    blend = np.sin((1 - share) * angle) * start + np.sin(share * angle) * end
    return np.where(sine > 0, blend / np.where(sine > 0, sine, 1.0), start)


def arc_in_degrees(start: Points, end: Points, share: float) -> Points:
    """Places in degrees at a share of great-circle arcs; longitudes go on beyond ±180."""
    places = degrees(arc(vectors(start), vectors(end), share))
    places[:, 0] += 360.0 * np.round((start[:, 0] - places[:, 0]) / 360.0)
    return places


def angles(a: Points, b: Points) -> NDArray[np.float64]:
    """Radians between unit vectors, row by row."""
    return np.asarray(np.arctan2(np.linalg.norm(np.cross(a, b), axis=-1), (a * b).sum(axis=-1)))


def parts(shape: BaseGeometry) -> list[BaseGeometry]:
    """The points, lines and polygons of a shape, those of nested collections too; none of an empty one."""
    if hasattr(shape, "geoms"):
        return [part for piece in shape.geoms for part in parts(piece)]
    return [] if shape.is_empty else [shape]


def remade(shape: BaseGeometry, change: Callable[[Points], Points]) -> BaseGeometry:
    """The shape with the vertices (n, 2) of each point, line and ring changed."""
    kind: Callable[[Any], BaseGeometry] = type(shape)
    if hasattr(shape, "geoms"):
        return kind([remade(part, change) for part in shape.geoms])
    if shape.is_empty:
        return shape
    if isinstance(shape, shapely.Polygon):
        return shapely.Polygon(change(_coordinates(shape.exterior)), [change(_coordinates(r)) for r in shape.interiors])
    return kind(change(_coordinates(shape)))


def _coordinates(shape: BaseGeometry) -> Points:
    found: Points = shapely.get_coordinates(shape)
    return found


MOST_ADDED = 2**15
"""Vertices after which a line is not divided any further: one round the globe then differs by centimetres."""


def refined(
    shape: BaseGeometry, along: Along, image: Callable[[Points], Points], along_image: Along, error: float
) -> BaseGeometry:
    """The shape with edges divided until their images differ little from edges between the images of the vertices.

    Args:
        shape: Any.
        along: Points at a share of the shape's own edges.
        image: Where points are taken.
        along_image: Points at a share of edges there.
        error: Largest difference, in units of the images.
    """

    def divide(points: Points) -> Points:
        most = len(points) + MOST_ADDED
        for _ in range(16):
            start, end = points[:-1], points[1:]
            bent = _bend(start, end, along, image, along_image) > error
            if not bent.any() or len(points) > most:
                break
            points = np.insert(points, np.flatnonzero(bent) + 1, along(start[bent], end[bent], 0.5), axis=0)
        return points

    return remade(shape, divide)


def _bend(
    start: Points, end: Points, along: Along, image: Callable[[Points], Points], along_image: Along
) -> NDArray[np.float64]:
    """How far the images of edges are from edges between images, at a quarter, half and three quarters."""
    first, last = image(start), image(end)
    far = [np.linalg.norm(image(along(start, end, t)) - along_image(first, last, t), axis=1) for t in (0.25, 0.5, 0.75)]
    return np.asarray(np.max(far, axis=0))


def with_arcs(shape: BaseGeometry, metres: float) -> BaseGeometry:
    """A shape whose edges are straight in degrees, as one with arcs that differ by at most so many metres."""
    return refined(shape, straight, vectors, arc, metres / RADIUS)


def without_arcs(shape: BaseGeometry, metres: float) -> BaseGeometry:
    """A shape whose edges are arcs, as one with edges that are straight in degrees, to so many metres."""
    return refined(shape, arc_in_degrees, lambda p: p, straight, np.degrees(metres / RADIUS))


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane where great circles are straight, and the way back.

    Attributes:
        axes: Rows: east, north and up at the centre; None for longitude and latitude, where arcs are divided.
    """

    axes: Points | None

    def flat(self, shape: BaseGeometry) -> BaseGeometry:
        """A shape in degrees with arcs, on the plane; made valid."""
        moved = self.as_is(shape)
        return moved if moved.is_valid else shapely.make_valid(moved)

    def as_is(self, shape: BaseGeometry) -> BaseGeometry:
        """A shape in degrees with arcs, on the plane, valid or not."""
        return without_arcs(shape, _COARSE) if self.axes is None else shapely.transform(shape, self._project)

    def points(self, places: Points) -> Any:
        """Places in degrees (n, 2) as an array of points on the plane; those beyond its horizon are empty."""
        if self.axes is None:
            return shapely.points(places)
        visible = vectors(places) @ self.axes[2] > 0
        found = np.full(len(places), shapely.Point(), object)
        found[visible] = shapely.points(self._project(places[visible]))
        return found

    def holds(self, places: Points) -> bool:
        """Whether unit vectors lie near enough to the plane's centre."""
        return self.axes is None or bool((places @ self.axes[2] > WIDEST).all())

    def back(self, shape: BaseGeometry, sources: Iterable[BaseGeometry] = ()) -> BaseGeometry:
        """A shape of the plane in degrees; longitudes of a line go on beyond ±180.

        Args:
            shape: On the plane.
            sources: Shapes in degrees whose vertices it may have: these come back unrounded.
        """
        if self.axes is None:
            return shape
        points = np.concatenate([np.empty((0, 2)), *map(shapely.get_coordinates, sources)])
        known = dict(zip(map(tuple, self._project(points).tolist()), points.tolist(), strict=True))

        def unproject(flat: Points) -> Points:
            found = degrees(np.column_stack([flat, np.ones(len(flat))]) @ self.axes)
            exact = [
                known.get(point, row) for point, row in zip(map(tuple, flat.tolist()), found.tolist(), strict=True)
            ]
            return unwrapped(np.array(exact))

        return remade(shape, unproject)

    def _project(self, points: Points) -> Points:
        places = vectors(points)
        # Sums, not a matrix product: a vertex must come out the same, bit for bit, with any number of others.
        east, north, up = ((places * axis).sum(axis=1) for axis in np.asarray(self.axes))
        return np.column_stack([east / up, north / up])


def unwrapped(points: Points) -> Points:
    """Places with longitudes that go on beyond ±180; a line round a pole or the whole world is left as it is."""
    longitudes = np.unwrap(points[:, 0], period=360.0)
    round_the_world = (np.abs(np.diff(points[:, 0])) >= 360).any() or abs(longitudes[-1] - longitudes[0]) > 180
    if round_the_world or np.array_equal(longitudes, points[:, 0]):
        return points
    return np.column_stack([longitudes, points[:, 1]])


def plane_of(shapes: Iterable[BaseGeometry], reach: float = 0.0) -> Plane:
    """The plane about the middle of shapes in degrees.

    Args:
        shapes: Any.
        reach: Radians by which results may lie outside the shapes.
    """
    points = np.concatenate([shapely.get_coordinates(shape) for shape in shapes])
    if not len(points):
        return Plane(None)
    places = vectors(points)
    middle = places.mean(axis=0)
    size = float(np.linalg.norm(middle))
    if size < 1e-9:
        return Plane(None)
    axes = _axes(middle / size)
    nearest_to_edge = np.cos(np.arccos(np.clip((places @ axes[2]).min(), -1, 1)) + reach)
    return Plane(axes) if nearest_to_edge > WIDEST else Plane(None)


def _axes(up: Points) -> Points:
    lon = np.arctan2(up[1], up[0])
    east = np.array([-np.sin(lon), np.cos(lon), 0.0])
    return np.stack([east, np.cross(up, east), up])


# Nearest points --------------------------------------------------------------------------------------------------


def nearest(a: BaseGeometry, b: BaseGeometry) -> tuple[Points, Points]:
    """The nearest points, as unit vectors, of two shapes in degrees with arcs that do not touch."""
    from_a, on_b, angle = _nearest_to_vertices(a, b)
    from_b, on_a, other = _nearest_to_vertices(b, a)
    return (from_a, on_b) if angle <= other else (on_a, from_b)


def _nearest_to_vertices(a: BaseGeometry, b: BaseGeometry) -> tuple[Points, Points, float]:
    """The vertex of `a` that is nearest to an edge of `b`, the point on the edge, and the angle between."""
    vertices = vectors(shapely.get_coordinates(a))
    start, end = _edges(b)
    best: tuple[Any, Any, float] = (vertices[0], start[0], np.inf)
    for rows in np.array_split(vertices, max(1, len(vertices) * len(start) // 1_000_000)):
        feet = _feet(rows, start, end)
        angle = angles(rows[:, None, :], feet)
        row, column = np.unravel_index(np.argmin(angle), angle.shape)
        if angle[row, column] < best[2]:
            best = rows[row], feet[row, column], float(angle[row, column])
    return best


def _edges(shape: BaseGeometry) -> tuple[Points, Points]:
    """Starts and ends of all edges; a point is an edge of no length."""
    starts, ends = [], []
    for part in parts(shape):
        rings = [part.exterior, *part.interiors] if isinstance(part, shapely.Polygon) else [part]
        for ring in rings:
            places = vectors(_coordinates(ring))
            starts.append(places[:-1] if len(places) > 1 else places)
            ends.append(places[1:] if len(places) > 1 else places)
    return np.concatenate(starts), np.concatenate(ends)


def _feet(places: Points, start: Points, end: Points) -> Points:
    """The nearest point of each arc to each place, (places, arcs, 3)."""
    normal = np.cross(start, end)
    length = np.linalg.norm(normal, axis=1, keepdims=True)
    normal = normal / np.where(length > 0, length, 1.0)
    foot = places[:, None, :] - (places @ normal.T)[:, :, None] * normal
    size = np.linalg.norm(foot, axis=2, keepdims=True)
    foot = foot / np.where(size > 0, size, 1.0)
    after_start = (np.cross(start, foot) * normal).sum(axis=2) >= 0
    before_end = (np.cross(foot, end) * normal).sum(axis=2) >= 0
    within = after_start & before_end & (length[:, 0] > 0) & (size[:, :, 0] > 0)
    nearer_start = (places @ start.T) >= (places @ end.T)
    ends = np.where(nearer_start[:, :, None], start, end)
    return np.where(within[:, :, None], foot, ends)
