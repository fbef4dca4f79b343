"""Distances and cheapest paths against brute force and scikit-image; a tile gives what the whole gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.graph import MCP_Geometric

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster import render as rendering
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.values import Image
from tests.ee_emulator.raster.arrays import call, image, masked_list, native, pixels

METRICS = {
    "squared_euclidean": lambda dx, dy: dx * dx + dy * dy,
    "manhattan": lambda dx, dy: abs(dx) + abs(dy),
    "chebyshev": lambda dx, dy: np.maximum(abs(dx), abs(dy)),
}


def some_points(side: int, share: float, seed: int) -> np.ndarray:
    return (np.random.default_rng(seed).random((side, side)) < share).astype(np.uint8)


def nearest(sources: np.ndarray, metric: Any) -> np.ndarray:
    """Distance to every source, the least taken."""
    y, x = np.nonzero(sources)
    rows, columns = np.indices(sources.shape)
    return metric(columns[..., None] - x, rows[..., None] - y).min(axis=-1)


def in_tiles(made: Image, grid: Grid, width: int, height: int, band: str | None = None) -> tuple[Any, Any]:
    """Pixels of the whole put together from windows."""
    values, mask = np.zeros(grid.shape), np.zeros(grid.shape, bool)
    for row in range(0, grid.height, height):
        for column in range(0, grid.width, width):
            part = grid.window(column, row, min(width, grid.width - column), min(height, grid.height - row))
            found = pixels(made, part, band)
            place = np.s_[row : row + part.height, column : column + part.width]
            values[place], mask[place] = found.values, found.mask
    return values, mask


@pytest.mark.parametrize("metric", METRICS)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_a_fast_distance_is_that_to_the_nearest_of_all(metric: str, seed: int) -> None:
    sources = some_points(17, 0.03, seed)
    sources[3, 4] = 1
    made = call("Image.fastDistanceTransform", image=image(sources), neighborhood=40, metric=metric)
    np.testing.assert_array_equal(pixels(made, native(17, 17)).values, nearest(sources, METRICS[metric]))


def test_beyond_the_neighbourhood_a_fast_distance_is_greater_than_it_and_unmasked() -> None:
    """openet-core, test_a_utils.py, test_erode_pixels_parameter and test_dilate_pixels_parameter."""
    for reach in (1, 2, 4, 10):
        row = np.zeros((1, 30))
        row[0, 0] = 1
        made = call("Image.fastDistanceTransform", image=image(row), neighborhood=reach)
        found = pixels(made, native(30, 1))
        assert found.mask.all()
        np.testing.assert_array_equal(np.sqrt(found.values[0]) <= reach, np.arange(30) <= reach)
    empty = call("Image.fastDistanceTransform", image=image([[0, 0]]), neighborhood=3, metric="chebyshev")
    assert (pixels(empty, native(2, 1)).values > 3).all()


def test_masked_pixels_are_no_sources_and_have_a_distance() -> None:
    source = image(np.array([[7, 7, 7]]), [[0, 0, 1]])
    made = call("Image.fastDistanceTransform", image=source, neighborhood=5)
    assert masked_list(pixels(made, native(3, 1))) == [[4.0, 1.0, 0.0]]


@pytest.mark.parametrize("name", ["Image.fastDistanceTransform", "Image.rsedTransform", "Image.medialAxis"])
def test_tiles_give_the_distances_of_the_whole(name: str) -> None:
    sources = some_points(40, 0.02, 5) * 30
    made = call(name, image=image(sources), neighborhood=6)
    for band in made.names:
        whole = pixels(made, native(40, 40), band)
        values, mask = in_tiles(made, native(40, 40), 11, 7, band)
        np.testing.assert_array_equal(values, whole.values)
        np.testing.assert_array_equal(mask, whole.mask)


@pytest.mark.parametrize(
    ("kernel", "metric"),
    [("euclidean", np.hypot), ("manhattan", METRICS["manhattan"]), ("chebyshev", METRICS["chebyshev"])],
)
def test_a_kernel_measures_in_its_units_up_to_its_radius(kernel: str, metric: Any) -> None:
    sources = some_points(25, 0.01, 3)
    sources[2, 2] = 1
    made = call(
        "Image.distance", image=image(sources), kernel=call(f"Kernel.{kernel}", radius=80, units="meters"), skipMasked=0
    )
    got, expected = pixels(made, native(25, 25)), nearest(sources, metric) * 10.0
    np.testing.assert_array_equal(got.mask, expected <= 80)
    np.testing.assert_allclose(got.values[got.mask], expected[got.mask], rtol=1e-6)


@pytest.mark.parametrize("kernel", ["euclidean", "manhattan", "chebyshev"])
def test_pixels_that_are_no_squares_are_measured_as_they_are(kernel: str) -> None:
    flat = Affine(10.0, 0.0, 500_000.0, 0.0, -30.0, 3_400_000.0)
    sources = some_points(12, 0.05, 1)
    sources[0, 0] = 1
    source = image(sources, transform=flat)
    made = call("Image.distance", image=source, kernel=call(f"Kernel.{kernel}", radius=2000, units="meters"))
    metric = np.hypot if kernel == "euclidean" else METRICS[kernel]
    expected = nearest(sources, lambda dx, dy: metric(10.0 * dx, 30.0 * dy))
    got = pixels(made, Grid("EPSG:32650", flat, 12, 12)).values
    np.testing.assert_allclose(got, expected, rtol=1e-6)


def test_masked_pixels_are_skipped_unless_asked_for() -> None:
    source = image(np.array([[1, 1, 1]]), [[1, 0, 0]])
    assert masked_list(pixels(call("Image.distance", image=source), native(3, 1))) == [[0.0, None, None]]
    assert masked_list(pixels(call("Image.distance", image=source, skipMasked=False), native(3, 1))) == [
        [0.0, 1.0, 2.0]
    ]


def test_other_kernels_measure_nothing() -> None:
    with pytest.raises(EarthEngineError, match=r"must be one of Kernel\.euclidean"):
        call("Image.distance", image=image([[1]]), kernel=call("Kernel.square", radius=2))


def test_a_direction_is_counted_from_the_right_against_the_clock() -> None:
    cloud = np.zeros((5, 5), np.uint8)
    cloud[0, 2] = 1  # above the middle
    up = call("Image.directionalDistanceTransform", source=image(cloud), angle=90, maxDistance=3)
    assert [row[2] for row in masked_list(pixels(up, native(5, 5)))] == [0.0, 1.0, 2.0, 3.0, None]
    assert masked_list(pixels(up, native(5, 5)))[2][:2] == [None, None]
    slanting = call("Image.directionalDistanceTransform", source=image(cloud), angle=45, maxDistance=3)
    assert masked_list(pixels(slanting, native(5, 5)))[2][0] == pytest.approx(2 * 2**0.5)


def test_the_other_bands_come_from_the_pixel_that_was_found() -> None:
    source = image({"value": np.array([[1, 2, 3, 4]]), "label": np.array([[0, 0, 1, 0]])})
    made = call("Image.directionalDistanceTransform", source=source, angle=0, maxDistance=9, labelBand="label")
    assert made.names == ["distance", "value"]
    assert masked_list(pixels(made, native(4, 1), "distance")) == [[2.0, 1.0, 0.0, None]]
    assert masked_list(pixels(made, native(4, 1), "value")) == [[3, 3, 3, None]]


def test_parabolas_are_discs_of_the_root_of_their_height() -> None:
    heights = np.zeros((31, 31))
    heights[15, 15], heights[15, 20] = 50.0, 9.0
    rows, columns = np.indices(heights.shape)
    expected = np.maximum.reduce(
        [h - (rows - 15) ** 2 - (columns - c) ** 2 for h, c in ((50.0, 15), (9.0, 20))] + [np.zeros(heights.shape)]
    )
    made = call("Image.rsedTransform", image=image(heights), neighborhood=20)
    np.testing.assert_allclose(pixels(made, native(31, 31)).values, expected)


@given(st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_the_discs_of_the_medial_axis_fill_the_shape(seed: int) -> None:
    sources = some_points(20, 0.08, seed)
    sources[:, [0, -1]] = sources[[0, -1], :] = 1
    axis = call("Image.medialAxis", image=image(sources), neighborhood=20)
    medial = pixels(axis, native(20, 20), "medial").values
    refilled = call("Image.rsedTransform", image=image(medial), neighborhood=20)
    np.testing.assert_array_equal(pixels(refilled, native(20, 20)).values > 0, sources == 0)
    assert pixels(axis, native(20, 20), "coverage").values.sum() == (sources == 0).sum()


def cost_of(costs: np.ndarray, sources: np.ndarray, distance: float, **options: Any) -> Any:
    made = call("Image.cumulativeCost", cost=image(costs), source=image(sources), maxDistance=distance, **options)
    return pixels(made, native(*reversed(costs.shape)))


def test_cheapest_paths_are_those_of_scikit_image() -> None:
    random = np.random.default_rng(2)
    costs, sources = random.random((30, 30)) + 0.1, some_points(30, 0.01, 2)
    sources[4, 4] = 1
    expected, _ = MCP_Geometric(costs).find_costs(list(zip(*np.nonzero(sources), strict=True)))
    got = cost_of(costs, sources, 5_000, geodeticDistance=False)
    assert got.mask.all()
    np.testing.assert_allclose(got.values, 10.0 * expected, rtol=1e-9)


def test_the_geodetic_distance_is_that_on_the_sphere() -> None:
    degrees = {"crs": "EPSG:4326", "transform": Affine(0.01, 0, 10.0, 0, -0.01, 60.0)}
    made = call(
        "Image.cumulativeCost",
        cost=image(np.ones((1, 4)), **degrees),
        source=image(np.array([[1, 0, 0, 0]]), **degrees),
        maxDistance=1_500,
    )
    step = 6_378_137.0 * np.radians(0.01) * np.cos(np.radians(59.995))
    got = masked_list(pixels(made, Grid("EPSG:4326", degrees["transform"], 4, 1)))
    assert got[0][:3] == pytest.approx([0.0, step, 2 * step], rel=1e-6)
    assert got[0][3] is None


def test_masked_pixels_are_walked_around() -> None:
    wall = np.array([[1, 0, 1], [1, 1, 1]], bool)
    made = call(
        "Image.cumulativeCost",
        cost=image(np.ones((2, 3)), wall),
        source=image(np.array([[1, 0, 0], [0, 0, 0]])),
        maxDistance=1e3,
        geodeticDistance=False,
    )
    diagonal = 10 * 2**0.5
    got = masked_list(pixels(made, native(3, 2)))
    assert got[0] == [0.0, None, pytest.approx(2 * diagonal)]


def test_of_equal_paths_the_one_that_is_cheaper_in_the_next_band_is_taken() -> None:
    toll = np.array([[0.0, 9, 0], [0, 0, 0], [0, 9, 0]])
    made = call(
        "Image.cumulativeCost",
        cost=image({"time": np.zeros((3, 3)), "toll": toll}),
        source=image(np.array([[1, 0, 0], [0, 0, 0], [0, 0, 0]])),
        maxDistance=1e3,
        geodeticDistance=False,
    )
    assert made.names == ["time", "toll"]
    assert pixels(made, native(3, 3), "toll").values[0, 2] == 0.0


def test_paths_in_tiles_are_those_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(4)
    costs, sources = random.random((60, 300)) + 0.1, (random.random((60, 300)) < 0.002).astype(np.uint8)
    whole = cost_of(costs, sources, 200, geodeticDistance=False)
    monkeypatch.setattr(rendering, "TILE_BYTES", 20_000_000)
    parts = cost_of(costs, sources, 200, geodeticDistance=False)
    np.testing.assert_array_equal(parts.values, whole.values)
    np.testing.assert_array_equal(parts.mask, whole.mask)
