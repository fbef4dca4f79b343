"""Image: arithmetic, logic, casts and expressions, band by band."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from ee_emulator.algorithms.coercions import refusal
from ee_emulator.arrays import type_of
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.arithmetic import BINARY, UNARY, binary, computed_image, per_band, unary
from ee_emulator.raster.nodes import Constant
from ee_emulator.raster.pixel_type import ALIASES, DOUBLE, FLOAT, NAMED, PixelType, integer_type
from ee_emulator.raster.values import Band, Image
from ee_emulator.registry import IMPLEMENTATIONS, Context, algorithm, call, coerce, coercion
from ee_emulator.values import Array, Collection, Function


@coercion("Image")
def to_image(value: Any, context: Context) -> Image:
    """Images; numbers and lists of them become constants, collections their mosaic, texts are asset ids."""
    if isinstance(value, Image):
        return value
    if isinstance(value, str):
        from ee_emulator.algorithms.image.bands import load

        return load(value, -1, context=context)
    if isinstance(value, Collection):
        from ee_emulator.algorithms.image_collection import mosaic

        return mosaic(coerce(value, "ImageCollection", context))
    if isinstance(value, int | float | list | Array):
        return constant(value)
    raise refusal(value, "Image")


@algorithm("Image.constant")
def constant(value: Any) -> Image:
    """The same value everywhere; a list makes a band an item.

    Raises:
        EarthEngineError: Neither a number or array nor a list of them.
    """
    if isinstance(value, list):
        return Image({f"constant_{k}": _constant_band(item) for k, item in enumerate(value)})
    return Image({"constant": _constant_band(value)})


def _constant_band(value: Any) -> Band:
    if isinstance(value, Array):
        kind = _constant_type(value)
        return Band(Constant(value.values if kind.dimensions else value.values[()], kind), kind)
    if isinstance(value, bool) or not isinstance(value, int | float):
        if not isinstance(value, bool):
            raise refusal(value, "Number")
        value = int(value)
    kind = integer_type(value, value) if isinstance(value, int) else PixelType("double", value, value)
    return Band(Constant(value, kind), kind)


def _constant_type(array: Array) -> PixelType:
    """The array's type, narrowed to the least and the greatest of its numbers."""
    kind = replace(type_of(array), dimensions=array.values.ndim)
    if not array.values.size:
        return kind
    return replace(kind, minimum=array.values.min().item(), maximum=array.values.max().item())


def _register() -> None:
    for names, (function, types) in BINARY.items():
        algorithm(*(f"Image.{name}" for name in names))(_binary(function, types))
    for name, (one, types) in UNARY.items():
        algorithm(f"Image.{name}")(_unary(one, types))
    casts = {name: NAMED[name] for name in ("uint8", "int8", "uint16", "int16", "uint32", "int32", "int64")}
    casts |= {alias: NAMED[name] for alias, name in ALIASES.items()} | {"float": FLOAT, "double": DOUBLE}
    for name, kind in casts.items():
        algorithm(f"Image.{name}", f"Image.to{name[0].upper()}{name[1:]}")(_cast(kind))


def _binary(function: Any, types: Any) -> Callable[[Image, Image], Image]:
    return lambda image1, image2: binary(image1, image2, function, types)


def _unary(function: Any, types: Any) -> Callable[[Image], Image]:
    return lambda value: unary(value, function, types)


def _cast(kind: PixelType) -> Callable[[Image], Image]:
    return lambda value: cast_image(value, kind)


def cast_image(image: Image, kind: PixelType) -> Image:
    """All bands as one type; the metadata stays."""
    return image.computed().map_bands(lambda band: cast_band(band, kind))


def cast_band(band: Band, kind: PixelType) -> Band:
    """A band as another type."""
    return band if band.type == kind else per_band([band], lambda values: values, kind)


_register()


