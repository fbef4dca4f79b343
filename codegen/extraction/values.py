"""What an expression may be worth, as far as it can be told without running it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from codegen.extraction.program import ClassBody, Function, PlainKind

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
    """A plain value of the language: a number, a truth value, a string that is not known.

    `kind` is what was written out; empty where that cannot be told.
    """

    kind: PlainKind = ""


@dataclass(frozen=True, slots=True)
class Undefined:
    """`undefined`, or an argument that is not there."""


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number that is known."""

    value: int


@dataclass(frozen=True, slots=True)
class Widget:
    """What the Code Editor or a task gives: its methods are no operators, and give itself."""

    calls: Calls


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

    def push(self, value: Value) -> None:
        """The same for what a script appends: twice the same is a loop, which may go round any number of times."""
        if any(value == item for item in self.items):
            self.items, self.rest = [], [joined([*self.items, *self.rest])]
        else:
            self.grow(value)

    def part(self, start: int | None) -> Array:
        """What stands from a number on, or some of it where that is not known."""
        return Array(rest=[self.any()]) if self.rest or start is None else Array(self.items[start:])

    def any(self) -> Value:
        """One of its values."""
        return joined([*self.items, *self.rest])

    def at(self, number: int) -> Value:
        """The value of a number, from the end where it is negative."""
        if self.rest:
            return self.any()
        return self.items[number] if -len(self.items) <= number < len(self.items) else UNDEFINED


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
    """A function with the scope that it was written in, the object that it was taken from, and the class it is of."""

    function: Function
    scope: Scope
    this: Value | None = None
    of: Class | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Class:
    """A class of the script's own, and the classes that it is made of."""

    body: ClassBody
    members: dict[str, Value]
    bases: tuple[Class, ...]

    def find(self, name: str) -> tuple[Value, Class] | None:
        """A member, and the class that has it."""
        if name in self.members:
            return self.members[name], self
        return next((found for base in self.bases if (found := base.find(name))), None)


@dataclass(frozen=True, slots=True, eq=False)
class Super:
    """`super` in a method: an object, seen as one of the classes that its class is made of."""

    this: Value
    of: Class


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of a few, by the way that the script takes."""

    values: tuple[Value, ...]


Value: TypeAlias = (
    EarthEngine | Unknown | Known | Undefined | Integer | Widget | String | Path | Method | Array | Mapping | Closure
    | Class | Super | AnyOf
)  # fmt: skip
UNKNOWN = Unknown()
KNOWN = Known()
UNDEFINED = Undefined()


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
            elif isinstance(one, Known):
                others[KNOWN] = one if others.get(KNOWN, one) == one else KNOWN
            else:
                others.setdefault(one, one)
    found: list[Value] = [EarthEngine(owner, calls) for owner, calls in objects.items()]
    found += list(others.values())[:_MOST_ALTERNATIVES]
    if not found:
        return KNOWN
    return found[0] if len(found) == 1 else AnyOf(tuple(found))


def calls_in(value: Value, depth: int = 4) -> Calls:
    """The calls that a value, or what it holds, is the result of."""
    if isinstance(value, EarthEngine | Widget):
        return value.calls
    if isinstance(value, Known | String):
        return NO_CALLS
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
    """An element of what is gone through: of a dictionary a key."""
    if value is None:
        return KNOWN
    parts: list[Value] = []
    for one in alternatives(value):
        if isinstance(one, Array):
            parts.append(one.any())
        else:
            parts.append(UNKNOWN if isinstance(one, Unknown) else KNOWN)
    return joined(parts)


def at_key(value: Value, key: Value | str | int | None) -> Value:
    """What stands under a key, or any of what there is where the key is not known."""
    known = key.value if isinstance(key, String | Integer) else key
    parts: list[Value] = []
    for one in alternatives(value):
        if isinstance(one, Array):
            parts.append(one.at(known) if isinstance(known, int) else one.any())
        elif isinstance(one, Mapping):
            parts.append(field_of(one, known) if isinstance(known, str) else one.any())
        elif isinstance(one, Path) and isinstance(known, str):
            parts.append(one.below(known))
        else:
            parts.append(UNKNOWN if isinstance(one, Unknown) else KNOWN)
    return joined(parts)


def may_lack(owner: Value, found: Value) -> bool:
    """Whether what was looked for may not be there."""
    is_open = any(isinstance(one, Array | Mapping) and one.rest for one in alternatives(owner))
    return is_open or any(isinstance(one, Undefined | Known | Unknown) for one in alternatives(found))


def field_of(owner: Mapping, name: str) -> Value:
    """A field, or the method of an instance's class."""
    if name in owner.fields:
        found = owner.fields[name]
        is_method = isinstance(found, Closure) and found.this is None and found.function.role != "arrow"
        return Closure(found.function, found.scope, owner) if isinstance(found, Closure) and is_method else found
    if owner.of is not None and (member := owner.of.find(name)) is not None:
        return bound(*member, owner)
    return joined(owner.rest) if owner.rest else UNDEFINED if owner.of is None else UNKNOWN


def bound(member: Value, of: Class, this: Value) -> Value:
    """A member of a class that is taken from an object, or from the class itself."""
    if not isinstance(member, Closure):
        return member
    if member.function.role == "static":
        return Closure(member.function, member.scope, None, of)
    if member.function.role == "class" and isinstance(this, Mapping) and this.of is not None:
        this = this.of
    return Closure(member.function, member.scope, this, of)


def put(owner: Value, key: Value | str | None, value: Value, may_keep: bool = False) -> None:
    """Sets a field or item; what has no key that is known may be any of them.

    Args:
        owner: Object or list.
        key: Of the field.
        value: What it becomes.
        may_keep: Whether it may also stay what it is: on the other way of a branch.
    """
    known = key.value if isinstance(key, String | Integer) else key
    if isinstance(owner, Mapping):
        if isinstance(known, str):
            before = owner.fields.get(known) if may_keep else None
            owner.fields[known] = value if before is None else joined([before, value])
        else:
            owner.rest = [joined([*owner.rest, value])]
    elif isinstance(owner, Array):
        if isinstance(known, int) and known < len(owner.items):
            owner.items[known] = value
        else:
            owner.rest = [joined([*owner.rest, value])]
