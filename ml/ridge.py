"""Ridge regression from moments: one eigendecomposition solves every penalty and every label at once.

Rows are summed into the moments of their group (a block of a city) once. Moments add up, so that the training set of
any fold is a sum, and the squared error on a held-out group follows from the group's own moments.

A missing value takes its column's mean over the training rows, whichever these are: it is summed as 0, with a flag
beside it that tells how often, so that the mean of any training set can be put in afterwards.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
ALPHAS: tuple[float, ...] = tuple(float(alpha) for alpha in np.logspace(-1, 7, 17))
"""Penalties tried, on standardised features and the sum of squared errors (scikit-learn's convention)."""

_CONSTANT = 1e-12  # variance below which a feature is constant, relative to the largest
_CACHED = 32  # paths kept: those that folds of one city, or of one split, share
_CHUNK = 2048  # rows at a time: memory hangs on it and not on the table


@dataclass(frozen=True)
class Features:
    """A matrix whose missing values are 0, with flags of what was missing to the right of it.

    Attributes:
        values: d features, then a 0/1 column for each set of features that are missing together; (n, d + flags).
        flag_of: Position of each feature's flag in `values`, or −1 where it is never missing; (d,).
    """

    values: NDArray[np.float32]
    flag_of: NDArray[np.int64]


@dataclass(frozen=True)
class Moments:
    """Sums over some rows of features X (d columns and their flags) and labels Y (k columns).

    Attributes:
        rows: Number of rows.
        x: Sum of X; (d + flags,).
        y: Sum of Y; (k,).
        xx: XᵀX; (d + flags, d + flags).
        xy: XᵀY; (d + flags, k).
        yy: Sum of Y²; (k,).
        flag_of: As in `Features`.
    """

    rows: int
    x: Float
    y: Float
    xx: Float
    xy: Float
    yy: Float
    flag_of: NDArray[np.int64]

    def sums(self) -> tuple[Float, Float, Float, Float, Float]:
        """x, y, XᵀX, XᵀY and yy."""
        return self.x, self.y, self.xx, self.xy, self.yy

    @property
    def sst(self) -> Float:
        """Sum of squares of each label about its mean; (k,)."""
        return np.asarray(np.maximum(self.yy - self.y**2 / max(self.rows, 1), 0.0), np.float64)

    def feature_means(self) -> Float:
        """Mean of each feature over the rows that have it, 0 where none has; (d,)."""
        d = len(self.flag_of)
        missing = np.where(self.flag_of >= 0, self.x[self.flag_of], 0.0)
        return np.asarray(self.x[:d] / np.maximum(self.rows - missing, 1.0), np.float64)

    def imputed(self, means: Float) -> "Moments":
        """Moments of the d features alone, with these means (d,) in place of missing values."""
        d = len(self.flag_of)
        if len(self.x) == d:
            return self
        fill = np.eye(len(self.x), d)
        fill[self.flag_of[self.flag_of >= 0], np.flatnonzero(self.flag_of >= 0)] = means[self.flag_of >= 0]
        xx = fill.T @ self.xx @ fill
        complete = np.full(d, -1, np.int64)
        return Moments(self.rows, fill.T @ self.x, self.y, xx, fill.T @ self.xy, self.yy, complete)


@dataclass(frozen=True)
class Fit:
    """A ridge fit, one column a label: prediction = X @ coefficients + intercept.

    Attributes:
        coefficients: On raw features; (d, k).
        intercept: (k,).
        alpha: Penalty of each label; (k,).
        means: Training mean of each feature, which stands in for a missing value; (d,).
    """

    coefficients: Float
    intercept: Float
    alpha: Float
    means: Float

    def squared_error(self, held_out: Moments) -> Float:
        """Sum of squared errors of each label on the rows of the moments; (k,)."""
        held_out = held_out.imputed(self.means)
        b, c = self.coefficients, self.intercept
        explained = np.einsum("dk,dk->k", b, held_out.xx @ b)
        cross = np.einsum("dk,dk->k", b, held_out.xy)
        offset = held_out.rows * c**2 + 2 * c * (b.T @ held_out.x) - 2 * c * held_out.y
        return np.asarray(np.maximum(held_out.yy - 2 * cross + explained + offset, 0.0), np.float64)


def features(matrix: NDArray[Any]) -> Features:
    """Features out of a matrix (n, d) with NaN where missing; float32."""
    missing = ~np.isfinite(matrix)
    flags: dict[bytes, int] = {}
    flag_of = np.full(matrix.shape[1], -1, np.int64)
    for column in np.flatnonzero(missing.any(axis=0)):
        flag_of[column] = matrix.shape[1] + flags.setdefault(np.packbits(missing[:, column]).tobytes(), len(flags))
    if not flags:
        return Features(np.asarray(matrix, np.float32), flag_of)
    _, first = np.unique(flag_of[flag_of >= 0], return_index=True)
    flagged = missing[:, np.flatnonzero(flag_of >= 0)[first]]
    return Features(np.hstack([np.where(missing, 0.0, matrix), flagged]).astype(np.float32, copy=False), flag_of)


def moments(X: Features, Y: NDArray[Any], rows: NDArray[np.int64]) -> Moments:
    """Moments of some rows of features and labels (n, k); the labels are known there."""
    return add(_moments(X, Y, chunk) for chunk in _chunks(rows))


def _moments(X: Features, Y: NDArray[Any], rows: NDArray[np.int64]) -> Moments:
    x, y = X.values[rows].astype(np.float64), np.asarray(Y[rows], np.float64)
    return Moments(len(rows), x.sum(0), y.sum(0), x.T @ x, x.T @ y, (y**2).sum(0), X.flag_of)


def _chunks(rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The rows in order, some at a time; one empty chunk where there are none."""
    return [rows[start : start + _CHUNK] for start in range(0, max(len(rows), 1), _CHUNK)]


def known_moments(
    whole: Moments, X: Features, Y: NDArray[Any], rows: NDArray[np.int64], labels: Sequence[int]
) -> Moments:
    """Moments of those of some rows for which some labels are known, at the price of those for which they are not.

    The costly sum XᵀX is taken once for all labels (`whole`); what these lack is taken away from it.

    Args:
        whole: Moments of all the rows, with 0 for labels that are unknown.
        X: Features.
        Y: Labels, NaN where unknown; (n, k).
        rows: The rows.
        labels: Columns of Y that are known for the same rows, one of the sets of `label_sets`.
    """
    there = np.isfinite(Y[rows, labels[0]])
    count, x, xx = int(there.sum()), whole.x, whole.xx
    nothing = Y[:, :0]
    if 2 * count < len(rows):
        found = moments(X, nothing, rows[there])
        x, xx = found.x, found.xx
    elif count < len(rows):
        lacking = moments(X, nothing, rows[~there])
        x, xx = x - lacking.x, xx - lacking.xx
    return Moments(count, x, whole.y[labels], xx, whole.xy[:, labels], whole.yy[labels], X.flag_of)


def filled(X: Features, rows: NDArray[np.int64], means: Float) -> Float:
    """Some rows of the d features, with these means (d,) in place of missing values; float64 (rows, d)."""
    d = len(X.flag_of)
    values = X.values[rows].astype(np.float64)
    flagged = np.flatnonzero(X.flag_of >= 0)
    values[:, flagged] += values[:, X.flag_of[flagged]] * means[flagged]
    return np.ascontiguousarray(values[:, :d])


def label_sets(Y: NDArray[Any]) -> list[list[int]]:
    """Columns of labels (n, k) gathered by the rows for which they are known, in order of first appearance."""
    known = np.isfinite(Y)
    gathered: dict[bytes, list[int]] = {}
    for label in range(Y.shape[1]):
        gathered.setdefault(np.packbits(known[:, label]).tobytes(), []).append(label)
    return list(gathered.values())


def add(parts: Iterable[Moments]) -> Moments:
    """Moments of the rows of all parts; at least one."""
    first, *rest = parts
    rows = first.rows + sum(part.rows for part in rest)
    x, y, xx, xy, yy = (array.copy() for array in first.sums())
    for part in rest:
        for total, array in zip((x, y, xx, xy, yy), part.sums(), strict=True):
            total += array  # in place: a new matrix a part would cost more than the sum
    return Moments(rows, x, y, xx, xy, yy, first.flag_of)


class Path:
    """The ridge solutions of one training set for every penalty, on features standardised by that set.

    Args:
        training: Moments of the training rows.
    """

    def __init__(self, training: Moments) -> None:
        self._fill = training.feature_means()
        training = training.imputed(self._fill)
        n = training.rows
        self._mean, self._level = training.x / n, training.y / n
        covariance = training.xx - n * np.outer(self._mean, self._mean)
        variance = np.clip(np.diag(covariance) / n, 0.0, None)
        constant = variance <= _CONSTANT * max(float(variance.max(initial=0.0)), 1e-300)
        self._inverse = np.where(constant, 0.0, 1.0 / np.sqrt(np.where(constant, 1.0, variance)))
        gram = covariance * np.outer(self._inverse, self._inverse)
        cross = (training.xy - np.outer(self._mean, training.y)) * self._inverse[:, None]
        eigenvalues, self._vectors = np.linalg.eigh(gram)
        self._eigenvalues = np.clip(eigenvalues, 0.0, None)[:, None]
        self._projected = self._vectors.T @ cross

    def fit(self, alpha: Float) -> Fit:
        """The solution with one penalty for each label; alpha (k,)."""
        shrunk = self._projected / (self._eigenvalues + alpha[None, :])
        coefficients = (self._vectors @ shrunk) * self._inverse[:, None]
        return Fit(coefficients, self._level - self._mean @ coefficients, alpha, self._fill)

    def squared_errors(self, held_out: Moments, alphas: Sequence[float]) -> Float:
        """Sum of squared errors on the held-out rows for every penalty and label; (penalties, k)."""
        weights = np.stack([self._projected / (self._eigenvalues + alpha) for alpha in alphas])
        coefficients = (self._vectors @ np.hstack(list(weights))) * self._inverse[:, None]
        held_out = held_out.imputed(self._fill)
        # about the training means, so that there is no intercept
        n, mean, level = held_out.rows, self._mean, self._level
        xx = held_out.xx - np.outer(mean, held_out.x) - np.outer(held_out.x - n * mean, mean)
        xy = held_out.xy - np.outer(mean, held_out.y) - np.outer(held_out.x - n * mean, level)
        yy = held_out.yy - 2 * level * held_out.y + n * level**2
        explained = np.einsum("dk,dk->k", coefficients, xx @ coefficients)
        cross = np.einsum("dk,dk->k", coefficients, np.tile(xy, len(alphas)))
        errors = (explained - 2 * cross).reshape(len(alphas), -1) + yy
        return np.asarray(np.maximum(errors, 0.0), np.float64)

    def row_errors(self, X: Features, Y: NDArray[Any], rows: NDArray[np.int64], alphas: Sequence[float]) -> Float:
        """Sum of squared errors of the training rows, each predicted without itself, for every penalty and label.

        A residual over 1 − hᵢᵢ, the row's leverage, is its error had it been left out (Rifkin and Lippert,
        MIT-CSAIL-TR-2007-025); scikit-learn's `RidgeCV` chooses by the same sum.

        Args:
            X: Features.
            Y: Labels, all known for the rows; (n, k).
            rows: The training rows, those of the moments that the path was made of.
            alphas: Penalties.

        Returns:
            Float64 (penalties, k).
        """
        shrinkage = 1.0 / (self._eigenvalues + np.asarray(alphas)[None, :])
        weights = (shrinkage[:, :, None] * self._projected[:, None, :]).reshape(len(self._vectors), -1)
        basis = self._vectors * self._inverse[:, None]
        errors = np.zeros((len(alphas), Y.shape[1]))
        for chunk in _chunks(rows):
            scores = (filled(X, chunk, self._fill) - self._mean) @ basis
            residuals = (scores @ weights).reshape(len(chunk), len(alphas), -1)
            residuals -= (Y[chunk] - self._level)[:, None, :]
            remaining = 1.0 - 1.0 / len(rows) - scores**2 @ shrinkage
            residuals /= np.maximum(remaining, _CONSTANT)[:, :, None]  # 0 where a row is all that a direction has
            errors += np.einsum("nak,nak->ak", residuals, residuals)
        return errors


class Paths:
    """The paths of any union of groups; unions that folds share are solved once.

    Args:
        groups: Moments of each group, by its number; groups without rows may be there.
    """

    def __init__(self, groups: Mapping[int, Moments]) -> None:
        self._groups = groups
        # closes over the groups and not over self: a cycle would hold all paths until the collector comes by
        self._of = lru_cache(maxsize=_CACHED)(lambda members: Path(_total(groups, members)))

    def total(self, members: Iterable[int]) -> Moments:
        """Moments of the rows of some groups."""
        return _total(self._groups, members)

    def choose_and_fit(self, training: Sequence[Sequence[int]], alphas: Sequence[float] = ALPHAS) -> Fit:
        """Fits on all of some sets of groups, the penalty of each label chosen by leaving one whole set out at a time.

        The penalty with the smallest squared error summed over the sets left out wins; of equals the larger one.

        Args:
            training: Sets of groups (the blocks of each city, or a block each), all with rows; at least two.
            alphas: Penalties to choose from.
        """
        order, everything = _largest_first(alphas), _union(training)
        errors = sum(
            self._of(everything - set(members)).squared_errors(self.total(members), order) for members in training
        )
        return self._of(everything).fit(np.asarray(order)[np.asarray(errors).argmin(axis=0)])

    def choose_over_rows_and_fit(
        self,
        training: Sequence[Sequence[int]],
        X: Features,
        Y: NDArray[Any],
        rows: NDArray[np.int64],
        alphas: Sequence[float] = ALPHAS,
    ) -> Fit:
        """The same with the penalty chosen by leaving one row out at a time, as `RidgeCV` does; to compare with.

        Rows of one group are alike, so that such a choice looks fine in the training groups and fails elsewhere.

        Args:
            training: Sets of groups, all with rows.
            X: Features.
            Y: Labels, known for the rows; (n, k).
            rows: The rows of all the training groups.
            alphas: Penalties to choose from.
        """
        order, path = _largest_first(alphas), self._of(_union(training))
        return path.fit(np.asarray(order)[path.row_errors(X, Y, rows, order).argmin(axis=0)])


def _largest_first(alphas: Sequence[float]) -> list[float]:
    return sorted((float(alpha) for alpha in alphas), reverse=True)


def _union(training: Sequence[Sequence[int]]) -> frozenset[int]:
    return frozenset(member for members in training for member in members)


def _total(groups: Mapping[int, Moments], members: Iterable[int]) -> Moments:
    """Summed in the order of the groups' numbers, so that a union has one sum."""
    return add(groups[member] for member in sorted(members))
