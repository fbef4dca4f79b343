"""Files that clients download: images in every format, tables in every format."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import geopandas
import httpx
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.warp import transform_bounds

from ee_emulator.process import Emulator

BOX = [114.0, 30.0, 114.1, 30.1]


def content(url: str) -> bytes:
    response = httpx.get(url, timeout=60)
    assert response.status_code == 200, response.text
    return response.content


# Images -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def image(ee: ModuleType) -> Any:
    """Column and row of the kilometre in UTM zone 50 as two bands, masked west of 215 km."""
    kilometres = ee.Image.pixelCoordinates(ee.Projection("EPSG:32650").scale(1000, 1000)).floor().toInt16()
    return kilometres.updateMask(kilometres.select("x").gte(215))


@pytest.fixture
def request_(ee: ModuleType) -> dict[str, Any]:
    return {"region": ee.Geometry.Rectangle(BOX, None, False), "scale": 1000, "crs": "EPSG:32650"}


def test_a_geotiff_lies_on_multiples_of_the_scale(image: Any, request_: dict[str, Any]) -> None:
    file = content(image.getDownloadURL(request_ | {"format": "GEO_TIFF"}))
    with rasterio.MemoryFile(file).open() as source:
        assert source.crs.to_epsg() == 32650
        assert source.descriptions == ("x", "y")
        assert source.dtypes == ("int16", "int16")
        left, top = source.transform.c / 1000, source.transform.f / 1000
        assert (left, top) == (round(left), round(top))
        assert source.nodata == -32768
        x, y = source.read()
    expected = left + np.arange(x.shape[1])
    assert (x == np.where(expected >= 215, expected, -32768)).all()
    assert (y[:, -1] == top - 1 - np.arange(len(y))).all()


@pytest.mark.parametrize(
    ("kind", "missing"),
    [("uint8", 0), ("uint16", 0), ("uint32", 0), ("int8", -128), ("int32", -(2**31)), ("float", -np.inf)],
)
def test_masked_pixels_of_a_geotiff_are_no_data(
    ee: ModuleType, request_: dict[str, Any], kind: str, missing: float
) -> None:
    """leftfield-geospatial/geedim, geedim/image.py, `_nodata_vals`."""
    number = ee.Image(7).cast({"constant": kind})
    for image, expected in ((number.updateMask(0), missing), (number, None)):
        with rasterio.MemoryFile(content(image.getDownloadURL(request_ | {"format": "GEO_TIFF"}))).open() as source:
            assert source.nodata == expected
            assert (source.read(masked=True).mask == (expected is not None)).all()


def test_zipped_geotiffs_are_named_after_the_image_and_its_bands(image: Any, request_: dict[str, Any]) -> None:
    named = request_ | {"name": "lattice"}
    per_band = zipfile.ZipFile(io.BytesIO(content(image.getDownloadURL(dict(named)))))
    assert per_band.namelist() == ["lattice.x.tif", "lattice.y.tif"]
    whole = zipfile.ZipFile(io.BytesIO(content(image.getDownloadURL(named | {"filePerBand": False}))))
    assert whole.namelist() == ["lattice.tif"]
    with (
        rasterio.MemoryFile(per_band.read("lattice.y.tif")).open() as alone,
        rasterio.MemoryFile(whole.read("lattice.tif")).open() as together,
    ):
        assert (alone.read(1) == together.read(2)).all()


def test_bands_of_a_zip_may_have_lattices_of_their_own(image: Any, request_: dict[str, Any]) -> None:
    bands = [{"id": "x", "scale": 500}, {"id": "y", "scale": 2000}]
    files = zipfile.ZipFile(io.BytesIO(content(image.getDownloadURL(request_ | {"bands": bands}))))
    for name, side in (("download.x.tif", 500), ("download.y.tif", 2000)):
        with rasterio.MemoryFile(files.read(name)).open() as source:
            assert source.res == (side, side)


def test_an_npy_is_a_structured_array(image: Any, request_: dict[str, Any]) -> None:
    array = np.load(io.BytesIO(content(image.getDownloadURL(request_ | {"format": "NPY"}))))
    assert array.dtype == [("x", "<i2"), ("y", "<i2")]
    east = transform_bounds("EPSG:4326", "EPSG:32650", *BOX)[2]
    assert array["x"].max() == east // 1000


def test_a_transform_and_dimensions_cut_an_exact_rectangle(ee: ModuleType) -> None:
    image = ee.Image.pixelCoordinates(ee.Projection("EPSG:32650")).floor().toInt()
    options = {"crs": "EPSG:32650", "crs_transform": [30, 0, 300_000, 0, -30, 3_400_000], "dimensions": "5x4"}
    with rasterio.MemoryFile(content(image.getDownloadURL(options | {"format": "GEO_TIFF"}))).open() as source:
        assert (source.width, source.height) == (5, 4)
        assert list(source.transform)[:6] == [30, 0, 300_000, 0, -30, 3_400_000]
        assert source.read(1)[0].tolist() == [300_015 + 30 * k for k in range(5)]


def test_a_clipped_asset_is_downloaded_on_its_own_pixels(ee: ModuleType) -> None:
    lights = ee.Image("NOAA/VIIRS/DNB/ANNUAL_V22/20220101").select("average")
    native = lights.projection().getInfo()["transform"]
    file = content(lights.getDownloadURL({"region": ee.Geometry.Rectangle(BOX, None, False), "format": "GEO_TIFF"}))
    with rasterio.MemoryFile(file).open() as source:
        assert source.res == pytest.approx((native[0], -native[4]))
        column = (source.transform.c - native[2]) / native[0]
        assert column == pytest.approx(round(column), abs=1e-6)
        assert source.width == pytest.approx(0.1 / native[0], abs=1.5)


def test_stored_pixels_are_read_without_an_expression(ee: ModuleType) -> None:
    affine = {"scaleX": 0.01, "shearX": 0, "translateX": 114.0, "shearY": 0, "scaleY": -0.01, "translateY": 30.1}
    grid = {"dimensions": {"width": 8, "height": 4}, "affineTransform": affine, "crsCode": "EPSG:4326"}
    request = {"assetId": "WorldPop/GP/100m/pop/CHN_2020", "fileFormat": "NUMPY_NDARRAY", "grid": grid}
    stored = ee.data.getPixels(request)
    computed = ee.data.computePixels(
        {"expression": ee.Image(request["assetId"]), "fileFormat": "NUMPY_NDARRAY", "grid": grid}
    )
    assert stored.shape == (4, 8)
    assert (stored == computed).all()


@pytest.mark.parametrize("file_format", ["NPY", "GEO_TIFF", "TF_RECORD_IMAGE", "ZIPPED_GEO_TIFF", "PNG"])
def test_arrays_are_refused_by_every_format(ee: ModuleType, file_format: str) -> None:
    affine = {"scaleX": 1, "shearX": 0, "translateX": 0, "shearY": 0, "scaleY": -1, "translateY": 0}
    grid = {"dimensions": {"width": 2, "height": 2}, "affineTransform": affine, "crsCode": "EPSG:4326"}
    with pytest.raises(ee.EEException, match=r"(?i)array"):
        ee.data.computePixels({"expression": ee.Image([1, 2]).toArray(), "fileFormat": file_format, "grid": grid})


def test_a_file_of_a_bucket_is_an_image(ee: ModuleType, emulator: Emulator) -> None:
    path = emulator.data / "buckets" / "images" / "one.tif"
    path.parent.mkdir(parents=True)
    profile = {"driver": "GTiff", "width": 2, "height": 1, "count": 1, "dtype": "uint8", "crs": "EPSG:4326"}
    with rasterio.open(path, "w", **profile, transform=rasterio.Affine(1, 0, 10, 0, -1, 5)) as file:
        file.write(np.array([[[3, 4]]], "uint8"))
    image = ee.Image.loadGeoTIFF("gs://images/one.tif")
    assert image.reduceRegion("first", ee.Geometry.Point([11.5, 4.5]), 1000).getInfo() == {"B0": 4}


def test_a_region_takes_the_place_of_dimensions(ee: ModuleType) -> None:
    lattice = ee.Image.constant(1).toByte().reproject("EPSG:4326", [0.1, 0, 0, 0, -0.1, 0])
    region = {"type": "Polygon", "coordinates": [[[10, 0], [10.35, 0], [10.35, 0.2], [10, 0.2], [10, 0]]]}
    request = {"expression": lattice, "fileFormat": "NUMPY_NDARRAY", "region": region}
    assert ee.data.computePixels(request).shape == (2, 4)


# Tables -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def table(ee: ModuleType) -> Any:
    square = ee.Geometry.Rectangle([1, 2, 3, 4], None, False)
    rows = [
        ee.Feature(ee.Geometry.Point([114.3, 30.6]), {"name": "noodles", "b": 2.5, "a": [1, 2], "ok": True}),
        ee.Feature(square, {"name": 'say "rice"', "b": None, "day": ee.Date("2020-02-01")}),
        ee.Feature(None, {"name": "nowhere, really", "b": -1}),
    ]
    return ee.FeatureCollection(rows)


def test_a_csv_has_index_properties_by_name_and_geometry(table: Any) -> None:
    rows = list(csv.reader(io.StringIO(content(table.getDownloadURL("csv")).decode())))
    assert rows[0] == ["system:index", "a", "b", "name", "ok", ".geo"]
    assert rows[1][:5] == ["0", "[1,2]", "2.5", "noodles", "true"]
    assert json.loads(rows[1][5]) == {"type": "Point", "coordinates": [114.3, 30.6]}
    assert rows[2][:5] == ["1", "", "", 'say "rice"', ""]
    assert rows[3] == ["2", "", "-1", "nowhere, really", "", ""]


def test_selectors_choose_and_order_the_columns(table: Any) -> None:
    rows = list(csv.reader(io.StringIO(content(table.getDownloadURL("csv", ["name", "day", "b"])).decode())))
    assert rows[0] == ["name", "day", "b"]
    assert rows[2] == ['say "rice"', "2020-02-01T00:00:00", ""]


@pytest.mark.parametrize("file_format", ["geojson", "json"])
def test_a_geojson_keeps_types_and_geometries(table: Any, file_format: str) -> None:
    features = json.loads(content(table.getDownloadURL(file_format)))["features"]
    assert [feature["properties"]["name"] for feature in features][::2] == ["noodles", "nowhere, really"]
    assert features[0]["properties"] == {"a": [1, 2], "b": 2.5, "name": "noodles", "ok": True}
    assert [feature["geometry"] and feature["geometry"]["type"] for feature in features] == ["Point", "Polygon", None]


def test_a_kml_and_a_kmz_hold_the_same_places(table: Any, tmp_path: Path) -> None:
    kml = content(table.getDownloadURL("kml", filename="places"))
    (tmp_path / "places.kml").write_bytes(kml)
    places = geopandas.read_file(tmp_path / "places.kml")
    assert shapely.equals(places.geometry[0], shapely.Point(114.3, 30.6))
    kmz = zipfile.ZipFile(io.BytesIO(content(table.getDownloadURL("kmz", filename="places"))))
    assert kmz.read("doc.kml") == kml


def test_a_file_has_the_name_that_was_asked_for(table: Any) -> None:
    response = httpx.get(table.getDownloadURL("csv", filename="my places"))
    assert response.headers["content-disposition"] == 'attachment; filename="my places.csv"'
    assert response.headers["content-type"].startswith("text/csv")


def test_unknown_formats_are_refused_when_the_table_is_registered(ee: ModuleType, table: Any) -> None:
    with pytest.raises(ee.EEException, match="tables as XLSX"):
        table.getDownloadURL("xlsx")


def test_a_stored_table_is_listed_with_region_and_filter(ee: ModuleType) -> None:
    asset = "projects/local-ee/assets/poi_2020"
    region = json.dumps(
        {"type": "Polygon", "coordinates": [shapely.box(114.28, 30.57, 114.32, 30.61).exterior.coords[:]]}
    )
    request = {"assetId": asset, "region": region, "filter": "properties.category = catering", "pageSize": 7}
    page = ee.data.listFeatures(request)
    assert len(page["features"]) == 7
    following = ee.data.listFeatures(request | {"pageToken": page["nextPageToken"]})
    seen = [feature["id"] for feature in page["features"] + following["features"]]
    assert len(set(seen)) == 14
    box = shapely.box(114.28, 30.57, 114.32, 30.61)
    assert all(box.intersects(shapely.geometry.shape(feature["geometry"])) for feature in following["features"])
    assert {feature["properties"]["category"] for feature in page["features"]} == {"catering"}


def test_images_of_a_collection_come_page_by_page(ee: ModuleType) -> None:
    collection = ee.ImageCollection("NOAA/VIIRS/DNB/ANNUAL_V22")
    first = ee.data.computeImages({"expression": collection, "pageSize": 2})
    second = ee.data.computeImages({"expression": collection, "pageSize": 2, "pageToken": first["nextPageToken"]})
    indices = [image["properties"]["system:index"] for image in first["images"] + second["images"]]
    assert indices == ["20220101", "20230101", "20240101"]
    assert "nextPageToken" not in second
