"""FORMA: long and short trends of an evenly spaced series, and whether the long one is stable.

Hammer, Kraft and Wheeler (2014), "Alerts of forest disturbance from MODIS imagery", International Journal of Applied
Earth Observation and Geoinformation 33, 1-9; Hansen (1992), "Testing for parameter instability in linear models",
Journal of Policy Modeling 14, 517-533. The figures of the project's own tests (github.com/wri/forma-clj) come out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Trends:
    """The answer for P pixels, each of shape (P,).

    Attributes:
        long: Slope of the regression on time, a step of the series.
        short: Least slope of the regressions in windows.
        t: The long slope over its standard error.
        hansen: Hansen's statistic of stability of intercept, slope and variance; large for a break.
        known: False where there are fewer than 3 values or the series is a straight line.
    """

    long: Numbers
    short: Numbers
    t: Numbers
    hansen: Numbers
    known: Flags


def trends(values: Numbers, valid: Flags, window: int) -> Trends:
    """Trends of many pixels.

    Args:
        values: Shape (n, P).
        valid: Shape (n, P); what is missing takes no part, its place in time is kept.
        window: Length of the windows in steps; those with fewer than 2 values are left out.
    """
    steps = np.arange(1.0, len(values) + 1)[:, None]
    count = valid.sum(axis=0)
    slope, intercept, squares = _line(steps, values, valid)
    residuals = np.where(valid, values - intercept - slope * steps, 0.0)
    variance = (residuals**2).sum(axis=0) / np.maximum(count - 2, 1)
    error = np.sqrt(variance / np.where(squares > 0, squares, 1.0))
    t = np.divide(slope, error, out=np.zeros_like(slope), where=error > 0)
    starts = range(max(len(values) - window, 0) + 1)
    short = np.full(values.shape[1], np.inf)
    for start in starts:
        part = slice(start, start + window)
        inside, _, spread = _line(steps[part], values[part], valid[part])
        short = np.where(spread > 0, np.minimum(short, inside), short)
    tiny = 1e-20 * np.where(valid, values**2, 0.0).sum(axis=0)
    known = (count > 2) & ((residuals**2).sum(axis=0) > tiny) & np.isfinite(short)
    return Trends(slope, short, t, _hansen(steps, residuals, valid, known), known)


def _line(steps: Numbers, values: Numbers, valid: Flags) -> tuple[Numbers, Numbers, Numbers]:
    """Slope, intercept and sum of squared distances in time of each pixel's regression."""
    weights = valid.astype(np.float64)
    count = np.maximum(weights.sum(axis=0), 1)
    centre = (weights * steps).sum(axis=0) / count
    mean = (weights * np.where(valid, values, 0.0)).sum(axis=0) / count
    apart = weights * (steps - centre)
    squares = (apart**2).sum(axis=0)
    slope = (apart * np.where(valid, values - mean, 0.0)).sum(axis=0) / np.where(squares > 0, squares, 1.0)
    return slope, mean - slope * centre, squares


def _hansen(steps: Numbers, residuals: Numbers, valid: Flags, known: Flags) -> Numbers:
    """The statistic: cumulated first-order conditions, measured by their own variance."""
    count = np.maximum(valid.sum(axis=0), 1)
    variance = (residuals**2).sum(axis=0) / count
    conditions = np.stack([residuals * steps, residuals, np.where(valid, residuals**2 - variance, 0.0)])
    cumulated = np.cumsum(conditions, axis=1)
    own = np.einsum("inp,jnp->pij", conditions, conditions)
    summed = np.einsum("inp,jnp->pij", cumulated, cumulated)
    own[~known] = np.eye(3)
    return np.asarray(np.trace(np.linalg.pinv(own, hermitian=True) @ summed, axis1=1, axis2=2) / count)
