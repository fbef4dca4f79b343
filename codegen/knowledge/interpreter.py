"""Follows a script without running it: what each variable may be, which operators are called, and on whose results.

All ways of a branch are taken and what they leave is joined; a loop is gone through twice; a function is followed anew
for each call, with the arguments that it is given. Nothing of one script reaches the next: all state is an instance's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from codegen.knowledge.calls import Calls, OperatorCall, Reached
from codegen.knowledge.client import FOLLOWED, LATER_METHODS, Client, id_of_data_set
from codegen.knowledge.languages import AT_ONCE, LANGUAGE
from codegen.knowledge.program import (
    Block,
    Branch,
    Call,
    ClassBody,
    Comprehension,
    Declare,
    Define,
    Either,
    Evaluate,
    Expression,
    Fields,
    Function,
    Import,
    Index,
    Items,
    Last,
    Leave,
    Loop,
    Member,
    Name,
    Pattern,
    Place,
    Plain,
    Program,
    Return,
    Set,
    Several,
    Statement,
    Target,
    Text,
)
from codegen.knowledge.signatures import Operator
from codegen.knowledge.values import (
    KNOWN,
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
    Scope,
    String,
    Unknown,
    Value,
    alternatives,
    calls_in,
    joined,
)

_MOST_STEPS = 400_000
_MOST_VISITS = 24
"""Times that one function is followed; after that its last result is taken again."""
_TIMES_ROUND_A_LOOP = 2


class _TooIntricateError(Exception):
    """More steps than are worth it."""


def follow(program: Program, client: Client) -> Calls:
    """The calls of operators in a script.

    Args:
        program: The script.
        client: What is known before its first line, and what Earth Engine's objects answer.

    Raises:
        RecursionError: It is nested deeper than the interpreter's stack.
    """
    interpreter = _Interpreter(client)
    cut = interpreter.run(program)
    return Calls(tuple(interpreter.calls.values()), interpreter.unresolved, program.broken_bytes, cut)


class _Interpreter:
    def __init__(self, client: Client) -> None:
        self.client = client
        self.calls: dict[tuple[Place, str], OperatorCall] = {}
        self.unresolved: dict[str, int] = {}
        self.reached = Reached.RUNS
        self._steps = 0
        self._journals: list[dict[tuple[int, str], tuple[Scope, str, Value | None]]] = []
        self._returned: list[list[Value]] = []
        self._within: list[str] = [""]
        self._entered: list[set[int]] = []
        self._active: list[Function] = []
        self._visits: dict[Function, int] = {}
        self._results: dict[Function, Value] = {}
        self._written: dict[Function, Closure] = {}
        self._unnamed: dict[Function, str] = {}

    def run(self, program: Program) -> bool:
        """Follows the whole script, then what nobody called; True where it was given up."""
        top = Scope({**self.client.globals(), **dict.fromkeys(program.variables, KNOWN)}, None)
        try:
            self.execute(program.body, top)
            self.reached = Reached.UNCALLED
            while waiting := [closure for function, closure in self._written.items() if function not in self._visits]:
                for closure in waiting:
                    self.invoke(closure, [UNKNOWN] * len(closure.function.parameters))
        except _TooIntricateError:
            return True
        return False

    # Statements: each says whether what follows it is not reached

    def execute(self, statements: Sequence[Statement], scope: Scope) -> bool:
        for statement in statements:
            if _STATEMENTS[type(statement)](self, statement, scope):
                return True
        return False

    def do_evaluate(self, statement: Evaluate, scope: Scope) -> bool:
        self.value(statement.value, scope)
        return False

    def do_declare(self, statement: Declare, scope: Scope) -> bool:
        value = KNOWN if statement.value is None else self.value(statement.value, scope)
        self.bind(statement.target, value, scope, here=True)
        return False

    def do_define(self, statement: Define, scope: Scope) -> bool:
        self.write(scope, statement.name, self.value(statement.value, scope))
        return False

    def do_block(self, statement: Block, scope: Scope) -> bool:
        return self.execute(statement.body, Scope({}, scope))

    def do_branch(self, statement: Branch, scope: Scope) -> bool:
        if statement.condition is not None:
            self.value(statement.condition, scope)
        ways: list[Callable[[], bool]] = [lambda way=way: self.execute(way, scope) for way in statement.ways]  # type: ignore[misc]
        return self.either(ways, statement.exhaustive)

    def either(self, ways: Iterable[Callable[[], bool]], exhaustive: bool) -> bool:
        """Takes each way from the same state, and joins what those that go on leave."""
        ended: list[bool] = []
        left: list[dict[tuple[int, str], tuple[Scope, str, Value]]] = []
        for way in ways:
            journal: dict[tuple[int, str], tuple[Scope, str, Value | None]] = {}
            self._journals.append(journal)
            ended.append(way())
            self._journals.pop()
            finals = {key: (scope, name, scope.variables[name]) for key, (scope, name, _) in journal.items()}
            for scope, name, before in journal.values():
                if before is None:
                    del scope.variables[name]
                else:
                    scope.variables[name] = before
            left.append(finals)
        if not exhaustive:
            ended.append(False)
            left.append({})
        going = [finals for finals, is_end in zip(left, ended, strict=True) if not is_end]
        for key, (scope, name) in {key: at[:2] for finals in going for key, at in finals.items()}.items():
            before = scope.variables.get(name)
            values = [finals[key][2] if key in finals else before for finals in going]
            self.write(scope, name, joined(value for value in values if value is not None))
        return not going

    def do_loop(self, statement: Loop, scope: Scope) -> bool:
        source = None if statement.source is None else self.value(statement.source, scope)

        def once() -> bool:
            if statement.target is not None:
                self.bind(statement.target, _key_of(source) if statement.keys else _one_of(source), scope)
            for expression in statement.before:
                self.value(expression, scope)
            self.execute(statement.body, scope)
            return False

        for _ in range(_TIMES_ROUND_A_LOOP):
            self.either([once], exhaustive=False)
        return False

    def do_return(self, statement: Return, scope: Scope) -> bool:
        value = KNOWN if statement.value is None else self.value(statement.value, scope)
        if self._returned:
            self._returned[-1].append(value)
        return True

    def do_leave(self, statement: Leave, scope: Scope) -> bool:
        return True

    def do_import(self, statement: Import, scope: Scope) -> bool:
        self.write(scope, statement.name, self.client.imported(statement.module, statement.member))
        return False

    # Variables

    def write(self, scope: Scope, name: str, value: Value) -> None:
        if self._journals:
            self._journals[-1].setdefault((id(scope), name), (scope, name, scope.variables.get(name)))
        scope.variables[name] = value

    def bind(self, target: Target, value: Value, scope: Scope, here: bool = False) -> None:
        """Sets a target; `here` makes its names variables of this scope."""
        if isinstance(target, Name):
            holder = scope if here else scope.holder(target.name)
            self.write(holder or scope, target.name, value)
        elif isinstance(target, Pattern):
            for key, part in target.parts:
                self.bind(part, _part_of(value, key), scope, here)
        else:
            name = target.name if isinstance(target, Member) else None
            for owner in alternatives(self.value(target.of, scope)):
                _put(owner, name, value)

    # Expressions

    def value(self, expression: Expression, scope: Scope) -> Value:
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise _TooIntricateError
        return _EXPRESSIONS[type(expression)](self, expression, scope)

    def of_name(self, expression: Name, scope: Scope) -> Value:
        holder = scope.holder(expression.name)
        return UNKNOWN if holder is None else holder.variables[expression.name]

    def of_text(self, expression: Text, scope: Scope) -> Value:
        return String(expression.value)

    def of_plain(self, expression: Plain, scope: Scope) -> Value:
        return KNOWN

    def of_several(self, expression: Several, scope: Scope) -> Value:
        for part in expression.parts:
            self.value(part, scope)
        return KNOWN

    def of_either(self, expression: Either, scope: Scope) -> Value:
        if expression.condition is not None:
            self.value(expression.condition, scope)
        return joined(self.value(option, scope) for option in expression.options)

    def of_last(self, expression: Last, scope: Scope) -> Value:
        return [self.value(part, scope) for part in expression.parts][-1]

    def of_items(self, expression: Items, scope: Scope) -> Value:
        return Array([self.value(item, scope) for item in expression.values])

    def of_fields(self, expression: Fields, scope: Scope) -> Value:
        made = Mapping()
        for key, part in expression.pairs:
            _put(made, key, self.value(part, scope))
        return made

    def of_function(self, expression: Function, scope: Scope) -> Value:
        closure = Closure(expression, scope)
        self._written.setdefault(expression, closure)
        return closure

    def of_class(self, expression: ClassBody, scope: Scope) -> Value:
        inside = Scope({}, scope)
        self.execute(expression.body, inside)
        return Class(expression, inside.variables)

    def of_comprehension(self, expression: Comprehension, scope: Scope) -> Value:
        inside = Scope({}, scope)
        self.bind(expression.target, _one_of(self.value(expression.source, scope)), inside, here=True)
        for condition in expression.conditions:
            self.value(condition, inside)
        return Array(rest=[self.value(expression.value, inside)])

    def of_set(self, expression: Set, scope: Scope) -> Value:
        value = self.value(expression.value, scope)
        self.bind(expression.target, value, scope)
        return value

    def of_index(self, expression: Index, scope: Scope) -> Value:
        if expression.key is not None:
            self.value(expression.key, scope)
        return _one_of(self.value(expression.of, scope))

    def of_member(self, expression: Member, scope: Scope) -> Value:
        return joined(
            self.member(owner, expression.name) for owner in alternatives(self.value(expression.of, scope))
        )

    def member(self, owner: Value, name: str) -> Value:
        if isinstance(owner, Path):
            return self.client.below(owner, name)
        if isinstance(owner, EarthEngine):
            return Method(owner, name)
        if isinstance(owner, Mapping):
            return _field(owner, name)
        if isinstance(owner, Class):
            return owner.members.get(name, UNKNOWN)
        return UNKNOWN if isinstance(owner, Unknown) else KNOWN

    # Calls

    def of_call(self, expression: Call, scope: Scope) -> Value:
        callee = expression.callee
        if isinstance(callee, Member):
            receiver = self.value(callee.of, scope)
            given = _Given(self, expression, scope)
            known = [one for one in alternatives(receiver) if self.answers(one, callee.name)]
            return joined(self.call_member(one, callee.name, given) for one in known or alternatives(receiver))
        function = self.value(callee, scope)
        given = _Given(self, expression, scope)
        return joined(self.call(one, given) for one in alternatives(function))

    def answers(self, receiver: Value, name: str) -> bool:
        """Whether a call is likely to be meant for this one of several values."""
        if isinstance(receiver, EarthEngine):
            return self.client.method(receiver.owner, name) is not None
        return not isinstance(receiver, Known | Unknown | String)

    def call_member(self, receiver: Value, name: str, given: _Given) -> Value:
        if isinstance(receiver, Path):
            return self.call(self.client.below(receiver, name), given)
        if isinstance(receiver, EarthEngine):
            return self.call(Method(receiver, name), given)
        if isinstance(receiver, Array):
            return self.call_array(receiver, name, given)
        if isinstance(receiver, Closure) and name in ("call", "apply", "bind"):
            return receiver if name == "bind" else self.invoke(receiver, given.values[1:])
        if isinstance(receiver, Mapping | Class):
            found = self.member(receiver, name)
            if not isinstance(found, Unknown):
                return joined(self.call(one, given) for one in alternatives(found))
        if isinstance(receiver, Unknown) and (operator := self.client.only_owner(name)) is not None:
            return self.call_operator(operator, None, given, guessed=True)
        return self.hand_over(given, at_once=name in AT_ONCE)

    def call(self, function: Value, given: _Given) -> Value:
        if isinstance(function, Closure):
            return self.invoke(function, given.values, given.named)
        if isinstance(function, Path):
            return self.call_path(function, given)
        if isinstance(function, Class):
            return self.make_instance(function, given)
        if isinstance(function, Method):
            operator = self.client.method(function.receiver.owner, function.name)
            if operator is not None:
                return self.call_operator(operator, function.receiver, given)
            operator = self.client.only_owner(function.name)
            if operator is not None:
                return self.call_operator(operator, function.receiver, given, guessed=True)
            self.note(f"ee.{function.receiver.owner}.{function.name}")
        return self.hand_over(given)

    def call_path(self, path: Path, given: _Given) -> Value:
        if (known := LANGUAGE.get(path.dotted)) is not None:
            return known(given.values)
        operator = self.client.at(path)
        if operator is None:
            self.note(path.dotted)
            return self.hand_over(given)
        return self.call_operator(operator, None, given)

    def note(self, name: str) -> None:
        self.unresolved[name] = self.unresolved.get(name, 0) + 1

    def call_operator(
        self, operator: Operator, receiver: EarthEngine | None, given: _Given, guessed: bool = False
    ) -> Value:
        """Notes the call; follows the functions that it is given."""
        arguments = [*given.values, *given.named.values()]
        key = given.place, operator.name
        call = self.calls.get(key)
        if call is None:
            call = OperatorCall(len(self.calls), operator.name, given.place, self._within[-1], self.reached)
            self.calls[key] = call
        call.reached = max(call.reached, self.reached)
        call.guessed = guessed
        call.receivers |= receiver.calls if receiver is not None else frozenset()
        for entered in self._entered:
            entered.add(call.number)
        while len(call.arguments) < len(arguments):
            call.arguments.append(set())
        for taken, argument in zip(call.arguments, arguments, strict=False):
            taken |= calls_in(argument)
        self.follow_callbacks(operator, receiver, arguments, call)
        call.datasets |= {found for argument in arguments if (found := id_of_data_set(operator, argument))}
        if operator.owner in self.client.silent:
            return UNKNOWN
        owner = self.client.result(operator, receiver, arguments)
        return KNOWN if owner is None else EarthEngine(owner, frozenset((call.number,)))

    def follow_callbacks(
        self, operator: Operator, receiver: EarthEngine | None, arguments: list[Value], call: OperatorCall
    ) -> None:
        functions = [(number, one) for number, value in enumerate(arguments) for one in _functions_in(value)]
        if operator.short in FOLLOWED:
            functions += [(number, value) for number, value in enumerate(arguments) if isinstance(value, Path)]
        if not functions:
            return
        later = operator.short in LATER_METHODS or operator.owner in self.client.silent
        given = FOLLOWED.get(operator.short, lambda _: [])(receiver.owner if receiver else "")
        for number, function in functions:
            self._entered.append(call.callbacks)
            before, self.reached = self.reached, min(self.reached, Reached.LATER) if later else self.reached
            values: list[Value] = [EarthEngine(owner, frozenset()) for owner in given]
            if operator.short == "map" and values and receiver is not None:
                values[0] = EarthEngine(given[0], receiver.calls)
            if later:
                values = [KNOWN] * 2
            result = self.call_function(function, values, call.place)
            self.reached = before
            self._entered.pop()
            call.arguments[number] |= calls_in(result)

    def call_function(self, function: Value, values: list[Value], place: Place) -> Value:
        if isinstance(function, Closure):
            padded = values + [KNOWN] * (len(function.function.parameters) - len(values))
            return self.invoke(function, padded)
        return self.call(function, _Given.of_values(self, values, place))

    def call_array(self, array: Array, name: str, given: _Given) -> Value:
        """Methods of the language's lists."""
        functions = [one for value in given.values for one in _functions_in(value)]
        if functions:
            one = array.any() if array.items or array.rest else UNKNOWN
            values = [one, one, KNOWN] if name.startswith("reduce") else [one, KNOWN, array]
            if name.startswith("reduce") and len(given.values) > 1:
                values[0] = given.values[1]
            results = [self.call_function(function, list(values), given.place) for function in functions]
            if name in ("filter", "sort", "forEach"):
                return array if name != "forEach" else KNOWN
            if name in ("map", "flatMap"):
                return Array(rest=results)
            return joined([*results, one]) if name.startswith("reduce") else one
        if name in ("push", "unshift", "append", "insert"):
            for value in given.values:
                array.grow(value)
            return KNOWN
        if name in ("concat", "extend"):
            rest = [one for value in given.values for one in (_contents(value) or [value])]
            if name == "extend":
                for value in rest:
                    array.grow(value)
            return Array([*array.items, *rest], array.rest)
        if name in ("pop", "shift", "at", "find"):
            return array.any()
        return KNOWN if name in ("join", "indexOf", "includes", "index", "count") else array

    def make_instance(self, of: Class, given: _Given) -> Value:
        made = Mapping(of=of)
        for name in ("constructor", "__init__"):
            if isinstance(start := of.members.get(name), Closure):
                self.call(_bound(start, made), given)
        return made

    def hand_over(self, given: _Given, at_once: bool = False) -> Value:
        """A call of something that is not known; it may call later what it is given, or is known to do so at once."""
        for function in (one for value in [*given.values, *given.named.values()] for one in _functions_in(value)):
            before, self.reached = self.reached, self.reached if at_once else min(self.reached, Reached.LATER)
            self.call_function(function, [UNKNOWN] if at_once else [], given.place)
            self.reached = before
        return UNKNOWN

    def invoke(self, closure: Closure, values: Sequence[Value], named: dict[str, Value] | None = None) -> Value:
        """Follows a function with the arguments that it is given."""
        function = closure.function
        if function in self._active or self._visits.get(function, 0) >= _MOST_VISITS:
            return self._results.get(function, UNKNOWN)
        self._visits[function] = self._visits.get(function, 0) + 1
        scope = Scope(dict.fromkeys(function.variables, KNOWN), closure.scope)
        if closure.this is not None:
            scope.variables["this"] = closure.this
            if function.parameters and self.client.passes_self:
                values = [closure.this, *values]
        self._bind_parameters(function, values, named or {}, scope)
        self._active.append(function)
        self._within.append(function.name or self._unnamed.setdefault(function, f"<{len(self._unnamed) + 1}>"))
        self._returned.append([])
        self.execute(function.body, scope)
        result = joined(self._returned.pop())
        self._within.pop()
        self._active.pop()
        self._results[function] = result
        return result

    def _bind_parameters(
        self, function: Function, values: Sequence[Value], named: dict[str, Value], scope: Scope
    ) -> None:
        defaults = dict(function.defaults)
        for number, parameter in enumerate(function.parameters):
            if number < len(values):
                value = values[number]
            elif isinstance(parameter, Name) and parameter.name in named:
                value = named[parameter.name]
            else:
                value = self.value(defaults[number], scope) if number in defaults else KNOWN
            self.bind(parameter, value, scope, here=True)


