"""Which dark places are shadows of which clouds.

Zhu and Woodcock (2012), "Object-based cloud and cloud shadow detection in Landsat imagery", Remote Sensing of
Environment 118, 83-94, section 3.2. Each cloud is moved away from the sun by the length of its shadow at one height
after another; the height is taken at which most of the moved cloud falls on shadows or other clouds. A cloud moves as
one, where the paper lets colder parts of it stand higher.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ee_emulator.raster.grid import Grid
from ee_emulator.raster.projection import unit_metres

Flags = NDArray[np.bool_]
Offset = tuple[int, int]

CLEAR, SHADOW, CLOUD = 0, 2, 4

SMALLEST = 9
"""Pixels of the smallest cloud."""

LOWEST, HIGHEST = 200.0, 12_000.0
"""Heights of cloud bases, m."""

WET, DRY = 6.5, 9.8
"""Degrees that the air cools down by in 1,000 m, from the warm and from the cold temperature of the clear land."""

ALIKE = 0.3
"""Least share of a moved cloud that must fall on shadow or cloud."""

FALLING, SURE = 0.98, 0.95
"""Higher heights are not tried once the share has fallen below so much of the best one, or that is as large as this."""

EDGE = 8
"""Pixels at the edge of a cloud that do not tell its temperature, since the ground shines through."""


class Sun(NamedTuple):
    """Where the sun stands, degrees: azimuth from north, elevation above the horizon."""

    azimuth: float
    elevation: float


def match(
    grid: Grid,
    clouds: Flags,
    shadows: Flags,
    warmth: NDArray[np.floating],
    sun: Sun,
    low: float,
    high: float,
) -> NDArray[np.uint8]:
    """Clouds and their shadows.

    Args:
        grid: Lattice of all arrays, (height, width).
        clouds: Potential clouds.
        shadows: Potential shadows.
        warmth: Brightness temperature, °C; NaN where not known.
        sun: Where it stands.
        low: Cold temperature of the scene's clear land, °C.
        high: Warm temperature of it, °C.

    Returns:
        CLEAR, SHADOW or CLOUD.
    """
    from scipy.ndimage import label

    numbers, _ = label(clouds, np.ones((3, 3)))
    sizes = np.bincount(numbers.ravel())
    kept = sizes >= SMALLEST
    kept[0] = False
    real = kept[numbers]
    explained = np.zeros(grid.shape, np.bool_)
    dark = shadows & ~real
    order = np.argsort(numbers, axis=None, kind="stable")
    places = np.split(order, np.cumsum(sizes)[:-1])
    for number in np.flatnonzero(kept):
        rows, columns = np.unravel_index(places[number], grid.shape)
        base = _base(warmth[rows, columns], low, high)
        offset = _best_offset(rows, columns, numbers == number, dark, real, grid, sun, base)
        if offset is not None:
            _mark(rows + offset[0], columns + offset[1], explained)
    return np.where(real, CLOUD, np.where(explained, SHADOW, CLEAR)).astype(np.uint8)


def _base(warmth: NDArray[np.floating], low: float, high: float) -> tuple[float, float]:
    """Lowest and highest height of a cloud's base, m, from its temperature there: the warmest one within its edge."""
    known = warmth[np.isfinite(warmth)]
    if known.size == 0:
        return LOWEST, HIGHEST
    radius = math.sqrt(known.size / (2 * math.pi))
    within = max(radius - EDGE, 0.0) / radius
    base = float(np.percentile(known, 100 * within**2))
    least = max(LOWEST, (low - 4 - base) / DRY * 1000)
    most = min(HIGHEST, (high + 4 - base) / WET * 1000)
    return least, max(least, most)


def _offsets(grid: Grid, sun: Sun, base: tuple[float, float]) -> Iterator[Offset]:
    """Rows and columns from a cloud to its shadow, for rising heights, each once."""
    reach = 1 / math.tan(math.radians(sun.elevation))
    away = math.radians(sun.azimuth + 180)
    metres, t = unit_metres(grid.crs), grid.transform
    pixel = math.sqrt(abs(t.a * t.e - t.b * t.d)) * metres
    inverse = ~t.__class__(t.a, t.b, 0.0, t.d, t.e, 0.0)
    height, last = base[0], None
    while height <= base[1]:
        length = height * reach / metres
        column, row = inverse @ (length * math.sin(away), length * math.cos(away))
        offset = round(row), round(column)
        if offset != last:
            last = offset
            yield offset
        height += max(pixel / reach / 2, 1.0)


def _best_offset(
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    own: Flags,
    dark: Flags,
    real: Flags,
    grid: Grid,
    sun: Sun,
    base: tuple[float, float],
) -> Offset | None:
    best, chosen = 0.0, None
    for offset in _offsets(grid, sun, base):
        r, c = rows + offset[0], columns + offset[1]
        inside = (r >= 0) & (r < grid.height) & (c >= 0) & (c < grid.width)
        r, c = r[inside], c[inside]
        outside = ~own[r, c]  # what stays under the cloud itself says nothing
        if not outside.any():
            continue
        r, c = r[outside], c[outside]
        share = float((dark[r, c] | real[r, c]).mean())
        if share > best:
            best, chosen = share, offset
        if best >= SURE or (best >= ALIKE and share < FALLING * best):
            break
    return chosen if best >= ALIKE else None


def _mark(rows: NDArray[np.int64], columns: NDArray[np.int64], flags: Flags) -> None:
    inside = (rows >= 0) & (rows < flags.shape[0]) & (columns >= 0) & (columns < flags.shape[1])
    flags[rows[inside], columns[inside]] = True
