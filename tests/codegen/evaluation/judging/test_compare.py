"""The rules of comparison: a table of results and verdicts, and what holds for all of them."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from codegen.evaluation.judging.answers import Answer
from codegen.evaluation.judging.compare import compare

NAN, INF = float("nan"), float("inf")
SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]]}
PLANAR = {**SQUARE, "geodesic": False}
POINT = {"type": "Point", "coordinates": [1, 2]}
EMPTY = {"type": "GeometryCollection", "geometries": []}
UTM = {"type": "name", "properties": {"name": "EPSG:32650"}}


def square(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def multi(*polygons: dict[str, Any]) -> dict[str, Any]:
    return {"type": "MultiPolygon", "coordinates": [polygon["coordinates"] for polygon in polygons]}


CONFORMANCE: list[tuple[str, Any, Any, bool]] = [
    # Numbers: whole ones exactly, others but for noise.
    ("ee.Number", 3, 3, True),
    ("ee.Number", 3, 3.0, True),
    ("ee.Number", 3, 4, False),
    ("ee.Number", 0.1 + 0.2, 0.3, True),
    ("ee.Number", 0.3, 0.3001, False),
    ("ee.Number", 1.0, 1.0 + 2e-9, False),
    ("ee.Number", 1577836800000, 1577836800001, False),
    ("ee.Number", 2**60, 2**60 + 1, False),
    ("ee.Number", 0, 1e-13, True),
    ("ee.Number", 0, 1e-6, False),
    ("ee.Number", "NaN", NAN, True),
    ("ee.Number", "NaN", "Infinity", False),
    ("ee.Number", "Infinity", INF, True),
    ("ee.Number", 10**400, 1.5, False),
    ("ee.Number", 1, True, True),
    ("ee.Number", 0, None, False),
    ("ee.Number", 1, "1", False),
    ("int", 5, 5, True),
    ("int", 5, 6, False),
    ("float", 0.5, 0.5, True),
    ("float", 2.0, 2, True),
    ("bool", True, True, True),
    ("bool", True, False, False),
    ("NoneType", None, None, True),
    # Texts, dates.
    ("ee.String", "a", "a", True),
    ("ee.String", "a", "A", False),
    ("ee.String", "a", "a ", False),
    ("str", "1", "1.0", False),
    ("ee.Date", 1577836800000, 1577836800000, True),
    ("ee.Date", 1577836800000, 1577836801000, False),
    ("ee.DateRange", [0], [0], True),
    ("ee.DateRange", [0, 86400000], [0, 86400000], True),
    ("ee.DateRange", [0, 86400000], [0, 86399999], False),
    ("ee.DateRange", [0], [0, 86400000], False),
    # Lists and dictionaries.
    ("ee.List", [1, "a", [2.5]], [1, "a", [2.5]], True),
    ("ee.List", [1, 2], [2, 1], False),
    ("ee.List", [1, 2], [1, 2, 3], False),
    ("ee.List", [], [], True),
    ("ee.List", [], None, False),
    ("ee.List", [True], [1], True),
    ("ee.Dictionary", {"a": 1, "b": [1]}, {"b": [1], "a": 1}, True),
    ("ee.Dictionary", {"a": 1}, {"a": 1, "b": 2}, False),
    ("ee.Dictionary", {"a": 1, "b": 2}, {"a": 1}, False),
    ("ee.Dictionary", {"a": 1, "updateTime": "x"}, {"a": 1, "updateTime": "y"}, True),
    ("ee.Dictionary", {"a": 1, "updateTime": "x"}, {"a": 1}, True),
    ("dict", {"assets": [{"id": "a", "updateTime": 1}]}, {"assets": [{"id": "a", "updateTime": 2}]}, True),
    ("dict", {"assets": [{"id": "a"}]}, {"assets": [{"id": "b"}]}, False),
    ("ee.Dictionary", {"a": None}, {"a": 0}, False),
    ("ee.Dictionary", {}, [], False),
    # Descriptions.
    ("ee.Reducer", {"type": "Reducer.mean"}, {"type": "Reducer.mean"}, True),
    ("ee.Reducer", {"type": "Reducer.mean"}, {"type": "Reducer.median"}, False),
    ("ee.Kernel", {"type": "Kernel.square", "radius": 1.5}, {"type": "Kernel.square", "radius": 2}, False),
    ("ee.Projection", {"crs": "EPSG:4326", "transform": [1, 0, 0, 0, 1, 0]}, {"crs": "EPSG:4326"}, False),
    ("ee.ErrorMargin", {"unit": "meters", "value": 1}, {"unit": "meters", "value": 1.0}, True),
    ("ee.ComputedObject", 1, 1, True),
    ("ee.ComputedObject", {"a": 1}, [1], False),
    # Arrays: 3 decimals and the shape.
    ("ee.Array", np.array([1.0, 2.0]), np.array([1.0004, 2.0]), True),
    ("ee.Array", np.array([1.0, 2.0]), np.array([1.002, 2.0]), False),
    ("ee.Array", np.array([1, 2]), np.array([[1, 2]]), False),
    ("ee.Array", np.array([[1], [2]]), np.array([[1, 2]]), False),
    ("ee.Array", np.array([NAN]), np.array([NAN]), True),
    ("ee.Array", np.array([NAN]), np.array([1.0]), False),
    ("ee.Array", np.array([INF]), np.array([-INF]), False),
    ("ee.Array", np.array(3), np.array(3), True),
    ("ee.Array", np.zeros((0, 2)), np.zeros((0, 2)), True),
    ("ee.ConfusionMatrix", np.array([[3, 1], [0, 4]]), np.array([[3, 1], [0, 4]]), True),
    ("ee.ConfusionMatrix", np.array([[3, 1], [0, 4]]), np.array([[3, 0], [1, 4]]), False),
    ("ee.ArrayImage", np.array([1.0, 2.0]), np.array([1, 2]), True),
    # Pixels.
    ("ee.Image", np.zeros((2, 2, 1), np.uint8), np.zeros((2, 2, 1), np.float64), True),
    ("ee.Image", np.zeros((2, 2, 1)), np.zeros((2, 2, 2)), False),
    ("ee.Image", np.zeros((2, 2, 1)), np.zeros((2, 3, 1)), False),
    ("ee.Image", np.array([-1]), np.array([-1]), True),
    ("ee.Image", np.array([-1]), np.zeros((2, 2, 1)), False),
    ("ee.ImageCollection", np.array([-1]), np.array([-1]), True),
    ("ee.Image", np.full((1, 1, 1), 1e6, np.float32), np.full((1, 1, 1), 1e6 + 0.2, np.float32), True),
    ("ee.Image", np.full((1, 1, 1), 1e6, np.float32), np.full((1, 1, 1), 1e6 + 1, np.float32), False),
    ("ee.Image", np.full((1, 1, 1), 1e6), np.full((1, 1, 1), 1e6 + 0.06), False),
    ("ee.Image", np.full((1, 1, 1), 1e52), np.round(np.full((1, 1, 1), 1e52), 3), True),
    ("ee.Image", np.full((1, 1, 1), 1e52), np.full((1, 1, 1), 1e52 * (1 + 1e-12)), False),
    ("ee.Image", np.full((1, 1, 1), 2**40), np.full((1, 1, 1), 2**40 + 1), False),
    # Geometries.
    ("ee.Geometry", SQUARE, SQUARE, True),
    ("ee.Geometry", SQUARE, square(0, 0, 2, 2.001), False),
    ("ee.Geometry", SQUARE, square(0, 0, 2, 2 + 1e-12), True),
    ("ee.Geometry", SQUARE, square(0, 0, 2, 2 + 1e-6), False),
    ("ee.Geometry", SQUARE, {**SQUARE, "coordinates": [[[0, 0], [1, 0], [2, 0], [2, 2], [0, 2], [0, 0]]]}, True),
    ("ee.Geometry", SQUARE, multi(square(0, 0, 1, 2), square(1, 0, 2, 2)), True),
    ("ee.Geometry", SQUARE, multi(square(0, 0, 1, 2), square(1.001, 0, 2, 2)), False),
    ("ee.Geometry", SQUARE, {"type": "LineString", "coordinates": SQUARE["coordinates"][0]}, False),
    ("ee.Geometry", SQUARE, PLANAR, False),
    ("ee.Geometry", PLANAR, PLANAR, True),
    ("ee.Geometry", {**SQUARE, "geodesic": True}, SQUARE, True),
    ("ee.Geometry", {**SQUARE, "crs": UTM}, SQUARE, False),
    ("ee.Geometry", {**SQUARE, "crs": UTM}, {**SQUARE, "crs": UTM, "geodesic": False}, True),
    ("ee.Geometry", POINT, {**POINT, "geodesic": False}, True),
    ("ee.Geometry", POINT, {"type": "MultiPoint", "coordinates": [[1, 2]]}, True),
    ("ee.Geometry", POINT, {"type": "Point", "coordinates": [2, 1]}, False),
    ("ee.Geometry", EMPTY, {"type": "Point", "coordinates": []}, True),
    ("ee.Geometry", EMPTY, POINT, False),
    ("ee.Geometry", POINT, None, False),
    ("ee.Geometry", POINT, {"type": "Pentagon"}, False),
    ("ee.Geometry", POINT, [1, 2], False),
    (
        "ee.Geometry",
        {"type": "MultiLineString", "coordinates": [[[0, 0], [1, 0]], [[0, 1], [1, 1]]]},
        {"type": "MultiLineString", "coordinates": [[[0, 0], [0, 1]], [[1, 0], [1, 1]]]},
        False,
    ),
    (
        "ee.Geometry",
        {"type": "LineString", "coordinates": [[0, 0], [1, 1]]},
        {"type": "LineString", "coordinates": [[1, 1], [0, 1e-12]]},
        True,
    ),
    ("ee.Geometry", {"type": "GeometryCollection", "geometries": [POINT, SQUARE]}, SQUARE, True),  # the point is within
    ("ee.Feature", EMPTY, None, True),
    ("ee.FeatureCollection", multi(SQUARE, SQUARE), SQUARE, True),
]  # fmt: skip


@pytest.mark.parametrize(("out_type", "expected", "got", "same"), CONFORMANCE)
def test_results_are_compared_as_the_table_says(out_type: str, expected: Any, got: Any, same: bool) -> None:
    one, other = Answer(out_type, expected), Answer(out_type, got)
    assert (compare(one, other) is None) == same
    assert (compare(other, one) is None) == same


def test_the_reason_tells_the_first_difference() -> None:
    wanted = np.zeros((2, 3, 2))
    came = wanted.copy()
    came[1, 2, 0] = 5
    bands = {"bands": ["red", "nir"]}
    assert (
        compare(Answer("ee.Image", wanted, None, bands), Answer("ee.Image", came, None, bands))
        == "Pixel in row 2, column 3 of band 'red': expected 0, got 5; 1 of 12 numbers differ."
    )
    assert compare(Answer("ee.Number", 1), Answer("ee.Number", 2)) == "Expected 1, got 2."
    nested = compare(Answer("ee.List", [{"a": [1, 2]}]), Answer("ee.List", [{"a": [1, 3]}]))
    assert nested == "At [0]['a'][1]: expected 2, got 3."
    lacking = compare(Answer("ee.Dictionary", {"a": 1, "b": 2}), Answer("ee.Dictionary", {"a": 1, "c": 2}))
    assert lacking == "The dictionary lacks ['b'] and has in addition ['c']."


def test_masks_are_compared_where_both_tell_them() -> None:
    values, half = np.ones((1, 2, 1)), np.array([[[True], [False]]])
    whole = np.ones_like(half)
    assert compare(Answer("ee.Image", values, half), Answer("ee.Image", values * np.where(half, 1, 7), half)) is None
    reason = compare(Answer("ee.Image", values, whole), Answer("ee.Image", values, half))
    assert reason == "Pixel in row 1, column 2 of band number 1: expected 1, got a masked pixel; 1 of 2 numbers differ."


@pytest.mark.parametrize(
    ("silent", "same"),
    [
        (np.array([[[1.0], [0.0]]]), True),
        (np.array([[[1.0], [NAN]]]), True),
        (np.array([[[1.0], [-INF]]]), True),
        (np.array([[[1], [-32768]]], np.int16), True),
        (np.array([[[1], [0]]], np.uint8), True),
        (np.array([[[1.0], [2.0]]]), False),
        (np.array([[[0.0], [0.0]]]), False),
    ],
)
def test_a_published_file_says_by_its_number_that_a_pixel_is_masked(silent: NDArray[Any], same: bool) -> None:
    masked = Answer("ee.Image", np.array([[[1.0], [-INF]]]), np.array([[[True], [False]]]))
    assert (compare(Answer("ee.Image", silent), masked) is None) == same


def test_facts_count_that_the_expected_answer_has() -> None:
    pixels = np.zeros((1, 1, 1))
    named = Answer("ee.Image", pixels, None, {"bands": ["nd"]})
    assert compare(Answer("ee.Image", pixels), named) is None
    reason = compare(named, Answer("ee.Image", pixels, None, {"bands": ["constant"]}))
    assert reason == "At bands[0]: expected 'nd', got 'constant'."
    assert compare(named, Answer("ee.Image", pixels)) == "Of its bands nothing is known; expected ['nd']."
    feature = Answer("ee.Feature", POINT, None, {"properties": {"a": 0.1}})
    assert compare(feature, Answer("ee.Feature", POINT, None, {"properties": {"a": 0.1 + 1e-16}})) is None
    assert compare(feature, Answer("ee.Feature", POINT, None, {"properties": {"a": 0.2}})) is not None


# What holds for all ------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
PIXELS = arrays(
    st.sampled_from([np.float64, np.float32, np.int16, np.uint8]),
    array_shapes(min_dims=3, max_dims=3, max_side=5),
    elements={"allow_subnormal": False},
)


@given(JSON)
def test_a_value_equals_itself(value: Any) -> None:
    assert compare(Answer("ee.Dictionary", value), Answer("ee.Dictionary", value)) is None


@given(JSON, JSON)
def test_comparing_values_is_symmetric(one: Any, other: Any) -> None:
    left, right = Answer("ee.List", one), Answer("ee.List", other)
    assert (compare(left, right) is None) == (compare(right, left) is None)


@given(PIXELS, PIXELS)
def test_pixels_equal_themselves_and_comparing_them_is_symmetric(one: NDArray[Any], other: NDArray[Any]) -> None:
    left, right = Answer("ee.Image", one), Answer("ee.Image", other)
    assert compare(left, left) is None
    assert (compare(left, right) is None) == (compare(right, left) is None)


@given(
    arrays(np.float64, array_shapes(min_dims=3, max_dims=3, max_side=5), elements=st.floats(-1e6, 1e6)),
    st.data(),
)
def test_one_pixel_that_is_more_than_a_thousandth_off_is_noticed_and_less_than_half_is_not(
    pixels: NDArray[np.float64], data: st.DataObject
) -> None:
    place = tuple(data.draw(st.integers(0, size - 1)) for size in pixels.shape)
    sign = data.draw(st.sampled_from([-1, 1]))
    expected = Answer("ee.Image", pixels)
    off, near = pixels.copy(), pixels.copy()
    off[place] += sign * data.draw(st.floats(0.00101, 1e6))
    near[place] += sign * data.draw(st.floats(0, 0.00049))
    assert compare(expected, Answer("ee.Image", off)) is not None
    assert compare(expected, Answer("ee.Image", near)) is None
    assert compare(Answer("ee.Image", np.round(pixels, 3)), Answer("ee.Image", near)) is None


@given(st.dictionaries(st.text(max_size=4), JSON, min_size=1, max_size=4), st.data())
def test_a_dictionary_with_another_value_is_another(value: dict[str, Any], data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(value)))
    changed = {**value, key: ["changed", value[key]]}
    if key != "updateTime":
        assert compare(Answer("ee.Dictionary", value), Answer("ee.Dictionary", changed)) is not None


def test_values_nested_beyond_the_stack_are_compared() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    assert compare(Answer("ee.List", deep), Answer("ee.List", deep)) is None
