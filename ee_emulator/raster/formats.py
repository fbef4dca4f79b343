"""Pixels as files: NumPy's NPY and GeoTIFF."""

import io
import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.projection import crs_of


def to_npy(pixels: Mapping[str, Pixels]) -> bytes:
    """A structured array of shape (height, width) with one field a band, as Earth Engine's `NPY`.

    The format carries no mask: masked pixels are 0, so a client that needs the mask asks for it as a band.
    """
    refuse_arrays(pixels)
    table = _table(pixels)
    file = io.BytesIO()
    try:  # what `np.save` does, which copies the pixels three times
        np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(table))
    except ValueError:  # the names are too many, or not Latin: another version of the format
        np.save(file, table, allow_pickle=False)
        return file.getvalue()
    return b"".join([file.getvalue(), table.view(np.uint8).data])


def _table(pixels: Mapping[str, Pixels]) -> NDArray[np.void]:
    """The bands as fields of one array, (height, width); a single band is not copied."""
    fields = [(name, p.values.dtype) for name, p in pixels.items()]
    if len(fields) == 1:
        return np.ascontiguousarray(next(iter(pixels.values())).values).view(fields)
    table = np.empty(next(iter(pixels.values())).values.shape, fields)
    for name, p in pixels.items():
        table[name] = p.values
    return table


def to_geotiff(pixels: Mapping[str, Pixels], grid: Grid) -> bytes:
    """A GeoTIFF with one band a band, of the widest type among them.

    Masked pixels hold the least value of whole numbers and minus infinity of others, which the file names as its
    no-data value: leftfield-geospatial/geedim, geedim/image.py, whose tests compare what they download with them.
    """
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
    missing = -math.inf if dtype.kind == "f" else np.iinfo(dtype).min
    if not all(p.mask.all() for p in pixels.values()):
        profile["nodata"] = missing
    with MemoryFile() as memory:
        with memory.open(**profile) as file:
            for number, (name, p) in enumerate(pixels.items(), start=1):
                file.write(np.where(p.mask, p.values, missing).astype(dtype), number)
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
