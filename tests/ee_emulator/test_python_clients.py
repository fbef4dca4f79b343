"""Clients that others wrote on top of `earthengine-api`: Xee and geemap, unmodified, against a local Earth Engine."""

import io
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.request import urlopen

import numpy as np
import pytest
import rasterio
from PIL import Image as Picture

UTM = "EPSG:32650"
WUHAN = (114.25, 30.55, 114.31, 30.59)


def region(ee: ModuleType) -> Any:
    return ee.Geometry.Rectangle(list(WUHAN))


def elevation(ee: ModuleType) -> Any:
    return ee.Image("USGS/SRTMGL1_003")


@pytest.fixture
def geemap(ee: ModuleType) -> ModuleType:
    import geemap

    return geemap


def test_xee_opens_a_collection_whose_pixels_are_those_that_compute_pixels_gives(ee: ModuleType) -> None:
    import xarray
    import xee  # noqa: F401 - registers the engine

    scenes = ee.ImageCollection("MODIS/061/MOD13Q1").filterDate("2020-01-01", "2020-03-01").select(["NDVI", "EVI"])
    opened = xarray.open_dataset(scenes, engine="ee", crs="EPSG:4326", scale=0.002, geometry=region(ee))
    assert list(opened.data_vars) == ["NDVI", "EVI"]
    assert [str(day)[:10] for day in opened.time.values] == ["2020-01-01", "2020-01-17", "2020-02-02", "2020-02-18"]
    assert opened.sizes == {"time": 4, "lon": 30, "lat": 20}
    lon, lat = float(opened.lon[7]), float(opened.lat[5])
    second = ee.Image(scenes.toList(4).get(1))
    direct = second.reduceRegion(ee.Reducer.first(), ee.Geometry.Point([lon, lat]), crs="EPSG:4326", scale=1).getInfo()
    assert float(opened.NDVI[1, 7, 5]) == direct["NDVI"]
    assert "not a measurement" in opened.attrs["simulated"]


def test_geemap_puts_layers_on_a_map_whose_tiles_are_pictures(ee: ModuleType, geemap: ModuleType) -> None:
    view = geemap.Map(center=[30.57, 114.28], zoom=11, ee_initialize=False, lite_mode=True)
    view.add_layer(elevation(ee), {"min": 0, "max": 300, "palette": ["black", "white"]}, "relief")
    view.add_layer(ee.FeatureCollection([ee.Feature(region(ee))]), {"color": "red"}, "frame")
    layers = {layer.name: layer for layer in view.layers}
    side = 2**11
    x = int((114.28 + 180) / 360 * side)
    y = int((1 - np.arcsinh(np.tan(np.radians(30.57))) / np.pi) / 2 * side)
    with urlopen(layers["relief"].url.format(x=x, y=y, z=11)) as answer:
        relief = np.asarray(Picture.open(io.BytesIO(answer.read())).convert("RGBA"))
    assert relief.shape == (256, 256, 4)
    assert (relief[..., 3] == 255).all()
    assert (relief[..., 0] == relief[..., 1]).all()  # between black and white lies grey
    assert relief[..., 0].std() > 1
    with urlopen(layers["frame"].url.format(x=x, y=y, z=11)) as answer:
        frame = np.asarray(Picture.open(io.BytesIO(answer.read())).convert("RGBA"))
    assert (frame[frame[..., 3] > 200][:, 0] > 200).any()


def test_geemap_reads_values(ee: ModuleType, geemap: ModuleType) -> None:
    image = elevation(ee)
    stats = geemap.image_stats(image, region(ee), 90).getInfo()
    assert 0 < stats["min"]["elevation"] < stats["mean"]["elevation"] < stats["max"]["elevation"] < 1_000
    pixels = geemap.ee_to_numpy(image, region=region(ee), scale=90)
    assert pixels.shape[2] == 1
    inside = pixels[pixels > 0]  # the array format has no mask: what lies beyond the region is 0
    assert abs(float(inside.mean()) - stats["mean"]["elevation"]) < 5
    places = ee.FeatureCollection(
        [ee.Feature(ee.Geometry.Point([114.26 + k / 100, 30.57]), {"k": k}) for k in range(4)]
    )
    sampled = image.reduceRegions(places, ee.Reducer.first(), 30)
    table = geemap.ee_to_df(sampled, remove_geom=False)  # with True, geemap 0.37 asks pandas 3 for what it refuses
    assert table.sort_values("k")["k"].tolist() == [0, 1, 2, 3]
    assert (table["first"] > 0).all()


def test_geemap_downloads_an_image_with_its_lattice(ee: ModuleType, geemap: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "relief.tif"
    geemap.ee_export_image(elevation(ee), str(file), scale=90, crs=UTM, region=region(ee), verbose=False)
    with rasterio.open(file) as opened:
        assert opened.crs.to_epsg() == 32650
        assert opened.res == (90, 90)
        assert opened.descriptions == ("elevation",)
        heights = opened.read(1)
    assert heights.dtype == np.int16
    assert (heights > 0).mean() > 0.9


def test_geemap_saves_a_thumbnail(ee: ModuleType, geemap: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "relief.jpg"
    geemap.get_image_thumbnail(
        elevation(ee), str(file), {"min": 0, "max": 300, "palette": "00ff00,ff0000"}, 200, region(ee)
    )
    picture = np.asarray(Picture.open(file))
    assert max(picture.shape[:2]) == 200
    assert picture[..., 2].mean() < 30  # green to red has no blue
