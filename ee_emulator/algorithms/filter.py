"""Filter: conditions on properties, dates and geometry; those over space and time carry hints for catalogues."""

from collections.abc import Callable, Mapping
from typing import Any

from ee_emulator.algorithms.date import contains_ms
from ee_emulator.algorithms.element import geometry_of, property_of
from ee_emulator.algorithms.geometry.measures import area as measured_area
from ee_emulator.algorithms.list import equal
from ee_emulator.filter_expression import Field, FilterParser
from ee_emulator.geometry import geodesy
from ee_emulator.geometry.overlay import relate
from ee_emulator.registry import Context, algorithm
from ee_emulator.values import Collection, Date, DateRange, ErrorMargin, Filter, Geometry, Match, type_name

Compare = Callable[[Any, Any], bool]


def described(name: str, **arguments: Any) -> dict[str, Any]:
    """What a filter prints as: its name and the arguments that were given (aazuspan/eerepr has one in its fixtures)."""
    return {"type": f"Filter.{name}"} | {key: value for key, value in arguments.items() if value is not None}


def conjunction(filters: list[Filter]) -> Filter:
    """What passes all filters; their hints add up."""
    boxes = [f.bounds for f in filters if f.bounds is not None]
    starts = [f.start_ms for f in filters if f.start_ms is not None]
    ends = [f.end_ms for f in filters if f.end_ms is not None]

    def match(left: Any, right: Any) -> Match | None:
        found = None
        for condition in filters:
            result = condition.match(left, right) if condition.match else _match_if(condition.test(left))
            if result is None:
                return None
            found = result if found is None or found.measure is None else found
        return found or Match()

    return Filter(
        test=lambda element: all(f.test(element) for f in filters),
        match=match,
        bounds=boxes[0] if boxes else None,
        start_ms=max(starts, default=None),
        end_ms=min(ends, default=None),
        description=described("and", filters=[dict(f.description) for f in filters]),
    )


def _match_if(passed: bool) -> Match | None:
    return Match() if passed else None


def _ordered(compare: Compare) -> Compare:
    """Only like with like: a comparison of other types is false."""

    def ordered(left: Any, right: Any) -> bool:
        left, right = plain(left), plain(right)
        numbers = all(isinstance(v, int | float) for v in (left, right))
        texts = all(isinstance(v, str) for v in (left, right))
        return compare(left, right) if numbers or texts else False

    return ordered


def plain(value: Any) -> Any:
    """A value that can be compared: a date as its milliseconds."""
    return value.ms if isinstance(value, Date) else value


_less = _ordered(lambda left, right: left < right)
_greater = _ordered(lambda left, right: left > right)


def _text(compare: Callable[[str, str], bool]) -> Compare:
    return lambda left, right: isinstance(left, str) and isinstance(right, str) and compare(left, right)


def _in_list(left: Any, right: Any) -> bool:
    return isinstance(right, list) and any(equal(left, item) for item in right)


def _date_range_contains(left: Any, right: Any) -> bool:
    given, moment = (left, right) if isinstance(left, DateRange) else (right, left)
    if not isinstance(given, DateRange):
        return False
    return isinstance(moment, Date | int | float) and contains_ms(given, plain(moment))


def _types_of(value: Any) -> set[str]:
    """Names of a value's type and of the types above it."""
    names = {type_name(value), "Object"}
    if isinstance(value, int | float) and not isinstance(value, bool):
        names.add("Number")
    if isinstance(value, Geometry):
        names |= {"Geometry", str(value.shape.geom_type)}
    if hasattr(value, "properties"):
        names.add("Element")
    if isinstance(value, Collection):
        names |= {"Collection", f"{value.element_type}Collection"}
    return names


_COMPARISONS: Mapping[tuple[str, ...], Compare] = {
    ("eq", "equals"): lambda left, right: equal(plain(left), plain(right)),
    ("neq", "notEquals"): lambda left, right: not equal(plain(left), plain(right)),
    ("lt", "lessThan"): _less,
    ("lte", "lessThanOrEquals"): lambda left, right: not _greater(left, right),
    ("gt", "greaterThan"): _greater,
    ("gte", "greaterThanOrEquals"): lambda left, right: not _less(left, right),
    ("stringStartsWith",): _text(str.startswith),
    ("stringEndsWith",): _text(str.endswith),
    ("stringContains",): _text(lambda left, right: right in left),
    ("inList",): _in_list,
    ("listContains",): lambda left, right: _in_list(right, left),
    ("dateRangeContains",): _date_range_contains,
    ("hasType",): lambda left, right: isinstance(right, str) and right in _types_of(left),
}
_SPATIAL = {
    "intersects": "intersects",
    "disjoint": "disjoint",
    "contains": "contains",
    "isContained": "containedIn",
}


