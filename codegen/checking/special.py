"""Operators whose arguments follow rules of their own: coordinates, bands, pairs of a name and a value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from codegen.checking.arguments import Fault
from codegen.checking.types import sort_of
from codegen.corpora.script import Language
from codegen.extraction.calling import Given
from codegen.extraction.signatures import Operator
from codegen.extraction.values import Value

_MOST_AFTER_A_LIST: Mapping[Language, Mapping[str, int]] = {
    "javascript": {
        "Point": 2, "MultiPoint": 2, "Rectangle": 4, "LineString": 4, "LinearRing": 4, "MultiLineString": 4,
        "Polygon": 5, "MultiPolygon": 5,
    },
    "python": {"Rectangle": 4},
}  # fmt: skip
"""Arguments of a geometry of which the first is a list: coordinates, projection and so on."""
_MOST_IN_PYTHON = 5
_NUMBERS = {"Point": 2, "Rectangle": 4}
"""How many numbers a geometry is made of, where that is fixed."""
_TWO_LISTS = 2


def special_faults(operator: Operator, given: Given, language: Language) -> Iterator[Fault]:
    """What is wrong with a call of such an operator; nothing for any other."""
    rule = _rule(operator)
    if rule is not None and not given.is_open and not given.named:
        yield from rule(operator, given.values, language)


def _coordinates(operator: Operator, values: Sequence[Value], language: Language) -> Iterator[Fault]:
    sorts, short = [sort_of(one) for one in values], operator.short
    if not values and not short.startswith("Multi"):
        yield Fault("missing_argument", f"{operator.name} needs coordinates.")
    if not values:
        return
    if sorts[0] in ("string", "boolean", "function"):
        yield Fault("wrong_type", f"{operator.name}: coordinates have to be numbers or lists, not a {sorts[0]}.")
    elif sorts[0] == "list":
        most = _MOST_AFTER_A_LIST[language].get(short, _MOST_IN_PYTHON)
        if len(values) > most:
            yield Fault("too_many_arguments", f"{operator.name} takes a list and {most - 1} more, not {len(values)}.")
    elif all(sort == "number" for sort in sorts):
        needed = _NUMBERS.get(short)
        if (needed is not None and len(sorts) != needed) or len(sorts) % 2:
            wanted = f"{needed} numbers" if needed is not None else "pairs of numbers"
            yield Fault("missing_argument", f"{operator.name} needs {wanted} or a list, not {len(sorts)}.")


def _bands(operator: Operator, values: Sequence[Value], language: Language) -> Iterator[Fault]:
    sorts = [sort_of(one) for one in values]
    if len(values) > _TWO_LISTS and "list" in sorts:
        yield Fault(
            "too_many_arguments", f"{operator.name} takes any number of names, or a list of names and one of new names."
        )


def _pairs(operator: Operator, values: Sequence[Value], language: Language) -> Iterator[Fault]:
    if len(values) == 1 and sort_of(values[0]) in ("string", "number", "boolean", "list"):
        yield Fault("missing_argument", f"{operator.name} needs a value beside the name, or a dictionary of both.")
    elif len(values) > 1 and len(values) % 2:
        yield Fault(
            "missing_argument", f"{operator.name} takes names and values by turns, not {len(values)} arguments."
        )


_Rule = Callable[[Operator, Sequence[Value], Language], Iterator[Fault]]
_GEOMETRIES = _MOST_AFTER_A_LIST["javascript"]
_BANDS = ("ee.Image.select", "ee.ImageCollection.select")


def _rule(operator: Operator) -> _Rule | None:
    if operator.owner == "Geometry" and operator.short in _GEOMETRIES and operator.kind == "static":
        return _coordinates
    if operator.name in _BANDS:
        return _bands
    return _pairs if operator.short == "set" and operator.algorithm in ("Element.set", None) else None
