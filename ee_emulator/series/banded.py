"""Linear systems of many pixels at once whose matrices have five diagonals."""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def solve_pentadiagonal(diagonal: Numbers, first: Numbers, second: Numbers, right: Numbers) -> Numbers:
    """Solves symmetric positive definite systems by a factorisation L·D·Lᵀ.

    Args:
        diagonal: Shape (n, P), n ≥ 3.
        first: Shape (n - 1, P): one beside the diagonal.
        second: Shape (n - 2, P): two beside the diagonal.
        right: Shape (n, P).

    Returns:
        The solutions, (n, P).
    """
    n = len(diagonal)
    d, x = diagonal.copy(), right.copy()
    near, far = np.zeros_like(first), np.zeros_like(second)
    beside = first.copy()
    for i in range(n - 1):
        near[i] = beside[i] / d[i]
        d[i + 1] -= near[i] * beside[i]
        x[i + 1] -= near[i] * x[i]
        if i < n - 2:
            far[i] = second[i] / d[i]
            beside[i + 1] -= near[i] * second[i]
            d[i + 2] -= far[i] * second[i]
            x[i + 2] -= far[i] * x[i]
    x /= d
    for i in range(n - 2, -1, -1):
        x[i] -= near[i] * x[i + 1]
        if i < n - 2:
            x[i] -= far[i] * x[i + 2]
    return x