def _sides(
    left_field: str | None, right_value: Any, right_field: str | None, left_value: Any
) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """How to get the left and the right operand from the left and the right element."""

    def left(element: Any) -> Any:
        return left_value if left_field is None else property_of(element, left_field)

    def right(element: Any) -> Any:
        return right_value if right_field is None else property_of(element, right_field)

    return left, right


_NEGATIONS = {"neq": "eq", "lte": "gt", "gte": "lt"}
"""These pass unless the other one does: where an operand is null, too."""


def _build(compare: Callable[[Any, Any], Match | None], sides: Any, fields: tuple[Any, Any], **hints: Any) -> Filter:
    left, right = sides
    one_sided = fields[0] is None  # the field belongs to the right operand: the one element is the right one

    def test(element: Any) -> bool:
        return compare(left(None if one_sided else element), right(element)) is not None

    return Filter(test, lambda a, b: compare(left(a), right(b)), **hints)


def _register_comparisons() -> None:
    for names, compare in _COMPARISONS.items():
        algorithm(*(f"Filter.{name}" for name in names))(_comparison(compare, names[0]))
    for name, relation in _SPATIAL.items():
        algorithm(f"Filter.{name}")(_spatial(relation, name))


def _comparison(compare: Compare, name: str) -> Callable[..., Filter]:
    def build(left_field: str | None, right_value: Any, right_field: str | None, left_value: Any) -> Filter:
        def checked(left: Any, right: Any) -> Match | None:
            if name not in _NEGATIONS and name != "hasType" and (left is None or right is None):
                return None
            return _match_if(compare(left, right))

        hints = _time_hints(name, left_field, right_value, right_field, left_value)
        operands = {"leftField": left_field, "rightField": right_field}
        values = {"leftValue": _shown(left_value), "rightValue": _shown(right_value)}
        description = described(name, **operands, **values)
        sides = _sides(left_field, right_value, right_field, left_value)
        return _build(checked, sides, (left_field, right_field), description=description, **hints)

    return build


def _shown(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | list | type(None)) else type_name(value)


def _time_hints(
    name: str, left_field: str | None, right_value: Any, right_field: str | None, left_value: Any
) -> dict[str, Any]:
    given = left_value if isinstance(left_value, DateRange) else right_value
    field = right_field or left_field
    if name == "dateRangeContains" and isinstance(given, DateRange) and field == "system:time_start":
        return {"start_ms": given.start, "end_ms": given.end}
    return {}


def _spatial(relation: str, name: str) -> Callable[..., Filter]:
    def build(
        left_field: str | None,
        right_value: Any,
        right_field: str | None,
        left_value: Any,
        max_error: ErrorMargin | None,
        *,
        context: Context,
    ) -> Filter:
        def compare(left: Any, right: Any) -> Match | None:
            a, b = geometry_of(left, context), geometry_of(right, context)
            if a is None or b is None:
                return _match_if(relation == "disjoint")  # it passes unless they intersect
            return _match_if(relate(relation, a, b, max_error))

        constant = geometry_of(right_value if right_value is not None else left_value, context)
        bounds = _box(constant) if name != "disjoint" and constant is not None else None
        sides = _sides(left_field, right_value, right_field, left_value)
        return _build(compare, sides, (left_field, right_field), bounds=bounds, description=described(name))

    return build


def _box(geometry: Geometry) -> tuple[float, float, float, float] | None:
    """The extent, degrees; None where it cannot narrow a search: all, nothing, or over the antimeridian."""
    extent = None if geometry.unbounded else geodesy.extent(geometry)
    return None if extent is None or extent[0] < -180 or extent[2] > 180 else extent


_register_comparisons()


@algorithm("Filter.withinDistance")
def within_distance(
    distance: float,
    left_field: str | None,
    right_value: Any,
    right_field: str | None,
    left_value: Any,
    max_error: ErrorMargin | None,
    *,
    context: Context,
) -> Filter:
    """Geometries that come as near as that, metres; measures the distance for joins."""

    def compare(left: Any, right: Any) -> Match | None:
        a, b = geometry_of(left, context), geometry_of(right, context)
        if a is None or b is None:
            return None
        apart = geodesy.distance(a, b, max_error)
        return Match(apart) if apart <= distance else None

    sides = _sides(left_field, right_value, right_field, left_value)
    return _build(compare, sides, (left_field, right_field), description=described("withinDistance", distance=distance))


