"""What the two languages bring with them and scripts use on lists, dictionaries and functions."""

from collections.abc import Callable, Mapping, Sequence

from codegen.knowledge.values import KNOWN, UNKNOWN, Array, String, Value, alternatives, field_of, functions_in, joined
from codegen.knowledge.values import Mapping as Fields

AT_ONCE = {"forEach", "map", "filter", "reduce", "some", "every", "find", "flatMap", "sort", "apply"}
"""Methods of lists that call a function at once."""
JAVASCRIPT = ("Array", "Object")
PYTHON = ("list", "tuple", "sorted", "reversed", "enumerate", "zip", "range")

_GROWING = {"push", "unshift", "append", "insert"}
_TAKING = {"pop", "shift", "at", "find"}
_PLAIN = {"join", "indexOf", "includes", "index", "count"}

Run = Callable[[Value, Sequence[Value]], Value]
"""Calls a function with arguments."""


def call_list(array: Array, name: str, given: Sequence[Value], run: Run) -> Value:
    """A method of a list."""
    functions = [function for value in given for function in functions_in(value)]
    if functions:
        return _call_with_function(array, name, given, functions, run)
    if name in _GROWING or name == "extend":
        for value in given:
            for one in _contents(value) if name == "extend" else [value]:
                array.grow(one)
        return KNOWN
    if name == "concat":
        return Array([*array.items, *(one for value in given for one in _contents(value))], array.rest)
    if name in _TAKING:
        return array.any()
    return KNOWN if name in _PLAIN else array


def _call_with_function(array: Array, name: str, given: Sequence[Value], functions: Sequence[Value], run: Run) -> Value:
    one = array.any() if array.items or array.rest else UNKNOWN
    is_reduce = name.startswith("reduce")
    first = given[1] if is_reduce and len(given) > 1 else one
    results = [run(function, [first, one, KNOWN] if is_reduce else [one, KNOWN, array]) for function in functions]
    if is_reduce:
        return joined([*results, first])
    if name in ("map", "flatMap"):
        return Array(rest=results)
    if name == "forEach":
        return KNOWN
    return array if name in ("filter", "sort") else one


def call_fields(owner: Fields, name: str, given: Sequence[Value]) -> Value | None:
    """A method of a dictionary; None for one that it has not."""
    if name == "values":
        return Array(rest=[owner.any()])
    if name == "items":
        return Array(rest=[Array([KNOWN, owner.any()])])
    if name == "keys":
        return Array(rest=[KNOWN])
    if name in ("get", "pop", "setdefault"):
        key = given[0] if given else KNOWN
        return joined([field_of(owner, key.value) if isinstance(key, String) else owner.any(), *given[1:]])
    return None


def _contents(value: Value) -> list[Value]:
    return [*value.items, *value.rest] if isinstance(value, Array) else [value]


def _values(given: Sequence[Value]) -> Value:
    inside = [one.any() for value in given for one in alternatives(value) if isinstance(one, Array | Fields)]
    return Array(rest=[joined(inside) if inside else KNOWN])


def _copy(given: Sequence[Value]) -> Value:
    return _values(given) if given else Array()


def _pairs(given: Sequence[Value]) -> Value:
    parts = [joined(one.any() for one in alternatives(value) if isinstance(one, Array | Fields)) for value in given]
    return Array(rest=[Array(parts)])


def _numbered(given: Sequence[Value]) -> Value:
    return _pairs([Array(), *given])


FUNCTIONS: Mapping[str, Callable[[Sequence[Value]], Value]] = {
    "Array": lambda given: Array(rest=list(given[1:])),
    "Array.from": _values,
    "Array.isArray": lambda _: KNOWN,
    "Object.keys": lambda _: Array(rest=[KNOWN]),
    "Object.values": _values,
    "Object.entries": _numbered,
    "Object.assign": lambda given: given[0] if given else Fields(),
    "list": _copy,
    "tuple": _copy,
    "sorted": _values,
    "reversed": _values,
    "enumerate": _numbered,
    "zip": _pairs,
    "range": lambda _: Array(rest=[KNOWN]),
}
"""Functions whose results hold what they are given."""
