"""LandTrendr: a yearly series as the best chain of straight segments.

Kennedy, Yang and Cohen (2010), Remote Sensing of Environment 114, 2897-2910, section 3, in the form that Earth Engine
runs (Kennedy et al. 2018, Remote Sensing 10, 691): spikes are dampened, vertices are searched for and culled by angle,
a family of ever simpler models is fitted, and the one is taken whose F test is nearly the best. Growing values are
disturbance, falling ones recovery.
"""

import math

import numpy as np
from numpy.typing import NDArray

from ee_emulator.series.machine import compiled

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

SURE = 1e-9
"""Models of a p-value below this count as equally good."""

DISTURBANCE_WEIGHT = 2.0
"""How much a turn towards disturbance outweighs others in culling (`distweightfactor` in the original program)."""


def segment(
    years: Numbers,
    values: Numbers,
    valid: Flags,
    max_segments: int,
    spike_threshold: float,
    overshoot: int,
    prevent_one_year_recovery: bool,
    recovery_threshold: float,
    p_threshold: float,
    best_proportion: float,
    least: int,
) -> tuple[Numbers, Flags, Flags]:
    """Segments the series of many pixels.

    Args:
        years: Shape (n,), ascending.
        values: Shape (n, P).
        valid: Shape (n, P): which years have a value.
        max_segments: Most segments of a model.
        spike_threshold: A spike is dampened while more than this part of it goes back; 1 for never.
        overshoot: Vertices that the search may find beyond `max_segments` + 1.
        prevent_one_year_recovery: No vertex one year before the end that only serves a recovery in the last year.
        recovery_threshold: A model whose recovery is faster than this part of its range a year is refused.
        p_threshold: Models of a larger p-value give way to ones whose vertices are fitted all at once.
        best_proportion: The richest model is taken whose p-value is within (2 - this) times the best one.
        least: Fewest valid years.

    Returns:
        Fitted values and whether a year is a vertex, both (n, P), and which pixels have an answer, (P,).
    """
    fitted = np.zeros(values.shape)
    vertex = np.zeros(values.shape, np.bool_)
    done = np.zeros(values.shape[1], np.bool_)
    options = (max_segments, spike_threshold, overshoot, prevent_one_year_recovery)
    limits = (recovery_threshold, p_threshold, best_proportion)
    _segment_all(years, values, valid, *options, *limits, max(least, 3), fitted, vertex, done)
    return fitted, vertex, done


@compiled
def _segment_all(
    years: Numbers,
    values: Numbers,
    valid: Flags,
    max_segments: int,
    spike_threshold: float,
    overshoot: int,
    prevent: bool,
    recovery: float,
    p_threshold: float,
    proportion: float,
    least: int,
    fitted: Numbers,
    vertex: Flags,
    done: Flags,
) -> None:
    for pixel in range(values.shape[1]):
        chosen, x, y = _observed(years, values, valid, pixel)
        if len(chosen) < least:
            continue
        mean = y.mean()
        dampen(y, spike_threshold)
        vertices = _search(x, y, max_segments + overshoot, prevent)
        vertices = _cull(x, y, vertices, max_segments + 1)
        count, marks, heights, p = _best(x, y, vertices, mean, recovery, proportion, False)
        if p > p_threshold:
            count, marks, heights, p = _best(x, y, vertices, mean, recovery, proportion, True)
        line = _trace(x, marks[:count], heights[:count])
        for k in range(len(chosen)):
            fitted[chosen[k], pixel] = line[k]
        for k in range(count):
            vertex[chosen[marks[k]], pixel] = True
        done[pixel] = True


@compiled
def _observed(years: Numbers, values: Numbers, valid: Flags, pixel: int) -> tuple[NDArray[np.int64], Numbers, Numbers]:
    """Places, years since the first one, and values of a pixel's valid years."""
    count = 0
    for i in range(len(years)):
        count += valid[i, pixel]
    chosen, x, y = np.empty(count, np.int64), np.empty(count), np.empty(count)
    k = 0
    for i in range(len(years)):
        if valid[i, pixel]:
            chosen[k], x[k], y[k] = i, years[i], values[i, pixel]
            k += 1
    for k in range(count - 1, -1, -1):
        x[k] -= x[0]
    return chosen, x, y


