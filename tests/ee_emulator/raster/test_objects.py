"""Objects: sizes, labels and reductions against scikit-image, and a tile against the whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from skimage import measure

from ee_emulator.errors import EarthEngineError
from tests.ee_emulator.raster.arrays import call, image, masked_list, native, pixels
from tests.ee_emulator.raster.test_distance import in_tiles

PATTERNS = arrays.arrays(np.int16, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.integers(0, 2))
SQUARE = call("Kernel.square", radius=1)
PLUS = call("Kernel.plus", radius=1)


def grid_of(values: np.ndarray) -> Any:
    return native(values.shape[1], values.shape[0])


@given(PATTERNS, st.booleans())
@settings(max_examples=30, deadline=None)
def test_sizes_are_those_of_scikit_image(values: np.ndarray, eight: bool) -> None:
    labels = measure.label(values, background=-1, connectivity=2 if eight else 1)
    sizes = np.bincount(labels.ravel())[labels]
    made = call("Image.connectedPixelCount", input=image(values), maxSize=20, eightConnected=eight)
    np.testing.assert_array_equal(pixels(made, grid_of(values)).values, np.minimum(sizes, 20))


@given(PATTERNS)
@settings(max_examples=30, deadline=None)
def test_labels_tell_the_objects_apart(values: np.ndarray) -> None:
    expected = measure.label(values, background=-1, connectivity=1)
    made = call("Image.connectedComponents", image=image(values), connectedness=PLUS, maxSize=144)
    assert made.names == ["b", "labels"]
    got = pixels(made, grid_of(values), "labels")
    assert got.mask.all()
    pairs = set(zip(got.values.ravel().tolist(), expected.ravel().tolist(), strict=True))
    assert len(pairs) == len(np.unique(expected)) == len(np.unique(got.values))


def test_objects_that_are_too_large_are_masked_and_masked_pixels_join_nothing() -> None:
    source = image(np.array([[1, 1, 1, 1, 2, 2]]), [[1, 1, 1, 0, 1, 1]])
    made = call("Image.connectedComponents", image=source, connectedness=SQUARE, maxSize=2)
    row = masked_list(pixels(made, native(6, 1), "labels"))[0]
    assert row[:4] == [None] * 4
    assert row[4] == row[5] is not None


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("Image.connectedPixelCount", {"maxSize": 9}),
        ("Image.connectedComponents", {"connectedness": SQUARE, "maxSize": 9}),
        ("Image.reduceConnectedComponents", {"reducer": call("Reducer.sum"), "labelBand": "label", "maxSize": 4}),
    ],
)
def test_tiles_give_the_objects_of_the_whole(name: str, options: dict[str, Any]) -> None:
    random = np.random.default_rng(7)
    source = image({"label": random.integers(0, 3, (40, 40)), "value": random.random((40, 40))})
    argument = "input" if name == "Image.connectedPixelCount" else "image"
    made = call(name, **{argument: source}, **options)
    band = made.names[-1]
    whole = pixels(made, native(40, 40), band)
    values, mask = in_tiles(made, native(40, 40), 13, 9, band)
    np.testing.assert_allclose(values, whole.values)
    np.testing.assert_array_equal(mask, whole.mask)
    assert mask.any()


def test_an_object_has_one_reduction() -> None:
    source = image({"label": np.array([[1, 1, 2], [3, 2, 2]]), "value": np.array([[1.0, 3.0, 5.0], [7.0, 6.0, 10.0]])})
    made = call("Image.reduceConnectedComponents", image=source, reducer=call("Reducer.mean"), labelBand="label")
    assert made.names == ["value"]
    assert pixels(made, native(3, 2)).values.tolist() == [[2.0, 2.0, 7.0], [7.0, 7.0, 7.0]]


def test_objects_too_wide_or_high_have_no_reduction() -> None:
    source = image({"label": np.array([[1, 1, 1], [2, 2, 0]]), "value": np.ones((2, 3))})
    made = call(
        "Image.reduceConnectedComponents", image=source, reducer=call("Reducer.count"), labelBand="label", maxSize=2
    )
    assert masked_list(pixels(made, native(3, 2))) == [[None, None, None], [2, 2, 1]]


def test_a_reducer_of_two_inputs_takes_two_bands() -> None:
    names = {"label": np.zeros((1, 3)), "x": np.array([[1.0, 2.0, 3.0]]), "y": np.array([[2.0, 4.0, 6.0]])}
    fit = call("Reducer.linearFit")
    made = call("Image.reduceConnectedComponents", image=image(names), reducer=fit, labelBand="label")
    assert made.names == ["scale", "offset"]
    assert pixels(made, native(3, 1), "scale").values.tolist() == [[pytest.approx(2.0)] * 3]


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("Image.connectedPixelCount", {"input": image([[1]]), "maxSize": 2000}, "between 1 and 1024"),
        ("Image.reduceConnectedComponents", {"image": image([[1]]), "reducer": call("Reducer.sum")}, "besides the"),
        (
            "Image.reduceConnectedComponents",
            {"image": image({"a": [[1]], "b": [[1]]}), "reducer": call("Reducer.linearFit")},
            "Need 2 bands",
        ),
    ],
)
def test_what_cannot_be_done_is_refused(name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(EarthEngineError, match=message):
        call(name, **options)
