"""The one-byte storage of embeddings: exact round trips of all codes, and nodata kept apart."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lake.aef import dequantise, quantise, unit_length


def test_every_code_survives_a_round_trip() -> None:
    codes = np.arange(-128, 128, dtype=np.int8)
    assert (quantise(dequantise(codes)) == codes).all()


def test_dequantises_with_127_5() -> None:
    assert (
        dequantise(np.array([127, -64], np.int8)).tolist()
        == np.float32([(127 / 127.5) ** 2, -((64 / 127.5) ** 2)]).tolist()
    )


def test_nodata_becomes_nan() -> None:
    assert np.isnan(dequantise(np.array([-128], np.int8))).all()


@given(hnp.arrays(np.float32, (5,), elements=st.floats(-1, 1, width=32)))
def test_quantising_errs_by_at_most_half_a_step(values: np.ndarray) -> None:
    error = np.abs(np.sqrt(np.abs(dequantise(quantise(values)))) - np.sqrt(np.abs(values)))
    assert (error <= 0.5 / 127.5 + 1e-3).all()


def test_unit_length_and_the_zero_vector() -> None:
    scaled = unit_length(np.array([[3.0, 4.0], [0.0, 0.0]]))
    assert scaled[0].tolist() == [0.6, 0.8]
    assert np.isnan(scaled[1]).all()
