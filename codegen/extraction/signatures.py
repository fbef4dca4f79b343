"""The operators of Earth Engine: what each is called on, takes and gives, from the client and its list of algorithms.

Names are those of the JavaScript client (`ee.Image.and`), under which Python's `And` goes too.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal

UNTYPED = "ComputedObject"
"""Class of a result whose type Earth Engine does not tell."""

CLASSES = (
    "Array", "Blob", "Classifier", "Clusterer", "Collection", UNTYPED, "ConfusionMatrix", "Date", "DateRange",
    "Dictionary", "Element", "ErrorMargin", "Feature", "FeatureCollection", "Filter", "Geometry", "Image",
    "ImageCollection", "Join", "Kernel", "List", "Model", "Number", "PixelType", "Projection", "Reducer", "SelectorSet",
    "String", "Terrain",
)  # fmt: skip

_NUMBERS = {"Integer", "Long", "Float", "Number", "Double", "Short", "Byte"}
_PREFIXES = {
    "Collection": ("Collection", "Element"),
    "FeatureCollection": ("FeatureCollection", "Collection", "Element"),
    "Feature": ("Feature", "Element"),
    "Geometry": ("Geometry", "GeometryConstructors"),
    "Image": ("Image", "Element"),
    "ImageCollection": ("ImageCollection", "Collection", "reduce", "Element"),
}
"""Where the client looks for the algorithms that become methods of a class."""
_AGGREGATES = "aggregate_", "AggregateFeatureCollection."
_PLUMBING = {
    "combine_", "elementType", "encode", "encode_cloud_value", "freeze", "initialize", "is_func_returning_same",
    "isVariable", "metadata_", "name", "predicateCount", "prepare_for_export", "reset",
}  # fmt: skip
_SAME = {
    "aside", "cast", "copyProperties", "distinct", "filter", "filterBounds", "filterDate", "filterMetadata", "limit",
    "linkCollection", "map", "randomColumn", "set", "sort",
}  # fmt: skip
"""Methods that give an object of the class that they are called on, whatever the algorithm declares."""
_ELEMENTS = {"Collection", "Element", "Feature", "FeatureCollection", "Image", "ImageCollection"}
_JAVASCRIPT_ONLY = {
    "Feature": ("getMap",),
    "FeatureCollection": ("getMap",),
    "Image": ("getMap",),
    "ImageCollection": ("getMap",),
}
_RETURNS = {
    "ImageCollection.first": "Image",
    "ImageCollection.iterate": UNTYPED,
    "FeatureCollection.first": "Feature",
    "FeatureCollection.iterate": UNTYPED,
    "List.iterate": UNTYPED,
}
"""Where client and algorithm disagree, the client."""
_ROOT_FUNCTIONS = ("ee.call", "ee.apply")

Kind = Literal["constructor", "static", "method", "function"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """What an operator takes.

    Attributes:
        name: As a keyword.
        type: As Earth Engine's list of algorithms or the client's annotation writes it; empty where neither does.
        optional: Whether there is a default.
        description: From Earth Engine; empty where the client has it from elsewhere.
    """

    name: str
    type: str
    optional: bool
    description: str = ""


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator.

    Attributes:
        name: `ee.Image.select`.
        owner: Class or namespace: `Image`, `Algorithms.Landsat`.
        short: `select`.
        kind: How it is called.
        returns: Class of the result, one of `CLASSES`.
        parameters: Without the receiver.
        algorithm: Earth Engine's name for what does the work; None for what the client does by itself.
        description: From Earth Engine, or the client's first sentence.
    """

    name: str
    owner: str
    short: str
    kind: Kind
    returns: str
    parameters: tuple[Parameter, ...]
    algorithm: str | None
    description: str


