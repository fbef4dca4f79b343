"""Vegetation Change Tracker: years of forest, disturbance and recovery from forest z-scores.

Huang, Goward, Masek, Thomas, Zhu and Vogelmann (2010), Remote Sensing of Environment 114, 183-198, section 3.3. The
paper gives the rules; the figures that it leaves out are those of the author's program (changeAnalysis 3.5), as the
Landscape Change Monitoring System published it for Earth Engine. Scores are low in forest and grow away from it.
"""

from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

BANDS = ("B3", "B4", "B5", "B7", "thermal", "NDVI", "DNBR", "COMP")
B3, B4, B5, B7, THERMAL, NDVI, DNBR, COMP = range(len(BANDS))

CLOUD, SHADOW, LAST_FILLABLE, WATER = 1, 3, 5, 6
"""Land cover of the masks: 1 to 5 are clouds, shadows, their edges and snow, whose years are filled in."""

NON_FOREST, FOREST, CHANGED, PERMANENT_WATER, FOREST_BETWEEN, DISTURBED, TRANSITION = range(1, 8)
"""What the second row of the answer says: 1, 2 and 4 of a whole series, 5 to 7 of a year of a changed one."""

HIGH, LOW, SINGLE_HIGH, SINGLE_LOW = range(1, 5)

_NEVER_FOREST = 25.4
_MOST = 25.0


@dataclass(frozen=True)
class Limits:
    """What counts as forest.

    Attributes:
        score: Greatest composite z-score.
        ndvi: Least NDVI that a forest has in its best year.
        spread: How far the composite may lie above its least value.
    """

    score: float
    ndvi: float
    spread: float


@dataclass
class Forest:
    """The longest run of forest years: where it starts, how many years without water, and its scores."""

    start: int
    length: int
    mean: Numbers
    deviation: Numbers


@dataclass
class History:
    """What is found in a series of n years, each of shape (n,)."""

    flags: NDArray[np.int64]
    magnitudes: Numbers
    disturbances: int = 0


def track(scores: Numbers, cover: NDArray[np.int64], limits: Limits) -> Numbers:
    """The history of one pixel.

    Args:
        scores: z-scores in the order of `BANDS`, shape (8, n); NDVI and dNBR grow towards forest.
        cover: Land cover of each year, (n,).
        limits: What counts as forest.

    Returns:
        Shape (5, n): flags and the magnitudes of disturbance in the composite, B4, NDVI and dNBR. In a series that is
        not one of a changing forest all flags are its kind and all magnitudes -1.
    """
    series, good = _filled(scores.copy(), cover)
    composite = series[COMP]
    base = _base(composite, limits.spread)
    forest = _longest_forest(series, cover, base, base + limits.spread)
    hike = limits.spread * max(1.0, min(forest.mean[COMP] / 5.0, 1.67))
    high = composite > forest.mean[COMP] + hike
    runs = [(bool(key), len(list(years))) for key, years in groupby(high)]
    history = History(np.zeros(len(cover), np.int64), np.zeros((4, len(cover))))
    for label, start, end in _segments(runs):
        _describe(label, start, end, series, good, forest, history)
    kind = _kind(series, cover, base, len(runs), forest, history, limits)
    if kind != CHANGED:
        return np.vstack([np.full(len(cover), kind), np.full((4, len(cover)), -1.0)])
    history.magnitudes[0] = np.minimum(history.magnitudes[0], _MOST)
    return np.vstack([history.flags, history.magnitudes])


def _base(composite: Numbers, spread: float) -> float:
    """The composite of the most forest-like year, unless that year stands out from the next one.

    The next one is looked for as the original program does, which sees only years after a lower one: a composite that
    never rises has none.
    """
    lowest, second = np.inf, 9999.0
    for value in composite:
        lowest = min(lowest, value)
        if lowest < value < second:
            second = value
    return float(lowest if second - lowest < spread else second)


def _filled(series: Numbers, cover: NDArray[np.int64]) -> tuple[Numbers, NDArray[np.bool_]]:
    """The series with its bad years interpolated, if at most half are bad, and which years are good."""
    n = len(cover)
    good = np.array([_is_good(series, cover, i) for i in range(n)])
    if good.any() and 2 * (~good).sum() <= n:
        years = np.arange(n)
        for row in series:
            row[~good] = np.interp(years[~good], years[good], row[good])
    return series, good


def _is_good(s: Numbers, cover: NDArray[np.int64], i: int) -> bool:
    """Neither masked nor, against its neighbours, like an unnoticed cloud (bright, cold) or shadow (dark)."""
    if 0 < cover[i] <= LAST_FILLABLE:
        return False
    n = len(cover)
    beside = [j for j in (i - 1, i + 1) if 0 <= j < n]
    apart = np.array([s[COMP, i] - s[COMP, j] for j in beside])
    colder = np.array([s[THERMAL, j] - s[THERMAL, i] for j in beside])
    at_end = len(beside) < 2
    cold = bool((colder > (1.5 if at_end else 1.0)).all()) and s[THERMAL, i] < 0.5
    dark = s[B4, i] < 1 and s[B5, i] < 1 and s[B7, i] < 1
    cloud = apart.max(initial=-np.inf) > 3.5 and bool((apart > 2.5).all()) and cold
    shadow = apart.min(initial=np.inf) < -3.5 and bool((apart < -2.5).all()) and dark
    return not (cloud or shadow)


def _longest_forest(series: Numbers, cover: NDArray[np.int64], low: float, high: float) -> Forest:
    inside = (series[COMP] >= low) & (series[COMP] <= high)
    start, length, at = 0, 0, 0
    for key, years in groupby(inside):
        size = len(list(years))
        if key and size > length:
            start, length = at, size
        at += size
    if length == 0:
        never = np.full(len(BANDS), _NEVER_FOREST)
        return Forest(0, 0, never, never)
    part = series[:, start : start + length]
    mean = part.mean(axis=1)
    water = int((cover[start : start + length] == WATER).sum())
    return Forest(start, length - water, mean, part.std(axis=1) if length > 1 else mean / 3)


