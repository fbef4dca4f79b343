"""Images of a folder catalogue: GeoTIFF files and the dates of a NetCDF or Zarr cube, read window by window."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from ee_emulator.catalog.base import BandSpec, Bounds, ImageAsset, Pixels, Window
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.projection import geographic_bounds

if TYPE_CHECKING:
    import xarray

Pyramiding = str
"""How coarser levels come from finer ones, as in an upload's manifest: `mean`, `mode` or `sample`."""


@dataclass(frozen=True, eq=False)
class GeoTiffImage:
    """A GeoTIFF (or any raster that GDAL opens) as an image.

    Attributes:
        id: Asset id.
        path: The file.
        properties: Metadata.
        names: Band names; None for the descriptions in the file, or `b1`, `b2`, ….
        pyramiding: How coarser levels are made.
    """

    id: str
    path: Path
    properties: Mapping[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] | None = None
    pyramiding: Pyramiding = "mean"

    @cached_property
    def bands(self) -> tuple[BandSpec, ...]:
        """Bands of the file.

        Raises:
            EarthEngineError: The file has another number of bands than the catalogue names, or no CRS.
        """
        with _opened(self.path) as source:
            described = [text or f"b{k}" for k, text in enumerate(source.descriptions, start=1)]
            names = list(self.names or described)
            if len(names) != source.count:
                raise EarthEngineError(f"{self.path}: has {source.count} bands, the catalogue names {len(names)}.")
            if source.crs is None:
                raise EarthEngineError(f"{self.path}: has no coordinate reference system; write one with gdal_edit.")
            transform = Affine(*tuple(source.transform)[:6])
            crs = _code(source.crs.to_wkt())
            size = (source.width, source.height)
            return tuple(
                BandSpec(name, dtype, crs, transform, size) for name, dtype in zip(names, source.dtypes, strict=True)
            )

    @cached_property
    def bounds(self) -> Bounds:
        """Extent in degrees."""
        return _bounds(self.bands[0])

    def read(self, bands: Sequence[str], window: Window, overview: int = 0) -> dict[str, Pixels]:
        """Reads a window; GDAL takes the file's own overviews where it has them."""
        from rasterio.enums import Resampling
        from rasterio.windows import Window as FileWindow

        numbers = {spec.name: k for k, spec in enumerate(self.bands, start=1)}
        answer = _empty_bands(self.bands, bands, window)
        step = 2**overview
        width, height = self.bands[0].dimensions or (0, 0)
        part = _inside(window, -(-width // step), -(-height // step))
        if part is None:
            return answer
        left, top, right, bottom = part
        rows = slice(top - window.row, bottom - window.row)
        columns = slice(left - window.column, right - window.column)
        # The last coarse pixel may reach past the file's edge: only what the file has is read.
        stored = FileWindow.from_slices(
            (top * step, min(bottom * step, height)), (left * step, min(right * step, width))
        )
        resampling = {
            "mean": Resampling.average,
            "mode": Resampling.mode,
            "sample": Resampling.nearest,
            "min": Resampling.min,
            "max": Resampling.max,
            "median": Resampling.med,
        }
        with _opened(self.path) as source:
            block = source.read(
                [numbers[name] for name in bands],
                window=stored,
                out_shape=(len(bands), bottom - top, right - left),
                masked=True,
                resampling=resampling[self.pyramiding] if overview else Resampling.nearest,
            )
        mask = ~np.ma.getmaskarray(block)
        for k, name in enumerate(bands):
            answer[name].values[rows, columns] = block.data[k]
            answer[name].mask[rows, columns] = mask[k] & _numbers_only(block.data[k])
        return answer


@dataclass(frozen=True, eq=False)
class Cube:
    """A NetCDF or Zarr cube (time, y, x) with one variable a band: a collection of one image a date.

    Attributes:
        id: Collection id.
        path: The file, or the folder of a Zarr store.
        names: Band names and the variables that hold them; None for every variable over (time, y, x).
        dimensions: Names of the dimensions time, y and x.
        crs: CRS; None where the file says it (CF grid mapping).
        properties: Metadata of the collection.
        image_properties: Metadata of every image.
        pyramiding: How coarser levels are made.
    """

    id: str
    path: Path
    names: Mapping[str, str] | None = None
    dimensions: tuple[str, str, str] = ("time", "y", "x")
    crs: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    image_properties: Mapping[str, Any] = field(default_factory=dict)
    pyramiding: Pyramiding = "mean"

    @cached_property
    def data(self) -> xarray.Dataset:
        """The open file, values as stored and read when asked for: the fill value masks, no scale is applied."""
        try:
            import xarray
        except ImportError as error:
            raise EarthEngineError(f"{self.path}: a cube needs the packages xarray and netCDF4 or zarr.") from error
        zarr: dict[str, Any] = {"engine": "zarr", "consolidated": False} if self.path.is_dir() else {}
        try:
            dataset: xarray.Dataset = xarray.open_dataset(self.path, mask_and_scale=False, **zarr)
        except (OSError, ValueError) as error:
            raise EarthEngineError(f"{self.path}: cannot be read as a cube ({error}).") from error
        missing = [name for name in self.dimensions if name not in dataset.coords]
        if missing:
            raise EarthEngineError(
                f"{self.path}: has no coordinate {missing}; it has {[str(name) for name in dataset.coords]}."
            )
        return dataset

    @cached_property
    def variables(self) -> dict[str, str]:
        """Band names and their variables."""
        found = [str(name) for name, v in self.data.data_vars.items() if v.dims == self.dimensions]
        chosen = dict(self.names or {name: name for name in found})
        wrong = [variable for variable in chosen.values() if variable not in found]
        if wrong:
            raise EarthEngineError(f"{self.path}: no variable {wrong} over {self.dimensions}; it has {found}.")
        return chosen

    @cached_property
    def bands(self) -> tuple[BandSpec, ...]:
        """Bands of every image."""
        x, y = (np.asarray(self.data[name].values, np.float64) for name in (self.dimensions[2], self.dimensions[1]))
        across, down = _spacing(x, self.path), _spacing(y, self.path)
        transform = Affine(across, 0.0, float(x[0]) - across / 2, 0.0, down, float(y[0]) - down / 2)
        crs = self.crs or self._stated_crs()
        return tuple(
            BandSpec(band, str(self.data[variable].dtype), crs, transform, (len(x), len(y)))
            for band, variable in self.variables.items()
        )

    def _stated_crs(self) -> str:
        for variable in self.variables.values():
            attributes = {**self.data[variable].attrs, **self.data[variable].encoding}
            mapping = self.data.variables.get(attributes.get("grid_mapping", "spatial_ref"))
            wkt = None if mapping is None else mapping.attrs.get("crs_wkt") or mapping.attrs.get("spatial_ref")
            if wkt:
                return _code(wkt)
        raise EarthEngineError(f"{self.path}: states no coordinate reference system; give 'crs' in the catalogue.")

    @cached_property
    def bounds(self) -> Bounds:
        """Extent in degrees."""
        return _bounds(self.bands[0])

    @cached_property
    def dates(self) -> list[tuple[str, float]]:
        """Index and start (ms since 1970 UTC) of each image."""
        times = self.data[self.dimensions[0]].values.astype("datetime64[ms]")
        answer: list[tuple[str, float]] = []
        used: set[str] = set()
        for time in times:
            index = base = np.datetime_as_string(time, unit="D").replace("-", "")
            repeated = 0
            while index in used:
                repeated += 1
                index = f"{base}_{repeated}"
            used.add(index)
            answer.append((index, float(time.astype(np.int64))))
        return answer

    def images(
        self, bounds: Bounds | None = None, start_ms: float | None = None, end_ms: float | None = None
    ) -> Iterable[ImageAsset]:
        """One image a date."""
        for k, (index, start) in enumerate(self.dates):
            if (start_ms is None or start >= start_ms) and (end_ms is None or start < end_ms):
                yield CubeSlice(self, k, f"{self.id}/{index}", start)


@dataclass(frozen=True, eq=False)
class CubeSlice:
    """One date of a cube."""

    cube: Cube
    position: int
    id: str
    start_ms: float

    @property
    def bands(self) -> tuple[BandSpec, ...]:
        """Bands of the cube."""
        return self.cube.bands

    @property
    def properties(self) -> Mapping[str, Any]:
        """Metadata of the cube's images with this one's time."""
        return {**self.cube.image_properties, "system:time_start": self.start_ms, "system:time_end": self.start_ms}

    @property
    def bounds(self) -> Bounds:
        """Extent in degrees."""
        return self.cube.bounds

    def read(self, bands: Sequence[str], window: Window, overview: int = 0) -> dict[str, Pixels]:
        """Reads a window of this date; coarser levels are made from it."""
        answer = _empty_bands(self.bands, bands, window)
        step = 2**overview
        width, height = self.bands[0].dimensions or (0, 0)
        part = _inside(window, -(-width // step), -(-height // step))
        if part is None:
            return answer
        left, top, right, bottom = part
        time, y, x = self.cube.dimensions
        cut = {time: self.position, y: slice(top * step, bottom * step), x: slice(left * step, right * step)}
        rows = slice(top - window.row, bottom - window.row)
        columns = slice(left - window.column, right - window.column)
        for name in bands:
            variable = self.cube.data[self.cube.variables[name]]
            values = variable.isel(cut).values
            fill = variable.attrs.get("_FillValue", variable.encoding.get("_FillValue"))
            mask = _numbers_only(values) if fill is None else _numbers_only(values) & (values != fill)
            coarse = coarsened(Pixels(values, mask), step, self.cube.pyramiding)
            answer[name].values[rows, columns] = coarse.values
            answer[name].mask[rows, columns] = coarse.mask
        return answer


def coarsened(pixels: Pixels, step: int, pyramiding: Pyramiding) -> Pixels:
    """A level of the pyramid, each pixel from `step` × `step` finer ones, as far as they are there and valid."""
    if step == 1:
        return pixels
    height, width = (-(-side // step) for side in pixels.values.shape)
    padding = [(0, n * step - side) for n, side in zip((height, width), pixels.values.shape, strict=True)]

    def blocks(array: NDArray[Any]) -> NDArray[Any]:
        padded = np.pad(array, padding).reshape(height, step, width, step)
        return padded.transpose(1, 3, 0, 2).reshape(step * step, height, width)

    values, mask = blocks(pixels.values), blocks(pixels.mask)
    if pyramiding == "sample":
        return Pixels(values[0], mask[0])
    if pyramiding == "mode":
        from ee_emulator.raster.folds.numbers import mode
        from ee_emulator.raster.reducer import Samples

        flat = Samples((values.reshape(step * step, -1),), (mask.reshape(step * step, -1),))
        common, valid = mode(flat)[0]
        return Pixels(common.reshape(height, width).astype(values.dtype), valid.reshape(height, width))
    count = mask.sum(axis=0)
    total = np.where(mask, values, 0).sum(axis=0, dtype=np.float64) / np.maximum(count, 1)
    rounded = np.rint(total) if values.dtype.kind in "iu" else total
    return Pixels(rounded.astype(values.dtype), count > 0)


def _opened(path: Path) -> Any:
    import rasterio
    from rasterio.errors import RasterioIOError

    try:
        return rasterio.open(path)
    except RasterioIOError as error:
        raise EarthEngineError(f"{path}: cannot be read as a raster ({error}).") from error


def _code(wkt: str) -> str:
    """`EPSG:n` where the CRS says or is seen to be one of EPSG's, otherwise its WKT."""
    import pyproj

    # A datum shift written into the WKT hides the match from pyproj, though the WKT names its own code at the end.
    stated = re.search(r'AUTHORITY\["EPSG","(\d+)"\]\]\s*$', wkt)
    code = stated.group(1) if stated else pyproj.CRS.from_wkt(wkt).to_epsg()
    return wkt if code is None else f"EPSG:{code}"


def _spacing(centres: NDArray[np.float64], path: Path) -> float:
    if len(centres) < 2:
        raise EarthEngineError(f"{path}: an axis with fewer than two coordinates has no pixel size.")
    steps = np.diff(centres)
    step = float(centres[-1] - centres[0]) / (len(centres) - 1)
    if not np.allclose(steps, step, rtol=1e-3):
        raise EarthEngineError(f"{path}: an axis is not evenly spaced.")
    return step


def _bounds(band: BandSpec) -> Bounds:
    assert band.dimensions is not None
    return geographic_bounds(Grid(band.crs, band.transform, *band.dimensions))


def _inside(window: Window, width: int, height: int) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom of what a window shares with a lattice; None where nothing."""
    left, top = max(window.column, 0), max(window.row, 0)
    right, bottom = min(window.column + window.width, width), min(window.row + window.height, height)
    return (left, top, right, bottom) if left < right and top < bottom else None


def _empty_bands(specs: Sequence[BandSpec], names: Sequence[str], window: Window) -> dict[str, Pixels]:
    types = {spec.name: np.dtype(spec.dtype) for spec in specs}
    shape = (window.height, window.width)
    return {name: Pixels(np.zeros(shape, types[name]), np.zeros(shape, bool)) for name in names}


def _numbers_only(values: NDArray[Any]) -> NDArray[np.bool_]:
    return ~np.isnan(values) if values.dtype.kind == "f" else np.ones(values.shape, bool)
