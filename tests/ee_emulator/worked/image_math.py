"""Worked values of Image's arithmetic, pixel by pixel on constant images.

Earth Engine prints no pixels of computed images, but it prints what Number's function of the same name gives; the
pixels have to agree with it.
"""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked

SAMPLE = "reference: Earth Engine's own Number.{}, google/earthengine-community, samples/python/apidocs/ee_number_{}.py"
BITS = "reference: binary arithmetic by hand"
POINT = [0.5, 0.5]


def pixel(ee: ModuleType, image: Any) -> Any:
    """The pixel of the first band at a point."""
    found = ee.Image(image).reduceRegion(ee.Reducer.first(), ee.Geometry.Point(POINT), 1)
    return found.values().get(0)


def applied(ee: ModuleType, name: str, *values: float) -> Any:
    """An algorithm of one or two images on constants."""
    names = ("image1", "image2") if len(values) == 2 else ("value",)
    images = [ee.Image.constant(value) for value in values]
    return ee.apply(f"Image.{name}", dict(zip(names, images, strict=True)))


def constant(name: str, values: tuple[float, ...], expected: Any, source: str = "", tolerance: float = 1e-6) -> Worked:
    """The pixel that an algorithm makes of constants."""
    source = source or SAMPLE.format(name, name.lower())
    return Worked(f"Image.{name}", lambda ee: pixel(ee, applied(ee, name, *values)), expected, source, tolerance)


_BINARY = [
    constant("add", (5, 10), 15),
    constant("add", (5, -10.2), -5.2),
    constant("subtract", (5, 10.2), -5.2),
    constant("multiply", (5, -10.5), -52.5),
    constant("divide", (5, 10), 0.5),
    constant("divide", (10, 0), 0),
    constant("mod", (-12, 5), -2),
    constant("mod", (5.5, 2), 1.5),
    constant("pow", (5, 2.2), 34.493241536),
    constant("pow", (5, -2), 0.04),
    constant("max", (5, 10), 10),
    constant("min", (5, 10), 5),
    constant("first", (1, 2), 1),
    constant("firstNonZero", (0, 5), 5),
    constant("first_nonzero", (0, 7), 7, "reference: by definition"),
    constant("hypot", (-3, -4), 5),
    constant("atan2", (0, 1), 1.570796326),
    constant("atan2", (-1, 0), 3.141592653),
    constant("gammainc", (1, 1), 0.632120558),
    constant("eq", (1.001, 1), 0),
    constant("neq", (5, 10), 1),
    constant("gt", (10, 5), 1),
    constant("gte", (5, 5), 1),
    constant("lt", (10, 5), 0),
    constant("lte", (5, 5), 1),
    constant("and", (5, 0), 0),
    constant("or", (0, 5), 1),
    constant("leftShift", (20, 2), 80),
    constant("rightShift", (20, 2), 5),
    constant("left_shift", (3, 4), 48, BITS),
    constant("right_shift", (-20, 2), -5, BITS),
    *(
        constant(name, (25, 21), expected, BITS)
        for name, expected in {
            "bitwiseAnd": 0b10001,
            "bitwise_and": 0b10001,
            "bitwiseOr": 0b11101,
            "bitwise_or": 0b11101,
            "bitwiseXor": 0b01100,
            "bitwise_xor": 0b01100,
        }.items()
    ),
]

_UNARY = [
    constant("abs", (-1,), 1),
    constant("signum", (-5,), -1),
    constant("not", (5,), 0),
    constant("ceil", (-2.9,), -2),
    constant("floor", (-2.1,), -3),
    constant("round", (10.5,), 11),
    constant("sin", (math.radians(45),), 0.707106781),
    constant("cos", (math.radians(45),), 0.707106781),
    constant("tan", (math.radians(45),), 1),
    constant("asin", (-1,), -1.570796326),
    constant("acos", (-1,), 3.141592653),
    constant("atan", (-1,), -0.785398163),
    constant("sinh", (-5,), -74.203210577),
    constant("cosh", (-5,), 74.209948524),
    constant("tanh", (1,), 0.761594155),
    constant("exp", (-1,), 0.367879441),
    constant("log", (1 / math.e,), -1),
    constant("log10", (0.1,), -1),
    constant("sqrt", (100,), 10),
    constant("cbrt", (27,), 3),
    constant("gamma", (0.001,), 999.423772484),
    constant("digamma", (1,), -0.577215667),
    constant("digamma", (-1,), "-Infinity"),
    constant("trigamma", (100,), 0.010050166),
    constant("trigamma", (-100,), "Infinity"),
    constant("lanczos", (-0.9,), 524.95519699),
    constant("erf", (10,), 1),
    constant("erfc", (-0.001,), 1.001128378),
    constant("erfInv", (0.001,), 0.000886227),
    constant("erfcInv", (0.001,), 2.326753765),
    constant("bitCount", (0xFFFF,), 16),
    constant("bitCount", (-2,), 63),
    constant("bitwiseNot", (5,), -6, BITS),
    constant("bitwise_not", (-1,), 0, BITS),
]

