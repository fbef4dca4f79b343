"""The loops of CCDC over the observations of a pixel; `ccdc` says what they do and whose method it is."""

import math

import numpy as np
from numpy.typing import NDArray

from ee_emulator.series.ccdc import Settings, Work
from ee_emulator.series.ccdc_model import fit, predict
from ee_emulator.series.ccdc_noise import find_noise, median, median_step
from ee_emulator.series.machine import compiled

Numbers = NDArray[np.float64]

OBSERVATIONS_EACH = 3
"""Observations wanted for every coefficient."""


@compiled
def _drop(w: Work, start: int, end: int, count: int) -> int:
    """Removes the noisy observations among `start` to `end`; returns how many are left of `count`."""
    to = start
    for i in range(start, count):
        if i > end or not w.noisy[i]:
            w.x[to] = w.x[i]
            for b in range(len(w.y)):
                w.y[b, to] = w.y[b, i]
            to += 1
    return to


@compiled
def _drop_one(w: Work, at: int, count: int) -> int:
    w.noisy[at] = True
    return _drop(w, at, at, count)


@compiled
def _fit_all(w: Work, s: Settings, start: int, end: int, width: int, model: Numbers, row: Numbers) -> None:
    """Models of all bands, and start, end and number of observations in a row of the table."""
    for b in range(len(w.y)):
        fit(w.x, w.y[b], start, end, width, 2 * math.pi / s.year, s.penalty, s.rounds, model[b])
    row[0], row[1], row[2], row[3], row[4] = w.x[start], w.x[end], 0.0, end - start + 1, 0.0


@compiled
def _deviation(w: Work, s: Settings, at: int, model: Numbers, errors: Numbers, apart: Numbers) -> float:
    """Squared deviations of an observation in units of error, summed over bands; `apart` takes them as they are."""
    total = 0.0
    for b in range(len(w.y)):
        apart[b] = w.y[b, at] - predict(model[b], w.x[at], 2 * math.pi / s.year)
        unit = max(errors[b], w.steps[b])
        if w.watched[b] and apart[b] != 0:
            total += (apart[b] / unit) ** 2 if unit > 0 else np.inf
    return total


@compiled
def _is_stable(w: Work, s: Settings, start: int, end: int, model: Numbers) -> bool:
    """Whether a first model neither rises too much nor misses its first and last observation by too much."""
    total, omega = 0.0, 2 * math.pi / s.year
    for b in range(len(w.y)):
        unit = max(model[b, 8], w.steps[b])
        if w.watched[b] and unit > 0:
            away = abs(model[b, 1] * (w.x[end] - w.x[start]))
            away += abs(w.y[b, start] - predict(model[b], w.x[start], omega))
            away += abs(w.y[b, end] - predict(model[b], w.x[end], omega))
            total += (away / unit) ** 2
    return total <= s.change


@compiled
def _seasonal_errors(
    w: Work, s: Settings, start: int, end: int, ahead: float, model: Numbers, width: int, errors: Numbers
) -> None:
    """Error of each band over those observations of the model that are nearest in season to a moment."""
    n, omega = end - start + 1, 2 * math.pi / s.year
    distance, order = np.zeros(n), np.zeros(n, np.int64)
    for i in range(n):
        away = w.x[start + i] - ahead
        distance[i] = abs(round(away / s.year) * s.year - away)
        j = i
        while j > 0 and distance[order[j - 1]] > distance[i]:
            order[j] = order[j - 1]
            j -= 1
        order[j] = i
    used = min(OBSERVATIONS_EACH * width, n)
    for b in range(len(w.y)):
        squares = 0.0
        for k in range(used):
            at = start + order[k]
            squares += (w.y[b, at] - predict(model[b], w.x[at], omega)) ** 2
        errors[b] = math.sqrt(squares / max(used - width, 1))


@compiled
def _after_break(w: Work, count: int, found: int, table: Numbers) -> int:
    """The first observation after the last break."""
    at = 0
    while found > 0 and at < count and w.x[at] < table[found - 1, 2]:
        at += 1
    return at


@compiled
def _train(w: Work, s: Settings, count: int, start: int, end: int) -> tuple[int, int, int, bool]:
    """One attempt at a first model; returns start, end, number of observations left, and whether it is stable."""
    if s.first >= 0:
        find_noise(w.x, w.y, s.first, s.second, start, min(end + s.least, count - 1), s.year, w.steps, w.noisy)
        good, low, high = 0, end, start
        for i in range(start, end + 1):
            if not w.noisy[i]:
                good += 1
                low, high = min(low, i), i
        if good < OBSERVATIONS_EACH * s.simple or w.x[high] - w.x[low] < s.year:
            return start, end + 1, count, False
        count = _drop(w, start, end, count)
        end = start + good - 1
    _fit_all(w, s, start, end, s.simple, w.model, np.zeros(5))
    if not _is_stable(w, s, start, end, w.model):
        return start + 1, end + 1, count, False
    return start, end, count, True


@compiled
def _look_back(w: Work, s: Settings, count: int, begin: int, start: int, end: int) -> tuple[int, int, int, int]:
    """Takes earlier observations into a first model while they follow it.

    Returns:
        Start, end, number of observations left, and how many deviations `w.recent` holds.
    """
    looked, earlier, errors = 0, start - 1, w.model[:, 8].copy()
    while earlier >= begin:
        looked = min(start - begin, s.least)
        smallest, newest = np.inf, 0.0
        for i in range(looked):
            away = _deviation(w, s, earlier - i, w.model, errors, w.recent[i])
            smallest = min(smallest, away)
            newest = away if i == 0 else newest
        if smallest > s.change:
            break
        if newest > s.spike:
            count = _drop_one(w, earlier, count)
            end -= 1
        start = earlier
        earlier -= 1
    return start, end, count, looked


