"""Worked values of Array's arithmetic, element by element, and of its casts."""

import math
from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked

_SAMPLES = "earth engine: google/earthengine-community samples/python/apidocs/ee_array_"
_HAND = "reference: by hand"
_SCIPY = "reference: scipy.special "
_DESCRIBED = "documentation: developers.google.com/earth-engine/apidocs/ee-array-"

_REACH = 1.5 + 607 / 128
_LANCZOS_AT_1 = math.exp(_REACH) / (math.sqrt(2 * math.pi) * _REACH**1.5)

_BINARY = [
    ("add", [1, 2], [10, 20], [11, 22], _HAND),
    ("subtract", [-1, 0, 1], [-5, 6, 7], [4, -6, -6], _SAMPLES + "subtract.py"),
    ("multiply", [2, -3], [4, 5], [8, -15], _HAND),
    ("divide", [7, 7], [2, 0], [3.5, 0], _DESCRIBED + "divide: 0 for division by 0"),
    ("mod", [8, 8, 8, 8], [-1, -7, -8, -9], [0, 1, 0, 8], _SAMPLES + "mod.py"),
    ("max", [0, -3, 5, 3], [0, -1, 2, 4], [0, -1, 5, 4], _SAMPLES + "max.py"),
    ("min", [0, -3, 5], [0, -1, 2], [0, -3, 2], _HAND),
    ("first", [3, 4, 5], [0, 1, 2], [3, 4, 5], _SAMPLES + "first.py"),
    ("firstNonZero", [-1, 0, 1], [2, -1, 2], [-1, -1, 1], _HAND),
    ("first_nonzero", [-1, 0, 1], [2, -1, 2], [-1, -1, 1], _SAMPLES + "first_nonzero.py"),
    ("pow", [10, 10], [-2, 3], [0.009999999776482582, 1000], _SAMPLES + "pow.py"),
    ("atan2", [1.0, 0.0], [1.0, 2.0], [math.pi / 4, math.pi / 2], "reference: math.atan2(y, x), x first"),
    ("hypot", [3.0, 5.0], [4.0, 12.0], [5, 13], _HAND),
    ("gammainc", [2.0], [1.0], [1 - math.exp(-2)], "reference: P(1, x) = 1 - exp(-x), x first"),
    ("and", [0, 1, 2], [1, 0, -3], [0, 0, 1], _HAND),
    ("or", [0, 0, 2], [0, 5, 0], [0, 1, 1], _HAND),
    ("lt", [1, 2, 3], [2, 2, 2], [1, 0, 0], _HAND),
    ("lte", [1, 2, 3], [2, 2, 2], [1, 1, 0], _HAND),
    ("gt", [-1, 0, 1], [-2, 1, 0], [1, 0, 1], _SAMPLES + "gt.py"),
    ("gte", [-1, 0, 1], [-2, 1, 1], [1, 0, 1], _SAMPLES + "gte.py"),
    ("eq", [1, 2], [1, 3], [1, 0], _HAND),
    ("neq", [1, 2], [1, 3], [0, 1], _HAND),
    ("bitwiseAnd", [6, 6], [1, 11], [0, 2], _SAMPLES + "bitwiseand.py"),
    ("bitwise_and", [6, 6], [1, 11], [0, 2], _HAND),
    ("bitwiseOr", [6, 6], [1, 11], [7, 15], _SAMPLES + "bitwiseor.py"),
    ("bitwise_or", [6, 6], [1, 11], [7, 15], _HAND),
    ("bitwiseXor", [1, 2, 3], [5, 8, 16], [4, 10, 19], _HAND),
    ("bitwise_xor", [1, 2, 3], [5, 8, 16], [4, 10, 19], _SAMPLES + "bitwise_xor.py"),
    ("leftShift", [1, 3], [4, 1], [16, 6], _HAND),
    ("left_shift", [1, 3], [4, 1], [16, 6], _HAND),
    ("rightShift", [16, -8], [2, 1], [4, -4], _HAND),
    ("right_shift", [16, -8], [2, 1], [4, -4], _HAND),
]

