"""Arithmetic between images: which bands meet, and what type comes out."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator import special
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.nodes import PerPixel, on_values
from ee_emulator.raster.pixel_type import BOOLEAN, DOUBLE, FLOAT, NAMED, PixelType, integer_type, union
from ee_emulator.raster.projection import COMPOSITE, Projection
from ee_emulator.raster.values import EVERY_INPUT, Band, Image
from ee_emulator.special import digamma, trigamma

Array = NDArray[Any]
Types = Callable[..., PixelType]


def per_band(bands: Sequence[Band], function: Callable[..., Array], kind: PixelType) -> Band:
    """A band computed pixel by pixel from others; a pixel is masked where any of them is.

    Where any of them holds arrays so does the result, computed element by element.
    """
    kind = replace(kind, dimensions=max((band.type.dimensions for band in bands), default=0))
    node = PerPixel(bands, on_values(function, kind), array_inputs=EVERY_INPUT)
    leading = _leading(bands)
    return Band(node, kind, leading.projection, dimensions=leading.dimensions) if leading else Band(node, kind)


def common_projection(bands: Sequence[Band]) -> Projection:
    """The projection of the first band that has one of its own."""
    leading = _leading(bands)
    return leading.projection if leading else COMPOSITE


def _leading(bands: Sequence[Band]) -> Band | None:
    """The first band that has a projection of its own, or else the first."""
    known = (band for band in bands if not band.projection.composite)
    return next(known, bands[0] if bands else None)


def paired(left: Image, right: Image) -> list[tuple[str, Band, Band]]:
    """The bands of two images that meet, with the name of the result.

    A single band meets every band of the other image; equal names meet each other; else it goes by order. Names come
    from the image with more bands, the left one where they have as many.

    Raises:
        EarthEngineError: An image without bands, or different numbers of bands.
    """
    if not left.bands or not right.bands:
        raise EarthEngineError("Images with no bands cannot be combined.")
    if len(right.bands) == 1:
        single = next(iter(right.bands.values()))
        return [(name, band, single) for name, band in left.bands.items()]
    if len(left.bands) == 1:
        single = next(iter(left.bands.values()))
        return [(name, single, band) for name, band in right.bands.items()]
    if set(left.bands) == set(right.bands):
        return [(name, band, right.bands[name]) for name, band in left.bands.items()]
    if len(left.bands) != len(right.bands):
        raise EarthEngineError(
            f"Image.binary: the images have {len(left.bands)} and {len(right.bands)} bands; "
            "they must have as many, or one of them a single one."
        )
    pairs = zip(left.bands.items(), right.bands.values(), strict=True)
    return [(name, band, other) for (name, band), other in pairs]


def computed_image(source: Image, bands: dict[str, Band]) -> Image:
    """The result of a computation: other bands, the footprint, and of the metadata only the index."""
    kept = {key: value for key, value in source.properties.items() if key == "system:index"}
    return Image(bands, kept, None, source.footprint)


def binary(left: Image, right: Image, function: Callable[[Array, Array], Array], types: Types) -> Image:
    """A function of two images."""
    bands = {
        name: per_band([a, b], widened(function, types(a.type, b.type)), types(a.type, b.type))
        for name, a, b in paired(left, right)
    }
    return computed_image(left if left.footprint is not None else right, bands)


def unary(image: Image, function: Callable[[Array], Array], types: Types) -> Image:
    """A function of one image."""
    bands = {
        name: per_band([band], widened(function, types(band.type)), types(band.type))
        for name, band in image.bands.items()
    }
    return computed_image(image, bands)


def widened(function: Callable[..., Array], kind: PixelType) -> Callable[..., Array]:
    """Operands are cast before they meet, so that small integers do not wrap around."""
    least = np.promote_types(kind.element_dtype, np.int32) if kind.is_integer else np.dtype(np.float64)

    def applied(*values: Array) -> Array:
        common = np.result_type(least, *(v.dtype for v in values if v.dtype.kind in "iub"))
        return function(*(v.astype(common, copy=False) if v.dtype.kind in "iub" else v for v in values))

    return applied


# Types ------------------------------------------------------------------------------------------------------------


def _interval(corner: Callable[[float, float], float]) -> Types:
    """Integers: from the extremes of the operands, 64-bit ones stay what they are; otherwise the union."""

    def types(a: PixelType, b: PixelType) -> PixelType:
        if not (a.is_integer and b.is_integer):
            return _floating(a, b)
        corners = [corner(x, y) for x in a.interval for y in b.interval]
        kind = integer_type(min(corners), max(corners))
        long = NAMED["int64"]
        return kind if kind.is_integer or long.dtype not in (a.element_dtype, b.element_dtype) else long

    return types


def _floating(*kinds: PixelType) -> PixelType:
    """Float where all operands are float or small integers, double otherwise."""
    narrow = all(k.precision == "float" or (k.is_integer and k.element_dtype.itemsize <= 2) for k in kinds)
    return FLOAT if narrow and any(k.precision == "float" for k in kinds) else DOUBLE


def _real(*kinds: PixelType) -> PixelType:
    return FLOAT if all(kind.precision == "float" for kind in kinds) else DOUBLE


def _power(*kinds: PixelType) -> PixelType:
    """Float, unless 64 bits meet: the published sample of `Array.pow` prints 0.01 as 0.009999999776482582."""
    return DOUBLE if any(k.element_dtype.itemsize == 8 for k in kinds) else FLOAT


def _united(*kinds: PixelType) -> PixelType:
    return union(list(kinds))


def _boolean(*_: PixelType) -> PixelType:
    return BOOLEAN


def _bit_pattern(*kinds: PixelType) -> PixelType:
    """All integers of as many bits as the inputs take: bits combine to values between and beyond the inputs' own."""
    if not all(kind.is_integer for kind in kinds) or any(kind.interval[0] < 0 for kind in kinds):
        return NAMED["int64"]
    return integer_type(0, 2 ** max(int(kind.interval[1]).bit_length() for kind in kinds) - 1)


