"""List: negative indices count from the end; functions see one element each."""

import functools
import random
from typing import Any

import numpy as np

from ee_emulator import limits
from ee_emulator.algorithms.string import string as as_text
from ee_emulator.errors import EarthEngineError
from ee_emulator.registry import Context, algorithm, coerce
from ee_emulator.values import Array, Date, DateRange, Feature, Filter, Function, Geometry

Items = list[Any]
"""The parameters of these functions are called `list`, which hides the type."""


def equal(left: Any, right: Any) -> bool:
    """Equality as lists see it: 1 and 1.0 are the same, True and 1 are not."""
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    if isinstance(left, Geometry | Feature | Array) and type(left) is type(right):
        return bool(_key(left) == _key(right))
    return bool(left == right)


def position(index: int, length: int, what: str = "List index") -> int:
    """A checked index from the front.

    Raises:
        EarthEngineError: Out of range.
    """
    if not -length <= index < length:
        raise EarthEngineError(f"{what} must be between {-length} and {length - 1}, inclusive, found {index}.")
    return index % length if length else 0


@algorithm("List.add")
def add(list: list[Any], element: Any) -> list[Any]:
    """With one more element at the end."""
    return [*list, element]


@algorithm("List.cat")
def cat(list: list[Any], other: list[Any]) -> list[Any]:
    """One list after the other."""
    return list + other


@algorithm("List.contains")
def contains(list: list[Any], element: Any) -> bool:
    """Whether the element is in the list."""
    return any(equal(item, element) for item in list)


@algorithm("List.containsAll")
def contains_all(list: list[Any], other: list[Any]) -> bool:
    """Whether all elements of the other list are in this one."""
    return all(contains(list, element) for element in other)


@algorithm("List.distinct")
def distinct(list: Items) -> Items:
    """The first of each kind, in order."""
    seen: dict[Any, None] = {}
    answer: Items = []
    for item in list:
        key = _key(item)
        if key not in seen:
            seen[key] = None
            answer.append(item)
    return answer


def _key(item: Any) -> Any:
    if isinstance(item, list):
        return ("list", *map(_key, item))
    if isinstance(item, dict):
        return ("dict", *sorted((key, _key(value)) for key, value in item.items()))
    if isinstance(item, Geometry):
        return (item.shape.wkb, item.crs, item.geodesic, item.unbounded)
    if isinstance(item, Feature):
        return (item.id, _key(item.geometry), _key(dict(item.properties)))
    if isinstance(item, Array):
        return ("array", item.values.shape, item.values.tobytes())
    if isinstance(item, Date | DateRange):
        return item
    return (isinstance(item, bool), item) if isinstance(item, int | float | str) or item is None else id(item)


@algorithm("List.equals")
def equals(list: list[Any], other: list[Any]) -> bool:
    """Whether both have equal elements in the same order."""
    return equal(list, other)


@algorithm("List.filter")
def filter_(list: list[Any], filter: Filter) -> list[Any]:
    """The elements that pass; of those that have no properties the filter's field is `item`."""

    def tested(item: Any) -> Any:
        return item if hasattr(item, "properties") else Feature(None, {"item": item})

    return [item for item in list if filter.test(tested(item))]


@algorithm("List.flatten")
def flatten(list: Items) -> Items:
    """All elements of nested lists in one."""
    answer: Items = []
    for item in list:
        answer.extend(flatten(item) if isinstance(item, type(answer)) else [item])
    return answer


@algorithm("List.frequency")
def frequency(list: list[Any], element: Any) -> int:
    """How often the element is in the list."""
    return sum(equal(item, element) for item in list)


@algorithm("List.get")
def get(list: list[Any], index: int) -> Any:
    """The element at a position."""
    return list[position(index, len(list))]


@algorithm("List.getNumber")
def get_number(list: list[Any], index: int, *, context: Context) -> Any:
    """The number at a position."""
    return coerce(get(list, index), "Number", context)


@algorithm("List.getString")
def get_string(list: list[Any], index: int, *, context: Context) -> Any:
    """The text at a position."""
    return coerce(get(list, index), "String", context)


@algorithm("List.getGeometry")
def get_geometry(list: list[Any], index: int, *, context: Context) -> Any:
    """The geometry at a position."""
    return coerce(get(list, index), "Geometry", context)


@algorithm("List.indexOf")
def index_of(list: list[Any], element: Any) -> int:
    """Where the element is first; −1 where it is not."""
    return next((i for i, item in enumerate(list) if equal(item, element)), -1)


@algorithm("List.indexOfSublist")
def index_of_sublist(list: list[Any], target: list[Any]) -> int:
    """Where the target begins first; −1 where it is not."""
    return next((i for i in range(len(list) - len(target) + 1) if equal(list[i : i + len(target)], target)), -1)


@algorithm("List.lastIndexOfSubList")
def last_index_of_sublist(list: list[Any], target: list[Any]) -> int:
    """Where the target begins last; −1 where it is not."""
    starts = range(len(list) - len(target), -1, -1)
    return next((i for i in starts if equal(list[i : i + len(target)], target)), -1)


@algorithm("List.insert")
def insert(list: list[Any], index: int, element: Any) -> list[Any]:
    """With an element put in before a position."""
    at = index + len(list) if index < 0 else index
    if not 0 <= at <= len(list):
        raise EarthEngineError(f"List index must be between {-len(list)} and {len(list)}, inclusive, found {index}.")
    return [*list[:at], element, *list[at:]]


@algorithm("List.iterate")
def iterate(list: list[Any], function: Function, first: Any) -> Any:
    """Folds the list with a function of (element, previous result)."""
    return functools.reduce(lambda previous, item: function(item, previous), list, first)


