"""Thumbnails, animations, film strips and map tiles, fetched as a browser fetches them."""

from __future__ import annotations

import io
from types import ModuleType
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image as Pillow
from rasterio.warp import transform_bounds

from ee_emulator.process import Emulator
from ee_emulator.rest.maps import tile_grid

BOX = [114.0, 30.0, 114.2, 30.1]


def picture(url: str) -> Pillow.Image:
    response = httpx.get(url, timeout=60)
    assert response.status_code == 200, response.text
    return Pillow.open(io.BytesIO(response.content))


@pytest.fixture
def box(ee: ModuleType) -> Any:
    return ee.Geometry.Rectangle(BOX, None, False)


@pytest.fixture
def west(ee: ModuleType) -> Any:
    """1 west of 114.1 degrees and masked east of it."""
    longitude = ee.Image.pixelLonLat().select("longitude")
    return longitude.lt(114.1).selfMask()


def test_a_thumbnail_has_the_size_the_colours_and_the_mask(ee: ModuleType, box: Any, west: Any) -> None:
    url = west.getThumbURL({"dimensions": "64x16", "region": box, "palette": ["0080ff"], "format": "png"})
    shown = picture(url)
    assert shown.format == "PNG"
    assert shown.size == (64, 16)
    pixels = np.asarray(shown.convert("RGBA"))
    assert (pixels[:, :32] == [0, 128, 255, 255]).all()
    assert (pixels[:, 32:] == 0).all()


def test_one_dimension_is_the_longer_side(ee: ModuleType, box: Any, west: Any) -> None:
    assert picture(west.getThumbURL({"dimensions": 50, "region": box, "min": 0, "max": 1})).size == (50, 25)


def test_without_a_size_the_longer_side_has_512_pixels(ee: ModuleType, box: Any, west: Any) -> None:
    assert picture(west.getThumbURL({"region": box, "min": 0, "max": 1})).size == (512, 256)
    assert picture(west.clip(box).getThumbURL({"min": 0, "max": 1})).size == (512, 256)


def test_a_scale_and_projection_make_the_lattice(ee: ModuleType, box: Any) -> None:
    image = ee.Image.constant(200).toByte()
    shown = picture(image.getThumbURL({"region": box, "scale": 1000, "crs": "EPSG:32650", "format": "jpg"}))
    assert shown.format == "JPEG"
    left, bottom, right, top = np.array(transform_bounds("EPSG:4326", "EPSG:32650", *BOX)) / 1000
    assert shown.size == (np.ceil(right) - np.floor(left), np.ceil(top) - np.floor(bottom))
    assert abs(np.asarray(shown)[6, 10].astype(int) - 200).max() <= 2


def test_a_picture_is_a_jpeg_only_where_nothing_is_transparent(ee: ModuleType, box: Any, west: Any) -> None:
    auto = {"dimensions": 16, "region": box, "min": 0, "max": 1, "format": "auto"}
    assert picture(west.getThumbURL(auto)).format == "PNG"
    assert picture(west.unmask(0).getThumbURL(auto)).format == "JPEG"


def test_pixels_come_as_a_picture_with_the_options_of_the_request(ee: ModuleType, west: Any) -> None:
    affine = {"scaleX": 0.05, "shearX": 0, "translateX": 114.0, "shearY": 0, "scaleY": -0.05, "translateY": 30.1}
    grid = {"dimensions": {"width": 4, "height": 2}, "affineTransform": affine, "crsCode": "EPSG:4326"}
    options = {"paletteColors": ["000000", "ff0000"], "ranges": [{"min": 0, "max": 1}]}
    request = {"expression": west, "fileFormat": "PNG", "grid": grid, "visualizationOptions": options}
    pixels = np.asarray(Pillow.open(io.BytesIO(ee.data.computePixels(request))).convert("RGBA"))
    assert pixels[0].tolist() == [[255, 0, 0, 255]] * 2 + [[0, 0, 0, 0]] * 2


def test_frames_of_a_video_follow_each_other_and_stand_below_each_other_on_a_strip(ee: ModuleType, box: Any) -> None:
    frames = ee.ImageCollection([ee.Image.constant(k).toByte() for k in (0, 100, 200)])
    options = {"dimensions": 32, "region": box, "min": 0, "max": 200}
    video: Any = picture(frames.getVideoThumbURL(options | {"framesPerSecond": 4}))
    assert (video.format, video.size, video.n_frames, video.info["duration"]) == ("GIF", (32, 16), 3, 250)
    levels = []
    for number in range(3):
        video.seek(number)
        levels.append(int(np.asarray(video.convert("RGB"))[8, 16, 0]))
    assert levels == pytest.approx([0, 128, 255], abs=2)
    strip = np.asarray(picture(frames.getFilmstripThumbURL(options)).convert("L"))
    assert strip.shape == (48, 32)
    assert strip[[8, 24, 40], 16].tolist() == pytest.approx([0, 128, 255], abs=2)


def test_a_map_has_tiles_of_the_web(ee: ModuleType, emulator: Emulator, west: Any) -> None:
    made = west.getMapId({"palette": ["00ff00"]})
    assert made["tile_fetcher"].url_format.startswith(emulator.url)
    url = ee.data.getTileUrl(made, 836, 419, 10)
    assert url.endswith("/tiles/10/836/419")
    tile = picture(url)
    assert (tile.format, tile.size) == ("PNG", (256, 256))
    pixels = np.asarray(tile.convert("RGBA"))
    # Longitudes of a tile run evenly from 836/1024 to 837/1024 of the way round.
    edge = round((114.1 / 360 + 0.5) * 1024 * 256 - 836 * 256)
    assert (pixels[:, : edge - 1] == [0, 255, 0, 255]).all()
    assert (pixels[:, edge + 1 :] == 0).all()
    assert made["tile_fetcher"].fetch_tile(836, 419, 10) == httpx.get(url).content


