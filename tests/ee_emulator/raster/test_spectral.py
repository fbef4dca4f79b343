"""Colours against colorsys, spectral distances and unmixing against their formulas, curves against numpy."""

from __future__ import annotations

import colorsys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster import render as rendering
from ee_emulator.raster.values import Image
from tests.ee_emulator.raster.arrays import CONTEXT, call, image, masked_list, native, pixels

COLOURS = arrays.arrays(np.float64, (3, 4, 5), elements=st.floats(0, 1, width=16))
METRICS = {
    "sam": lambda a, b: np.arccos(np.clip(a @ b / np.sqrt(a @ a * (b @ b)), -1, 1)),
    "sed": lambda a, b: ((a - b) ** 2).sum(),
    "sid": lambda a, b: ((a / a.sum() - b / b.sum()) * np.log((a / a.sum()) / (b / b.sum()))).sum(),
    "emd": lambda a, b: np.abs(np.cumsum(a - b)).sum(),
}


def cube(made: Image, width: int, height: int) -> np.ndarray:
    found = rendering.render(made, native(width, height), None, CONTEXT)
    return np.stack([found[name].values for name in made.names])


def bands(values: np.ndarray) -> Image:
    return image({f"b{k}": band for k, band in enumerate(values)})


@given(COLOURS)
@settings(max_examples=30, deadline=None)
def test_colours_are_those_of_colorsys_and_come_back(rgb: np.ndarray) -> None:
    hsv = call("Image.rgbToHsv", image=bands(rgb))
    assert hsv.names == ["hue", "saturation", "value"]
    expected = np.array([colorsys.rgb_to_hsv(*c) for c in rgb.reshape(3, -1).T]).T.reshape(rgb.shape)
    np.testing.assert_allclose(cube(hsv, 5, 4), expected, atol=1e-12)
    back = call("Image.hsvToRgb", image=hsv)
    assert back.names == ["red", "green", "blue"]
    np.testing.assert_allclose(cube(back, 5, 4), rgb, atol=1e-12)


def test_a_colour_has_three_bands() -> None:
    for name in ("rgbToHsv", "hsvToRgb"):
        with pytest.raises(EarthEngineError, match="3 bands"):
            call(f"Image.{name}", image=bands(np.zeros((2, 2, 2))))


# Spectra ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", METRICS)
def test_spectral_distances_follow_their_formulas(metric: str) -> None:
    rng = np.random.default_rng(1)
    a, b = rng.random((2, 5, 3, 4)) + 0.01
    made = call("Image.spectralDistance", image1=bands(a), image2=bands(b), metric=metric)
    expected = [[METRICS[metric](a[:, i, j], b[:, i, j]) for j in range(4)] for i in range(3)]
    np.testing.assert_allclose(cube(made, 4, 3)[0], expected)


def test_arrays_have_the_same_distance_as_bands() -> None:
    a, b = np.random.default_rng(2).random((2, 3, 2, 3))
    kernel = call("Kernel.fixed", weights=[[0, 0, 0], [1, 1, 1], [0, 0, 0]])
    left, right = (
        call("Image.neighborhoodToArray", image=image(values[0]), kernel=call("Kernel.rectangle", xRadius=1, yRadius=0))
        for values in (a, b)
    )
    flat = [call("Image.neighborhoodToBands", image=image(values[0]), kernel=kernel) for values in (a, b)]
    with pytest.raises(EarthEngineError, match="one dimension"):
        cube(call("Image.spectralDistance", image1=left, image2=right), 3, 2)
    one = [call("Image.arrayProject", input=i, axes=[1]) for i in (left, right)]
    got = cube(call("Image.spectralDistance", image1=one[0], image2=one[1], metric="sed"), 3, 2)
    expected = cube(call("Image.spectralDistance", image1=flat[0], image2=flat[1], metric="sed"), 3, 2)
    np.testing.assert_allclose(got[0, :, 1], expected[0, :, 1])


@pytest.mark.parametrize("centroid", [False, True])
@pytest.mark.parametrize("metric", ["sam", "sed"])
def test_spectral_morphology_picks_spectra_under_the_kernel(metric: str, centroid: bool) -> None:
    values = np.random.default_rng(3).random((3, 6, 7))
    options = {"image": bands(values), "metric": metric, "useCentroid": centroid}
    far, near, apart = (cube(call(f"Image.spectral{n}", **options), 7, 6) for n in ("Dilation", "Erosion", "Gradient"))
    for i, j in ((1, 1), (3, 4), (4, 5)):
        window = values[:, i - 1 : i + 2, j - 1 : j + 2].reshape(3, -1)
        reference = window.mean(axis=1) if centroid else values[:, i, j]
        away = [METRICS[metric](spectrum, reference) for spectrum in window.T]
        np.testing.assert_allclose(far[:, i, j], window[:, np.argmax(away)])
        np.testing.assert_allclose(near[:, i, j], window[:, np.argmin(away)])
        assert apart[0, i, j] == pytest.approx(METRICS[metric](far[:, i, j], near[:, i, j]))