@algorithm("List.join")
def join(list: list[Any], separator: str) -> str:
    """Text of the elements with a separator between."""
    return separator.join(map(as_text, list))


@algorithm("List.length", "List.size")
def length(list: list[Any]) -> int:
    """Number of elements."""
    return len(list)


@algorithm("List.map")
def map_(list: list[Any], base_algorithm: Function, drop_nulls: bool) -> list[Any]:
    """A function applied to each element."""
    mapped = [base_algorithm(item) for item in list]
    return [item for item in mapped if item is not None] if drop_nulls else mapped


@algorithm("List.remove")
def remove(list: list[Any], element: Any) -> list[Any]:
    """Without the first such element."""
    at = index_of(list, element)
    return list if at < 0 else list[:at] + list[at + 1 :]


@algorithm("List.removeAll")
def remove_all(list: list[Any], other: list[Any]) -> list[Any]:
    """Without any element of the other list."""
    return [item for item in list if not contains(other, item)]


@algorithm("List.repeat")
def repeat(value: Any, count: int) -> list[Any]:
    """The value `count` times."""
    return [value] * limits.elements(count)


@algorithm("List.replace")
def replace(list: list[Any], oldval: Any, newval: Any) -> list[Any]:
    """With the first old value replaced."""
    at = index_of(list, oldval)
    return list if at < 0 else [*list[:at], newval, *list[at + 1 :]]


@algorithm("List.replaceAll")
def replace_all(list: list[Any], oldval: Any, newval: Any) -> list[Any]:
    """With every old value replaced."""
    return [newval if equal(item, oldval) else item for item in list]


@algorithm("List.reverse")
def reverse(list: list[Any]) -> list[Any]:
    """Last first."""
    return list[::-1]


@algorithm("List.rotate")
def rotate(list: list[Any], distance: int) -> list[Any]:
    """Elements moved towards the end by `distance`, the last ones to the front."""
    if not list:
        return list
    at = -distance % len(list)
    return list[at:] + list[:at]


@algorithm("List.sequence")
def sequence(start: float, end: float | None, step: float, count: int | None) -> list[Any]:
    """Numbers from `start` to `end` (inclusive) by step, or `count` of them evenly spaced.

    Raises:
        EarthEngineError: A step of zero, or neither end nor count.
    """
    if count is not None:
        count = limits.elements(count)
        if end is None:
            return [start + i * step for i in range(count)]
        return [float(value) for value in np.linspace(start, end, count)]
    if end is None:
        raise EarthEngineError("Either 'end' or 'count' must be given.")
    if step == 0:
        raise EarthEngineError("The step must not be zero.")
    steps = limits.elements(np.floor((end - start) / step + 1e-10) + 1)
    return [start + i * step for i in range(steps)]


@algorithm("List.set")
def set_(list: list[Any], index: int, element: Any) -> list[Any]:
    """With the element at a position replaced."""
    at = position(index, len(list))
    return [*list[:at], element, *list[at + 1 :]]


@algorithm("List.shuffle")
def shuffle(list: list[Any], seed: Any) -> list[Any]:
    """In another order, the same for the same seed (Earth Engine's own order is not known)."""
    shuffled = list.copy()
    if seed is not False:
        random.Random(repr(seed)).shuffle(shuffled)  # noqa: S311  # not for secrets
    return shuffled


@algorithm("List.slice")
def slice_(list: list[Any], start: int, end: int | None, step: int | None) -> list[Any]:
    """From `start` up to `end`, every `step`-th."""
    return list[start : end : step or 1]


@algorithm("List.sort")
def sort(list: list[Any], keys: list[Any] | None) -> list[Any]:
    """In ascending order, of the elements or of keys that go with them."""
    by = list if keys is None else keys
    if len(by) != len(list):
        raise EarthEngineError(f"There are {len(by)} keys for {len(list)} elements.")
    order = sorted(range(len(list)), key=lambda i: sort_key(by[i]))
    return [list[i] for i in order]


def sort_key(value: Any) -> Any:
    """Orders values of mixed types: numbers before text before the rest, nulls last."""
    if value is None:
        return (3, 0)
    if isinstance(value, bool | int | float):
        return (0, value)
    if isinstance(value, str):
        return (1, value)
    if isinstance(value, list):
        return (2, [sort_key(item) for item in value])
    return (2, [getattr(value, "ms", 0)])


@algorithm("List.splice")
def splice(list: list[Any], start: int, count: int, other: list[Any] | None) -> list[Any]:
    """With `count` elements from `start` replaced by another list."""
    at = start + len(list) if start < 0 else start
    return list[:at] + (other or []) + list[at + count :]


@algorithm("List.swap")
def swap(list: list[Any], pos1: int, pos2: int) -> list[Any]:
    """With two elements exchanged."""
    a, b = position(pos1, len(list)), position(pos2, len(list))
    swapped = list.copy()
    swapped[a], swapped[b] = swapped[b], swapped[a]
    return swapped


@algorithm("List.unzip")
def unzip(list: list[Any]) -> list[Any]:
    """A list of lists, transposed as far as the shortest of them goes."""
    if not all(isinstance(item, type(list)) for item in list):
        raise EarthEngineError(f"All elements must be lists, got {list}.")
    return [[*column] for column in zip(*list, strict=False)]


@algorithm("List.zip")
def zip_(list: list[Any], other: list[Any]) -> list[Any]:
    """Pairs of elements, as many as the shorter list has."""
    return [[a, b] for a, b in zip(list, other, strict=False)]
