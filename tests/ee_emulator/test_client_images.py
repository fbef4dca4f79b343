"""Image operations of ordinary composites, each with a worked value, through the unmodified client and a real server.

`pixelCoordinates` and constants make images whose every pixel is known.
"""

from types import ModuleType
from typing import Any

import numpy as np
import pytest
from rasterio.io import MemoryFile

UTM = "EPSG:32650"
CORNER = (500_000.0, 3_400_000.0)


def grid(width: int, height: int, scale: float = 10.0) -> dict[str, Any]:
    affine = {"scaleX": scale, "shearX": 0, "translateX": CORNER[0], "shearY": 0, "scaleY": -scale}
    return {
        "dimensions": {"width": width, "height": height},
        "affineTransform": affine | {"translateY": CORNER[1]},
        "crsCode": UTM,
    }


def lattice(ee: ModuleType, scale: float = 10.0) -> Any:
    return ee.Projection(UTM, [scale, 0, CORNER[0], 0, -scale, CORNER[1]])


def columns(ee: ModuleType) -> Any:
    """0, 1, 2, … along a row of the 10 m lattice, masked nowhere."""
    return ee.Image.pixelCoordinates(lattice(ee)).select("x").floor().toInt().rename("v")


def rectangle(ee: ModuleType, west: float, south: float, east: float, north: float) -> Any:
    """A rectangle in pixels of the 10 m lattice."""
    x, y = CORNER
    return ee.Geometry.Rectangle(
        [x + 10 * west, y - 10 * south, x + 10 * east, y - 10 * north], lattice(ee).crs(), False
    )


def fetch(ee: ModuleType, image: Any, width: int = 4, height: int = 1, scale: float = 10.0) -> np.ndarray:
    request = {"expression": image, "fileFormat": "NUMPY_NDARRAY", "grid": grid(width, height, scale)}
    array: np.ndarray = ee.data.computePixels(request)
    return array


def row(ee: ModuleType, image: Any, width: int = 4, scale: float = 10.0) -> list[Any]:
    """The first band's pixels along one row, None where masked."""
    both = ee.Image.cat([image.select([0], ["v"]).unmask(0), image.select([0], ["m"]).mask()])
    pixels = fetch(ee, both, width, scale=scale)[0]
    return [v if m else None for v, m in zip(pixels["v"].tolist(), pixels["m"].tolist(), strict=True)]


def test_npy_has_a_field_for_each_band(ee: ModuleType) -> None:
    image = columns(ee).addBands(ee.Image.constant(2.5).rename("half"))
    pixels = fetch(ee, image, 3, 2)
    assert pixels.shape == (2, 3)
    assert pixels["v"].tolist() == [[0, 1, 2], [0, 1, 2]]
    assert pixels["half"].tolist() == [[2.5] * 3] * 2


def test_geotiff_opens_in_rasterio_with_lattice_and_names(ee: ModuleType) -> None:
    request = {"expression": columns(ee).toInt16(), "fileFormat": "GEO_TIFF", "grid": grid(3, 2)}
    with MemoryFile(ee.data.computePixels(request)) as memory, memory.open() as file:
        assert file.crs.to_epsg() == 32650
        assert tuple(file.transform)[:6] == (10.0, 0.0, CORNER[0], 0.0, -10.0, CORNER[1])
        assert file.descriptions == ("v",)
        assert file.read(1).tolist() == [[0, 1, 2], [0, 1, 2]]


def test_band_ids_choose_and_order_bands(ee: ModuleType) -> None:
    image = columns(ee).addBands(ee.Image.constant(7).rename("seven"))
    request = {"expression": image, "fileFormat": "NUMPY_NDARRAY", "grid": grid(1, 1), "bandIds": ["seven"]}
    assert ee.data.computePixels(request).dtype.names == ("seven",)


