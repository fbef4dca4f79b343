"""Matrices and eigenvectors of stacks: what decompositions must satisfy, for any matrix."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ee_emulator.errors import EarthEngineError
from ee_emulator.stacks import matrices
from ee_emulator.stacks.eigen import eigen

NUMBERS = st.integers(-9, 9).map(float)
SIZES = st.integers(1, 6)
SQUARE = SIZES.flatmap(lambda n: arrays.arrays(np.float64, (n, n), elements=NUMBERS))
STACKS = st.tuples(st.integers(1, 4), SIZES, SIZES).flatmap(lambda s: arrays.arrays(np.float64, s, elements=NUMBERS))


@given(SQUARE)
@settings(deadline=None)
def test_eigenvectors_of_a_symmetric_matrix_diagonalise_it(half: np.ndarray) -> None:
    matrix = half + half.T
    found = eigen(matrix)
    values, vectors = found[:, 0], found[:, 1:]
    assert (np.diff(values) <= 1e-9).all()
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(len(matrix)), atol=1e-9)
    np.testing.assert_allclose(vectors.T @ np.diag(values) @ vectors, matrix, atol=1e-8)


@given(SQUARE, st.integers(0, 2**31))
@settings(deadline=None)
def test_eigenvectors_of_another_matrix_keep_their_direction(frame: np.ndarray, seed: int) -> None:
    if np.linalg.cond(frame) > 1e3:
        return
    wanted = np.random.default_rng(seed).permutation(len(frame)) * 2.0 - 3
    matrix = frame @ np.diag(wanted) @ np.linalg.inv(frame)
    found = eigen(matrix)
    np.testing.assert_allclose(found[:, 0], np.sort(wanted)[::-1], atol=1e-6)
    np.testing.assert_allclose(matrix @ found[:, 1:].T, found[:, 1:].T * found[:, 0], atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(found[:, 1:], axis=1), 1)


@pytest.mark.parametrize(
    ("matrix", "message"),
    [([[0, 1], [-1, 0]], "complex"), ([[1, 2, 3]], "square"), ([[np.nan]], "NaN")],
)
def test_what_has_no_real_eigenvectors_is_refused(matrix: list[list[float]], message: str) -> None:
    with pytest.raises(EarthEngineError, match=message):
        eigen(np.array(matrix, float))


@given(STACKS)
@settings(deadline=None)
def test_parts_of_a_decomposition_make_the_matrix_again(stack: np.ndarray) -> None:
    q, r = matrices.orthogonal_triangular(stack)
    u, s, v = matrices.singular(stack)
    np.testing.assert_allclose(q @ r, stack, atol=1e-9)
    np.testing.assert_allclose(u @ s @ v.swapaxes(1, 2), stack, atol=1e-9)
    assert (r == np.triu(r)).all()
    if stack.shape[1] == stack.shape[2]:
        lower, upper, p = matrices.lower_upper(stack)
        np.testing.assert_allclose(lower @ upper, p @ stack, atol=1e-9)


@given(STACKS)
@settings(deadline=None)
def test_the_cholesky_root_of_a_square_is_found_and_of_a_singular_one_not(stack: np.ndarray) -> None:
    definite = stack @ stack.swapaxes(1, 2) + np.eye(stack.shape[1])
    (lower,) = matrices.cholesky(definite)
    np.testing.assert_allclose(lower @ lower.swapaxes(1, 2), definite, atol=1e-8)
    assert not matrices.solvable(matrices.cholesky(np.zeros_like(definite))[0]).any()


def test_singular_matrices_of_a_stack_leave_the_others_alone() -> None:
    stack = np.array([[[2.0, 0], [0, 4]], [[1, 2], [2, 4]], [[np.nan, 0], [0, 1]]])
    found = matrices.inverse(stack)
    assert matrices.solvable(found).tolist() == [True, False, False]
    assert found[0].tolist() == [[0.5, 0], [0, 0.25]]
    solved = matrices.solution(stack, np.ones((3, 2, 1)))
    assert solved[0].ravel().tolist() == [0.5, 0.25]
    assert matrices.solvable(solved).tolist() == [True, False, False]


@given(st.integers(3, 8), st.integers(1, 3), st.integers(0, 2**31))
@settings(deadline=None)
def test_an_overdetermined_system_is_solved_by_least_squares(rows: int, columns: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    a, b = random.normal(size=(2, rows, columns)), random.normal(size=(2, rows, 2))
    expected = [np.linalg.lstsq(x, y, rcond=None)[0] for x, y in zip(a, b, strict=True)]
    np.testing.assert_allclose(matrices.solution(a, b), expected, atol=1e-6)
