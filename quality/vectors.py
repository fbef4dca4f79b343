"""Measures of sets of vectors that several checks share."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

_PAIRS = 4_096


def quantised_length_tolerance(width: int) -> float:
    """How far from 1 the length of a unit vector can be once it went through `lake.aef.quantise` (ours).

    A code is off by half a step at most, so that a component v = (c/127.5)² is off by √|v|/127.5 + 1/(4·127.5²). That
    error is longest where all components are equal, for Σ|v| ≤ √width: then it is ⁴√width/127.5 + √width/(4·127.5²).
    """
    return float(width**0.25 / 127.5 + width**0.5 / (4 * 127.5**2))


def participation_ratio(vectors: NDArray[np.floating]) -> float:
    """(Σλ)²/Σλ² of the covariance's eigenvalues: how many dimensions are in use, 1 to the width; 0 if none varies.

    Args:
        vectors: (n, width), finite.
    """
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    covariance = centred.T @ centred  # its trace is Σλ and its squared Frobenius norm Σλ²: no decomposition is needed
    squares = float(np.sum(covariance**2))
    return float(np.trace(covariance)) ** 2 / squares if squares > 0 else 0.0


def mean_absolute_cosine(vectors: NDArray[np.floating], pairs: int = _PAIRS) -> float:
    """Mean |cos| between rows drawn at random, always the same ones; `nan` for fewer than two rows.

    Args:
        vectors: (n, width), finite.
        pairs: Pairs drawn.
    """
    if len(vectors) < 2:
        return float("nan")
    draw = np.random.default_rng(0)
    first = draw.integers(0, len(vectors), pairs)
    second = (first + draw.integers(1, len(vectors), pairs)) % len(vectors)  # never a row with itself
    return float(np.nanmean(np.abs(row_cosines(vectors[first], vectors[second]))))


def row_cosines(first: NDArray[np.floating], second: NDArray[np.floating]) -> NDArray[np.floating]:
    """Cosine between the rows of two arrays of shape (n, width); NaN where one has no direction."""

    def dot(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.floating]:
        return np.asarray(np.einsum("ij,ij->i", a, b))  # no array of products in between

    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(dot(first, second) / np.sqrt(dot(first, first) * dot(second, second)))


def commonest_row_share(rows: pl.DataFrame) -> float:
    """Share of the rows that are the same as the commonest one, in every column; 0 for a table without rows."""
    if rows.is_empty():
        return 0.0
    commonest = rows.hash_rows(seed=0).value_counts(name="count")["count"].max()
    assert isinstance(commonest, int)
    return commonest / rows.height
