"""Composite2Change: a series as few straight segments between observations, merged from the bottom up.

Hermosilla, Wulder, White, Coops and Hobart (2015), Remote Sensing of Environment 158, 220-234. The rules of filling,
despiking, merging and of the recovery metrics are those of the authors' published implementation for Earth Engine
(github.com/saveriofrancini/C2C-GEE, MIT licence), whose sample data our tests answer. A value of 0 is a missing one.
"""

import math

import numpy as np
from numpy.typing import NDArray

from ee_emulator.series.machine import compiled

Numbers = NDArray[np.float64]

ALWAYS = ("changeDate", "value", "magnitude", "duration", "rate")
POST = ("postMagnitude", "postDuration", "postRate")
REGROWTH = ("indexRegrowth", "recoveryIndicator", "regrowth60", "regrowth80", "regrowth100")
METRICS = (*ALWAYS, *POST, *REGROWTH)

LOOK_AHEAD = 5
"""Observations between a change and the value that tells its recovery."""


def changes(
    dates: Numbers,
    values: Numbers,
    max_error: float,
    max_segments: int,
    infill: bool,
    spikes_tolerance: float,
    spike_magnitude: float,
    interpolate_regrowth: bool,
    relative_regrowth: bool,
    negative_only: bool,
) -> list[Numbers | None]:
    """The changes of many pixels.

    Args:
        dates: Shape (n,), ascending.
        values: Shape (n, P); 0 where there is no observation.
        max_error: Segments are merged while the cheapest merger has a smaller root mean square error.
        max_segments: They are merged beyond that while there are more.
        infill: Fill missing values from their neighbours, and drop a jump in the last year.
        spikes_tolerance: A spike is removed if its neighbours differ by less than (1 - this) of it; 1 for never.
        spike_magnitude: A spike of this height or less stays.
        interpolate_regrowth: Recovery is looked up on the segments and not in the series.
        relative_regrowth: Recovery is counted as a part of the loss, not of the value before it.
        negative_only: Only changes after a loss.

    Returns:
        For each pixel an array (`METRICS`, changes), or None where it has fewer than 3 values.
    """
    n, pixels = values.shape
    found = np.full((pixels, len(METRICS), n), np.nan)
    counts = np.full(pixels, -1)
    options = max_error, max_segments, infill, spikes_tolerance, spike_magnitude
    _changes_of_all(dates, values, *options, interpolate_regrowth, relative_regrowth, found, counts)
    answers: list[Numbers | None] = []
    for table, count in zip(found, counts, strict=True):
        kept = table[:, : max(count, 0)]
        if negative_only:
            kept = kept[:, kept[2] < 0]
        answers.append(None if count < 0 else kept)
    return answers


@compiled
def _changes_of_all(
    dates: Numbers,
    values: Numbers,
    max_error: float,
    max_segments: int,
    infill: bool,
    tolerance: float,
    magnitude: float,
    interpolate: bool,
    relative: bool,
    found: NDArray[np.float64],
    counts: NDArray[np.int64],
) -> None:
    n = len(dates)
    series, ends = np.empty(n), np.empty(n, np.int64)
    for pixel in range(values.shape[1]):
        present = 0
        for i in range(n):
            series[i] = values[i, pixel]
            present += series[i] != 0
        if present < 3:
            continue
        if infill:
            _fill(series)
        if tolerance < 1:
            _despike(series, tolerance, magnitude)
        count = _merge(dates, series, max_error, max_segments, ends)
        _measure(dates, series, ends, count, found[pixel])
        if interpolate:
            _straighten(dates, series, ends, count)
        _recover(dates, series, ends, count, relative, found[pixel])
        counts[pixel] = count


@compiled
def _neighbour(y: Numbers, start: int, step: int) -> int:
    """The next value that is not missing, -1 for none."""
    if start < 0:
        return -1
    i = start + step
    while 0 <= i < len(y):
        if y[i] != 0:
            return i
        i += step
    return -1


