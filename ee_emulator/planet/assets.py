"""Images and collections of the planet: computed when a window is read, never stored."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import numpy as np
import pyproj
from affine import Affine
from numpy.typing import NDArray

from ee_emulator.catalog.base import BandSpec, Bounds, ImageAsset, Pixels, Window
from ee_emulator.planet.fields import Fields, fields_at

VERSION = 1
SIMULATED = f"yes: the ee_emulator planet, version {VERSION}; not a measurement"

Array = NDArray[Any]
Painter = Callable[[Fields, Array, Array], Mapping[str, tuple[Array, Any]]]
"""From fields, longitude and latitude to values and mask of each band."""


def milliseconds(day: date) -> int:
    """Midnight UTC of a day."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def span(start: date, end: date) -> dict[str, Any]:
    """`system:time_start` and `system:time_end` of a period, and the label that all simulated assets carry."""
    return {
        "system:time_start": milliseconds(start),
        "system:time_end": milliseconds(end),
        "simulated": SIMULATED,
    }


@lru_cache(maxsize=32)
def to_degrees(crs: str) -> pyproj.Transformer:
    """From a CRS to longitude and latitude."""
    return pyproj.Transformer.from_crs(_OWN_CODES.get(crs, crs), "EPSG:4326", always_xy=True)


_OWN_CODES = {
    "SR-ORG:6974": "+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +R=6371007.181 +units=m +no_defs",
}


def centres(band: BandSpec, window: Window, overview: int) -> tuple[Array, Array]:
    """Longitude and latitude of the window's pixel centres, rounded to 1e-9 degrees.

    The rounding (0.1 mm) takes away the last bits, in which projection libraries of different machines differ.
    """
    lattice = band.transform @ Affine.scale(2**overview) @ Affine.translation(window.column, window.row)
    columns, rows = np.meshgrid(np.arange(window.width) + 0.5, np.arange(window.height) + 0.5)
    x, y = lattice.a * columns + lattice.b * rows + lattice.c, lattice.d * columns + lattice.e * rows + lattice.f
    lon, lat = (x, y) if band.crs == "EPSG:4326" else to_degrees(band.crs).transform(x, y)
    return np.round(lon, 9), np.round(lat, 9)


@lru_cache(maxsize=24)
def _window_fields(
    crs: str, transform: Affine, window: Window, overview: int, year: int
) -> tuple[Fields, Array, Array]:
    """Fields of a window; scenes of one year on one lattice share them."""
    lon, lat = centres(BandSpec("", "", crs, transform), window, overview)
    safe = np.where(np.isfinite(lon) & np.isfinite(lat), lon, 0.0), np.where(np.isfinite(lat), lat, 0.0)
    return fields_at(*safe, year), lon, lat


@dataclass(frozen=True)
class FieldImage:
    """An image whose bands are functions of the fields.

    Attributes:
        id: Asset id.
        bands: Bands on one or several lattices.
        properties: Metadata.
        bounds: Extent, degrees.
        year: Year of the fields.
        paint: Makes the bands.
    """

    id: str
    bands: tuple[BandSpec, ...]
    properties: Mapping[str, Any]
    bounds: Bounds
    year: int
    paint: Painter

    def read(self, bands: Sequence[str], window: Window, overview: int = 0) -> dict[str, Pixels]:
        """Computes the bands over a window."""
        spec = next(band for band in self.bands if band.name == bands[0])
        fields, lon, lat = _window_fields(spec.crs, spec.transform, window, overview, self.year)
        painted = self.paint(fields, lon, lat)
        inside = _inside(spec, window, overview) & np.isfinite(lon)
        return {name: _stored(painted[name], inside, self._dtype(name)) for name in bands}

    def _dtype(self, name: str) -> np.dtype[Any]:
        return np.dtype(next(band.dtype for band in self.bands if band.name == name))


def _inside(band: BandSpec, window: Window, overview: int) -> NDArray[np.bool_]:
    if band.dimensions is None:
        return np.ones((window.height, window.width), bool)
    width, height = (-(-size // 2**overview) for size in band.dimensions)
    columns, rows = window.column + np.arange(window.width), window.row + np.arange(window.height)
    return np.asarray(((rows >= 0) & (rows < height))[:, None] & ((columns >= 0) & (columns < width))[None, :])


def _stored(painted: tuple[Array, Array], inside: NDArray[np.bool_], dtype: np.dtype[Any]) -> Pixels:
    """Quantises to the stored type; float values are rounded to 6 significant decimals first."""
    values, mask = painted
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        values = np.clip(np.rint(values), limits.min, limits.max)
    else:
        values = np.round(values, 6)
    valid = np.broadcast_to(mask, values.shape) & inside
    return Pixels(np.where(valid, values, 0).astype(dtype), valid)


@dataclass(frozen=True)
class Collection:
    """Images under one id, made when asked for.

    Attributes:
        id: Asset id.
        make: Images that can lie in (bounds, start_ms, end_ms), each None for no limit.
        properties: Metadata.
    """

    id: str
    make: Callable[[Bounds | None, float | None, float | None], Iterable[ImageAsset]]
    properties: Mapping[str, Any] = field(default_factory=lambda: {"simulated": SIMULATED})

    def images(
        self, bounds: Bounds | None = None, start_ms: float | None = None, end_ms: float | None = None
    ) -> Iterable[ImageAsset]:
        """Images in id order, as far as the hints allow."""
        return sorted(self.make(bounds, start_ms, end_ms), key=lambda image: image.id)


def meets(a: Bounds, b: Bounds | None) -> bool:
    """Whether two extents share anything; None is everywhere."""
    return b is None or (a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3])


def in_time(start: int, start_ms: float | None, end_ms: float | None) -> bool:
    """Whether an image that begins at `start` can lie in the range."""
    return (start_ms is None or start >= start_ms) and (end_ms is None or start < end_ms)


def utm_crs(lon: float, lat: float) -> str:
    """The UTM zone of a place in the north."""
    return f"EPSG:{32600 + int((lon + 180) // 6) + 1}"
