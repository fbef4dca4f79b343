"""CCDC, C2C, structural change and the pieces of CcdcCoefficients: planted breaks come back."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2
from sklearn.linear_model import Lasso

from ee_emulator.series import structural_change
from ee_emulator.series.c2c import METRICS, changes
from ee_emulator.series.ccdc import Segments, Settings, detect
from ee_emulator.series.ccdc_model import fit
from ee_emulator.series.harmonic_pieces import pieces

TIMES = np.arange(2000, 2012, 16 / 365.25)


def observed(broken: float | None = None, noise: float = 0.01, seed: int = 0) -> np.ndarray:
    """Two bands with a season each, and a step in both."""
    season = 2 * np.pi * TIMES
    bands = np.stack([0.3 + 0.05 * np.cos(season) + 0.02 * np.sin(season), 0.1 + 0.03 * np.cos(season - 1)])
    if broken is not None:
        bands[:, broken <= TIMES] += np.array([[-0.15], [0.1]])
    return bands + np.random.default_rng(seed).normal(0, noise, bands.shape)


def ccdc(values: np.ndarray, times: np.ndarray = TIMES, watched: Any = (True, True), **changed: Any) -> Segments:
    """CCDC on fractional years, with Earth Engine's defaults but for the penalty."""
    bands = np.array(watched)
    limits = [float(chi2.ppf(p, bands.sum())) for p in (changed.pop("p", 0.99), 1 - 1e-6)]
    options = Settings(6, *limits, 1.33, 1.0, 0.002, 25000, -1, -1)._replace(**changed)
    return detect(times, values, bands, options)


@settings(max_examples=15, deadline=None)
@given(at=st.floats(2002.5, 2009.5), seed=st.integers(0, 1000))
def test_a_planted_step_is_a_break(at: float, seed: int) -> None:
    found = ccdc(observed(at, 0.005, seed))
    first = TIMES[at <= TIMES][0]
    assert abs(found.times[2, 0] - first) < 0.05
    assert found.probability[0] == 1
    np.testing.assert_allclose(found.magnitude[:, 0], [-0.15, 0.1], atol=0.03)
    assert (np.diff(found.times[0]) > 0).all()
    assert (found.times[1, :-1] < found.times[0, 1:]).all()


def test_a_series_without_a_break_is_one_segment_to_the_end() -> None:
    found = ccdc(observed(noise=0.005))
    assert found.times.shape == (3, 1)
    assert found.times[1, 0] == TIMES[-1]
    assert found.times[2, 0] == 0
    np.testing.assert_allclose(found.rmse[:, 0], 0.005, rtol=0.3)


def test_without_a_penalty_the_coefficients_are_those_of_the_harmonics() -> None:
    season = 2 * np.pi * TIMES
    truth = [0.5, 0.01, 0.2, -0.1, 0.05, 0.03, -0.02, 0.01]
    columns = [np.ones_like(TIMES), TIMES]
    columns += [f(k * season) for k in (1, 2, 3) for f in (np.cos, np.sin)]
    values = (np.array(truth) @ np.stack(columns))[None]
    found = ccdc(values + np.random.default_rng(0).normal(0, 1e-6, values.shape), watched=(True,), penalty=0.0)
    np.testing.assert_allclose(found.coefficients[0, -1], truth, atol=2e-3)


def test_the_penalised_model_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(2)
    y = observed(noise=0.02)[0, :120] + rng.normal(0, 0.05, 120)
    x, omega = TIMES[:120], 2 * np.pi
    columns = np.stack([x, *(f(k * omega * x) for k in (1, 2, 3) for f in (np.cos, np.sin))], axis=1)
    scale = columns.std(axis=0)
    model = np.zeros(10)
    fit(x.copy(), y.copy(), 0, 119, 8, omega, 0.004, 25000, model)
    expected = Lasso(alpha=0.004, tol=1e-12, max_iter=100000).fit((columns - columns.mean(axis=0)) / scale, y).coef_
    np.testing.assert_allclose(model[1:8] * scale, expected, atol=1e-6)


def test_single_outliers_are_dropped_and_do_not_break() -> None:
    values = observed()
    values[:, [100, 150, 200]] += 0.5
    found = ccdc(values)
    assert found.times.shape[1] == 1
    assert found.counts[0] < len(TIMES) - 3


def test_only_breakpoint_bands_are_looked_at() -> None:
    values = observed()
    values[1, 140:] += 0.3
    assert ccdc(values).times.shape[1] == 2
    assert ccdc(values, watched=(True, False)).times.shape[1] == 1