class _Given:
    """What a call is given: its arguments, each worked out once."""

    def __init__(self, interpreter: _Interpreter, call: Call, scope: Scope) -> None:
        self.place = call.place
        self.values = [interpreter.value(argument, scope) for argument in call.arguments]
        self.named = {name: interpreter.value(argument, scope) for name, argument in call.named}

    @classmethod
    def of_values(cls, interpreter: _Interpreter, values: list[Value], place: Place) -> _Given:
        """Arguments that are known already."""
        given = cls.__new__(cls)
        given.place, given.values, given.named = place, values, {}
        return given


def _functions_in(value: Value) -> list[Value]:
    """Functions of the script's own, and operators that are handed on as functions, also those in an options object."""
    found: list[Value] = []
    for one in alternatives(value):
        if isinstance(one, Closure | Method):
            found.append(one)
        elif isinstance(one, Mapping) and one.of is None:
            found += [part for field in one.fields.values() for part in alternatives(field) if isinstance(part, Closure)]
    return found


def _contents(value: Value) -> list[Value]:
    return [*value.items, *value.rest] if isinstance(value, Array) else []


def _one_of(value: Value | None) -> Value:
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


def _key_of(value: Value | None) -> Value:
    return KNOWN


def _part_of(value: Value, key: str | int | None) -> Value:
    parts: list[Value] = []
    for one in alternatives(value):
        if isinstance(one, Array) and isinstance(key, int) and key < len(one.items):
            parts.append(one.items[key])
        elif isinstance(one, Mapping) and isinstance(key, str):
            parts.append(_field(one, key))
        else:
            parts.append(_one_of(one))
    return joined(parts)


