"""Eigenvalues and eigenvectors as Earth Engine finds them, with the signs and the order that its samples print.

Earth Engine names EJML's `DecompositionFactory.eig()`. Its methods are textbook ones (D. Watkins, Fundamentals of
Matrix Computations, 2nd edition, chapters 5 and 6): symmetric matrices are made tridiagonal by Householder
reflections and diagonalised by implicit QR steps; others are made triangular by QR steps of reflections, and the
eigenvectors of the triangle are found by substitution. LAPACK gives the same vectors under other signs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ee_emulator.errors import EarthEngineError

Matrix = NDArray[np.float64]
_EPSILON = float(np.finfo(np.float64).eps)
_SYMMETRY = 1e-8
_COMPLEX = "The matrix has complex eigenvalues; only real ones are computed."
_STEPS = 100
"""QR steps an eigenvalue; with the eigenvalue itself as the shift one or two do."""
_KNOWN = 10
"""Steps that try the eigenvalue as the shift."""


def eigen(matrix: Matrix) -> Matrix:
    """Rows of an eigenvalue and its unit eigenvector, eigenvalues in descending order.

    Raises:
        EarthEngineError: The matrix is not square, not finite, or has complex eigenvalues.
    """
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise EarthEngineError(f"The array must be a square matrix, its lengths are {list(matrix.shape)}.")
    if not np.isfinite(matrix).all():
        raise EarthEngineError("The matrix must not contain NaN or infinity.")
    values, vectors = _symmetric(matrix) if _is_symmetric(matrix) else _general(matrix)
    order = np.argsort(-values, kind="stable")
    return np.column_stack([values[order], vectors[order]])


def _is_symmetric(matrix: Matrix) -> bool:
    # A matrix of zeros goes the general way, as in Earth Engine, which shows in the order of its vectors.
    largest = np.abs(matrix).max(initial=0.0)
    return bool(largest > 0 and (np.abs(matrix - matrix.T) <= _SYMMETRY * largest).all())


def _reflector(vector: Matrix) -> tuple[Matrix, float, float]:
    """(u, gamma, tau) of the reflection 1 - gamma u u' that takes a vector to (-tau, 0, …); u begins with 1."""
    largest = float(np.abs(vector).max(initial=0.0))
    if largest == 0.0:
        return np.zeros_like(vector), 0.0, 0.0
    scaled = vector / largest
    tau = float(np.copysign(np.sqrt((scaled * scaled).sum()), scaled[0] if scaled[0] else 1.0))
    head = float(scaled[0] + tau)
    return np.concatenate([[1.0], scaled[1:] / head]), head / tau, tau * largest


def _reflect_rows(matrix: Matrix, at: int, u: Matrix, gamma: float) -> None:
    rows = matrix[at : at + len(u)]
    rows -= np.outer(u, gamma * (u @ rows))


# Symmetric --------------------------------------------------------------------------------------------------------


def _symmetric(matrix: Matrix) -> tuple[Matrix, Matrix]:
    diagonal, beside, rows = _tridiagonal(matrix)
    shifts = diagonal.copy()
    _diagonalise(shifts, beside.copy(), None, None)
    _diagonalise(diagonal, beside, rows, shifts)
    return diagonal, rows


