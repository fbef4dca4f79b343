"""Folds that fit linear models: least squares, ridge and robust regression, all places at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ee_emulator.raster.folds.numbers import numbers
from ee_emulator.raster.reducer import Column, Fold, Samples

Stack = NDArray[np.float64]
TALWAR = 2.795
"""Residuals in robust deviations beyond which Talwar's cost function drops a point: 95 % as good as least squares for
normal errors (O'Leary 1990, Robust regression computation using iteratively reweighted least squares)."""
_ROUNDS = 30


def linear_regression(num_x: int, num_y: int) -> Fold:
    """Least squares without an intercept of its own: coefficients (num_x, num_y) and root mean squares of residuals.

    No answer where observations are not more than `num_x`, or where they do not determine the coefficients.
    """

    def fold(samples: Samples) -> list[Column]:
        x, y, weights = _observations(samples, num_x, num_y)
        solved, known = _least_squares(x, y, weights)
        known &= (weights > 0).sum(axis=1) > num_x
        return _answers([solved, _deviation(x, y, weights, solved)], known)

    return fold


def robust_regression(num_x: int, num_y: int, beta: float | None) -> Fold:
    """Least squares of the points whose residual is at most `beta`, found by fitting again without the others.

    A point's residual is the root mean square over the dependent variables. Without `beta` it is 2.795 robust
    deviations (the median residual through 0.6745).
    """

    def fold(samples: Samples) -> list[Column]:
        x, y, weights = _observations(samples, num_x, num_y)
        solved, known = _least_squares(x, y, weights)
        kept = weights
        for _ in range(_ROUNDS):
            residuals = np.sqrt(((y - x @ solved) ** 2).mean(axis=2))
            limit = _spread(residuals, weights) * TALWAR if beta is None else np.full(len(x), beta)
            inside = np.where(residuals <= limit[:, None] + 1e-12, weights, 0.0)
            if (inside == kept).all():
                break
            kept = inside
            solved, now = _least_squares(x, y, kept)
            known &= now
        known &= (weights > 0).sum(axis=1) >= num_x
        return _answers([solved, _deviation(x, y, kept, solved)], known)

    return fold


def ridge_regression(num_x: int, num_y: int, penalty: float) -> Fold:
    """Least squares of standardised variables with a penalty on the squared coefficients; the intercept comes last.

    The third output is the p-value of the F test of each model. Columns are standardised, as the ridge regression of
    Smile does (haifengl.github.io), whose learners Earth Engine uses elsewhere; its own is not documented further.
    """

    def fold(samples: Samples) -> list[Column]:
        x, y, weights = _observations(samples, num_x, num_y)
        total = np.maximum(weights.sum(axis=1), 1e-300)[:, None]
        x_mean, y_mean = (np.einsum("pn,pnk->pk", weights, v) / total for v in (x, y))
        centred, beside = x - x_mean[:, None], y - y_mean[:, None]
        scale = np.sqrt(np.einsum("pn,pnk->pk", weights, centred**2) / total)
        safe = np.where(scale > 0, scale, 1.0)
        standard = centred / safe[:, None]
        weighted = standard * weights[:, :, None]
        normal = weighted.swapaxes(1, 2) @ standard + penalty * np.eye(num_x)
        known = (weights > 0).sum(axis=1) >= num_x + 1
        solvable = known & (np.linalg.matrix_rank(normal) == num_x)
        normal = np.where(solvable[:, None, None], normal, np.eye(num_x))
        slopes = np.linalg.solve(normal, weighted.swapaxes(1, 2) @ beside) / safe[:, :, None]
        intercept = y_mean - np.einsum("pk,pky->py", x_mean, slopes)
        solved = np.concatenate([slopes, intercept[:, None]], axis=1)
        full = np.concatenate([x, np.ones((*x.shape[:2], 1))], axis=2)
        tests = _f_test(full, y, weights, solved, num_x)
        return _answers([solved, _deviation(full, y, weights, solved), tests], solvable)

    return fold


def _observations(samples: Samples, num_x: int, num_y: int) -> tuple[Stack, Stack, Stack]:
    """Independent and dependent variables, (places, observations, variables), and weights that are 0 where masked."""
    ok = samples.complete()
    columns = [np.where(ok, numbers(samples, k), 0).astype(np.float64).T for k in range(num_x + num_y)]
    x, y = np.stack(columns[:num_x], axis=2), np.stack(columns[num_x:], axis=2)
    return x, y, samples.weight(ok).T


def _least_squares(x: Stack, y: Stack, weights: Stack) -> tuple[Stack, NDArray[np.bool_]]:
    """Coefficients (places, num_x, num_y), and where the observations determine them."""
    width = x.shape[2]
    if x.shape[1] < width:
        return np.zeros((len(x), width, y.shape[2])), np.zeros(len(x), bool)
    root = np.sqrt(weights)[:, :, None]
    q, r = np.linalg.qr(root * x)
    pivots = np.abs(r.diagonal(axis1=1, axis2=2))
    known = np.asarray((pivots > 1e-12 * pivots.max(axis=1, keepdims=True, initial=0.0)).all(axis=1))
    safe = np.where(known[:, None, None], r, np.eye(width))
    return np.asarray(np.linalg.solve(safe, q.swapaxes(1, 2) @ (root * y)), np.float64), known


def _deviation(x: Stack, y: Stack, weights: Stack, solved: Stack) -> Stack:
    """Root mean square of the residuals of each dependent variable, (places, num_y)."""
    squares = np.einsum("pn,pny->py", weights, (y - x @ solved) ** 2)
    return np.asarray(np.sqrt(squares / np.maximum(weights.sum(axis=1), 1e-300)[:, None]))


def _spread(residuals: Stack, weights: Stack) -> Stack:
    """Median absolute residual through 0.6745, the deviation of normal errors, (places,)."""
    shown = np.where(weights > 0, residuals, np.nan)
    none = np.asarray(np.isnan(shown).all(axis=1))
    return np.asarray(np.nanmedian(np.where(none[:, None], 0.0, shown), axis=1) / 0.6745)


def _f_test(x: Stack, y: Stack, weights: Stack, solved: Stack, num_x: int) -> Stack:
    """p-value of the hypothesis that no variable matters, (places, num_y)."""
    from scipy import stats

    left = np.einsum("pn,pny->py", weights, (y - x @ solved) ** 2)
    mean = np.einsum("pn,pny->py", weights, y) / np.maximum(weights.sum(axis=1), 1e-300)[:, None]
    whole = np.einsum("pn,pny->py", weights, (y - mean[:, None]) ** 2)
    freedom = ((weights > 0).sum(axis=1) - num_x - 1)[:, None]
    statistic = np.maximum(whole - left, 0.0) / num_x / (left / freedom)
    found: Stack = np.where(freedom > 0, stats.f.sf(statistic, num_x, np.maximum(freedom, 1)), np.nan)
    return found


def _answers(outputs: Sequence[Stack], known: NDArray[np.bool_]) -> list[Column]:
    """Array outputs: one array a place."""
    return [(_items(output), known) for output in outputs]


def _items(stack: Stack) -> NDArray[np.object_]:
    column = np.empty(len(stack), object)
    for place, item in enumerate(stack):
        column[place] = item
    return column
