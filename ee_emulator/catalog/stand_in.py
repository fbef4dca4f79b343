"""Stand-ins: invented pixels and rows behind the id of a data set that nobody here has.

Code that uses a data set runs only where the id, the bands and the dates are there; what the pixels say matters less to
a test of that code. A stand-in has the bands and ranges that its entry of the catalogue gives, filled with smooth
noise, the same on every machine. Every asset says that it is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from ee_emulator.catalog.base import BandSpec, Bounds, Pixels, TableRow, Window
from ee_emulator.planet.noise import fractal, text_key, uniform

WORLD: Bounds = (-180.0, -90.0, 180.0, 90.0)
SIMULATED = "yes: a stand-in of noise; not a measurement"
METRES_PER_DEGREE = 111_319.49079327358
PIXELS_A_FEATURE = 24.0
"""Size of the largest features, in pixels."""


@dataclass(frozen=True)
class Range:
    """What a band or a column holds.

    Attributes:
        low: Least value.
        high: Greatest value.
        dtype: Numpy name of the stored type.
    """

    low: float
    high: float
    dtype: str = "float32"


def _lattice(scale: float) -> tuple[Affine, tuple[int, int]]:
    """Square pixels of `scale` metres at the equator over the whole world, in degrees."""
    side = scale / METRES_PER_DEGREE
    return Affine(side, 0.0, -180.0, 0.0, -side, 90.0), (int(360.0 / side), int(180.0 / side))


@dataclass(frozen=True)
class StandInImage:
    """An image of noise over the whole world.

    Attributes:
        id: Asset id.
        ranges: What each band holds.
        scale: Metres a pixel, at the equator.
        properties: Metadata.
    """

    id: str
    ranges: Mapping[str, Range]
    scale: float
    properties: Mapping[str, Any] = field(default_factory=dict)
    bounds: Bounds = WORLD

    @cached_property
    def bands(self) -> tuple[BandSpec, ...]:
        """The bands, all on one lattice in EPSG:4326."""
        transform, size = _lattice(self.scale)
        return tuple(BandSpec(name, r.dtype, "EPSG:4326", transform, size) for name, r in self.ranges.items())

    def read(self, bands: Sequence[str], window: Window, overview: int = 0) -> dict[str, Pixels]:
        """Noise over a window, masked beyond the lattice."""
        _, size = _lattice(self.scale)
        side = 2**overview
        columns = (window.column + np.arange(window.width) + 0.5) * side
        rows = (window.row + np.arange(window.height) + 0.5) * side
        inside = ((rows > 0) & (rows < size[1]))[:, None] & ((columns > 0) & (columns < size[0]))[None, :]
        x, y = np.meshgrid(columns, rows)
        return {name: Pixels(self._values(name, x, y), inside) for name in bands}

    def _values(self, name: str, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[Any]:
        held = self.ranges[name]
        noise = fractal(x, y, PIXELS_A_FEATURE, text_key(f"{self.id}/{name}") % 2**31)
        # Noise crowds about its middle; stretched, it reaches both ends of the range.
        values = held.low + (held.high - held.low) * np.clip(1.6 * (noise - 0.5) + 0.5, 0.0, 1.0)
        return (np.rint(values) if np.dtype(held.dtype).kind in "iu" else values).astype(held.dtype)


@dataclass(frozen=True, eq=False)
class StandInCollection:
    """Images one after the other.

    Attributes:
        id: Collection id.
        ranges: What each band holds.
        scale: Metres a pixel, at the equator.
        moments: When each image begins, and when the last one ends; ms since 1970 UTC, ascending.
        image_properties: Metadata of every image.
        properties: Metadata of the collection.
    """

    id: str
    ranges: Mapping[str, Range]
    scale: float
    moments: NDArray[np.int64]
    image_properties: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)

    def images(
        self, bounds: Bounds | None = None, start_ms: float | None = None, end_ms: float | None = None
    ) -> Iterator[StandInImage]:
        """The images that begin within the dates."""
        starts = self.moments[:-1]
        first = 0 if start_ms is None else int(np.searchsorted(starts, start_ms))
        last = len(starts) if end_ms is None else int(np.searchsorted(starts, end_ms))
        return (self._image(k) for k in range(first, last))

    def _image(self, number: int) -> StandInImage:
        start, end = int(self.moments[number]), int(self.moments[number + 1])
        moment = np.datetime64(start, "ms")
        day = moment.astype("datetime64[D]")
        index = str(day if day == moment else moment.astype("datetime64[m]")).replace("-", "_").replace(":", "")
        times = {"system:time_start": start, "system:time_end": end}
        return StandInImage(f"{self.id}/{index}", self.ranges, self.scale, {**times, **self.image_properties})


Column = Range | tuple[str, ...]
"""Numbers of a range, or one of several texts."""


@dataclass(frozen=True)
class StandInTable:
    """Rectangles or points strewn over an extent.

    Attributes:
        id: Asset id.
        columns: What each property holds.
        count: How many features.
        points: Points in place of rectangles.
        bounds: Where they lie, degrees.
        properties: Metadata.
    """

    id: str
    columns: Mapping[str, Column]
    count: int
    points: bool
    bounds: Bounds = WORLD
    properties: Mapping[str, Any] = field(default_factory=dict)

    def rows(self, bounds: Bounds | None = None) -> Iterable[TableRow]:
        """All features; filtering is the engine's."""
        seed = text_key(self.id) % 2**31
        west, south, east, north = self.bounds
        numbers = np.arange(self.count)
        x, y = west + (east - west) * uniform(numbers, seed), south + (north - south) * uniform(numbers, seed + 1)
        half = 0.3 * np.sqrt((east - west) * (north - south) / self.count)
        for k in range(self.count):
            lon, lat = round(float(x[k]), 6), round(float(y[k]), 6)
            shape = _point(lon, lat) if self.points else _rectangle(lon, lat, float(half), self.bounds)
            yield TableRow(f"{k:05d}", shape, {name: _cell(c, k, name) for name, c in self.columns.items()})


def _cell(column: Column, row: int, name: str) -> Any:
    share = float(uniform(row, text_key(name) % 2**31))
    if isinstance(column, tuple):
        return column[int(share * len(column))]
    value = column.low + (column.high - column.low) * share
    return round(value) if np.dtype(column.dtype).kind in "iu" else round(value, 6)


def _point(lon: float, lat: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


def _rectangle(lon: float, lat: float, half: float, bounds: Bounds) -> dict[str, Any]:
    west, east = max(lon - half, bounds[0]), min(lon + half, bounds[2])
    south, north = max(lat - half, bounds[1]), min(lat + half, bounds[3])
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}
