"""Worked values of matrices, as single arrays and as pixels."""

import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked

_EIGEN = "earth engine: google/earthengine-community samples/python/apidocs/ee_array_eigen.py"
_HAND = "reference: by hand"
_HALF = math.sqrt(0.5)
_M = [[4, 2], [2, 3]]
_DECOMPOSITIONS = {
    "Cholesky": ({"L": [[2, 0], [1, math.sqrt(2)]]}, "reference: L L' = [[4, 2], [2, 3]] by hand"),
    "LU": (
        {"L": [[1, 0], [0.5, 1]], "U": [[4, 2], [0, 2]], "P": [[1, 0], [0, 1]]},
        "reference: elimination of [[4, 2], [2, 3]] by hand",
    ),
    "QR": (
        {
            "Q": [[-2 / math.sqrt(5), 1 / math.sqrt(5)], [-1 / math.sqrt(5), -2 / math.sqrt(5)]],
            "R": [[-2 * math.sqrt(5), -7 / math.sqrt(5)], [0, -4 / math.sqrt(5)]],
        },
        "reference: Householder reflections of [[4, 2], [2, 3]] by hand",
    ),
}
_FUNCTIONS = {
    "matrixDeterminant": (_M, 8),
    "matrixTrace": (_M, 7),
    "matrixFnorm": (_M, math.sqrt(33)),
    "matrixInverse": (_M, [[0.375, -0.25], [-0.25, 0.5]]),
    "matrixPseudoInverse": ([[2, 0], [0, 0]], [[0.5, 0], [0, 0]]),
    "matrixDiagonal": (_M, [[4], [3]]),
    "matrixToDiag": ([[4], [3]], [[4, 0], [0, 3]]),
}
_PAIRS = {
    "matrixMultiply": ([[1, 2], [3, 4]], [[5], [6]], [[17], [39]]),
    "matrixSolve": ([[2, 0], [0, 4]], [[6], [8]], [[3], [2]]),
}


def _pixel(ee: ModuleType, image: Any) -> Any:
    return image.reduceRegion(ee.Reducer.first(), ee.Geometry.Point([114.3, 30.6]), 10)


def _single(name: str, matrix: Any) -> Callable[[ModuleType], Any]:
    key = "array" if name.endswith("Decomposition") else "input"
    return lambda ee: ee.apply(f"Array.{name}", {key: ee.Array(matrix)})


def _image(name: str, *matrices: Any) -> Callable[[ModuleType], Any]:
    def call(ee: ModuleType) -> Any:
        images = [ee.Image(ee.Array(matrix)) for matrix in matrices]
        return _pixel(ee, getattr(images[0], name)(*images[1:]))

    return call


def _pair(name: str, left: Any, right: Any) -> Callable[[ModuleType], Any]:
    return lambda ee: getattr(ee.Array(left), name)(ee.Array(right))


def _singular(parts: Any) -> Any:
    """U S V' and the singular values, of which the signs of U and V say nothing."""
    u, s, v = (parts.getArray(part) for part in ("U", "S", "V"))
    return [u.matrixMultiply(s).matrixMultiply(v.matrixTranspose()).toList(), s.toList()]


_SINGULAR = [[[3, 0], [0, -2]], [[3, 0], [0, 2]]]

WORKED = [
    Worked("Array.eigen", lambda ee: ee.Array([[0, 1], [0, 1]]).eigen(), [[1, _HALF, _HALF], [0, 1, 0]], _EIGEN),
    Worked(
        "Array.eigen",
        lambda ee: ee.Array([[0, 1], [1, 1]]).eigen(),
        [[1.62, -0.53, -0.85], [-0.62, -0.85, 0.53]],
        _EIGEN,
        0.01,
    ),
    *(
        Worked(f"Array.matrix{name}Decomposition", _single(f"matrix{name}Decomposition", _M), parts, source)
        for name, (parts, source) in _DECOMPOSITIONS.items()
    ),
    *(
        Worked(f"Image.matrix{name}Decomposition", _image(f"matrix{name}Decomposition", _M), parts, source)
        for name, (parts, source) in _DECOMPOSITIONS.items()
    ),
    Worked(
        "Array.matrixSingularValueDecomposition",
        lambda ee: ee.List(_singular(ee.Array([[3, 0], [0, -2]]).matrixSingularValueDecomposition())),
        _SINGULAR,
        "reference: U S V' is the matrix, S its absolute diagonal",
    ),
    Worked(
        "Image.matrixSingularValueDecomposition",
        lambda ee: ee.List(
            _singular(_pixel(ee, ee.Image(ee.Array([[3, 0], [0, -2]])).matrixSingularValueDecomposition()))
        ),
        _SINGULAR,
        "reference: U S V' is the matrix, S its absolute diagonal",
    ),
    *(
        Worked(f"Array.{name}", _single(name, matrix), expected, _HAND)
        for name, (matrix, expected) in _FUNCTIONS.items()
    ),
    *(
        Worked(f"Image.{name}", _image(name, matrix), {"constant": expected}, _HAND)
        for name, (matrix, expected) in _FUNCTIONS.items()
    ),
    *(
        Worked(f"Array.{name}", _pair(name, left, right), expected, _HAND)
        for name, (left, right, expected) in _PAIRS.items()
    ),
    *(
        Worked(f"Image.{name}", _image(name, left, right), {"constant": expected}, _HAND)
        for name, (left, right, expected) in _PAIRS.items()
    ),
    Worked("Image.matrixTranspose", _image("matrixTranspose", [[1, 2, 3]]), {"constant": [[1], [2], [3]]}, _HAND),
    Worked(
        "Image.matrixIdentity",
        lambda ee: _pixel(ee, ee.Image.matrixIdentity(2)),
        {"constant": [[1, 0], [0, 1]]},
        _HAND,
    ),
]
