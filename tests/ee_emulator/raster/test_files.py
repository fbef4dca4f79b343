"""GeoTIFF files and Zarr arrays of a bucket, read through the algorithms that load them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import zarr
from affine import Affine

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.projection import Projection
from ee_emulator.raster.render import render
from ee_emulator.registry import Context, invoke
from ee_emulator.rest.data_folder import DataFolder
from tests.ee_emulator.raster.arrays import TEN_METRES, UTM, NoCatalog, call, masked_list, native

CUBE = np.arange(2 * 3 * 4 * 5, dtype=np.int16).reshape(2, 3, 4, 5)
LATTICE = Projection(UTM, TEN_METRES)


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    folder = tmp_path / "buckets" / "my-bucket"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(NoCatalog(), file=DataFolder(tmp_path).uri_file)


def write_zarr(bucket: Path, values: np.ndarray = CUBE, **changes: Any) -> str:
    """An array `cube` in a group `store`, as xarray writes it."""
    root = bucket / "store"
    array = zarr.create_array(
        root / "cube",
        shape=values.shape,
        dtype=values.dtype,
        chunks=(1, 1, 2, 2)[-values.ndim :],
        zarr_format=2,
        fill_value=7,
    )
    array[...] = values
    array.attrs["_ARRAY_DIMENSIONS"] = ["time", "level", "y", "x"][-values.ndim :]
    (root / ".zmetadata").write_text("{}")
    document = root / "cube" / ".zarray"
    document.write_text(json.dumps(json.loads(document.read_text()) | changes))
    return "gs://my-bucket/store/cube/.zarray"


def values(image: Any, context: Context, band: str, width: int = 5, height: int = 4) -> Any:
    return masked_list(render(image, native(width, height), [band], context)[band])


def hidden(layer: np.ndarray) -> list[list[int | None]]:
    """An array with its fill value masked."""
    return [[None if v == 7 else v for v in row] for row in layer.tolist()]


def test_a_geotiff_of_a_bucket_is_an_image(bucket: Path, context: Context) -> None:
    transform = rasterio.Affine(*tuple(TEN_METRES)[:6])
    options = {"width": 2, "height": 1, "count": 2, "dtype": "uint8", "crs": UTM, "transform": transform}
    with rasterio.open(bucket / "a.tif", "w", **options) as file:
        file.write(np.array([[[1, 2]], [[3, 4]]], np.uint8))
    image = invoke("Image.loadGeoTIFF", {"uri": "gs://my-bucket/a.tif"}, context)
    assert image.names == ["B0", "B1"]
    assert values(image, context, "B1", 2, 1) == [[3, 4]]


def test_every_slice_of_an_array_is_a_band(bucket: Path, context: Context) -> None:
    image = invoke("Image.loadZarrV2Array", {"uri": write_zarr(bucket), "proj": LATTICE}, context)
    assert image.names == [f"cube_{t}_{k}" for t in range(2) for k in range(3)]
    assert values(image, context, "cube_1_2") == CUBE[1, 2].tolist()
    assert values(image, context, "cube_0_0") == hidden(CUBE[0, 0])


def test_an_array_of_rows_and_columns_is_one_band(bucket: Path, context: Context) -> None:
    uri = write_zarr(bucket, CUBE[0, 1])
    image = invoke("Image.loadZarrV2Array", {"uri": uri, "proj": LATTICE}, context)
    assert values(image, context, "cube") == CUBE[0, 1].tolist()


def test_starts_and_ends_count_like_slices(bucket: Path, context: Context) -> None:
    arguments = {"uri": write_zarr(bucket), "proj": LATTICE, "starts": [1, -2], "ends": [None, -1]}
    assert invoke("Image.loadZarrV2Array", arguments, context).names == ["cube_1_1"]


def test_slices_along_an_axis_are_a_collection(bucket: Path, context: Context) -> None:
    arguments = {"uri": write_zarr(bucket), "proj": LATTICE}
    times = invoke("ImageCollection.loadZarrV2Array", arguments, context).images()
    assert [image.names for image in times] == [[f"cube_{t}_{k}" for k in range(3)] for t in range(2)]
    levels = invoke("ImageCollection.loadZarrV2Array", arguments | {"axis": 1, "starts": [1, 0]}, context).images()
    assert [image.names for image in levels] == [[f"cube_1_{k}"] for k in range(3)]
    assert values(levels[2], context, "cube_1_2") == CUBE[1, 2].tolist()


def test_a_coarser_lattice_reads_means(bucket: Path, context: Context) -> None:
    image = invoke("Image.loadZarrV2Array", {"uri": write_zarr(bucket), "proj": LATTICE}, context)
    coarse = native(1, 1)
    wide = type(coarse)(UTM, TEN_METRES @ Affine.scale(2), 2, 2)
    got = render(image, wide, ["cube_1_0"], context)["cube_1_0"].values
    assert got[0, 0] == round(CUBE[1, 0, :2, :2].mean())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"zarr_format": 3}, "must be in Zarr format 2"),
        ({"compressor": {"id": "lzma"}}, "Unsupported compression codec 'lzma'"),
    ],
)
def test_arrays_of_other_kinds_are_refused(
    bucket: Path, context: Context, changes: dict[str, Any], message: str
) -> None:
    uri = write_zarr(bucket, **changes)
    with pytest.raises(EarthEngineError, match=message):
        invoke("Image.loadZarrV2Array", {"uri": uri, "proj": LATTICE}, context)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"uri": "gs://my-bucket/store/cube"}, "must be that of a .zarray file"),
        ({"uri": "gs://my-bucket/store/none/.zarray"}, "not found"),
        ({"uri": "gs://my-bucket/../../etc/.zarray"}, "Invalid path"),
        ({"starts": [0]}, "'starts' must have 2 items"),
        ({"starts": [0, "x"]}, "whole numbers or null"),
        ({"starts": [1, 0], "ends": [1, 1]}, "make 0 bands"),
    ],
)
def test_what_is_not_there_is_refused(bucket: Path, context: Context, arguments: dict[str, Any], message: str) -> None:
    given = {"uri": write_zarr(bucket), "proj": LATTICE} | arguments
    with pytest.raises(EarthEngineError, match=message):
        invoke("Image.loadZarrV2Array", given, context)


def test_an_axis_must_be_there(bucket: Path, context: Context) -> None:
    given = {"uri": write_zarr(bucket), "proj": LATTICE, "axis": 2}
    with pytest.raises(EarthEngineError, match=r"in the range \[0, 1\], got 2"):
        invoke("ImageCollection.loadZarrV2Array", given, context)


def test_attributes_and_metadata_must_be_there(bucket: Path, context: Context) -> None:
    uri = write_zarr(bucket)
    (bucket / "store" / "cube" / ".zattrs").unlink()
    with pytest.raises(EarthEngineError, match="_ARRAY_DIMENSIONS"):
        invoke("Image.loadZarrV2Array", {"uri": uri, "proj": LATTICE}, context)
    (bucket / "store" / ".zmetadata").unlink()
    with pytest.raises(EarthEngineError, match=r"\.zmetadata"):
        invoke("Image.loadZarrV2Array", {"uri": uri, "proj": LATTICE}, context)


def test_without_a_folder_of_buckets_there_are_no_files() -> None:
    with pytest.raises(EarthEngineError, match="no folder of buckets"):
        call("Image.loadGeoTIFF", uri="gs://my-bucket/a.tif")
