"""Worked values of filters and joins: which of a few elements pass."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked

PAGE = "documentation: developers.google.com/earth-engine/apidocs/ee-filter"
HAND = "reference: by hand from the description"
DAY = 86_400_000


def _passing(name: str, condition: Callable[[ModuleType], Any], expected: list[Any], source: str = HAND) -> Worked:
    """The numbers of the elements 1 to 5 that pass."""
    return Worked(f"Filter.{name}", lambda ee: _places(ee).filter(condition(ee)).aggregate_array("n"), expected, source)


def _places(ee: ModuleType) -> Any:
    """Boxes of one degree at 10°E, 20°E, …, straight in degrees; the last has neither geometry nor value."""
    features = [
        ee.Feature(
            ee.Geometry.Rectangle([10 * n, 0, 10 * n + 1, 1], "EPSG:4326", False),
            {
                "n": n,
                "value": 10 * n,
                "twin": 30,
                "name": ("pine", "spruce", "oak", "elm")[n - 1],
                "list": [n, n + 1],
                "system:time_start": ee.Date.fromYMD(2019 + n, 3 * n, n).millis(),
                "range": ee.DateRange(n * DAY, (n + 1) * DAY),
            },
        )
        for n in (1, 2, 3, 4)
    ]
    return ee.FeatureCollection([*features, ee.Feature(None, {"n": 5})])


def _simple(name: str, **operands: Any) -> Callable[[ModuleType], Any]:
    return lambda ee: ee.apply(f"Filter.{name}", {"leftField": "value", **operands})


_NULL_PASSES = f"{PAGE}-lte: passes unless the left operand is greater, so where it is missing"
_COMPARISONS = [
    *(_passing(name, _simple(name, rightValue=20), [2]) for name in ("eq", "equals")),
    *(_passing(name, _simple(name, rightValue=20), [1, 3, 4, 5], _NULL_PASSES) for name in ("neq", "notEquals")),
    *(_passing(name, _simple(name, rightValue=20), [1]) for name in ("lt", "lessThan")),
    *(_passing(name, _simple(name, rightValue=20), [3, 4]) for name in ("gt", "greaterThan")),
    *(_passing(name, _simple(name, rightValue=20), [1, 2, 5], _NULL_PASSES) for name in ("lte", "lessThanOrEquals")),
    *(
        _passing(name, _simple(name, rightValue=20), [2, 3, 4, 5], _NULL_PASSES)
        for name in ("gte", "greaterThanOrEquals")
    ),
    _passing("lessThan", _simple("lessThan", rightField="twin"), [1, 2]),
    _passing(
        "greaterThan", lambda ee: ee.Filter.greaterThan(leftValue=20, rightField="value"), [1], f"{PAGE}-greaterthan"
    ),
    _passing("stringStartsWith", lambda ee: ee.Filter.stringStartsWith("name", "sp"), [2]),
    _passing("stringEndsWith", lambda ee: ee.Filter.stringEndsWith("name", "e"), [1, 2]),
    _passing("stringContains", lambda ee: ee.Filter.stringContains("name", "p"), [1, 2]),
    _passing(
        "inList", lambda ee: ee.apply("Filter.inList", {"leftField": "name", "rightValue": ["oak", "elm"]}), [3, 4]
    ),
    _passing("listContains", lambda ee: ee.Filter.listContains("list", 3), [2, 3]),
    _passing(
        "hasType", lambda ee: ee.Filter.hasType("value", "Number"), [1, 2, 3, 4], f"{PAGE}-hastype: subtypes pass"
    ),
    _passing("hasType", lambda ee: ee.Filter.hasType(".geo", "Point"), [], f"{PAGE}-hastype"),
    _passing("maxDifference", lambda ee: ee.Filter.maxDifference(10, "value", None, "twin"), [2, 3, 4]),
    _passing(
        "rangeContains", lambda ee: ee.Filter.rangeContains("value", 20, 30), [2, 3], f"{PAGE}-rangecontains: inclusive"
    ),
    _passing("notNull", lambda ee: ee.Filter.notNull(["value", "name"]), [1, 2, 3, 4]),
    _passing(
        "expression",
        lambda ee: ee.Filter.expression('value > 10 && (name == "oak" || !(value < 40))'),
        [3, 4],
        f"{PAGE}-expression",
    ),
]

_TIMES = [
    _passing(
        "dateRangeContains",
        lambda ee: ee.Filter.date("2020-01-01", "2021-06-02"),
        [1],
        "reference: the end is exclusive: 2 is of 2021-06-02",
    ),
    _passing(
        "dateRangeContains",
        lambda ee: ee.Filter.dateRangeContains(leftField="range", rightValue=ee.Date(2 * DAY)),
        [2],
        f"{PAGE}-daterangecontains",
    ),
    _passing("calendarRange", lambda ee: ee.Filter.calendarRange(6, 9, "month"), [2, 3], f"{PAGE}-calendarrange"),
    _passing(
        "calendarRange", lambda ee: ee.Filter.calendarRange(12, 3, "month"), [1, 4], f"{PAGE}-calendarrange: wraps"
    ),
    _passing("calendarRange", lambda ee: ee.Filter.calendarRange(2021, None, "year"), [2], f"{PAGE}-calendarrange"),
    _passing(
        "dayOfYear",
        lambda ee: ee.Filter.dayOfYear(61, 153),
        [1, 2],
        "documentation: algorithms.json: both days included; 2020-03-01 is day 61 and 2021-06-02 day 153",
    ),
]

_PLACES = [
    _passing("intersects", lambda ee: ee.Filter.intersects(".geo", ee.Geometry.Point(20.5, 0.5)), [2]),
    _passing("intersects", lambda ee: ee.Filter.bounds(ee.Geometry.BBox(15, 0, 35, 1)), [2, 3]),
    _passing(
        "disjoint",
        lambda ee: ee.Filter.disjoint(".geo", ee.Geometry.BBox(15, 0, 35, 1)),
        [1, 4, 5],
        f"{PAGE}-disjoint: unless they intersect",
    ),
    _passing("contains", lambda ee: ee.Filter.contains(".geo", ee.Geometry.Point(30.5, 0.5)), [3]),
    _passing("isContained", lambda ee: ee.Filter.isContained(".geo", ee.Geometry.BBox(9, -1, 21.5, 2)), [1, 2]),
    _passing(
        "withinDistance",
        lambda ee: ee.Filter.withinDistance(150_000, ".geo", ee.Geometry.Point(12, 0.5)),
        [1],
        "reference: a degree of the equator is 111 km",
    ),
    _passing(
        "area",
        lambda ee: ee.Filter.area(12_360e6, 12_400e6),
        [1, 2, 3, 4],
        "reference: R² · π/180 · sin(1°) = 12,363.7 km²",
    ),
    _passing("area", lambda ee: ee.Filter.area(0, 12_363e6), [], "reference: R² · π/180 · sin(1°) = 12,363.7 km²"),
    _passing("hasGeometry", lambda ee: ee.apply("Filter.hasGeometry", {}), [1, 2, 3, 4]),
]

_LOGIC = [
    _passing("and", lambda ee: ee.Filter.And(ee.Filter.gt("value", 10), ee.Filter.lt("value", 40)), [2, 3]),
    _passing("or", lambda ee: ee.Filter.Or(ee.Filter.eq("value", 10), ee.Filter.eq("name", "elm")), [1, 4]),
    _passing(
        "not",
        lambda ee: ee.Filter.eq("value", 10).Not(),
        [2, 3, 4, 5],
        f"{PAGE}-not: if and only if the other does not match",
    ),
    _passing("always", lambda ee: ee.apply("Filter.always", {}), [1, 2, 3, 4, 5]),
    _passing("never", lambda ee: ee.apply("Filter.never", {}), []),
]

_PRINTED = [
    Worked(
        "Filter.equals",
        lambda ee: ee.Filter.eq("foo", "bar"),
        {"type": "Filter.eq", "leftField": "foo", "rightValue": "bar"},
        "earth engine: aazuspan/eerepr tests/data/test_regression_objects_filter_.yml",
    ),
]

WORKED = [*_PRINTED, *_COMPARISONS, *_TIMES, *_PLACES, *_LOGIC]
