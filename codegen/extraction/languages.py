"""What the two languages bring with them and scripts use on lists, dictionaries and functions."""

from collections.abc import Callable, Mapping, Sequence

from codegen.extraction.values import (
    KNOWN,
    UNKNOWN,
    Array,
    Integer,
    Path,
    Value,
    alternatives,
    at_key,
    functions_in,
    joined,
)
from codegen.extraction.values import Mapping as Fields

AT_ONCE = {"forEach", "map", "filter", "reduce", "some", "every", "find", "flatMap", "sort", "apply"}
"""Methods of lists that call a function at once."""
JAVASCRIPT = ("Array", "Object")
PYTHON = ("dict", "filter", "getattr", "map", "list", "tuple", "sorted", "reversed", "enumerate", "zip", "range")

_GROWING = {"push", "unshift", "append", "insert"}
_TAKING = {"pop", "shift", "at", "find"}
_TIMES_ROUND = 2
_MOST_APART = 8
"""Values of a list that a function is followed for one by one."""
_PLAIN = {"join", "indexOf", "includes", "index", "count"}

Run = Callable[[Value, Sequence[Value]], Value]
"""Calls a function with arguments."""


def call_list(array: Array, name: str, given: Sequence[Value], run: Run) -> Value:
    """A method of a list."""
    functions = [function for value in given for function in functions_in(value)]
    functions += [value for value in given if isinstance(value, Path) and name in AT_ONCE]
    if functions:
        return _call_with_function(array, name, given, functions, run)
    if name in _GROWING or name == "extend":
        for value in given:
            for one in _contents(value) if name == "extend" else [value]:
                array.push(one)
        return KNOWN
    if name == "concat":
        return Array([*array.items, *(one for value in given for one in _contents(value))], array.rest)
    if name in _TAKING:
        return array.any()
    return KNOWN if name in _PLAIN else array


def _call_with_function(array: Array, name: str, given: Sequence[Value], functions: Sequence[Value], run: Run) -> Value:
    if name.startswith("reduce"):
        return joined(_reduced(array, given, function, run) for function in functions)
    one = array.any() if array.items or array.rest else UNKNOWN
    if name in ("map", "flatMap") and (array.items or array.rest):
        return _each(array, lambda each: joined(run(function, [each, KNOWN, array]) for function in functions))
    results = [run(function, [one, KNOWN, array]) for function in functions]
    if name in ("map", "flatMap"):
        return Array(rest=results)
    if name == "forEach":
        return KNOWN
    return array if name in ("filter", "sort") else one


def _reduced(array: Array, given: Sequence[Value], function: Value, run: Run) -> Value:
    """`reduce`: what it gave before goes in again; without a beginning the first value is it."""
    if len(given) > 1:
        first, others = given[1], array
    else:
        first = array.items[0] if array.items else array.any()
        others = Array(array.items[1:], array.rest) if len(array.items) > 1 else array
    result = first
    for _ in range(_TIMES_ROUND):
        result = joined([first, run(function, [result, others.any(), KNOWN, array])])
    return result


def call_with_function(name: str, given: Sequence[Value], run: Run) -> Value:
    """`map`, `filter` and `reduce` of Python, which take the function first."""
    function, lists = given[0], [_values([value]) for value in given[1:2]]
    array = lists[0] if isinstance(lists[0], Array) else Array()
    if name == "map":
        return _each(array, lambda one: run(function, [one, *map(_element, given[2:])]))
    if name == "filter":
        run(function, [array.any()])
        return array
    return _reduced(array, [function, *given[2:]], function, run)


def _each(array: Array, change: Callable[[Value], Value]) -> Value:
    """A list with each value changed; a long one by one of its values."""
    if array.rest or len(array.items) > _MOST_APART:
        return Array(rest=[change(array.any())])
    return Array([change(one) for one in array.items])


def call_fields(owner: Fields, name: str, given: Sequence[Value]) -> Value | None:
    """A method of a dictionary; None for one that it has not."""
    if name == "values":
        return _values([owner])
    if name == "items":
        return _entries([owner])
    if name == "keys":
        return Array(rest=[KNOWN])
    if name in ("get", "pop", "setdefault"):
        key = given[0] if given else KNOWN
        return joined([at_key(owner, key), *given[1:]])
    return None


def _contents(value: Value) -> list[Value]:
    return [*value.items, *value.rest] if isinstance(value, Array) else [value]


def _values(given: Sequence[Value]) -> Value:
    """The values of an object, or a list once more."""
    made = Array()
    for one in (one for value in given for one in alternatives(value)):
        if isinstance(one, Array):
            made.items += one.items
            made.rest += one.rest
        elif isinstance(one, Fields):
            made.items += one.fields.values()
            made.rest += one.rest
    return made


def _copy(given: Sequence[Value]) -> Value:
    return _values(given) if given else Array()


def _pairs(given: Sequence[Value]) -> Value:
    lists = [next((one for one in alternatives(value) if isinstance(one, Array)), None) for value in given]
    known = [one.items for one in lists if one is not None and not one.rest]
    if lists and len(known) == len(lists):
        return Array([Array(list(parts)) for parts in zip(*known, strict=False)])
    return Array(rest=[Array([_element(value) for value in given])])


def _element(value: Value) -> Value:
    return joined(one.any() if isinstance(one, Array) else KNOWN for one in alternatives(value))


def _entries(given: Sequence[Value]) -> Value:
    found = [one for value in given for one in alternatives(value) if isinstance(one, Fields)]
    rest = [Array([KNOWN, joined(one.rest)]) for one in found if one.rest]
    return Array([Array([KNOWN, value]) for one in found for value in one.fields.values()], list[Value](rest))


def _numbered(given: Sequence[Value]) -> Value:
    one = next((one for value in given for one in alternatives(value) if isinstance(one, Array)), None)
    if one is not None and not one.rest:
        return Array([Array([Integer(number), value]) for number, value in enumerate(one.items)])
    return Array(rest=[Array([KNOWN, *(_element(value) for value in given[:1])])])


WITH_FUNCTION = {"map", "filter", "functools.reduce"}
"""Functions of Python that call a function at once."""
FUNCTIONS: Mapping[str, Callable[[Sequence[Value]], Value]] = {
    "Array": lambda given: Array(rest=list(given[1:])),
    "Array.from": _values,
    "Array.isArray": lambda _: KNOWN,
    "Object.keys": lambda _: Array(rest=[KNOWN]),
    "Object.values": _values,
    "Object.entries": _entries,
    "Object.assign": lambda given: given[0] if given else Fields(),
    "dict": lambda given: (
        given[0] if given and isinstance(given[0], Fields) else Fields(rest=[_element(given[0])] if given else [])
    ),
    "ee.Authenticate": lambda _: KNOWN,
    "ee.Initialize": lambda _: KNOWN,
    "ee.initialize": lambda _: KNOWN,
    "list": _copy,
    "tuple": _copy,
    "sorted": _values,
    "reversed": _values,
    "enumerate": _numbered,
    "zip": _pairs,
    "range": lambda _: Array(rest=[KNOWN]),
}
"""Functions whose results hold what they are given, and what only begins a session."""
