"""Reducing the pixels of a region: which pixels belong to it, and by what share."""

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ee_emulator import geodesy
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.projection import Projection
from ee_emulator.raster.values import Image
from ee_emulator.values import Geometry


def shape_in(geometry: Geometry, crs: str) -> BaseGeometry:
    """The geometry's shape in a CRS; edges are densified so that they keep their course."""
    if geometry.crs == crs:
        return geometry.shape
    shape = geodesy.in_degrees(geometry)
    if shape.is_empty:
        return shape
    west, south, east, north = shape.bounds
    longest = max(east - west, north - south)
    return geodesy.reproject(shapely.segmentize(shape, longest / 32) if longest else shape, "EPSG:4326", crs)


def grid_over(shape: BaseGeometry, lattice: Projection) -> Grid:
    """The window of a lattice that covers a shape given in the lattice's CRS."""
    west, south, east, north = shape.bounds
    inverse = ~lattice.transform
    corners = [inverse @ corner for corner in ((west, south), (west, north), (east, south), (east, north))]
    columns, rows = [c[0] for c in corners], [c[1] for c in corners]
    left, top = int(np.floor(min(columns) + 1e-9)), int(np.floor(min(rows) + 1e-9))
    right, bottom = int(np.ceil(max(columns) - 1e-9)), int(np.ceil(max(rows) - 1e-9))
    transform = lattice.transform @ Affine.translation(left, top)
    return Grid(lattice.crs, transform, max(right - left, 1), max(bottom - top, 1))


def region_geometry(image: Image, geometry: Geometry | None) -> Geometry:
    """The region given, or the image's footprint.

    Raises:
        EarthEngineError: Neither is bounded.
    """
    if geometry is not None and not geometry.unbounded:
        return geometry
    if image.footprint is None:
        raise EarthEngineError("Unable to perform this operation on an unbounded image or region.")
    return Geometry(image.footprint)


def shares(shape: BaseGeometry, grid: Grid) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """For each pixel its share inside the shape (0..1) and whether its centre is inside, both (height, width).

    A point or line takes the pixels that it touches, wholly.
    """
    x, y = grid.centres()
    shapely.prepare(shape)
    pixels = _pixel_boxes(grid)
    touched = shapely.intersects(shape, pixels)
    if shape.area == 0:
        touched = _one_pixel_a_point(shape, grid) if shape.geom_type == "Point" else touched
        return touched.astype(np.float64), touched
    share = np.zeros(grid.shape)
    whole = touched & shapely.contains_properly(shape, pixels)
    share[whole] = 1.0
    edge = touched & ~whole
    share[edge] = shapely.area(shapely.intersection(shape, pixels[edge])) / shapely.area(pixels[edge])
    return share, shapely.contains_xy(shape, x, y)


def _one_pixel_a_point(shape: BaseGeometry, grid: Grid) -> NDArray[np.bool_]:
    """A point on an edge belongs to the pixel right of and below it, as centres do."""
    x, y = shapely.get_coordinates(shape)[0]
    column, row = ~grid.transform @ (x, y)
    hit = np.zeros(grid.shape, bool)
    hit[min(int(row + 1e-9), grid.height - 1), min(int(column + 1e-9), grid.width - 1)] = True
    return hit


def _pixel_boxes(grid: Grid) -> NDArray[np.object_]:
    columns, rows = np.meshgrid(np.arange(grid.width + 1), np.arange(grid.height + 1))
    t = grid.transform
    x, y = t.a * columns + t.b * rows + t.c, t.d * columns + t.e * rows + t.f
    corners = np.stack(
        [
            np.stack([x[:-1, :-1], y[:-1, :-1]], -1),
            np.stack([x[:-1, 1:], y[:-1, 1:]], -1),
            np.stack([x[1:, 1:], y[1:, 1:]], -1),
            np.stack([x[1:, :-1], y[1:, :-1]], -1),
        ],
        axis=-2,
    )
    return np.asarray(shapely.polygons(corners))


def lattice_for(
    image: Image, crs: Projection | None, crs_transform: list[float] | None, scale: float | None
) -> Projection:
    """The lattice of a reduction: the one asked for, else the first band's.

    Raises:
        EarthEngineError: Both a scale and a transform.
    """
    base = crs or image.first_projection()
    if crs_transform is not None:
        if scale is not None:
            raise EarthEngineError("Only one of 'crsTransform' and 'scale' may be given.")
        return Projection(base.crs, Affine(*crs_transform))
    if scale is not None:
        return Projection(base.crs).at_scale(scale) if base.composite else base.at_scale(scale)
    return base