def _segments(runs: list[tuple[bool, int]]) -> list[tuple[int, int, int]]:
    """Runs of high and low years as (label, first, last); single years give way to what surrounds them."""
    labels: list[int] = []
    for is_high, size in runs:
        several, single = (HIGH, SINGLE_HIGH) if is_high else (LOW, SINGLE_LOW)
        labels += [single if size < 2 else several] * size
    _absorb(labels, SINGLE_LOW, HIGH, SINGLE_HIGH)
    _absorb(labels, SINGLE_HIGH, LOW, SINGLE_LOW)
    answer, at = [], 0
    for label, years in groupby(labels):
        size = len(list(years))
        answer.append((label, at, at + size - 1))
        at += size
    return answer


def _absorb(labels: list[int], single: int, into: int, opposite: int) -> None:
    """A single year beside a lasting state of the other sort joins it, with the single years of that sort behind it.

    First forwards through time, where it may also stand between two lasting states, then backwards.
    """
    n = len(labels)
    for step, between in ((1, True), (-1, False)):
        i = 1 if step == 1 else n - 2
        while 0 < i < n - 1:
            before, after = labels[i - step], labels[i + step]
            if labels[i] == single and before == into and after == into and between:
                labels[i] = into
            elif labels[i] == single and before == into and after == opposite:
                labels[i] = into
                i += step
                while 0 <= i < n and labels[i] == opposite:
                    labels[i] = into
                    i += step
                continue
            i += step


def _describe(
    label: int, start: int, end: int, series: Numbers, good: NDArray[np.bool_], forest: Forest, history: History
) -> None:
    last = end == series.shape[1] - 1
    if label == HIGH or (label == SINGLE_HIGH and last):
        _disturb(start, end, series, forest, history)
        return
    history.flags[start : end + 1] = FOREST_BETWEEN
    if label == LOW and end >= start + 3:
        _minor_disturbances(start, end, series, good, forest, history)


def _disturb(start: int, end: int, series: Numbers, forest: Forest, history: History) -> None:
    """Marks a disturbance; its magnitude is taken where the composite peaks without standing out alone."""
    end = min(end, series.shape[1] - 1)
    composite, peak = series[COMP], start
    history.flags[start : end + 1] = TRANSITION
    history.flags[start] = DISTURBED
    for i in range(start + 1, end):
        beside = min(composite[i] - composite[i - 1], composite[i] - composite[i + 1])
        if composite[i] > composite[peak] and beside < 2.0:
            peak = i
    for row, band in enumerate((COMP, B4, NDVI, DNBR)):
        history.magnitudes[row, start] = series[band, peak] - forest.mean[band]
    history.disturbances += 1


def _minor_disturbances(
    start: int, end: int, series: Numbers, good: NDArray[np.bool_], forest: Forest, history: History
) -> None:
    i = start
    while i <= end:
        if not (good[i] and _starts_minor(series, forest, i)):
            i += 1
            continue
        j = i + 1
        while j <= end and good[j] and _goes_on(series, forest, j):
            j += 1
        if j - i > 1:
            _disturb(i, j, series, forest, history)
        i = j


def _starts_minor(s: Numbers, forest: Forest, i: int) -> bool:
    mean, deviation = forest.mean, forest.deviation
    extra = 1.0 if i == 0 else 0.0
    brighter = (
        s[COMP, i] > mean[COMP] + 1.5 + deviation[COMP] + extra or s[B5, i] > mean[B5] + 1 + deviation[B5] + extra
    )
    barer = s[NDVI, i] < mean[NDVI] and s[DNBR, i] < mean[DNBR]
    much_barer = any(s[b, i] < mean[b] - 0.15 - deviation[b] - extra / 10 for b in (NDVI, DNBR))
    suspicious = bool((brighter and barer) or much_barer)
    if i == 0:
        return suspicious
    rise = s[:, i] - s[:, i - 1]
    return suspicious and bool(rise[COMP] > 2 or rise[B5] > 2 or rise[DNBR] < -0.2)


def _goes_on(s: Numbers, forest: Forest, i: int) -> bool:
    mean, deviation = forest.mean, forest.deviation
    brighter = any(s[b, i] > mean[b] + 1 + deviation[b] / 2 for b in (COMP, B5))
    barer = any(s[b, i] < mean[b] for b in (NDVI, DNBR))
    much_barer = any(s[b, i] < mean[b] - 0.1 - deviation[b] for b in (NDVI, DNBR))
    return (brighter and barer) or much_barer


def _kind(
    series: Numbers,
    cover: NDArray[np.int64],
    base: float,
    turns: int,
    forest: Forest,
    history: History,
    limits: Limits,
) -> int:
    """Forest, changed forest, water or something else."""
    n = len(cover)
    wet = (cover == WATER) | (cover == SHADOW)
    share, shadows = wet.mean(), (cover == SHADOW).mean()
    if wet[: n // 3].sum() > 1 and wet[n - n // 3 :].sum() > 1 and share > 0.4 and share > 2 * shadows:
        return PERMANENT_WATER
    short_inside = forest.length < 3 and 1 < forest.start < n - 1 - forest.length
    if turns > int(n * 0.33) or base > limits.score or series[NDVI].max() < limits.ndvi or short_inside:
        return NON_FOREST
    if forest.length < 1:
        return PERMANENT_WATER if share > 0.15 else NON_FOREST
    return CHANGED if history.disturbances else FOREST