def _tridiagonal(matrix: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """Diagonal, what stands beside it, and the transposed orthogonal matrix."""
    size = len(matrix)
    work, rows, beside = matrix.copy(), np.eye(size), np.zeros(max(size - 1, 0))
    for k in range(1, size):
        u, gamma, tau = _reflector(work[k:, k - 1])
        beside[k - 1] = -tau
        # Both sides of a symmetric matrix at once, by an update of rank two.
        w = -gamma * (work[k:, k:] @ u)
        w -= 0.5 * gamma * (u @ w) * u
        work[k:, k:] += np.outer(u, w) + np.outer(w, u)
        _reflect_rows(rows, k, u, gamma)
    return work.diagonal().copy(), beside, rows


def _diagonalise(diagonal: Matrix, beside: Matrix, rows: Matrix | None, shifts: Matrix | None) -> None:
    """Implicit QR steps in place until nothing stands beside the diagonal; rotations are applied to `rows`.

    Without `rows` only the eigenvalues matter, and blocks of two are solved directly.
    """
    last, steps = len(diagonal) - 1, 0
    while last > 0:
        first = _block_start(diagonal, beside, last)
        if first == last:
            last, steps = last - 1, 0
        elif rows is None and last - first == 1:
            diagonal[first], diagonal[last] = _pair(diagonal[first], beside[first], diagonal[last])
            beside[first] = 0.0
        else:
            known = shifts is not None and steps <= _KNOWN
            shift = float(shifts[last]) if shifts is not None and known else _shift(diagonal, beside, last)
            _chase(diagonal, beside, rows, first, last, shift)
            steps += 1
        if steps > _STEPS:
            raise EarthEngineError("The eigenvalues do not converge.")


def _block_start(diagonal: Matrix, beside: Matrix, last: int) -> int:
    """Where the block that ends at `last` starts: after the nearest negligible entry beside the diagonal."""
    for k in range(last - 1, -1, -1):
        if abs(beside[k]) <= _EPSILON * (abs(diagonal[k]) + abs(diagonal[k + 1])):
            return k + 1
    return 0


def _pair(a: float, b: float, c: float) -> tuple[float, float]:
    """Eigenvalues of [[a, b], [b, c]], the greater first."""
    middle, half = (a + c) / 2, float(np.hypot((a - c) / 2, b))
    return middle + half, middle - half


def _shift(diagonal: Matrix, beside: Matrix, last: int) -> float:
    """Wilkinson's shift: the eigenvalue of the last block of two that is nearer to the last entry."""
    greater, lesser = _pair(diagonal[last - 1], beside[last - 1], diagonal[last])
    return greater if abs(greater - diagonal[last]) < abs(lesser - diagonal[last]) else lesser


def _rotation(run: float, rise: float) -> tuple[float, float]:
    if abs(rise) > abs(run):
        ratio = run / rise
        sine = 1.0 / float(np.sqrt(1.0 + ratio * ratio))
        return ratio * sine, sine
    ratio = rise / run
    cosine = 1.0 / float(np.sqrt(1.0 + ratio * ratio))
    return cosine, ratio * cosine


def _chase(diagonal: Matrix, beside: Matrix, rows: Matrix | None, first: int, last: int, shift: float) -> None:
    """One implicit step: a rotation makes a bulge, further ones chase it down and out."""
    run, bulge = diagonal[first] - shift, beside[first]
    for k in range(first, last):
        if run == 0.0 and bulge == 0.0:
            return
        c, s = _rotation(run, bulge)
        if k > first:
            beside[k - 1] = c * run + s * bulge
        a, b, d = diagonal[k], beside[k], diagonal[k + 1]
        diagonal[k] = c * c * a + 2 * c * s * b + s * s * d
        diagonal[k + 1] = c * c * d - 2 * c * s * b + s * s * a
        beside[k] = b * (c * c - s * s) + c * s * (d - a)
        if rows is not None:
            rows[k], rows[k + 1] = c * rows[k] + s * rows[k + 1], c * rows[k + 1] - s * rows[k]
        if k + 1 < last:
            run, bulge = beside[k], s * beside[k + 1]
            beside[k + 1] *= c


# General ----------------------------------------------------------------------------------------------------------


def _general(matrix: Matrix) -> tuple[Matrix, Matrix]:
    """Eigenvalues from the last row of the triangle up, and unit eigenvectors."""
    triangle, rows = _triangular(matrix)
    values = triangle.diagonal()
    vectors = np.zeros_like(matrix)
    found = np.zeros(len(values), bool)
    for k, value in enumerate(values):
        if found[k]:
            continue
        head = _substituted(triangle, k, float(value))
        # Equal eigenvalues share the substitution: a matrix without enough eigenvectors gives vectors nevertheless.
        same = np.abs(values - value) / (abs(value) or 1.0) < 100 * _EPSILON
        for j in np.flatnonzero(same & (np.arange(len(values)) >= k)):
            vector = np.zeros(len(values))
            vector[:k], vector[j] = head, 1.0
            vectors[j], found[j] = vector / np.linalg.norm(vector), True
    return values[::-1], (vectors @ rows)[::-1]


def _substituted(triangle: Matrix, size: int, value: float) -> Matrix:
    """The first entries of the eigenvector that is 1 at `size`; an entry that nothing determines is 0."""
    head = np.zeros(size)
    for k in range(size - 1, -1, -1):
        rest = -triangle[k, size] - triangle[k, k + 1 : size] @ head[k + 1 :]
        pivot = triangle[k, k] - value
        head[k] = rest / pivot if pivot else 0.0
    return head


def _triangular(matrix: Matrix) -> tuple[Matrix, Matrix]:
    """Real Schur form T and R with matrix = R' T R, by QR steps whose shifts are the eigenvalues."""
    size = len(matrix)
    work, rows = matrix.astype(np.float64), np.eye(size)
    for k in range(1, size - 1):
        u, gamma, _ = _reflector(work[k:, k - 1])
        _reflect_both(work, rows, k, u, gamma)
        work[k + 1 :, k - 1] = 0.0  # but for rounding, which the steps below would carry along
    shifts = _real_values(work)
    last, steps = size - 1, 0
    while last > 0:
        first = _triangle_start(work, last)
        if first == last:
            last, steps = last - 1, 0
            continue
        shift = float(shifts[size - 1 - last]) if steps <= _KNOWN else _general_shift(work, last, steps)
        _chase_reflections(work, rows, first, last, shift)
        steps += 1
        if steps > _STEPS:
            raise EarthEngineError("The eigenvalues do not converge.")
    return np.triu(work), rows


def _real_values(work: Matrix) -> Matrix:
    """The eigenvalues, in the order in which QR steps look for them.

    Raises:
        EarthEngineError: They are complex.
    """
    if len(work) == 2:
        return np.array(_general_pair(*work.ravel().tolist()))
    values = np.linalg.eigvals(work)
    if np.iscomplexobj(values):
        raise EarthEngineError(_COMPLEX)
    return np.sort(values)


def _general_pair(a: float, b: float, c: float, d: float) -> tuple[float, float]:
    """Eigenvalues of [[a, b], [c, d]]: a rotation makes its diagonal equal, a second one the matrix triangular."""
    cosine = sine = float(np.sqrt(0.5))
    if b + c:
        ratio = (a - d) / (b + c)
        tangent = ratio / (1.0 + float(np.sqrt(1.0 + ratio * ratio)))
        cosine = 1.0 / float(np.sqrt(1.0 + tangent * tangent))
        sine = cosine * tangent
    middle = cosine * cosine * a + sine * sine * d - cosine * sine * (b + c)
    upper = cosine * cosine * b - sine * sine * c + cosine * sine * (a - d)
    lower = cosine * cosine * c - sine * sine * b + cosine * sine * (a - d)
    if upper * lower < 0:
        raise EarthEngineError(_COMPLEX)
    both = upper + lower
    half = float(np.sqrt(lower / both) * np.sqrt(upper / both)) * both if upper else 0.0
    return middle - half, middle + half


def _triangle_start(work: Matrix, last: int) -> int:
    for k in range(last, 0, -1):
        if abs(work[k, k - 1]) <= 0.5 * _EPSILON * (abs(work[k - 1, k - 1]) + abs(work[k, k])):
            return k
    return 0


def _general_shift(work: Matrix, last: int, steps: int) -> float:
    """The real part of the eigenvalue of the last block of two nearer to the last entry; now and then another one."""
    if steps % _KNOWN == 0:  # some matrices come back to themselves under the usual shifts
        return float(work[last, last] + abs(work[last, last - 1]))
    a, b, c, d = work[last - 1 : last + 1, last - 1 : last + 1].ravel().tolist()
    half, determinant = (a + d) / 2, a * d - b * c
    root = float(np.sqrt(max(half * half - determinant, 0.0)))
    return half + root if abs(half + root - d) < abs(half - root - d) else half - root


def _reflect_both(work: Matrix, rows: Matrix, at: int, u: Matrix, gamma: float) -> None:
    _reflect_rows(work, at, u, gamma)
    _reflect_rows(work.T, at, u, gamma)
    _reflect_rows(rows, at, u, gamma)


def _chase_reflections(work: Matrix, rows: Matrix, first: int, last: int, shift: float) -> None:
    for k in range(first, last):
        column = work[k : k + 2, k - 1] if k > first else np.array([work[k, k] - shift, work[k + 1, k]])
        u, gamma, _ = _reflector(column)
        _reflect_both(work, rows, k, u, gamma)
        if k > first:
            work[k + 1, k - 1] = 0.0
