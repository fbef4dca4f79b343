"""How values become the scalar and container types that signatures declare. No algorithms here."""

from typing import Any

from ee_emulator.arrays import array_of
from ee_emulator.errors import EarthEngineError
from ee_emulator.limits import narrowed
from ee_emulator.registry import Context, coerce, coercion
from ee_emulator.values import (
    Array,
    Collection,
    Date,
    DateRange,
    ErrorMargin,
    Feature,
    FeatureCollection,
    Filter,
    Function,
    Geometry,
    Join,
    type_name,
)


def refusal(value: Any, wanted: str) -> EarthEngineError:
    """The error for a value of the wrong type, in Earth Engine's words."""
    return EarthEngineError(
        f"Invalid type. Expected type: {wanted}. Actual type: {type_name(value)}. Actual value: {value}"
    )


@coercion("Number")
def number(value: Any, _: Context) -> int | float:
    """Numbers and booleans."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return narrowed(value)
    if isinstance(value, float):
        return value
    raise refusal(value, "Number")


@coercion("Float")
def floating(value: Any, context: Context) -> float:
    """Any number, as floating point."""
    return float(number(value, context))


@coercion("Integer", "Long")
def integer(value: Any, context: Context) -> int:
    """A whole number; fractions are cut off."""
    given = number(value, context)
    if isinstance(given, float) and (given != given or given in (float("inf"), float("-inf"))):
        raise refusal(value, "Integer")
    return max(-(2**63), min(int(given), 2**63 - 1))  # as Java casts


@coercion("Boolean")
def boolean(value: Any, _: Context) -> bool:
    """Booleans, and numbers by being zero or not."""
    if isinstance(value, bool | int | float):
        return bool(value)
    raise refusal(value, "Boolean")


@coercion("String")
def string(value: Any, _: Context) -> str:
    """Strings only: Earth Engine does not turn numbers into text unasked."""
    if isinstance(value, str):
        return value
    raise refusal(value, "String")


@coercion("List")
def list_(value: Any, _: Context) -> list[Any]:
    """Lists, and a collection as the list of its elements."""
    if isinstance(value, list):
        return value
    if isinstance(value, Collection):
        return list(value.elements())
    if isinstance(value, str):
        return [value]
    raise refusal(value, "List")


@coercion("Array")
def array(value: Any, _: Context) -> Array:
    """Arrays, numbers and nested lists of numbers."""
    if isinstance(value, Array | list | int | float):
        return array_of(value)
    raise refusal(value, "Array")


@coercion("Dictionary")
def dictionary(value: Any, _: Context) -> dict[str, Any]:
    """Dictionaries."""
    if isinstance(value, dict):
        return value
    raise refusal(value, "Dictionary")


@coercion("Algorithm")
def function(value: Any, _: Context) -> Function:
    """Functions of the expression."""
    if isinstance(value, Function):
        return value
    raise refusal(value, "Algorithm")


@coercion("Date")
def date(value: Any, _: Context) -> Date:
    """Dates, milliseconds and ISO text."""
    from ee_emulator.joda import parse_iso

    if isinstance(value, Date):
        return value
    if isinstance(value, bool):
        raise refusal(value, "Date")
    if isinstance(value, int | float):
        return Date(value)
    if isinstance(value, str):
        return Date(parse_iso(value))
    raise refusal(value, "Date")


@coercion("DateRange")
def date_range(value: Any, context: Context) -> DateRange:
    """Ranges, and a date as the millisecond that it names."""
    if isinstance(value, DateRange):
        return value
    moment = date(value, context)
    return DateRange(moment.ms, moment.ms + 1)


@coercion("ErrorMargin")
def error_margin(value: Any, _: Context) -> ErrorMargin:
    """Margins, metres, and the dictionaries that signatures have as defaults."""
    if isinstance(value, ErrorMargin):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not value >= 0:
            raise EarthEngineError(f"An error margin must not be negative, got {value}.")
        return ErrorMargin(float(value))
    if isinstance(value, dict) and value.get("type") == "ErrorMargin":
        return ErrorMargin(value.get("value"), value.get("unit", "meters"))
    raise refusal(value, "ErrorMargin")


@coercion("Filter")
def filter_(value: Any, _: Context) -> Filter:
    """Filters, a list of them as their conjunction, and text in the language of filters."""
    from ee_emulator.algorithms.filter import conjunction, expression

    if isinstance(value, Filter):
        return value
    if isinstance(value, list) and all(isinstance(item, Filter) for item in value):
        return conjunction(value)
    if isinstance(value, str):
        return expression(value)
    raise refusal(value, "Filter")


@coercion("Join")
def join(value: Any, _: Context) -> Join:
    """Joins."""
    if isinstance(value, Join):
        return value
    raise refusal(value, "Join")


@coercion("Geometry", "Rectangle")
def geometry(value: Any, context: Context) -> Geometry:
    """Geometries, and what has one: features, collections, images."""
    from ee_emulator.algorithms.element import geometry_of

    if isinstance(value, Geometry):
        return value
    found = geometry_of(value, context)
    if found is None:
        raise refusal(value, "Geometry")
    return found


@coercion("Element")
def element(value: Any, _: Context) -> Any:
    """Whatever has properties: features, images, collections; a geometry becomes a feature."""
    if isinstance(value, Geometry):
        return Feature(value)
    if hasattr(value, "properties"):
        return value
    raise refusal(value, "Element")


@coercion("Feature")
def feature(value: Any, context: Context) -> Feature:
    """Features; a geometry gets no properties, a dictionary no geometry."""
    if isinstance(value, Feature):
        return value
    if isinstance(value, Geometry):
        return Feature(value)
    if isinstance(value, dict):
        return Feature(None, value)
    if hasattr(value, "properties"):  # an image: its footprint with its metadata
        from ee_emulator.algorithms.element import geometry_of

        return Feature(geometry_of(value, context), value.properties, value.properties.get("system:index"))
    raise refusal(value, "Feature")


@coercion("FeatureCollection")
def feature_collection(value: Any, context: Context) -> Collection:
    """Collections of any sort, a single feature or geometry, a list of them."""
    if isinstance(value, Collection):
        return value
    if isinstance(value, list):
        features = [coerce(item, "Element", context) for item in value]
        return FeatureCollection(lambda: features)
    if isinstance(value, Feature | Geometry):
        single = [feature(value, context)]
        return FeatureCollection(lambda: single)
    raise refusal(value, "FeatureCollection")
