"""Number: arithmetic on single numbers, with the typing rules of Earth Engine.

Integers stay integers where the result is one; a zero divisor gives zero; what has no real result gives NaN.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ee_emulator import special
from ee_emulator.errors import EarthEngineError
from ee_emulator.limits import as_long
from ee_emulator.registry import Context, algorithm, invoke, signatures
from ee_emulator.special import digamma, trigamma
from ee_emulator.values import Long

Number = int | float


def _binary(*names: str) -> Callable[[Callable[[Number, Number], Any]], Callable[[Number, Number], Any]]:
    """Registers a function of two numbers."""
    return algorithm(*(f"Number.{name}" for name in names))


@_binary("add")
def add(left: Number, right: Number) -> Number:
    """Sum."""
    return left + right


@_binary("subtract")
def subtract(left: Number, right: Number) -> Number:
    """Difference."""
    return left - right


@_binary("multiply")
def multiply(left: Number, right: Number) -> Number:
    """Product."""
    return left * right


@_binary("divide")
def divide(left: Number, right: Number) -> float:
    """Quotient, always floating point; a zero divisor gives 0, as Earth Engine does."""
    return 0.0 if right == 0 else left / right


@_binary("mod")
def mod(left: Number, right: Number) -> Number:
    """Remainder with the sign of the dividend; of a zero divisor 0."""
    if right == 0:
        return 0
    if not math.isfinite(left):
        return math.nan
    remainder = math.fmod(left, right)
    return int(remainder) if isinstance(left, int) and isinstance(right, int) else remainder


@_binary("max")
def maximum(left: Number, right: Number) -> Number:
    """The greater."""
    return max(left, right)


@_binary("min")
def minimum(left: Number, right: Number) -> Number:
    """The smaller."""
    return min(left, right)


@_binary("first")
def first(left: Number, right: Number) -> Number:
    """The left one."""
    return left


@_binary("firstNonZero", "first_nonzero")
def first_non_zero(left: Number, right: Number) -> Number:
    """The left one unless it is zero."""
    return left or right


@_binary("pow")
def power(left: Number, right: Number) -> float:
    """`left` to the power of `right`, always floating point; NaN where there is no real one."""
    try:
        result = math.pow(left, right)
    except ValueError:
        if left:
            return math.nan
        return math.copysign(math.inf, left) if right % 2 == 1 else math.inf  # zero, whose sign counts, to a negative
    except OverflowError:
        return -math.inf if left < 0 and right % 2 == 1 else math.inf
    return result


@_binary("atan2")
def atan2(left: Number, right: Number) -> float:
    """Angle of the vector (left, right): the first argument is x, the second y."""
    return math.atan2(right, left)


@_binary("hypot")
def hypot(left: Number, right: Number) -> float:
    """Length of the vector (left, right)."""
    return math.hypot(left, right)


@_binary("gammainc")
def gammainc(left: Number, right: Number) -> float:
    """Regularised lower incomplete gamma function of x = `left` with shape `right`."""
    return float(special.gammainc(right, left))


_COMPARISONS: Mapping[str, Callable[[Number, Number], bool]] = {
    "and": lambda left, right: bool(left) and bool(right),
    "or": lambda left, right: bool(left) or bool(right),
    "lt": lambda left, right: left < right,
    "lte": lambda left, right: left <= right,
    "gt": lambda left, right: left > right,
    "gte": lambda left, right: left >= right,
    "eq": lambda left, right: left == right,
    "neq": lambda left, right: left != right,
}

_BITWISE: Mapping[tuple[str, ...], Callable[[int, int], int]] = {
    ("bitwiseAnd", "bitwise_and"): lambda left, right: left & right,
    ("bitwiseOr", "bitwise_or"): lambda left, right: left | right,
    ("bitwiseXor", "bitwise_xor"): lambda left, right: left ^ right,
    ("leftShift", "left_shift"): lambda left, right: left << (right & 63),
    ("rightShift", "right_shift"): lambda left, right: left >> (right & 63),
}


def _register_binary() -> None:
    for name, compare in _COMPARISONS.items():

        def comparison(left: Number, right: Number, compare: Any = compare) -> int:
            return int(compare(left, right))

        _binary(name)(_two(comparison))
    for names, operate in _BITWISE.items():

        def bitwise(left: Number, right: Number, operate: Any = operate) -> int:
            return int(operate(as_long(left), as_long(right)))

        _binary(*names)(_two(bitwise))


def _two(function: Callable[..., Any]) -> Callable[[Number, Number], Any]:
    return lambda left, right: function(left, right)


def _one(function: Callable[..., Any]) -> Callable[[Number], Any]:
    return lambda input: function(input)


def _defined(function: Callable[[float], float]) -> Callable[[Number], float]:
    """NaN where the function has no real value, infinity where it overflows."""

    def guarded(value: Number) -> float:
        try:
            return float(function(value))
        except ValueError:
            return math.nan
        except OverflowError:
            return math.inf

    return guarded


def _logarithm(function: Callable[[float], float]) -> Callable[[Number], float]:
    return lambda value: -math.inf if value == 0 else _defined(function)(value)


def round_half_away(value: Number) -> int:
    """Nearest whole number; halves go away from zero."""
    return math.floor(abs(value) + 0.5) * (-1 if value < 0 else 1)


def _whole(function: Callable[[float], float]) -> Callable[[Number], Number]:
    """Floating point in, floating point out; integers as they are."""
    return lambda value: value if isinstance(value, int) or not math.isfinite(value) else float(function(value))


_FLOATING: Mapping[str, Callable[[Number], Any]] = {
    **{name: _defined(getattr(math, name)) for name in ("sin", "cos", "tan", "asin", "acos", "atan", "cosh")},
    **{name: _defined(getattr(math, name)) for name in ("tanh", "sqrt", "exp", "erf", "erfc")},
    "sinh": lambda value: math.copysign(_defined(math.sinh)(abs(value)), value),  # overflows on both sides
    "log": _logarithm(math.log),
    "log10": _logarithm(math.log10),
    "cbrt": lambda value: float(np.cbrt(value)),
    "gamma": lambda value: float(special.gamma(value)),
    "lanczos": lambda value: lanczos(float(value)),
    "digamma": lambda value: float(digamma(value)),
    "trigamma": lambda value: float(trigamma(value)),
    "erfInv": lambda value: float(special.erfinv(value)),
    "erfcInv": lambda value: float(special.erfcinv(value)) + 0.0,  # no negative zero
    "abs": abs,
    "floor": _whole(math.floor),
    "ceil": _whole(math.ceil),
    "round": _whole(round_half_away),
    "signum": lambda value: int(np.sign(value)) if isinstance(value, int) else float(np.sign(value)),
    "not": lambda value: int(not value),
    "bitCount": lambda value: int(value & 0xFFFFFFFFFFFFFFFF).bit_count() if isinstance(value, int) else _bits(value),
}


def _bits(value: float) -> int:
    return (as_long(value) & 0xFFFFFFFFFFFFFFFF).bit_count()


_LANCZOS = (
    0.99999999999999709182,
    57.156235665862923517,
    -59.597960355475491248,
    14.136097974741747174,
    -0.49191381609762019978,
    0.33994649984811888699e-4,
    0.46523628927048575665e-4,
    -0.98374475304879564677e-4,
    0.15808870322491248884e-3,
    -0.21026444172410488319e-3,
    0.21743961811521264320e-3,
    -0.16431810653676389022e-3,
    0.84418223983852743293e-4,
    -0.26190838401581408670e-4,
    0.36899182659531622704e-5,
)


def lanczos(x: float) -> float:
    """The Lanczos approximation with g = 607/128 (coefficients: P. Godfrey, as in Apache Commons Math)."""
    terms = ((c, x + i) for i, c in reversed(list(enumerate(_LANCZOS))) if i)
    return sum(c / place if place else math.copysign(math.inf, c) for c, place in terms) + _LANCZOS[0]


_INTEGER_TYPES: Mapping[str, tuple[int, int]] = {
    **{f"int{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": (0, 2**bits - 1) for bits in (8, 16, 32)},
    "byte": (0, 255),
    "short": (-(2**15), 2**15 - 1),
    "int": (-(2**31), 2**31 - 1),
    "long": (-(2**63), 2**63 - 1),
}


def to_integer(value: Number, low: int, high: int) -> int:
    """Cuts off the fraction and clamps to the type's range; NaN becomes 0."""
    if isinstance(value, float) and math.isnan(value):
        return 0
    return int(min(max(value, low), high))


