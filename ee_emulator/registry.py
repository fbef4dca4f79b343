"""Algorithms by name: how a plain Python function becomes an Earth Engine server function.

A function is written with the argument names of the shipped signature in snake case (`maxError` → `max_error`; a
Python keyword gets a trailing underscore) and registered with `@algorithm("Type.name")`. Names, defaults and types
come from the signature that `earthengine-api` ships; a mismatch fails at import. `invoke` fills defaults, coerces
each argument to its declared type and calls.
"""

import inspect
import json
import keyword
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from shapely.errors import ShapelyError

from ee_emulator.catalog.base import Catalog
from ee_emulator.errors import EarthEngineError
from ee_emulator.limits import Budget

AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])
REQUIRED = object()


def _no_file(uri: str) -> Path:
    raise EarthEngineError(f"Cloud Storage object '{uri}' not found: the server has no folder of buckets.")


@dataclass(frozen=True)
class Context:
    """What an algorithm may need besides its arguments.

    Attributes:
        catalog: Where assets are found.
        cache: Results shared within one request.
        now_ms: Time of the request, ms since 1970 UTC.
        budget: What the request may still take: time and elements.
        file: The file behind a `gs://` address; refuses where there is none.
    """

    catalog: Catalog
    cache: dict[Any, Any] = field(default_factory=dict)
    now_ms: float = 0.0
    budget: Budget = field(default_factory=Budget)
    file: Callable[[str], Path] = _no_file


@cache  # a few hundred names, asked for by every call
def _parameter(name: str) -> str:
    snake = re.sub(r"(?<=[a-z0-9])([A-Z])", lambda m: "_" + m.group(1).lower(), name).lower()
    return snake + "_" if keyword.iskeyword(snake) else snake


@dataclass(frozen=True)
class Argument:
    """One argument of a signature; `default` is REQUIRED where there is none."""

    name: str
    type: str
    default: Any

    @property
    def parameter(self) -> str:
        """The Python name: snake case, a trailing underscore for keywords."""
        return _parameter(self.name)


