"""Kernels as such: properties of shapes and combinations, metres on lattices, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st

from ee_emulator.encode import encode
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.kernel import BOOLEAN, DISTANCES, FIXED, Kernel, Weights
from tests.ee_emulator.raster.arrays import call, native

SHAPES = [name for name in BOOLEAN if name != "rectangle"]
RADII = st.one_of(st.integers(0, 9).map(float), st.floats(0, 9))
ROUND = st.builds(lambda name, radius: call(f"Kernel.{name}", radius=radius), st.sampled_from(SHAPES), RADII)


def cornered(rows: list[list[int]], x: int, y: int) -> Kernel:
    """A kernel whose focus may lie anywhere."""
    made: Kernel = call("Kernel.fixed", weights=rows, x=min(x, len(rows[0]) - 1), y=min(y, len(rows) - 1))
    return made


def rows_of(columns: int) -> st.SearchStrategy[list[list[int]]]:
    row = st.lists(st.integers(-5, 5), min_size=columns, max_size=columns)
    return st.lists(row, min_size=1, max_size=4)


CORNERED = st.builds(cornered, st.integers(1, 4).flatmap(rows_of), st.integers(0, 3), st.integers(0, 3))


def weights(kernel: Kernel) -> Weights:
    return kernel.on(native(1, 1))


def same(first: Kernel, second: Kernel) -> bool:
    """Whether two kernels weigh alike, whatever zeros surround them."""
    total = call("Kernel.add", kernel1=first, kernel2=call("Kernel.fixed", weights=[[0]]))
    other = call("Kernel.add", kernel1=second, kernel2=call("Kernel.fixed", weights=[[0]]))
    return bool(np.array_equal(weights(total).values, weights(other).values))


@given(ROUND)
def test_shapes_are_symmetric_and_sum_to_one(kernel: Kernel) -> None:
    made = weights(kernel)
    side = made.values.shape[0]
    assert made.values.shape == (side, side)
    assert (made.x, made.y) == (side // 2, side // 2)
    assert made.values.sum() == pytest.approx(1)
    assert made.values[made.y, made.x] > 0
    for turned in (made.values.T, made.values[::-1], made.values[:, ::-1]):
        np.testing.assert_array_equal(turned, made.values)


@pytest.mark.parametrize("name", SHAPES)
@given(RADII, st.floats(-100, 100))
def test_the_magnitude_scales_what_normalising_left(name: str, radius: float, magnitude: float) -> None:
    options = {"radius": radius, "magnitude": magnitude}
    assert weights(call(f"Kernel.{name}", **options)).values.sum() == pytest.approx(magnitude, abs=1e-9)
    plain = weights(call(f"Kernel.{name}", normalize=False, **options)).values
    assert set(plain.ravel().tolist()) <= {0.0, magnitude}


def test_a_circle_lies_between_diamond_and_square() -> None:
    diamond, circle, octagon, square = (
        weights(call(f"Kernel.{name}", radius=6)).support for name in ("diamond", "circle", "octagon", "square")
    )
    assert (diamond <= circle).all()
    assert (circle <= octagon).all()
    assert (octagon <= square).all()


@given(CORNERED)
def test_four_quarters_are_a_whole_turn_and_the_focus_turns_along(kernel: Kernel) -> None:
    turned = kernel
    for _ in range(4):
        turned = call("Kernel.rotate", kernel=turned, rotations=1)
    assert same(turned, kernel)
    once = weights(call("Kernel.rotate", kernel=kernel, rotations=1))
    before = weights(kernel)
    assert once.values[once.y, once.x] == before.values[before.y, before.x]
    back = call("Kernel.rotate", kernel=call("Kernel.rotate", kernel=kernel, rotations=1), rotations=-1)
    assert same(back, kernel)


@given(CORNERED, CORNERED)
def test_kernels_add_focus_on_focus_in_any_order(first: Kernel, second: Kernel) -> None:
    total = call("Kernel.add", kernel1=first, kernel2=second)
    assert same(total, call("Kernel.add", kernel1=second, kernel2=first))
    made, one, other = weights(total), weights(first), weights(second)
    assert made.values[made.y, made.x] == one.values[one.y, one.x] + other.values[other.y, other.x]
    assert made.values.sum() == one.values.sum() + other.values.sum()


@given(CORNERED)
def test_inverting_twice_gives_the_weights_back(kernel: Kernel) -> None:
    twice = call("Kernel.inverse", kernel=call("Kernel.inverse", kernel=kernel))
    np.testing.assert_allclose(weights(twice).values, weights(kernel).values)


@pytest.mark.parametrize("name", [*SHAPES, "gaussian"])
def test_metres_are_pixels_on_a_lattice(name: str) -> None:
    extra = {"sigma": 10.0} if name == "gaussian" else {}
    metres = call(f"Kernel.{name}", radius=30, units="meters", **extra)
    for scale, radius in ((10, 3), (15, 2), (40, 0)):
        grid = Grid("EPSG:32650", Affine(scale, 0, 0, 0, -scale, 0), 1, 1)
        more = {"sigma": 10.0 / scale} if name == "gaussian" else {}
        pixels = weights(call(f"Kernel.{name}", radius=radius, **more)).values
        np.testing.assert_allclose(metres.on(grid).values, pixels)
    degree = Grid("EPSG:4326", Affine(10 / 111_319.4908, 0, 0, 0, -10 / 111_319.4908, 0), 1, 1)
    np.testing.assert_allclose(metres.on(degree).values, metres.on(native(1, 1)).values, rtol=1e-6)


@pytest.mark.parametrize("name", DISTANCES)
def test_distances_are_in_the_units_of_the_radius(name: str) -> None:
    pixels, metres = (call(f"Kernel.{name}", radius=r, units=u) for r, u in ((2, "pixels"), (20, "meters")))
    np.testing.assert_allclose(weights(metres).values, 10 * weights(pixels).values)


def test_what_is_printed_tells_what_was_given() -> None:
    shown = encode(call("Kernel.circle", radius=100.0, units="meters", magnitude=2.5))
    assert shown == {"type": "Kernel.circle", "radius": 100, "units": "meters", "magnitude": 2.5}
    assert encode(call("Kernel.square", radius=1))["center"] == [1, 1]


@pytest.mark.parametrize("name", FIXED)
def test_edge_kernels_that_sum_to_zero_stay_as_they_are(name: str) -> None:
    plain, normal = (weights(call(f"Kernel.{name}", normalize=n)).values for n in (False, True))
    total = plain.sum()
    np.testing.assert_allclose(normal, plain / total if total else plain)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("square", {"radius": -1}),
        ("square", {"radius": float("nan")}),
        ("circle", {"radius": 1, "units": "feet"}),
        ("circle", {"radius": 1, "magnitude": float("inf")}),
        ("gaussian", {"radius": 1, "sigma": 0}),
        ("fixed", {"weights": [[1, 2], [3]]}),
        ("fixed", {"weights": [["a"]]}),
        ("fixed", {"weights": [[1, 2]], "width": 3}),
        ("fixed", {"weights": [[1, 2]], "x": 2}),
    ],
)
def test_nonsense_is_refused_by_name(name: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(EarthEngineError, match="Kernel"):
        encode(call(f"Kernel.{name}", **arguments))
