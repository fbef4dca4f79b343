"""Images from an array of Zarr's second version: its last two dimensions are rows and columns, the others are bands."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from affine import Affine

from ee_emulator.catalog.base import BandSpec, Bounds, Pixels, Window
from ee_emulator.catalog.rasters import coarsened
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.projection import Projection, geographic_bounds

DIMENSIONS = "_ARRAY_DIMENSIONS"
CODECS = ("blosc", "gzip", "lz4", "zlib", "zstd")
MAX_BANDS = 1024


@dataclass(frozen=True, eq=False)
class ZarrArray:
    """An array in a folder.

    Attributes:
        folder: Where `.zarray` and `.zattrs` are; `.zmetadata` stands beside it.
    """

    folder: Path

    @cached_property
    def metadata(self) -> Mapping[str, Any]:
        """The file `.zarray`.

        Raises:
            EarthEngineError: It is not of version 2, or compressed in a way that Earth Engine does not read.
        """
        found = _read(self.folder / ".zarray")
        codec = (found.get("compressor") or {}).get("id", CODECS[0])
        if found.get("zarr_format") != 2:
            raise EarthEngineError("The array must be in Zarr format 2.")
        if codec not in CODECS:
            raise EarthEngineError(f"Unsupported compression codec '{codec}'; supported: {', '.join(CODECS)}.")
        if not (self.folder.parent / ".zmetadata").is_file():
            raise EarthEngineError("A .zmetadata file must be present in the parent of the array's directory.")
        return found

    @cached_property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the dimensions.

        Raises:
            EarthEngineError: They are not stated.
        """
        count, path = len(self.shape), self.folder / ".zattrs"
        names = _read(path).get(DIMENSIONS) if path.is_file() else None
        if not isinstance(names, list) or len(names) != count:
            raise EarthEngineError(f"The array's attributes must name its dimensions in '{DIMENSIONS}'.")
        return tuple(map(str, names))

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each dimension."""
        return tuple(self.metadata["shape"])

    def block(self, index: tuple[int, ...], rows: slice, columns: slice) -> Pixels:
        """Rows and columns at one index of the other dimensions; what has the fill value is masked."""
        import zarr

        array = zarr.open_array(str(self.folder), mode="r", zarr_format=2)
        place: tuple[int | slice, ...] = (*index, rows, columns)
        values = np.asarray(array[place])
        values = values.astype(values.dtype.newbyteorder("="))
        fill = self.metadata.get("fill_value")
        mask = ~np.isnan(values) if values.dtype.kind == "f" else np.ones(values.shape, bool)
        if isinstance(fill, int | float):
            mask &= values != fill
        return Pixels(values, mask)


@dataclass(frozen=True, eq=False)
class ZarrImage:
    """Slices of an array as the bands of an image.

    Attributes:
        array: Where they come from.
        id: Name of the image.
        lattice: CRS and transform of rows and columns.
        ranges: For each dimension but the last two the indices taken.
    """

    array: ZarrArray
    id: str
    lattice: Projection
    ranges: tuple[range, ...]
    properties: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def indices(self) -> dict[str, tuple[int, ...]]:
        """Index of each band: the array's name, with the index of each other dimension where there are any."""
        name = self.array.folder.name
        found = list(product(*self.ranges))
        if not 0 < len(found) <= MAX_BANDS:
            raise EarthEngineError(f"The slices make {len(found)} bands; there must be 1 to {MAX_BANDS}.")
        return {"_".join([name, *map(str, index)]): index for index in found}

    @cached_property
    def bands(self) -> tuple[BandSpec, ...]:
        """A band for each slice."""
        height, width = self.array.shape[-2:]
        dtype = np.dtype(self.array.metadata["dtype"]).name
        crs, transform = self.lattice.crs, Affine(*tuple(self.lattice.transform)[:6])
        return tuple(BandSpec(name, dtype, crs, transform, (width, height)) for name in self.indices)

    @cached_property
    def bounds(self) -> Bounds:
        """Extent in degrees."""
        height, width = self.array.shape[-2:]
        return geographic_bounds(Grid(self.lattice.crs, self.lattice.transform, width, height))

    def read(self, bands: Sequence[str], window: Window, overview: int = 0) -> dict[str, Pixels]:
        """Reads a window of some slices; coarser levels are made from it."""
        step = 2**overview
        height, width = (-(-side // step) for side in self.array.shape[-2:])
        left, top = max(window.column, 0), max(window.row, 0)
        right, bottom = min(window.column + window.width, width), min(window.row + window.height, height)
        answer = {}
        for name in bands:
            shape = window.height, window.width
            pixels = Pixels(np.zeros(shape, self.bands[0].dtype), np.zeros(shape, bool))
            if left < right and top < bottom:
                place = np.s_[top - window.row : bottom - window.row, left - window.column : right - window.column]
                rows, columns = slice(top * step, bottom * step), slice(left * step, right * step)
                found = coarsened(self.array.block(self.indices[name], rows, columns), step, "mean")
                pixels.values[place], pixels.mask[place] = found.values, found.mask
            answer[name] = pixels
        return answer


def _read(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EarthEngineError(f"{path.name} cannot be read: {error}.") from None
    return found
