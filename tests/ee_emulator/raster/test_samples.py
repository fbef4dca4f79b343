"""Samples by class, rectangles as arrays, and the rows of `getRegion`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ee_emulator.encode import encode
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.projection import convert
from ee_emulator.values import Feature, Geometry
from tests.ee_emulator.raster.arrays import UTM, call, collection, image
from tests.ee_emulator.raster.test_vectors import _whole as whole

CLASSES = np.array([[1, 1, 1, 2], [2, 3, 1, 2], [1, 1, 2, 2]], np.int16)


def stratified(source: Any, **options: Any) -> list[Feature]:
    return list(
        call(
            "Image.stratifiedSample", image=source, region=whole(CLASSES), scale=10, projection=UTM, **options
        ).elements()
    )


@given(st.integers(0, 6), st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_each_class_has_as_many_points_as_asked_for_or_all(count: int, seed: int) -> None:
    found = [f.properties["b"] for f in stratified(image(CLASSES), numPoints=count, seed=seed)]
    totals = {value: int((value == CLASSES).sum()) for value in (1, 2, 3)}
    assert found == [value for value, total in totals.items() for _ in range(min(count, total))]


def test_points_of_a_class_are_drawn_once_each_and_by_the_seed() -> None:
    numbers = np.arange(12).reshape(3, 4)
    source = image({"class": CLASSES, "number": numbers})

    def drawn(seed: int) -> list[int]:
        return [f.properties["number"] for f in stratified(source, numPoints=3, seed=seed)]

    assert len(set(drawn(1))) == len(drawn(1)) == 7
    assert drawn(1) == drawn(1)
    assert len({tuple(drawn(seed)) for seed in range(9)}) > 1


def test_some_classes_have_a_number_of_their_own() -> None:
    found = stratified(image(CLASSES), numPoints=1, classValues=[1, 2], classPoints=[0, 4])
    assert [f.properties["b"] for f in found] == [2, 2, 2, 2, 3]


def test_pixels_with_a_masked_band_are_left_out_unless_wanted() -> None:
    hidden = np.ones((3, 4), bool)
    hidden[0, 0] = False
    source = image({"class": CLASSES, "value": CLASSES * 1.5}, {"value": hidden})
    assert len(stratified(source, numPoints=99)) == 11
    kept = stratified(source, numPoints=99, dropNulls=False)
    assert [sorted(f.properties) for f in kept].count(["class"]) == 1


def test_a_sample_knows_its_pixel() -> None:
    (point,) = stratified(image(CLASSES), numPoints=0, classValues=[3], classPoints=[1], geometries=True)
    assert point.geometry is not None
    lon, lat = convert(UTM, "EPSG:4326", np.array([500_015.0]), np.array([3_399_985.0]))
    assert point.geometry.shape.coords[0] == pytest.approx((lon[0], lat[0]))


def test_classes_are_whole_numbers() -> None:
    with pytest.raises(EarthEngineError, match="The class band must be integer typed"):
        stratified(image(CLASSES * 0.5), numPoints=1)


def test_a_rectangle_of_pixels_is_an_array() -> None:
    source = image({"a": CLASSES, "f": CLASSES / 2}, properties={"name": "x", "system:time_start": 5})
    region = Geometry(shapely.box(500_010, 3_399_981, 500_029, 3_400_000), UTM, False)
    found = call("Image.sampleRectangle", image=source, region=region)
    assert encode(found)["properties"] == {"name": "x", "a": [[1, 1], [3, 1]], "f": [[0.5, 0.5], [1.5, 0.5]]}
    assert found.geometry is region


def test_masked_pixels_of_a_rectangle_need_a_value() -> None:
    source = image(np.array([[1, 2]]), [[1, 0]])
    region = whole(np.ones((1, 2)))
    with pytest.raises(EarthEngineError, match="sampling band 'b' with no default value set"):
        call("Image.sampleRectangle", image=source, region=region)
    found = call("Image.sampleRectangle", image=source, region=region, defaultValue=-9)
    assert encode(found)["properties"]["b"] == [[1, -9]]


def test_a_rectangle_has_at_most_so_many_pixels() -> None:
    region = Geometry(shapely.box(500_000, 3_390_000, 510_000, 3_400_000), UTM, False)
    with pytest.raises(EarthEngineError, match=r"must be <= 262144\. Got 1000000"):
        call("Image.sampleRectangle", image=image(CLASSES), region=region)


def test_regions_of_collections_are_rows_pixel_by_pixel() -> None:
    first = image(np.array([[1, 2]]), id="tests/0", properties={"system:time_start": 10})
    second = image(np.array([[3, 4]]), [[0, 1]], id="tests/1", properties={"system:time_start": 20})
    rows = call(
        "ImageCollection.getRegion",
        collection=collection([first, second]),
        geometry=whole(np.ones((1, 2))),
        crs=call("Projection", crs=UTM, transform=[10, 0, 500_000, 0, -10, 3_400_000]),
    )
    assert rows[0] == ["id", "longitude", "latitude", "time", "b"]
    assert [[row[0], *row[3:]] for row in rows[1:]] == [["0", 10, 1], ["1", 20, None], ["0", 10, 2], ["1", 20, 4]]
    assert rows[1][1:3] == rows[2][1:3] != rows[3][1:3]


def test_a_point_is_the_pixel_that_it_lies_in() -> None:
    lon, lat = convert(UTM, "EPSG:4326", np.array([500_012.0]), np.array([3_399_999.0]))
    rows = call(
        "ImageCollection.getRegion",
        collection=collection([image(np.array([[1, 2, 3]]))]),
        geometry=Geometry(shapely.Point(lon[0], lat[0])),
        crs=UTM,
        scale=10,
    )
    assert [row[-1] for row in rows[1:]] == [2]


def test_too_many_values_and_no_bands_are_refused() -> None:
    many = collection([image(np.ones((1, 1)))] * 3)
    region = Geometry(shapely.box(500_000, 3_390_000, 510_000, 3_400_000), UTM, False)
    with pytest.raises(EarthEngineError, match="Too many values: 1000000 points x 1 bands x 3 images > 1048576"):
        call("ImageCollection.getRegion", collection=many, geometry=region, crs=UTM, scale=10)
    with pytest.raises(EarthEngineError, match="No bands in collection"):
        call("ImageCollection.getRegion", collection=collection([]), geometry=region)


def linked(source: Any, others: list[Any], **options: Any) -> Any:
    return call("Image.linkCollection", input=source, imageCollection=collection(others), **options)


def test_a_link_brings_bands_and_properties_of_the_image_that_matches() -> None:
    source = image(np.array([[1]]), properties={"scene": 2, "cloud": 9})
    others = [image({"mask": [[k]]}, properties={"scene": k, "cloud": k / 10}) for k in (1, 2)]
    made = linked(source, others, linkedBands="mask", linkedProperties=["cloud"], matchPropertyName="scene")
    assert made.names == ["b", "mask"]
    assert made.properties["cloud"] == 0.2
    found = call("Image.sampleRectangle", image=made, region=whole(np.ones((1, 1))))
    assert encode(found)["properties"]["mask"] == [[2]]


def test_without_a_match_bands_are_masked_and_properties_null() -> None:
    source = image(np.array([[1]]), properties={"scene": 7, "cloud": 9})
    others = [image({"mask": [[1]]}, properties={"scene": 1, "cloud": 1})]
    made = linked(source, others, linkedBands=["mask"], linkedProperties="cloud", matchPropertyName="scene")
    assert "cloud" not in made.properties
    found = call(
        "Image.sampleRectangle",
        image=made.with_bands({"m": made.bands["mask"]}),
        region=whole(np.ones((1, 1))),
        defaultValue=5,
    )
    assert np.unique(encode(found)["properties"]["m"]).tolist() == [5]


VAST = shapely.Polygon([(0, 0), (40, 0), (0, 40)])
"""A triangle of 250 million pixels of 200 m."""


def scattered(source: Any, **options: Any) -> list[Feature]:
    region = Geometry(VAST, geodesic=False)
    options = {"region": region, "scale": 200, "projection": "EPSG:4326", "geometries": True, **options}
    return list(call("Image.sample", image=source, **options).elements())


def test_a_sample_of_a_vast_region_computes_only_its_pixels() -> None:
    found = scattered(call("Image.pixelLonLat"), numPixels=300, seed=3)
    assert len(found) == 300
    places = np.array([f.geometry.shape.coords[0] for f in found])
    assert VAST.buffer(1e-9).covers(shapely.MultiPoint(places))
    np.testing.assert_allclose(places, [(f.properties["longitude"], f.properties["latitude"]) for f in found])
    assert len({tuple(place) for place in places.tolist()}) == 300
    # A third of the triangle lies beyond √(2/3) of the way to its long side.
    assert abs((places.sum(axis=1) > 40 * np.sqrt(2 / 3)).mean() - 1 / 3) < 0.1


def test_a_sample_of_a_vast_region_follows_the_seed_and_leaves_out_what_is_masked() -> None:
    source = call("Image.pixelLonLat")
    east = call(
        "Image.updateMask", image=source, mask=call("Image.gt", image1=source, image2=call("Image.constant", value=10))
    )
    first, again, other = ([f.properties for f in scattered(east, numPixels=40, seed=s)] for s in (1, 1, 2))
    assert first == again != other
    assert 0 < len(first) < 40
    assert min(f["longitude"] for f in first) > 10
