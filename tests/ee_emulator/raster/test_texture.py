"""Texture against scikit-image's matrices of co-occurrences and the formulas of Haralick, spelled out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from skimage.feature import graycomatrix, graycoprops

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster import neighbourhood
from ee_emulator.raster import render as rendering
from ee_emulator.raster.texture import MEASURES, directions
from tests.ee_emulator.raster.arrays import CONTEXT, call, image, native, pixels

LEVELS = 6
# Offset (columns, rows) and scikit-image's angle of it or of its opposite; its angles turn downwards.
ANGLES = {(-1, 0): 0.0, (-1, -1): np.pi / 4, (0, -1): np.pi / 2, (1, -1): 3 * np.pi / 4}


def nats(shares: np.ndarray) -> float:
    return float(-(shares[shares > 0] * np.log(shares[shares > 0])).sum())


def haralick(p: np.ndarray) -> dict[str, float]:
    """The measures from a normalised, symmetric matrix, as the papers write them."""
    i, j = np.indices(p.shape)
    px = p.sum(axis=1)
    mean = (px * np.arange(len(p))).sum()
    variance = ((i - mean) ** 2 * p).sum()
    total = np.bincount((i + j).ravel(), p.ravel())
    apart = np.bincount(abs(i - j).ravel(), p.ravel())
    product = np.outer(px, px)
    known = product > 0
    hxy1 = -(p[known] * np.log(product[known])).sum()
    moments = {
        "asm": (p**2).sum(),
        "contrast": ((i - j) ** 2 * p).sum(),
        "corr": (((i - mean) * (j - mean) * p).sum() / variance) if variance > 1e-12 else 0.0,
        "var": variance,
        "idm": (p / (1 + (i - j) ** 2)).sum(),
        "savg": (total * np.arange(len(total))).sum(),
        "diss": (abs(i - j) * p).sum(),
        "inertia": ((i - j) ** 2 * p).sum(),
        "shade": ((i + j - 2 * mean) ** 3 * p).sum(),
        "prom": ((i + j - 2 * mean) ** 4 * p).sum(),
        "maxcorr": 0.0,
    }
    steps = np.arange(len(apart))
    return moments | {
        "svar": (total * (np.arange(len(total)) - moments["savg"]) ** 2).sum(),
        "sent": nats(total),
        "ent": nats(p),
        "dvar": (apart * (steps - (apart * steps).sum()) ** 2).sum(),
        "dent": nats(apart),
        "imcorr1": (nats(p) - hxy1) / nats(px) if nats(px) > 1e-12 else 0.0,
        "imcorr2": np.sqrt(max(0.0, 1 - np.exp(-2 * (nats(product) - nats(p))))),
    }


@given(arrays.arrays(np.uint8, (7, 7), elements=st.integers(0, LEVELS - 1)))
@settings(max_examples=25, deadline=None)
def test_measures_follow_from_the_matrix_of_the_window(values: np.ndarray) -> None:
    made = call("Image.glcmTexture", image=image(values), size=3, average=False)
    found = rendering.render(made, native(7, 7).window(3, 3, 1, 1), None, CONTEXT)
    for offset, angle in ANGLES.items():
        matrix = graycomatrix(values, [1], [angle], LEVELS, symmetric=True, normed=True)
        expected = haralick(matrix[:, :, 0, 0])
        for measure in MEASURES:
            got = found[f"b_{measure}_{offset[0]}_{offset[1]}"].values[0, 0]
            assert got == pytest.approx(expected[measure], abs=1e-6), (measure, offset)
        assert found[f"b_contrast_{offset[0]}_{offset[1]}"].values[0, 0] == pytest.approx(
            graycoprops(matrix, "contrast")[0, 0]
        )


def test_directions_are_averaged_and_named_after_the_band() -> None:
    values = np.random.default_rng(0).integers(0, 200, (9, 9)).astype(np.uint8)
    averaged = call("Image.glcmTexture", image=image(values), size=2)
    single = call("Image.glcmTexture", image=image(values), size=2, average=False)
    assert averaged.names == [f"b_{measure}" for measure in MEASURES]
    assert len(single.names) == 4 * 18
    for measure in ("ent", "corr", "prom"):
        each = [pixels(single, native(9, 9), f"b_{measure}_{x}_{y}").values for x, y in ANGLES]
        np.testing.assert_allclose(pixels(averaged, native(9, 9), f"b_{measure}").values, np.mean(each, axis=0))


def test_a_kernel_gives_the_directions_and_opposites_are_left_out() -> None:
    kernel = call("Kernel.fixed", weights=[[0, 1, 0], [1, 1, 1], [0, 0, 0]])
    made = call("Image.glcmTexture", image=image(np.eye(5, dtype=np.uint8)), kernel=kernel, average=False)
    assert [name for name in made.names if "asm" in name] == ["b_asm_0_-1", "b_asm_-1_0"]
    assert directions([(-1, 0), (0, 0), (1, 0), (2, 0)]) == [(-1, 0), (2, 0)]


def test_masked_pixels_make_no_pairs() -> None:
    values = np.array([[1, 1, 9], [1, 1, 9], [1, 1, 9]], np.uint8)
    made = call("Image.glcmTexture", image=image(values, values < 9))
    assert pixels(made, native(3, 3), "b_contrast").values[1, 1] == 0
    assert pixels(made, native(3, 3), "b_savg").values[1, 1] == 2


def test_texture_is_of_whole_numbers() -> None:
    with pytest.raises(EarthEngineError, match="integer"):
        call("Image.glcmTexture", image=image(np.zeros((3, 3))))


# Entropy ----------------------------------------------------------------------------------------------------------


@given(arrays.arrays(np.int16, (5, 6), elements=st.integers(-2, 2)), arrays.arrays(bool, (5, 6)))
@settings(max_examples=25, deadline=None)
def test_entropy_is_that_of_the_values_under_the_kernel(values: np.ndarray, mask: np.ndarray) -> None:
    made = call("Image.entropy", image=image(values, mask), kernel=call("Kernel.circle", radius=1))
    found = pixels(made, native(6, 5))
    np.testing.assert_array_equal(found.mask, mask)
    for i, j in np.argwhere(mask):
        near = [(i, j), (i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)]
        window = [values[r, c] for r, c in near if 0 <= r < 5 and 0 <= c < 6 and mask[r, c]]
        shares = np.unique(window, return_counts=True)[1] / len(window)
        assert found.values[i, j] == pytest.approx(nats(shares) / np.log(2), abs=1e-9)


def test_strips_and_tiles_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(2).integers(0, 9, (20, 25)).astype(np.uint8)
    made = [
        call("Image.glcmTexture", image=image(values), size=2),
        call("Image.entropy", image=image(values), kernel=call("Kernel.square", radius=2)),
    ]
    whole = [rendering.render(each, native(25, 20), None, CONTEXT) for each in made]
    monkeypatch.setattr(neighbourhood, "STRIP_BYTES", 5_000)
    part = native(25, 20).window(4, 3, 15, 11)
    for each, before in zip(made, whole, strict=True):
        after = rendering.render(each, part, None, CONTEXT)
        for band in each.names:
            np.testing.assert_array_equal(after[band].values, before[band].values[3:14, 4:19])
