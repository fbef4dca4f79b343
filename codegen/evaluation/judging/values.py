"""Differences of JSON values: numbers but for floating-point noise, the rest exactly."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

RELATIVE, ABSOLUTE = 1e-9, 1e-12
"""Noise of floating-point numbers; whole numbers have none."""
PASSED_OVER = ("updateTime",)
"""Keys of dictionaries that tell of the time of the run, not of the result (AutoGEEval++)."""
LONGEST = 120
"""Characters of a value within a reason."""

_NOT_FINITE: Mapping[str, float] = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
"""As Earth Engine writes them in JSON, which has no number for them."""


def value_difference(expected: Any, got: Any, name: str = "") -> str | None:
    """The first difference of two JSON values.

    Args:
        expected: One of them.
        got: The other.
        name: What the values are, for the sentence.

    Returns:
        A sentence; None where they are equal.
    """
    pending: list[tuple[str, Any, Any]] = [(name, expected, got)]
    while pending:  # not by recursion: values may be nested deeper than Python's stack
        at, one, other = pending.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            wanted, came = _keys(one), _keys(other)
            if wanted.keys() != came.keys():
                return _keys_differ(at, wanted, came)
            pending += [(f"{at}[{key!r}]", wanted[key], came[key]) for key in reversed(wanted)]
        elif isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                return f"{_place(at)}xpected {_count(one)}, got {_count(other)}: {shortened(other)}."
            pending += [(f"{at}[{i}]", one[i], other[i]) for i in range(len(one) - 1, -1, -1)]
        elif not _same(one, other):
            return f"{_place(at)}xpected {shortened(one)}, got {shortened(other)}."
    return None


def shortened(value: Any) -> str:
    """A value as a reason shows it."""
    try:
        text = repr(value)
    except (RecursionError, ValueError):  # nested deeper than Python's stack; a whole number of over 4,300 digits
        return "a value too large to be shown"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one == other
    left, right = _number(one), _number(other)
    if left is None or right is None:
        return type(one) is type(other) and bool(one == other)
    if isinstance(left, int) and isinstance(right, int):
        return left == right
    try:
        return (left != left and right != right) or math.isclose(left, right, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    except OverflowError:  # a whole number beyond what floating-point ones reach
        return False


def _number(value: Any) -> int | float | None:
    """A number, also one that JSON has no form for."""
    if isinstance(value, str):
        return _NOT_FINITE.get(value)
    return value if isinstance(value, int | float) else None


def _keys(value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value[key] for key in value if key not in PASSED_OVER}


def _keys_differ(at: str, wanted: Mapping[str, Any], came: Mapping[str, Any]) -> str:
    missing, extra = [k for k in wanted if k not in came], [k for k in came if k not in wanted]
    said = [f"{what} {shortened(keys)}" for what, keys in (("lacks", missing), ("has in addition", extra)) if keys]
    return f"{at or 'The dictionary'} {' and '.join(said)}."


def _count(value: list[Any]) -> str:
    return f"{len(value)} element{'' if len(value) == 1 else 's'}"


def _place(at: str) -> str:
    return f"At {at}: e" if at else "E"
