"""Arrays out of what clients send: numbers and nested lists of one depth."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator import limits
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.pixel_type import PixelType, cast_values, type_of_dtype
from ee_emulator.values import Array


def array_of(value: Any, kind: PixelType | None = None) -> Array:
    """A number, or nested lists of numbers, as an array.

    Args:
        value: Numbers, or an array to cast.
        kind: Type of the elements; None to infer it: 32-bit integers where all are whole and fit, else 64-bit integers,
            else doubles.

    Raises:
        EarthEngineError: Ragged lists, something that is not a number, or neither numbers nor a type.
    """
    if isinstance(value, Array):
        return value if kind is None else Array(cast_values(value.values, kind))
    values = _numbers(value)
    if kind is not None:
        return Array(cast_values(values, kind))
    if not values.size:
        raise EarthEngineError("Array: The pixelType must be given where there are no numbers in 'values'.")
    return Array(_narrowest(values))


def type_of(array: Array) -> PixelType:
    """The type of an array's elements."""
    return type_of_dtype(array.values.dtype)


def _numbers(value: Any) -> NDArray[Any]:
    limits.elements(_count(value))
    values = _block(value)
    if values is None or values.dtype == object:  # arrays inside lists, or numbers beyond 64 bits
        values = _block(_plain(value))
    if values is None:
        raise EarthEngineError("Array: All lists at the same depth must have the same length.")
    if values.dtype == object or values.dtype == np.uint64:  # whole numbers beyond 64 bits
        values = _wide(values, value)
    if values.dtype.kind not in "biuf":
        raise _refusal(value)
    return values.astype(np.int64) if values.dtype.kind in "bu" else values


def _block(value: Any) -> NDArray[Any] | None:
    """Nested lists as one block; None for ragged ones."""
    try:
        return np.asarray(value)
    except ValueError:
        return None


def _count(value: Any) -> int:
    """Numbers in nested lists of one depth."""
    count = 1
    while isinstance(value, list) and value:
        count *= len(value)
        value = value[0]
    return count


def _wide(values: NDArray[Any], given: Any) -> NDArray[np.float64]:
    if not all(isinstance(item, int | float) for item in values.ravel().tolist()):
        raise _refusal(given)
    return values.astype(np.float64)


def _plain(value: Any) -> Any:
    """Arrays inside lists are lists of their own."""
    if isinstance(value, Array):
        return value.values.tolist()
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _refusal(value: Any) -> EarthEngineError:
    return EarthEngineError(f"Array: Expected a number or nested lists of numbers, got {value!r}.")


def _narrowest(values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype.kind == "f":
        return values.astype(np.float64)
    limits = np.iinfo(np.int32)
    fits = limits.min <= values.min() and values.max() <= limits.max
    return values.astype(np.int32) if fits else values
