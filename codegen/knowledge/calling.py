"""What happens where something is called: an operator, a function of the script, a list, something unknown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from codegen.knowledge.calls import OperatorCall, Reached
from codegen.knowledge.client import FOLLOWED, LATER_METHODS, Client, id_of_data_set
from codegen.knowledge.languages import AT_ONCE, FUNCTIONS, call_fields, call_list
from codegen.knowledge.ledger import Ledger
from codegen.knowledge.program import Place
from codegen.knowledge.signatures import Operator
from codegen.knowledge.values import (
    KNOWN,
    NO_CALLS,
    UNKNOWN,
    Array,
    Class,
    Closure,
    EarthEngine,
    Known,
    Mapping,
    Method,
    Path,
    String,
    Unknown,
    Value,
    alternatives,
    bound,
    calls_in,
    field_of,
    functions_in,
    joined,
)

_ARGUMENTS_OF_AN_ANSWER = 2


@dataclass(frozen=True, slots=True)
class Given:
    """What a call is given.

    Attributes:
        place: Where it is written.
        values: Its arguments.
        named: Those by keyword.
    """

    place: Place
    values: Sequence[Value]
    named: dict[str, Value] = field(default_factory=dict)

    @property
    def all(self) -> list[Value]:
        """All arguments."""
        return [*self.values, *self.named.values()]


Enter = Callable[[Closure, Sequence[Value], dict[str, Value]], Value]
"""Follows a function of the script's own with arguments, and tells what it returns."""


class Calling:
    """Calls in one script."""

    def __init__(self, client: Client, ledger: Ledger, enter: Enter) -> None:
        self._client, self._ledger, self._enter = client, ledger, enter

    def method(self, receivers: Value, name: str, given: Given) -> Value:
        """`receiver.name(…)`; of several that it may be, those that have such a method are meant."""
        every = alternatives(receivers)
        meant = [one for one in every if self._answers(one, name)]
        return joined(self._method(one, name, given) for one in meant or every)

    def function(self, functions: Value, given: Given) -> Value:
        """`function(…)`."""
        return joined(self._function(one, given) for one in alternatives(functions))

    def _answers(self, receiver: Value, name: str) -> bool:
        if isinstance(receiver, EarthEngine):
            return self._client.method(receiver.owner, name) is not None
        return not isinstance(receiver, Known | Unknown | String)

    def _method(self, receiver: Value, name: str, given: Given) -> Value:
        if isinstance(receiver, Path):
            return self._function(receiver.below(name), given)
        if isinstance(receiver, EarthEngine):
            return self._function(Method(receiver, name), given)
        if isinstance(receiver, Array):
            return call_list(receiver, name, given.values, self._runner(given.place))
        if isinstance(receiver, Closure) and name in ("call", "apply", "bind"):
            return receiver if name == "bind" else self._enter(receiver, given.values[1:], {})
        if isinstance(receiver, Class):
            return self.function(receiver.members.get(name, UNKNOWN), given)
        if isinstance(receiver, Mapping):
            return self._member_of_fields(receiver, name, given)
        if isinstance(receiver, Unknown) and (operator := self._client.only_owner(name)) is not None:
            return self._operator(operator, None, given, guessed=True)
        return self._unknown(given, at_once=name in AT_ONCE)

    def _member_of_fields(self, receiver: Mapping, name: str, given: Given) -> Value:
        found = field_of(receiver, name)
        if not isinstance(found, Unknown):
            return self.function(found, given)
        known = call_fields(receiver, name, given.values)
        return self._unknown(given, at_once=name in AT_ONCE) if known is None else known

    def _function(self, function: Value, given: Given) -> Value:
        if isinstance(function, Closure):
            return self._enter(function, given.values, given.named)
        if isinstance(function, Path):
            return self._path(function, given)
        if isinstance(function, Class):
            return self._instance(function, given)
        if isinstance(function, Method):
            return self._of_object(function, given)
        return self._unknown(given)

    def _path(self, path: Path, given: Given) -> Value:
        if (known := FUNCTIONS.get(path.dotted)) is not None:
            return known(given.values)
        operator = self._client.at(path)
        if operator is not None:
            return self._operator(operator, None, given)
        self._ledger.note_unresolved(path.dotted)
        return self._unknown(given)

    def _of_object(self, method: Method, given: Given) -> Value:
        owner = method.receiver.owner
        operator = self._client.method(owner, method.name)
        if operator is not None:
            return self._operator(operator, method.receiver, given)
        operator = self._client.only_owner(method.name)
        if operator is not None:
            return self._operator(operator, method.receiver, given, guessed=True)
        self._ledger.note_unresolved(f"ee.{owner}.{method.name}")
        return self._unknown(given)

    def _operator(self, operator: Operator, receiver: EarthEngine | None, given: Given, guessed: bool = False) -> Value:
        receivers = NO_CALLS if receiver is None else receiver.calls
        call = self._ledger.note(operator.name, given.place, receivers, given.all, guessed)
        call.datasets |= {found for argument in given.all if (found := id_of_data_set(operator, argument))}
        self._callbacks(operator, receiver, given.all, call)
        if operator.owner in self._client.silent:
            return UNKNOWN
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
                call.arguments[number] |= calls_in(result)

    def _run(self, function: Value, values: Sequence[Value], place: Place) -> Value:
        if isinstance(function, Closure):
            lacking = len(function.function.parameters) - len(values)
            return self._enter(function, [*values, *[KNOWN] * lacking], {})
        return self._function(function, Given(place, values))

    def _runner(self, place: Place) -> Callable[[Value, Sequence[Value]], Value]:
        return lambda function, values: self._run(function, values, place)

    def _instance(self, of: Class, given: Given) -> Value:
        made = Mapping(of=of)
        for name in ("constructor", "__init__"):
            if isinstance(start := of.members.get(name), Closure):
                self._function(bound(start, made), given)
        return made

    def _unknown(self, given: Given, at_once: bool = False) -> Value:
        """Something that is not known: it may call later what it is given, or is known to do so at once."""
        with self._ledger.at_most(Reached.RUNS if at_once else Reached.LATER):
            for function in (one for value in given.all for one in functions_in(value)):
                self._run(function, [UNKNOWN] if at_once else [], given.place)
        return UNKNOWN
