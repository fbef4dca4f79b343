"""Worked values of Number's algorithms; most are printed, cut after nine decimals, in Google's API samples."""

import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked

PAGE = "developers.google.com/earth-engine/apidocs/ee-number-"


def _printed(name: str, call: Callable[[ModuleType], Any], expected: Any, tolerance: float = 2e-9) -> Worked:
    return Worked(f"Number.{name}", call, expected, f"earth engine: {PAGE}{name.lower()}", tolerance)


def _by_hand(name: str, call: Callable[[ModuleType], Any], expected: Any, why: str) -> Worked:
    return Worked(f"Number.{name}", call, expected, f"reference: {why}", 1e-12)


_ARITHMETIC = [
    _printed("add", lambda ee: ee.Number(5).add(10), 15),
    _printed("add", lambda ee: ee.Number(5).add(-10.2), -5.2),
    _printed("subtract", lambda ee: ee.Number(5).subtract(10.2), -5.2),
    _printed("multiply", lambda ee: ee.Number(5).multiply(-10.5), -52.5),
    _printed("divide", lambda ee: ee.Number(5).divide(10), 0.5),
    _printed("divide", lambda ee: ee.Number(10).divide(0), 0),
    _printed("mod", lambda ee: ee.Number(-12).mod(5), -2),
    _printed("mod", lambda ee: ee.Number(5.5).mod(2), 1.5),
    _printed("pow", lambda ee: ee.Number(5).pow(2.2), 34.493241536),
    _printed("pow", lambda ee: ee.Number(5).pow(-2), 0.04),
    _printed("abs", lambda ee: ee.Number(-1).abs(), 1),
    _printed("signum", lambda ee: ee.Number(-5).signum(), -1),
    _printed("max", lambda ee: ee.Number(5).max(10), 10),
    _printed("min", lambda ee: ee.Number(5).min(10), 5),
    _printed("first", lambda ee: ee.Number(1).first(2), 1),
    _printed("firstNonZero", lambda ee: ee.Number(0).firstNonZero(5), 5),
    _printed("clamp", lambda ee: ee.Number(259).clamp(0, 255), 255),
    _printed("clamp", lambda ee: ee.Number(-259).clamp(0, 255), 0),
    _printed("unitScale", lambda ee: ee.Number(-10).unitScale(0, 100), -0.1),
    _printed("hypot", lambda ee: ee.Number(-3).hypot(-4), 5),
    _by_hand("first_nonzero", lambda ee: ee.apply("Number.first_nonzero", {"left": 0, "right": 7}), 7, "by definition"),
]

_COMPARISONS = [
    _printed("eq", lambda ee: ee.Number(1.001).eq(1), 0),
    _printed("neq", lambda ee: ee.Number(5).neq(10), 1),
    _printed("gt", lambda ee: ee.Number(10).gt(5), 1),
    _printed("gte", lambda ee: ee.Number(5).gte(5), 1),
    _printed("lt", lambda ee: ee.Number(10).lt(5), 0),
    _printed("lte", lambda ee: ee.Number(5).lte(5), 1),
    _printed("and", lambda ee: ee.Number(5).And(0), 0),
    _printed("or", lambda ee: ee.Number(0).Or(5), 1),
    _printed("not", lambda ee: ee.Number(5).Not(), 0),
]

_ROUNDING = [
    _printed("ceil", lambda ee: ee.Number(-2.9).ceil(), -2),
    _printed("floor", lambda ee: ee.Number(-2.1).floor(), -3),
    _printed("round", lambda ee: ee.Number(10.5).round(), 11),
]

_FUNCTIONS = [
    _printed("sin", lambda ee: ee.Number(math.radians(45)).sin(), 0.707106781),
    _printed("cos", lambda ee: ee.Number(math.radians(45)).cos(), 0.707106781),
    _printed("tan", lambda ee: ee.Number(math.radians(45)).tan(), 1),
    _printed("asin", lambda ee: ee.Number(-1).asin(), -1.570796326),
    _printed("acos", lambda ee: ee.Number(-1).acos(), 3.141592653),
    _printed("atan", lambda ee: ee.Number(-1).atan(), -0.785398163),
    _printed("atan2", lambda ee: ee.Number(0).atan2(1), 1.570796326),
    _printed("atan2", lambda ee: ee.Number(-1).atan2(0), 3.141592653),
    _printed("sinh", lambda ee: ee.Number(-5).sinh(), -74.203210577),
    _printed("cosh", lambda ee: ee.Number(-5).cosh(), 74.209948524),
    _printed("tanh", lambda ee: ee.Number(1).tanh(), 0.761594155),
    _printed("exp", lambda ee: ee.Number(-1).exp(), 0.367879441),
    _printed("log", lambda ee: ee.Number(1 / math.e).log(), -1),
    _printed("log10", lambda ee: ee.Number(0.1).log10(), -1),
    _printed("sqrt", lambda ee: ee.Number(100).sqrt(), 10),
    _printed("cbrt", lambda ee: ee.Number(27).cbrt(), 3),
    _printed("gamma", lambda ee: ee.Number(0.001).gamma(), 999.423772484),
    _printed("gamma", lambda ee: ee.Number(200).gamma(), "Infinity"),
    _printed("gammainc", lambda ee: ee.Number(1).gammainc(1), 0.632120558),
    _printed("gammainc", lambda ee: ee.Number(10).gammainc(-1), "NaN"),
    _printed("digamma", lambda ee: ee.Number(1).digamma(), -0.577215667, 1e-9),
    _printed("digamma", lambda ee: ee.Number(-1).digamma(), "-Infinity"),
    _printed("trigamma", lambda ee: ee.Number(100).trigamma(), 0.010050166),
    _printed("trigamma", lambda ee: ee.Number(-100).trigamma(), "Infinity"),
    _printed("lanczos", lambda ee: ee.Number(-0.9).lanczos(), 524.95519699),
    _printed("erf", lambda ee: ee.Number(10).erf(), 1),
    _printed("erfc", lambda ee: ee.Number(-0.001).erfc(), 1.001128378),
    _printed("erfInv", lambda ee: ee.Number(0.001).erfInv(), 0.000886227),
    _printed("erfcInv", lambda ee: ee.Number(0.001).erfcInv(), 2.326753765),
    _printed("erfcInv", lambda ee: ee.Number(0).erfcInv(), "Infinity"),
]