@compiled
def dampen(y: Numbers, threshold: float) -> None:
    """Moves the worst spike towards its neighbours, again and again, while more than `threshold` of it goes back."""
    for _ in range(len(y)):
        worst, at, step = threshold, -1, 0.0
        for i in range(1, len(y) - 1):
            height = max(abs(y[i] - y[i - 1]), abs(y[i] - y[i + 1]))
            if height > 0:
                share = 1.0 - abs(y[i - 1] - y[i + 1]) / height
                if share > worst:
                    worst, at, step = share, i, share * ((y[i - 1] + y[i + 1]) / 2 - y[i])
        if at < 0:
            return
        y[at] += step


@compiled
def _line_error(x: Numbers, y: Numbers, begin: int, end: int) -> tuple[float, float, float]:
    """Mean square, slope and intercept of the least-squares line through the observations `begin` to `end`."""
    n = end - begin + 1
    mx, my = x[begin : end + 1].mean(), y[begin : end + 1].mean()
    xx, xy = 0.0, 0.0
    for i in range(begin, end + 1):
        xx += (x[i] - mx) ** 2
        xy += (x[i] - mx) * (y[i] - my)
    slope = xy / xx if xx > 0 else 0.0
    total = 0.0
    for i in range(begin, end + 1):
        total += (y[i] - my - slope * (x[i] - mx)) ** 2
    return total / n, slope, my - slope * mx


@compiled
def _search(x: Numbers, y: Numbers, segments: int, prevent: bool) -> NDArray[np.int64]:
    """Splits the segment of the largest mean square at its largest outlier until there are enough segments."""
    n = len(x)
    scale = max(y.max() - y.min(), 1e-300)
    vertices = np.array([0, n - 1])
    while len(vertices) - 1 < min(segments, n - 1):
        largest, split = (1e-12 * scale) ** 2, -1
        for s in range(len(vertices) - 1):
            begin, end = vertices[s], vertices[s + 1]
            if end - begin < 2:
                continue
            error, slope, intercept = _line_error(x, y, begin, end)
            if error <= largest:
                continue
            at, distance = -1, 0.0
            for i in range(begin + 1, end):
                # Only in the last segment: the year before the last, from which values fall back.
                if prevent and end == n - 1 and i == end - 1 and y[i] > y[i + 1]:
                    continue
                away = abs(y[i] - intercept - slope * x[i])
                if away > distance:
                    at, distance = i, away
            if at >= 0:
                largest, split = error, at
        if split < 0:
            break
        vertices = _with(vertices, split)
    return vertices


@compiled
def _with(marks: NDArray[np.int64], new: int) -> NDArray[np.int64]:
    """Ascending places and one more."""
    answer = np.empty(len(marks) + 1, np.int64)
    place = len(marks)
    while place > 0 and marks[place - 1] > new:
        answer[place] = marks[place - 1]
        place -= 1
    answer[place] = new
    for k in range(place):
        answer[k] = marks[k]
    return answer


@compiled
def _without(marks: NDArray[np.int64], at: int) -> NDArray[np.int64]:
    """Places but the one at a position."""
    answer = np.empty(len(marks) - 1, np.int64)
    for k in range(len(answer)):
        answer[k] = marks[k] if k < at else marks[k + 1]
    return answer