@dataclass(frozen=True)
class Signatures:
    """All operators, by the ways in which a script comes to them.

    Attributes:
        methods: Class, then name, to operator.
        paths: Dotted name below `ee`, or `ee`'s own functions, to constructor, static function or algorithm.
        owners: Short name of a method to the classes that have it, root classes only.
        algorithms: Algorithm to the class of its result.
        deprecated: Algorithms that Earth Engine advises against.
        hidden: Algorithms that it does not document.
    """

    methods: Mapping[str, Mapping[str, Operator]]
    paths: Mapping[str, Operator]
    owners: Mapping[str, tuple[str, ...]] = field(repr=False)
    algorithms: Mapping[str, str] = field(repr=False)
    deprecated: frozenset[str] = field(repr=False)
    hidden: frozenset[str] = field(repr=False)

    def method(self, owner: str, name: str) -> Operator | None:
        """The method of a class, under its name of either client."""
        found = self.methods.get(owner, {})
        return found.get(name) or found.get(_javascript_name(name))

    def path(self, dotted: str) -> Operator | None:
        """What `ee.…` names, or None."""
        if dotted in self.paths:
            return self.paths[dotted]
        *front, last = dotted.split(".")
        return self.paths.get(".".join((*front, _javascript_name(last)))) if front else None

    def all(self) -> Iterator[Operator]:
        """Each operator once: a class's own and inherited methods, constructors, static functions, algorithms."""
        yield from {operator.name: operator for operator in (*self.paths.values(), *self._methods())}.values()

    def _methods(self) -> Iterator[Operator]:
        for found in self.methods.values():
            yield from found.values()


def _javascript_name(name: str) -> str:
    """`And` as `and`; constructors of geometries keep theirs."""
    return name[0].lower() + name[1:] if name in ("And", "Or", "Not") else name


@cache
def signatures() -> Signatures:
    """The table of the installed `earthengine-api`; takes a second, once a process."""
    import ee

    algorithms = _algorithms()
    methods: dict[str, dict[str, Operator]] = {}
    paths: dict[str, Operator] = {}
    for owner in CLASSES:
        members = getattr(ee, owner, None)
        methods[owner] = {}
        if members is None:
            continue
        if owner != UNTYPED:
            paths[f"ee.{owner}"] = _constructor(owner, members)
        for operator in _members(owner, members, algorithms):
            if operator.kind == "method":
                methods[owner][operator.short] = operator
            if operator.kind == "static" or owner == "Terrain":
                paths[operator.name] = operator
        for name in ("evaluate", *_JAVASCRIPT_ONLY.get(owner, ())):
            methods[owner][name] = Operator(f"ee.{owner}.{name}", owner, name, "method", UNTYPED, (), None, "")
    _add_algorithms(paths, methods, algorithms)
    for name in _ROOT_FUNCTIONS:
        paths[name] = Operator(name, "ee", name[3:], "function", UNTYPED, (), None, "")
    results = {name: _class_of(told["returnType"]) for name, told in algorithms.items()}
    deprecated, hidden = (
        frozenset(name for name, told in algorithms.items() if told.get(flag)) for flag in ("deprecated", "hidden")
    )
    return Signatures(methods, paths, _owners(methods), results, deprecated, hidden)


def _algorithms() -> dict[str, dict[str, Any]]:
    text = resources.files("ee").joinpath("tests/algorithms.json").read_text(encoding="utf-8")
    return {found["name"].removeprefix("algorithms/"): found for found in json.loads(text)["algorithms"]}


def _constructor(owner: str, members: Any) -> Operator:
    parameters = tuple(_parameters(members.__init__))[1:]
    return Operator(f"ee.{owner}", owner, owner, "constructor", owner, parameters, None, _sentence(members.__doc__))