def _cast(limits: tuple[int, int]) -> Callable[[Number], int]:
    """Whatever the number of bits, what comes out is a Long: only its range is that of the type."""
    return lambda value: Long(to_integer(value, *limits))


def _capitalised(name: str) -> str:
    return f"to{name[0].upper()}{name[1:]}"


def _register_unary() -> None:
    for name, function in _FLOATING.items():
        algorithm(f"Number.{name}")(_one(function))
    algorithm("Number.bitwiseNot", "Number.bitwise_not")(_one(lambda value: ~as_long(value)))
    for name, limits in _INTEGER_TYPES.items():
        algorithm(f"Number.{name}", f"Number.{_capitalised(name)}")(_one(_cast(limits)))
    # Single numbers have one kind of floating point: milliseconds pass through `toFloat` unharmed.
    algorithm("Number.float", "Number.toFloat", "Number.double", "Number.toDouble")(_one(float))


_register_binary()
_register_unary()


@algorithm("Number.clamp")
def clamp(number: Number, min: float, max: float) -> Number:
    """The number, moved into [min, max]."""
    clamped = min if number < min else max if number > max else number
    return int(clamped) if isinstance(number, int) and float(clamped).is_integer() else clamped


@algorithm("Number.unitScale")
def unit_scale(number: Number, min: float, max: float) -> float:
    """Where the number lies in [min, max], as a fraction."""
    span = max - min
    return 0.0 if span == 0 else (number - min) / span