def test_more_observations_are_wanted_or_a_larger_deviation() -> None:
    values = observed()
    values[:, 140:146] += 0.3
    assert ccdc(values, least=6).times.shape[1] > 1
    assert ccdc(values, least=8).times.shape[1] == 1
    slight = observed(2006.0)
    slight[:, TIMES >= 2006.0] += np.array([[0.128], [-0.085]])  # what is left of the step is small
    assert ccdc(slight, p=0.5).times.shape[1] > ccdc(slight, p=0.9999999).times.shape[1]


def test_the_multitemporal_mask_keeps_clouds_out_of_the_first_model() -> None:
    values = observed(noise=0.004)
    clouds = np.arange(1, 24, 4)
    values[:, clouds] += 0.4
    masked = ccdc(values, first=0, second=1)
    assert masked.times.shape[1] == 1
    assert masked.times[0, 0] == TIMES[0]
    assert masked.rmse[0, 0] < 0.006 < ccdc(values).rmse[0, 0]


def test_a_break_near_the_end_is_only_probable() -> None:
    values = observed(noise=0.004)
    values[:, -3:] += 0.3
    found = ccdc(values)
    assert found.probability[-1] == pytest.approx(0.5)
    assert found.times[2, -1] == TIMES[-3]


def test_a_short_series_is_one_simple_model() -> None:
    found = ccdc(observed()[:, :8], TIMES[:8])
    assert found.counts.tolist() == [8]
    assert (found.coefficients[:, 0, 4:] == 0).all()
    assert len(ccdc(observed()[:, :5], TIMES[:5]).counts) == 0


# Structural change ------------------------------------------------------------------------------------------------

NILE = [1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958, 1140]
NILE += [1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050, 969]
NILE += [831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759, 781]
NILE += [865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890, 744, 749, 838]
NILE += [1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740]


def test_the_nile_breaks_where_strucchange_says() -> None:
    """The example of R's `breakpoints`: one break after 1898, and the residual sums of 0 to 5 breaks that it prints."""
    ones, flow = np.ones((100, 1)), np.array(NILE, float)
    assert (1871 + structural_change.segments(ones, flow, 15, 0)).tolist() == [1871, 1899]
    residuals = structural_change._segment_squares(ones, flow, 15)
    squares, starts = structural_change._best_partitions(residuals, 15, 5)
    np.testing.assert_allclose(squares, [2835157, 1597457, 1552924, 1538097, 1507888, 1659994], atol=1)
    assert starts[2, :3].tolist() == [0, 28, 83]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_partitions_are_the_best_of_all(seed: int) -> None:
    rng = np.random.default_rng(seed)
    times = np.arange(14.0)
    columns, values = np.stack([np.ones(14), times], axis=1), rng.normal(0, 1, 14)
    residuals = structural_change._segment_squares(columns, values, 3)
    squares, _ = structural_change._best_partitions(residuals, 3, 2)

    def cost(bounds: tuple[int, ...]) -> float:
        parts = itertools.pairwise(bounds)
        return sum(float(np.linalg.lstsq(columns[a:b], values[a:b], rcond=None)[1].sum()) for a, b in parts)

    choices = [(0, a, b, 14) for a, b in itertools.combinations(range(3, 12), 2) if b - a >= 3]
    assert squares[2] == pytest.approx(min(cost(bounds) for bounds in choices), abs=1e-9)


def test_spacing_and_number_of_breaks_are_kept() -> None:
    times = np.arange(60.0)
    values = np.where(times < 20, 0.0, np.where(times < 40, 10.0, -5.0)) + np.random.default_rng(0).normal(0, 0.1, 60)
    columns = structural_change.design(times - 30, times / 12, 0)
    assert structural_change.segments(columns, values, 9, 0).tolist() == [0, 20, 40]
    assert len(structural_change.segments(columns, values, 9, 1)) == 2
    assert (np.diff([*structural_change.segments(columns, values, 25, 0), 60]) >= 25).all()


def test_coefficients_do_not_depend_on_the_unit_of_time() -> None:
    years = np.arange(1.0, 11, 1 / 12)
    values = 3 + 0.5 * years + np.cos(2 * np.pi * years)
    found = structural_change.fit(years, years, 1, values, np.array([0]))
    np.testing.assert_allclose(found.coefficients[0], [3, 0.5, 1, 0], atol=1e-9)
    ms = years * 365.25 * 86_400_000
    np.testing.assert_allclose(
        structural_change.fit(ms, years, 1, values, np.array([0])).coefficients[0, 1] * 365.25 * 86_400_000, 0.5
    )


