"""What `getInfo` gives for every common type, through the unmodified client and a real server."""

import json
import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

POINT = {"type": "Point", "coordinates": [114.3, 30.6]}
SQUARE = [[[0, 0], [2, 0], [2, 1], [0, 1], [0, 0]]]


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda ee: ee.Number(7).divide(2), 3.5),
        (lambda ee: ee.Number(7).divide(0), 0),
        (lambda ee: ee.String("lan").cat("zhou").toUpperCase(), "LANZHOU"),
        (lambda ee: ee.List([3, 1, 2]).sort().map(lambda n: ee.Number(n).multiply(10)), [10, 20, 30]),
        (lambda ee: ee.List([None, 1]).get(0), None),
        (lambda ee: ee.List.sequence(1, 5).iterate(lambda n, total: ee.Number(total).add(n), 0), 15),
        (lambda ee: ee.Dictionary({"a": 1}).combine({"b": [True, "x"]}), {"a": 1, "b": [True, "x"]}),
        (lambda ee: ee.Algorithms.If(ee.Number(0), "yes", "no"), "no"),
        (lambda ee: ee.Date("2020-01-31").advance(1, "month").format("YYYY-MM-dd"), "2020-02-29"),
        (lambda ee: ee.Date("2020-07-01").format("zzzz", "Asia/Shanghai"), "China Standard Time"),
        (lambda ee: ee.Date("2020-02-29"), {"type": "Date", "value": 1_582_934_400_000}),
        (
            lambda ee: ee.DateRange("2020-01-01", "2020-01-02"),
            {"type": "DateRange", "dates": [1_577_836_800_000, 1_577_923_200_000]},
        ),
        (lambda ee: ee.Geometry.Point([114.3, 30.6]), POINT),
        (
            lambda ee: ee.Geometry.Polygon(SQUARE, None, False),
            {"type": "Polygon", "coordinates": SQUARE, "geodesic": False},
        ),
        (
            lambda ee: ee.Feature(ee.Geometry.Point([114.3, 30.6]), {"city": "wuhan"}),
            {"type": "Feature", "geometry": POINT, "properties": {"city": "wuhan"}},
        ),
        (
            lambda ee: ee.Projection("EPSG:32650").atScale(100),
            {"type": "Projection", "crs": "EPSG:32650", "transform": [100, 0, 0, 0, 100, 0]},
        ),
        (lambda ee: ee.PixelType.uint8(), {"type": "PixelType", "precision": "int", "min": 0, "max": 255}),
        (
            lambda ee: ee.Image.constant(5).rename("five").set("year", 2020),
            {
                "type": "Image",
                "bands": [
                    {
                        "id": "five",
                        "data_type": {"type": "PixelType", "precision": "int", "min": 5, "max": 5},
                        "crs": "EPSG:4326",
                        "crs_transform": [1, 0, 0, 0, 1, 0],
                    }
                ],
                "properties": {"year": 2020},
            },
        ),
    ],
)
def test_values_print_as_earth_engine_prints_them(
    ee: ModuleType, build: Callable[[ModuleType], Any], expected: Any
) -> None:
    assert build(ee).getInfo() == expected


def test_whole_numbers_print_without_a_fraction_whatever_their_type(ee: ModuleType) -> None:
    """aazuspan/eerepr, tests/data/test_regression_objects_{linestring,projection,constant_image}_.yml hold them so."""
    whole = ee.List([ee.Number(1.5).multiply(2), ee.Array([0.5, 2.0]).toList(), ee.Number(1e300)])
    line = ee.Geometry.LineString([[1, 1], [2.5, 2]])
    shown = json.dumps([whole.getInfo(), line.coordinates().getInfo(), ee.Image(0).projection().getInfo()["transform"]])
    assert shown == "[[3, [0.5, 2], 1e+300], [[1, 1], [2.5, 2]], [1, 0, 0, 0, 1, 0]]"


def test_an_image_prints_the_id_that_it_is_given(ee: ModuleType) -> None:
    """aazuspan/eerepr, tests/data/test_regression_objects_constant_image_.yml."""
    shown = ee.Image.constant(0).set("system:id", "foo").getInfo()
    assert shown["id"] == "foo"
    assert "properties" not in shown


def test_a_stored_image_has_properties_of_its_own_and_they_can_be_copied(ee: ModuleType) -> None:
    """geetools, tests/test_ImageCollection/test_aggregate_array.yml, for a scene of Sentinel-2."""
    scene = ee.ImageCollection("LANDSAT/LC08/C02/T1_L2").first()
    names = [f"system:{name}" for name in ("band_names", "bands", "footprint", "id", "index", "time_start")]
    assert set(names) <= set(scene.propertyNames().getInfo())
    copied = ee.Image(scene.select(["SR_B1", "QA_PIXEL"]).multiply(2).copyProperties(scene, names))
    expected, found = (ee.List([image.get(name) for name in names]).getInfo() for image in (scene, copied))
    assert found == expected
    bands, ring, path = expected[1:4]
    assert bands["SR_B1"].keys() == {"crs", "crs_transform", "data_type", "dimensions"}
    assert ring["type"] == "LinearRing"
    assert path.startswith("LANDSAT/LC08/C02/T1_L2/LC08_")
    assert copied.getInfo()["properties"]["system:footprint"] == ring


def test_images_of_a_list_keep_their_index(ee: ModuleType) -> None:
    """geetools, tests/test_ImageCollection/test_reduce_interval.yml: images that were given the index of another."""
    scenes = ee.ImageCollection([ee.Image(0), ee.Image(1).set("system:index", "20200101_0000"), ee.Image(2)])
    assert scenes.aggregate_array("system:index").getInfo() == ["0", "20200101_0000", "2"]


