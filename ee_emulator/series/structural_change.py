"""Breakpoints of a regression in time: the segments of least squares, their number by the Bayesian criterion.

Bai and Perron (2003), Journal of Applied Econometrics 18, 1-22, as R's `strucchange::breakpoints` does it (Zeileis,
Leisch, Hornik and Kleiber 2002, Journal of Statistical Software 7(2); Zeileis et al. 2003 for the criterion).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ee_emulator.series.machine import compiled

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """A band's regressions in m segments: coefficients (m, k) and root mean squares of the residuals (m,)."""

    coefficients: Numbers
    rmse: Numbers


def design(times: Numbers, seasons: Numbers, order: int) -> Numbers:
    """Columns of the regression: 1, t, then cosine and sine of each harmonic.

    Args:
        times: In any unit, (m,).
        seasons: In years, whose fraction is the season, (m,).
        order: Number of harmonics.

    Returns:
        Shape (m, 2 + 2 · order).
    """
    columns = [np.ones_like(times), times]
    for k in range(1, order + 1):
        columns += [np.cos(2 * np.pi * k * seasons), np.sin(2 * np.pi * k * seasons)]
    return np.stack(columns, axis=1)


def segments(columns: Numbers, values: Numbers, least: int, most_breaks: int) -> NDArray[np.int64]:
    """First observation of each segment.

    Args:
        columns: The regressors, (m, k), m observations in the order of time.
        values: Shape (m,).
        least: Fewest observations of a segment, more than k.
        most_breaks: Most breaks; 0 for as many as fit.

    Returns:
        Ascending, the first one 0.
    """
    count, width = columns.shape
    room = count // least - 1
    most = min(most_breaks, room) if most_breaks > 0 else min(room, math.ceil(count / least) - 2)
    if most < 1:
        return np.zeros(1, np.int64)
    residuals = _segment_squares(np.ascontiguousarray(columns), np.ascontiguousarray(values, np.float64), least)
    squares, starts = _best_partitions(residuals, least, most)
    smallest = np.finfo(np.float64).tiny
    likelihood = count * (np.log(np.maximum(squares, smallest)) + 1 - math.log(count) + math.log(2 * math.pi))
    criterion = likelihood + math.log(count) * (width + 1) * np.arange(1, most + 2)
    breaks = int(np.argmin(criterion))
    return starts[breaks, : breaks + 1]


def fit(times: Numbers, seasons: Numbers, order: int, values: Numbers, starts: NDArray[np.int64]) -> Fit:
    """Regressions of one band in given segments; without a unique answer the one of least size."""
    coefficients, errors = [], []
    for start, end in zip(starts, [*starts[1:], len(values)], strict=True):
        centre = times[start:end].mean()  # far from 0 the trend and the constant would be nearly the same column
        columns = design(times[start:end] - centre, seasons[start:end], order)
        found = np.linalg.lstsq(columns, values[start:end], rcond=None)[0]
        errors.append(math.sqrt(float(((values[start:end] - columns @ found) ** 2).mean())))
        found[0] -= found[1] * centre
        coefficients.append(found)
    return Fit(np.array(coefficients), np.array(errors))


@compiled
def _segment_squares(columns: Numbers, values: Numbers, least: int) -> Numbers:
    """Sum of squared residuals of the regression on each stretch [i, j], shape (m, m); infinite where it is too short.

    One observation after the other is rotated into a triangle (Givens); what no column can explain is the residual.
    """
    count, width = columns.shape
    answer = np.full((count, count), np.inf)
    triangle, row = np.zeros((width, width + 1)), np.zeros(width + 1)
    for i in range(count - least + 1):
        triangle[:] = 0.0
        squares = 0.0
        for j in range(i, count):
            size = 0.0
            for a in range(width):
                row[a] = columns[j, a]
                size = max(size, abs(row[a]))
            row[width] = values[j]
            for a in range(width):
                if abs(row[a]) <= 1e-11 * size:  # nothing new in this column
                    continue
                length = math.hypot(triangle[a, a], row[a])
                cosine, sine = triangle[a, a] / length, row[a] / length
                for b in range(a, width + 1):
                    upper = triangle[a, b]
                    triangle[a, b] = cosine * upper + sine * row[b]
                    row[b] = cosine * row[b] - sine * upper
            squares += float(row[width]) ** 2
            if j - i + 1 >= least:
                answer[i, j] = squares
    return answer


@compiled
def _best_partitions(residuals: Numbers, least: int, most: int) -> tuple[Numbers, NDArray[np.int64]]:
    """For 0 to `most` breaks the least sum of squares and the starts of the segments that have it."""
    count = len(residuals)
    best = np.full((most + 1, count), np.inf)
    source = np.zeros((most + 1, count), np.int64)
    for j in range(count):
        best[0, j] = residuals[0, j]
    for m in range(1, most + 1):
        for j in range((m + 1) * least - 1, count):
            for i in range(m * least, j - least + 2):
                squares = best[m - 1, i - 1] + residuals[i, j]
                if squares < best[m, j]:
                    best[m, j], source[m, j] = squares, i
    starts = np.zeros((most + 1, most + 1), np.int64)
    squares_of = np.zeros(most + 1)
    for m in range(most + 1):
        squares_of[m] = best[m, count - 1]
        j = count - 1
        for k in range(m, 0, -1):
            starts[m, k] = source[k, j]
            j = starts[m, k] - 1
    return squares_of, starts