def test_more_than_48_megabytes_are_refused(ee: ModuleType) -> None:
    with pytest.raises(ee.EEException, match=r"must be less than or equal to 50331648 bytes"):
        fetch(ee, ee.Image.constant(1.5), 3_000, 3_000)


def test_mosaic_shows_the_last_image_that_is_not_masked(ee: ModuleType) -> None:
    v = columns(ee)
    stack = ee.ImageCollection([v, v.add(10).updateMask(v.lt(2)), v.add(100).updateMask(v.eq(1))])
    assert row(ee, stack.mosaic()) == [10, 101, 2, 3]


def test_median_takes_the_middle_of_what_is_not_masked(ee: ModuleType) -> None:
    v = columns(ee)
    stack = ee.ImageCollection([v, v.add(1), v.add(50).updateMask(v.lt(2))])
    assert row(ee, stack.median()) == [1, 2, 2.5, 3.5]


def test_quality_mosaic_takes_all_bands_from_the_best_image(ee: ModuleType) -> None:
    v = columns(ee)
    first = v.addBands(ee.Image.constant(1).rename("q"))
    second = v.add(10).addBands(v.multiply(1.0).rename("q"))
    best = ee.ImageCollection([first, second.select(["v", "q"])]).qualityMosaic("q")
    assert row(ee, best.select("v"))[2:] == [12, 13]
    assert row(ee, best.select("v"))[0] == 0


def test_clip_keeps_pixels_inside(ee: ModuleType) -> None:
    assert row(ee, columns(ee).clip(rectangle(ee, 1, 1, 3, 0))) == [None, 1, 2, None]


def test_update_mask_hides_and_unmask_fills(ee: ModuleType) -> None:
    v = columns(ee)
    hidden = v.updateMask(v.gt(1))
    assert row(ee, hidden) == [None, None, 2, 3]
    assert row(ee, hidden.unmask(-1)) == [-1, -1, 2, 3]


def test_reproject_fixes_the_lattice_on_which_pixels_are_computed(ee: ModuleType) -> None:
    coarse = columns(ee).reproject(lattice(ee, 20))
    assert row(ee, coarse) == [1, 1, 3, 3]  # a coarse pixel's centre is the corner of a fine one: that to its right


def test_reduce_resolution_averages_the_pixels_below(ee: ModuleType) -> None:
    v = columns(ee).reproject(lattice(ee))
    coarse = v.reduceResolution(ee.Reducer.mean(), False, 100).reproject(lattice(ee, 20))
    assert row(ee, coarse, 2, 20) == [0.5, 2.5]


def test_reduce_to_image_counts_and_sums_points(ee: ModuleType) -> None:
    x, y = CORNER

    def point(column: float, value: float) -> Any:
        place = ee.Geometry.Point([x + 10 * column, y - 5], UTM).transform("EPSG:4326", 0.001)
        return ee.Feature(place, {"n": value})

    points = ee.FeatureCollection([point(0.4, 2), point(0.6, 3), point(2.5, 7)])
    summed = points.reduceToImage(["n"], ee.Reducer.sum()).reproject(lattice(ee))
    assert row(ee, summed)[0] == 5
    assert row(ee, summed)[2] == 7


def test_normalised_difference_is_difference_over_sum(ee: ModuleType) -> None:
    image = ee.Image.constant([0.6, 0.2]).rename(["nir", "red"])
    assert row(ee, image.normalizedDifference(["nir", "red"]), 1) == pytest.approx([0.5])
    negative = ee.Image.constant([-0.1, 0.2]).rename(["nir", "red"])
    assert row(ee, negative.normalizedDifference(["nir", "red"]), 1) == [None]


def test_expressions_know_bands_precedence_and_conditions(ee: ModuleType) -> None:
    v = columns(ee)
    value = v.expression("v > 1 ? (v ** 2 + c) / 2 : -b('v') % 2", {"v": v, "c": ee.Image.constant(1)})
    assert row(ee, value) == [0, -1, 2.5, 5]