# Casts ------------------------------------------------------------------------------------------------------------

_LIMITS = {
    "int8": (-(2**7), 2**7 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2.0**63), 2.0**63),
    "uint8": (0, 2**8 - 1),
    "uint16": (0, 2**16 - 1),
    "uint32": (0, 2**32 - 1),
}
_SAME = {"byte": "uint8", "short": "int16", "int": "int32", "long": "int64"}
CUT = "documentation: 'casts the input value to …'; as Java's casts, towards zero"


def _cast(name: str, kind: str) -> Worked:
    """A value and the type after a cast."""
    value, expected = (3.75, 3) if kind.startswith("u") else (-3.75, -3)
    low, high = _LIMITS[kind]
    shown = {"precision": "int", "min": low, "max": high}
    return Worked(
        f"Image.{name}",
        lambda ee: ee.Dictionary(
            {"value": pixel(ee, applied(ee, name, value)), "type": applied(ee, name, value).bandTypes()}
        ),
        {"value": expected, "type": {"constant": shown}},
        CUT,
    )


def _casts() -> list[Worked]:
    kinds = {name: name for name in _LIMITS} | _SAME
    return [
        _cast(spelled, kind) for name, kind in kinds.items() for spelled in (name, f"to{name[0].upper()}{name[1:]}")
    ]


def _floating(name: str, expected: float, precision: str) -> Worked:
    return Worked(
        f"Image.{name}",
        lambda ee: ee.Dictionary(
            {"value": pixel(ee, applied(ee, name, 0.1)), "type": applied(ee, name, 0.1).bandTypes()}
        ),
        {"value": expected, "type": {"constant": {"precision": precision}}},
        "reference: IEEE 754, 0.1 in 32 and in 64 bits",
        1e-16,
    )


# With arguments ---------------------------------------------------------------------------------------------------


def _formula(name: str, call: Any, expected: Any, source: str) -> Worked:
    return Worked(f"Image.{name}", lambda ee: pixel(ee, call(ee)), expected, source)


_FORMULAS = [
    _formula("clamp", lambda ee: ee.Image(259).clamp(0, 255), 255, SAMPLE.format("clamp", "clamp")),
    _formula("clamp", lambda ee: ee.Image(-259).clamp(0, 255), 0, SAMPLE.format("clamp", "clamp")),
    _formula("unitScale", lambda ee: ee.Image(-10).unitScale(0, 100), -0.1, SAMPLE.format("unitScale", "unitscale")),
    _formula(
        "polynomial",
        lambda ee: ee.Image(3).polynomial([1, -2, 0.5]),
        1 - 6 + 4.5,
        "documentation: coefficients in increasing order of degree, the constant first",
    ),
    _formula(
        "normalizedDifference",
        lambda ee: ee.Image([5, 3]).normalizedDifference(),
        0.25,
        "documentation: (first - second) / (first + second)",
    ),
    Worked(
        "Image.normalizedDifference",
        lambda ee: (
            ee.Image([-1, 3])
            .normalizedDifference()
            .mask()
            .bandNames()
            .cat([pixel(ee, ee.Image([-1, 3]).normalizedDifference().mask())])
        ),
        ["nd", 0],
        "documentation: the band is named nd, and a negative input masks the output",
    ),
    _formula(
        "parseExpression",
        lambda ee: ee.Image([2, 3]).rename(["a", "b"]).expression("c + b('a') * b(1) ** 2", {"c": ee.Image(0.5)}),
        18.5,
        "reference: by hand, 0.5 + 2 · 3²",
    ),
    _formula(
        "parseExpression",
        lambda ee: ee.Image(7).expression("b(0) > 5 ? b(0) % 4 : -1"),
        3,
        "reference: by hand, 7 is above 5 and 7 mod 4 is 3",
    ),
    Worked(
        "Image.constant",
        lambda ee: ee.Image.constant([-1.2, 4]),
        {
            "bands": [
                {"id": "constant_0", "data_type": {"precision": "double", "min": -1.2, "max": -1.2}},
                {"id": "constant_1", "data_type": {"precision": "int", "min": 4, "max": 4}},
            ]
        },
        "earth engine: google/earthengine-community, samples/javascript/apidocs/ee-image-constant.js",
    ),
]

WORKED = [
    *_BINARY,
    *_UNARY,
    *_casts(),
    *(_floating(name, 0.10000000149011612, "float") for name in ("float", "toFloat")),
    *(_floating(name, 0.1, "double") for name in ("double", "toDouble")),
    *_FORMULAS,
]
