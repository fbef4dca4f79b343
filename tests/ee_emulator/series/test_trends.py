"""VeRDET, EWMACD, FORMA and VCT."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ee_emulator.series import times, verdet
from ee_emulator.series.banded import solve_pentadiagonal
from ee_emulator.series.ewmacd import Chart, Monitored, harmonics, monitor
from ee_emulator.series.forma import trends
from ee_emulator.series.vct import BANDS, Limits, track

# VeRDET -----------------------------------------------------------------------------------------------------------

FOREST = [0.82, 0.78, 0.77, 0.86, 0.94, 0.95, 0.70, 0.78, 0.61, 0.42, 0.28, 0.18, 0.10, 0.10, 0.12, 0.24, 0.39, 0.43]


def densely(series: np.ndarray, alpha: float, tolerance: float, runs: int) -> np.ndarray:
    """Chartrand's iteration with full matrices, as the paper's own program writes it."""
    n = len(series)
    sums = np.tril(np.ones((n, n)))
    target = series - series[0]
    slopes, before = target.copy(), np.full(n, np.inf)
    for _ in range(runs):
        weights = alpha / (1e-6 + np.abs(np.diff(slopes)))
        differences = np.diff(np.eye(n), axis=0)
        smooth = differences.T @ np.diag(weights) @ differences
        slopes = np.linalg.solve(sums.T @ sums + smooth, sums.T @ target)
        if np.abs(before - slopes).max() <= tolerance:
            break
        before = slopes
    return sums @ slopes + series[0]


def test_the_regularised_series_is_that_of_the_dense_iteration() -> None:
    series = np.array(FOREST)
    expected = densely(series, 1 / 30, 1e-4, 100)
    np.testing.assert_allclose(verdet.denoised(series[:, None], 1 / 30, 1e-4, 100)[:, 0], expected, atol=1e-9)


def test_slopes_of_straight_pieces_come_back() -> None:
    series = np.array([*[0.8] * 10, *np.linspace(0.68, 0.2, 5), *[0.2] * 10])
    found = verdet.scores(series[:, None], 1 / 30, 1e-4, 100)[:, 0]
    np.testing.assert_allclose(found, [*[0] * 10, *[-0.12] * 5, *[0] * 10], atol=1e-3)
    assert np.abs(verdet.scores(np.full((8, 1), 0.5), 1 / 30, 1e-4, 100)).max() < 1e-12


def test_a_larger_alpha_leaves_fewer_pieces() -> None:
    series = (np.array([*FOREST, *FOREST[::-1]]) + np.random.default_rng(0).normal(0, 0.05, 36))[:, None]
    pieces = [len(np.unique(np.round(verdet.scores(series, a, 1e-4, 100), 6))) for a in (0.001, 0.1, 10.0)]
    assert pieces == sorted(pieces, reverse=True)
    assert pieces[0] > pieces[-1]
    rough = verdet.denoised(series, 0.1, 1e-4, 1)
    assert np.abs(rough - verdet.denoised(series, 0.1, 1e-9, 500)).max() > 1e-3  # `nRuns` and `tolerance` matter


@settings(max_examples=25, deadline=None)
@given(n=st.integers(3, 9), seed=st.integers(0, 1000))
def test_five_diagonals_are_solved(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=(n - 1, 4)), rng.normal(size=(n - 2, 4))
    diagonal, right = rng.random((n, 4)) + 8, rng.normal(size=(n, 4))
    found = solve_pentadiagonal(diagonal, first, second, right)
    for p in range(4):
        matrix = np.diag(diagonal[:, p]) + np.diag(first[:, p], 1) + np.diag(first[:, p], -1)
        matrix += np.diag(second[:, p], 2) + np.diag(second[:, p], -2)
        np.testing.assert_allclose(matrix @ found[:, p], right[:, p], atol=1e-9)


# EWMACD -----------------------------------------------------------------------------------------------------------

DAYS = np.tile(np.arange(8.0, 365, 16), 6)
YEARS = np.repeat(np.arange(2000, 2006), 23)
CHART = Chart(100.0, 2, 1.5, 20.0, 0.3, 3.0, True, 3)


def watched(change: float = 0.0, chart: Chart = CHART, seed: int = 0) -> Monitored:
    """Six years of a seasonal index with a change from 2003 on; two years of training."""
    truth = harmonics(DAYS, 2) @ np.array([1000.0, 200.0, -100.0, 50.0, 20.0])
    values = truth + np.where(YEARS >= 2003, change, 0.0) + np.random.default_rng(seed).normal(0, 20, len(DAYS))
    found = monitor(DAYS, values, YEARS < 2002, chart)
    assert found is not None
    return found


def test_the_harmonics_of_the_training_years_are_found() -> None:
    found = watched()
    np.testing.assert_allclose(found.coefficients, [1000, 200, -100, 50, 20], atol=15)
    assert found.r_squared > 0.95
    assert 5 < found.rmse < 20


def test_a_drop_is_a_lasting_negative_signal_and_a_rise_a_positive_one() -> None:
    dropped, risen = watched(-200).scores, watched(200).scores
    assert (dropped[YEARS >= 2004] < 0).all()
    assert (risen[YEARS >= 2004] > 0).all()
    assert np.abs(watched().scores[YEARS < 2002]).max() <= 1


def test_settings_of_the_chart() -> None:
    base = watched(-200).scores
    late = YEARS >= 2004

    def changed(**settings: Any) -> np.ndarray:
        return watched(-200, Chart(**(vars(CHART) | settings))).scores

    assert np.abs(changed(sigmas=10.0)[late]).max() < np.abs(base[late]).max()
    assert not changed(vegetation_threshold=1e6).any()
    assert not np.array_equal(changed(weight=0.9), base)
    assert changed(rounding=False)[late].mean() == pytest.approx(-200, abs=20)  # the average itself
    assert not changed(running_limit=2.0)[late].any()  # the drop is too far off to be looked at
    assert not changed(persistence=500).any()


def test_single_signals_are_not_sustained() -> None:
    found = watched(0.0)
    spike = np.zeros(len(DAYS))
    spike[80] = -300
    truth = harmonics(DAYS, 2) @ found.coefficients + np.random.default_rng(1).normal(0, 20, len(DAYS)) + spike
    lasting = monitor(DAYS, truth, YEARS < 2002, CHART)
    hasty = monitor(DAYS, truth, YEARS < 2002, Chart(**(vars(CHART) | {"persistence": 1})))
    assert lasting is not None
    assert hasty is not None
    assert np.count_nonzero(lasting.scores) <= np.count_nonzero(hasty.scores)


def test_too_little_training_gives_nothing() -> None:
    assert monitor(DAYS, DAYS, YEARS < 2000, CHART) is None


# FORMA ------------------------------------------------------------------------------------------------------------


def test_trends_are_those_of_regressions() -> None:
    rng = np.random.default_rng(0)
    values = np.cumsum(rng.normal(0, 1, (40, 3)), axis=0)
    found = trends(values, np.ones(values.shape, bool), 8)
    steps = np.arange(40)
    for p in range(3):
        windows = [np.polyfit(steps[:8], values[k : k + 8, p], 1)[0] for k in range(33)]
        assert found.short[p] == pytest.approx(min(windows))
        assert found.long[p] == pytest.approx(np.polyfit(steps, values[:, p], 1)[0])


def test_hansens_statistic_is_large_for_a_break_and_small_for_noise() -> None:
    rng = np.random.default_rng(1)
    stable = rng.normal(0, 1, 200)
    broken = stable + np.where(np.arange(200) < 100, 0, 3)
    found = trends(np.stack([stable, broken], axis=1), np.ones((200, 2), bool), 6)
    assert found.hansen[0] < 1.01 < found.hansen[1]  # the critical value of 5 % for three parameters


def test_missing_values_keep_their_place_in_time() -> None:
    values = 2.0 * np.arange(12)[:, None] + np.random.default_rng(0).normal(0, 0.1, (12, 1))
    valid = np.ones((12, 1), bool)
    valid[[2, 3, 7]] = False
    found = trends(np.where(valid, values, 99.0), valid, 6)
    assert found.long[0] == pytest.approx(2, abs=0.05)
    line = trends(2.0 * np.arange(12.0)[:, None], np.ones((12, 1), bool), 6)
    assert not line.known[0]


# VCT --------------------------------------------------------------------------------------------------------------

LIMITS = Limits(4.0, 0.45, 3.0)
DENSE = dict(zip(BANDS, (1.0, 1.0, 1.0, 1.0, 1.0, 0.8, 0.6, 1.0), strict=True))
CLEAR = np.full(20, 8)


def forest(disturbed: int | None = None, size: float = 12.0, back: float = 4.0) -> np.ndarray:
    """Twenty years of forest scores, with a disturbance that fades."""
    scores = np.repeat(np.array(list(DENSE.values()))[:, None], 20, axis=1)
    scores += np.random.default_rng(0).uniform(0, 0.2, scores.shape)
    if disturbed is not None:
        fading = np.exp(-np.arange(20 - disturbed) / back)
        for name, weight in (("B3", 1), ("B5", 1), ("B7", 1), ("COMP", 1), ("NDVI", -0.04), ("DNBR", -0.05)):
            scores[BANDS.index(name), disturbed:] += weight * size * fading
    return scores


def test_lasting_forest_and_lasting_bareness() -> None:
    assert (track(forest(), CLEAR, LIMITS)[0] == 2).all()
    bare = forest()
    bare[BANDS.index("COMP")] += 10
    assert (track(bare, CLEAR, LIMITS)[0] == 1).all()
    assert (track(forest(), CLEAR, Limits(4.0, 1.05, 3.0))[0] == 1).all()  # `minNdvi`
    assert (track(forest(), CLEAR, Limits(0.5, 0.45, 3.0))[0] == 1).all()  # `maxUd`


def test_a_fire_is_a_disturbance_with_its_magnitude_and_recovery() -> None:
    flags, composite, b4, ndvi, dnbr = track(forest(8), CLEAR, LIMITS)
    assert flags[8] == 6
    assert (flags[:8] == 5).all()
    assert (flags[9:12] == 7).all()
    assert flags[-1] == 5
    assert composite[8] == pytest.approx(12, abs=0.3)
    assert ndvi[8] == pytest.approx(-0.48, abs=0.2)
    assert dnbr[8] == pytest.approx(-0.6, abs=0.2)
    assert abs(b4[8]) < 0.3
    assert (np.delete(composite, 8) == 0).all()
    longer, shorter = (track(forest(8, 9.0), CLEAR, Limits(4.0, 0.45, spread))[0] for spread in (1.0, 6.0))
    assert (longer == 7).sum() > (shorter == 7).sum()  # `forThrMax`


def test_clouds_are_filled_in_and_water_is_water() -> None:
    cloudy = forest()
    cloudy[BANDS.index("COMP"), 5] = 20.0
    cover = CLEAR.copy()
    cover[5] = 1
    assert (track(cloudy, cover, LIMITS)[0] == 2).all()
    unnoticed = forest()
    unnoticed[[BANDS.index("COMP"), BANDS.index("B3")], 5] = 20.0
    unnoticed[BANDS.index("thermal"), 5] = -2.0
    assert (track(unnoticed, CLEAR, LIMITS)[0] == 2).all()
    lake = np.full(20, 6)
    assert (track(forest(), lake, LIMITS)[0] == 4).all()


# Times ------------------------------------------------------------------------------------------------------------


def test_formats_of_dates() -> None:
    moments = [0.0, 1_593_561_600_000.0]  # 1970-01-01, 2020-07-01 (a leap year's 183rd day)
    np.testing.assert_allclose(times.represented(moments, 0), [719529, 719529 + 18444])
    np.testing.assert_allclose(times.represented(moments, 1), [1970, 2020 + 182 / 366])
    np.testing.assert_allclose(times.represented(moments, 2), moments)
    assert times.days_of_year(moments).tolist() == [1, 183]
    assert times.calendar_years([-1.0]).tolist() == [1969]