@dataclass(frozen=True)
class Signature:
    """One of the 991 shipped signatures.

    Attributes:
        name: As clients write it, without the prefix `algorithms/`.
        arguments: In order.
        returns: Declared type of the answer.
        documented: Neither hidden nor deprecated.
        removed: What Earth Engine answers instead, for what it has removed and still ships; empty for all others.
    """

    name: str
    arguments: tuple[Argument, ...]
    returns: str
    documented: bool
    removed: str = ""

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of the arguments."""
        return frozenset(argument.name for argument in self.arguments)


@dataclass(frozen=True)
class Implementation:
    """A registered function with its signature."""

    signature: Signature
    function: Callable[..., Any]
    takes_context: bool
    lazy: bool


@lru_cache(maxsize=1)
def shipped_algorithms() -> dict[str, Any]:
    """The document that the client ships and that the server presents: `{"algorithms": [...]}`."""
    return shipped_document("algorithms.json")


def shipped_document(name: str) -> dict[str, Any]:
    """A JSON document that the client ships, read without importing the client, which takes a quarter of a second."""
    found = find_spec("ee")
    assert found is not None
    assert found.origin is not None
    document: dict[str, Any] = json.loads((Path(found.origin).parent / "tests" / name).read_text(encoding="utf-8"))
    return document


@lru_cache(maxsize=1)
def signatures() -> Mapping[str, Signature]:
    """All shipped signatures by name."""
    return {s.name: s for s in map(_signature, shipped_algorithms()["algorithms"])}


def _signature(shipped: Mapping[str, Any]) -> Signature:
    arguments = tuple(
        Argument(a["argumentName"], a["type"], a.get("defaultValue") if a.get("optional") else REQUIRED)
        for a in shipped.get("arguments", ())
    )
    documented = not (shipped.get("hidden") or shipped.get("deprecated"))
    removed = shipped["description"] if " has been removed." in shipped.get("description", "") else ""
    name = shipped["name"].removeprefix("algorithms/")
    return Signature(name, arguments, shipped["returnType"], documented, removed)


IMPLEMENTATIONS: dict[str, Implementation] = {}


def algorithm(*names: str, lazy: bool = False) -> Callable[[AnyFunction], AnyFunction]:
    """Registers a function under the names of shipped signatures.

    A keyword-only parameter `context` receives the request's `Context`.

    Args:
        *names: Names without `algorithms/`.
        lazy: Arguments arrive as functions without arguments that evaluate when called (`If` needs one branch).

    Raises:
        TypeError: At import: no such signature, or the parameters are not the signature's arguments.
    """

    def register(function: AnyFunction) -> AnyFunction:
        for name in names:
            IMPLEMENTATIONS[name] = _implementation(name, function, lazy)
        return function

    return register


def _implementation(name: str, function: Callable[..., Any], lazy: bool) -> Implementation:
    signature = signatures().get(name)
    if signature is None:
        raise TypeError(f"{name}: Earth Engine ships no algorithm of that name.")
    parameters = inspect.signature(function).parameters
    own = [p for p in parameters if p != "context"]
    expected = [argument.parameter for argument in signature.arguments]
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    if sorted(own) != sorted(expected) and not takes_any:
        raise TypeError(f"{name}: the function takes {own}, the signature has {expected}.")
    return Implementation(signature, function, "context" in parameters, lazy)


def is_lazy(name: str) -> bool:
    """Whether an algorithm evaluates its own arguments."""
    implementation = IMPLEMENTATIONS.get(name.removeprefix("algorithms/"))
    return implementation is not None and implementation.lazy


def find(name: str) -> Implementation:
    """The implementation of an algorithm.

    Raises:
        EarthEngineError: Earth Engine has it and we do not, or nobody has it.
    """
    name = name.removeprefix("algorithms/")
    implementation = IMPLEMENTATIONS.get(name)
    if implementation is not None:
        return implementation
    signature = signatures().get(name)
    if signature is not None and signature.removed:
        raise EarthEngineError(f"{name}: {signature.removed}")
    if signature is not None:
        raise EarthEngineError(f"not supported by the emulator: {name}")
    raise EarthEngineError(f"Unknown function '{name}'.")


def invoke(name: str, arguments: Mapping[str, Any], context: Context) -> Any:
    """Calls an algorithm with arguments under the signature's names.

    Raises:
        EarthEngineError: Unknown or unsupported algorithm, unknown, missing or mistyped argument, or what the
            algorithm itself refuses.
    """
    return call(find(name), arguments, context)


def call(implementation: Implementation, arguments: Mapping[str, Any], context: Context) -> Any:
    """Fills defaults, coerces and calls."""
    signature = implementation.signature
    _refuse_unknown(signature, arguments)
    bound = {
        argument.parameter: _bind(signature.name, argument, arguments, context) for argument in signature.arguments
    }
    if implementation.takes_context:
        bound["context"] = context
    try:
        return context.budget.spend(implementation.function(**bound))
    except EarthEngineError as error:
        raise _with_prefix(signature.name, error) from error
    except ShapelyError as error:  # a shape that the geometry library cannot work with
        raise EarthEngineError(f"{signature.name}: {error}") from error


def _refuse_unknown(signature: Signature, arguments: Mapping[str, Any]) -> None:
    for name in arguments:
        if name not in signature.names:
            raise EarthEngineError(f"{signature.name}: Unrecognized argument '{name}'.")


def _bind(algorithm_name: str, argument: Argument, arguments: Mapping[str, Any], context: Context) -> Any:
    value = arguments.get(argument.name)
    if value is None and argument.default is not REQUIRED:
        value = argument.default
        if value is None:
            return None
    if value is None:
        if argument.type == "Object":
            return None
        raise EarthEngineError(f"{algorithm_name}: Parameter '{argument.name}' is required and may not be null.")
    try:
        return coerce(value, argument.type, context)
    except EarthEngineError as error:
        raise EarthEngineError(f"{algorithm_name}: Parameter '{argument.name}': {error.message}") from error


def _with_prefix(name: str, error: EarthEngineError) -> EarthEngineError:
    """Earth Engine's messages begin with the algorithm that refused; the innermost one is named."""
    if re.match(r"^[A-Z][A-Za-z]*(\.[A-Za-z0-9]+)?(\([^)]*\))?: ", error.message) or error.message.startswith(
        "not sup"
    ):
        return error
    return EarthEngineError(f"{name}: {error.message}", error.status, error.code)


# Coercion --------------------------------------------------------------------------------------------------------

Coercion = Callable[[Any, Context], Any]
_COERCIONS: dict[str, Coercion] = {}


def coercion(*types: str) -> Callable[[Coercion], Coercion]:
    """Registers how a value becomes one of a declared type (named without its parameter: `List`, `Image`)."""

    def register(function: Coercion) -> Coercion:
        for name in types:
            _COERCIONS[name] = function
        return function

    return register


def coerce(value: Any, declared: str, context: Context) -> Any:
    """A value as the declared type (`Integer`, `List<String>`, `Image<unknown bands>`, …).

    Raises:
        EarthEngineError: It cannot be made one.
    """
    name, _, parameter = declared.partition("<")
    if not name or name == "Object":  # `<any>` and Object take anything
        return value
    function = _COERCIONS.get(name)
    if function is None:
        raise EarthEngineError(f"not supported by the emulator: arguments of type {name}")
    coerced = function(value, context)
    inner = parameter.removesuffix(">")
    if not inner or inner == "Object" or name not in ("List", "Dictionary"):
        return coerced
    if isinstance(coerced, list):
        if None in coerced:
            raise EarthEngineError(f"Element {coerced.index(None)} of the list may not be null.")
        return [coerce(item, inner, context) for item in coerced]
    if None in coerced.values():
        raise EarthEngineError("No value of the dictionary may be null.")
    return {key: coerce(item, inner, context) for key, item in coerced.items()}