def _towards_zero(left: PixelType, right: PixelType) -> PixelType:
    """Results lie between the left value and 0 (remainders, right shifts)."""
    if not (left.is_integer and right.is_integer):
        return union([left, right])
    low, high = left.interval
    return integer_type(min(low, 0), max(high, 0))


def _signed(kind: PixelType) -> PixelType:
    """The smallest signed integer type that holds the input."""
    names = ("int8", "int16", "int32", "int64")
    low, high = kind.interval if kind.is_integer else (-math.inf, math.inf)
    fitting = (NAMED[n] for n in names if NAMED[n].interval[0] <= low and high <= NAMED[n].interval[1])
    return next(fitting, NAMED["int64"])


def _long(*_: PixelType) -> PixelType:
    return NAMED["int64"]


def _same(kind: PixelType) -> PixelType:
    return kind


# Functions --------------------------------------------------------------------------------------------------------


def _divide(a: Array, b: Array) -> Array:
    """A zero divisor gives 0, as Earth Engine does."""
    quotient: Array = np.divide(a, b, out=np.zeros(np.broadcast_shapes(a.shape, b.shape)), where=b != 0)
    return quotient


def _mod(a: Array, b: Array) -> Array:
    return np.where(b == 0, 0, np.fmod(a, np.where(b == 0, 1, b)))


def _bits(function: Callable[[Array, Array], Array]) -> Callable[[Array, Array], Array]:
    return lambda a, b: function(a.astype(np.int64), b.astype(np.int64))


BINARY: dict[tuple[str, ...], tuple[Callable[[Array, Array], Array], Types]] = {
    ("add",): (np.add, _interval(lambda x, y: x + y)),
    ("subtract",): (np.subtract, _interval(lambda x, y: x - y)),
    ("multiply",): (np.multiply, _interval(lambda x, y: x * y)),
    ("divide",): (_divide, _real),
    ("max",): (np.maximum, _united),
    ("min",): (np.minimum, _united),
    ("first",): (lambda a, b: a, lambda a, b: a),
    ("firstNonZero", "first_nonzero"): (lambda a, b: np.where(a != 0, a, b), _united),
    ("mod",): (_mod, _towards_zero),
    ("and",): (lambda a, b: (a != 0) & (b != 0), _boolean),
    ("or",): (lambda a, b: (a != 0) | (b != 0), _boolean),
    ("lt",): (np.less, _boolean),
    ("lte",): (np.less_equal, _boolean),
    ("gt",): (np.greater, _boolean),
    ("gte",): (np.greater_equal, _boolean),
    ("eq",): (np.equal, _boolean),
    ("neq",): (np.not_equal, _boolean),
    ("pow",): (lambda a, b: np.power(a.astype(np.float64), b), _power),
    ("atan2",): (lambda a, b: np.arctan2(b, a), _real),
    ("hypot",): (np.hypot, _real),
    ("gammainc",): (lambda x, shape: special.gammainc(shape, x), _real),
    ("bitwiseAnd", "bitwise_and"): (_bits(np.bitwise_and), _bit_pattern),
    ("bitwiseOr", "bitwise_or"): (_bits(np.bitwise_or), _bit_pattern),
    ("bitwiseXor", "bitwise_xor"): (_bits(np.bitwise_xor), _bit_pattern),
    ("leftShift", "left_shift"): (_bits(np.left_shift), _long),
    ("rightShift", "right_shift"): (_bits(np.right_shift), _towards_zero),
}


def _round(values: Array) -> Array:
    """Halves go away from zero."""
    return np.sign(values) * np.floor(np.abs(values) + 0.5)


def _lanczos(values: Array) -> Array:
    from ee_emulator.algorithms.number import lanczos

    answer: Array = np.vectorize(lanczos, otypes=[np.float64])(values.astype(np.float64))
    return answer


UNARY: dict[str, tuple[Callable[[Array], Array], Types]] = {
    **{
        name: (getattr(np, numpy_name), _real)
        for name, numpy_name in {
            "sin": "sin",
            "cos": "cos",
            "tan": "tan",
            "asin": "arcsin",
            "acos": "arccos",
            "atan": "arctan",
            "sinh": "sinh",
            "cosh": "cosh",
            "tanh": "tanh",
            "sqrt": "sqrt",
            "log": "log",
            "log10": "log10",
            "exp": "exp",
            "cbrt": "cbrt",
        }.items()
    },
    "gamma": (special.gamma, _real),
    "lanczos": (_lanczos, _real),
    "digamma": (digamma, _real),
    "trigamma": (trigamma, _real),
    "erf": (special.erf, _real),
    "erfc": (special.erfc, _real),
    "erfInv": (special.erfinv, _real),
    "erfcInv": (special.erfcinv, _real),
    "abs": (np.abs, lambda k: integer_type(0, max(map(abs, k.interval))) if k.is_integer else k),
    "floor": (np.floor, _same),
    "ceil": (np.ceil, _same),
    "round": (_round, _same),
    "signum": (np.sign, lambda k: NAMED["int8"] if k.is_integer else k),
    "not": (lambda v: v == 0, _boolean),
    "bitwiseNot": (lambda v: ~v.astype(np.int64), _signed),
    "bitwise_not": (lambda v: ~v.astype(np.int64), _signed),
    "bitCount": (lambda v: np.bitwise_count(v.astype(np.int64).view(np.uint64)), lambda k: integer_type(0, 64)),
}
