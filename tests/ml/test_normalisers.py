"""The five normalisers: their values, ties, missing values, which rows they know, and their graphs."""

from typing import get_args

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.preprocessing import QuantileTransformer

from ml.export import export, load
from ml.fusion import ConcatMLP, Encoder
from ml.normalisers import KNOTS, Normalisation
from ml.preprocessing import Preprocessing, fit_preprocessing
from ml.schema import Schema, StreamSpec

NORMALISATIONS: tuple[Normalisation, ...] = get_args(Normalisation)
every_normalisation = pytest.mark.parametrize("normalisation", NORMALISATIONS)
SCHEMA = Schema(
    (
        StreamSpec("a", "A", ("a0", "a1", "a2"), "quantity", ("log1p", "identity", "identity")),
        StreamSpec("b", "B", ("b0",), "quantity", ("identity",)),
    )
)


def rows_of(count: int, seed: int) -> NDArray[np.float32]:
    """A skewed column, a wide one, and two about 0."""
    rng = np.random.default_rng(seed)
    raw = rng.normal(size=(count, 4)) * [1, 500, 1, 0.01]
    raw[:, 0] = rng.lognormal(1.0, 1.0, count)
    return raw.astype(np.float32)


def fitted(raw: NDArray[np.float32], normalisation: Normalisation) -> Preprocessing:
    return fit_preprocessing(raw, np.arange(len(raw)), SCHEMA, normalisation)


def values(preprocessing: Preprocessing, raw: NDArray[np.float32]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = preprocessing.standardise(torch.from_numpy(raw)).values.numpy()
    return found


def test_none_leaves_raw_units() -> None:
    raw = rows_of(50, 0)
    np.testing.assert_array_equal(values(fitted(raw, "none"), raw), raw)


@pytest.mark.parametrize("normalisation", ["z_score", "log1p_z"])
def test_scores_have_mean_0_and_deviation_1_with_and_without_logarithms(normalisation: Normalisation) -> None:
    raw = rows_of(400, 1)
    expected = raw.astype(np.float64)
    if normalisation == "log1p_z":
        expected[:, 0] = np.log1p(expected[:, 0])
    expected = (expected - expected.mean(axis=0)) / expected.std(axis=0)
    np.testing.assert_allclose(values(fitted(raw, normalisation), raw), expected, rtol=1e-3, atol=1e-4)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_l2_brings_each_stream_of_a_row_to_the_root_of_what_it_has(seed: int) -> None:
    raw = rows_of(60, seed)
    raw[np.random.default_rng(seed).random(raw.shape) < 0.3] = np.nan
    batch = fitted(raw, "l2").standardise(torch.from_numpy(raw))
    squared, count = batch.values.numpy() ** 2, batch.observed.numpy()
    for columns in SCHEMA.slices.values():
        there = count[:, columns].sum(axis=1) > 0
        mean_square = squared[there, columns].sum(axis=1) / count[there, columns].sum(axis=1)
        np.testing.assert_allclose(mean_square, 1.0, rtol=1e-3)


def test_l2_keeps_the_direction_of_the_scores() -> None:
    raw = rows_of(80, 2)
    scores, unit = values(fitted(raw, "z_score"), raw)[:, :3], values(fitted(raw, "l2"), raw)[:, :3]
    cosine = (scores * unit).sum(1) / np.linalg.norm(scores, axis=1) / np.linalg.norm(unit, axis=1)
    np.testing.assert_allclose(cosine, 1.0, atol=1e-5)


def test_quantiles_are_scikit_learns_away_from_the_tails() -> None:
    """Its outermost values go to ±5.2, ours to the middle of the outermost of 129 classes."""
    raw = rows_of(5_000, 3)
    theirs = QuantileTransformer(n_quantiles=KNOTS, output_distribution="normal", subsample=None).fit_transform(raw)
    ours = values(fitted(raw, "quantile"), raw)
    inner = np.abs(theirs) < 1.5
    assert inner.mean() > 0.86
    assert np.abs(ours - theirs)[inner].max() < 0.03
    outermost = np.abs(ours).max()
    assert outermost == pytest.approx(2.66, abs=0.01)  # Φ⁻¹(1 − 0.5/129)
    for column in range(4):
        order = np.argsort(raw[:, column])
        assert (np.diff(ours[order, column]) >= 0).all()


def test_equal_values_take_the_middle_of_their_ranks() -> None:
    raw = rows_of(1_000, 4)
    raw[:, 1] = np.repeat([0.0, 1.0], 500)
    raw[:, 2] = np.where(np.arange(1_000) < 800, 0.0, raw[:, 0])
    found = values(fitted(raw, "quantile"), raw)
    assert len(np.unique(found[:, 1])) == 2
    np.testing.assert_allclose(found[0, 1], -0.67, atol=0.02)  # Φ⁻¹(1/4)
    np.testing.assert_allclose(found[-1, 1], 0.67, atol=0.02)
    np.testing.assert_allclose(found[0, 2], -0.25, atol=0.02)  # Φ⁻¹(0.4)


def test_values_beyond_those_seen_take_the_outermost_rank() -> None:
    raw = rows_of(300, 5)
    preprocessing = fitted(raw, "quantile")
    beyond = np.stack([raw.min(axis=0) - 1e3, raw.min(axis=0), raw.max(axis=0), raw.max(axis=0) + 1e3])
    found = values(preprocessing, beyond)
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[2], found[3])


@every_normalisation
def test_missing_values_and_constant_columns_come_out_as_zero(normalisation: Normalisation) -> None:
    raw = rows_of(40, 6)
    raw[:, 3], raw[5, 0] = 0.0, np.nan
    preprocessing = fitted(raw, normalisation)
    batch = preprocessing.standardise(torch.from_numpy(raw))
    assert torch.isfinite(batch.values).all()
    assert float(batch.values[5, 0]) == float(batch.observed[5, 0]) == 0.0
    assert not batch.values[:, 3].any()
    assert float(batch.observed.sum()) == raw.size - 1


@every_normalisation
def test_training_rows_alone_are_known(normalisation: Normalisation) -> None:
    raw = rows_of(200, 7)
    changed = raw.copy()
    changed[120:] = 1e4
    before, after = (fit_preprocessing(table, np.arange(120), SCHEMA, normalisation) for table in (raw, changed))
    np.testing.assert_array_equal(values(before, raw), values(after, raw))


@every_normalisation
def test_the_exported_graph_normalises_as_the_network_does(normalisation: Normalisation) -> None:
    raw = rows_of(64, 8)
    raw[3, 1:3] = np.nan
    torch.manual_seed(0)
    encoder = Encoder(fitted(raw, normalisation), ConcatMLP(8, 8, SCHEMA)).eval()
    with torch.inference_mode():
        found = load(export(encoder))(torch.from_numpy(raw))
        torch.testing.assert_close(found, encoder(torch.from_numpy(raw)), rtol=1e-4, atol=1e-5)
