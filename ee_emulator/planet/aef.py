"""AlphaEarth-like embeddings: 64 unit-length bands at 10 m, from what can be seen from space only.

The bands are a fixed nonlinear mixture of physical fields, computed on a lattice of 80 m that is anchored to the tile,
interpolated bilinearly to 10 m, with fine texture added; then they are brought to unit length and quantised to int8 as
the real data set is stored. All steps are additions, products, quotients and square roots of float32 in a fixed order,
which give the same bits on every machine and for every split into windows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from ee_emulator.catalog.base import BandSpec, Bounds, ImageAsset, Pixels, Window
from ee_emulator.planet.assets import Collection, in_time, meets, span, to_degrees
from ee_emulator.planet.fields import fields_at
from ee_emulator.planet.noise import fractal, squash, uniform

Array = NDArray[Any]
ID = "GOOGLE/SATELLITE_EMBEDDING/V1/ANNUAL"
WIDTH = 64
COARSE = 8
"""10 m pixels in a step of the lattice on which fields are mixed."""
TILE_METRES = 163_840
PHYSICAL = ("built", "height", "water", "greenness", "soil", "industry", "elevation", "warmth", "roads")
_TEXTURES = 3

_CODES = np.arange(-128, 128, dtype=np.float64)
# Ordered by the code's bits read as uint8, for a look-up without arithmetic.
_DECODED = np.roll(np.sign(_CODES) * (np.abs(_CODES) / 127.5) ** 2, 128)


@lru_cache(maxsize=1)
def _mixture() -> tuple[Array, Array, Array]:
    """Fixed weights: inputs to hidden (2·64), hidden to bands, textures to bands; of mean 0."""
    bands = np.arange(WIDTH)[:, None]
    first = 2.0 * uniform(bands, np.arange(len(PHYSICAL) + 2)[None, :], 9001) - 1.0
    second = 2.0 * uniform(bands, np.arange(WIDTH)[None, :], 9002) - 1.0
    texture = 2.0 * uniform(bands, np.arange(_TEXTURES)[None, :], 9003) - 1.0
    return 3.0 * first, second, texture


@lru_cache(maxsize=24)
def _coarse_block(crs: str, origin: tuple[float, float], column: int, row: int, year: int, side: int) -> Array:
    """Mixed bands at the nodes of a block of the coarse lattice, (64, side + 1, side + 1) float32."""
    step = 10.0 * COARSE
    x = origin[0] + step * (column * side + np.arange(side + 1))
    y = origin[1] - step * (row * side + np.arange(side + 1))
    lon, lat = to_degrees(crs).transform(*np.meshgrid(x, y))
    lon, lat = np.round(lon, 9), np.round(lat, 9)
    fields = fields_at(lon, lat, year)
    inputs = [2.0 * getattr(fields, name) - 1.0 for name in PHYSICAL]
    gx, gy = lon * 92.0, lat * 110.57
    inputs += [2.0 * fractal(gx, gy, size, 9100 + k) - 1.0 for k, size in enumerate((0.5, 6.0))]
    first, second, _ = _mixture()
    hidden = [squash(_weighted(first[k], inputs)) for k in range(WIDTH)]
    # Each band takes eight of the hidden mixtures: sixty-four would all look alike.
    bands = [_weighted(second[k, :8], [hidden[(k + 7 * j) % WIDTH] for j in range(8)]) for k in range(WIDTH)]
    return np.stack(bands).astype(np.float32)


def _weighted(weights: Array, inputs: Sequence[Array]) -> Array:
    """A weighted sum in a fixed order (a matrix product's order depends on the machine)."""
    total = np.zeros_like(inputs[0])
    for weight, value in zip(weights, inputs, strict=True):
        total = total + float(weight) * value
    return total


def _codes(unit: Array) -> NDArray[np.int8]:
    """The stored code of values in [−1, 1]: round(sign·√|v|·127.5), clipped to ±127."""
    root = np.abs(unit)
    np.sqrt(root, out=root)
    root *= np.float32(127.5)
    np.minimum(root, np.float32(127.0), out=root)
    np.copysign(root, unit, out=root)
    return np.rint(root, out=root).astype(np.int8)


def _within_tile(places: Array) -> slice:
    """Which of the ascending columns or rows lie in the tile."""
    first, last = np.searchsorted(places, [0, TILE_METRES // 10])
    return slice(int(first), int(last))


@dataclass(frozen=True)
class AefTile:
    """One tile and year."""

    id: str
    crs: str
    origin: tuple[float, float]
    year: int
    bounds: Bounds

    @property
    def bands(self) -> tuple[BandSpec, ...]:
        """A00 to A63, values in [−1, 1]."""
        transform = Affine(10.0, 0.0, self.origin[0], 0.0, -10.0, self.origin[1])
        size = (TILE_METRES // 10, TILE_METRES // 10)
        return tuple(BandSpec(f"A{k:02d}", "float64", self.crs, transform, size) for k in range(WIDTH))

    @property
    def properties(self) -> Mapping[str, Any]:
        """Dates, zone, and that it is simulated."""
        return {
            **span(date(self.year, 1, 1), date(self.year + 1, 1, 1)),
            "UTM_ZONE": f"{int(self.crs[-2:])}N",
            "MODEL_VERSION": "simulated",
        }

    def read(self, bands: Sequence[str], window: Window, overview: int = 0) -> dict[str, Pixels]:
        """Computes the bands over a window; a coarser level takes every 2ⁿ-th pixel of the native lattice."""
        step = 2**overview
        columns = (window.column + np.arange(window.width)) * step + step // 2
        rows = (window.row + np.arange(window.height)) * step + step // 2
        across, down = _within_tile(columns), _within_tile(rows)
        inside = np.zeros((len(rows), len(columns)), bool)
        inside[down, across] = True
        if not inside.any():
            return {name: Pixels(np.zeros(inside.shape), inside) for name in bands}
        units = self._unit_vectors(columns[across], rows[down])
        whole = bool(inside.all())
        decoded = {}
        for name in bands:
            values = _DECODED.take(_codes(units[int(name[1:])]).view(np.uint8))
            if not whole:
                padded = np.zeros(inside.shape)
                padded[down, across] = values
                values = padded
            decoded[name] = Pixels(values, inside)
        return decoded

    def _unit_vectors(self, columns: Array, rows: Array) -> Array:
        """Embeddings before quantisation, (64, rows, columns) float32."""
        mixed = self._interpolated(columns, rows)
        textures = self._textures(columns, rows)
        weights = _mixture()[2].astype(np.float32) * np.float32(0.25)
        squared, scratch = np.zeros(mixed.shape[1:], np.float32), np.empty(mixed.shape[1:], np.float32)
        for k in range(WIDTH):
            for j in range(_TEXTURES):
                mixed[k] += np.multiply(textures[j], weights[k, j], out=scratch)
            squared += np.multiply(mixed[k], mixed[k], out=scratch)
        mixed *= np.float32(1.0) / np.sqrt(np.maximum(squared, np.float32(1e-12)))
        return mixed

    def _interpolated(self, columns: Array, rows: Array) -> Array:
        """Mixed bands between the nodes of the coarse lattice: along rows first, then along columns."""
        left, top = columns // COARSE, rows // COARSE
        nodes = self._nodes(int(left[0]), int(left[-1]) + 1, int(top[0]), int(top[-1]) + 1)
        fy = ((rows % COARSE) / COARSE).astype(np.float32)[:, None]
        j = top - top[0]
        base = nodes[:, j]
        down = base + (nodes[:, j + 1] - base) * fy
        first, rise = down[:, :, :-1], down[:, :, 1:] - down[:, :, :-1]
        if len(columns) > 1 and columns[1] - columns[0] == 1 and columns[-1] - columns[0] == len(columns) - 1:
            # Whole cells at once: much faster than looking up each pixel's cell, and the same arithmetic.
            steps = (np.arange(COARSE) / COARSE).astype(np.float32)
            cells = rise[..., None] * steps
            cells += first[..., None]
            flat = cells.reshape(*cells.shape[:2], -1)
            start = int(columns[0] - left[0] * COARSE)
            return np.ascontiguousarray(flat[:, :, start : start + len(columns)])
        i, fx = left - left[0], ((columns % COARSE) / COARSE).astype(np.float32)
        # `take` keeps the rows contiguous, as indexing does not: what follows is ten times faster on them.
        looked_up: Array = rise.take(i, axis=2) * fx
        looked_up += first.take(i, axis=2)
        return looked_up

    def _nodes(self, left: int, right: int, top: int, bottom: int, side: int = 64) -> Array:
        """Nodes left..right × top..bottom, put together from cached blocks."""
        answer = np.empty((WIDTH, bottom - top + 1, right - left + 1), np.float32)
        for row in range(top // side, bottom // side + 1):
            for column in range(left // side, right // side + 1):
                block = _coarse_block(self.crs, self.origin, column, row, self.year, side)
                y0, y1 = max(top, row * side), min(bottom, row * side + side)
                x0, x1 = max(left, column * side), min(right, column * side + side)
                part = block[:, y0 - row * side : y1 - row * side + 1, x0 - column * side : x1 - column * side + 1]
                answer[:, y0 - top : y1 - top + 1, x0 - left : x1 - left + 1] = part
        return answer

    def _textures(self, columns: Array, rows: Array) -> list[Array]:
        """Grain of 10, 20 and 40 m."""
        key = int(self.origin[0]) * 31 + int(self.origin[1]) + int(self.crs[-2:])
        grains = []
        for k in range(_TEXTURES):
            grain = uniform((columns >> k)[None, :], (rows >> k)[:, None], key + 100_003 * k)
            grains.append((grain - 0.5).astype(np.float32))
        return grains


def _tiles(where: Bounds | None) -> Iterable[tuple[str, tuple[float, float], Bounds]]:
    """Tiles of the UTM zones 43 to 53 north that meet an extent."""
    west, south, east, north = where or (73.5, 18.0, 135.0, 53.5)
    for zone in range(max(43, int((west + 180) // 6) + 1), min(53, int((east + 180) // 6) + 1) + 1):
        yield from _zone_tiles(zone, (west, south, east, north))


def _zone_tiles(zone: int, where: Bounds) -> Iterable[tuple[str, tuple[float, float], Bounds]]:
    crs = f"EPSG:{32600 + zone}"
    edge_west, edge_east = zone * 6.0 - 186.0, zone * 6.0 - 180.0
    transformer = to_degrees(crs)
    lons = [max(where[0], edge_west), min(where[2], edge_east)]
    x, y = transformer.transform(
        np.array([lons[0], lons[1], lons[0], lons[1]]),
        np.array([where[1], where[1], where[3], where[3]]),
        direction="INVERSE",
    )
    for i in range(int(np.floor(x.min() / TILE_METRES)), int(np.floor(x.max() / TILE_METRES)) + 1):
        for j in range(int(np.floor(y.min() / TILE_METRES)), int(np.floor(y.max() / TILE_METRES)) + 1):
            origin = (float(i * TILE_METRES), float((j + 1) * TILE_METRES))
            bounds = transformer.transform_bounds(
                origin[0], origin[1] - TILE_METRES, origin[0] + TILE_METRES, origin[1], densify_pts=5
            )
            # A zone's tiles reach to its edges; over them the neighbour's begin.
            if meets(bounds, where) and bounds[0] < edge_east and bounds[2] > edge_west:
                yield crs, origin, bounds


def _make(where: Bounds | None, start_ms: float | None, end_ms: float | None) -> Iterable[ImageAsset]:
    years = [
        y
        for y in range(2017, 2025)
        if in_time(span(date(y, 1, 1), date(y, 1, 1))["system:time_start"], start_ms, end_ms)
    ]
    for crs, origin, bounds in _tiles(where):
        for year in years:
            index = f"x{int(origin[0]) // 10:06d}y{int(origin[1]) // 10:07d}z{crs[-2:]}_{year}"
            yield AefTile(f"{ID}/{index}", crs, origin, year, bounds)


def collection() -> Collection:
    """The annual embeddings, 2017–2024."""
    return Collection(ID, _make)
