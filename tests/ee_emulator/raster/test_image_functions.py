"""Image's functions of pixels are Number's functions of the same name, whatever the numbers; and masks around them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ee_emulator.catalog.chain import ChainCatalog
from ee_emulator.raster.arithmetic import BINARY, UNARY
from ee_emulator.raster.collection import image_of
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.render import render
from ee_emulator.registry import IMPLEMENTATIONS, Context, invoke
from tests.ee_emulator.raster.arrays import TEN_METRES, UTM, ArrayImage

CONTEXT = Context(ChainCatalog([]))
PIXEL = Grid(UTM, TEN_METRES, 1, 1)
NUMBERS = st.one_of(
    st.integers(-1000, 1000), st.floats(-100, 100, allow_subnormal=False).map(lambda x: round(x, 6)), st.just(0)
)
BITS = ("bitwise", "Shift", "shift", "bitCount")


def pixel(image: Any) -> float:
    pixels = next(iter(render(image, PIXEL, None, CONTEXT).values()))
    assert pixels.mask.all()
    value: float = pixels.values[0, 0].item()
    return value


def agree(name: str, found: float, expected: float) -> None:
    if isinstance(expected, float) and math.isnan(expected):
        assert math.isnan(found)
    else:
        # `pow` of small integers is single precision
        assert found == pytest.approx(expected, rel=1e-6 if name == "pow" else 1e-12, abs=1e-12)


@pytest.mark.parametrize("name", sorted(set(UNARY) & {n[7:] for n in IMPLEMENTATIONS if n.startswith("Number.")}))
@settings(max_examples=30, deadline=None)
@given(value=NUMBERS)
def test_a_function_of_one_image_is_that_of_a_number(name: str, value: float) -> None:
    assume(isinstance(value, int) or not name.startswith(BITS))
    expected = invoke(f"Number.{name}", {"input": value}, CONTEXT)
    agree(name, pixel(invoke(f"Image.{name}", {"value": value}, CONTEXT)), expected)


OF_TWO = sorted(n for names in BINARY for n in names if f"Number.{n}" in IMPLEMENTATIONS)


@pytest.mark.parametrize("name", [n for n in OF_TWO if not any(part in n for part in BITS)])
@settings(max_examples=30, deadline=None)
@given(left=NUMBERS, right=NUMBERS)
def test_a_function_of_two_images_is_that_of_numbers(name: str, left: float, right: float) -> None:
    expected = invoke(f"Number.{name}", {"left": left, "right": right}, CONTEXT)
    if name == "pow":
        assume(not 1e30 < abs(expected) < math.inf)  # single precision where the operands are small integers
    agree(name, pixel(invoke(f"Image.{name}", {"image1": left, "image2": right}, CONTEXT)), expected)


@pytest.mark.parametrize("name", [n for n in OF_TWO if any(part in n for part in BITS)])
@settings(max_examples=30, deadline=None)
@given(left=st.integers(-1000, 1000), right=st.integers(0, 39))
def test_bits_of_two_images_are_those_of_numbers(name: str, left: int, right: int) -> None:
    expected = invoke(f"Number.{name}", {"left": left, "right": right}, CONTEXT)
    assert pixel(invoke(f"Image.{name}", {"image1": left, "image2": right}, CONTEXT)) == expected


@pytest.mark.parametrize("name", sorted({names[0] for names in BINARY}))
def test_a_pixel_of_two_images_is_masked_where_either_is(name: str) -> None:
    ones = {"v": np.ones((4, 4), np.int16)}
    masks = [np.arange(16).reshape(4, 4) % 2 == 0, np.arange(16).reshape(4, 4) % 3 == 0]
    left, right = (image_of(ArrayImage(ones, {"v": mask})) for mask in masks)
    found = render(invoke(f"Image.{name}", {"image1": left, "image2": right}, CONTEXT), _grid(), None, CONTEXT)
    assert (found["v"].mask == (masks[0] & masks[1])).all()


def _grid() -> Grid:
    return Grid(UTM, TEN_METRES, 4, 4)


@given(
    st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=4),
    st.sampled_from(["uint8", "int8", "uint16", "int32"]),
)
@settings(max_examples=50, deadline=None)
def test_a_cast_holds_values_at_the_limits_of_the_type(values: list[int], kind: str) -> None:
    limits = np.iinfo(kind)
    found = render(invoke(f"Image.{kind}", {"value": values}, CONTEXT), PIXEL, None, CONTEXT)
    assert [int(p.values[0, 0]) for p in found.values()] == [int(np.clip(v, limits.min, limits.max)) for v in values]


def test_bands_meet_by_name_by_order_or_one_with_all() -> None:
    def image(names: list[str], values: list[float]) -> Any:
        constant = invoke("Image.constant", {"value": values}, CONTEXT)
        return invoke("Image.rename", {"input": constant, "names": names}, CONTEXT)

    def summed(left: Any, right: Any) -> dict[str, float]:
        found = render(invoke("Image.add", {"image1": left, "image2": right}, CONTEXT), PIXEL, None, CONTEXT)
        return {name: pixels.values[0, 0].item() for name, pixels in found.items()}

    pair = image(["a", "b"], [1, 2])
    assert summed(pair, image(["b", "a"], [10, 20])) == {"a": 21, "b": 12}
    assert summed(pair, image(["x", "y"], [10, 20])) == {"a": 11, "b": 22}
    assert summed(pair, image(["x"], [10])) == {"a": 11, "b": 12}
    assert summed(image(["x"], [10]), pair) == {"a": 11, "b": 12}
