"""How an operator takes its arguments: in Python as its function is written, in JavaScript as its client does."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml

from codegen.corpora.script import Language
from codegen.extraction.signatures import Operator, Parameter, signatures

Style = Literal["python", "generated", "options", "placed", "counted"]
"""`python`: by place or keyword. The others are JavaScript's: `generated` takes all by place or in one object,
`options` likewise if the object has one of the names, `placed` and `counted` by place alone; see `javascript.yaml`."""

_BEFORE: Mapping[str, tuple[str, ...]] = {
    "ImageCollection": ("Collection", "Element", "ComputedObject"),
    "FeatureCollection": ("Collection", "Element", "ComputedObject"),
    "Collection": ("Element", "ComputedObject"),
    "Image": ("Element", "ComputedObject"),
    "Feature": ("Element", "ComputedObject"),
}
"""Classes that a class takes its methods from; every other one takes from `ComputedObject`."""
_PYTHON_NAMES = {"and": "And", "or": "Or", "not": "Not"}
_PYTHON_TYPES = {"int": "Integer", "str": "String", "bool": "Boolean", "float": "Number"}
_CLASS = re.compile(r"^(?:_arg_types|ee_\w+|[a-z]+)\.([A-Z]\w*)$")
_UNTYPED = "Object"
_BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True, slots=True)
class Form:
    """How an operator takes its arguments.

    Attributes:
        parameters: Without the receiver; a type is one of Earth Engine's, `Object` where nothing is known.
        style: By place, by name or both.
        more: Whether it takes any number of further arguments by place.
        any_name: Whether it takes names that are not its parameters'.
    """

    parameters: tuple[Parameter, ...]
    style: Style
    more: bool = False
    any_name: bool = False


@cache
def form(operator: Operator, language: Language) -> Form | None:
    """The form of an operator in a language; None where nothing is known of it."""
    if operator.owner in ("ee", "data") or operator.owner.startswith(("ee.", "Map", "ui", "Chart", "Export", "print")):
        return None
    return _javascript(operator) if language == "javascript" else _python(operator)


@dataclass(frozen=True)
class JavaScript:
    """What `javascript.yaml` holds.

    Attributes:
        forms: Of what is written by hand, by class and name.
        names: Below `ee` that are no operators.
        members: Of all objects that are no operators.
        globals: Names that the language, Node and the Code Editor bring.
    """

    forms: Mapping[str, Form]
    names: frozenset[str]
    members: frozenset[str]
    globals: frozenset[str]


@cache
def javascript() -> JavaScript:
    """The table of the JavaScript client."""
    text = resources.files("codegen.checking").joinpath("javascript.yaml").read_text(encoding="utf-8")
    told: dict[str, Any] = yaml.safe_load(text)
    styles: tuple[Style, ...] = ("options", "placed", "counted")
    forms = {
        name: Form(tuple(map(_parameter, given.split(", "))) if given else (), style)
        for style in styles
        for name, given in told[style].items()
    }
    forms |= {name: Form((), "placed", more=True, any_name=True) for name in told["open"]}
    return JavaScript(forms, *(frozenset(told[name]) for name in ("names", "members", "globals")))


def _parameter(written: str) -> Parameter:
    """`name?: Type`."""
    name, _, type_ = written.partition(": ")
    return Parameter(name.rstrip("?"), type_ or _UNTYPED, name.endswith("?"))


def _javascript(operator: Operator) -> Form | None:
    name = operator.name.removeprefix("ee.")
    *_, owner, short = ("", *name.split("."))
    written = javascript().forms
    for holder in (owner, *_BEFORE.get(owner, ("ComputedObject",))) if owner else ("",):
        found = written.get(f"{holder}.{short}" if holder else short)
        if found is not None:
            return found
    if operator.kind == "constructor":
        made = signatures().path(f"ee.Algorithms.{operator.owner}")
        return None if made is None else Form(made.parameters, "generated")
    return Form(operator.parameters, "generated") if operator.algorithm is not None else None


def _python(operator: Operator) -> Form | None:
    function = _function(operator)
    if function is None:  # the client makes it from the list of algorithms once it is connected
        return Form(operator.parameters, "python") if operator.algorithm is not None else None
    given = list(inspect.signature(function).parameters.values())
    if operator.kind in ("constructor", "method"):
        given = given[1:]
    known = {one.name: one for one in operator.parameters}
    taken = tuple(_merged(one, known.get(one.name.rstrip("_"))) for one in given if one.kind in _BY_PLACE)
    if operator.kind == "constructor":
        taken = _as_constructor(operator, taken)
    kinds = {one.kind for one in given}
    more, any_name = inspect.Parameter.VAR_POSITIONAL in kinds, inspect.Parameter.VAR_KEYWORD in kinds
    return Form(taken, "python", more, any_name)


def _as_constructor(operator: Operator, taken: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """With the types that the same constructor has in JavaScript: Python's says `Any` where it refuses a good deal."""
    other = javascript().forms.get(operator.owner)
    types = [one.type for one in other.parameters] if other is not None else []
    return tuple(
        Parameter(one.name, types[number] if number < len(types) else one.type, one.optional)
        for number, one in enumerate(taken)
    )


def _function(operator: Operator) -> Any:
    """The client's function; None for one that it only has once it is connected."""
    import ee

    found: Any = ee
    for part in operator.name.split(".")[1:]:
        found = getattr(found, _PYTHON_NAMES.get(part, part), None)
    return found.__init__ if inspect.isclass(found) else found


def _merged(given: inspect.Parameter, told: Parameter | None) -> Parameter:
    """A parameter of a function; of the algorithm behind it the type, and whether it is needed."""
    is_optional = given.default is not inspect.Parameter.empty
    if told is None or not told.type or "." in told.type:
        return Parameter(given.name, _annotated(given), is_optional)
    return Parameter(given.name, told.type, is_optional and told.optional)


def _annotated(given: inspect.Parameter) -> str:
    """The type of an annotation that names one alone, or one and None."""
    options = [one for one in _options(str(given.annotation)) if one != "None"]
    if any(one.startswith("Callable[") for one in options):
        return "Algorithm"
    found = {_PYTHON_TYPES.get(one) or _class_of(one) for one in options}
    return found.pop() or _UNTYPED if len(found) == 1 else _UNTYPED


def _options(annotation: str) -> Sequence[str]:
    return [one.strip(" ()") for one in annotation.split(" | ")]


def _class_of(annotation: str) -> str | None:
    found = _CLASS.match(annotation)
    return found[1] if found else None


def python_members(dotted: str) -> Iterator[str]:
    """Names that the Python client has below a dotted name: `ee`, `ee.Image`, `ee.data`; none where it is not there."""
    import ee

    found: Any = ee
    for part in dotted.split(".")[1:]:
        found = getattr(found, part, None)
    yield from () if found is None else dir(found)
