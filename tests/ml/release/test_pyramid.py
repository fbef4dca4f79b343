"""Overviews of quantised embeddings."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from lake.aef import dequantise, quantise, unit_length
from lake.streams import AEF_NODATA
from ml.release.pyramid import coarsen, level_shapes

SIDES = st.integers(1, 9)


def quantised(rng: np.random.Generator, *shape: int) -> NDArray[np.int8]:
    return quantise(unit_length(rng.normal(size=shape)))


@st.composite
def chips(draw: st.DrawFn) -> NDArray[np.int8]:
    """Small quantised rasters with whole pixels of nodata."""
    height, width, bands = draw(SIDES), draw(SIDES), draw(st.integers(2, 5))
    codes = draw(arrays.arrays(np.int8, (height, width, bands), elements=st.integers(-127, 127)))
    hole = draw(arrays.arrays(np.bool_, (height, width)))
    return np.where(hole[..., None], np.int8(AEF_NODATA), codes)


@given(chips())
def test_an_overview_pixel_is_unit_length_or_nodata_in_all_bands(codes: NDArray[np.int8]) -> None:
    overview = coarsen(codes, -(-codes.shape[0] // 2), -(-codes.shape[1] // 2))
    nodata = overview == AEF_NODATA
    assert (nodata.all(axis=-1) == nodata.any(axis=-1)).all()
    norms = np.linalg.norm(dequantise(overview)[~nodata.any(axis=-1)], axis=-1)
    assert np.allclose(norms, 1, atol=0.03)


@given(arrays.arrays(np.float64, (50, 6), elements=st.floats(-1, 1)))
def test_a_round_trip_is_off_by_less_than_a_step_of_the_codes(values: NDArray[np.float64]) -> None:
    # the step is widest at 1: (127² − 126²)/127.5²; ±127.5 is clipped to ±127
    assert np.abs(dequantise(quantise(values)) - values).max() < 0.0157


def test_an_overview_is_dequantised_summed_and_scaled_to_unit_length_again() -> None:
    codes = quantised(np.random.default_rng(0), 8, 6, 16)
    blocks = dequantise(codes).reshape(4, 2, 3, 2, 16).sum(axis=(1, 3))
    assert np.array_equal(coarsen(codes, 4, 3), quantise(unit_length(blocks)))


def test_averaging_codes_would_give_another_overview() -> None:
    codes = quantised(np.random.default_rng(0), 8, 6, 16)
    averaged = np.rint(codes.reshape(4, 2, 3, 2, 16).mean(axis=(1, 3)))
    assert np.abs(coarsen(codes, 4, 3) - averaged).max() > 20


def test_every_level_equals_the_same_sum_over_the_full_resolution() -> None:
    codes = quantised(np.random.default_rng(1), 16, 16, 8)
    blocks = dequantise(codes).reshape(4, 4, 4, 4, 8).sum(axis=(1, 3))
    assert np.array_equal(coarsen(codes, 4, 4), quantise(unit_length(blocks)))


def test_nodata_does_not_count_in_an_overview() -> None:
    codes = quantised(np.random.default_rng(2), 2, 2, 8)
    alone = codes[0, 1].copy()
    codes[[0, 1, 1], [0, 0, 1]] = AEF_NODATA
    assert np.abs(coarsen(codes, 1, 1)[0, 0].astype(int) - alone).max() <= 1


def test_an_overview_of_nothing_is_nodata() -> None:
    assert (coarsen(np.full((4, 4, 3), AEF_NODATA, np.int8), 2, 2) == AEF_NODATA).all()


def test_opposite_pixels_cancel_into_nodata() -> None:
    codes = quantised(np.random.default_rng(3), 1, 1, 4)
    assert (coarsen(np.concatenate([codes, -codes], axis=1), 1, 1) == AEF_NODATA).all()


@given(st.integers(1, 40))
@settings(max_examples=20)
def test_an_overview_stays_in_register_where_the_sizes_do_not_divide(width: int) -> None:
    """The turn from one direction to another lies at the same share of the width as before."""
    east, north = quantise(np.eye(2))
    codes = np.where(np.arange(2 * width + 1)[:, None] < width, east, north)[None].astype(np.int8)
    overview = dequantise(coarsen(codes, 1, width + 1))[0]
    share = np.abs(overview[:, 0]) > np.abs(overview[:, 1])
    turn = width / (2 * width + 1) * (width + 1)
    assert abs(share.sum() - turn) <= 0.5


@pytest.mark.parametrize(
    ("height", "width", "shapes"),
    [
        (20, 32, []),
        (57, 57, [(29, 29)]),
        (252, 260, [(126, 130), (63, 65), (32, 33), (16, 17)]),
    ],
)
def test_levels_halve_until_nothing_could_be_seen(height: int, width: int, shapes: list[tuple[int, int]]) -> None:
    assert level_shapes(height, width) == shapes
