"""LandTrendr: planted vertices come back, and what each parameter does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ee_emulator.series.landtrendr import segment
from ee_emulator.series.landtrendr_fit import fit_to_vertices
from tests.ee_emulator.worked.temporal_segmentation import BURNT, IDL, IDL_FITTED

YEARS = np.arange(1990.0, 2011)
DEFAULTS: dict[str, Any] = {
    "max_segments": 6,
    "spike_threshold": 0.9,
    "overshoot": 3,
    "prevent_one_year_recovery": False,
    "recovery_threshold": 0.25,
    "p_threshold": 0.1,
    "best_proportion": 0.75,
    "least": 6,
}


def run(values: Any, valid: Any = None, years: Any = YEARS, **options: Any) -> tuple[np.ndarray, list[float], bool]:
    """Fitted values, vertex years and whether there is an answer, for one pixel."""
    column = np.asarray(values, float)[:, None]
    known = np.isfinite(column) if valid is None else np.asarray(valid, bool)[:, None]
    fitted, vertex, done = segment(years, np.nan_to_num(column), known, **(DEFAULTS | options))
    return fitted[:, 0], years[vertex[:, 0]].tolist(), bool(done[0])


def test_a_series_of_straight_pieces_is_its_own_segmentation() -> None:
    fitted, vertices, done = run(BURNT)
    assert done
    assert vertices == [1990, 1998, 1999, 2010]
    np.testing.assert_allclose(fitted, BURNT, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    at=st.integers(4, 15),
    loss=st.floats(100, 900),
    slope=st.floats(-20, 20),
    level=st.floats(-500, 500),
    scale=st.floats(0.001, 10),
)
def test_a_planted_break_is_found_whatever_its_place_size_and_unit(
    at: int, loss: float, slope: float, level: float, scale: float
) -> None:
    steps = np.arange(21.0)
    values = level + np.where(steps < at, 0.0, loss + slope * (steps - at))
    _, vertices, _ = run(values * scale)
    assert 1990.0 + at in vertices
    assert 1990.0 + at - 1 in vertices


def test_a_level_series_is_one_segment() -> None:
    fitted, vertices, done = run([5.0] * 21)
    assert (vertices, done) == ([1990, 2010], True)
    np.testing.assert_allclose(fitted, 5.0)


def test_years_that_are_masked_take_no_part() -> None:
    gaps = np.array(BURNT)
    gaps[[2, 6, 13]] = np.nan
    fitted, vertices, _ = run(gaps)
    assert vertices == [1990, 1998, 1999, 2010]
    known = np.isfinite(gaps)
    np.testing.assert_allclose(fitted[known], gaps[known], atol=1e-9)


def test_a_pixel_with_too_few_years_has_no_answer() -> None:
    few = np.full(21, np.nan)
    few[:5] = 1.0
    assert not run(few)[2]
    assert run(few, least=5)[2]


def test_max_segments_limits_the_vertices() -> None:
    saw = [100.0 * (k % 5) for k in range(21)]
    assert len(run(saw, max_segments=6, spike_threshold=1.0, recovery_threshold=1.0)[1]) <= 7
    assert len(run(saw, max_segments=1, spike_threshold=1.0, recovery_threshold=1.0)[1]) == 2


def test_a_spike_that_goes_back_at_once_is_dampened_unless_the_threshold_is_one() -> None:
    spiked = [100.0] * 21
    spiked[10] = 900.0
    assert run(spiked)[1] == [1990, 2010]
    assert 2000.0 in run(spiked, spike_threshold=1.0, recovery_threshold=1.0)[1]


def test_recoveries_that_are_too_fast_are_refused() -> None:
    back_in_a_year = [100.0] * 7 + [700.0] * 6 + [100.0] * 8
    assert 2003.0 in run(back_in_a_year, recovery_threshold=1.0)[1]
    assert 2003.0 not in run(back_in_a_year, recovery_threshold=0.25)[1]


def test_a_recovery_in_the_last_year_makes_no_vertex_where_that_is_prevented() -> None:
    ending = [100.0, 101, 99, 100, 102, 100, 99, 101, 100, 100, 101, 99, 100, 101, 100, 99, 101, 100, 400, 400, 100]
    free: dict[str, Any] = {"recovery_threshold": 1.0, "spike_threshold": 1.0, "best_proportion": 0.0}
    free |= {"max_segments": 3, "overshoot": 0}
    assert 2009.0 in run(ending, **free)[1]
    assert 2009.0 not in run(ending, prevent_one_year_recovery=True, **free)[1]


def test_noise_alone_falls_back_to_a_level_line_under_a_strict_p_value() -> None:
    noise = np.random.default_rng(3).normal(0, 1, 21)
    fitted, vertices, _ = run(noise, p_threshold=1e-8, recovery_threshold=0.0)
    assert vertices == [1990, 2010]
    assert np.ptp(fitted) < 1e-9


def test_best_model_proportion_decides_how_rich_the_model_is() -> None:
    series = np.array(BURNT) + np.random.default_rng(0).normal(0, 60, 21)
    richest = run(series, best_proportion=0.0)[1]
    plainest = run(series, best_proportion=1.0)[1]
    assert len(plainest) <= len(richest)


def test_more_vertices_are_tried_with_a_larger_overshoot() -> None:
    noisy = [np.array(BURNT) + np.random.default_rng(seed).normal(0, 80, 21) for seed in range(20)]
    few, many = ([run(series, overshoot=k, spike_threshold=1.0)[1] for series in noisy] for k in (0, 8))
    assert few != many


def test_many_pixels_answer_as_each_alone() -> None:
    rng = np.random.default_rng(1)
    many = np.array(BURNT)[:, None] + rng.normal(0, 20, (21, 40))
    fitted, vertex, _ = segment(YEARS, many, rng.random(many.shape) > 0.1, **DEFAULTS)
    rng = np.random.default_rng(1)
    rng.normal(0, 20, (21, 40))
    valid = rng.random(many.shape) > 0.1
    for p in (0, 17, 39):
        alone = run(np.where(valid[:, p], many[:, p], np.nan))
        assert YEARS[vertex[:, p]].tolist() == alone[1]
        np.testing.assert_allclose(fitted[:, p], alone[0])


# Fit to vertices: the cases of the authors' LandTrendrTest, whose figures IDL gave; they allow 3 units of difference.

IDL_YEARS = np.arange(1985.0, 2014)
MARKS = np.array([1985.0, 2009, 2010, 2013])


def to_vertices(years: Any, values: Any, marks: Any = MARKS) -> np.ndarray:
    given_values = np.asarray(values, float)
    return fit_to_vertices(years, given_values, np.isfinite(given_values), marks, 0.9, 6)


@pytest.mark.parametrize(
    ("years", "values", "expected"),
    [
        (IDL_YEARS, IDL, IDL_FITTED),
        (np.arange(1984.0, 2014), [-223, *IDL], [-207.8, *IDL_FITTED]),
        (np.arange(1984.0, 2014), [np.nan, *IDL], [-207.8, *IDL_FITTED]),
        (np.arange(1985.0, 2015), [*IDL, -715], [*IDL_FITTED, -764.0]),
        (IDL_YEARS[2:], IDL[2:], IDL_FITTED[2:]),
        (IDL_YEARS[:-2], IDL[:-2], [*IDL_FITTED[:-4], -335.0, -434.0]),
    ],
    ids=["whole", "year before", "masked year before", "year after", "years after the first vertex", "ends early"],
)
def test_segments_between_given_years_are_those_of_the_original_program(years: Any, values: Any, expected: Any) -> None:
    np.testing.assert_allclose(to_vertices(years, values), expected, atol=3)


def test_too_few_years_or_no_vertices_within_them_give_nothing() -> None:
    few = np.full(29, np.nan)
    few[:5] = 1.0
    assert np.isnan(to_vertices(IDL_YEARS, few)).all()
    assert np.isnan(to_vertices(np.arange(1982.0, 1991), IDL[:9], np.array([1990.0, 2009, 2013]))).all()
