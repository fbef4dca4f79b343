"""Reducing the pixels of a region: which pixels belong to it, and by what share."""

from functools import lru_cache

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ee_emulator.errors import EarthEngineError
from ee_emulator.geometry import geodesy, sphere
from ee_emulator.raster.coverage import coverage
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.projection import Projection
from ee_emulator.raster.values import Image
from ee_emulator.values import ErrorMargin, Geometry

COURSE = ErrorMargin(0.5)
"""Metres by which edges may leave their course where pixels are chosen: a twentieth of the finest."""

DRAWN = 2**16
"""Random pixels that are looked at in one go."""

MOST_DRAWS = 64
"""How often, for pixels of an area that fills little of the box about it."""


@lru_cache(maxsize=256)
def shape_in(geometry: Geometry, crs: str) -> BaseGeometry:
    """The geometry's shape in a CRS; edges are divided so that they keep their course, great circles among them.

    Edges of more than half a turn are taken as straight in degrees: of a whole world's outline that is what is meant.
    """
    if geometry.geodesic and _spans_half_the_world(geometry):
        geometry = Geometry(geometry.shape, geometry.crs, geodesic=False)
    shape = geodesy.projected(geometry, crs, COURSE)
    return shape if shape.is_valid else shapely.make_valid(shape)


def _spans_half_the_world(geometry: Geometry) -> bool:
    lines = (part.exterior if isinstance(part, shapely.Polygon) else part for part in sphere.parts(geometry.shape))
    return any((np.abs(np.diff(shapely.get_coordinates(line)[:, 0])) >= 180).any() for line in lines)


def grid_over(shape: BaseGeometry, lattice: Projection) -> Grid:
    """The window of a lattice that covers a shape given in the lattice's CRS."""
    west, south, east, north = shape.bounds
    if not np.isfinite([west, south, east, north]).all():
        raise EarthEngineError(f"Unable to transform the requested region to {lattice.crs}.")
    inverse = ~lattice.transform
    corners = [inverse @ corner for corner in ((west, south), (west, north), (east, south), (east, north))]
    columns, rows = [c[0] for c in corners], [c[1] for c in corners]
    if not np.isfinite([*columns, *rows]).all():
        raise EarthEngineError(f"The requested region is out of reach of the pixels of {lattice.crs}.")
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
    return Geometry(image.footprint, geodesic=False)


def shares(shape: BaseGeometry, grid: Grid) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """For each pixel its share inside the shape (0..1) and whether its centre is inside, both (height, width).

    A point or line takes the pixels that it touches, wholly.
    """
    shapely.prepare(shape)
    if shape.area == 0:
        touched = _one_pixel_a_point(shape, grid) if shape.geom_type == "Point" else _touched(shape, grid)
        return touched.astype(np.float64), touched
    share = coverage(shape, grid)
    return share, _centres(shape, grid, share)


def centres_inside(shape: BaseGeometry, grid: Grid) -> NDArray[np.bool_]:
    """Which pixels have their centre in or on the shape, (height, width)."""
    if shape.is_empty:
        return np.zeros(grid.shape, bool)
    shapely.prepare(shape)
    if shape.area == 0:
        x, y = grid.centres()
        return np.asarray(shapely.intersects_xy(shape, x, y))
    return _centres(shape, grid, coverage(shape, grid))