@algorithm("Number.format")
def format_number(number: Number, pattern: str) -> str:
    """Formats as Java's `String.format` does for one number.

    Raises:
        EarthEngineError: The pattern is not one for a number.
    """
    from ee_emulator.text import java_format

    return java_format(pattern, number)


@algorithm("Number.parse")
def parse(input: str, radix: int) -> Number:
    """A number from text; whole ones in a base other than 10.

    Raises:
        EarthEngineError: The text is no number.
    """
    try:
        if radix != 10:
            return int(input, radix)
        return int(input) if input.strip().lstrip("+-").isdigit() else float(input)
    except ValueError:
        raise EarthEngineError(f"Unable to parse '{input}' as a number.") from None


@algorithm("Number.expression")
def expression(expression: str, vars: dict[str, Any] | None, *, context: Context) -> Number:
    """An expression over named numbers, with all of Number's functions, `a.b` for entries, Math.PI and Math.E.

    Raises:
        EarthEngineError: A name is not given, or the expression is malformed.
    """
    from ee_emulator.raster.expression import Parser

    names = {"Math": {"PI": math.pi, "E": math.e}} | (vars or {})

    def apply(name: str, *given: Any) -> Any:
        return _apply(name, given, context)

    value: Number = Parser(expression, names, {}, apply, lambda number: number, "Number.expression").parse()
    return value


def _apply(name: str, given: tuple[Any, ...], context: Context) -> Any:
    """What the expression's language asks for: an entry, one of two branches, or one of Number's functions.

    Raises:
        EarthEngineError: There is no such entry or function.
    """
    if name == "_choose":
        return given[1] if given[0] else given[2]
    if name == "select":
        entries, (key,) = given
        if not isinstance(entries, dict) or key not in entries:
            raise EarthEngineError(f"Number.expression: there is no '{key}'.")
        return entries[key]
    signature = signatures().get(f"Number.{name}")
    if signature is None:
        raise EarthEngineError(f"Number.expression: there is no function '{name}'.")
    arguments = dict(zip((argument.name for argument in signature.arguments), given, strict=False))
    return invoke(signature.name, arguments, context)
