"""AggregateFeatureCollection: aggregates over one property of a collection's elements."""

import statistics
from collections.abc import Callable, Mapping
from typing import Any

from ee_emulator.algorithms.collection.elements import plain, size
from ee_emulator.algorithms.element import property_of
from ee_emulator.algorithms.list import distinct
from ee_emulator.registry import algorithm
from ee_emulator.values import Collection


def _values(collection: Collection, property: str) -> list[Any]:
    found = (plain(property_of(element, property)) for element in collection.elements())
    return [value for value in found if value is not None]


def _numbers(collection: Collection, property: str) -> list[float]:
    return [value for value in _values(collection, property) if isinstance(value, int | float)]


@algorithm("AggregateFeatureCollection.array")
def aggregate_array(collection: Collection, property: str) -> list[Any]:
    """The values, in order."""
    found = (property_of(element, property) for element in collection.elements())
    return [value for value in found if value is not None]


@algorithm("AggregateFeatureCollection.first")
def aggregate_first(collection: Collection, property: str) -> Any:
    """The first value."""
    return next(iter(_values(collection, property)), None)


@algorithm("AggregateFeatureCollection.count")
def aggregate_count(collection: Collection, property: str) -> int:
    """How many values there are."""
    return len(_values(collection, property))


@algorithm("AggregateFeatureCollection.count_distinct")
def aggregate_count_distinct(collection: Collection, property: str) -> int:
    """How many different values there are."""
    return len(distinct(_values(collection, property)))


@algorithm("AggregateFeatureCollection.histogram")
def aggregate_histogram(collection: Collection, property: str) -> dict[str, int]:
    """How often each value occurs."""
    histogram: dict[str, int] = {}
    for value in _values(collection, property):
        key = value if isinstance(value, str) else repr(value)
        histogram[key] = histogram.get(key, 0) + 1
    return dict(sorted(histogram.items()))


def _product(values: list[float]) -> float:
    result = 1.0
    for value in values:
        result *= value
    return result


_STATISTICS: Mapping[str, tuple[int, Callable[[list[float]], float]]] = {
    "min": (1, min),
    "max": (1, max),
    "mean": (1, statistics.fmean),
    "product": (0, _product),
    "sum": (0, sum),
    "sample_sd": (2, statistics.stdev),
    "sample_var": (2, statistics.variance),
    "total_sd": (1, statistics.pstdev),
    "total_var": (1, statistics.pvariance),
}


def _register_statistics() -> None:
    for name, (least, function) in _STATISTICS.items():
        of_texts = name in ("min", "max")
        algorithm(f"AggregateFeatureCollection.{name}")(_statistic(least, function, _values if of_texts else _numbers))


def _statistic(
    least: int, function: Callable[[list[float]], float], values: Callable[[Collection, str], list[Any]]
) -> Callable[[Collection, str], Any]:
    def aggregate(collection: Collection, property: str) -> Any:
        found = values(collection, property)
        return function(found) if len(found) >= least else None

    return aggregate


_register_statistics()


@algorithm("AggregateFeatureCollection.stats")
def aggregate_stats(collection: Collection, property: str) -> dict[str, Any]:
    """Several statistics at once."""
    numbers = _numbers(collection, property)
    named = {"min": "min", "max": "max", "mean": "mean", "sample_sd": "sample_sd", "sample_var": "sample_var"}
    named |= {"sum": "sum", "total_sd": "total_sd", "total_var": "total_var"}
    values = {key: _STATISTICS[key][1](numbers) if len(numbers) >= _STATISTICS[key][0] else None for key in named}
    squares = sum(number * number for number in numbers)
    return values | {
        "total_count": size(collection),
        "valid_count": len(numbers),
        "weight_sum": len(numbers),
        "sum_sq": squares,
    }