@compiled
def _fill(y: Numbers) -> None:
    """Missing values from that side where the two nearest values agree better; a jump at the very end is dropped."""
    n = len(y)
    for i in range(n):
        if y[i] != 0:
            continue
        left, right = _neighbour(y, i, -1), _neighbour(y, i, 1)
        further_left, further_right = _neighbour(y, left, -1), _neighbour(y, right, 1)
        if further_left < 0:
            y[i] = y[right]
        elif further_right < 0:
            y[i] = y[right] if right >= 0 else y[left]
        elif abs(y[left] - y[further_left]) < abs(y[right] - y[further_right]):
            y[i] = y[left]
        else:
            y[i] = y[right]
    if abs(y[n - 1] - y[n - 2]) >= abs(y[n - 2] - y[n - 3]):
        y[n - 1] = y[n - 2]


@compiled
def _despike(y: Numbers, tolerance: float, magnitude: float) -> None:
    """A value that sticks out from two similar neighbours becomes their mean, one after the other."""
    for i in range(1, len(y) - 1):
        middle = (y[i - 1] + y[i + 1]) / 2
        height = abs(middle - y[i])
        if height > magnitude and abs(y[i - 1] - y[i + 1]) / height < 1 - tolerance:
            y[i] = middle


@compiled
def _error(x: Numbers, y: Numbers, start: int, end: int) -> float:
    """Root mean square of the distances to the straight line between two observations."""
    total = 0.0
    for i in range(start, end + 1):
        share = (x[i] - x[start]) / (x[end] - x[start])
        total += (y[i] - y[start] * (1 - share) - y[end] * share) ** 2
    return math.sqrt(total / (end - start))


@compiled
def _merge(x: Numbers, y: Numbers, max_error: float, max_segments: int, ends: NDArray[np.int64]) -> int:
    """Merges neighbouring segments, the cheapest pair first; fills `ends` with what is left and counts it."""
    count = len(x)
    for i in range(count):
        ends[i] = i
    while count > 2:
        least, at = np.inf, 1
        for k in range(1, count - 1):
            cost = _error(x, y, ends[k - 1], ends[k + 1])
            if cost < least:
                least, at = cost, k
        if least >= max_error and count - 1 <= max_segments:
            break
        for k in range(at, count - 1):
            ends[k] = ends[k + 1]
        count -= 1
    return count


@compiled
def _measure(x: Numbers, y: Numbers, ends: NDArray[np.int64], count: int, table: Numbers) -> None:
    """Date and value of each change; size, length and rate of the segments before and after it."""
    for k in range(count):
        at = ends[k]
        table[0, k], table[1, k] = x[at], y[at]
        if k > 0:
            rise, run = y[at] - y[ends[k - 1]], x[at] - x[ends[k - 1]]
            table[2, k], table[3, k], table[4, k] = rise, run, rise / run
        if k < count - 1:
            rise, run = y[ends[k + 1]] - y[at], x[ends[k + 1]] - x[at]
            table[5, k], table[6, k], table[7, k] = rise, run, rise / run


@compiled
def _straighten(x: Numbers, y: Numbers, ends: NDArray[np.int64], count: int) -> None:
    """Puts every value onto its segment."""
    for k in range(count - 1):
        a, b = ends[k], ends[k + 1]
        slope, start = (y[b] - y[a]) / (x[b] - x[a]), y[a]
        for i in range(a, b):
            y[i] = start + slope * (x[i] - x[a])


@compiled
def _recover(x: Numbers, y: Numbers, ends: NDArray[np.int64], count: int, relative: bool, table: Numbers) -> None:
    """How far the series comes back after each change, and when it has come back by 60, 80 and 100 percent."""
    n = len(x)
    for k in range(1, count - 1):
        at, before, value, loss = ends[k], table[1, k - 1], table[1, k], table[2, k]
        if at + LOOK_AHEAD < n:
            table[8, k] = y[at + LOOK_AHEAD] - value
            table[9, k] = table[8, k] / loss if loss != 0 else np.nan
        reached = 0
        for i in range(at + 1, n):
            whole = loss if relative else before
            share = ((value - y[i]) / loss if relative else y[i] / before) if whole != 0 else np.nan
            while reached < 3 and share >= (0.6, 0.8, 1.0)[reached]:
                table[10 + reached, k] = x[i] - x[at]
                reached += 1
            if reached == 3:
                break