# C2C --------------------------------------------------------------------------------------------------------------

NBR_DATES = np.arange(1984.0, 2026)
NBR = [0.676, 0.738, 0, 0.706, 0.721, 0.684, 0.67, 0.747, 0.738, 0.645, 0.745, 0.706, 0.745, 0.719, 0.723, 0.744, 0.702]
NBR += [0.15, 0.392, 0.452, 0.667, 0.663, 0, 0.658, 0.69, 0.654, 0.741, 0.703, 0.645, 0.669, 0.655, 0.641, 0.724, 0.731]
NBR += [0.717, 0.729, 0.726, 0.716, 0.695, 0.729, 0.725, 0.656]


def c2c(values: Any, dates: Any = NBR_DATES, **changed: Any) -> dict[str, list[float]]:
    """One pixel with Earth Engine's defaults; by metric."""
    options = {
        "max_error": 0.075,
        "max_segments": 6,
        "infill": True,
        "spikes_tolerance": 0.85,
        "spike_magnitude": 0.1,
        "interpolate_regrowth": False,
        "relative_regrowth": False,
        "negative_only": False,
    }
    (table,) = changes(dates, np.asarray(values, float)[:, None], **(options | changed))
    assert table is not None
    return {name: row.tolist() for name, row in zip(METRICS, table, strict=True)}


@pytest.mark.parametrize(
    ("interpolate", "index_regrowth", "regrowth100"),
    [
        (False, [-0.039, 0.513, -0.013], [8, 9, 1]),
        (True, [-0.032238095238095, 0.52252380952381, 0.013809523809524], [8, 16, 1]),
    ],
)
def test_recovery_is_that_of_the_authors_sample(
    interpolate: bool, index_regrowth: list[float], regrowth100: list[float]
) -> None:
    """`input-nbr.csv` and its two answers in the test data of github.com/saveriofrancini/C2C-GEE."""
    found = c2c(NBR, interpolate_regrowth=interpolate)
    assert found["changeDate"] == [1984, 2000, 2001, 2004, 2025]
    np.testing.assert_allclose(found["magnitude"][1:], [0.026, -0.552, 0.517, 0.058])
    np.testing.assert_allclose(found["indexRegrowth"][1:4], index_regrowth, atol=1e-12)
    np.testing.assert_allclose(found["regrowth100"][1:4], regrowth100)
    np.testing.assert_allclose(found["regrowth60"][1:4], [3, 2, 1])


def test_each_of_c2cs_parameters_matters() -> None:
    assert c2c(NBR, negative_only=True)["changeDate"] == [2001]
    assert len(c2c(NBR, max_error=0.001, max_segments=4)["changeDate"]) == 5
    assert len(c2c(NBR, max_error=0.001, max_segments=10)["changeDate"]) == 11
    assert 0 in c2c(NBR, infill=False, spikes_tolerance=1.0)["value"]
    spiked = [0.7] * 10
    spiked[5] = 0.2
    few = {"dates": np.arange(10.0), "max_error": 0.05}
    assert len(c2c(spiked, **few)["value"]) == 2
    assert len(c2c(spiked, spikes_tolerance=1.0, **few)["value"]) > 2
    assert len(c2c(spiked, spike_magnitude=0.6, **few)["value"]) > 2
    assert c2c(NBR, relative_regrowth=True)["regrowth60"] != c2c(NBR)["regrowth60"]


def test_a_pixel_with_fewer_than_three_values_has_no_changes() -> None:
    two = np.zeros((10, 1))
    two[[2, 5]] = 1.0
    assert changes(np.arange(10.0), two, 0.1, 6, True, 0.85, 0.1, True, False, False) == [None]


# Pieces of one harmonic -------------------------------------------------------------------------------------------


def test_pieces_end_where_several_observations_in_a_row_are_disturbed() -> None:
    years = np.arange(2000, 2004, 0.1)
    values = (0.5 + 0.1 * years - 200 + 0.2 * np.sin(2 * np.pi * years))[None].repeat(2, axis=0)
    values[:, 20:] += 5
    found = pieces(years, values, 0.5, 3)
    assert found.shape == (2, 2, 7)
    np.testing.assert_allclose(found[0, :, :2], [[years[0], years[19]]] * 2)
    np.testing.assert_allclose(found[1, :, 0], years[23])  # three disturbed ones belong to neither
    np.testing.assert_allclose(found[0, 0, 3:], [-199.5, 0.1, 0.2, 0], atol=1e-6)
    assert len(pieces(years, values, 100.0, 3)) == 1
