"""Specifications: what generation has to know of an operator that its signature does not tell.

A file of `specs/` is a mapping from operators to specifications, in YAML (`#` begins a comment):

    List.slice:
      second: items.toList…             a differently written solution: an expression, or lines that end in `return`
      kind: route                       how independent it is; `independent` where nothing is said
      value: "items[start:end]"         what each case gives by first principles: Python on the plain parameters
      cases:                            parameters of ordinary cases
        - {items: [1, 2, 3, 4], start: 1, end: 3}
        - {items: [5, 6, 7], start: -2, gives: [6, 7]}   what this case gives, from documentation
      boundary:                         parameters of boundary cases
        - {items: [], start: 0}
      about: …, result: …               instead of the shipped description, and of what is said of the result
      args: {element: …}                instead of the shipped descriptions of parameters
      types: {element: object}          annotations that differ from the signature's
      reference: …                      instead of the plain call
      returns: ee.List                  instead of the class that the client gives
      name: listSliceToEndTask          where an operator has more than one task
      operators: [ee.List.slice]        where the reference calls more than the operator
      type: ee.List                     of the 26, where it is not the operator's
      chooses: true                     the answer is by its nature one of the parameters

A parameter of a class of Earth Engine is written as Python (`ee.Image(1)`, `$ramp` for a named input of `inputs.yaml`),
or plain where a plain value makes one: numbers, texts, lists, mappings. Elsewhere a text that begins with `ee.` or `$`
is Python.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, cast, get_args

import yaml

from codegen.evaluation.building.draft import Independence
from lake.errors import BadInputError


class _Loader(yaml.SafeLoader):
    """Refuses a key that is there twice, of which the first would be lost."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [str(self.construct_object(key)) for key, _ in node.value]
        if len(keys) != len(set(keys)):
            twice = sorted({key for key in keys if keys.count(key) > 1})
            raise BadInputError(f"specs, line {node.start_mark.line + 1}: {', '.join(twice)} is there twice.")
        return dict(super().construct_mapping(node, deep))


_FOLDER = "specs"
_INPUTS = "inputs.yaml"
_DOCUMENTED = "gives"
_KEYS = {
    "second", "kind", "value", "cases", "boundary", "about", "result", "types", "reference", "returns", "name",
    "operators", "type", "of", "args", "chooses",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CaseSpec:
    """Parameters of a case.

    Attributes:
        params: As in the file.
        edge: Whether it is a boundary case.
        documented: Whether the file tells what it gives.
        value: What it gives, where it does.
    """

    params: Mapping[str, Any]
    edge: bool
    documented: bool = False
    value: Any = None


@dataclass(frozen=True, slots=True)
class Spec:
    """A task to be made; the attributes are those of the file, see the module."""

    operator: str
    second: str
    cases: tuple[CaseSpec, ...]
    kind: Independence = "independent"
    value: str = ""
    about: str = ""
    result: str = ""
    types: Mapping[str, str] = field(default_factory=dict)
    args: Mapping[str, str] = field(default_factory=dict)
    reference: str = ""
    returns: str = ""
    name: str = ""
    operators: tuple[str, ...] = ()
    type: str = ""
    chooses: bool = False


@cache
def inputs() -> Mapping[str, str]:
    """The named inputs: expressions in Python."""
    return {str(name): str(text) for name, text in _read(_INPUTS).items()}


def specs() -> list[Spec]:
    """All specifications that are written out, file by file."""
    files = sorted(p.name for p in resources.files(__package__).joinpath(_FOLDER).iterdir() if p.name[0].isupper())
    return [spec for name in files for spec in _specs(name, _read(name))]


def table(name: str) -> Mapping[str, Any]:
    """A table of a file of `specs/` that is not one of specifications."""
    return _read(name)


def _read(name: str) -> Mapping[str, Any]:
    path = resources.files(__package__).joinpath(_FOLDER, name)
    found = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506  a SafeLoader
    if not isinstance(found, dict):
        raise BadInputError(f"specs/{name}: a mapping is wanted.")
    return found


def _specs(file: str, found: Mapping[str, Any]) -> Iterator[Spec]:
    for key, entry in found.items():
        where = f"specs/{file}, {key}"
        if not isinstance(entry, dict) or not set(entry) <= _KEYS or "second" not in entry:
            unknown = set(entry) - _KEYS if isinstance(entry, dict) else {key}
            raise BadInputError(f"{where}: a second solution and known keys are wanted, not {sorted(unknown)}.")
        yield spec_of(str(entry.get("of", key)), entry)


def spec_of(operator: str, entry: Mapping[str, Any]) -> Spec:
    """A specification of an entry of a file.

    Raises:
        BadInputError: It says what there is not.
    """
    kind = entry.get("kind", "independent")
    if kind not in get_args(Independence):
        raise BadInputError(f"{operator}: kind is one of {', '.join(get_args(Independence))}, not {kind}.")
    cases = (*_cases(entry.get("cases", ()), edge=False), *_cases(entry.get("boundary", ()), edge=True))
    return Spec(
        operator=operator,
        second=str(entry["second"]),
        cases=cases,
        kind=cast(Independence, kind),
        operators=tuple(entry.get("operators", ())),
        types=entry.get("types", {}),
        args=entry.get("args", {}),
        chooses=bool(entry.get("chooses", False)),
        **{
            key: str(entry.get(key, "")) for key in ("value", "about", "result", "reference", "returns", "name", "type")
        },
    )


def _cases(found: Sequence[Mapping[str, Any]], *, edge: bool) -> Iterator[CaseSpec]:
    for entry in found:
        params = {str(name): value for name, value in entry.items() if name != _DOCUMENTED}
        yield CaseSpec(params, edge, _DOCUMENTED in entry, entry.get(_DOCUMENTED))