_BITS = "binary arithmetic by hand: 25 is 0b11001, 21 is 0b10101"
_BITWISE = [
    _printed("leftShift", lambda ee: ee.Number(20).leftShift(2), 80),
    _printed("rightShift", lambda ee: ee.Number(20).rightShift(2), 5),
    _printed("bitCount", lambda ee: ee.List([ee.Number(0xFFFF).bitCount()]), [16]),
    _printed("bitCount", lambda ee: ee.List([ee.Number(-2).bitCount()]), [63]),
    *(
        _by_hand(name, lambda ee, name=name: ee.apply(f"Number.{name}", {"left": 25, "right": 21}), expected, _BITS)
        for name, expected in {
            "bitwiseAnd": 0b10001,
            "bitwise_and": 0b10001,
            "bitwiseOr": 0b11101,
            "bitwise_or": 0b11101,
            "bitwiseXor": 0b01100,
            "bitwise_xor": 0b01100,
        }.items()
    ),
    *(
        _by_hand(name, lambda ee, name=name: ee.apply(f"Number.{name}", {"input": 25}), -26, "two's complement")
        for name in ("bitwiseNot", "bitwise_not")
    ),
    _by_hand("left_shift", lambda ee: ee.apply("Number.left_shift", {"left": 3, "right": 4}), 48, "3 · 2⁴"),
    _by_hand("right_shift", lambda ee: ee.apply("Number.right_shift", {"left": 48, "right": 4}), 3, "48 / 2⁴"),
]

_RANGES = {
    "int8": (-128, 127),
    "uint8": (0, 255),
    "byte": (0, 255),
    "int16": (-32_768, 32_767),
    "short": (-32_768, 32_767),
    "uint16": (0, 65_535),
    "int32": (-2_147_483_648, 2_147_483_647),
    "int": (-2_147_483_648, 2_147_483_647),
    "uint32": (0, 4_294_967_295),
}
_BEYOND = "documentation: {}{}: fractions are cut off, what lies beyond a type's range becomes its end"


def _casts(name: str, low: int, high: int) -> list[Worked]:
    """A type's two names: a fraction, and a number beyond each end of the range."""
    return [
        Worked(
            f"Number.{cast}",
            lambda ee, cast=cast: ee.List(
                [ee.apply(f"Number.{cast}", {"input": n}) for n in (1.7, low - 12_345, high + 12_345)]
            ),
            [1, low, high],
            _BEYOND.format(PAGE, cast.lower()),
        )
        for cast in (name, f"to{name.capitalize()}")
    ]


_CASTS = [
    *(worked for name, ends in _RANGES.items() for worked in _casts(name, *ends)),
    *(
        _by_hand(name, lambda ee, name=name: ee.apply(f"Number.{name}", {"input": -1.7}), -1, "the fraction is cut off")
        for name in ("int64", "toInt64", "long", "toLong")
    ),
    *(
        _by_hand(name, lambda ee, name=name: ee.apply(f"Number.{name}", {"input": 100}), 100.0, "it keeps the value")
        for name in ("float", "toFloat", "double", "toDouble")
    ),
]

_TEXT = [
    _printed("format", lambda ee: ee.Number(1).format("%03d"), "001"),
    _printed("format", lambda ee: ee.Number(1.23476).format("%.3f"), "1.235"),
    _printed("format", lambda ee: ee.Number(123476).format("%.3e"), "1.235e+05"),
    _printed("parse", lambda ee: ee.Number.parse("3E8", 16), 1000),
    _printed("parse", lambda ee: ee.Number.parse("0001"), 1),
    *(
        Worked("Number.expression", lambda ee, t=text: ee.Number.expression(t, {"x": 5, "y": 10}), expected, source)
        for text, expected, source in (
            ("x ** y % 4", 1.0, "reference: 5¹⁰ = 9765625 = 4 · 2441406 + 1"),
            ("(x < y) ? 100 : 1000", 100, "documentation: " + PAGE + "expression: the ternary operator"),
            ("subtract(add(x, y), 5)", 10, "documentation: " + PAGE + "expression: any function in Number"),
            ("Math.PI * 0 + !(x)", 0.0, "documentation: " + PAGE + "expression: constants, and ! as not"),
        )
    ),
    Worked(
        "Number.expression",
        lambda ee: ee.Number.expression("vals.x * vals.y", {"vals": {"x": 5, "y": 10}}),
        50,
        f"documentation: {PAGE}expression: '.' extracts child elements",
    ),
]

WORKED = [*_ARITHMETIC, *_COMPARISONS, *_ROUNDING, *_FUNCTIONS, *_BITWISE, *_CASTS, *_TEXT]
