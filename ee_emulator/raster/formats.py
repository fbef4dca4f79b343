"""Pixels as files: NumPy's NPY and GeoTIFF."""

import io
from collections.abc import Mapping

import numpy as np

from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.projection import crs_of


def to_npy(pixels: Mapping[str, Pixels]) -> bytes:
    """A structured array of shape (height, width) with one field a band, as Earth Engine's `NPY`.

    The format carries no mask: masked pixels are 0, so a client that needs the mask asks for it as a band.
    """
    refuse_arrays(pixels)
    shape = next(iter(pixels.values())).values.shape
    table = np.empty(shape, dtype=[(name, p.values.dtype) for name, p in pixels.items()])
    for name, p in pixels.items():
        table[name] = p.values
    buffer = io.BytesIO()
    np.save(buffer, table, allow_pickle=False)
    return buffer.getvalue()


def to_geotiff(pixels: Mapping[str, Pixels], grid: Grid) -> bytes:
    """A GeoTIFF with one band a band, of the widest type among them; masked pixels are 0."""
    import rasterio
    from rasterio.io import MemoryFile

    refuse_arrays(pixels)
    dtype = np.result_type(*(p.values.dtype for p in pixels.values()))
    dtype = np.dtype("float64") if dtype == np.int64 else dtype
    profile = {
        "driver": "GTiff",
        "width": grid.width,
        "height": grid.height,
        "count": len(pixels),
        "dtype": dtype.name,
        "crs": rasterio.crs.CRS.from_wkt(crs_of(grid.crs).to_wkt()),
        "transform": rasterio.Affine(*tuple(grid.transform)[:6]),
        "compress": "deflate",
    }
    with MemoryFile() as memory:
        with memory.open(**profile) as file:
            for number, (name, p) in enumerate(pixels.items(), start=1):
                file.write(p.values.astype(dtype, copy=False), number)
                file.set_band_description(number, name)
        return bytes(memory.read())


def refuse_arrays(pixels: Mapping[str, Pixels]) -> None:
    """Files of pixels hold numbers.

    Raises:
        EarthEngineError: A band holds arrays.
    """
    for name, p in pixels.items():
        if p.values.dtype == object:
            raise EarthEngineError(
                f"The band '{name}' holds arrays, which an image file cannot; use arrayFlatten() or arrayGet() first."
            )
