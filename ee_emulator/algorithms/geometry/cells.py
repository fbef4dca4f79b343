"""Geometry: lines cut into pieces, the cells of grids, the cells of S2."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import s2geometry
import shapely
from shapely.geometry.base import BaseGeometry

from ee_emulator.errors import EarthEngineError
from ee_emulator.geometry import geodesy, sphere
from ee_emulator.geometry.s2 import cell_polygon
from ee_emulator.raster.projection import Projection
from ee_emulator.raster.regions import grid_over
from ee_emulator.registry import algorithm
from ee_emulator.values import Collection, ErrorMargin, Feature, FeatureCollection, Geometry

Margin = ErrorMargin | None
Proj = Projection | None
MOST_CELLS = 1_000_000


@algorithm("Geometry.cutLines")
def cut_lines(geometry: Geometry, distances: list[float], max_error: Margin, proj: Proj) -> Geometry:
    """The lines cut at distances along each of them, metres or units of the projection; empty without lines."""
    if proj is None:
        shape, along = geodesy.arcs(geometry, max_error), sphere.arc_in_degrees
    else:
        shape, along = geodesy.projected(geometry, proj.crs, max_error), sphere.straight
    pieces = []
    for part in sphere.parts(shape):
        if isinstance(part, shapely.LineString):
            points = shapely.get_coordinates(part)
            edges = geodesy.edge_lengths(points) if proj is None else np.hypot(*np.diff(points, axis=0).T)
            pieces += list(_pieces(points, edges, sorted(distances), along))
    lines = shapely.MultiLineString(pieces)
    return Geometry(lines) if proj is None else Geometry(lines, proj.crs, geodesic=False)


def _pieces(
    points: sphere.Points, edges: sphere.Points, distances: list[float], along: sphere.Along
) -> Iterator[sphere.Points]:
    """The pieces between the cuts that lie within a line."""
    reached = np.concatenate([[0.0], np.cumsum(edges)])
    piece = [points[0]]
    cuts = [distance for distance in distances if 0 < distance < reached[-1]]
    for index, (start, end) in enumerate(pairwise(points)):
        for cut in [c for c in cuts if reached[index] < c <= reached[index + 1]]:
            place = along(start[None], end[None], (cut - reached[index]) / edges[index])[0]
            yield np.array([*piece, place])
            piece = [place]
        if not np.array_equal(piece[-1], end):
            piece.append(end)
    if len(piece) > 1:
        yield np.array(piece)


@algorithm("Geometry.coveringGrid")
def covering_grid(geometry: Geometry, proj: Projection, scale: float | None) -> Collection:
    """The cells of a projection's lattice that meet the geometry, each under the index `column,row`.

    Raises:
        EarthEngineError: The geometry is unbounded, or meets more than a million cells.
    """
    if geometry.unbounded:
        raise EarthEngineError("Unable to cover an unbounded geometry.")
    lattice = proj if scale is None else Projection(proj.crs).at_scale(scale)
    return FeatureCollection(lambda: _cells(geodesy.projected(geometry, lattice.crs), lattice))


def _cells(shape: BaseGeometry, lattice: Projection) -> Iterator[Feature]:
    if shape.is_empty:
        return
    window = grid_over(shape, lattice)
    if window.width * window.height > MOST_CELLS:
        raise EarthEngineError(f"The grid has {window.width * window.height} cells, more than {MOST_CELLS}.")
    left, top = (round(value) for value in ~lattice.transform @ (window.transform.c, window.transform.f))
    shapely.prepare(shape)
    for row in range(top, top + window.height):
        for column in range(left, left + window.width):
            corners = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)]
            cell = shapely.geometry.polygon.orient(shapely.Polygon([lattice.transform @ corner for corner in corners]))
            if shape.intersects(cell):
                yield Feature(Geometry(cell, lattice.crs, geodesic=False), {}, f"{column},{row}")


@algorithm("Geometry.fromS2CellId", "Geometry.s2Cell")
def from_s2_cell_id(cell_id: int) -> Geometry:
    """The outline of an S2 cell, from its id as a signed or unsigned 64-bit number."""
    return Geometry(cell_polygon(s2geometry.S2CellId(cell_id % 2**64)))


@algorithm("Geometry.fromS2CellToken")
def from_s2_cell_token(cell_token: str) -> Geometry:
    """The outline of an S2 cell, from its id in hexadecimal."""
    return Geometry(cell_polygon(s2geometry.S2CellId.FromToken(cell_token)))
