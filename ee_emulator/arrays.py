"""Arrays out of what clients send: numbers and nested lists of one depth."""

from typing import Any

import numpy as np

from ee_emulator.errors import EarthEngineError
from ee_emulator.values import Array


def array_of(value: Any) -> Array:
    """A number, or nested lists of numbers, as an array: int64 where all are whole, float64 otherwise.

    Raises:
        EarthEngineError: Ragged lists, or something that is not a number.
    """
    if isinstance(value, Array):
        return value
    try:
        values = np.asarray(value)
    except ValueError:
        raise EarthEngineError("Array: the lists inside one dimension must all have the same length.") from None
    if values.dtype.kind == "b":
        values = values.astype(np.int64)
    if values.dtype.kind not in "iuf":
        raise EarthEngineError(f"Array: expected numbers or nested lists of numbers, got {value!r}.")
    return Array(values.astype(np.int64) if values.dtype.kind in "iu" else values.astype(np.float64))
