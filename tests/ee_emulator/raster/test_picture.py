"""Pictures: stretches, palettes, opacity, and the RGBA pixels of thumbnails and tiles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster import render as rendering
from ee_emulator.raster.colours import colour
from ee_emulator.raster.picture import rgba
from ee_emulator.raster.values import Image
from tests.ee_emulator.raster.arrays import CONTEXT, call, image, native


def shown(source: Image, **options: Any) -> np.ndarray:
    """RGBA of a visualised image on its own lattice."""
    band = next(iter(source.bands.values()))
    return rgba(call("Image.visualize", image=source, **options), native(*(band.dimensions or (2, 1))), CONTEXT)


@pytest.mark.parametrize(
    ("text", "channels"),
    [
        ("red", (255, 0, 0, 255)),
        ("00FF00", (0, 255, 0, 255)),
        ("#00f", (0, 0, 255, 255)),
        ("FF000088", (255, 0, 0, 0x88)),
        ("BlueViolet", (138, 43, 226, 255)),
    ],
)
def test_colours_are_hexadecimal_or_names(text: str, channels: tuple[int, ...]) -> None:
    assert colour(text) == channels


def test_a_word_that_is_no_colour_is_named() -> None:
    with pytest.raises(EarthEngineError, match="Invalid color 'reddish'"):
        colour("reddish")


@given(st.lists(st.floats(-50, 150), min_size=3, max_size=3), st.floats(0.2, 5))
@settings(max_examples=30, deadline=None)
def test_a_stretch_keeps_order_and_ends(values: list[float], gamma: float) -> None:
    source = image(np.array([[-1e9, *sorted(values), 1e9]]))
    grey = shown(source, min=0, max=100, gamma=gamma)[0, :, 0]
    assert grey[0] == 0
    assert grey[-1] == 255
    assert (np.diff(grey.astype(int)) >= 0).all()


def test_each_band_has_a_range_of_its_own() -> None:
    source = image({"r": np.array([[5.0]]), "g": np.array([[5.0]]), "b": np.array([[5.0]])})
    assert shown(source, min=[0, 0, 4], max=[10, 5, 6]).tolist() == [[[128, 255, 128, 255]]]


def test_gain_and_bias_make_bytes() -> None:
    assert shown(image(np.array([[10.0, 20.0]])), gain=2, bias=5)[0, :, 0].tolist() == [25, 45]


def test_integers_are_stretched_over_their_type_and_floats_from_0_to_1() -> None:
    assert shown(image(np.array([[0, 128, 255]], np.uint8)))[0, :, 0].tolist() == [0, 128, 255]
    assert shown(image(np.array([[0, 65535]], np.uint16)))[0, :, 0].tolist() == [0, 255]
    assert shown(image(np.array([[-1.0, 1.0, 3.0]])))[0, :, 0].tolist() == [0, 255, 255]


def test_a_palette_spreads_its_colours_over_the_range() -> None:
    got = shown(image(np.array([[0.0, 1.0, 2.0, 9.0]])), min=0, max=2, palette=["red", "lime", "blue"])
    assert got[0, :, :3].tolist() == [[255, 0, 0], [0, 255, 0], [0, 0, 255], [0, 0, 255]]


def test_masked_pixels_and_opacity_are_in_the_alpha_channel() -> None:
    source = call("Image.selfMask", image=image(np.array([[0, 200]], np.uint8)))
    assert shown(source, opacity=0.5).tolist() == [[[0, 0, 0, 0], [200, 200, 200, 128]]]


def test_a_translucent_layer_blends_into_the_one_below() -> None:
    below = call("Image.visualize", image=image(np.array([[200]], np.uint8)))
    above = call("Image.visualize", image=image(np.array([[100]], np.uint8)), opacity=0.25)
    blended = call("Image.blend", bottom=below, top=above)
    assert rgba(blended, native(1, 1), CONTEXT).tolist() == [[[175, 175, 175, 255]]]


def test_a_mask_between_0_and_1_is_an_opacity() -> None:
    source = call("Image.updateMask", image=image(np.array([[100, 200]], np.uint8)), mask=image(np.array([[0.5, 1.0]])))
    assert shown(source).tolist() == [[[100, 100, 100, 128], [200, 200, 200, 255]]]
    more = call("Image.updateMask", image=call("Image.add", image1=source, image2=source), mask=image([[0.5, 0.5]]))
    assert shown(more, min=0, max=255)[0, :, 3].tolist() == [64, 128]


def test_tiles_make_the_same_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(1).random((40, 30))
    whole = shown(image(values), palette=["black", "yellow"], opacity=0.3)
    monkeypatch.setattr(rendering, "TILE_BYTES", 4_000)
    np.testing.assert_array_equal(shown(image(values), palette=["black", "yellow"], opacity=0.3), whole)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"palette": ["red"], "bands": ["a", "b", "c"]},
            "palette when visualizing more than one band",
        ),
        ({"bands": 3}, "Expected a string or list of strings for field 'bands'"),
        ({"bands": ["d"]}, "No band named 'd'"),
        ({"bands": ["a", "b"]}, "either one band or three"),
        ({"opacity": 0.0}, "Scale must be greater than zero and less than or equal to one, but was 0.0"),
        ({"min": 0, "gain": 2}, "Cannot specify both"),
        ({"min": [1, 2]}, "Field 'min' has 2 values for 3 bands"),
    ],
)
def test_what_cannot_be_shown_is_refused(options: dict[str, Any], message: str) -> None:
    source = image({name: np.zeros((1, 1)) for name in "abc"})
    with pytest.raises(EarthEngineError, match=message):
        call("Image.visualize", image=source, **options)