def _field(owner: Mapping, name: str) -> Value:
    if name in owner.fields:
        return owner.fields[name]
    if owner.of is not None and name in owner.of.members:
        found = owner.of.members[name]
        return _bound(found, owner) if isinstance(found, Closure) else found
    return joined(owner.rest) if owner.rest else UNKNOWN


def _bound(closure: Closure, this: Value) -> Closure:
    return Closure(closure.function, closure.scope, this)


def _put(owner: Value, name: str | None, value: Value) -> None:
    """Sets a field; what has no name that is known may be any of them."""
    if isinstance(owner, Mapping):
        if name is None:
            owner.rest = [joined([*owner.rest, value])]
        else:
            owner.fields[name] = value
    elif isinstance(owner, Array):
        owner.rest = [joined([*owner.rest, value])]


_STATEMENTS: dict[type, Callable[[_Interpreter, Any, Scope], bool]] = {
    Evaluate: _Interpreter.do_evaluate,
    Declare: _Interpreter.do_declare,
    Define: _Interpreter.do_define,
    Block: _Interpreter.do_block,
    Branch: _Interpreter.do_branch,
    Loop: _Interpreter.do_loop,
    Return: _Interpreter.do_return,
    Leave: _Interpreter.do_leave,
    Import: _Interpreter.do_import,
}
_EXPRESSIONS: dict[type, Callable[[_Interpreter, Any, Scope], Value]] = {
    Name: _Interpreter.of_name,
    Text: _Interpreter.of_text,
    Plain: _Interpreter.of_plain,
    Several: _Interpreter.of_several,
    Either: _Interpreter.of_either,
    Last: _Interpreter.of_last,
    Items: _Interpreter.of_items,
    Fields: _Interpreter.of_fields,
    Member: _Interpreter.of_member,
    Index: _Interpreter.of_index,
    Call: _Interpreter.of_call,
    Function: _Interpreter.of_function,
    Comprehension: _Interpreter.of_comprehension,
    Set: _Interpreter.of_set,
    ClassBody: _Interpreter.of_class,
}
