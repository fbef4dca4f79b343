"""Ridge regression from moments: one eigendecomposition solves every penalty and every label at once.

Rows are summed into the moments of their group (a city, a block) once. Moments add up, so that the training set of any
fold is a sum, and the squared error on a held-out group follows from the group's own moments.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
ALPHAS: tuple[float, ...] = tuple(float(alpha) for alpha in np.logspace(-1, 7, 17))
"""Penalties tried, on standardised features and the sum of squared errors (scikit-learn's convention)."""

_CONSTANT = 1e-12  # variance below which a feature is constant, relative to the largest


@dataclass(frozen=True)
class Moments:
    """Sums over some rows of features X (d columns) and labels Y (k columns).

    Attributes:
        rows: Number of rows.
        x: Sum of X; (d,).
        y: Sum of Y; (k,).
        xx: XᵀX; (d, d).
        xy: XᵀY; (d, k).
        yy: Sum of Y²; (k,).
    """

    rows: int
    x: Float
    y: Float
    xx: Float
    xy: Float
    yy: Float

    def __add__(self, other: "Moments") -> "Moments":
        """Moments of the rows of both."""
        return Moments(
            self.rows + other.rows,
            self.x + other.x,
            self.y + other.y,
            self.xx + other.xx,
            self.xy + other.xy,
            self.yy + other.yy,
        )


@dataclass(frozen=True)
class Fit:
    """A ridge fit, one column a label: prediction = X @ coefficients + intercept.

    Attributes:
        coefficients: On raw features; (d, k).
        intercept: (k,).
        alpha: Penalty of each label; (k,).
    """

    coefficients: Float
    intercept: Float
    alpha: Float

    def squared_error(self, held_out: Moments) -> Float:
        """Sum of squared errors of each label on the rows of the moments; (k,)."""
        b, c = self.coefficients, self.intercept
        explained = np.einsum("dk,de,ek->k", b, held_out.xx, b, optimize=True)
        cross = np.einsum("dk,dk->k", b, held_out.xy)
        offset = held_out.rows * c**2 + 2 * c * (b.T @ held_out.x) - 2 * c * held_out.y
        return np.asarray(np.maximum(held_out.yy - 2 * cross + explained + offset, 0.0), np.float64)


def moments(X: NDArray[Any], Y: NDArray[Any]) -> Moments:
    """Moments of features (n, d) and labels (n, k) without missing values."""
    X, Y = np.asarray(X, np.float64), np.asarray(Y, np.float64)
    return Moments(len(X), X.sum(0), Y.sum(0), X.T @ X, X.T @ Y, (Y**2).sum(0))


def add(parts: Iterable[Moments]) -> Moments:
    """Moments of the rows of all parts; at least one."""
    first, *rest = parts
    total = first
    for part in rest:
        total = total + part
    return total


class Path:
    """The ridge solutions of one training set for every penalty, on features standardised by that set.

    Args:
        training: Moments of the training rows.
    """

    def __init__(self, training: Moments) -> None:
        self._training = training
        n = training.rows
        self._mean = training.x / n
        covariance = training.xx - n * np.outer(self._mean, self._mean)
        variance = np.clip(np.diag(covariance) / n, 0.0, None)
        constant = variance <= _CONSTANT * max(float(variance.max(initial=0.0)), 1e-300)
        self._inverse = np.where(constant, 0.0, 1.0 / np.sqrt(np.where(constant, 1.0, variance)))
        gram = covariance * np.outer(self._inverse, self._inverse)
        cross = (training.xy - np.outer(self._mean, training.y)) * self._inverse[:, None]
        self._eigenvalues, self._vectors = np.linalg.eigh(gram)
        self._projected = self._vectors.T @ cross

    def fit(self, alpha: Float) -> Fit:
        """The solution with one penalty for each label; alpha (k,)."""
        shrunk = self._projected / (np.clip(self._eigenvalues, 0.0, None)[:, None] + alpha[None, :])
        coefficients = (self._vectors @ shrunk) * self._inverse[:, None]
        intercept = self._training.y / self._training.rows - self._mean @ coefficients
        return Fit(coefficients, intercept, alpha)

    def squared_errors(self, held_out: Moments, alphas: Sequence[float]) -> Float:
        """Sum of squared errors on the held-out rows for every penalty and label; (penalties, k)."""
        # The held-out moments are rotated once, so that a penalty costs d² and not d³.
        n, mean = held_out.rows, self._mean
        x = held_out.x
        xx = held_out.xx - np.outer(mean, x) - np.outer(x, mean) + n * np.outer(mean, mean)
        rotation = self._vectors * self._inverse[:, None]
        xx = rotation.T @ xx @ rotation
        x = rotation.T @ (x - n * mean)
        level = self._training.y / self._training.rows
        xy = rotation.T @ (held_out.xy - np.outer(mean, held_out.y)) - np.outer(x, level)
        yy = held_out.yy - 2 * level * held_out.y + n * level**2
        eigenvalues = np.clip(self._eigenvalues, 0.0, None)[:, None]
        errors = np.empty((len(alphas), len(yy)))
        for index, alpha in enumerate(alphas):
            weights = self._projected / (eigenvalues + alpha)
            errors[index] = yy - 2 * (weights * xy).sum(0) + (weights * (xx @ weights)).sum(0)
        return np.maximum(errors, 0.0)


def choose_and_fit(groups: Sequence[Moments], alphas: Sequence[float] = ALPHAS) -> Fit:
    """Fits on all groups, with the penalty of each label chosen by leaving whole groups out one at a time.

    The penalty with the smallest squared error summed over the groups left out wins; of equals the larger one.

    Args:
        groups: Moments of each training group (a city, or a block); at least two.
        alphas: Penalties to choose from.
    """
    order = np.sort(np.asarray(alphas, np.float64))[::-1]
    total = add(groups)
    errors = np.zeros((len(order), len(total.y)))
    for index, held_out in enumerate(groups):
        rest = add([group for other, group in enumerate(groups) if other != index])
        errors += Path(rest).squared_errors(held_out, order.tolist())
    return Path(total).fit(order[errors.argmin(axis=0)])
