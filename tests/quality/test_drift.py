"""The stability index, on samples where the answer is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from quality.drift import MOST_PSI, stability_index

SAMPLES = hnp.arrays(np.float64, st.integers(1, 60), elements=st.floats(-1e6, 1e6))


@given(SAMPLES)
def test_a_sample_is_as_it_was(sample: np.ndarray) -> None:
    assert stability_index(sample, sample[::-1]) == pytest.approx(0)


@given(SAMPLES, SAMPLES)
def test_the_index_is_finite_and_not_negative(sample: np.ndarray, other: np.ndarray) -> None:
    assert 0 <= stability_index(sample, other) < 200


def test_it_is_the_sum_over_deciles() -> None:
    other = np.arange(1000.0)
    half = np.concatenate([other[:500], other[:500]])  # the lower five deciles twice, the upper five never
    expected = 5 * (0.2 - 0.1) * np.log(2) + 5 * (1e-4 - 0.1) * np.log(1e-4 / 0.1)
    assert stability_index(half, other) == pytest.approx(expected, rel=0.02)


def test_chance_alone_is_below_the_mark_and_half_a_standard_deviation_above() -> None:
    draw = np.random.default_rng(0)
    assert stability_index(draw.normal(size=400), draw.normal(size=400)) < MOST_PSI
    assert stability_index(draw.normal(size=400) + 0.6, draw.normal(size=400)) > MOST_PSI
