"""The released embeddings as a table: what pandas, DuckDB, R and a spreadsheet read without knowing rasters."""

import numpy as np
import polars as pl
import pyproj
from numpy.typing import NDArray

from lake.grid import CityGrid
from lake.streams import AEF_NODATA
from ml.release.layout import bands


def release_table(codes: NDArray[np.int8], grid: CityGrid) -> pl.DataFrame:
    """One row a pixel that has an embedding: `pixel`, `lon`, `lat` and one Int8 column a dimension.

    A column a dimension, named as the COG's bands are, because every Parquet reader can take it and read only some;
    a list column is an object column in pandas and R. Pixels without an embedding have no row, so that no one takes
    −128 for a value.

    Args:
        codes: Quantised embeddings of the grid's pixels, nodata −128; int8 (pixels, width).
        grid: The pixels.

    Returns:
        `pixel` UInt32, ascending; `lon` and `lat` of its centre, Float64, degrees (WGS-84); E000, E001, … Int8.
    """
    lon, lat = lonlat(grid)
    columns = dict(zip(bands(codes.shape[1]), codes.T, strict=True))
    table = pl.DataFrame({"pixel": grid.pixel, "lon": lon, "lat": lat, **columns})
    return table.filter((codes != AEF_NODATA).any(axis=1))


def lonlat(grid: CityGrid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitudes and latitudes of the pixel centres, degrees (WGS-84), to 1e−7 (about a centimetre)."""
    to_degrees = pyproj.Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(*grid.centres())
    return np.round(lon, 7), np.round(lat, 7)
