"""Array images: pixels of one shape and of several, masks, tiles, types, and reducers that give arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster import render
from ee_emulator.raster.values import Image
from ee_emulator.values import Array
from tests.ee_emulator.raster.arrays import call, collection, image, native, pixels

VALUES = arrays.arrays(np.int16, (3, 4, 5), elements=st.integers(-99, 99))
MASKS = arrays.arrays(bool, (3, 4, 5))
GRID = native(5, 4)


def stacked(values: np.ndarray, masks: np.ndarray | None = None) -> Any:
    """A collection of images of one band."""
    masks = np.ones(values.shape, bool) if masks is None else masks
    return collection(image(v, m) for v, m in zip(values, masks, strict=True))


def as_array(values: np.ndarray, masks: np.ndarray | None = None) -> Image:
    """One image whose pixels are the valid values along the first axis."""
    return call("ImageCollection.toArrayPerBand", collection=stacked(values, masks), dropMasked=True)


def lists(given_image: Image) -> list[list[Any]]:
    """Each pixel as (nested) lists, None where masked."""
    found = pixels(given_image, GRID)
    return [
        [np.asarray(v).tolist() if ok else None for v, ok in zip(row, oks, strict=True)]
        for row, oks in zip(found.values, found.mask.tolist(), strict=True)
    ]


def each(values: np.ndarray, masks: np.ndarray, function: Any) -> list[list[Any]]:
    """What a function of the valid values of one pixel gives, pixel by pixel."""
    return [
        [function(values[:, r, c][masks[:, r, c]].tolist()) if masks[:, r, c].any() else None for c in range(5)]
        for r in range(4)
    ]


@given(VALUES, MASKS)
@settings(max_examples=30, deadline=None)
def test_pixels_of_different_lengths_are_computed_each_for_itself(values: np.ndarray, masks: np.ndarray) -> None:
    given_image = as_array(values, masks)
    assert lists(given_image) == each(values, masks, list)
    assert lists(call("Image.add", image1=given_image, image2=1)) == each(values, masks, lambda v: [x + 1 for x in v])
    assert lists(call("Image.arraySort", image=given_image)) == each(values, masks, sorted)
    assert lists(call("Image.arrayLength", input=given_image, axis=0)) == each(values, masks, len)
    total = call("Image.arrayReduce", input=given_image, reducer=call("Reducer.sum"), axes=[0])
    assert lists(total) == each(values, masks, lambda v: [sum(v)])
    positive = call("Image.arrayMask", input=given_image, mask=call("Image.gt", image1=given_image, image2=0))
    assert lists(positive) == each(values, masks, lambda v: [x for x in v if x > 0])
    last = call("Image.arraySlice", input=given_image, start=-1)
    assert lists(last) == each(values, masks, lambda v: v[-1:])
    first = call("Image.arrayArgmax", image=given_image)
    assert lists(first) == each(values, masks, lambda v: [v.index(max(v))])


@given(VALUES, MASKS)
@settings(max_examples=20, deadline=None)
def test_without_dropping_a_pixel_is_masked_where_any_image_is(values: np.ndarray, masks: np.ndarray) -> None:
    found = pixels(call("ImageCollection.toArrayPerBand", collection=stacked(values, masks)), GRID)
    assert (found.mask == masks.all(axis=0)).all()


def test_slices_start_and_stop_where_images_say_and_at_the_ends_where_these_are_masked() -> None:
    values = np.arange(60, dtype=np.int16).reshape(3, 4, 5)
    start = image(np.array([[0, 1, 2, 1, 2]] * 4, np.uint8), np.array([[1, 1, 1, 0, 1]] * 4, bool))
    found = lists(call("Image.arraySlice", input=as_array(values), start=start))
    column = values[:, 0]
    assert found[0] == [column[k:, place].tolist() for place, k in enumerate([0, 1, 2, 0, 2])]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("Image.add", {"image2": 3}),
        ("Image.matrixInverse", {}),
        ("Image.arrayTranspose", {}),
        ("Image.arrayFlatten", {"coordinateLabels": [["a", "b"], ["c", "d"]]}),
    ],
)
def test_tiles_equal_the_whole(monkeypatch: pytest.MonkeyPatch, name: str, arguments: dict[str, Any]) -> None:
    random = np.random.default_rng(3)
    bands = {name: random.integers(1, 9, (31, 37)).astype(np.int16) for name in "wxyz"}
    table = call(
        "Image.arrayReshape", image=call("Image.toArray", image=image(bands)), lengths=_two_by_two(), dimensions=2
    )
    key = {"Image.add": "image1", "Image.matrixInverse": "value", "Image.arrayTranspose": "input"}.get(name, "image")
    made = call(name, **{key: table}, **arguments)
    grid = native(37, 31)
    whole = pixels(made, grid)
    monkeypatch.setattr(render, "TILE_BYTES", 100_000)
    assert len(render.tiles(list(made.bands.values()), grid)) > 3
    tiled = pixels(made, grid)
    assert (whole.mask == tiled.mask).all()
    assert all(np.array_equal(a, b) for a, b in zip(whole.values.ravel(), tiled.values.ravel(), strict=True))


def _two_by_two() -> Image:
    return call("Image.constant", value=Array(np.array([2, 2])))


def test_a_singular_matrix_masks_its_pixel_alone() -> None:
    bands = {"a": np.array([[1, 1]], np.uint8), "b": np.array([[2, 2]], np.uint8), "c": np.array([[2, 0]], np.uint8)}
    four = call("Image.addBands", dstImg=image(bands), srcImg=image({"d": np.array([[4, 1]], np.uint8)}))
    matrix = call("Image.arrayReshape", image=call("Image.toArray", image=four), lengths=_two_by_two(), dimensions=2)
    found = pixels(call("Image.matrixInverse", value=matrix), native(2, 1))
    assert found.mask.tolist() == [[False, True]]
    np.testing.assert_allclose(found.values[0, 1], [[1, -2], [0, 1]], atol=1e-12)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda a: call("Image.arrayFlatten", image=a, coordinateLabels=[["a"]]), "an array has"),
        (lambda a: call("Image.arrayFlatten", image=a, coordinateLabels=[["a"], ["b"]]), "labels for each of 1 axes"),
        (
            lambda a: call("Image.add", image1=a, image2=call("Image.arrayCat", image1=a, image2=a, axis=0)),
            "same lengths",
        ),
        (lambda a: call("Image.arrayGet", image=a, position=call("Image.constant", value=3)), "outside the bounds"),
        (lambda a: call("Image.arrayProject", input=a, axes=[1]), "Axis must be"),
        (lambda a: call("Image.arrayLength", input=call("Image.constant", value=1), axis=0), "must be an array band"),
        (lambda a: call("Image.matrixInverse", value=a), "2 dimensions"),
        (lambda a: call("Image.arrayReduce", input=a, reducer=call("Reducer.minMax"), axes=[0]), "fieldAxis"),
        (lambda a: call("Image.toArray", image=a, axis=2), "at most"),
        (lambda a: call("Image.arraySlice", input=a, step=0), "must be positive"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(build: Any, message: str) -> None:
    values = np.ones((3, 4, 5), np.int16)
    with pytest.raises(EarthEngineError, match=message):
        pixels(build(as_array(values)), GRID)


def test_results_do_not_clamp_to_the_type_of_a_constant() -> None:
    constant = call("Image.constant", value=Array(np.array([[200], [250]], np.uint8)))
    assert lists(call("Image.add", image1=constant, image2=constant))[0][0] == [[400], [500]]
    assert lists(call("Image.arrayAccum", input=constant, axis=0))[0][0] == [[200], [450]]
    assert lists(call("Image.arrayPad", image=constant, lengths=[3, 1], pad=-1))[0][0] == [[200], [250], [-1]]
    assert lists(call("Image.arrayDotProduct", image1=_row(constant), image2=_row(constant)))[0][0] == 102500
    assert lists(call("Image.matrixToDiag", value=constant))[0][0] == [[200, 0], [0, 250]]


def _row(given_image: Image) -> Image:
    return call("Image.arrayProject", input=given_image, axes=[0])


@given(VALUES, MASKS)
@settings(max_examples=20, deadline=None)
def test_a_list_of_a_stack_is_an_array_a_pixel(values: np.ndarray, masks: np.ndarray) -> None:
    made = call("ImageCollection.reduce", collection=stacked(values, masks), reducer=call("Reducer.toList"))
    found = lists(made)
    for row in range(4):
        for column in range(5):
            assert found[row][column] == values[:, row, column][masks[:, row, column]].tolist()


@given(st.integers(0, 2**31))
@settings(max_examples=20, deadline=None)
def test_regression_of_a_stack_is_that_of_each_pixel(seed: int) -> None:
    random = np.random.default_rng(seed)
    x, y = random.normal(size=(2, 9, 4, 5))
    valid = random.random((9, 4, 5)) < 0.6
    layers = [image({"one": np.ones((4, 5)), "x": a, "y": b}, {"y": m}) for a, b, m in zip(x, y, valid, strict=True)]
    made = call(
        "ImageCollection.reduce", collection=collection(layers), reducer=call("Reducer.linearRegression", numX=2)
    )
    found = pixels(made, GRID, "coefficients")
    for row in range(4):
        for column in range(5):
            chosen = valid[:, row, column]
            assert found.mask[row, column] == (chosen.sum() > 2)
            if chosen.sum() > 2:
                slope, offset = np.polyfit(x[chosen, row, column], y[chosen, row, column], 1)
                np.testing.assert_allclose(found.values[row, column].ravel(), [offset, slope], atol=1e-6)


@given(arrays.arrays(np.float64, (6, 4, 5), elements=st.integers(-5, 5).map(float)), arrays.arrays(bool, (6, 4, 5)))
@settings(max_examples=20, deadline=None)
def test_kendalls_tau_of_a_stack_is_scipys(values: np.ndarray, masks: np.ndarray) -> None:
    from scipy import stats

    reducer = call("Reducer.kendallsCorrelation")
    made = call("ImageCollection.reduce", collection=stacked(values, masks), reducer=reducer)
    tau, p = (pixels(made, GRID, f"b_{name}") for name in ("tau", "p-value"))
    for row in range(4):
        for column in range(5):
            known = values[:, row, column][masks[:, row, column]]
            if len(set(known.tolist())) < 2:
                assert not tau.mask[row, column]
                continue
            if len(known) < 3:  # scipy divides by zero
                assert abs(tau.values[row, column]) == 1
                continue
            expected = stats.kendalltau(np.arange(len(known)), known, method="asymptotic")
            assert tau.values[row, column] == pytest.approx(expected.statistic)
            assert p.values[row, column] == pytest.approx(expected.pvalue)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("Image.resample", {"image": None, "mode": "bilinear"}),
        ("Image.remap", {"image": None, "from": [1], "to": [2]}),
        ("Image.updateMask", {"image": 1, "mask": None}),
    ],
)
def test_what_works_on_numbers_refuses_arrays(name: str, arguments: dict[str, Any]) -> None:
    row = as_array(np.ones((3, 4, 5), np.int16))
    given_image = {key: row if value is None else value for key, value in arguments.items()}
    with pytest.raises(EarthEngineError, match="must be numbers here"):
        pixels(call(name, **given_image), GRID)


def test_masks_and_mosaics_carry_arrays_along() -> None:
    values = np.arange(60, dtype=np.int16).reshape(3, 4, 5)
    row = as_array(values)
    hidden = call("Image.updateMask", image=row, mask=image(np.eye(4, 5, dtype=np.uint8)))
    filled = call("Image.unmask", input=hidden, value=call("Image.multiply", image1=row, image2=-1))
    together = call("ImageCollection.mosaic", collection=collection([row, hidden]))
    for y in range(4):
        for x in range(5):
            sign = 1 if x == y else -1
            assert lists(filled)[y][x] == (sign * values[:, y, x]).tolist()
    assert lists(together) == lists(row)


def test_a_pixel_of_which_a_projection_leaves_nothing_is_masked() -> None:
    bands = {"low": np.array([[1, 9]], np.uint8), "high": np.array([[2, 8]], np.uint8)}
    table = call("Image.toArray", image=call("Image.toArray", image=image(bands)), axis=1)
    large = call("Image.arrayMask", input=table, mask=call("Image.gt", image1=table, image2=8))
    found = pixels(call("Image.arrayProject", input=large, axes=[1]), native(2, 1))
    assert found.mask.tolist() == [[False, True]]
    assert found.values[0, 1].tolist() == [9]
