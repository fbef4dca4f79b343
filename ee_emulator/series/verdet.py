"""VeRDET: a yearly series as straight pieces, by total variation regularisation of its slope.

Hughes, Kaylor and Hayes (2017), Forests 8, 166, sections 2.4 and 2.5; the threshold and the smoothing of curvature are
those of the authors' published code, as Earth Engine runs it (parameters `alpha`, `tolerance` and `nRuns`).
"""

import numpy as np
from numpy.typing import NDArray

from ee_emulator.series.banded import solve_pentadiagonal

Numbers = NDArray[np.float64]

STEEPNESS = 0.005
"""Slopes are compared as directions of (sqrt(this), slope)."""

BEND = 0.025
"""Where 1 - cos of the angle between two directions exceeds this, a piece ends."""

_NEARLY_FLAT = 1e-6


def scores(values: Numbers, alpha: float, tolerance: float, runs: int) -> Numbers:
    """Slopes of the fitted pieces.

    Args:
        values: Shape (n, P), n ≥ 3, one row a year without gaps; negative ones count as nearly 0.
        alpha: Weight of the total variation of the slope: the greater, the fewer pieces.
        tolerance: Slopes that change less than this have converged.
        runs: Most steps.

    Returns:
        Shape (n, P): 0 in the first year, then the rise since the year before.
    """
    series = np.where(values < 0, 1e-5, values)
    trend = denoised(series, alpha, tolerance, runs)
    answer = np.zeros_like(series)
    for pixel in range(series.shape[1]):
        answer[1:, pixel] = np.diff(_pieces(series[:, pixel], trend[:, pixel], runs))
    return answer


def denoised(series: Numbers, alpha: float, tolerance: float, runs: int) -> Numbers:
    """The series near the given ones whose slopes change in few places.

    Minimises half the squares of the differences plus `alpha` times the total variation of the slopes, by
    repeatedly weighted least squares; in terms of the values each step is a system of five diagonals.

    Args:
        series: Shape (n, P).
        alpha: As in `scores`.
        tolerance: As in `scores`.
        runs: As in `scores`.

    Returns:
        Shape (n, P).
    """
    start = series[0]
    target = series - start
    slopes, trend = target.copy(), target.copy()  # the original's first guess of the slopes, too
    active = np.arange(series.shape[1])
    for _ in range(runs):
        weights = alpha / (_NEARLY_FLAT + np.abs(np.diff(slopes[:, active], axis=0)))
        fitted = solve_pentadiagonal(*_bending(weights), target[:, active])
        steps = np.diff(fitted, axis=0, prepend=0.0)
        moving = np.abs(steps - slopes[:, active]).max(axis=0) > tolerance
        trend[:, active], slopes[:, active] = fitted, steps
        active = active[moving]
        if active.size == 0:
            break
    return np.asarray(trend + start)


def _bending(weights: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Diagonals of the identity plus the weighted squares of second differences; before the first value stands 0."""
    n = len(weights) + 1
    diagonal = np.ones((n, weights.shape[1]))
    diagonal[:-1] += 4 * weights
    diagonal[1:] += weights
    diagonal[:-2] += weights[1:]
    first = -2 * weights
    first[:-1] -= 2 * weights[1:]
    return diagonal, first, weights[1:].copy()


def _pieces(series: Numbers, trend: Numbers, runs: int) -> Numbers:
    """Straight pieces between the bends of a trend, fitted to the series, until the bends stay where they are."""
    previous: list[int] = []
    for _ in range(runs):
        nodes = _bends(trend)
        if nodes == previous:
            break
        trend, previous = _joined(series, nodes), nodes
    return trend


def _bends(trend: Numbers) -> list[int]:
    slopes = np.diff(trend)
    length = np.sqrt(STEEPNESS + slopes**2)
    cosine = (slopes[:-1] * slopes[1:] + STEEPNESS) / (length[:-1] * length[1:])
    return [0, *(np.flatnonzero(1 - cosine > BEND) + 1).tolist(), len(trend) - 1]


def _joined(series: Numbers, nodes: list[int]) -> Numbers:
    """The continuous chain with these nodes that has the least squares."""
    years = np.arange(len(series), dtype=np.float64)
    basis = np.stack([np.interp(years, nodes, unit) for unit in np.eye(len(nodes))], axis=1)
    heights = np.linalg.lstsq(basis, series, rcond=None)[0]
    return np.asarray(basis @ heights)
