"""Texture: entropy of a window's values, and Haralick's measures of its grey-level co-occurrences.

Nothing builds a matrix of co-occurrences: the pairs of a window are sorted, and what depends on how often a pair occurs
follows from the lengths of runs of equal ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ee_emulator.catalog.base import Pixels
from ee_emulator.raster.neighbourhood import inner, strips

Array = NDArray[np.float64]
Keys = NDArray[np.int64]
Mask = NDArray[np.bool_]
Offset = tuple[int, int]

_LAST = np.iinfo(np.int64).max
"""Sorts behind all keys: a pixel or pair that does not count."""

MEASURES = (
    *("asm", "contrast", "corr", "var", "idm", "savg", "svar", "sent", "ent", "dvar", "dent", "imcorr1", "imcorr2"),
    *("maxcorr", "diss", "inertia", "shade", "prom"),
)
"""Haralick's fourteen measures (1973) in his order, and four of Conners, Trivedi and Harlow (1984)."""


def over_runs(keys: Keys, valid: Mask, weigh: Callable[[Array], Array]) -> Array:
    """The sum of a function of how often each key occurs, for each place; keys are (N, P).

    Runs are not collected: each further key of a run adds what the function grows by.
    """
    ordered = np.sort(np.where(valid, keys, _LAST), axis=0)
    count = valid.sum(axis=0)
    steps = np.diff(weigh(np.arange(len(keys) + 1, dtype=np.float64)))
    run = np.zeros(keys.shape[1], np.intp)
    total = np.zeros(keys.shape[1])
    for k in range(len(ordered)):
        run = np.where(ordered[k] == ordered[k - 1], run + 1, 0) if k else run
        total += np.where(k < count, steps[run], 0.0)
    return total


def _times_log(count: Array) -> Array:
    return np.asarray(count * np.log(np.maximum(count, 1.0)))


def _information(keys: Keys, valid: Mask) -> Array:
    """Entropy of the keys of each place, in nats; 0 where there are none."""
    count = np.maximum(valid.sum(axis=0), 1)
    return np.asarray(np.log(count) - over_runs(keys, valid, _times_log) / count)


def entropy(pixels: Pixels, support: Mask) -> Pixels:
    """Bits that the value of a pixel under the kernel carries: -sum(p log2 p) over the values that occur."""
    rows, columns = (side // 2 for side in support.shape)
    parts = [
        _information(values.astype(np.int64), valid) / np.log(2.0) for [(values, valid)] in strips([pixels], support)
    ]
    mask = inner(pixels.mask, (columns, rows))
    return Pixels(np.concatenate(parts).reshape(mask.shape), mask)


# Co-occurrences ---------------------------------------------------------------------------------------------------


def directions(offsets: Sequence[Offset]) -> list[Offset]:
    """Offsets without the centre and without those whose opposite came before."""
    kept: list[Offset] = []
    for x, y in offsets:
        if (x, y) != (0, 0) and (-x, -y) not in kept:
            kept.append((x, y))
    return kept


def cooccurrences(pixels: Pixels, size: int, offset: Offset) -> tuple[list[Array], Mask]:
    """All `MEASURES` in one direction, and where there is a pair at all.

    Args:
        pixels: Whole numbers of at most 32 bits, with a margin of `size`.
        size: The window reaches so many pixels to each side; both pixels of a pair lie in it.
        offset: Columns and rows from the first to the second pixel of a pair; pairs count both ways.
    """
    x, y = offset
    side = 2 * size + 1
    first = np.zeros((side, side), bool)
    first[max(0, -y) : side - max(0, y), max(0, -x) : side - max(0, x)] = True
    second = np.zeros((side, side), bool)
    second[max(0, y) : side - max(0, -y), max(0, x) : side - max(0, -x)] = True
    height, width = pixels.values.shape[0] - 2 * size, pixels.values.shape[1] - 2 * size
    if not first.any():
        return [np.zeros((height, width)) for _ in MEASURES], np.zeros((height, width), bool)
    parts, valid = [], []
    for [(a, ok_a)], [(b, ok_b)] in zip(strips([pixels], first), strips([pixels], second), strict=True):
        parts.append(_measures(a.astype(np.int64), b.astype(np.int64), ok_a & ok_b))
        valid.append((ok_a & ok_b).any(axis=0))
    joined = [np.concatenate(of_strips).reshape(height, width) for of_strips in zip(*parts, strict=True)]
    return joined, np.concatenate(valid).reshape(height, width)


def _measures(a: Keys, b: Keys, ok: Mask) -> list[Array]:
    """The measures from pairs (N, P); logarithms are natural, as `imcorr2` needs them."""
    count = np.maximum(ok.sum(axis=0), 1)

    def mean(values: NDArray[np.generic]) -> Array:
        return np.asarray(np.where(ok, values, 0).sum(axis=0, dtype=np.float64) / count)

    total, apart = (a + b).astype(np.float64), np.abs(a - b).astype(np.float64)
    middle = mean(total)
    off_centre = total - middle
    contrast, spread = mean(apart**2), mean(off_centre**2)
    # With pairs counted both ways total and difference are uncorrelated: their variances make that of the levels.
    variance, covariance = (spread + contrast) / 4.0, (spread - contrast) / 4.0
    same, low, high = a == b, np.minimum(a, b), np.maximum(a, b)
    pair = (low << 32) | (high & 0xFFFFFFFF)
    pairs, single = over_runs(pair, ok, _square), over_runs(pair, ok & same, _square)
    whole = _information(pair, ok) + np.log(2.0) * mean(~same)
    levels = _information(np.concatenate([a, b]), np.concatenate([ok, ok]))
    measures = {
        "asm": (pairs + single) / (2.0 * count**2),
        "contrast": contrast,
        "corr": np.divide(covariance, variance, out=np.zeros_like(variance), where=variance > 0),
        "var": variance,
        "idm": mean(1.0 / (1.0 + apart**2)),
        "savg": middle,
        "svar": spread,
        "sent": _information(a + b, ok),
        "ent": whole,
        "dvar": mean((apart - mean(apart)) ** 2),
        "dent": _information(np.abs(a - b), ok),
        "imcorr1": np.divide(whole - 2.0 * levels, levels, out=np.zeros_like(levels), where=levels > 0),
        "imcorr2": np.sqrt(np.maximum(1.0 - np.exp(-2.0 * (2.0 * levels - whole)), 0.0)),
        "maxcorr": np.zeros_like(variance),
        "diss": mean(apart),
        "inertia": contrast,
        "shade": mean(off_centre**3),
        "prom": mean(off_centre**4),
    }
    return [measures[name] for name in MEASURES]


def _square(count: Array) -> Array:
    return count * count