def test_an_unknown_metric_is_named() -> None:
    with pytest.raises(EarthEngineError, match="'cosine'"):
        call("Image.spectralGradient", image=bands(np.zeros((2, 2, 2))), metric="cosine")


# Unmixing ---------------------------------------------------------------------------------------------------------

MEMBERS = [[88.0, 42, 48, 38, 86, 115, 59], [50.0, 21, 20, 35, 50, 110, 23], [51.0, 20, 14, 9, 7, 116, 4]]


def unmixed(spectra: np.ndarray, **options: Any) -> np.ndarray:
    made = call("Image.unmix", image=bands(spectra.reshape(7, 1, -1)), endmembers=MEMBERS, **options)
    assert made.names == ["band_0", "band_1", "band_2"]
    return cube(made, spectra.shape[1], 1)[:, 0]


@pytest.mark.parametrize(
    "options", [{}, {"sumToOne": True}, {"nonNegative": True}, {"sumToOne": True, "nonNegative": True}]
)
def test_mixtures_come_apart_again(options: dict[str, bool]) -> None:
    shares = np.random.default_rng(4).dirichlet([1, 1, 1], 20).T
    np.testing.assert_allclose(unmixed(np.array(MEMBERS).T @ shares, **options), shares, atol=1e-9)


def test_constraints_hold_and_are_the_best_that_hold() -> None:
    spectra = np.random.default_rng(5).random((7, 30)) * 100
    free = unmixed(spectra)
    np.testing.assert_allclose(free, np.linalg.pinv(np.array(MEMBERS).T) @ spectra)
    one = unmixed(spectra, sumToOne=True)
    both = unmixed(spectra, sumToOne=True, nonNegative=True)
    positive = unmixed(spectra, nonNegative=True)
    np.testing.assert_allclose(one.sum(axis=0), 1)
    np.testing.assert_allclose(both.sum(axis=0), 1)
    assert (free < 0).any()
    assert min(both.min(), positive.min()) >= 0

    def misfit(shares: np.ndarray) -> np.ndarray:
        return ((np.array(MEMBERS).T @ shares - spectra) ** 2).sum(axis=0)

    assert (misfit(free) <= misfit(one) + 1e-6).all()
    corners = np.random.default_rng(6).dirichlet([0.4, 0.4, 0.4], 300).T
    best = np.array([misfit(np.tile(c[:, None], 30)) for c in corners.T]).min(axis=0)
    assert (misfit(both) <= best + 1e-5).all()


def test_endmembers_need_a_value_a_band() -> None:
    with pytest.raises(EarthEngineError, match="each of the 2 bands"):
        call("Image.unmix", image=bands(np.zeros((2, 2, 2))), endmembers=[[1, 2, 3]])


# Curves -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("behavior", "expected"),
    [
        ("extrapolate", [-2.0, 0.0, 5.0, 10.0, 15.0, 20.0, 25.0]),
        ("clamp", [0.0, 0.0, 5.0, 10.0, 15.0, 20.0, 20.0]),
        ("input", [-0.2, 0.0, 5.0, 10.0, 15.0, 20.0, 4.0]),
        ("mask", [None, 0.0, 5.0, 10.0, 15.0, 20.0, None]),
    ],
)
def test_a_curve_goes_on_beyond_its_ends_as_it_is_told(behavior: str, expected: list[Any]) -> None:
    values = image(np.array([[-0.2, 0, 0.5, 1, 2, 3, 4]]))
    made = call("Image.interpolate", image=values, x=[0, 1, 3], y=[0, 10, 20], behavior=behavior)
    assert masked_list(pixels(made, native(7, 1)))[0] == pytest.approx(expected)


def test_a_curve_needs_growing_points() -> None:
    for x, y in (([0, 0], [1, 2]), ([0, 1], [1]), ([0], [1])):
        with pytest.raises(EarthEngineError, match=r"Image\.interpolate"):
            call("Image.interpolate", image=image(np.zeros((1, 1))), x=x, y=y)
