"""Follows a script without running it: what each variable may be, which operators are called, and on whose results.

All ways of a branch are taken and what they leave is joined; a loop is gone through twice; a function is followed anew
for each call, with the arguments that it is given. Nothing of one script reaches the next: all state is an instance's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, get_args

from codegen.extraction import program
from codegen.extraction.branches import Variables
from codegen.extraction.calling import Calling, Given, Observer
from codegen.extraction.calls import Calls, Reached
from codegen.extraction.client import Client
from codegen.extraction.ledger import Ledger
from codegen.extraction.program import (
    Block,
    Branch,
    Call,
    ClassBody,
    Comprehension,
    Declare,
    Define,
    Either,
    Entered,
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
    Number,
    Pattern,
    Place,
    Plain,
    PlainKind,
    Program,
    Return,
    Set,
    Several,
    Slice,
    Spread,
    Statement,
    Target,
    Text,
    Yield,
)
from codegen.extraction.values import (
    KNOWN,
    UNDEFINED,
    UNKNOWN,
    Array,
    Class,
    Closure,
    Integer,
    Known,
    Mapping,
    Scope,
    String,
    Super,
    Undefined,
    Value,
    alternatives,
    at_key,
    joined,
    may_lack,
    one_of,
    put,
)

_MOST_STEPS = 400_000
_MOST_VISITS = 24
"""Times that one function is followed; after that its last result is taken again."""
_TIMES_ROUND_A_LOOP = 2
_DEEPEST_RECURSION = 2
_KNOWN = {kind: Known(kind) for kind in get_args(PlainKind)}


class _TooIntricateError(Exception):
    """More steps than are worth it."""


def follow(program: Program, client: Client, observer: Observer | None = None) -> Calls:
    """The calls of operators in a script.

    Args:
        program: The script.
        client: What is known before its first line, and what Earth Engine's objects answer.
        observer: Is told of each call.

    Raises:
        RecursionError: It is nested deeper than the interpreter's stack.
    """
    interpreter = _Interpreter(client, observer)
    cut = interpreter.run(program)
    ledger = interpreter.ledger
    return Calls(tuple(ledger.calls.values()), ledger.unresolved, program.broken_bytes, cut)


class _Interpreter:
    def __init__(self, client: Client, observer: Observer | None) -> None:
        self.ledger = Ledger()
        self._client = client
        self._calling = Calling(client, self.ledger, self.enter, observer)
        self._variables = Variables()
        self._steps = 0
        self._returned: list[list[Value]] = []
        self._yielded: list[list[Value]] = []
        self._active: list[Function] = []
        self._visits: dict[Function, int] = {}
        self._results: dict[Function, Value] = {}
        self._written: dict[Function, Closure] = {}
        self._unnamed: dict[Function, str] = {}

    def run(self, program: Program) -> bool:
        """Follows the whole script, then what nobody called; True where it was given up."""
        top = Scope({**self._client.globals(), **dict.fromkeys(program.variables, KNOWN)}, None)
        try:
            self.execute(program.body, top)
            with self.ledger.at_most(Reached.UNCALLED):
                while waiting := [closure for written, closure in self._written.items() if written not in self._visits]:
                    for closure in waiting:
                        self.enter(closure, [UNKNOWN] * len(closure.function.parameters), {})
        except _TooIntricateError:
            return True
        return False

    # Statements: each says whether what follows it is not reached

    def execute(self, statements: Sequence[Statement], scope: Scope) -> bool:
        return any(_STATEMENTS[type(statement)](self, statement, scope) for statement in statements)

    def do_evaluate(self, statement: Evaluate, scope: Scope) -> bool:
        self.value(statement.value, scope)
        return False

    def do_declare(self, statement: Declare, scope: Scope) -> bool:
        value = KNOWN if statement.value is None else self.value(statement.value, scope)
        self.bind(statement.target, value, scope, here=True)
        return False

    def do_define(self, statement: Define, scope: Scope) -> bool:
        self._variables.write(scope, statement.name, self.value(statement.value, scope))
        return False

    def do_block(self, statement: Block, scope: Scope) -> bool:
        return self.execute(statement.body, Scope({}, scope))

    def do_branch(self, statement: Branch, scope: Scope) -> bool:
        if statement.condition is not None:
            self.value(statement.condition, scope)
        ways: list[Callable[[], bool]] = [lambda way=way: self.execute(way, scope) for way in statement.ways]  # type: ignore[misc]
        return self._variables.either(ways, statement.exhaustive)

    def do_loop(self, statement: Loop, scope: Scope) -> bool:
        source = None if statement.source is None else self.value(statement.source, scope)

        def once() -> bool:
            if statement.target is not None:
                self.bind(statement.target, KNOWN if statement.keys else one_of(source), scope)
            for expression in statement.before:
                self.value(expression, scope)
            self.execute(statement.body, scope)
            return False

        for number in range(_TIMES_ROUND_A_LOOP):
            self._variables.either([once], exhaustive=statement.once and number == 0)
        return False

    def do_return(self, statement: Return, scope: Scope) -> bool:
        value = KNOWN if statement.value is None else self.value(statement.value, scope)
        if self._returned:
            self._returned[-1].append(value)
        return True

    def do_leave(self, statement: Leave, scope: Scope) -> bool:
        return True

    def do_import(self, statement: Import, scope: Scope) -> bool:
        self._variables.write(scope, statement.name, self._client.imported(statement.module, statement.member))
        return False

    # Variables

    def bind(self, target: Target, value: Value, scope: Scope, here: bool = False) -> None:
        """Sets a target; `here` makes its names variables of this scope."""
        if isinstance(target, Name):
            holder = scope if here else scope.holder(target.name)
            self._variables.write(holder or scope, target.name, value)
        elif isinstance(target, Pattern):
            for key, part, default in target.parts:
                found = at_key(value, key)
                if default is not None and may_lack(value, found):
                    found = self._or_default(found, default, scope)
                self.bind(part, found, scope, here)
        else:
            name = target.name if isinstance(target, Member) else self.value(target.key, scope)
            for owner in alternatives(self.value(target.of, scope)):
                put(owner, name, value, may_keep=self._variables.is_branching)

    def _or_default(self, value: Value, default: Expression, scope: Scope) -> Value:
        there = [one for one in alternatives(value) if not isinstance(one, Undefined)]
        return joined([*there, self.value(default, scope)])

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

    def of_number(self, expression: Number, scope: Scope) -> Value:
        return Integer(expression.value)

    def of_plain(self, expression: Plain, scope: Scope) -> Value:
        return _KNOWN[expression.kind]

    def of_undefined(self, expression: program.Undefined, scope: Scope) -> Value:
        return UNDEFINED

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
        made = Array()
        self._fill(made, expression.values, scope)
        return made

    def _fill(self, made: Array, values: Sequence[Expression], scope: Scope) -> None:
        """Puts values into a list, of a list that is spread its parts."""
        for expression in values:
            value = self.value(expression, scope)
            if not isinstance(expression, Spread):
                made.grow(value)
                continue
            for one in alternatives(value):
                if isinstance(one, Array):
                    for item in one.items:
                        made.grow(item)
                    made.rest += one.rest

    def of_spread(self, expression: Spread, scope: Scope) -> Value:
        return self.value(expression.value, scope)

    def of_slice(self, expression: Slice, scope: Scope) -> Value:
        parts = alternatives(self.value(expression.of, scope))
        return joined(one.part(expression.start) if isinstance(one, Array) else KNOWN for one in parts)

    def of_entered(self, expression: Entered, scope: Scope) -> Value:
        value = self.value(expression.value, scope)
        if isinstance(value, Mapping) and value.of is not None and value.of.find("__enter__"):
            return self._calling.method(value, "__enter__", Given(Place(0, 0), []))
        return joined(one.any() if isinstance(one, Array) else one for one in alternatives(value))

    def of_yield(self, expression: Yield, scope: Scope) -> Value:
        value = self.value(expression.value, scope)
        if self._yielded:
            self._yielded[-1].append(value)
        return KNOWN

    def of_fields(self, expression: Fields, scope: Scope) -> Value:
        made = Mapping()
        for key, part in expression.pairs:
            value = self.value(part, scope)
            if isinstance(part, Spread) and isinstance(value, Mapping):
                made.fields |= value.fields
                made.rest += value.rest
            else:
                put(made, key, value)
        return made

    def of_function(self, expression: Function, scope: Scope) -> Value:
        closure = Closure(expression, scope)
        self._written.setdefault(expression, closure)
        return closure

    def of_class(self, expression: ClassBody, scope: Scope) -> Value:
        inside = Scope({}, scope)
        self.execute(expression.body, inside)
        bases = [one for base in expression.bases for one in alternatives(self.value(base, scope))]
        return Class(expression, inside.variables, tuple(base for base in bases if isinstance(base, Class)))

    def of_comprehension(self, expression: Comprehension, scope: Scope) -> Value:
        inside = Scope({}, scope)
        self.bind(expression.target, one_of(self.value(expression.source, scope)), inside, here=True)
        for condition in expression.conditions:
            self.value(condition, inside)
        value = self.value(expression.value, inside)
        if expression.around:
            return value
        return Mapping(rest=[value]) if expression.keyed else Array(rest=[value])

    def of_set(self, expression: Set, scope: Scope) -> Value:
        value = self.value(expression.value, scope)
        self.bind(expression.target, value, scope)
        return value

    def of_index(self, expression: Index, scope: Scope) -> Value:
        key = self.value(expression.key, scope)
        owner = self.value(expression.of, scope)
        return self._member(owner, key.value) if isinstance(key, String) else at_key(owner, key)

    def of_member(self, expression: Member, scope: Scope) -> Value:
        return self._member(self.value(expression.of, scope), expression.name)

    def _member(self, owner: Value, name: str) -> Value:
        owners = alternatives(owner)
        if len(owners) == 1:
            return self._calling.member(owners[0], name)
        return joined(self._calling.member(one, name) for one in owners)

    # Calls

    def of_call(self, expression: Call, scope: Scope) -> Value:
        callee = expression.callee
        function = self.value(callee.of if isinstance(callee, Member | Index) else callee, scope)
        name = callee.name if isinstance(callee, Member) else None
        if isinstance(callee, Index):
            key = self.value(callee.key, scope)
            name = key.value if isinstance(key, String) else None
            function = function if name is not None else at_key(function, key)
        given = self._given(expression, scope)
        if name is not None:
            return self._calling.method(function, name, given)
        return self._calling.function(function, given)

    def _given(self, expression: Call, scope: Scope) -> Given:
        values = Array()
        self._fill(values, expression.arguments, scope)
        named: dict[str, Value] = {}
        for name, argument in expression.named:
            value = self.value(argument, scope)
            if not isinstance(argument, Spread):
                named[name] = value
            elif isinstance(value, Mapping):
                named |= value.fields
        is_open = any(isinstance(one, Spread) for one in (*expression.arguments, *(one for _, one in expression.named)))
        return Given(expression.place, [*values.items, *values.rest], named, is_open)

    def enter(self, closure: Closure, values: Sequence[Value], named: dict[str, Value]) -> Value:
        """Follows a function with the arguments that it is given."""
        function = closure.function
        is_deep = self._active.count(function) >= _DEEPEST_RECURSION
        if is_deep or self._visits.get(function, 0) >= _MOST_VISITS:
            return self._results.get(function, KNOWN)
        self._visits[function] = self._visits.get(function, 0) + 1
        scope = Scope(dict.fromkeys(function.variables, KNOWN), closure.scope)
        if closure.this is not None:
            scope.variables["this"] = closure.this
            if self._client.passes_self:
                values = [closure.this, *values]
            if closure.of is not None and closure.of.bases:
                scope.variables["super"] = Super(closure.this, closure.of.bases[0])
        self._bind_parameters(function, values, named, scope)
        self._active.append(function)
        self._returned.append([])
        self._yielded.append([])
        with self.ledger.within(function.name or self._unnamed.setdefault(function, f"<{len(self._unnamed) + 1}>")):
            self.execute(function.body, scope)
        self._active.pop()
        returned, yielded = self._returned.pop(), self._yielded.pop()
        result = self._results[function] = Array(rest=yielded) if yielded else joined(returned)
        return result

    def _bind_parameters(
        self, function: Function, values: Sequence[Value], named: dict[str, Value], scope: Scope
    ) -> None:
        defaults = dict(function.defaults)
        by_place = len(function.parameters) - function.keyword_only
        for number, parameter in enumerate(function.parameters):
            value: Value = UNDEFINED
            if number < min(len(values), by_place):
                value = values[number]
            elif isinstance(parameter, Name) and parameter.name in named:
                value = named[parameter.name]
            if number in defaults and any(isinstance(one, Undefined) for one in alternatives(value)):
                value = self._or_default(value, defaults[number], scope)
            self.bind(parameter, value, scope, here=True)
        if function.rest:
            self._variables.write(scope, function.rest, Array(list(values[by_place:])))
        if function.named_rest:
            known = {parameter.name for parameter in function.parameters if isinstance(parameter, Name)}
            left = {name: value for name, value in named.items() if name not in known}
            self._variables.write(scope, function.named_rest, Mapping(left))


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
    Number: _Interpreter.of_number,
    Plain: _Interpreter.of_plain,
    program.Undefined: _Interpreter.of_undefined,
    Spread: _Interpreter.of_spread,
    Slice: _Interpreter.of_slice,
    Entered: _Interpreter.of_entered,
    Yield: _Interpreter.of_yield,
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
