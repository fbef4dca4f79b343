"""What a task needs to know of an operator: how Python calls it, and which parameters a function around it has."""

from __future__ import annotations

import inspect
import keyword
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from codegen.evaluation.cases.types import type_of
from codegen.extraction.signatures import Operator, signatures
from ee_emulator.registry import shipped_algorithms
from lake.errors import BadInputError

_PLAIN = {
    "Integer": "int",
    "Long": "int",
    "Float": "float",
    "Boolean": "bool",
    "String": "str",
    "List": "list",
    "Dictionary": "dict",
    "Object": "object",
    "<any>": "object",
    "ErrorMargin": "float",
    "Algorithm": "object",
}
"""Annotation of a parameter by the type that the algorithm declares; all others are classes of the client."""
_NAMES = {"list": "items"}
"""Names of parameters that would hide what the code needs."""
_PYTHON_NAMES = {"and": "And", "or": "Or", "not": "Not"}


@dataclass(frozen=True, slots=True)
class Argument:
    """A parameter of a function around an operator.

    Attributes:
        name: In the function.
        annotation: `ee.Image`, `int`, `list`, …
        keyword: Name under which the client's method takes it; empty for the receiver.
        optional: Whether Earth Engine has a default for it.
        description: As Earth Engine's client ships it; may be empty.
    """

    name: str
    annotation: str
    keyword: str
    optional: bool
    description: str


@dataclass(frozen=True, slots=True)
class TaskOperator:
    """An operator as a task sees it.

    Attributes:
        name: `ee.Image.add`.
        call: What stands before the bracket: `ee.Filter.eq`; for a method `.add`.
        arguments: In order, the receiver first.
        algorithm: Earth Engine's name; None for what the client does by itself.
        returns: Annotation of the result.
        type: Of the 26; empty where the algorithm has none.
        description: As the client ships it.
    """

    name: str
    call: str
    arguments: tuple[Argument, ...]
    algorithm: str | None
    returns: str
    type: str
    description: str


@cache
def _algorithms() -> Mapping[str, Mapping[str, Any]]:
    return {found["name"].removeprefix("algorithms/"): found for found in shipped_algorithms()["algorithms"]}


def find(name: str) -> TaskOperator:
    """The operator of a name without `ee.`: `Image.add`, `Filter.eq`, `Algorithms.If`.

    Raises:
        BadInputError: There is none.
    """
    owner, _, short = name.rpartition(".")
    operator = signatures().path(f"ee.{name}") or signatures().method(owner, short)
    if operator is None:
        raise BadInputError(f"There is no operator ee.{name}: a specification names one that the client has.")
    told = _algorithms().get(operator.algorithm or "", {})
    return TaskOperator(
        name=operator.name,
        call=_call(operator),
        arguments=tuple(_arguments(operator, told)),
        algorithm=operator.algorithm,
        returns=f"ee.{operator.returns}",
        type=_type(operator, told),
        description=told.get("description") or operator.description,
    )


def _call(operator: Operator) -> str:
    *front, last = operator.name.split(".")
    python = _PYTHON_NAMES.get(last, last)
    return f".{python}" if operator.kind == "method" else ".".join((*front, python))


def _type(operator: Operator, told: Mapping[str, Any]) -> str:
    declared = told.get("returnType", operator.returns)
    return type_of(operator.algorithm or "", declared) or ""


def _arguments(operator: Operator, told: Mapping[str, Any]) -> list[Argument]:
    declared = list(told.get("arguments", ()))
    keywords = _keywords(operator)
    if operator.kind == "method":
        receiver = declared[0] if declared else {"argumentName": operator.owner.lower(), "type": operator.owner}
        first = Argument(_named(receiver), f"ee.{operator.owner}", "", False, receiver.get("description", ""))
        return [first, *_taken(declared[1:], keywords)]
    return list(_taken(declared, keywords))


def _taken(declared: list[Mapping[str, Any]], keywords: list[str]) -> list[Argument]:
    names = [told["argumentName"] for told in declared]
    taken = keywords if len(keywords) >= len(names) else names
    return [
        Argument(_named(told), _annotation(told["type"]), key, bool(told.get("optional")), told.get("description", ""))
        for told, key in zip(declared, taken, strict=False)
    ]


def _named(told: Mapping[str, Any]) -> str:
    name = str(told["argumentName"])
    return f"{name}_" if keyword.iskeyword(name) else _NAMES.get(name, name)


def _annotation(declared: str) -> str:
    base = declared.split("<", 1)[0] or declared
    return _PLAIN.get(base, f"ee.{'Feature' if base == 'Element' else base}")


def _keywords(operator: Operator) -> list[str]:
    """Names of the client's parameters, in order and without the receiver; none where it makes the function itself."""
    import ee

    last = operator.name.rsplit(".", 1)[-1]
    members = getattr(ee, operator.owner, None)
    function = getattr(members, _PYTHON_NAMES.get(last, last), None) if inspect.isclass(members) else None
    if function is None or not callable(function):
        return []
    names = [name for name, at in inspect.signature(function).parameters.items() if at.kind == at.POSITIONAL_OR_KEYWORD]
    return names[1:] if operator.kind == "method" else names
