"""Pixel types: precision with an interval of values, and how arithmetic carries them along.

Earth Engine describes a band by `int`, `float` or `double` and, for integers, the least and greatest value
that can occur (`uint16` is `int` in 0..65535). Integer arithmetic here carries the interval along, so that an
integer result never wraps around; where the interval leaves 64 bits the result becomes double.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ee_emulator.errors import EarthEngineError

Precision = Literal["int", "float", "double"]

_INTEGER_DTYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "int64")
# looked up once: planning a small request asks for thousands of types, and asking numpy took a tenth of its time
_INTEGER_LIMITS = tuple((np.dtype(name), np.iinfo(name).min, np.iinfo(name).max) for name in _INTEGER_DTYPES)


@dataclass(frozen=True)
class PixelType:
    """The type of a band's pixels.

    Attributes:
        precision: `int`, `float` (32 bits) or `double` (64 bits).
        minimum: Least value that can occur; None where unknown (floating point only).
        maximum: Greatest value that can occur; None where unknown (floating point only).
        dimensions: 0 for a number, n for an array of n dimensions. The pixels of an array band are an object array
            of shape (height, width) whose items are numpy arrays of n dimensions and of `element_dtype`; where the
            mask is False an item may be anything.
    """

    precision: Precision
    minimum: float | None = None
    maximum: float | None = None
    dimensions: int = 0

    @property
    def is_integer(self) -> bool:
        """Whether pixels are whole numbers."""
        return self.precision == "int"

    @property
    def dtype(self) -> np.dtype[Any]:
        """The smallest numpy type that holds every value; `object` for arrays, a numpy array a pixel."""
        return np.dtype(object) if self.dimensions else self.element_dtype

    @property
    def element_dtype(self) -> np.dtype[Any]:
        """The smallest numpy type that holds every number, inside an array as well."""
        if self.precision == "float":
            return np.dtype("float32")
        if self.precision == "double":
            return np.dtype("float64")
        low, high = self.interval
        for dtype, least, greatest in _INTEGER_LIMITS:
            if least <= low and high <= greatest:
                return dtype
        return np.dtype("int64")

    @property
    def element(self) -> "PixelType":
        """The type of the numbers inside an array; the type itself where it is no array."""
        return replace(self, dimensions=0) if self.dimensions else self

    @property
    def pixel_bytes(self) -> int:
        """Memory that a pixel takes; for an array, whose length nobody knows before, that of a small one."""
        return 256 if self.dimensions else self.dtype.itemsize

    @property
    def interval(self) -> tuple[float, float]:
        """Least and greatest value, infinite where unknown."""
        low = -math.inf if self.minimum is None else self.minimum
        high = math.inf if self.maximum is None else self.maximum
        return low, high

    def describe(self) -> dict[str, Any]:
        """The JSON that `getInfo()` shows."""
        answer: dict[str, Any] = {"type": "PixelType", "precision": self.precision}
        if self.minimum is not None and self.maximum is not None:
            answer |= {"min": _shown(self.minimum), "max": _shown(self.maximum)}
        if self.dimensions:
            answer["dimensions"] = self.dimensions
        return answer


def _shown(value: float) -> float:
    # Earth Engine prints limits of 64 bits as doubles.
    return float(value) if abs(value) > 2**53 else value


def integer_type(low: float, high: float) -> PixelType:
    """The integer type of an interval, or double where 64 bits do not hold it."""
    if low < -(2.0**63) or high > 2.0**63 or math.isinf(low) or math.isinf(high):
        return DOUBLE
    # The double nearest to 2**63 - 1 is one too large.
    return PixelType("int", *(min(int(limit), 2**63 - 1) for limit in (low, high)))


def _named(dtype: str) -> PixelType:
    limits = np.iinfo(dtype)
    return PixelType("int", int(limits.min), int(limits.max))


FLOAT = PixelType("float")
DOUBLE = PixelType("double")
BOOLEAN = PixelType("int", 0, 1)
NAMED: dict[str, PixelType] = {name: _named(name) for name in _INTEGER_DTYPES} | {"float": FLOAT, "double": DOUBLE}
ALIASES = {"byte": "uint8", "short": "int16", "int": "int32", "long": "int64"}


def named_type(name: Any) -> PixelType:
    """The type called `uint8`, `byte`, `float`, ….

    Raises:
        EarthEngineError: There is no type of that name.
    """
    found = NAMED.get(ALIASES.get(name, name)) if isinstance(name, str) else None
    if found is None:
        raise EarthEngineError(f"PixelType: unknown type '{name}'; known: {', '.join([*NAMED, *ALIASES])}.")
    return found


@lru_cache(maxsize=64)
def type_of_dtype(dtype: np.dtype[Any] | str) -> PixelType:
    """The pixel type of a numpy type; uint64 and bool have none of their own and take the nearest."""
    kind = np.dtype(dtype)
    if kind == np.bool_:
        return BOOLEAN
    if kind == np.float32 or kind == np.float16:
        return FLOAT
    if kind.kind == "f" or kind == np.uint64:
        return DOUBLE
    return NAMED[kind.name]


def union(types: list[PixelType]) -> PixelType:
    """The type that holds the values of all `types`, as Earth Engine unites them."""
    first = types[0]
    if all(kind == first for kind in types):
        return first
    dimensions = max(kind.dimensions for kind in types)
    for precision in ("double", "float"):
        if any(kind.precision == precision for kind in types):
            return PixelType(precision, dimensions=dimensions)
    return PixelType(
        "int", min(kind.interval[0] for kind in types), max(kind.interval[1] for kind in types), dimensions
    )


def cast_values(values: NDArray[Any], target: PixelType) -> NDArray[Any]:
    """Casts as Earth Engine does: towards zero, clamped to the target's interval, NaN to 0."""
    if target.dimensions:
        return _cast_arrays(values, target.element)
    if not target.is_integer:
        return values.astype(target.dtype, copy=False)
    low, high = target.interval
    if values.dtype.kind == "f":
        values = np.trunc(np.nan_to_num(values, nan=0.0, posinf=high, neginf=low))
        # The double nearest to 2**63 - 1 is 2**63, which wraps around.
        high = min(high, np.nextafter(2.0**63, 0)) if high > 2**53 else high
    elif values.dtype.kind == "b":
        return values.astype(target.dtype)
    clipped: NDArray[Any] = np.clip(values, low, high).astype(target.dtype, copy=False)
    return clipped


def _cast_arrays(values: NDArray[Any], target: PixelType) -> NDArray[Any]:
    """Array pixels, one by one; masked ones may hold anything and stay."""
    answer = np.empty(values.size, object)
    for place, item in enumerate(values.ravel()):
        answer[place] = cast_values(item, target) if isinstance(item, np.ndarray) else item
    return answer.reshape(values.shape)
