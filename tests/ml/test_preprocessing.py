"""Raw columns to the network's scale, inside the network."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lake.aef import dequantise
from lake.streams import AEF_NODATA, STREAMS
from ml.dataset import StreamTable, raw_matrix
from ml.normalisers import Affine
from ml.preprocessing import Preprocessing, fit_preprocessing
from ml.schema import LOG1P, SEVEN

SLICES = SEVEN.slices


def identity() -> Preprocessing:
    return Preprocessing()


def raw_rows(count: int, seed: int) -> NDArray[np.float32]:
    """Rows in plausible units: codes for AEF, skewed quantities, indices about 0."""
    rng = np.random.default_rng(seed)
    raw = rng.normal(size=(count, SEVEN.width)).astype(np.float32)
    raw[:, SLICES["aef"]] = rng.integers(-127, 128, (count, 64))
    for i, column in enumerate(SEVEN.columns):
        if column in LOG1P:
            raw[:, i] = np.expm1(2 * np.abs(raw[:, i]))
    return raw


def test_columns_stand_in_the_order_of_the_contract() -> None:
    assert len(set(SEVEN.columns)) == SEVEN.width == sum(stream.width for stream in STREAMS.values())
    for name, columns in SLICES.items():
        assert SEVEN.columns[columns] == STREAMS[name].columns


def test_codes_are_dequantised_as_the_dataset_says() -> None:
    codes = np.arange(-128, 128, dtype=np.int8)
    raw = torch.zeros(256, SEVEN.width)
    raw[:, 0] = torch.from_numpy(codes.astype(np.float32))
    np.testing.assert_allclose(identity().transform(raw)[:, 0].numpy(), dequantise(codes), rtol=1e-6)


def test_skewed_columns_go_through_the_logarithm_and_noise_below_zero_is_cut() -> None:
    raw = torch.zeros(3, SEVEN.width)
    light = SEVEN.columns.index("radiance_mean")
    raw[:, light] = torch.tensor([-0.5, 0.0, np.e - 1])
    np.testing.assert_allclose(identity().transform(raw)[:, light].numpy(), [0.0, 0.0, 1.0], atol=1e-6)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), missing=st.floats(0.0, 0.6))
def test_standardised_columns_have_mean_0_and_deviation_1_over_what_is_there(seed: int, missing: float) -> None:
    raw = raw_rows(200, seed)
    raw[np.random.default_rng(seed).random(raw.shape) < missing] = np.nan
    batch = fit_preprocessing(raw, np.arange(200), chunk=64).standardise(torch.from_numpy(raw))
    values, observed = batch.values.double().numpy(), batch.observed.numpy() > 0
    count = observed.sum(axis=0)
    mean = np.where(observed, values, 0.0).sum(axis=0) / count
    np.testing.assert_allclose(mean, 0.0, atol=1e-4)
    np.testing.assert_allclose(np.where(observed, (values - mean) ** 2, 0).sum(axis=0) / count, 1.0, atol=1e-3)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_standardising_can_be_undone(seed: int) -> None:
    raw = torch.from_numpy(raw_rows(50, seed))
    fitted = fit_preprocessing(raw.numpy(), np.arange(50))
    assert isinstance(fitted.normaliser, Affine)
    undone = fitted.standardise(raw).values * fitted.normaliser.scale + fitted.normaliser.mean
    torch.testing.assert_close(undone, fitted.transform(raw), rtol=1e-4, atol=1e-4)


def test_only_the_rows_asked_for_are_fitted_on() -> None:
    raw = raw_rows(100, 0)
    rows = np.arange(60)
    before = fit_preprocessing(raw, rows)
    raw[60:] = 1e6
    after = fit_preprocessing(raw, rows)
    torch.testing.assert_close(after.normaliser.mean, before.normaliser.mean, rtol=0, atol=0)
    torch.testing.assert_close(after.normaliser.scale, before.normaliser.scale, rtol=0, atol=0)


def test_chunks_do_not_change_the_statistics() -> None:
    raw = raw_rows(1_000, 1)
    whole, chunked = fit_preprocessing(raw, np.arange(1_000)), fit_preprocessing(raw, np.arange(1_000), chunk=77)
    torch.testing.assert_close(chunked.normaliser.mean, whole.normaliser.mean)
    torch.testing.assert_close(chunked.normaliser.scale, whole.normaliser.scale)


def test_a_large_offset_does_not_cancel_the_variance() -> None:
    raw = raw_rows(500, 2)
    lst = SEVEN.columns.index("lst")
    raw[:, lst] = 30_000 + np.random.default_rng(0).normal(size=500)
    assert float(fit_preprocessing(raw, np.arange(500)).normaliser.scale[lst]) == pytest.approx(
        raw[:, lst].std(), rel=1e-3
    )


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_numbers_are_missing(value: float) -> None:
    raw = torch.from_numpy(raw_rows(4, 0))
    raw[2, SLICES["population"]] = value
    batch = identity().standardise(raw)
    assert not batch.values[2, SLICES["population"]].any()
    assert not batch.observed[2, SLICES["population"]].any()
    assert batch.presence[:, list(STREAMS).index("population")].tolist() == [1.0, 1.0, 0.0, 1.0]


def test_the_nodata_code_is_missing_in_aef_only() -> None:
    raw = torch.full((1, SEVEN.width), float(AEF_NODATA))
    batch = identity().standardise(raw)
    assert batch.presence[0].tolist() == [0.0] + [1.0] * 6


def test_one_column_of_a_stream_makes_it_present() -> None:
    raw = torch.full((1, SEVEN.width), torch.nan)
    raw[0, SEVEN.columns.index("ndvi")] = 0.4
    batch = identity().standardise(raw)
    assert batch.presence[0].tolist() == [float(name == "indices") for name in STREAMS]
    assert int(batch.observed.sum()) == 1


def test_a_column_that_never_varies_or_is_never_there_stays_zero() -> None:
    raw = raw_rows(20, 3)
    raw[:, 70], raw[:, 71] = 7.0, np.nan
    batch = fit_preprocessing(raw, np.arange(20)).standardise(torch.from_numpy(raw))
    assert not batch.values[:, 70:72].any()
    assert torch.isfinite(batch.values).all()


def test_streams_are_laid_side_by_side(data: StreamTable) -> None:
    raw = raw_matrix(data.values)
    assert raw.shape == (len(data), SEVEN.width)
    np.testing.assert_array_equal(raw[:, SLICES["poi"]], data.values["poi"])
