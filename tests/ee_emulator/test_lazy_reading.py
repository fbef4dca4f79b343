"""Files larger than what is asked of them: only the blocks under a window are read.

All other blocks are overwritten with rubbish first, so that reading one of them fails or shows.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import rasterio
import xarray
from rasterio.shutil import copy

from ee_emulator.catalog.base import Window
from ee_emulator.catalog.folder import FolderCatalog
from ee_emulator.client import initialise
from ee_emulator.errors import EarthEngineError
from ee_emulator.process import Emulator, start_emulator

SIDE, BLOCK = 1024, 128
UTM = rasterio.Affine(10.0, 0.0, 300_000.0, 0.0, -10.0, 3_400_000.0)
RUBBISH = b"\xff" * 64


def catalogue(folder: Path, entry: str) -> FolderCatalog:
    (folder / "catalog.yaml").write_text(f"assets:\n  - {entry}\n")
    return FolderCatalog(folder)


def ramp() -> np.ndarray:
    return np.arange(SIDE * SIDE, dtype="int32").reshape(SIDE, SIDE)


@pytest.fixture
def broken_geotiff(tmp_path: Path) -> FolderCatalog:
    """A cloud-optimised GeoTIFF of which only the block in row 2, column 3 can be read."""
    plain, path = tmp_path / "plain.tif", tmp_path / "large.tif"
    profile = {"driver": "GTiff", "width": SIDE, "height": SIDE, "count": 1, "dtype": "int32", "crs": "EPSG:32650"}
    with rasterio.open(plain, "w", **profile, transform=UTM) as file:
        file.write(ramp(), 1)
    copy(plain, path, driver="COG", blocksize=BLOCK, compress="deflate", overviews="none")
    with rasterio.open(path) as source:
        blocks = {
            (row, column): int(source.get_tag_item(f"BLOCK_OFFSET_{column}_{row}", "TIFF", bidx=1))
            for row in range(SIDE // BLOCK)
            for column in range(SIDE // BLOCK)
        }
    content = bytearray(path.read_bytes())
    for block, offset in blocks.items():
        if block != (2, 3):
            content[offset : offset + len(RUBBISH)] = RUBBISH
    path.write_bytes(content)
    return catalogue(tmp_path, "{id: large, image: large.tif, bands: [v]}")


@pytest.fixture(params=[2, 3])
def broken_zarr(tmp_path: Path, request: pytest.FixtureRequest) -> FolderCatalog:
    """A Zarr store of two dates of which only one chunk can be read."""
    x, y = 300_005.0 + 10 * np.arange(SIDE), 3_399_995.0 - 10 * np.arange(SIDE)
    times = np.array(["2020-01-05", "2020-02-10"], "datetime64[ns]")
    values = np.stack([ramp(), ramp() + 1])
    cube = xarray.Dataset({"v": (("time", "y", "x"), values)}, {"time": times, "y": y, "x": x})
    encoding = {"v": {"chunks": (1, BLOCK, BLOCK)}}
    cube.to_zarr(tmp_path / "cube.zarr", zarr_format=request.param, encoding=encoding, consolidated=False)
    kept = "1/2/3" if request.param == 3 else "1.2.3"
    chunks = [path for path in (tmp_path / "cube.zarr" / "v").rglob("*") if path.is_file() and path.name[0].isdigit()]
    assert len(chunks) == 2 * (SIDE // BLOCK) ** 2
    for chunk in chunks:
        if not chunk.as_posix().endswith(f"/{kept}"):
            chunk.write_bytes(RUBBISH)
    return catalogue(tmp_path, "{id: cube, cube: cube.zarr, crs: 'EPSG:32650'}")


INSIDE = Window(3 * BLOCK + 5, 2 * BLOCK + 7, 40, 30)


def expected() -> np.ndarray:
    return ramp()[INSIDE.row : INSIDE.row + 30, INSIDE.column : INSIDE.column + 40]


def test_a_window_of_a_geotiff_reads_its_block_only(broken_geotiff: FolderCatalog) -> None:
    image: Any = broken_geotiff.get("large")
    assert (image.read(["v"], INSIDE)["v"].values == expected()).all()
    with pytest.raises((EarthEngineError, rasterio.errors.RasterioIOError)):
        image.read(["v"], Window(0, 0, 10, 10))


def test_a_window_of_a_zarr_store_reads_its_chunk_only(broken_zarr: FolderCatalog) -> None:
    collection: Any = broken_zarr.get("cube")
    first, second = collection.images()
    assert [image.id for image in (first, second)] == ["cube/20200105", "cube/20200210"]
    assert (second.read(["v"], INSIDE)["v"].values == expected() + 1).all()
    with pytest.raises(RuntimeError):  # what the decompressor says
        first.read(["v"], INSIDE)


def test_a_request_reads_no_more_of_a_zarr_store(
    ee: ModuleType, emulator: Emulator, broken_zarr: FolderCatalog, tmp_path: Path
) -> None:
    assert broken_zarr.get("cube") is not None
    point = [300_000 + 10 * (INSIDE.column + 0.5), 3_400_000 - 10 * (INSIDE.row + 0.5)]
    try:
        with start_emulator(catalog=str(tmp_path)) as server:
            initialise(server.url)
            february = ee.ImageCollection("cube").filterDate("2020-02-01", "2020-03-01").first()
            place = ee.Geometry.Point(point, "EPSG:32650")
            assert february.reduceRegion("first", place, 10).getInfo() == {"v": int(expected()[0, 0]) + 1}
    finally:
        initialise(emulator.url)
