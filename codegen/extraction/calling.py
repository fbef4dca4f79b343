"""What happens where something is called: an operator, a function of the script, a list, something unknown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from codegen.extraction.calls import OperatorCall, Reached
from codegen.extraction.client import FOLLOWED, LATER_METHODS, Client, id_of_data_set
from codegen.extraction.languages import AT_ONCE, FUNCTIONS, WITH_FUNCTION, call_fields, call_list, call_with_function
from codegen.extraction.ledger import Ledger
from codegen.extraction.program import Place
from codegen.extraction.signatures import Operator
from codegen.extraction.values import (
    KNOWN,
    NO_CALLS,
    UNKNOWN,
    AnyOf,
    Array,
    Class,
    Closure,
    EarthEngine,
    Known,
    Mapping,
    Method,
    Path,
    String,
    Super,
    Undefined,
    Unknown,
    Value,
    Widget,
    alternatives,
    bound,
    calls_in,
    field_of,
    functions_in,
    joined,
)

_ARGUMENTS_OF_AN_ANSWER = 2
_MAY_CALL = (Closure, Method, Path, Mapping, AnyOf)
"""Values that may be functions, or hold some."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a call is given.

    Attributes:
        place: Where it is written.
        values: Its arguments.
        named: Those by keyword.
        is_open: Whether there may be others, or less: a list is spread, or a function is handed over and called later.
        is_doubtful: Whether what it is called on may also be something of which nothing is known.
    """

    place: Place
    values: Sequence[Value]
    named: dict[str, Value] = field(default_factory=dict)
    is_open: bool = False
    is_doubtful: bool = False

    @property
    def all(self) -> list[Value]:
        """All arguments."""
        return [*self.values, *self.named.values()]


Enter = Callable[[Closure, Sequence[Value], dict[str, Value]], Value]
"""Follows a function of the script's own with arguments, and tells what it returns."""


class Observer(Protocol):
    """Is told of what is called while a script is followed; of a place as often as it is come to."""

    def called(self, operator: Operator, receiver: EarthEngine | None, given: Given, guessed: bool) -> None:
        """An operator; `guessed`: its class was told from its name alone."""
        ...

    def unresolved(self, owner: str, name: str, given: Given) -> None:
        """A name that `ee` or a class (`ee.Image`) has not, in a place where nothing else can be meant."""
        ...


