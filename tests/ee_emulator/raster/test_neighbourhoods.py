"""Kernels on pixels: convolutions, reductions and morphology against loops over windows; tiles against the whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import ndimage

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster import neighbourhood, windows
from ee_emulator.raster import render as rendering
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.kernel import Kernel, Weights
from ee_emulator.raster.values import Image
from tests.ee_emulator.raster.arrays import CONTEXT, TEN_METRES, UTM, call, image, masked_list, native, pixels

KERNEL = arrays.arrays(
    np.float64, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.sampled_from([0, 1, 2.5])
)
VALUES = arrays.arrays(np.float64, (11, 9), elements=st.floats(-100, 100, width=32))
MASKS = arrays.arrays(bool, (11, 9))


def fixed(weights: Any) -> Kernel:
    made: Kernel = call("Kernel.fixed", weights=np.asarray(weights, float).tolist())
    return made


def neighbours(values: np.ndarray, mask: np.ndarray, kernel: Weights) -> Any:
    """For each pixel the values, masks and weights under the kernel; outside of the image all is masked."""
    for i, j in np.ndindex(values.shape):
        found = []
        for (r, c), weight in np.ndenumerate(kernel.values):
            y, x = i + r - kernel.y, j + c - kernel.x
            inside = 0 <= y < values.shape[0] and 0 <= x < values.shape[1]
            if weight != 0:
                found.append((values[y, x] if inside else 0.0, bool(inside and mask[y, x]), weight))
        yield (i, j), found


def by_hand(values: np.ndarray, mask: np.ndarray, kernel: Weights, reduce: Callable[[Any], Any]) -> list[list[Any]]:
    answer: list[list[Any]] = [[None] * values.shape[1] for _ in range(values.shape[0])]
    for (i, j), found in neighbours(values, mask, kernel):
        answer[i][j] = reduce(found)
    return answer


def close(got: list[list[Any]], expected: list[list[Any]]) -> None:
    for row, (a, b) in enumerate(zip(got, expected, strict=True)):
        for column, (x, y) in enumerate(zip(a, b, strict=True)):
            if y is None or x is None:
                assert x is y, (row, column, x, y)
            else:
                assert x == pytest.approx(y, rel=1e-9, abs=1e-9), (row, column)


# Windows ----------------------------------------------------------------------------------------------------------


@given(VALUES, KERNEL, st.sampled_from([1, 10_000]))
@settings(max_examples=60, deadline=None)
def test_sums_over_windows_are_those_of_copied_windows(values: np.ndarray, kernel: np.ndarray, direct: int) -> None:
    copies = np.lib.stride_tricks.sliding_window_view(values, kernel.shape)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows, "DIRECT", direct)
        np.testing.assert_allclose(windows.weighted_sum(values, kernel), (copies * kernel).sum((2, 3)), atol=1e-9)
    support = kernel != 0
    if support.any():
        np.testing.assert_allclose(windows.flat_sum(values, support), copies[..., support].sum(2), atol=1e-9)
        np.testing.assert_array_equal(windows.flat_extreme(values, support, True), copies[..., support].max(2))
        np.testing.assert_array_equal(windows.flat_extreme(values, support, False), copies[..., support].min(2))


def test_a_kernel_that_separates_gives_what_it_gives_as_a_whole() -> None:
    values = np.random.default_rng(3).random((40, 30))
    weights = call("Kernel.gaussian", radius=4, sigma=1.7).on(native(1, 1)).values
    expected = ndimage.correlate(values, weights)[4:-4, 4:-4]
    np.testing.assert_allclose(windows.weighted_sum(values, weights), expected, rtol=1e-12)


def test_values_that_are_not_finite_spoil_their_windows_only() -> None:
    values = np.random.default_rng(4).random((40, 40))
    values[20, 20] = np.inf
    weights = np.random.default_rng(5).random((21, 21))
    assert weights.size > windows.DIRECT
    answer = windows.weighted_sum(values, weights)
    copies = np.lib.stride_tricks.sliding_window_view(np.where(np.isfinite(values), values, 0), weights.shape)
    clean = np.isfinite(answer)
    np.testing.assert_allclose(answer[clean], (copies * weights).sum((2, 3))[clean])
    reached = np.lib.stride_tricks.sliding_window_view(~np.isfinite(values), weights.shape).any((2, 3))
    np.testing.assert_array_equal(~clean, reached)


# Convolution ------------------------------------------------------------------------------------------------------


@given(VALUES, MASKS, KERNEL)
@settings(max_examples=40, deadline=None)
def test_a_convolution_is_masked_wherever_a_weight_meets_a_masked_pixel(
    values: np.ndarray, mask: np.ndarray, weights: np.ndarray
) -> None:
    kernel = fixed(weights)
    made = call("Image.convolve", image=image(values, mask), kernel=kernel)

    def total(found: Any) -> Any:
        return sum(v * w for v, _, w in found) if all(ok for _, ok, _ in found) else None

    close(masked_list(pixels(made, native(9, 11))), by_hand(values, mask, kernel.on(native(1, 1)), total))


def test_a_convolution_does_not_turn_the_kernel_around() -> None:
    ramp = np.tile(np.arange(6.0), (5, 1))
    made = call("Image.convolve", image=image(ramp), kernel=call("Kernel.sobel"))
    assert pixels(made, native(6, 5)).values[1:-1, 1:-1].tolist() == [[8.0] * 4] * 3


def test_a_focus_beside_the_middle_moves_the_window() -> None:
    values = np.arange(20.0).reshape(4, 5)
    left = call("Kernel.fixed", weights=[[1, 0, 0]], x=2, y=0)
    made = call("Image.convolve", image=image(values), kernel=left)
    assert masked_list(pixels(made, native(5, 4)))[0] == [None, None, 0.0, 1.0, 2.0]


def test_metres_become_pixels_by_the_scale_that_is_asked_for() -> None:
    values = np.zeros((64, 64))
    values[32, 32] = 1.0
    kernel = call("Kernel.square", radius=20, units="meters", normalize=False)
    made = call("Image.convolve", image=image(values), kernel=kernel)
    assert pixels(made, native(64, 64)).values.sum() == 25
    coarse = Grid(UTM, TEN_METRES @ Affine.scale(2), 32, 32)
    assert rendering.render(made, coarse, None, CONTEXT)["b"].values.sum() == 9 * 0.25  # the pyramid's mean of 4


def test_a_kernel_too_large_for_the_lattice_is_refused_in_words() -> None:
    made = call(
        "Image.convolve", image=image(np.zeros((4, 4))), kernel=call("Kernel.circle", radius=1e6, units="meters")
    )
    with pytest.raises(EarthEngineError, match="at most 2047 a side"):
        pixels(made, native(4, 4))


# Reduction --------------------------------------------------------------------------------------------------------

REDUCERS: dict[str, Callable[[list[Any], list[float]], Any]] = {
    "mean": lambda v, w: float(np.average(v, weights=w)) if v else None,
    "sum": lambda v, w: float(np.dot(v, w)) if v else 0,
    "count": lambda v, w: len(v),
    "min": lambda v, w: min(v, default=None),
    "max": lambda v, w: max(v, default=None),
    "stdDev": lambda v, w: np.sqrt(np.average((v - np.average(v, weights=w)) ** 2, weights=w)) if v else None,
}


@pytest.mark.parametrize("name", REDUCERS)
@pytest.mark.parametrize("weigh_by", ["kernel", "mask", "min"])
@given(VALUES, MASKS, KERNEL)
@settings(max_examples=8, deadline=None)
def test_a_reduction_takes_unmasked_pixels_by_their_weights(
    name: str, weigh_by: str, values: np.ndarray, mask: np.ndarray, weights: np.ndarray
) -> None:
    if not weights.any():
        return
    kernel = fixed(weights)
    made = call(
        "Image.reduceNeighborhood",
        image=image(values, mask),
        reducer=call(f"Reducer.{name}"),
        kernel=kernel,
        inputWeight=weigh_by,
        skipMasked=False,
    )
    share = {"kernel": lambda w: w, "mask": lambda w: 1.0, "min": lambda w: min(w, 1.0)}[weigh_by]

    def reduce(found: Any) -> Any:
        return REDUCERS[name]([v for v, ok, _ in found if ok], [share(w) for _, ok, w in found if ok])

    assert made.names == [f"b_{name}"]
    close(masked_list(pixels(made, native(9, 11))), by_hand(values, mask, kernel.on(native(1, 1)), reduce))


def test_masked_pixels_stay_masked_unless_they_are_not_to_be_skipped() -> None:
    mask = np.ones((5, 5), bool)
    mask[2, 2] = False
    options = {"reducer": call("Reducer.mean"), "kernel": call("Kernel.square", radius=1)}
    for skip, expected in ((True, False), (False, True)):
        made = call("Image.reduceNeighborhood", image=image(np.ones((5, 5)), mask), skipMasked=skip, **options)
        assert pixels(made, native(5, 5)).mask[2, 2] == expected


def test_a_reducer_of_several_inputs_takes_the_bands() -> None:
    rng = np.random.default_rng(1)
    x = rng.random((6, 6))
    both = image({"x": x, "y": 3 * x + 2})
    options = {"reducer": call("Reducer.linearFit"), "kernel": call("Kernel.square", radius=1)}
    made = call("Image.reduceNeighborhood", image=both, **options)
    assert made.names == ["scale", "offset"]
    np.testing.assert_allclose(pixels(made, native(6, 6), "scale").values, 3.0)
    np.testing.assert_allclose(pixels(made, native(6, 6), "offset").values, 2.0)
    with pytest.raises(EarthEngineError, match="as many"):
        call("Image.reduceNeighborhood", image=image(x), **options)


def test_combined_reducers_name_their_bands_after_the_band() -> None:
    both = call("Reducer.combine", reducer1=call("Reducer.mean"), reducer2=call("Reducer.minMax"), sharedInputs=True)
    made = call("Image.reduceNeighborhood", image=image(np.eye(4)), reducer=both, kernel=call("Kernel.plus", radius=1))
    assert made.names == ["b_mean", "b_min", "b_max"]
    assert pixels(made, native(4, 4), "b_max").values[1].tolist() == [1.0, 1.0, 1.0, 0.0]


@pytest.mark.parametrize("option", [{"inputWeight": "size"}, {"optimization": "fast"}])
def test_unknown_options_are_refused(option: dict[str, str]) -> None:
    with pytest.raises(EarthEngineError, match="Unrecognized"):
        call(
            "Image.reduceNeighborhood",
            image=image(np.eye(3)),
            reducer=call("Reducer.mean"),
            kernel=call("Kernel.square", radius=1),
            **option,
        )


# Morphology -------------------------------------------------------------------------------------------------------

FOOTPRINT = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], bool)


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("Min", lambda v: ndimage.minimum_filter(v, footprint=FOOTPRINT)),
        ("Max", lambda v: ndimage.maximum_filter(v, footprint=FOOTPRINT)),
        ("Median", lambda v: ndimage.median_filter(v, footprint=FOOTPRINT)),
        ("Mean", lambda v: ndimage.correlate(v, FOOTPRINT / 5)),
    ],
)
def test_focal_filters_agree_with_scipy_away_from_the_edge(name: str, reference: Any) -> None:
    values = np.random.default_rng(2).random((14, 12))
    made = call(f"Image.focal{name}", image=image(values), radius=1, kernelType="plus")
    np.testing.assert_allclose(pixels(made, native(12, 14)).values[1:-1, 1:-1], reference(values)[1:-1, 1:-1])


def test_the_mode_is_the_commonest_value() -> None:
    values = np.array([[1, 1, 2], [3, 2, 2], [1, 1, 1]], np.int16)
    made = call("Image.focal_mode", image=image(values), radius=1, kernelType="square")
    assert pixels(made, native(3, 3)).values.tolist() == [[1, 2, 2], [1, 1, 1], [1, 1, 1]]
    assert pixels(made, native(3, 3)).values.dtype == np.int16


def test_a_focal_mean_fills_gaps_further_with_each_iteration() -> None:
    mask = np.zeros((7, 7), bool)
    mask[3, 3] = True
    for times in (1, 2):
        made = call("Image.focalMean", image=image(np.full((7, 7), 4.0), mask), kernelType="square", iterations=times)
        answer = pixels(made, native(7, 7))
        assert answer.mask.sum() == (2 * times + 1) ** 2
        assert set(answer.values[answer.mask].tolist()) == {4.0}


# Neighbours -------------------------------------------------------------------------------------------------------


def test_neighbours_become_bands_in_the_order_of_the_kernel() -> None:
    values = np.arange(12.0).reshape(3, 4)
    made = call("Image.neighborhoodToBands", image=image(values), kernel=call("Kernel.cross", radius=1))
    assert made.names == ["b_-1_-1", "b_1_-1", "b_0_0", "b_-1_1", "b_1_1"]
    centre = [pixels(made, native(4, 3), name).values[1, 1] for name in made.names]
    assert centre == [0.0, 2.0, 5.0, 8.0, 10.0]
    assert pixels(made, native(4, 3), "b_-1_-1").mask[0].tolist() == [False] * 4


def test_neighbours_become_an_array_of_rows_and_columns() -> None:
    values, mask = np.arange(12, dtype=np.int16).reshape(3, 4), np.ones((3, 4), bool)
    mask[1, 2] = False
    kernel = call("Kernel.rectangle", xRadius=1, yRadius=0)
    made = call("Image.neighborhoodToArray", image=image(values, mask), kernel=kernel, defaultValue=-1.9)
    answer = pixels(made, native(4, 3))
    assert answer.mask.tolist() == mask.tolist()
    assert answer.values[1, 1].tolist() == [[4, 5, -1]]
    assert answer.values[0, 0].tolist() == [[-1, 0, 1]]
    assert made.bands["b"].type.dimensions == 2
    assert answer.values[1, 1].dtype == np.int16
    with pytest.raises(EarthEngineError, match="Only fixed, square and rectangle"):
        call("Image.neighborhoodToArray", image=image(values), kernel=call("Kernel.circle", radius=1))


# Tiles ------------------------------------------------------------------------------------------------------------


def of_kernel(name: str, **options: Any) -> Callable[[Image], Image]:
    return lambda given: call(name, image=given, **options)


KERNEL_ALGORITHMS: dict[str, Callable[[Image], Image]] = {
    "convolve": of_kernel("Image.convolve", kernel=call("Kernel.gaussian", radius=3)),
    "convolve in metres": of_kernel("Image.convolve", kernel=call("Kernel.euclidean", radius=25, units="meters")),
    "mean": of_kernel("Image.focalMean", radius=3),
    "median": of_kernel("Image.focalMedian", radius=2, iterations=2),
    "max": of_kernel("Image.focalMax", radius=4, kernelType="octagon"),
    "deviation": of_kernel(
        "Image.reduceNeighborhood", reducer=call("Reducer.stdDev"), kernel=call("Kernel.gaussian", radius=2)
    ),
    "bands": of_kernel("Image.neighborhoodToBands", kernel=call("Kernel.square", radius=1)),
}


@pytest.mark.parametrize("name", KERNEL_ALGORITHMS)
def test_tiles_give_to_the_last_bit_what_the_whole_gives(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(7)
    source = image(rng.random((41, 37)), rng.random((41, 37)) > 0.05)
    made = KERNEL_ALGORITHMS[name](source)
    whole = rendering.render(made, native(37, 41), None, CONTEXT)
    monkeypatch.setattr(rendering, "TILE_BYTES", 20_000)
    monkeypatch.setattr(neighbourhood, "STRIP_BYTES", 3_000)
    monkeypatch.setattr(windows, "STRIP_BYTES", 2_000)
    assert len(rendering.tiles(list(made.bands.values()), native(37, 41))) > 2
    again = rendering.render(made, native(37, 41), None, CONTEXT)
    for band in made.names:
        np.testing.assert_array_equal(again[band].mask, whole[band].mask)
        np.testing.assert_array_equal(again[band].values, whole[band].values)
