"""Sums, extremes and weighted sums over the window of a kernel, without copying windows.

All functions take an array that is larger than the answer by the kernel: answer (i, j) covers rows i to i + kernel
rows - 1 and as many columns. Flat windows are put together from windows of 1, 2, 4, … pixels, so that an answer depends
on nothing but its own window, to the last bit, wherever the tile begins (running sums do not have that).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

STRIP_BYTES = 2**20
"""Input of flat windows that is worked on at once, so that it stays in the processor's cache between the passes."""

SMALL = 16
"""Weights up to which a kernel is applied as it stands, whether it separates into rows and columns or not."""

DIRECT = 400
"""Weights up to which a kernel that does not separate is applied directly; beyond, through Fourier transforms."""


def answer_shape(values: NDArray[np.generic], kernel: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns of the answer for a kernel's (rows, columns)."""
    return values.shape[0] - kernel[0] + 1, values.shape[1] - kernel[1] + 1


def flat_sum(values: NDArray[np.generic], support: Mask) -> NDArray[np.generic]:
    """The sum of the pixels under `support`, in the type of `values`."""
    return _in_strips(values, support, np.add, overlapping=False)


def flat_extreme(values: NDArray[np.generic], support: Mask, largest: bool) -> NDArray[np.generic]:
    """The greatest or least of the pixels under `support`."""
    return _in_strips(values, support, np.maximum if largest else np.minimum, overlapping=True)


def _in_strips(values: NDArray[np.generic], support: Mask, combine: np.ufunc, overlapping: bool) -> NDArray[np.generic]:
    rows, columns = answer_shape(values, support.shape)
    answer = np.empty((rows, columns), values.dtype)
    step = max(support.shape[0], STRIP_BYTES // max(1, values.shape[1] * values.itemsize))
    for top in range(0, rows, step):
        bottom = min(top + step, rows)
        strip = values[top : bottom + support.shape[0] - 1]
        answer[top:bottom] = _combined(strip, support, combine, overlapping)
    return answer


def _combined(values: NDArray[np.generic], support: Mask, combine: np.ufunc, overlapping: bool) -> NDArray[np.generic]:
    if not support.all():
        return _by_runs(values, support, combine, overlapping)
    across = _run(values, support.shape[1], 1, combine, overlapping)
    return _run(across, support.shape[0], 0, combine, overlapping)


def _run(
    values: NDArray[np.generic], length: int, axis: int, combine: np.ufunc, overlapping: bool
) -> NDArray[np.generic]:
    """Combines `length` neighbours along an axis from windows of powers of two."""
    size, window = 1, values
    total: NDArray[np.generic] | None = None
    start, count = 0, values.shape[axis] - length + 1
    while True:
        if length & size and not overlapping:
            part = _cut(window, start, count, axis)
            total = part if total is None else combine(total, part)
            start += size
        if 2 * size > length:
            break
        window = combine(_cut(window, 0, window.shape[axis] - size, axis), _cut(window, size, None, axis))
        size *= 2
    if total is not None:
        return total
    # Two windows of the largest power of two cover the run: extremes may count a pixel twice.
    last: NDArray[np.generic] = combine(_cut(window, 0, count, axis), _cut(window, length - size, count, axis))
    return last


def _cut(values: NDArray[np.generic], start: int, count: int | None, axis: int) -> NDArray[np.generic]:
    stop = None if count is None else start + count
    return values[start:stop] if axis == 0 else values[:, start:stop]


def _by_runs(values: NDArray[np.generic], support: Mask, combine: np.ufunc, overlapping: bool) -> NDArray[np.generic]:
    """Row by row of the kernel; runs of one length share the windows along the row."""
    rows, columns = answer_shape(values, support.shape)
    total: NDArray[np.generic] | None = None
    for length, places in sorted(runs(support).items()):
        along = _run(values, length, 1, combine, overlapping)
        for row, column in places:
            part = along[row : row + rows, column : column + columns]
            total = part.copy() if total is None else combine(total, part, out=total)
    if total is None:
        return np.zeros((rows, columns), values.dtype)
    return total


def runs(support: Mask) -> dict[int, list[tuple[int, int]]]:
    """Runs of True along the rows: by their length the (row, column) where they begin."""
    found: dict[int, list[tuple[int, int]]] = {}
    for row, line in enumerate(support):
        edges = np.flatnonzero(np.diff(np.concatenate([[False], line, [False]]).astype(np.int8)))
        for begin, end in zip(edges[::2], edges[1::2], strict=True):
            found.setdefault(int(end - begin), []).append((row, int(begin)))
    return found


def weighted_sum(values: Array, weights: Array) -> Array:
    """The sum of the pixels times their weights; weights are not turned around (a correlation)."""
    support = weights != 0
    used = weights[support]
    if not used.size:
        return np.zeros(answer_shape(values, weights.shape))
    if np.all(used == used[0]):
        total: Array = flat_sum(values, support).astype(np.float64, copy=False)
        return total * float(used[0])
    factors = _separated(weights) if used.size > SMALL else None  # few weights: whole numbers stay exact
    if factors is not None:
        return _along(_along(values, factors[1], 1), factors[0], 0)
    if used.size > DIRECT:
        return _transformed(values, weights)
    return _direct(values, weights)


def _separated(weights: Array) -> tuple[Array, Array] | None:
    """Weights down and across whose product the kernel is; None where it is no such product."""
    row, column = np.unravel_index(np.abs(weights).argmax(), weights.shape)
    down, across = weights[:, column], weights[row] / weights[row, column]
    if np.abs(np.outer(down, across) - weights).max() > 1e-14 * abs(weights[row, column]):
        return None
    return down, across


def _along(values: Array, weights: Array, axis: int) -> Array:
    from scipy.ndimage import correlate1d

    length = len(weights)
    full = correlate1d(values, weights, axis=axis, mode="constant")
    start, stop = length // 2, length // 2 + values.shape[axis] - length + 1
    answer: Array = full[start:stop] if axis == 0 else full[:, start:stop]
    return answer


def _direct(values: Array, weights: Array) -> Array:
    from scipy.ndimage import correlate

    full = correlate(values, weights, mode="constant")
    rows, columns = answer_shape(values, weights.shape)
    top, left = weights.shape[0] // 2, weights.shape[1] // 2
    answer: Array = full[top : top + rows, left : left + columns]
    return answer


def _transformed(values: Array, weights: Array) -> Array:
    """Through Fourier transforms, in which one value that is not finite would spoil all: they spoil their windows."""
    from scipy.signal import oaconvolve

    finite = np.isfinite(values)
    answer: Array = oaconvolve(np.where(finite, values, 0.0), weights[::-1, ::-1], mode="valid")
    if not finite.all():
        answer[np.asarray(flat_extreme(~finite, weights != 0, largest=True), bool)] = np.nan
    return answer
