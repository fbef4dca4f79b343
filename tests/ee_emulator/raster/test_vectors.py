"""Objects as features: outlines, labels, reductions, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ee_emulator.errors import EarthEngineError
from ee_emulator.values import Feature, Geometry
from tests.ee_emulator.raster.arrays import UTM, call, image

PATTERNS = arrays.arrays(np.int16, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 2))


def vectors(source: Any, **options: Any) -> list[Feature]:
    return list(call("Image.reduceToVectors", image=source, crs=UTM, scale=10, **options).elements())


def native_shapes(source: Any, **options: Any) -> list[Any]:
    found = vectors(source, geometryInNativeProjection=True, **options)
    return [f.geometry.shape for f in found if f.geometry is not None]


@given(PATTERNS, st.booleans())
@settings(max_examples=30, deadline=None)
def test_outlines_cover_every_pixel_once(values: np.ndarray, eight: bool) -> None:
    source = image(values)
    shapes = native_shapes(source, eightConnected=eight, geometry=_whole(values))
    assert sum(shape.area for shape in shapes) == pytest.approx(100.0 * values.size)
    assert shapely.union_all(shapes).area == pytest.approx(100.0 * values.size)
    assert all(shape.is_valid for shape in shapes)
    counts = [f.properties["count"] for f in vectors(source, eightConnected=eight, geometry=_whole(values))]
    assert [shape.area for shape in shapes] == pytest.approx([100.0 * count for count in counts])


def _whole(values: np.ndarray) -> Geometry:
    height, width = values.shape
    return Geometry(shapely.box(500_000, 3_400_000 - 10 * height, 500_000 + 10 * width, 3_400_000), UTM, False)


SQUARES = np.array([[1, 1, 5], [1, 5, 1]], np.int16)


def test_diagonal_pixels_are_one_object_or_two() -> None:
    both = _whole(SQUARES)
    assert [f.properties for f in vectors(image(SQUARES), geometry=both)] == [
        {"label": 1, "count": 4},
        {"label": 5, "count": 2},
    ]
    four = vectors(image(SQUARES), geometry=both, eightConnected=False, labelProperty="zone")
    assert sorted((f.properties["zone"], f.properties["count"]) for f in four) == [(1, 1), (1, 3), (5, 1), (5, 1)]


def test_other_bands_are_reduced_over_each_object() -> None:
    source = image({"label": SQUARES, "value": np.array([[1.0, 2, 10], [3, 20, 7]])})
    found = vectors(source, geometry=_whole(SQUARES), reducer=call("Reducer.mean"))
    assert [f.properties for f in found] == [{"label": 1, "mean": 3.25}, {"label": 5, "mean": 15.0}]


def test_a_reducer_of_one_input_is_repeated_for_each_band() -> None:
    source = image({"label": np.zeros((1, 2), np.int8), "x": np.array([[1.0, 2.0]]), "y": np.array([[5.0, 7.0]])})
    found = vectors(source, geometry=_whole(np.zeros((1, 2))), reducer=call("Reducer.sum"))
    assert [f.properties for f in found] == [{"label": 0, "x": 3.0, "y": 12.0}]


def test_rectangles_and_centroids() -> None:
    values = np.array([[1, 1, 0], [0, 1, 0]], np.int8)
    source = call("Image.selfMask", image=image(values))
    (box,) = native_shapes(source, geometry=_whole(values), geometryType="bb")
    assert box.bounds == (500_000, 3_399_980, 500_020, 3_400_000)
    (point,) = native_shapes(source, geometry=_whole(values), geometryType="centroid")
    assert (point.x, point.y) == pytest.approx((500_000 + 10 * (0.5 + 1.5 + 1.5) / 3, 3_400_000 - 10 * 2.5 / 3))


def test_masked_pixels_and_those_outside_the_region_belong_to_nothing() -> None:
    source = image(np.ones((1, 4), np.int8), [[1, 0, 1, 1]])
    found = vectors(source, geometry=_whole(np.ones((1, 3))))
    assert [f.properties["count"] for f in found] == [1, 1]


def test_an_object_is_known_by_its_first_pixel() -> None:
    source = image(np.array([[1, 2]], np.int8))
    found = list(call("Image.reduceToVectors", image=source, geometry=_whole(np.ones((1, 2)))).elements())
    assert [f.id for f in found] == ["+0+0", "+1+0"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"geometryType": "circle"}, "Unknown geometryType 'circle'"),
        ({"image": image([[1.5]])}, "must be of an integer type"),
        ({"reducer": call("Reducer.mean")}, r"Need 1\+1 bands"),
    ],
)
def test_what_cannot_be_done_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(EarthEngineError, match=message):
        call("Image.reduceToVectors", **({"image": image([[1]]), "scale": 10} | options))


def test_too_many_pixels_are_refused_or_made_fewer() -> None:
    values = np.ones((8, 8), np.int8)
    with pytest.raises(EarthEngineError, match="Found 64, but maxPixels allows only 20"):
        vectors(image(values), geometry=_whole(values), maxPixels=20)
    (whole,) = vectors(image(values), geometry=_whole(values), maxPixels=20, bestEffort=True)
    assert whole.properties["count"] == 16
