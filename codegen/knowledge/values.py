"""What an expression may be worth, as far as it can be told without running it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from codegen.knowledge.program import ClassBody, Function

Calls: TypeAlias = frozenset[int]
NO_CALLS: Calls = frozenset()
_MOST_ALTERNATIVES = 6
_MOST_ITEMS = 256


@dataclass(frozen=True, slots=True)
class EarthEngine:
    """An object of Earth Engine: its class, and the calls that it may be the result of."""

    owner: str
    calls: Calls


@dataclass(frozen=True, slots=True)
class Unknown:
    """Anything: a parameter of a function that nobody calls, a widget, what another module gives."""


@dataclass(frozen=True, slots=True)
class Known:
    """A plain value of the language: a number, a truth value, a string that is not known."""


@dataclass(frozen=True, slots=True)
class String:
    """A string that is known."""

    value: str


@dataclass(frozen=True, slots=True)
class Path:
    """A dotted name below a global: `ee.Filter`, `Map`, `ui.Chart`."""

    dotted: str

    def below(self, name: str) -> Path:
        """A member of it, whether or not there is an operator of that name."""
        return Path(f"{self.dotted}.{name}")


@dataclass(frozen=True, slots=True)
class Method:
    """A method that was taken off its object and not called yet."""

    receiver: EarthEngine
    name: str


@dataclass(slots=True, eq=False)
class Array:
    """A list of the language; it may grow. What is in it without a known number stands in `rest`."""

    items: list[Value] = field(default_factory=list)
    rest: list[Value] = field(default_factory=list)

    def grow(self, value: Value) -> None:
        """Puts a value at its end."""
        if len(self.items) < _MOST_ITEMS and not self.rest:
            self.items.append(value)
        elif not any(value is other for other in self.rest[-_MOST_ALTERNATIVES:]):
            self.rest = [joined([*self.rest, value])]

    def any(self) -> Value:
        """One of its values."""
        return joined([*self.items, *self.rest])


@dataclass(slots=True, eq=False)
class Mapping:
    """An object or dictionary of the language; an instance where it has a class."""

    fields: dict[str, Value] = field(default_factory=dict)
    rest: list[Value] = field(default_factory=list)
    of: Class | None = None

    def any(self) -> Value:
        """One of its values."""
        return joined([*self.fields.values(), *self.rest])


@dataclass(slots=True, eq=False)
class Scope:
    """Variables of a function or block, and where the others are looked for."""

    variables: dict[str, Value]
    parent: Scope | None

    def holder(self, name: str) -> Scope | None:
        """The nearest scope that has a name."""
        scope: Scope | None = self
        while scope is not None and name not in scope.variables:
            scope = scope.parent
        return scope


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """A function with the scope that it was written in, and the object that it was taken from."""

    function: Function
    scope: Scope
    this: Value | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Class:
    """A class of the script's own."""

    body: ClassBody
    members: dict[str, Value]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of a few, by the way that the script takes."""

    values: tuple[Value, ...]


Value: TypeAlias = (
    EarthEngine | Unknown | Known | String | Path | Method | Array | Mapping | Closure | Class | AnyOf
)  # fmt: skip
UNKNOWN = Unknown()
KNOWN = Known()


def alternatives(value: Value) -> tuple[Value, ...]:
    """The values that one may be."""
    return value.values if isinstance(value, AnyOf) else (value,)


def joined(values: Iterable[Value]) -> Value:
    """One of some values; objects of one class are told apart by their calls only."""
    objects: dict[str, Calls] = {}
    others: dict[object, Value] = {}
    for value in values:
        for one in alternatives(value):
            if isinstance(one, EarthEngine):
                objects[one.owner] = objects.get(one.owner, NO_CALLS) | one.calls
            else:
                others.setdefault(one, one)
    found: list[Value] = [EarthEngine(owner, calls) for owner, calls in objects.items()]
    found += list(others.values())[:_MOST_ALTERNATIVES]
    if not found:
        return KNOWN
    return found[0] if len(found) == 1 else AnyOf(tuple(found))


def calls_in(value: Value, depth: int = 4) -> Calls:
    """The calls that a value, or what it holds, is the result of."""
    if isinstance(value, EarthEngine):
        return value.calls
    if isinstance(value, Method):
        return value.receiver.calls
    if depth == 0:
        return NO_CALLS
    if isinstance(value, AnyOf):
        inside: list[Value] = list(value.values)
    elif isinstance(value, Array):
        inside = [*value.items, *value.rest]
    elif isinstance(value, Mapping):
        inside = [*value.fields.values(), *value.rest]
    else:
        return NO_CALLS
    return frozenset().union(*(calls_in(part, depth - 1) for part in inside))


def functions_in(value: Value) -> list[Value]:
    """Functions of the script's own, and operators that are handed on as functions, also those in an options object."""
    found: list[Value] = []
    for one in alternatives(value):
        if isinstance(one, Closure | Method):
            found.append(one)
        elif isinstance(one, Mapping) and one.of is None:
            found += [
                part for field in one.fields.values() for part in alternatives(field) if isinstance(part, Closure)
            ]
    return found


def one_of(value: Value | None) -> Value:
    """An element of what is gone through."""
    if value is None:
        return KNOWN
    parts: list[Value] = []
    for one in alternatives(value):
        if isinstance(one, Array | Mapping):
            parts.append(one.any())
        else:
            parts.append(UNKNOWN if isinstance(one, Unknown) else KNOWN)
    return joined(parts)


def part_of(value: Value, key: str | int | None) -> Value:
    """What stands under a key, or any of what there is where it is not known."""
    parts: list[Value] = []
    for one in alternatives(value):
        if isinstance(one, Array) and isinstance(key, int) and key < len(one.items):
            parts.append(one.items[key])
        elif isinstance(one, Mapping) and isinstance(key, str):
            parts.append(field_of(one, key))
        else:
            parts.append(one_of(one))
    return joined(parts)


def field_of(owner: Mapping, name: str) -> Value:
    """A field, or the method of an instance's class."""
    if name in owner.fields:
        return owner.fields[name]
    if owner.of is not None and name in owner.of.members:
        found = owner.of.members[name]
        return bound(found, owner) if isinstance(found, Closure) else found
    return joined(owner.rest) if owner.rest else UNKNOWN


def bound(closure: Closure, this: Value) -> Closure:
    """A method that is taken from an object."""
    return Closure(closure.function, closure.scope, this)


def put(owner: Value, name: str | None, value: Value) -> None:
    """Sets a field; what has no name that is known may be any of them."""
    if isinstance(owner, Mapping):
        if name is None:
            owner.rest = [joined([*owner.rest, value])]
        else:
            owner.fields[name] = value
    elif isinstance(owner, Array):
        owner.rest = [joined([*owner.rest, value])]
