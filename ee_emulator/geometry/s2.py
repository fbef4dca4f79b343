"""What Google's S2 library says about shapes in degrees: bounding rectangles, cells and encoded shapes."""

from itertools import pairwise

import s2geometry
import shapely
from shapely.geometry.base import BaseGeometry

from ee_emulator.errors import EarthEngineError
from ee_emulator.geometry import sphere

Box = tuple[float, float, float, float]


def rectangle_bound(shape: BaseGeometry) -> Box:
    """West, south, east and north of a shape with arcs; east is over 180 where it crosses the antimeridian."""
    points = [part for part in sphere.parts(shape) if isinstance(part, shapely.Point)]
    others = [part for part in sphere.parts(shape) if not isinstance(part, shapely.Point)]
    if not others:
        west, south, east, north = shape.bounds
        return west, south, east, north
    bound = s2geometry.S2LatLngRect.Empty()
    for part in others:
        bound = bound.Union(_bound(part))
    for point in points:
        bound = bound.Union(s2geometry.S2LatLngRect.FromPoint(s2geometry.S2LatLng.FromDegrees(point.y, point.x)))
    return box_of(bound)


def box_of(bound: s2geometry.S2LatLngRect) -> Box:
    """West, south, east and north of a rectangle; east is over 180 where it crosses the antimeridian."""
    west, east = bound.lng_lo().degrees(), bound.lng_hi().degrees()
    return west, bound.lat_lo().degrees(), east + 360 if east < west else east, bound.lat_hi().degrees()


def degrees_of(place: s2geometry.S2LatLng) -> tuple[float, float]:
    """Longitude and latitude."""
    return place.lng().degrees(), place.lat().degrees()


def vertices_of(line: s2geometry.S2Loop | s2geometry.S2Polyline) -> list[tuple[float, float]]:
    """The vertices of a loop or polyline in degrees."""
    return [degrees_of(s2geometry.S2LatLng(line.vertex(k))) for k in range(line.num_vertices())]


def _bound(part: BaseGeometry) -> s2geometry.S2LatLngRect:
    line = part.exterior if isinstance(part, shapely.Polygon) else part
    coordinates = line.coords[:]
    places = [s2geometry.S2LatLng.FromDegrees(y, x) for (x, y), after in pairwise(coordinates) if (x, y) != after]
    if isinstance(part, shapely.Polygon) and len(places) > 2:
        loop = s2geometry.S2Loop()
        loop.Init([place.ToPoint() for place in places])
        if loop.IsValid():
            loop.Normalize()
            return loop.GetRectBound()
    x, y = coordinates[-1]
    polyline = s2geometry.S2Polyline()
    polyline.InitFromS2LatLngs([*places, s2geometry.S2LatLng.FromDegrees(y, x)])
    return polyline.GetRectBound()


def cell_polygon(cell_id: s2geometry.S2CellId) -> BaseGeometry:
    """The outline of a cell in degrees, counter-clockwise.

    Raises:
        EarthEngineError: There is no such cell.
    """
    if not cell_id.is_valid():
        raise EarthEngineError(f"Invalid S2 cell id: {cell_id.id()}.")
    cell = s2geometry.S2Cell(cell_id)
    corners = [degrees_of(s2geometry.S2LatLng(cell.GetVertex(k))) for k in range(4)]
    return sphere.remade(shapely.Polygon(corners), sphere.unwrapped)
