"""Worked values of files in a bucket: a GeoTIFF that the server exported, and a Zarr array put there beforehand."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from tests.ee_emulator.tasks import finished
from tests.ee_emulator.worked import Worked

BUCKET = "worked-files"
ZARR = f"gs://{BUCKET}/store/rain/.zarray"


def place_zarr(data: Path) -> None:
    """Writes rain of two days on two by three pixels into the bucket's folder, as the format's specification says."""
    folder = data / "buckets" / BUCKET / "store" / "rain"
    folder.mkdir(parents=True)
    (folder.parent / ".zmetadata").write_text("{}")
    (folder / ".zattrs").write_text(json.dumps({"_ARRAY_DIMENSIONS": ["day", "y", "x"]}))
    array = {"zarr_format": 2, "shape": [2, 2, 3], "chunks": [2, 2, 3], "dtype": "<i4", "order": "C"}
    (folder / ".zarray").write_text(json.dumps(array | {"compressor": None, "fill_value": 0, "filters": None}))
    (folder / "0.0.0").write_bytes(np.arange(1, 13, dtype="<i4").tobytes())


def _exported(ee: ModuleType) -> Any:
    """An image exported to the bucket, and loaded from there."""
    region = ee.Geometry.Rectangle([0, 0, 200, 100], "EPSG:3857", False)
    image = ee.Image.pixelCoordinates(ee.Projection("EPSG:3857").atScale(100)).select("x").floor().toByte()
    task = ee.batch.Export.image.toCloudStorage(image, "one", BUCKET, "one", None, region, 100, "EPSG:3857")
    finished(task)
    return ee.Image.loadGeoTIFF(f"gs://{BUCKET}/one.tif")


def _lattice(ee: ModuleType) -> Any:
    return ee.Projection("EPSG:3857", [100, 0, 0, 0, -100, 200])


def _first_pixel(ee: ModuleType, image: Any) -> Any:
    return image.reduceRegion(ee.Reducer.first(), ee.Geometry.Point([50, 150], "EPSG:3857"), 100, "EPSG:3857")


WORKED = [
    Worked(
        "Image.loadGeoTIFF",
        lambda ee: _exported(ee).reduceRegion(ee.Reducer.toList(), None, 100, "EPSG:3857"),
        {"B0": [0, 1]},
        "reference: the pixels that the server exported",
    ),
    Worked(
        "Image.loadZarrV2Array",
        lambda ee: _first_pixel(ee, ee.Image.loadZarrV2Array(ZARR, _lattice(ee))),
        {"rain_0": 1, "rain_1": 7},
        "reference: the bytes of the array, zarr-specs.readthedocs.io, version 2",
    ),
    Worked(
        "ImageCollection.loadZarrV2Array",
        lambda ee: _first_pixel(ee, ee.ImageCollection.loadZarrV2Array(ZARR, _lattice(ee), 0, [1], [2]).first()),
        {"rain_1": 7},
        "reference: the bytes of the array, zarr-specs.readthedocs.io, version 2",
    ),
]
