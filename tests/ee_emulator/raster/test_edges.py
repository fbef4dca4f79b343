"""Gradients, edges and lines on steps, ramps and drawn lines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from ee_emulator.raster import render as rendering
from ee_emulator.raster.values import Image
from tests.ee_emulator.raster.arrays import CONTEXT, call, image, masked_list, native, pixels


def answer(made: Image, shape: tuple[int, int], band: str | None = None) -> Any:
    return pixels(made, native(shape[1], shape[0]), band)


def test_derivatives_are_half_the_differences_of_the_neighbours() -> None:
    values = np.random.default_rng(0).random((8, 9))
    made = call("Image.derivative", image=image(values))
    assert made.names == ["b_x", "b_y"]
    down, across = np.gradient(values)
    np.testing.assert_allclose(answer(made, (8, 9), "b_x").values[1:-1, 1:-1], across[1:-1, 1:-1])
    np.testing.assert_allclose(answer(made, (8, 9), "b_y").values[1:-1, 1:-1], down[1:-1, 1:-1])


def test_gradients_are_per_metre() -> None:
    rows, columns = np.mgrid[:5, :5]
    made = call("Image.gradient", input=image(3.0 * columns - 20.0 * rows))
    assert made.names == ["x", "y"]
    assert answer(made, (5, 5), "x").values[2, 2] == pytest.approx(0.3)
    assert answer(made, (5, 5), "y").values[2, 2] == pytest.approx(2.0)


def test_zero_is_crossed_where_the_next_pixel_has_the_other_sign() -> None:
    values = np.array([[-1.0, -1.0, 2.0, 2.0], [-1.0, -1.0, 2.0, 2.0], [0.0, 3.0, 2.0, 2.0]])
    made = call("Image.zeroCrossing", image=image(values))
    # The last column and row have neighbours that are masked.
    assert masked_list(answer(made, (3, 4))) == [[0, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0]]


# Canny ------------------------------------------------------------------------------------------------------------


def test_a_step_makes_an_edge_of_one_pixel() -> None:
    values = np.zeros((12, 12))
    values[:, 6:] = 100.0
    made = call("CannyEdgeDetector", image=image(values), threshold=5, sigma=0)
    found = answer(made, (12, 12))
    edge = np.where(found.mask, found.values, 0)[2:-2, 2:-2]
    assert (np.count_nonzero(edge, axis=1) == 1).all()
    assert set(edge[edge > 0].tolist()) == {50.0}


def test_smoothing_suppresses_noise_that_passes_without_it() -> None:
    values = np.random.default_rng(1).normal(0, 4, (40, 40))
    values[:, 20:] += 100.0
    rough, smooth = (
        answer(call("CannyEdgeDetector", image=image(values), threshold=3, sigma=sigma), (40, 40)).values[
            10:-10, 10:-10
        ]
        for sigma in (0, 2)
    )
    step = np.zeros(rough.shape, bool)
    step[:, 8:12] = True
    assert np.count_nonzero(rough[~step]) > 10
    assert np.count_nonzero(smooth[~step]) == 0
    assert (np.count_nonzero(smooth, axis=1) == 1).all()


def test_edges_have_the_magnitude_of_the_gradient_and_pass_the_threshold() -> None:
    values = ndimage.gaussian_filter(np.random.default_rng(2).random((40, 40)), 2) * 1000
    found = answer(call("CannyEdgeDetector", image=image(values), threshold=8, sigma=0), (40, 40))
    down, across = np.gradient(values)
    edges = found.mask & (found.values > 0)
    assert edges.any()
    np.testing.assert_allclose(found.values[edges], np.hypot(down, across)[edges])
    assert found.values[edges].min() > 8


# Hough ------------------------------------------------------------------------------------------------------------


def test_drawn_lines_are_found_and_loose_pixels_are_not() -> None:
    size = 50  # the lattice of the tests begins at a multiple of it, so that one block holds the image
    values, along = np.zeros((size, size), np.uint8), np.arange(size)
    values[20], values[along, along] = 200, 200
    values[tuple(np.random.default_rng(3).integers(0, size, (2, 15)))] = 200
    options = {"gridSize": size, "lineThreshold": 35, "smooth": False}
    made = call("HoughTransform", image=image(values), **options)
    assert made.names == ["b_lines"]
    found = answer(made, (size, size)).values.astype(bool)
    assert found[20].all()
    assert found[along, along].mean() > 0.95
    distance = np.minimum(np.abs(along[:, None] - 20), np.abs(np.subtract.outer(along, along)))
    assert not found[distance > 3].any()
    assert not answer(
        call("HoughTransform", image=image(values), inputThreshold=201, **options), found.shape
    ).values.any()


# Tiles ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("Image.derivative", {}),
        ("Image.zeroCrossing", {}),
        ("CannyEdgeDetector", {"threshold": 0.05, "sigma": 1.2}),
        ("HoughTransform", {"gridSize": 20, "inputThreshold": 0.3, "lineThreshold": 7}),
    ],
)
def test_tiles_give_what_the_whole_gives(name: str, options: dict[str, float]) -> None:
    values = np.random.default_rng(6).normal(0, 1, (50, 60))
    made = call(name, image=image(values), **options)
    whole = rendering.render(made, native(60, 50), None, CONTEXT)
    again = rendering.render(made, native(60, 50).window(7, 5, 30, 41), None, CONTEXT)
    for band in made.names:
        assert whole[band].values.any()
        np.testing.assert_array_equal(again[band].values, whole[band].values[5:46, 7:37])
        np.testing.assert_array_equal(again[band].mask, whole[band].mask[5:46, 7:37])