def test_map_over_a_collection_sees_each_image(ee: ModuleType) -> None:
    v = columns(ee)
    stack = ee.ImageCollection([v.set("k", k) for k in (1, 2)])
    scaled = stack.map(lambda image: image.multiply(ee.Number(image.get("k"))))
    assert row(ee, scaled.sum()) == [0, 3, 6, 9]


def test_iterate_over_a_collection_carries_an_image_along(ee: ModuleType) -> None:
    stack = ee.ImageCollection([columns(ee), columns(ee).add(1)])
    total = stack.iterate(lambda image, before: ee.Image(before).multiply(10).add(image), ee.Image.constant(0))
    assert row(ee, ee.Image(total)) == [1, 12, 23, 34]


def test_reduce_region_weighs_pixels_at_the_edge(ee: ModuleType) -> None:
    answer = columns(ee).reduceRegion(
        reducer=ee.Reducer.mean().combine(ee.Reducer.count(), "", True),
        geometry=rectangle(ee, 0.5, 1, 3, 0),
        crs=lattice(ee),
    )
    # Half of pixel 0 and all of 1 and 2: (0.5·0 + 1 + 2) / 2.5.
    assert answer.getInfo() == {"v_mean": pytest.approx(1.2, rel=1e-3), "v_count": 3}


def test_reduce_regions_gives_each_feature_its_own_value(ee: ModuleType) -> None:
    districts = ee.FeatureCollection(
        [
            ee.Feature(rectangle(ee, 0, 1, 2, 0), {"name": "west"}),
            ee.Feature(rectangle(ee, 2, 1, 4, 0), {"name": "east"}),
        ]
    )
    found = columns(ee).reduceRegions(districts, ee.Reducer.mean(), crs=lattice(ee)).getInfo()["features"]
    means = {f["properties"]["name"]: f["properties"]["mean"] for f in found}
    assert means == pytest.approx({"west": 0.5, "east": 2.5}, rel=1e-3)


def test_a_cloud_masked_composite_of_the_planet_has_no_clouds(ee: ModuleType) -> None:
    place = ee.Geometry.Rectangle([114.28, 30.57, 114.30, 30.59], None, False)

    def clear(image: Any) -> Any:
        cloud_or_shadow = image.select("QA_PIXEL").bitwiseAnd(0b11000)
        return image.select("SR_B2").multiply(0.0000275).add(-0.2).updateMask(cloud_or_shadow.eq(0))

    scenes = ee.ImageCollection("LANDSAT/LC08/C02/T1_L2").filterBounds(place).filterDate("2020-01-01", "2021-01-01")
    reducer = ee.Reducer.max().combine(ee.Reducer.count(), "", True)
    cleared = scenes.map(clear).median().reduceRegion(reducer, place, 60, "EPSG:32650").getInfo()
    clouded = scenes.select("SR_B2").max().multiply(0.0000275).add(-0.2)
    assert cleared["SR_B2_max"] < 0.3
    assert cleared["SR_B2_count"] > 1_000
    assert clouded.reduceRegion(ee.Reducer.mean(), place, 60, "EPSG:32650").getInfo()["SR_B2"] > 0.4


def test_a_raw_scene_of_the_planet_calibrates_to_the_one_that_is_served_calibrated(ee: ModuleType) -> None:
    place = ee.Geometry.Point([114.3, 30.6])
    raw = ee.Image(
        ee.ImageCollection("LANDSAT/LC08/C02/T1").filterBounds(place).filterDate("2020-05-01", "2020-06-01").first()
    )
    served = ee.Image(f"LANDSAT/LC08/C02/T1_TOA/{raw.id().getInfo()}")
    bands = ["B2", "B4", "B5", "B10"]
    made, expected = (
        image.select(bands).reduceRegion(ee.Reducer.first(), place, 30).getInfo()
        for image in (ee.Algorithms.Landsat.TOA(raw), served)
    )
    assert made == pytest.approx(expected, rel=1e-3)