@compiled
def _cull(x: Numbers, y: Numbers, vertices: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Takes out the vertex with the smallest turn, in a square plot, until at most `most` are left."""
    width, height = x.max() - x.min(), y.max() - y.min()
    square = (y - y.min()) * (width / height if height > 0 else 0.0)
    while len(vertices) > max(most, 2):
        smallest, at = np.inf, 1
        for k in range(1, len(vertices) - 1):
            a, b, c = vertices[k - 1], vertices[k], vertices[k + 1]
            before = math.atan((square[b] - square[a]) / (x[b] - x[a]))
            after = math.atan((square[c] - square[b]) / (x[c] - x[b]))
            weight = 1.0 + max(0.0, DISTURBANCE_WEIGHT * (square[c] - square[b]) / width)
            turn = weight * max(abs(before), abs(after))
            if turn < smallest:
                smallest, at = turn, k
        vertices = _without(vertices, at)
    return vertices


@compiled
def _trace(x: Numbers, marks: NDArray[np.int64], heights: Numbers) -> Numbers:
    """The chain of segments at every observation."""
    line = np.zeros(len(x))
    for k in range(len(marks) - 1):
        a, b = marks[k], marks[k + 1]
        slope = (heights[k + 1] - heights[k]) / (x[b] - x[a])
        for i in range(a, b + 1):
            line[i] = heights[k] + slope * (x[i] - x[a])
    return line


@compiled
def _successive(x: Numbers, y: Numbers, marks: NDArray[np.int64]) -> Numbers:
    """Heights of the vertices, one segment after the other.

    The first segment is a free regression; each further one starts where the last one ends and is the better of a
    regression through that point and the straight way to the observation at its far end.
    """
    heights = np.zeros(len(marks))
    _, slope, intercept = _line_error(x, y, marks[0], marks[1])
    heights[0], heights[1] = intercept + slope * x[marks[0]], intercept + slope * x[marks[1]]
    for k in range(1, len(marks) - 1):
        a, b = marks[k], marks[k + 1]
        length = x[b] - x[a]
        xx, xy = 0.0, 0.0
        for i in range(a, b + 1):
            xx += (x[i] - x[a]) ** 2
            xy += (x[i] - x[a]) * (y[i] - heights[k])
        anchored, direct = xy / xx, (y[b] - heights[k]) / length
        worse, better = 0.0, 0.0
        for i in range(a, b + 1):
            worse += (y[i] - heights[k] - direct * (x[i] - x[a])) ** 2
            better += (y[i] - heights[k] - anchored * (x[i] - x[a])) ** 2
        heights[k + 1] = heights[k] + length * (anchored if better < worse else direct)
    return heights


@compiled
def _at_once(x: Numbers, y: Numbers, marks: NDArray[np.int64]) -> Numbers:
    """Heights of the vertices that minimise the squares of the whole chain: a tridiagonal system.

    Earth Engine minimises with the Levenberg-Marquardt method; the problem is linear, and this is its solution.
    """
    count = len(marks)
    diagonal, beside, right = np.zeros(count), np.zeros(count), np.zeros(count)
    k = 0
    for i in range(len(x)):
        if k < count - 2 and i > marks[k + 1]:
            k += 1
        share = (x[i] - x[marks[k]]) / (x[marks[k + 1]] - x[marks[k]])
        diagonal[k] += (1 - share) ** 2
        diagonal[k + 1] += share**2
        beside[k] += share * (1 - share)
        right[k] += (1 - share) * y[i]
        right[k + 1] += share * y[i]
    for j in range(1, count):
        factor = beside[j - 1] / diagonal[j - 1]
        diagonal[j] -= factor * beside[j - 1]
        right[j] -= factor * right[j - 1]
    heights = np.zeros(count)
    heights[count - 1] = right[count - 1] / diagonal[count - 1]
    for j in range(count - 2, -1, -1):
        heights[j] = (right[j] - beside[j] * heights[j + 1]) / diagonal[j]
    return heights


@compiled
def _p_value(y: Numbers, line: Numbers, mean: float, vertices: int) -> tuple[float, float]:
    """F and the p-value of a model, which spends two parameters a segment.

    The upper tail of F is an incomplete beta function whose second parameter is the number of segments, a whole number;
    then it is a finite sum.
    """
    total, residual = ((y - mean) ** 2).sum(), ((y - line) ** 2).sum()
    residual = min(residual, total)
    spent = 2 * vertices - 2
    left = len(y) - spent - 1
    if left <= 0:
        return 0.0, 1.0
    if residual <= 1e-24 * total or total == 0:
        return np.inf, SURE
    f = max((total - residual) / spent, 1e-5) / (residual / left)
    share = left / (left + spent * f)
    term, tail = 1.0, 1.0
    for j in range(1, spent // 2):
        term *= (left / 2 + j - 1) / j * (1 - share)
        tail += term
    return f, max(share ** (left / 2) * tail, SURE)


@compiled
def _fast_recovery(x: Numbers, marks: NDArray[np.int64], heights: Numbers, limit: float) -> int:
    """The segment of the fastest recovery if that exceeds `limit` of the model's range a year, else -1."""
    extent = heights.max() - heights.min()
    fastest, at = limit, -1
    for k in range(len(marks) - 1):
        slope = (heights[k + 1] - heights[k]) / (x[marks[k + 1]] - x[marks[k]])
        if slope < 0 and -slope > fastest * extent:
            fastest, at = -slope / extent, k
    return at


@compiled
def _weakest(x: Numbers, y: Numbers, marks: NDArray[np.int64], heights: Numbers, recovery: float, line: Numbers) -> int:
    """The vertex to take out next: the end of a recovery that is too fast, else the one that costs the least."""
    offender = _fast_recovery(x, marks, heights, recovery)
    if 0 <= offender < len(marks) - 2:
        return offender + 1
    if offender == len(marks) - 2:  # the last segment: its end becomes as high as the year before
        heights[offender + 1] = line[marks[offender + 1] - 1]
    least, at = np.inf, 1
    for k in range(1, len(marks) - 1):
        a, b = marks[k - 1], marks[k + 1]
        slope = (heights[k + 1] - heights[k - 1]) / (x[b] - x[a])
        cost = 0.0
        for i in range(a, b + 1):
            cost += (y[i] - heights[k - 1] - slope * (x[i] - x[a])) ** 2
        cost /= x[b] - x[a]
        if cost < least:
            least, at = cost, k
    return at


@compiled
def _best(
    x: Numbers,
    y: Numbers,
    vertices: NDArray[np.int64],
    mean: float,
    recovery: float,
    proportion: float,
    at_once: bool,
) -> tuple[int, NDArray[np.int64], Numbers, float]:
    """The richest model whose p-value is nearly the best one and whose recoveries are slow enough.

    Where all are refused: of those fitted segment by segment the one of the smallest F, of those fitted at once a
    level line.

    Returns:
        Number of vertices, their places and heights (the first so many count), and the p-value.
    """
    count = len(vertices)
    marks = np.zeros((count - 1, count), np.int64)
    heights = np.zeros((count - 1, count))
    p, f, slow = np.ones(count - 1), np.zeros(count - 1), np.zeros(count - 1, np.bool_)
    left = vertices
    for m in range(count - 1):
        size = count - m
        found = _at_once(x, y, left) if at_once else _successive(x, y, left)
        for k in range(size):
            marks[m, k], heights[m, k] = left[k], found[k]
        line = _trace(x, left, found)
        f[m], p[m] = _p_value(y, line, mean, size)
        slow[m] = _fast_recovery(x, left, found, recovery) < 0
        if size > 2:
            # At once, the cost alone decides: a limit that nothing exceeds.
            limit = np.inf if at_once else recovery
            left = _without(left, _weakest(x, y, left, found.copy(), limit, line))
    for _ in range(count + 1):  # a refused model may come up again, beside one of a p-value near 1
        limit = p.min() * (2 - proportion)
        for m in range(count - 1):
            if p[m] <= limit:
                if slow[m]:
                    return count - m, marks[m], heights[m], p[m]
                p[m] = 1.0
                break
    if at_once:
        return 2, np.array([0, len(x) - 1]), np.array([mean, mean]), 1.0
    m = int(np.argmin(f))
    return count - m, marks[m], heights[m], 1.0
