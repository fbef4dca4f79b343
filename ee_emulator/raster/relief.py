"""The shape of the ground: gradients in metres, slope, aspect, light and shadow, depressions.

Functions get elevations with a margin around the grid of their answer.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ee_emulator.catalog.base import Pixels
from ee_emulator.raster.edges import differences
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.projection import convert, crs_of, unit_metres

Array = NDArray[np.float64]

_RADIUS, _ECCENTRICITY = 6378137.0, 0.0066943799901413165
"""WGS 84: equatorial radius, m, and squared eccentricity."""


def ground_size(grid: Grid) -> tuple[Array, Array]:
    """Metres from a pixel's centre to that of its neighbour across and down.

    In degrees and on Mercator's projection they are measured on the ellipsoid, at each latitude; other projections are
    taken at their word. Both arrays broadcast to (height, width).
    """
    t = grid.transform
    if not _is_cylinder(grid.crs):
        unit = unit_metres(grid.crs)
        return np.full((1, 1), np.hypot(t.a, t.d) * unit), np.full((1, 1), np.hypot(t.b, t.e) * unit)
    # Meridians are straight and parallel: a row has one size, unless the lattice is turned.
    column = grid.window(0, 0, 1, grid.height) if t.b == 0 and t.d == 0 else grid
    x, y = column.grown(1, 1).centres()
    lon, lat = convert(grid.crs, "EPSG:4326", x, y)
    across = _distance(lon[1:-1, 2:], lat[1:-1, 2:], lon[1:-1, :-2], lat[1:-1, :-2]) / 2.0
    down = _distance(lon[2:, 1:-1], lat[2:, 1:-1], lon[:-2, 1:-1], lat[:-2, 1:-1]) / 2.0
    return across, down


def _is_cylinder(code: str) -> bool:
    crs = crs_of(code)
    method = crs.coordinate_operation.method_name if crs.coordinate_operation else ""
    return bool(crs.is_geographic or method.startswith("Mercator") or "Pseudo Mercator" in method)


def _distance(lon1: Array, lat1: Array, lon2: Array, lat2: Array) -> Array:
    """Metres between points that are close together, by the ellipsoid's radii of curvature half-way."""
    middle = np.radians((lat1 + lat2) / 2.0)
    squared = 1.0 - _ECCENTRICITY * np.sin(middle) ** 2
    normal, meridian = _RADIUS / np.sqrt(squared), _RADIUS * (1.0 - _ECCENTRICITY) / squared**1.5
    degrees = (lon1 - lon2 + 180.0) % 360.0 - 180.0
    metres: Array = np.hypot(np.radians(degrees) * np.cos(middle) * normal, np.radians(lat1 - lat2) * meridian)
    return metres


def uphill(values: Array, grid: Grid) -> tuple[Array, Array]:
    """Growth per metre to the east and north of the grid, by the four neighbours; values have a margin of one."""
    columns, rows = differences(values)
    across, down = ground_size(grid)
    east = columns / across * math.copysign(1.0, grid.transform.a)
    north = rows / down * math.copysign(1.0, grid.transform.e)
    return east, north


def slope(east: Array, north: Array) -> Array:
    """Degrees from the horizontal."""
    return np.degrees(np.arctan(np.hypot(east, north)))


def aspect(east: Array, north: Array) -> Array:
    """The direction of steepest descent, degrees clockwise from north; 0 where it is flat."""
    flat = (east == 0) & (north == 0)
    degrees = np.degrees(np.arctan2(-east, -north)) % 360.0
    return np.where(flat, 0.0, degrees)


def hillshade(east: Array, north: Array, azimuth: float, elevation: float) -> Array:
    """Light on the ground, 0 to 255: the cosine of the angle between its normal and the sun."""
    steep, facing = np.arctan(np.hypot(east, north)), np.radians(aspect(east, north))
    sun, zenith = math.radians(azimuth), math.radians(90.0 - elevation)
    light = math.cos(zenith) * np.cos(steep) + math.sin(zenith) * np.sin(steep) * np.cos(sun - facing)
    return np.asarray(255.0 * np.clip(light, 0.0, 1.0))


def shadows(values: Array, grid: Grid, azimuth: float, zenith: float, reach: int, hysteresis: bool) -> Array:
    """1 where light arrives, 0 where ground within `reach` pixels towards the sun stands in its way.

    The way is walked in steps of one pixel along the longer axis, nearest pixels being taken. With hysteresis a pixel
    that the light clears by less than it falls in one step is in shadow where its neighbour towards the sun is: edges
    of shadows become less ragged (ours; what Earth Engine does there is not published). Values have a margin of
    `reach` + 1.
    """
    across, down = ground_size(grid.grown(1, 1))
    x, y = math.sin(math.radians(azimuth)), -math.cos(math.radians(azimuth))
    longer = max(abs(x), abs(y))
    x, y = x / longer * math.copysign(1.0, grid.transform.a), y / longer * -math.copysign(1.0, grid.transform.e)
    height, width = grid.height + 2, grid.width + 2
    fall = np.hypot(x * across, y * down) / max(math.tan(math.radians(zenith)), 1e-9)
    fall = np.broadcast_to(fall, (height, width))
    start = values[reach : reach + height, reach : reach + width]
    clearance = np.full(start.shape, np.inf)
    for step in range(1, reach + 1):
        column, row = reach + round(step * x), reach + round(step * y)
        clearance = np.minimum(clearance, start + step * fall - values[row : row + height, column : column + width])
    dark = clearance < 0
    lit = ~dark[1:-1, 1:-1]
    if hysteresis:
        row, column = 1 + round(y), 1 + round(x)
        towards = dark[row : row + grid.height, column : column + grid.width]
        barely = clearance[1:-1, 1:-1] < fall[1:-1, 1:-1]
        lit &= ~(barely & towards)
    return lit.astype(np.float64)


def filled_minima(pixels: Pixels, border: float | None, margin: int) -> Pixels:
    """Depressions filled up to their lowest way out; pixels have a margin, at whose outer edge water leaves.

    Water also leaves into masked pixels. `border` is the level outside; None lets it run off freely. Filling is
    morphological reconstruction by erosion (Vincent 1993), as in Fmask (Zhu and Woodcock 2012).
    """
    from skimage.morphology import reconstruction

    values = pixels.values.astype(np.float64)
    outside = float(values[pixels.mask].min()) if pixels.mask.any() else 0.0
    outside = outside if border is None else float(border)
    ground = np.pad(np.where(pixels.mask, values, outside), 1, constant_values=outside)
    seed = np.full(ground.shape, max(ground.max(), outside))
    edge = np.ones(ground.shape, bool)
    edge[1:-1, 1:-1] = ~pixels.mask
    seed[edge] = ground[edge]
    level = reconstruction(seed, ground, method="erosion")[1:-1, 1:-1]  # type: ignore[no-untyped-call]
    cut = np.s_[margin : level.shape[0] - margin, margin : level.shape[1] - margin]
    return Pixels(level[cut], pixels.mask[cut])
