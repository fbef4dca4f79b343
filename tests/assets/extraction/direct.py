"""The same numbers by another way: straight from the planet's images, with plain loops over lattices."""

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
import pyproj
from affine import Affine
from numpy.typing import NDArray

from ee_emulator.catalog.base import ImageAsset, Window
from ee_emulator.planet.assets import Collection, milliseconds
from ee_emulator.planet.catalog import SimulatedCatalog
from lake.grid import CityGrid

Array = NDArray[Any]
CATALOG = SimulatedCatalog()
SINUSOIDAL = "+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +R=6371007.181 +units=m +no_defs"


def images_of(collection: str, grid: CityGrid, year: int) -> list[ImageAsset]:
    """Images of a simulated collection over a grid in a year."""
    from datetime import date

    asset = cast(Collection, CATALOG.get(collection))
    start, end = milliseconds(date(year, 1, 1)), milliseconds(date(year + 1, 1, 1))
    return list(asset.images(grid.window.bounds_wgs84, start, end))


def lattice_positions(image: ImageAsset, band: str, crs: str, x: Array, y: Array) -> tuple[Array, Array]:
    """Fractional column and row of points on a band's lattice."""
    spec = next(s for s in image.bands if s.name == band)
    code = SINUSOIDAL if spec.crs == "SR-ORG:6974" else spec.crs
    there = pyproj.Transformer.from_crs(crs, code, always_xy=True).transform(x, y)
    inverse = ~spec.transform
    return inverse.a * there[0] + inverse.c, inverse.e * there[1] + inverse.f


def read_window(
    image: ImageAsset, bands: Sequence[str], columns: Array, rows: Array
) -> tuple[dict[str, Array], Window]:
    """Native pixels that hold some positions, with two more all round; NaN where masked."""
    left, top = int(np.floor(columns.min())) - 2, int(np.floor(rows.min())) - 2
    window = Window(left, top, int(np.ceil(columns.max())) + 2 - left, int(np.ceil(rows.max())) + 2 - top)
    pixels = image.read(list(bands), window)
    return {name: np.where(p.mask, p.values.astype(np.float64), np.nan) for name, p in pixels.items()}, window


def parts(grid: CityGrid, count: int) -> tuple[Array, Array]:
    """Centres of count × count equal parts of each pixel, (pixels, parts), metres in the grid's CRS."""
    offsets = ((np.arange(count) + 0.5) / count - 0.5) * 100.0
    dx, dy = (v.ravel() for v in np.meshgrid(offsets, -offsets))
    x, y = grid.centres()
    return x[:, None] + dx, y[:, None] + dy


def mean_of_native(grid: CityGrid, image: ImageAsset, band: str, count: int, change: Callable[..., Array]) -> Array:
    """Means over each pixel of what `change(values, columns, rows)` makes of native pixels, by sampling parts."""
    x, y = parts(grid, count)
    columns, rows = lattice_positions(image, band, grid.crs, x, y)
    values, window = read_window(image, [band], columns, rows)
    i, j = np.floor(columns).astype(int), np.floor(rows).astype(int)
    picked = values[band][j - window.row, i - window.column]
    return np.asarray(np.nanmean(change(picked, i, j), axis=1))


def cell_areas_km2(transform: Affine, columns: Array, rows: Array) -> Array:
    """Areas of cells of a lattice in degrees on the ellipsoid, by geodesic polygons; columns do not matter."""
    geod = pyproj.Geod(ellps="WGS84")
    known = {}
    for row in np.unique(rows):
        corners = [transform @ (c, r) for c, r in ((0, row), (1, row), (1, row + 1), (0, row + 1))]
        lon, lat = zip(*corners, strict=True)
        known[row] = abs(geod.polygon_area_perimeter(lon, lat)[0]) / 1e6
    return np.vectorize(known.get)(rows).astype(float)


def quiet_median(stack: Sequence[Array]) -> Array:
    """Median over a list of arrays, without NaN; NaN where there is nothing."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.asarray(np.nanmedian(np.stack(stack), axis=0))
