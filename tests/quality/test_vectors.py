"""Measures of sets of vectors, on sets where the answer is known."""

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lake.aef import dequantise, quantise, unit_length
from quality.vectors import (
    commonest_row_share,
    mean_absolute_cosine,
    participation_ratio,
    quantised_length_tolerance,
    row_cosines,
)


@given(hnp.arrays(np.float64, st.tuples(st.just(3), st.integers(1, 128)), elements=st.floats(-1, 1)))
def test_quantising_a_unit_vector_keeps_its_length_within_the_tolerance(vectors: np.ndarray) -> None:
    assume((np.abs(vectors).max(axis=1) > 1e-6).all())
    lengths = np.linalg.norm(dequantise(quantise(unit_length(vectors))), axis=1)
    assert (np.abs(lengths - 1) <= quantised_length_tolerance(vectors.shape[1])).all()


@pytest.mark.parametrize("used", [1, 2, 7])
def test_participation_ratio_counts_the_dimensions_in_use(used: int) -> None:
    corners = np.concatenate([np.eye(used), -np.eye(used)])
    vectors = np.pad(corners, ((0, 0), (0, 8 - used)))
    assert participation_ratio(vectors) == pytest.approx(used)


def test_nothing_that_varies_uses_no_dimension() -> None:
    assert participation_ratio(np.ones((5, 3))) == 0.0


def test_mean_cosine_of_one_direction_is_one_and_of_a_line_too() -> None:
    assert mean_absolute_cosine(np.array([[1.0, 2.0], [2.0, 4.0]])) == pytest.approx(1)
    assert mean_absolute_cosine(np.array([[1.0, 2.0], [-1.0, -2.0]])) == pytest.approx(1)


def test_mean_cosine_never_takes_a_row_with_itself() -> None:
    assert mean_absolute_cosine(np.array([[1.0, 0.0], [0.0, 1.0]])) == pytest.approx(0)


def test_row_cosines_of_a_zero_vector_are_nan() -> None:
    cosines = row_cosines(np.array([[1.0, 0.0], [0.0, 0.0]]), np.array([[1.0, 1.0], [1.0, 1.0]]))
    assert cosines[0] == pytest.approx(np.sqrt(0.5))
    assert np.isnan(cosines[1])


def test_commonest_row_is_the_same_in_every_column() -> None:
    rows = pl.DataFrame({"a": [1, 1, 1, 2], "b": [5, 5, 6, 5]})
    assert commonest_row_share(rows) == 0.5
    assert commonest_row_share(rows.clear()) == 0.0