def test_tiles_of_one_zoom_join_without_a_gap(ee: ModuleType) -> None:
    lonlat = ee.Image.pixelLonLat().select("longitude")
    made = lonlat.getMapId({"min": -180, "max": 180})
    left, right = (np.asarray(picture(ee.data.getTileUrl(made, x, 1, 2)).convert("L"), int) for x in (1, 2))
    assert left[0, 0] == pytest.approx(64, abs=1)
    assert left[0, -1] == pytest.approx(127, abs=1)
    assert right[0, 0] - left[0, -1] in (0, 1)


def test_pictures_and_values_may_be_tagged(ee: ModuleType, box: Any, west: Any) -> None:
    """The guide to monitoring usage: the client sends the tag of a map with the address, of a value in the body."""
    shops = ee.FeatureCollection([ee.Feature(ee.Geometry.Point([114, 30]), {"name": "a"})])
    with ee.data.workloadTagContext("tagged-work"):
        assert west.getMapId({"min": 0, "max": 1})["mapid"]
        assert picture(west.getThumbURL({"dimensions": "8x4", "region": box, "min": 0, "max": 1})).size == (8, 4)
        assert httpx.get(shops.getDownloadURL("csv", ["name"])).text == "name\na\n"
        assert ee.Number(1).add(1).getInfo() == 2


def test_a_collection_is_mapped_as_its_mosaic(ee: ModuleType, west: Any) -> None:
    below, above = ee.Image.constant(0).toByte(), west.multiply(255).toByte().rename("constant")
    made = ee.ImageCollection([below, above]).getMapId({"min": 0, "max": 255})
    pixels = np.asarray(picture(ee.data.getTileUrl(made, 836, 419, 10)).convert("L"))
    assert (pixels[0, 0], pixels[0, -1]) == (255, 0)


@pytest.mark.parametrize("path", ["maps/nothing/tiles/1/0/0", "thumbnails/nothing:getPixels", "tables/x:getFeatures"])
def test_what_was_never_registered_is_404(emulator: Emulator, path: str) -> None:
    response = httpx.get(f"{emulator.url}/v1/projects/local-ee/{path}")
    assert response.status_code == 404
    assert response.json()["error"]["status"] == "NOT_FOUND"


def test_tiles_that_do_not_exist_are_400(ee: ModuleType, west: Any) -> None:
    made = west.getMapId({"palette": ["00ff00"]})
    for x, y, zoom in ((0, 2, 1), (5, 0, 2), (0, 0, 40)):
        response = httpx.get(made["tile_fetcher"].url_format.format(x=x, y=y, z=zoom))
        assert response.status_code == 400
        assert "Invalid tile" in response.json()["error"]["message"]


def test_a_map_of_an_expression_that_cannot_be_evaluated_is_refused_at_once(ee: ModuleType) -> None:
    with pytest.raises(ee.EEException, match="did not match any bands"):
        ee.Image.constant(1).select("nothing").getMapId()
    with pytest.raises(ee.EEException, match="not found"):
        ee.Image("NOWHERE/AT/ALL").getThumbURL({"dimensions": 10})


def test_pictures_that_are_too_large_or_empty_say_so(ee: ModuleType, box: Any) -> None:
    image = ee.Image.constant(1).toByte()
    large = httpx.get(image.getThumbURL({"dimensions": 100_000, "region": box}))
    assert large.status_code == 400
    assert "Total request size" in large.json()["error"]["message"]
    with pytest.raises(ee.EEException, match="unbounded"):
        image.getThumbURL({"dimensions": 10})
    empty = ee.ImageCollection([]).getVideoThumbURL({"dimensions": 10, "region": box})
    assert "empty" in httpx.get(empty).json()["error"]["message"]


def test_feature_views_are_refused_with_words(ee: ModuleType) -> None:
    with pytest.raises(ee.EEException, match="not supported by the emulator"):
        ee.data.getFeatureViewTilesKey({"assetId": "projects/local-ee/assets/view"})


def test_a_tile_covers_its_share_of_the_world() -> None:
    west, south, east, north = tile_grid(1, 1, 0).bounds
    assert (west, south) == (0.0, 0.0)
    assert east == pytest.approx(20_037_508.342_789, abs=1e-5)
    assert north == pytest.approx(20_037_508.342_789, abs=1e-5)


def test_a_table_is_mapped_as_what_is_drawn_of_it(ee: ModuleType) -> None:
    square = ee.FeatureCollection([ee.Feature(ee.Geometry.Rectangle([0, 0, 10, 10], None, False))])
    for made in (square.getMapId({"color": "ff0000"}), square.style(color="ff0000", fillColor="ff0000").getMapId()):
        pixels = np.asarray(picture(ee.data.getTileUrl(made, 4, 3, 3)).convert("RGBA"))
        assert pixels[240, 20, 3] > 0
        assert pixels[240, 20, 0] == 255
        assert pixels[20, 240].tolist() == [0, 0, 0, 0]