def drawn_inside(shape: BaseGeometry, grid: Grid, count: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Positions, row by row, of random pixels whose centre is in or on an area; fewer where it fills little of a grid.

    Args:
        shape: An area in the coordinates of the grid.
        grid: Pixels over the shape.
        count: How many pixels.
        generator: Of random numbers.
    """
    shapely.prepare(shape)
    found, t = np.zeros(0, np.int64), grid.transform
    for _ in range(MOST_DRAWS):
        positions = generator.integers(0, grid.width * grid.height, max(DRAWN, 2 * count))
        rows, columns = np.divmod(positions, grid.width)
        x = t.a * (columns + 0.5) + t.b * (rows + 0.5) + t.c
        y = t.d * (columns + 0.5) + t.e * (rows + 0.5) + t.f
        found = np.concatenate([found, positions[shapely.intersects_xy(shape, x, y)]])
        # Each pixel once, in the order in which they were drawn, so that cutting off leaves a random part.
        found = found[np.sort(np.unique(found, return_index=True)[1])]
        if len(found) >= count:
            break
    return np.sort(found[:count])


def _centres(shape: BaseGeometry, grid: Grid, share: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which pixels have their centre inside; only those on the outline have to be looked at."""
    inside: NDArray[np.bool_] = share == 1.0
    rows, columns = np.nonzero((share > 0.0) & ~inside)
    t = grid.transform
    x = t.a * (columns + 0.5) + t.b * (rows + 0.5) + t.c
    y = t.d * (columns + 0.5) + t.e * (rows + 0.5) + t.f
    inside[rows, columns] = shapely.intersects_xy(shape, x, y)
    return inside


def _burnt(shape: BaseGeometry, grid: Grid, *, all_touched: bool) -> NDArray[np.bool_]:
    import rasterio
    from rasterio.features import rasterize

    transform = rasterio.Affine(*tuple(grid.transform)[:6])
    burnt = rasterize([(shape, 1)], grid.shape, transform=transform, all_touched=all_touched, dtype="uint8")
    return np.asarray(burnt, bool)


def _touched(shape: BaseGeometry, grid: Grid) -> NDArray[np.bool_]:
    """Pixels that a line or several points touch; the exact test only where the shape's extent reaches."""
    near = _near(shape, grid)
    rows, columns = np.nonzero(near)
    near[near] = shapely.intersects(shape, _pixel_boxes(grid, rows, columns))
    return near


def _near(shape: BaseGeometry, grid: Grid) -> NDArray[np.bool_]:
    """Every pixel that a shape touches, and some neighbours: burning misses slivers and what runs along an edge."""
    from scipy import ndimage

    burnt = _burnt(shape, grid, all_touched=True)
    return np.asarray(ndimage.binary_dilation(burnt, np.ones((3, 3), bool)))


def _one_pixel_a_point(shape: BaseGeometry, grid: Grid) -> NDArray[np.bool_]:
    """A point on an edge belongs to the pixel right of and below it, as centres do."""
    x, y = shapely.get_coordinates(shape)[0]
    column, row = ~grid.transform @ (x, y)
    hit = np.zeros(grid.shape, bool)
    hit[min(int(row + 1e-9), grid.height - 1), min(int(column + 1e-9), grid.width - 1)] = True
    return hit


def _pixel_boxes(grid: Grid, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.object_]:
    """Outlines of chosen pixels."""
    t = grid.transform
    corners = []
    for dx, dy in ((0, 0), (1, 0), (1, 1), (0, 1)):
        c, r = columns + dx, rows + dy
        corners.append(np.stack([t.a * c + t.b * r + t.c, t.d * c + t.e * r + t.f], -1))
    return np.asarray(shapely.polygons(np.stack(corners, axis=-2)))


def lattice_for(
    image: Image, crs: Projection | None, crs_transform: list[float] | None, scale: float | None
) -> Projection:
    """The lattice of a reduction: the one asked for, else the first band's.

    Raises:
        EarthEngineError: Both a scale and a transform, or a transform that is none.
    """
    base = crs or image.first_projection()
    if crs_transform is not None:
        if scale is not None:
            raise EarthEngineError("Only one of 'crsTransform' and 'scale' may be given.")
        if len(crs_transform) != 6:
            raise EarthEngineError(f"A transform has six numbers, got {crs_transform}.")
        return Projection(base.crs, Affine(*crs_transform))
    if scale is not None:
        return Projection(base.crs).at_scale(scale) if base.composite else base.at_scale(scale)
    return base