@algorithm("Filter.maxDifference")
def max_difference(
    difference: float, left_field: str | None, right_value: Any, right_field: str | None, left_value: Any
) -> Filter:
    """Numbers that differ by at most so much; measures the difference for joins."""

    def compare(left: Any, right: Any) -> Match | None:
        left, right = plain(left), plain(right)
        if not isinstance(left, int | float) or not isinstance(right, int | float):
            return None
        return Match(abs(left - right)) if abs(left - right) <= difference else None

    sides = _sides(left_field, right_value, right_field, left_value)
    return _build(
        compare, sides, (left_field, right_field), description=described("maxDifference", difference=difference)
    )


@algorithm("Filter.rangeContains")
def range_contains(field: str, min_value: Any, max_value: Any) -> Filter:
    """Values from a least to a greatest one, both included."""
    inside = _ordered(lambda low, value: low <= value)

    def test(element: Any) -> bool:
        value = property_of(element, field)
        return value is not None and inside(min_value, value) and inside(value, max_value)

    return Filter(test, description=described("rangeContains", field=field, minValue=min_value, maxValue=max_value))


@algorithm("Filter.and")
def and_(filters: list[Filter]) -> Filter:
    """What passes all."""
    return conjunction(filters)


@algorithm("Filter.or")
def or_(filters: list[Filter]) -> Filter:
    """What passes any."""

    def match(left: Any, right: Any) -> Match | None:
        results = (f.match(left, right) if f.match else _match_if(f.test(left)) for f in filters)
        return next((result for result in results if result is not None), None)

    return Filter(
        lambda element: any(f.test(element) for f in filters),
        match,
        description=described("or", filters=[dict(f.description) for f in filters]),
    )


@algorithm("Filter.not")
def not_(filter: Filter) -> Filter:
    """What does not pass."""
    inner = filter.match

    def match(left: Any, right: Any) -> Match | None:
        passed = inner(left, right) is not None if inner else filter.test(left)
        return _match_if(not passed)

    return Filter(
        lambda element: not filter.test(element),
        match,
        description=described("not", filter=dict(filter.description)),
    )


@algorithm("Filter.always")
def always() -> Filter:
    """Everything."""
    return Filter(lambda _: True, lambda _left, _right: Match(), description=described("always"))


@algorithm("Filter.never")
def never() -> Filter:
    """Nothing."""
    return Filter(lambda _: False, lambda _left, _right: None, description=described("never"))


@algorithm("Filter.notNull")
def not_null(properties: list[str]) -> Filter:
    """Elements of which none of the properties is missing."""
    return Filter(
        lambda element: all(property_of(element, name) is not None for name in properties),
        description=described("notNull", properties=properties),
    )


@algorithm("Filter.area")
def area(min: float, max: float, max_error: ErrorMargin | None, geometry_selector: str | None) -> Filter:
    """Elements whose geometry has an area in a range, square metres, both ends included."""

    def test(element: Any) -> bool:
        found = property_of(element, geometry_selector or ".geo")
        return isinstance(found, Geometry) and min <= measured_area(found, max_error, None) <= max

    return Filter(test, description=described("area", min=min, max=max))


@algorithm("Filter.hasGeometry")
def has_geometry() -> Filter:
    """Elements that have a geometry."""
    return Filter(lambda element: geometry_of(element) is not None, description=described("hasGeometry"))


@algorithm("Filter.expression")
def expression(expression: str) -> Filter:
    """A filter from text: comparisons of properties and constants under `!`, `&&`, `||` and parentheses.

    Raises:
        EarthEngineError: Malformed.
    """
    return FilterParser(expression, comparison, and_, or_, not_).parse()


def comparison(operator: str, left: Any, right: Any) -> Filter:
    """A filter of two operands, each a `Field` or a constant."""
    compare = next(c for names, c in _COMPARISONS.items() if names[0] == operator)
    fields = [operand.name if isinstance(operand, Field) else None for operand in (left, right)]
    values = [None if isinstance(operand, Field) else operand for operand in (left, right)]
    return _comparison(compare, operator)(fields[0], values[1], fields[1], values[0])
