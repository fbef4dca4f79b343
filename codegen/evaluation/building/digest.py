"""A short hash of an answer, that noise of floating-point numbers does not change."""

from __future__ import annotations

import hashlib
import math
from typing import Any

import numpy as np
import orjson

from codegen.evaluation.judging.answers import Answer

DIGITS = 7
"""Significant digits of numbers that are not whole: as many as single precision has."""
DECIMALS = 2
"""Of pixels, arrays and coordinates: one fewer than are compared."""
SHIFT = 0.3183098861837907
"""Moves the limits of rounding to where no number lies that people think of: halves of a decimal are far from them."""
LENGTH = 8


def digest(answer: Answer) -> str:
    """The first eight hexadecimal digits of a hash of what is compared of an answer."""
    content = [answer.out_type, _plain(answer.value), _plain(dict(answer.facts))]
    if answer.valid is not None:
        content.append(np.packbits(answer.valid).tolist())
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:LENGTH]


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return [list(value.shape), _bins(value)]
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return _number(value) if isinstance(value, float) else value if _fits(value) else str(value)


def _fits(value: Any) -> bool:
    """Whether JSON has room for a whole number."""
    return not isinstance(value, int) or -(2**53) <= value <= 2**53


def _bins(values: Any) -> Any:
    numbers = np.asarray(values, np.float64)
    is_finite = np.isfinite(numbers)
    binned = np.floor(np.where(is_finite, numbers, 0.0) * 10**DECIMALS + SHIFT)
    return [binned.tolist(), is_finite.tolist()]


def _number(value: float) -> Any:
    """Whole numbers as such, others to a few digits."""
    if not math.isfinite(value):
        return str(value)
    if value == int(value):
        return int(value) if _fits(int(value)) else f"{value:.{DIGITS}g}"
    exponent = DIGITS - 1 - math.floor(math.log10(abs(value)))
    return [math.floor(value * 10.0**exponent + SHIFT), exponent]