def _members(owner: str, members: Any, algorithms: Mapping[str, dict[str, Any]]) -> Iterator[Operator]:
    for name in dir(members):
        if name.startswith("_") or name in _PLUMBING:
            continue
        static = inspect.getattr_static(members, name)
        if not (inspect.isfunction(static) or isinstance(static, staticmethod | classmethod)):
            continue
        short = _javascript_name(name)
        is_static = isinstance(static, staticmethod | classmethod)
        algorithm = _algorithm(owner, short, algorithms)
        told = algorithms.get(algorithm or "", {})
        function = getattr(members, name)
        parameters = _declared(told, is_static) if told else tuple(_parameters(function))[0 if is_static else 1 :]
        description = told.get("description") or _sentence(function.__doc__)
        returns = _returns(owner, short, told, function)
        kind: Kind = "static" if is_static else "method"
        yield Operator(f"ee.{owner}.{short}", owner, short, kind, returns, parameters, algorithm, description)


def _algorithm(owner: str, short: str, algorithms: Mapping[str, Any]) -> str | None:
    if short.startswith(_AGGREGATES[0]):
        return short.replace(*_AGGREGATES)
    names = (f"{prefix}.{short}" for prefix in _PREFIXES.get(owner, (owner,)))
    return next((name for name in names if name in algorithms), None)


def _returns(owner: str, short: str, told: Mapping[str, Any], function: Any) -> str:
    if (known := _RETURNS.get(f"{owner}.{short}")) is not None:
        return known
    if short in _SAME and owner in (
        "Collection",
        "Element",
        "Feature",
        "FeatureCollection",
        "Image",
        "ImageCollection",
    ):
        return owner
    if told:
        return _class_of(told["returnType"])
    annotation = str(inspect.signature(function).return_annotation).rsplit(".", 1)[-1]
    return annotation if annotation in CLASSES else UNTYPED


def _class_of(declared: str) -> str:
    base = declared.split("<", 1)[0]
    if base in _NUMBERS:
        return "Number"
    return base if base in CLASSES else UNTYPED


def _declared(told: Mapping[str, Any], is_static: bool) -> tuple[Parameter, ...]:
    taken = [
        Parameter(given["argumentName"], given["type"], bool(given.get("optional")), given.get("description", ""))
        for given in told.get("arguments", ())
    ]
    return tuple(taken if is_static else taken[1:])


def _parameters(function: Any) -> Iterator[Parameter]:
    for parameter in inspect.signature(function).parameters.values():
        annotation = "" if parameter.annotation is parameter.empty else str(parameter.annotation)
        yield Parameter(parameter.name, annotation, parameter.default is not parameter.empty)


def _sentence(documentation: str | None) -> str:
    return (documentation or "").strip().split("\n\n", 1)[0].replace("\n", " ").strip()


def _add_algorithms(
    paths: dict[str, Operator], methods: Mapping[str, dict[str, Operator]], algorithms: Mapping[str, dict[str, Any]]
) -> None:
    """What the Python client does not write out: old names of methods, and what belongs to no class."""
    for name, told in algorithms.items():
        owner, _, short = name.rpartition(".")
        returns, description = _class_of(told["returnType"]), told.get("description", "")
        taken = told.get("arguments", ())
        if owner in CLASSES and owner != "Terrain":
            is_method = bool(taken) and _class_of(taken[0]["type"]) == owner
            known = methods[owner] if is_method else paths
            key = short if is_method else f"ee.{name}"
            kind: Kind = "method" if is_method else "static"
            made = Operator(
                f"ee.{name}", owner, short, kind, returns, _declared(told, not is_method), name, description
            )
        else:
            known, key = paths, f"ee.Algorithms.{name}"
            namespace = f"Algorithms.{owner}" if owner else "Algorithms"
            made = Operator(key, namespace, short, "static", returns, _declared(told, True), name, description)
        known.setdefault(key, made)


def _owners(methods: Mapping[str, Mapping[str, Operator]]) -> dict[str, tuple[str, ...]]:
    owners: dict[str, list[str]] = {}
    for owner, found in methods.items():
        for name in found:
            owners.setdefault(name, []).append(owner)
    return {name: tuple(found) for name, found in owners.items()}
