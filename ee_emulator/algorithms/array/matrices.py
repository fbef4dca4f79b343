"""Array: matrices."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ee_emulator.errors import EarthEngineError
from ee_emulator.limits import elements, out_of_memory
from ee_emulator.registry import algorithm
from ee_emulator.stacks import matrices
from ee_emulator.stacks.eigen import eigen
from ee_emulator.values import Array

MAX_EIGEN_ROWS = 300
"""Rows of a matrix whose eigenvectors take seconds, not minutes."""


def _solved(stack: Any) -> Any:
    """The one answer of a stack.

    Raises:
        EarthEngineError: It is none.
    """
    if not matrices.solvable(stack)[0]:
        raise EarthEngineError("The matrix is singular, or not positive definite where it must be.")
    return stack[0]


@algorithm("Array.eigen")
def eigen_(input: Array) -> Array:
    """Rows of an eigenvalue and its eigenvector, the greatest eigenvalue first.

    Raises:
        EarthEngineError: The matrix is not square, too large, or has complex eigenvalues.
    """
    if input.values.size > MAX_EIGEN_ROWS**2:
        raise out_of_memory()
    return Array(eigen(input.values.astype(np.float64)))


@algorithm("Array.matrixMultiply")
def multiply(left: Array, right: Array) -> Array:
    """Matrix product."""
    return Array(matrices.product(left.values[np.newaxis], right.values[np.newaxis])[0])


@algorithm("Array.matrixSolve")
def solve(left: Array, right: Array) -> Array:
    """X of A x = B, by least squares where A has more rows than columns."""
    return Array(_solved(matrices.solution(left.values[np.newaxis], right.values[np.newaxis])))


def _number(function: Callable[[Any], Any]) -> Callable[[Array], float]:
    return lambda input: float(function(input.values[np.newaxis])[0])


def _matrix(function: Callable[[Any], Any]) -> Callable[[Array], Array]:
    return lambda input: Array(_solved(function(input.values[np.newaxis])))


def _rearranged(function: Callable[[Any], Any]) -> Callable[[Array], Array]:
    def rearranged(input: Array) -> Array:
        elements(len(np.atleast_1d(input.values)) ** 2)  # a column becomes a square
        return Array(function(input.values[np.newaxis])[0])

    return rearranged


def _decomposition(names: tuple[str, ...], function: Callable[[Any], Any]) -> Callable[[Array], dict[str, Array]]:
    def decomposed(array: Array) -> dict[str, Array]:
        parts = function(array.values[np.newaxis])
        return {name: Array(_solved(part)) for name, part in zip(names, parts, strict=True)}

    return decomposed


def _register() -> None:
    for name, function in matrices.TO_NUMBERS.items():
        algorithm(f"Array.{name}")(_number(function))
    for name, function in matrices.TO_MATRICES.items():
        algorithm(f"Array.{name}")(_matrix(function))
    for name, function in {"matrixDiagonal": matrices.diagonal, "matrixToDiag": matrices.from_diagonal}.items():
        algorithm(f"Array.{name}")(_rearranged(function))
    for name, (parts, decompose) in matrices.DECOMPOSITIONS.items():
        algorithm(f"Array.{name}")(_decomposition(parts, decompose))


_register()
