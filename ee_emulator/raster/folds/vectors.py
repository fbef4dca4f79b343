"""Folds of directions and of points: circular statistics and the geometric median."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ee_emulator.raster.folds.numbers import numbers
from ee_emulator.raster.reducer import Column, Fold, Samples

Array = NDArray[np.float64]
_ROUNDS = 200
_NEAR = 1e-12


def _circular(finish: Callable[[Array, Array], Array]) -> Fold:
    """A fold of the mean vector of angles in radians (K. Mardia and P. Jupp, Directional Statistics, section 2.2)."""

    def fold(samples: Samples) -> list[Column]:
        values, ok = numbers(samples), samples.valid[0]
        shares = samples.weight(ok)
        weight = shares.sum(axis=0)
        angles = np.where(ok, values, 0.0)
        safe = np.where(weight > 0, weight, 1.0)
        east, north = ((shares * part(angles)).sum(axis=0) / safe for part in (np.cos, np.sin))
        return [(finish(east, north), np.asarray(weight > 0))]

    return fold


circular_mean = _circular(lambda east, north: np.arctan2(north, east))
circular_variance = _circular(lambda east, north: 1.0 - np.hypot(east, north))
circular_deviation = _circular(lambda east, north: np.sqrt(-2.0 * np.log(np.minimum(np.hypot(east, north), 1.0))))


def geometric_median(dimensions: int, eta: float) -> Fold:
    """The point whose weighted distances to the observations sum to the least, by Weiszfeld's iteration.

    It stops when no place gains more than a millionth of `eta`, so that what Earth Engine's own solver leaves is the
    larger difference; a point on an observation is kept there if it is the
    median, else moved off (Y. Vardi and C.-H. Zhang, PNAS 97, 2000).
    """

    def fold(samples: Samples) -> list[Column]:
        ok = samples.complete()
        weights = samples.weight(ok)
        total = weights.sum(axis=0)
        points = np.stack([np.where(ok, numbers(samples, k), 0).astype(np.float64) for k in range(dimensions)], -1)
        centre = np.einsum("np,npk->pk", weights, points) / np.where(total > 0, total, 1.0)[:, None]
        cost = _distances(points, centre, weights)
        for _ in range(_ROUNDS):
            centre = _nearer(points, centre, weights)
            before, cost = cost, _distances(points, centre, weights)
            if not ((before - cost) > eta * 1e-6).any():
                break
        return [(centre[:, k], np.asarray(total > 0)) for k in range(dimensions)]

    return fold


def _distances(points: Array, centre: Array, weights: Array) -> Array:
    found: Array = (weights * np.linalg.norm(points - centre, axis=-1)).sum(axis=0)
    return found


def _nearer(points: Array, centre: Array, weights: Array) -> Array:
    """One step of Weiszfeld's iteration in the form of Vardi and Zhang."""
    away = points - centre
    distance = np.linalg.norm(away, axis=-1)
    there = distance < _NEAR
    pull = np.where(there, 0.0, weights / np.where(there, 1.0, distance))
    total = pull.sum(axis=0)
    safe = np.where(total > 0, total, 1.0)[:, None]
    target = np.einsum("np,npk->pk", pull, points) / safe
    force = np.linalg.norm(np.einsum("np,npk->pk", pull, away), axis=-1)
    held = (weights * there).sum(axis=0)
    stay = np.where(force > 0, np.minimum(1.0, held / np.where(force > 0, force, 1.0)), 1.0)[:, None]
    return np.where(total[:, None] > 0, (1 - stay) * target + stay * centre, centre)
