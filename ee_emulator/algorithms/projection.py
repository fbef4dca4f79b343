"""Projection and PixelType."""

from typing import Any

from affine import Affine

from ee_emulator.algorithms.coercions import refusal
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.pixel_type import NAMED, PixelType, named_type
from ee_emulator.raster.projection import Projection, authority_code, crs_of
from ee_emulator.registry import Context, algorithm, coercion


@coercion("Projection")
def to_projection(value: Any, _: Context) -> Projection:
    """Projections, CRS codes and the dictionaries that signatures have as defaults."""
    if isinstance(value, Projection):
        return value
    if isinstance(value, str):
        return projection(value, None, None)
    if isinstance(value, dict) and value.get("type") == "Projection":
        return projection(value.get("crs") or value["wkt"], value.get("transform"), None)
    raise refusal(value, "Projection")


@algorithm("Projection", "Proj")
def projection(crs: Any, transform: list[Any] | None, transform_wkt: str | None) -> Projection:
    """A projection from a code or WKT and an affine transform.

    Raises:
        EarthEngineError: An unknown CRS, or a transform that is not six numbers.
    """
    if isinstance(crs, Projection):
        return crs
    if not isinstance(crs, str):
        raise refusal(crs, "String")
    crs_of(crs)
    if transform is None:
        return Projection(crs)
    if len(transform) != 6 or not all(isinstance(number, int | float) for number in transform):
        raise EarthEngineError(f"A transform has six numbers, got {transform}.")
    return Projection(crs, Affine(*map(float, transform)))


@algorithm("Projection.crs")
def crs(projection: Projection) -> str | None:
    """The code; null for a CRS that no database has."""
    return authority_code(projection.crs)


@algorithm("Projection.wkt")
def wkt(projection: Projection) -> str:
    """The CRS as WKT (version 1)."""
    return str(crs_of(projection.crs).to_wkt("WKT1_GDAL", pretty=True))


@algorithm("Projection.nominalScale")
def nominal_scale(proj: Projection) -> float:
    """Metres a pixel."""
    return proj.nominal_scale


@algorithm("Projection.transform")
def transform(projection: Projection) -> str:
    """The affine transform as WKT."""
    t = projection.transform
    elements = {"elt_0_0": t.a, "elt_0_1": t.b, "elt_0_2": t.c, "elt_1_0": t.d, "elt_1_1": t.e, "elt_1_2": t.f}
    parameters = "".join(f', \n  PARAMETER["{name}", {value}]' for name, value in elements.items())
    return f'PARAM_MT["Affine", \n  PARAMETER["num_row", 3], \n  PARAMETER["num_col", 3]{parameters}]'


@algorithm("Projection.atScale")
def at_scale(projection: Projection, meters: float) -> Projection:
    """The same CRS with pixels of so many metres."""
    return projection.at_scale(meters)


@algorithm("Projection.scale")
def scale(projection: Projection, x: float, y: float) -> Projection:
    """With pixels so many times as large."""
    return Projection(projection.crs, projection.transform @ Affine.scale(x, y))


@algorithm("Projection.translate")
def translate(projection: Projection, x: float, y: float) -> Projection:
    """Moved by so many pixels."""
    return Projection(projection.crs, projection.transform @ Affine.translation(x, y))


# Pixel types -----------------------------------------------------------------------------------------------------


@coercion("PixelType")
def to_pixel_type(value: Any, _: Context) -> PixelType:
    """Pixel types and their names."""
    if isinstance(value, PixelType):
        return value
    if isinstance(value, str):
        return named_type(value)
    raise refusal(value, "PixelType")


@algorithm("PixelType")
def pixel_type(precision: Any, min_value: float | None, max_value: float | None, dimensions: int) -> PixelType:
    """A type from a precision and limits.

    Raises:
        EarthEngineError: An unknown precision.
    """
    if isinstance(precision, PixelType):
        return precision
    if precision not in ("int", "float", "double"):
        return named_type(precision)
    if precision == "int" and (min_value is None or max_value is None):
        base = NAMED["int32"]
        return PixelType("int", base.minimum, base.maximum, dimensions)
    return PixelType(precision, min_value, max_value, dimensions)


@algorithm("PixelType.precision")
def precision(pixel_type: PixelType) -> str:
    """`int`, `float` or `double`."""
    return pixel_type.precision


@algorithm("PixelType.minValue")
def min_value(pixel_type: PixelType) -> float | None:
    """Least value."""
    return pixel_type.minimum


@algorithm("PixelType.maxValue")
def max_value(pixel_type: PixelType) -> float | None:
    """Greatest value."""
    return pixel_type.maximum


@algorithm("PixelType.dimensions")
def dimensions(pixel_type: PixelType) -> int:
    """0 for numbers, n for arrays of n dimensions."""
    return pixel_type.dimensions


def _register_named() -> None:
    for name in NAMED:
        algorithm(f"PixelType.{name}")(_constant(name))


def _constant(name: str) -> Any:
    return lambda: NAMED[name]


_register_named()
