"""Array: from numbers and back, and arithmetic element by element."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ee_emulator.arrays import array_of, type_of
from ee_emulator.errors import EarthEngineError
from ee_emulator.limits import as_long, elements
from ee_emulator.raster.arithmetic import BINARY, UNARY, widened
from ee_emulator.raster.array_pixels import elementwise
from ee_emulator.raster.pixel_type import ALIASES, DOUBLE, FLOAT, NAMED, PixelType, cast_values
from ee_emulator.registry import algorithm
from ee_emulator.stacks.shape import bits
from ee_emulator.values import Array


@algorithm("Array")
def array(values: Any, pixel_type: PixelType | None) -> Array:
    """An array of numbers, or another array under another type."""
    return array_of(values, pixel_type)


@algorithm("Array.identity")
def identity(size: int) -> Array:
    """The identity matrix.

    Raises:
        EarthEngineError: A negative size.
    """
    if size < 0:
        raise EarthEngineError(f"The size of an identity matrix may not be negative, got {size}.")
    elements(size**2)
    return Array(np.eye(size, dtype=np.uint8))


@algorithm("Array.bitsToArray")
def bits_to_array(input: float) -> Array:
    """Binary digits of a whole number, the lowest first."""
    return Array(bits(as_long(input)))


@algorithm("Array.toList")
def to_list(array: Array) -> Any:
    """Lists of lists of numbers; an array without dimensions is a list of one."""
    found = array.values.tolist()
    return found if array.values.ndim else [found]


def computed(function: Callable[..., Any], types: Callable[..., PixelType], *arrays: Array) -> Array:
    """A function of numbers applied element by element; a single number meets every element of the other array."""
    kind = types(*map(type_of, arrays))
    with np.errstate(all="ignore"):
        stack = elementwise(widened(function, kind))(*(given.values[np.newaxis] for given in arrays))
    return Array(cast_values(stack[0], kind))


def cast_array(given: Array, kind: PixelType) -> Array:
    """The array under another type, clamped to it; fractions are rounded, halves up, where images cut them off."""
    values = given.values
    if kind.is_integer and values.dtype.kind == "f":
        values = np.floor(values + 0.5)
    return Array(cast_values(values, replace(kind, dimensions=0)))


def _binary(function: Any, types: Any) -> Callable[[Array, Array], Array]:
    return lambda left, right: computed(function, types, left, right)


def _unary(function: Any, types: Any) -> Callable[[Array], Array]:
    return lambda input: computed(function, types, input)


def _cast(kind: PixelType) -> Callable[[Array], Array]:
    return lambda input: cast_array(input, kind)


def _register() -> None:
    for names, (function, types) in BINARY.items():
        algorithm(*(f"Array.{name}" for name in names))(_binary(function, types))
    for name, (one, types) in UNARY.items():
        algorithm(f"Array.{name}")(_unary(one, types))
    casts = {name: NAMED[name] for name in ("uint8", "int8", "uint16", "int16", "uint32", "int32", "int64")}
    casts |= {alias: NAMED[name] for alias, name in ALIASES.items()} | {"float": FLOAT, "double": DOUBLE}
    for name, kind in casts.items():
        algorithm(f"Array.{name}", f"Array.to{name[0].upper()}{name[1:]}")(_cast(kind))


_register()
