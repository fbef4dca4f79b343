"""Shares of endmembers in spectra: least squares, with shares that sum to one, are not negative, or both."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SUM_WEIGHT = 1e4
"""By how much the sum outweighs the spectrum where shares are constrained twice (as in Heinz and Chang 2001)."""


def unmix(spectra: Array, endmembers: Array, sum_to_one: bool, non_negative: bool) -> Array:
    """Shares of endmembers.

    Args:
        spectra: (bands, pixels).
        endmembers: (endmembers, bands).
        sum_to_one: Whether the shares of a pixel sum to one.
        non_negative: Whether shares are at least zero.

    Returns:
        (endmembers, pixels).
    """
    shares = _least_squares(spectra, endmembers, sum_to_one)
    if non_negative:
        # Where free shares are positive they are the answer already.
        negative = np.flatnonzero((shares < 0).any(axis=0))
        shares[:, negative] = _non_negative(spectra[:, negative], endmembers, sum_to_one)
    return shares


def _least_squares(spectra: Array, endmembers: Array, sum_to_one: bool) -> Array:
    inverse = np.linalg.pinv(endmembers.T)
    shares: Array = inverse @ spectra
    if sum_to_one:
        # Lagrange's multiplier moves the free solution along the inverse of the normal matrix.
        direction = (inverse @ inverse.T).sum(axis=1)
        shares = shares + direction[:, None] * (1.0 - shares.sum(axis=0)) / direction.sum()
    return shares


def _non_negative(spectra: Array, endmembers: Array, sum_to_one: bool) -> Array:
    from scipy.optimize import nnls

    matrix, targets = endmembers.T, spectra
    if sum_to_one:
        weight = SUM_WEIGHT * max(float(np.abs(endmembers).max()), 1.0)
        matrix = np.vstack([matrix, np.full((1, matrix.shape[1]), weight)])
        targets = np.vstack([targets, np.full((1, targets.shape[1]), weight)])
    shares = np.array([nnls(matrix, target)[0] for target in targets.T]).reshape(-1, len(endmembers)).T
    return shares / shares.sum(axis=0) if sum_to_one else shares
