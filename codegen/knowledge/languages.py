"""What the two languages bring with them and scripts use on lists and functions."""

from collections.abc import Callable, Mapping, Sequence

from codegen.knowledge.values import KNOWN, Array, Value, alternatives, joined
from codegen.knowledge.values import Mapping as Fields

AT_ONCE = {"forEach", "map", "filter", "reduce", "some", "every", "find", "flatMap", "sort", "apply"}
"""Methods of the languages' own lists that call a function at once."""


def _values(given: Sequence[Value]) -> Value:
    inside = [one.any() for value in given for one in alternatives(value) if isinstance(one, Array | Fields)]
    return Array(rest=[joined(inside)]) if inside else Array(rest=[KNOWN])


def _same(given: Sequence[Value]) -> Value:
    return given[0] if given else Array()


def _pairs(given: Sequence[Value]) -> Value:
    parts = [joined(one.any() for one in alternatives(value) if isinstance(one, Array | Fields)) for value in given]
    return Array(rest=[Array(parts)])


LANGUAGE: Mapping[str, Callable[[Sequence[Value]], Value]] = {
    "Array": lambda given: Array(rest=list(given[1:])),
    "Array.from": _values,
    "Array.isArray": lambda _: KNOWN,
    "Object.keys": lambda _: Array(rest=[KNOWN]),
    "Object.values": _values,
    "Object.entries": lambda given: _pairs([Array(), *given]),
    "Object.assign": _same,
    "list": lambda given: _values(given) if given else Array(),
    "tuple": lambda given: _values(given) if given else Array(),
    "sorted": _values,
    "reversed": _values,
    "enumerate": lambda given: _pairs([Array(), *given]),
    "zip": _pairs,
    "range": lambda _: Array(rest=[KNOWN]),
}
"""Functions whose results hold what they are given."""
JAVASCRIPT = ("Array", "Object")
PYTHON = ("list", "tuple", "sorted", "reversed", "enumerate", "zip", "range")
