"""Text as Java writes it: numbers in strings, `String.format`, regular expressions and their flags."""

import math
import re
from typing import Any

from ee_emulator.errors import EarthEngineError
from ee_emulator.regex import Pattern


def java_number(value: float) -> str:
    """A number as Java's `toString`: `1`, `1.5`, `1.0E10`, `NaN`, `Infinity`."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        text = repr(value)
        return text if "e" not in text else format(value, "f")
    mantissa, _, exponent = f"{value:e}".partition("e")
    digits = repr(value).lower().partition("e")[0].replace(".", "").lstrip("-0").rstrip("0") or "0"
    mantissa = ("-" if value < 0 else "") + digits[0] + "." + (digits[1:] or "0")
    return f"{mantissa}E{int(exponent)}"


_SPECIFIER = re.compile(r"%(?:\d+\$)?([-#+ 0,(]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])")


def java_format(pattern: str, number: float) -> str:
    """`String.format(pattern, number)`.

    Raises:
        EarthEngineError: A conversion that does not suit the number.
    """

    def replace(match: re.Match[str]) -> str:
        flags, width, precision, conversion = match.groups()
        if conversion == "%":
            return "%"
        text = _convert(number, flags, precision, conversion)
        if width and len(text) < int(width):
            return _pad(text, int(width), flags)
        return text

    return _SPECIFIER.sub(replace, pattern)


def _pad(text: str, width: int, flags: str) -> str:
    if "-" in flags:
        return text.ljust(width)
    if "0" in flags:
        sign = text[0] if text[0] in "+-" else ""
        return sign + text[len(sign) :].rjust(width - len(sign), "0")
    return text.rjust(width)


def _convert(number: float, flags: str, precision: str | None, conversion: str) -> str:
    sign = "+" if "+" in flags else " " if " " in flags else ""
    group = "," if "," in flags else ""
    if conversion in "sS":
        text = java_number(number)
        return text.upper() if conversion == "S" else text
    if conversion in "dxXo":
        if isinstance(number, float) and not number.is_integer():
            raise EarthEngineError(f"Number.format: '%{conversion}' needs a whole number, got {number}.")
        spec = conversion if conversion != "d" else "d"
        return format(int(number), f"{sign}{group if conversion == 'd' else ''}{spec}")
    if conversion in "feEgG":
        return _half_up(float(number), f"{sign}{group}.{precision or 6}{conversion}")
    raise EarthEngineError(f"Number.format: unknown conversion '%{conversion}'.")


def _half_up(number: float, spec: str) -> str:
    """Java rounds halves up in the decimal text of the number, Python in its binary value."""
    from decimal import ROUND_HALF_UP, Decimal

    if not spec.endswith("f") or not math.isfinite(number):
        return format(number, spec)
    digits = int(spec.rpartition(".")[2].rstrip("f"))
    exact = Decimal(repr(number)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return format(exact, spec)


def compile_regex(pattern: str, flags: str) -> Pattern:
    """A compiled pattern; flags as in JavaScript (`g` is the caller's).

    Raises:
        EarthEngineError: Not a pattern, or an unknown flag.
    """
    unknown = set(flags) - set("gim")
    if unknown:
        raise EarthEngineError(f"Invalid regular expression flags: '{flags}'.")
    options = (re.IGNORECASE if "i" in flags else 0) | (re.MULTILINE if "m" in flags else 0)
    try:
        # Java knows POSIX classes, Python does not.
        return Pattern(re.compile(pattern.replace("[:space:]", r"\s").replace("[:digit:]", r"\d"), options))
    except re.error as error:
        raise EarthEngineError(f"Invalid regular expression '{pattern}': {error}.") from None


def java_replacement(replacement: str) -> Any:
    """A function for `re.sub` from a Java replacement text (`$1` is a group)."""

    def expand(match: re.Match[str]) -> str:
        return re.sub(r"\$(\d)", lambda group: match.group(int(group.group(1))) or "", replacement)

    return expand