@algorithm("Image.clamp")
def clamp(input: Image, low: float, high: float) -> Image:
    """Values moved into [low, high]."""

    def types(kind: PixelType) -> PixelType:
        whole = kind.is_integer and float(low).is_integer() and float(high).is_integer()
        return integer_type(low, high) if whole else kind if not kind.is_integer else DOUBLE

    return unary(input, lambda values: np.clip(values, low, high), types)


@algorithm("Image.unitScale")
def unit_scale(input: Image, low: float, high: float) -> Image:
    """Where values lie in [low, high], as a fraction."""
    return unary(input, lambda values: (values - low) / (high - low), lambda kind: DOUBLE if kind != FLOAT else FLOAT)


@algorithm("Image.polynomial")
def polynomial(image: Image, coefficients: list[float]) -> Image:
    """A polynomial of the values, constant term first."""
    if not coefficients:
        raise EarthEngineError("At least one coefficient is needed.")

    def evaluate(values: Any) -> Any:
        return np.polynomial.polynomial.polyval(values, coefficients)

    return unary(image, evaluate, lambda _: DOUBLE)


@algorithm("Image.normalizedDifference")
def normalized_difference(input: Image, band_names: list[str] | None) -> Image:
    """(a − b) / (a + b) of two bands, the first two by default; masked where either is negative.

    Raises:
        EarthEngineError: Not two bands.
    """
    names = band_names or input.names[:2]
    if len(names) != 2:
        raise EarthEngineError(f"Image.normalizedDifference: two bands are needed, got {names}.")
    a, b = input.band(names[0]), input.band(names[1])
    return normalized(input, a, b)


def normalized(source: Image, a: Band, b: Band) -> Image:
    """The normalised difference of two bands as band `nd`."""
    from ee_emulator.catalog.base import Pixels
    from ee_emulator.raster.nodes import PerPixel

    def compute(first: Pixels, second: Pixels) -> Pixels:
        x, y = first.values.astype(np.float64), second.values.astype(np.float64)
        total = x + y
        values = np.where(total == 0, 0.0, (x - y) / np.where(total == 0, 1, total))
        return Pixels(values.astype(np.float32), first.mask & second.mask & (x >= 0) & (y >= 0))

    return computed_image(source, {"nd": Band(PerPixel([a, b], compute), FLOAT, a.projection, 0, a.dimensions)})


@algorithm("Image.parseExpression")
def parse_expression(
    expression: str, arg_name: str, vars: list[str], map_free_vars_to_default_image_bands: bool, *, context: Context
) -> Function:
    """A function of images by an expression; `arg_name` is the image that `b()` refers to."""
    from ee_emulator.raster.expression import Parser

    def run(arguments: Any) -> Image:
        images = {name: to_image(value, context) for name, value in arguments.items()}
        made: Image = Parser(expression, images, images.get(arg_name), partial(_apply, context), constant).parse()
        return made

    return Function(vars, run)


def _apply(context: Context, name: str, *arguments: Any) -> Any:
    """Calls an Image algorithm from an expression."""
    if name == "select":
        from ee_emulator.algorithms.image.bands import select

        return select(arguments[0], arguments[1], None)
    if name == "rename":
        from ee_emulator.algorithms.image.bands import rename

        return rename(arguments[0], arguments[1])
    if name == "_choose":
        return _choose(*arguments)
    implementation = IMPLEMENTATIONS.get(f"Image.{name}")
    if implementation is None:
        raise EarthEngineError(f"Image.parseExpression: unknown function '{name}'.")
    names = [argument.name for argument in implementation.signature.arguments]
    if len(names) < len(arguments):  # min(a, b, c)
        result = arguments[0]
        for other in arguments[1:]:
            result = _apply(context, name, result, other)
        return result
    return call(implementation, dict(zip(names, arguments, strict=False)), context)


def _choose(condition: Image, chosen: Image, otherwise: Image) -> Image:
    from ee_emulator.algorithms.image.masks import where

    united = binary(otherwise, chosen, lambda a, b: a, BINARY[("max",)][1])
    return where(united, condition, chosen)