_UNARY = [
    ("abs", [[-3.1, -2], [-1, 0]], [[3.1, 2], [1, 0]], _SAMPLES + "abs.py"),
    ("acos", [-1], [math.pi], _SAMPLES + "acos.py"),
    ("asin", [1], [math.pi / 2], _SAMPLES + "asin.py"),
    ("atan", [-5], [-1.3734], _SAMPLES + "atan.py"),
    ("bitCount", [[0, 1], [6, 13]], [[0, 1], [2, 3]], _SAMPLES + "bitcount.py"),
    ("bitwiseNot", [0, 255], [-1, -256], _HAND),
    ("bitwise_not", 255, -256, _SAMPLES + "bitwise_not.py"),
    ("cbrt", [[0, 1, 8], [27, 64, 125]], [[0, 1, 2], [3, 4, 5]], _SAMPLES + "cbrt.py"),
    ("ceil", [1.2, -1.2], [2, -1], _HAND),
    ("cos", [math.pi], [-1], _SAMPLES + "cos.py"),
    ("cosh", [4], [27.308], _SAMPLES + "cosh.py"),
    ("digamma", [1, 2], [-0.5772, 0.4228], _SAMPLES + "digamma.py"),
    ("erf", [6], [1], _SAMPLES + "erf.py"),
    ("erfc", [-6], [2], _SAMPLES + "erfc.py"),
    ("erfInv", [0.99], [1.8214], _SAMPLES + "erfinv.py"),
    ("erfcInv", [0.5], [0.476936276], _SCIPY + "erfcinv"),
    ("exp", [-1, 0, 1], [1 / math.e, 1, math.e], _SAMPLES + "exp.py"),
    ("floor", [1.8, -1.2], [1, -2], _HAND),
    ("gamma", [5.0, 0.5], [24, math.sqrt(math.pi)], _HAND),
    ("lanczos", [1.0], [_LANCZOS_AT_1], "reference: what the approximation of gamma(1) = 1 with g = 607/128 needs"),
    ("log", [math.e], [1], _SAMPLES + "log.py"),
    ("log10", [0.1, 1, 10, 100], [-1, 0, 1, 2], _SAMPLES + "log10.py"),
    ("not", [0, 5, -1], [1, 0, 0], _HAND),
    ("round", [2.5, -2.5, 1.4], [3, -3, 1], _HAND),
    ("signum", [-2.0, 0.0, 7.0], [-1, 0, 1], _DESCRIBED + "signum"),
    ("sin", [math.pi / 2], [1], _HAND),
    ("sinh", [5], [74.203], _SAMPLES + "sinh.py"),
    ("sqrt", [0, 9, 2], [0, 3, math.sqrt(2)], _HAND),
    ("tan", [math.pi / 4], [1], _HAND),
    ("tanh", [5], [0.99991], _SAMPLES + "tanh.py"),
    ("trigamma", [1.0], [math.pi**2 / 6], "reference: trigamma(1) = pi^2 / 6"),
]

_CASTS = {
    "uint8": [255, 0, 2],
    "byte": [255, 0, 2],
    "int8": [127, -128, 2],
    "uint16": [65535, 0, 2],
    "int16": [32767, -32768, 2],
    "short": [32767, -32768, 2],
    "uint32": [4294967295, 0, 2],
    "int32": [2147483647, -2147483648, 2],
    "int": [2147483647, -2147483648, 2],
    "int64": [10**12, -(10**12), 2],
    "long": [10**12, -(10**12), 2],
    "float": [10**12, -(10**12), 1.7],
    "double": [10**12, -(10**12), 1.7],
}
_WIDE = [1e12, -1e12, 1.7]


def _binary(name: str, left: Any, right: Any, expected: Any, source: str) -> Worked:
    def call(ee: ModuleType) -> Any:
        return ee.apply(f"Array.{name}", {"left": ee.Array(left), "right": ee.Array(right)})

    return Worked(f"Array.{name}", call, expected, source)


def _unary(name: str, value: Any, expected: Any, source: str, tolerance: float = 1e-4) -> Worked:
    def call(ee: ModuleType) -> Any:
        return ee.apply(f"Array.{name}", {"input": ee.Array(value)})

    return Worked(f"Array.{name}", call, expected, source, tolerance)


WORKED = [
    Worked("Array", lambda ee: ee.Array([[0, 1], [2, 3]]), [[0, 1], [2, 3]], _SAMPLES.removesuffix("_") + ".py"),
    Worked("Array", lambda ee: ee.Array([[], []], ee.PixelType.float()), [[], []], _SAMPLES.removesuffix("_") + ".py"),
    Worked("Array.identity", lambda ee: ee.Array.identity(2), [[1, 0], [0, 1]], _HAND),
    Worked("Array.identity", lambda ee: ee.Array.identity(0), [], _SAMPLES + "identity.py"),
    Worked(
        "Array.byte",
        lambda ee: ee.Array([-0.1, 0.1, 0.5, 127.1, 255.1, 255.9]).byte(),
        [0, 0, 1, 127, 255, 255],
        _SAMPLES + "byte.py",
    ),
    Worked(
        "Array.bitsToArray",
        lambda ee: ee.Array.bitsToArray(5),
        [1, 0, 1],
        "earth engine: developers.google.com/earth-engine/apidocs/ee-array-bitstoarray",
    ),
    Worked("Array.bitsToArray", lambda ee: ee.Array.bitsToArray(6), [0, 1, 1], "reference: 6 = 2 + 4, low bit first"),
    Worked("Array.toList", lambda ee: ee.Array([[1, 2], [3, 4]]).toList().get(1), [3, 4], _HAND),
    *(_binary(*row) for row in _BINARY),
    *(_unary(*row) for row in _UNARY),
    *(
        _unary(
            spelling, _WIDE, expected, "reference: clamped to the type's range, rounded as in the sample of byte", 1e-7
        )
        for name, expected in _CASTS.items()
        for spelling in (name, f"to{name[0].upper()}{name[1:]}")
    ),
]