def test_the_footprint_of_an_image_can_be_set(ee: ModuleType) -> None:
    square = ee.Geometry.Rectangle([0, 0, 1, 1], None, False)
    framed = ee.Image(1).set("system:footprint", square).geometry()
    assert framed.area(1).getInfo() == pytest.approx(square.area(1).getInfo(), rel=1e-9)


def test_bands_computed_pixel_by_pixel_keep_their_dimensions(ee: ModuleType) -> None:
    """leftfield-geospatial/geedim, tests/conftest.py, `prepared_coll`: it and what is added to it are alike."""
    square = ee.Geometry.Rectangle([-1, -1, 1, 1], "EPSG:3857")
    image = ee.Image([1, 2]).toUint8().setDefaultProjection("EPSG:3857", scale=0.1).clipToBoundsAndScale(square)
    expected = [band | {"id": None} for band in image.getInfo()["bands"]]
    assert expected[0]["dimensions"] == [20, 20]
    for derived in (image.add(3).toUint8(), image.updateMask(0), image.unmask(0), image.where(1, 5)):
        assert [band | {"id": None} for band in derived.getInfo()["bands"]] == expected


def test_what_is_made_of_a_stored_collection_keeps_its_id(ee: ModuleType) -> None:
    """geetools, tests/test_ImageCollection.py, test_reduce_interval_image_collection_with_system_id."""
    scenes = ee.ImageCollection("LANDSAT/LC08/C02/T1_L2")
    few = scenes.filterDate("2020-05-01", "2020-05-03").select("SR_B1").sort("CLOUD_COVER").limit(1)
    assert "system:id" in few.propertyNames().getInfo()
    assert few.getInfo()["id"] == "LANDSAT/LC08/C02/T1_L2"
    assert "id" not in few.merge(few).getInfo()


@pytest.mark.parametrize("derive", ["clip", "updateMask", "unmask", "where"])
def test_what_retains_the_metadata_retains_the_id(ee: ModuleType, derive: str) -> None:
    """geetools, tests/test_Image/test_clip_on_collection_property.yml: a clipped scene has `system:id`."""
    scene = ee.ImageCollection("LANDSAT/LC08/C02/T1_L2").first()
    arguments = {"clip": [scene.geometry()], "where": [ee.Image(0), 1], "updateMask": [1], "unmask": []}[derive]
    assert getattr(scene, derive)(*arguments).get("system:id").getInfo() == scene.get("system:id").getInfo()


def test_a_feature_collection_lists_its_columns_and_features(ee: ModuleType) -> None:
    given = [ee.Feature(ee.Geometry.Point([k, 0]), {"n": k}) for k in range(3)]
    shown = ee.FeatureCollection(given).filter(ee.Filter.gte("n", 1)).getInfo()
    assert shown["type"] == "FeatureCollection"
    assert shown["columns"] == {"n": "Integer", "system:index": "String"}
    assert [(f["id"], f["properties"]) for f in shown["features"]] == [("1", {"n": 1}), ("2", {"n": 2})]


def test_a_collection_within_a_list_prints_without_its_elements(ee: ModuleType) -> None:
    """aazuspan/eerepr, tests/data/test_full_repr.yml: a list with a collection of either sort."""
    images = ee.ImageCollection([ee.Image(0), ee.Image(1)]).set("test_prop", 42)
    features = ee.FeatureCollection([ee.Feature(ee.Geometry.Point([0, 0]), {"foo": "bar"})])
    assert ee.List([images, features]).getInfo() == [
        {"type": "ImageCollection", "bands": [], "properties": {"test_prop": 42}},
        {"type": "FeatureCollection", "columns": {"foo": "String", "system:index": "String"}},
    ]


def test_an_image_collection_of_the_planet_prints_its_images(ee: ModuleType) -> None:
    lights = ee.ImageCollection("NOAA/VIIRS/DNB/ANNUAL_V21").filterDate("2019-01-01", "2021-01-01")
    shown = lights.select("average").getInfo()
    assert [image["properties"]["system:index"] for image in shown["features"]] == ["20190101", "20200101"]
    (band,) = shown["features"][0]["bands"]
    assert band["data_type"] == {"type": "PixelType", "precision": "float"}
    assert "not a measurement" in shown["features"][0]["properties"]["simulated"]


def test_a_long_collection_is_refused_as_earth_engine_does(ee: ModuleType) -> None:
    many = ee.FeatureCollection(ee.List.sequence(1, 5_001).map(lambda n: ee.Feature(None, {"n": n})))
    with pytest.raises(ee.EEException, match="after accumulating over 5000 elements"):
        many.getInfo()
    assert many.size().getInfo() == 5_001


def test_an_octant_of_the_globe_has_an_eighth_of_its_area_and_its_centre_in_the_middle(ee: ModuleType) -> None:
    """Great-circle edges on the sphere that has the ellipsoid's area, 4π·6371007.18² m²."""
    octant = ee.Geometry.Polygon([[[0, 0], [90, 0], [90, 90], [0, 90]]])
    assert octant.area().getInfo() == pytest.approx(math.pi / 2 * 6_371_007.180918**2, rel=1e-9)
    longitude, latitude = octant.centroid().getInfo()["coordinates"]
    assert longitude == pytest.approx(45)
    assert latitude == pytest.approx(math.degrees(math.asin(1 / math.sqrt(3))))