class Calling:
    """Calls in one script."""

    def __init__(self, client: Client, ledger: Ledger, enter: Enter, observer: Observer | None = None) -> None:
        self._client, self._ledger, self._enter, self._observer = client, ledger, enter, observer

    def method(self, receivers: Value, name: str, given: Given) -> Value:
        """`receiver.name(…)`; of several that it may be, those that have such a method are meant."""
        every = alternatives(receivers)
        if len(every) == 1:
            return self._method(every[0], name, given)
        meant = [one for one in every if self._answers(one, name)]
        if self._observer is not None and not all(isinstance(one, EarthEngine) for one in every):
            given = replace(given, is_doubtful=True)
        return joined(self._method(one, name, given) for one in meant or every)

    def function(self, functions: Value, given: Given) -> Value:
        """`function(…)`."""
        every = alternatives(functions)
        if len(every) == 1:
            return self._function(every[0], given)
        return joined(self._function(one, given) for one in every)

    def _answers(self, receiver: Value, name: str) -> bool:
        if isinstance(receiver, EarthEngine):
            return self._client.method(receiver.owner, name) is not None
        return not isinstance(receiver, Known | Unknown | String)

    def _method(self, receiver: Value, name: str, given: Given) -> Value:
        if isinstance(receiver, Path):
            if name in ("call", "apply") and receiver.dotted != "ee":
                return self._function(receiver, _unpacked(name, given))
            return self._function(receiver.below(name), given)
        if isinstance(receiver, EarthEngine):
            return self._function(Method(receiver, name), given)
        if isinstance(receiver, Widget):
            self._unknown(given)
            return receiver
        if isinstance(receiver, Array):
            return call_list(receiver, name, given.values, self._runner(given.place))
        if isinstance(receiver, Closure) and name in ("call", "apply", "bind"):
            return receiver if name == "bind" else self._enter(receiver, _unpacked(name, given).values, {})
        if isinstance(receiver, Class | Super):
            found = self.member(receiver, name)
            return self._unknown(given) if isinstance(found, Unknown) else self.function(found, given)
        if isinstance(receiver, Mapping):
            return self._member_of_fields(receiver, name, given)
        if isinstance(receiver, Unknown) and (operator := self._client.only_owner(name)) is not None:
            return self._operator(operator, None, given, guessed=True)
        return self._unknown(given, at_once=name in AT_ONCE)

    def _member_of_fields(self, receiver: Mapping, name: str, given: Given) -> Value:
        is_own = name in receiver.fields or (receiver.of is not None and receiver.of.find(name) is not None)
        if not is_own and (known := call_fields(receiver, name, given.values)) is not None:
            return known
        found = self.member(receiver, name)
        if isinstance(found, Unknown | Undefined):
            return self._unknown(given, at_once=name in AT_ONCE)
        return self.function(found, given)

    def _function(self, function: Value, given: Given) -> Value:
        if isinstance(function, Closure):
            return self._enter(function, given.values, given.named)
        if isinstance(function, Path):
            return self._path(function, given)
        if isinstance(function, Class):
            return self._instance(function, given)
        if isinstance(function, Super):  # in Python it gives the object, in JavaScript it calls the constructor
            return function if self._client.passes_self else self._constructed(function.of, function.this, given)
        if isinstance(function, Method):
            return self._of_object(function, given)
        return self._unknown(given)

    def _path(self, path: Path, given: Given) -> Value:
        if path.dotted in WITH_FUNCTION and len(given.values) > 1:
            return call_with_function(path.dotted, given.values, self._runner(given.place))
        if path.dotted == "getattr" and len(given.values) > 1 and isinstance(given.values[1], String):
            return self.member(given.values[0], given.values[1].value)
        if (known := FUNCTIONS.get(path.dotted)) is not None:
            made = known(given.values)
            if isinstance(made, Mapping) and given.named:
                made.fields |= given.named
            return made
        operator = self._client.at(path)
        if operator is not None:
            return self._operator(operator, None, given)
        if path.dotted.startswith("ee."):
            self._ledger.note_unresolved(path.dotted)
            if self._observer is not None:
                owner, _, name = path.dotted.rpartition(".")
                self._observer.unresolved(owner, name, given)
        return self._unknown(given)

    def _of_object(self, method: Method, given: Given) -> Value:
        owner = method.receiver.owner
        operator = self._client.method(owner, method.name)
        if operator is not None:
            return self._operator(operator, method.receiver, given)
        if self._observer is not None and not given.is_doubtful:
            self._observer.unresolved(f"ee.{owner}", method.name, given)
        operator = self._client.only_owner(method.name)
        if operator is not None:
            return self._operator(operator, method.receiver, given, guessed=True)
        self._ledger.note_unresolved(f"ee.{owner}.{method.name}")
        return self._unknown(given)

    def _operator(self, operator: Operator, receiver: EarthEngine | None, given: Given, guessed: bool = False) -> Value:
        receivers, arguments = NO_CALLS if receiver is None else receiver.calls, given.all
        call = self._ledger.note(operator.name, given.place, receivers, arguments, guessed)
        if self._observer is not None:
            self._observer.called(operator, receiver, given, guessed)
        call.datasets.update(found for argument in arguments if (found := id_of_data_set(operator, argument)))
        if any(isinstance(argument, _MAY_CALL) for argument in arguments):
            self._callbacks(operator, receiver, arguments, call)
        # Of what `getInfo` gives it is known where it comes from, though it is a plain value.
        if operator.owner in self._client.silent or operator.short == "getInfo":
            return Widget(frozenset((call.number,)))
        owner = self._client.result(operator, given.values)
        return KNOWN if owner is None else EarthEngine(owner, frozenset((call.number,)))

    def _callbacks(
        self, operator: Operator, receiver: EarthEngine | None, arguments: Sequence[Value], call: OperatorCall
    ) -> None:
        """Follows the functions that an operator is given, with what it will give them."""
        is_later = operator.short in LATER_METHODS or operator.owner in self._client.silent
        at_once = FOLLOWED.get(operator.short)
        owners = at_once(receiver.owner if receiver else "") if at_once else []
        values: list[Value] = [EarthEngine(owner, NO_CALLS) for owner in owners]
        if is_later:
            values = [KNOWN] * _ARGUMENTS_OF_AN_ANSWER
        for number, argument in enumerate(arguments):
            functions = functions_in(argument)
            if at_once and isinstance(argument, Path):
                functions.append(argument)
            for function in functions:
                reached = Reached.LATER if is_later else Reached.RUNS
                with self._ledger.collecting(call.callbacks), self._ledger.at_most(reached):
                    result = self._run(function, values, call.place)
                if not is_later:
                    call.arguments[number] |= calls_in(result)

    def _run(self, function: Value, values: Sequence[Value], place: Place) -> Value:
        if isinstance(function, Closure):
            lacking = len(function.function.parameters) - len(values)
            return self._enter(function, [*values, *[KNOWN] * lacking], {})
        return self._function(function, Given(place, values, is_open=True))

    def _runner(self, place: Place) -> Callable[[Value, Sequence[Value]], Value]:
        return lambda function, values: self._run(function, values, place)

    def _instance(self, of: Class, given: Given) -> Value:
        made = Mapping(of=of)
        self._constructed(of, made, given)
        return made

    def _constructed(self, of: Class, made: Value, given: Given) -> Value:
        for name in ("constructor", "__init__"):
            if (start := of.find(name)) is not None:
                self._function(bound(*start, made), given)
                return Super(made, of)
        if isinstance(made, Mapping):  # a dataclass
            made.fields |= dict(zip(of.body.fields, given.values, strict=False)) | given.named
        return Super(made, of)

    def member(self, owner: Value, name: str) -> Value:
        """A member that is read; one that is a property is worked out."""
        if isinstance(owner, Path):
            return owner.below(name)
        if isinstance(owner, EarthEngine):
            return Method(owner, name)
        found: Value
        if isinstance(owner, Mapping):
            found = field_of(owner, name)
        elif isinstance(owner, Class | Super):
            of = owner if isinstance(owner, Class) else owner.of
            this = owner if isinstance(owner, Class) else owner.this
            member = of.find(name)
            found = UNKNOWN if member is None else bound(*member, this)
            if isinstance(found, Closure) and isinstance(owner, Class) and found.function.role == "":
                found = Closure(found.function, found.scope, None, found.of)
        else:
            return owner if isinstance(owner, Widget) else UNKNOWN if isinstance(owner, Unknown) else KNOWN
        if isinstance(found, Closure) and found.function.role == "property":
            return self._enter(found, [], {})
        return found

    def _unknown(self, given: Given, at_once: bool = False) -> Value:
        """Something that is not known: it may call later what it is given, or is known to do so at once."""
        with self._ledger.at_most(Reached.RUNS if at_once else Reached.LATER):
            for function in (one for value in given.all for one in functions_in(value)):
                self._run(function, [UNKNOWN] if at_once else [], given.place)
        return UNKNOWN


def _unpacked(name: str, given: Given) -> Given:
    """Arguments of `f.call(this, …)` and `f.apply(this, […])`."""
    values = list(given.values[1:])
    if name == "apply" and values and isinstance(values[0], Array):
        values = [*values[0].items, *values[0].rest]
    return Given(given.place, values)