@compiled
def _refitted(w: Work, s: Settings, start: int, end: int, model: Numbers, row: Numbers) -> int:
    """Fits as many coefficients as the observations allow; returns how many."""
    size = end - start + 1
    width = s.simple if size < OBSERVATIONS_EACH * 6 else (6 if size < OBSERVATIONS_EACH * 8 else 8)
    _fit_all(w, s, start, end, width, model, row)
    return width


@compiled
def _follow(
    w: Work, s: Settings, count: int, start: int, end: int, model: Numbers, row: Numbers
) -> tuple[int, int, bool]:
    """Extends a model observation by observation until a break or the end.

    Returns:
        Its last observation, number of observations left, and whether there is a break.
    """
    fitted_span, old_end, width, errors = 0.0, end, s.simple, np.zeros(len(w.y))
    while end < count - s.least:
        span = w.x[end] - w.x[start]
        if fitted_span == 0 or end - start + 1 <= OBSERVATIONS_EACH * 8:
            width = _refitted(w, s, start, end, model, row)
            fitted_span, old_end = span, end
            errors[:] = model[:, 8]
            for i in range(s.least):
                w.away[i] = _deviation(w, s, end + 1 + i, model, errors, w.recent[i])
        else:
            if span >= s.refit * fitted_span:
                width = _refitted(w, s, start, end, model, row)
                fitted_span, old_end = span, end
            row[1] = w.x[end]
            _seasonal_errors(w, s, start, old_end, w.x[end + s.least], model, width, errors)
            for i in range(s.least - 1):
                w.away[i] = w.away[i + 1]
                for b in range(len(w.y)):
                    w.recent[i, b] = w.recent[i + 1, b]
            w.away[s.least - 1] = _deviation(w, s, end + s.least, model, errors, w.recent[s.least - 1])
        if w.away.min() > s.change:
            return end, count, True
        if w.away[0] > s.spike:
            count = _drop_one(w, end + 1, count)
        else:
            end += 1
    return end, count, False


@compiled
def _magnitude(w: Work, start: int, end: int, sign: float, model: Numbers) -> None:
    """The median of recent deviations, band by band."""
    for b in range(len(w.y)):
        ordered = w.recent[start:end, b].copy()
        model[b, 9] = sign * median(ordered, 0, len(ordered))


@compiled
def _open_end(w: Work, s: Settings, count: int, model: Numbers, row: Numbers) -> None:
    """A model that lasts to the end: where the last observations leave it, a break is likely from there on."""
    last = s.least
    for i in range(s.least, 0, -1):
        if w.away[i - 1] <= s.change:
            last = i
            break
    row[4] = (s.least - last) / s.least
    row[1] = w.x[count - 1 - s.least + last]
    if last < s.least:
        row[2] = w.x[count - s.least + last]
        _magnitude(w, last, s.least, 1.0, model)


@compiled
def _rest(w: Work, s: Settings, count: int, start: int, model: Numbers, row: Numbers) -> int:
    """What is left after the last break, where it is too short for a stable model; returns 1 if there is a model."""
    if count - start < s.least:
        return 0
    if s.first >= 0:
        find_noise(w.x, w.y, s.first, s.second, start, count - 1, s.year, w.steps, w.noisy)
        count = _drop(w, start, count - s.least - 1, count)
    if count - start < s.least:
        return 0
    _fit_all(w, s, start, count - 1, s.simple, model, row)
    return 1


@compiled
def detect_all(w: Work, s: Settings, start: int, table: Numbers, models: Numbers) -> int:
    """Fills rows of `table` (start, end, break, observations, probability) and `models`; returns how many.

    `start` is 0: numba would translate what it calls twice over for a constant and for a number.
    """
    count = len(w.x)
    for b in range(len(w.y)):
        w.steps[b] = median_step(w.x, w.y[b])
    found, end = 0, start + OBSERVATIONS_EACH * s.simple - 1
    while end < count - s.least:
        if end - start + 1 < OBSERVATIONS_EACH * s.simple or w.x[end] - w.x[start] < s.year:
            end += 1
            continue
        start, end, count, stable = _train(w, s, count, start, end)
        if not stable:
            continue
        begin = _after_break(w, count, found, table)
        start, end, count, looked = _look_back(w, s, count, begin, start, end)
        if found == 0 and start - begin >= s.least:
            _fit_all(w, s, begin, start - 1, s.simple, models[0], table[0])
            table[0, 2], table[0, 4], found = w.x[start], 1.0, 1
            _magnitude(w, 0, looked, -1.0, models[0])
        if end >= count - s.least:
            break
        end, count, broken = _follow(w, s, count, start, end, models[found], table[found])
        if not broken:
            _open_end(w, s, count, models[found], table[found])
            return found + 1
        table[found, 2], table[found, 4] = w.x[end + 1], 1.0
        _magnitude(w, 0, s.least, 1.0, models[found])
        found += 1
        start = end + 1
        end = start + 1
    start = _after_break(w, count, found, table)
    return found + _rest(w, s, count, start, models[found], table[found])
