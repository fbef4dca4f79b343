"""CCDC's mask of clouds, shadows and snow that the images' own masks missed.

Zhu and Woodcock (2014), "Automated cloud, cloud shadow, and snow detection in multitemporal Landsat data", Remote
Sensing of Environment 152, 217-234 (Tmask).
"""

import math

import numpy as np
from numpy.typing import NDArray

from ee_emulator.series.ccdc_model import solve
from ee_emulator.series.machine import compiled

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

SPIKE = 4.89
"""An observation further from the robust model than so many median steps is cloud, shadow or snow."""

BISQUARE, ROBUST_ROUNDS = 4.685, 5
"""Tuning constant and rounds of the robust regression."""


@compiled
def median(values: Numbers, start: int, end: int) -> float:
    """Median of `values[start:end]`, which it sorts in place."""
    for i in range(start + 1, end):
        value, j = values[i], i
        while j > start and values[j - 1] > value:
            values[j] = values[j - 1]
            j -= 1
        values[j] = value
    middle = (start + end) // 2
    if end <= start:
        return 0.0
    return float(values[middle] if (end - start) % 2 == 1 else (values[middle - 1] + values[middle]) / 2)


@compiled
def median_step(x: Numbers, y: Numbers) -> float:
    """Median change from one observation to the next."""
    steps, count = np.zeros(len(x)), 0
    for i in range(1, len(x)):
        if x[i] > x[i - 1]:
            steps[count] = abs(y[i] - y[i - 1])
            count += 1
    return median(steps, 0, count)


@compiled
def _weighted(columns: Numbers, y: Numbers, weights: Numbers, found: Numbers) -> Numbers:
    """Weighted least squares; returns the normal matrix."""
    width, n = columns.shape
    gram, right = np.zeros((width, width)), np.zeros(width)
    for a in range(width):
        for i in range(n):
            right[a] += weights[i] * columns[a, i] * y[i]
            for b in range(width):
                gram[a, b] += weights[i] * columns[a, i] * columns[b, i]
        found[a] = 0.0
    solve(gram, right, found)
    return gram


@compiled
def _robust_residuals(columns: Numbers, y: Numbers) -> Numbers:
    """Residuals of a regression that bisquare weights make robust, as MATLAB's `robustfit` does."""
    width, n = columns.shape
    found, leverage, point = np.zeros(width), np.zeros(width), np.zeros(width)
    weights, residual, adjusted, widen = np.ones(n), np.zeros(n), np.zeros(n), np.zeros(n)
    gram = _weighted(columns, y, weights, found)
    mean, spread = y.mean(), 0.0
    for i in range(n):
        spread += (y[i] - mean) ** 2 / max(n - 1, 1)
        for a in range(width):
            point[a], leverage[a] = columns[a, i], 0.0
        solve(gram, point, leverage)
        share = 0.0
        for a in range(width):
            share += point[a] * leverage[a]
        widen[i] = 1 / math.sqrt(1 - min(0.9999, share))
    for turn in range(ROBUST_ROUNDS + 1):
        for i in range(n):
            residual[i] = y[i]
            for a in range(width):
                residual[i] -= found[a] * columns[a, i]
            adjusted[i] = abs(residual[i] * widen[i])
        if turn == ROBUST_ROUNDS:
            break
        ordered = adjusted.copy()
        median(ordered, 0, n)
        scale = max(median(ordered, max(0, width - 1), n) / 0.6745, 1e-6 * math.sqrt(spread)) * BISQUARE
        for i in range(n):
            u = adjusted[i] / scale if scale > 0 else 0.0
            weights[i] = (1 - u * u) ** 2 if u < 1 else 0.0
        _weighted(columns, y, weights, found)
    return residual


@compiled
def find_noise(
    x: Numbers, y: Numbers, first: int, second: int, start: int, end: int, year: float, steps: Numbers, noisy: Flags
) -> None:
    """Flags the observations `start` to `end` that lie far from a robust yearly model in one of two bands."""
    n = end - start + 1
    span = max(math.ceil((x[end] - x[start]) / year), 1)
    columns = np.ones((5 if span > 1 else 3, n))
    omega = 2 * math.pi / year
    for i in range(n):
        time = x[start + i]
        columns[1, i], columns[2, i] = math.cos(omega * time), math.sin(omega * time)
        if span > 1:
            columns[3, i], columns[4, i] = math.cos(omega / span * time), math.sin(omega / span * time)
        noisy[start + i] = False
    for band in (first, second):
        residual = _robust_residuals(columns, y[band, start : end + 1].copy())
        for i in range(n):
            if abs(residual[i]) > SPIKE * steps[band]:
                noisy[start + i] = True
