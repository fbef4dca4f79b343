"""Linear algebra of stacks of matrices, (n, rows, columns); results are doubles.

Where a matrix has no answer (singular, not positive definite) its result is NaN: `solvable` tells which have one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.errors import EarthEngineError

Stack = NDArray[Any]


def checked(stack: Stack, *, square: bool = False) -> NDArray[np.float64]:
    """The stack as doubles.

    Raises:
        EarthEngineError: No matrices, or not square where they must be.
    """
    if stack.ndim != 3:
        raise EarthEngineError(f"The array must be a matrix of 2 dimensions, it has {stack.ndim - 1}.")
    if square and stack.shape[1] != stack.shape[2]:
        raise EarthEngineError(f"The matrix must be square, its lengths are {list(stack.shape[1:])}.")
    return stack.astype(np.float64)


def solvable(stack: Stack) -> NDArray[np.bool_]:
    """Which answers of a stack are answers: no NaN in them, (n,)."""
    return np.asarray(~np.isnan(stack.reshape(len(stack), -1)).any(axis=1))


def _where(stack: NDArray[np.float64], good: NDArray[np.bool_], function: Callable[[Stack], Stack]) -> Stack:
    """A function of the good matrices; NaN for the others."""
    answer = function(np.where(good[:, None, None], stack, np.eye(stack.shape[1])))
    return np.where(good.reshape(-1, *(1,) * (answer.ndim - 1)), answer, np.nan)


def _regular(stack: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which square matrices are finite and of full rank."""
    finite = solvable(np.where(np.isfinite(stack), stack, np.nan))
    safe = np.where(finite[:, None, None], stack, 0.0)
    return np.asarray(finite & (np.linalg.matrix_rank(safe) == stack.shape[1]))


def product(left: Stack, right: Stack) -> Stack:
    """Matrix products.

    Raises:
        EarthEngineError: The left one has not as many columns as the right one rows.
    """
    a, b = checked(left), checked(right)
    if a.shape[2] != b.shape[1]:
        raise EarthEngineError(
            f"The left matrix must have as many columns as the right one rows; "
            f"their lengths are {list(a.shape[1:])} and {list(b.shape[1:])}."
        )
    return a @ b


def solution(left: Stack, right: Stack) -> Stack:
    """X of A x = B, by least squares where A has more rows than columns.

    Raises:
        EarthEngineError: Other numbers of rows, or fewer rows than columns.
    """
    a, b = checked(left), checked(right)
    if a.shape[1] != b.shape[1] or a.shape[1] < a.shape[2]:
        raise EarthEngineError(
            f"A must have as many rows as B and at least as many as columns; "
            f"their lengths are {list(a.shape[1:])} and {list(b.shape[1:])}."
        )
    if a.shape[1] == a.shape[2]:
        good = _regular(a)
        safe = np.where(good[:, None, None], a, np.eye(a.shape[1]))
        return np.where(good[:, None, None], np.linalg.solve(safe, b), np.nan)
    q, r = np.linalg.qr(a)
    good = _regular(r)
    safe = np.where(good[:, None, None], r, np.eye(r.shape[1]))
    return np.where(good[:, None, None], np.linalg.solve(safe, q.swapaxes(1, 2) @ b), np.nan)


def inverse(stack: Stack) -> Stack:
    """Inverses; NaN for singular matrices."""
    matrices = checked(stack, square=True)
    return _where(matrices, _regular(matrices), np.linalg.inv)


def pseudo_inverse(stack: Stack) -> Stack:
    """Moore-Penrose pseudoinverses."""
    return np.linalg.pinv(checked(stack))


def determinant(stack: Stack) -> Stack:
    """Determinants, (n,)."""
    return np.asarray(np.linalg.det(checked(stack, square=True)))


def trace(stack: Stack) -> Stack:
    """Sums of the diagonals, (n,)."""
    return np.asarray(np.trace(checked(stack), axis1=1, axis2=2))


def frobenius(stack: Stack) -> Stack:
    """Roots of the sums of squares, (n,)."""
    return np.asarray(np.linalg.norm(checked(stack), axis=(1, 2)))


def diagonal(stack: Stack) -> Stack:
    """The diagonal as one column, of the type of the matrices."""
    checked(stack)
    return stack.diagonal(axis1=1, axis2=2)[:, :, np.newaxis]


def from_diagonal(stack: Stack) -> Stack:
    """Square matrices from their diagonals, one column each.

    Raises:
        EarthEngineError: Not one column.
    """
    checked(stack)
    if stack.shape[2] != 1:
        raise EarthEngineError(f"The matrix must have a single column, its lengths are {list(stack.shape[1:])}.")
    return np.eye(stack.shape[1], dtype=stack.dtype) * stack


def cholesky(stack: Stack) -> tuple[Stack]:
    """L of L L' = A; NaN where A is not symmetric and positive definite."""
    matrices = checked(stack, square=True)
    symmetric = np.asarray(np.isclose(matrices, matrices.swapaxes(1, 2)).all(axis=(1, 2)))
    safe = np.where(symmetric[:, None, None], matrices, 0.0)
    good = symmetric & (np.linalg.eigvalsh(safe) > 0).all(axis=1)
    return (_where(matrices, good, np.linalg.cholesky),)


def lower_upper(stack: Stack) -> tuple[Stack, Stack, Stack]:
    """L, U and P of P A = L U, with partial pivoting."""
    from scipy import linalg

    matrices = checked(stack, square=True)
    found = [linalg.lu(matrix) for matrix in matrices]
    p, lower, upper = (np.stack([parts[k] for parts in found]) for k in range(3))
    return lower, upper, p.swapaxes(1, 2)


def orthogonal_triangular(stack: Stack) -> tuple[Stack, Stack]:
    """Q and R of A = Q R, Q square, by a Householder reflection of every column."""
    matrices = checked(stack)
    q, r = np.linalg.qr(matrices, mode="complete")
    rows, columns = matrices.shape[1:]
    if 0 < rows <= columns:  # LAPACK leaves the last row, a column of one entry, as it is
        q[:, :, -1] *= -1
        r[:, -1] *= -1
    return q, np.triu(r) + 0.0  # no negative zeros


def singular(stack: Stack) -> tuple[Stack, Stack, Stack]:
    """U, S and V of A = U S V', U and V square, S of the shape of A with descending values."""
    matrices = checked(stack)
    u, values, vt = np.linalg.svd(matrices)
    s = np.zeros_like(matrices)
    at = np.arange(values.shape[1])
    s[:, at, at] = values
    return u, s, vt.swapaxes(1, 2)


DECOMPOSITIONS: dict[str, tuple[tuple[str, ...], Callable[[Stack], tuple[Stack, ...]]]] = {
    "matrixCholeskyDecomposition": (("L",), cholesky),
    "matrixLUDecomposition": (("L", "U", "P"), lower_upper),
    "matrixQRDecomposition": (("Q", "R"), orthogonal_triangular),
    "matrixSingularValueDecomposition": (("U", "S", "V"), singular),
}
"""Names of the parts, and what computes them."""

TO_NUMBERS = {"matrixDeterminant": determinant, "matrixTrace": trace, "matrixFnorm": frobenius}
"""Functions of a matrix that give a number."""

TO_MATRICES = {"matrixInverse": inverse, "matrixPseudoInverse": pseudo_inverse}
"""Functions of a matrix that give a matrix of doubles."""
