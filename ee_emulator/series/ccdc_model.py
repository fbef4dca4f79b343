"""CCDC's models: harmonic regressions whose coefficients may be shrunk.

A model is ten numbers: eight coefficients (constant, slope, then cosine and sine of one, two and three cycles a year),
the root mean square error, and the magnitude of the break after it.
"""

import math

import numpy as np
from numpy.typing import NDArray

from ee_emulator.series.machine import compiled

Numbers = NDArray[np.float64]


@compiled
def _regressor(column: int, time: float, omega: float) -> float:
    """A column of the model without its constant: the time, then cosines and sines."""
    if column == 0:
        return time
    cycles = (column + 1) // 2
    return math.cos(cycles * omega * time) if column % 2 == 1 else math.sin(cycles * omega * time)


@compiled
def predict(model: Numbers, time: float, omega: float) -> float:
    """The value of a model at a moment; `omega` is a full circle over the length of a year."""
    value: float = model[0]
    for k in range(1, 8):
        if model[k] != 0:
            value += model[k] * _regressor(k - 1, time, omega)
    return value


@compiled
def fit(
    x: Numbers, y: Numbers, start: int, end: int, width: int, omega: float, penalty: float, rounds: int, model: Numbers
) -> None:
    """Fits `width` coefficients to the observations `start` to `end`; `model` takes them and the error.

    Coordinate descent on standardised columns (Friedman, Hastie and Tibshirani 2010, Journal of Statistical Software
    33(1)); without a penalty the normal equations are solved. The error has as many degrees of freedom as are left.
    """
    n, columns = end - start + 1, width - 1
    mean, size, weights = np.zeros(columns), np.zeros(columns), np.zeros(columns)
    y_mean = 0.0
    for i in range(n):
        y_mean += y[start + i] / n
    standard = _standardised(x, start, n, omega, mean, size)
    gram, towards = np.zeros((columns, columns)), np.zeros(columns)
    for k in range(columns):
        for i in range(n):
            towards[k] += standard[k, i] * (y[start + i] - y_mean) / n
            for j in range(columns):
                gram[k, j] += standard[k, i] * standard[j, i] / n
    if penalty > 0 and rounds > 0:
        _descend(gram, towards, penalty, rounds, weights)
    else:
        solve(gram, towards, weights)
    model[:] = 0.0
    model[0] = y_mean
    for k in range(columns):
        if size[k] > 0:
            model[k + 1] = weights[k] / size[k]
            model[0] -= model[k + 1] * mean[k]
    squares = 0.0
    for i in range(n):
        squares += (y[start + i] - predict(model, x[start + i], omega)) ** 2
    model[8] = math.sqrt(squares / max(n - width, 1))


@compiled
def _standardised(x: Numbers, start: int, n: int, omega: float, mean: Numbers, size: Numbers) -> Numbers:
    """The columns with mean 0 and standard deviation 1 (or all 0); fills in both as they were."""
    columns = np.zeros((len(mean), n))
    for k in range(len(mean)):
        for i in range(n):
            columns[k, i] = _regressor(k, x[start + i], omega)
            mean[k] += columns[k, i] / n
        for i in range(n):
            columns[k, i] -= mean[k]
            size[k] += columns[k, i] ** 2 / n
        size[k] = math.sqrt(size[k])
        for i in range(n):
            columns[k, i] = columns[k, i] / size[k] if size[k] > 0 else 0.0
    return columns


@compiled
def _descend(gram: Numbers, towards: Numbers, penalty: float, rounds: int, weights: Numbers) -> None:
    size = 0.0
    for k in range(len(towards)):
        size = max(size, abs(towards[k]))
    for _ in range(rounds):
        largest = 0.0
        for k in range(len(towards)):
            if gram[k, k] == 0:
                continue
            pull = towards[k] + weights[k] * gram[k, k]
            for j in range(len(towards)):
                pull -= gram[k, j] * weights[j]
            new = 0.0
            if abs(pull) > penalty:
                new = pull - math.copysign(penalty, pull)
            largest = max(largest, abs(new - weights[k]))
            weights[k] = new
        if largest <= 1e-7 * size:
            return


@compiled
def solve(gram: Numbers, towards: Numbers, weights: Numbers) -> None:
    """Gauss elimination of a symmetric system; a column that adds nothing keeps the weight 0."""
    n = len(towards)
    a, b = gram.copy(), towards.copy()
    for k in range(n):
        if a[k, k] <= 1e-10:
            continue
        for i in range(k + 1, n):
            factor = a[i, k] / a[k, k]
            for j in range(k, n):
                a[i, j] -= factor * a[k, j]
            b[i] -= factor * b[k]
    for k in range(n - 1, -1, -1):
        if a[k, k] <= 1e-10:
            continue
        weights[k] = b[k]
        for j in range(k + 1, n):
            weights[k] -= a[k, j] * weights[j]
        weights[k] /= a[k, k]
