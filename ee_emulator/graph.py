"""Evaluation of expression graphs: `{"result": id, "values": {id: node}}` to a value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ee_emulator.errors import EarthEngineError
from ee_emulator.expression import Links, linked
from ee_emulator.registry import Context, call, find
from ee_emulator.values import Function

Node = Mapping[str, Any]


@dataclass
class _Frame:
    """Arguments of one function call, with what was computed from them."""

    arguments: Mapping[str, Any]
    parent: "_Frame | None" = None
    memo: dict[str, Any] = field(default_factory=dict)

    def lookup(self, name: str) -> Any:
        """The value bound to an argument, here or in an enclosing call."""
        frame: _Frame | None = self
        while frame is not None:
            if name in frame.arguments:
                return frame.arguments[name]
            frame = frame.parent
        raise EarthEngineError(f"Argument reference '{name}' is not bound in this expression.")


class Evaluator:
    """Evaluates one expression; shared nodes are evaluated once.

    A node that refers to no function argument is remembered for the whole expression, one that does for the
    call that bound the argument.
    """

    def __init__(self, expression: Mapping[str, Any], context: Context) -> None:
        self._links: Mapping[str, Links] = linked(expression)
        self._values: Mapping[str, Node] = expression["values"]
        self._result: str = expression["result"]
        self._context = context
        self._globals = _Frame({})

    def evaluate(self) -> Any:
        """The expression's value.

        Raises:
            EarthEngineError: The expression is malformed, or an algorithm refused.
        """
        return self._reference(self._result, self._globals)

    def _reference(self, key: str, frame: _Frame) -> Any:
        """A value, after those that it needs: graphs may be deeper than Python's stack."""
        pending = [key]
        while pending:
            current = pending[-1]
            links = self._links[current]
            holder = self._holder(links, frame)
            if current in holder.memo:
                pending.pop()
                continue
            missing = [k for k in links.needed if k not in self._holder(self._links[k], holder).memo]
            if missing:
                pending += reversed(missing)
                continue
            self._context.budget.check_time()
            holder.memo[current] = self._node(self._values[current], holder)
            pending.pop()
        return holder.memo[key]

    def _holder(self, links: Links, frame: _Frame) -> _Frame:
        """The innermost call that binds one of the arguments that a value depends on."""
        if not links.free:
            return self._globals
        holder: _Frame | None = frame
        while holder is not None and links.free.isdisjoint(holder.arguments):
            holder = holder.parent
        return holder or self._globals

    def _node(self, node: Node, frame: _Frame) -> Any:
        kind = next(kind for kind in node if kind in self._KINDS)
        return self._KINDS[kind](self, node[kind], frame)

    def _constant(self, value: Any, _: _Frame) -> Any:
        return value

    def _integer(self, value: str, _: _Frame) -> int:
        return int(value)

    def _argument(self, name: str, frame: _Frame) -> Any:
        return frame.lookup(name)

    def _array(self, array: Mapping[str, Any], frame: _Frame) -> list[Any]:
        return [self._node(item, frame) for item in array.get("values", ())]

    def _dictionary(self, dictionary: Mapping[str, Any], frame: _Frame) -> dict[str, Any]:
        return {key: self._node(item, frame) for key, item in dictionary.get("values", {}).items()}

    def _definition(self, definition: Mapping[str, Any], frame: _Frame) -> Function:
        body: str = definition["body"]

        def run(arguments: Mapping[str, Any]) -> Any:
            self._context.budget.check_time()
            return self._reference(body, _Frame(arguments, frame))

        return Function(list(definition.get("argumentNames", ())), run)

    def _invocation(self, invocation: Mapping[str, Any], frame: _Frame) -> Any:
        nodes: Mapping[str, Node] = invocation.get("arguments", {})
        if "functionReference" in invocation:
            return self._call_reference(invocation["functionReference"], nodes, frame)
        implementation = find(invocation["functionName"])
        if implementation.lazy:
            return implementation.function(
                **{a.parameter: self._thunk(nodes.get(a.name), frame) for a in implementation.signature.arguments}
            )
        arguments = {name: self._node(node, frame) for name, node in nodes.items()}
        return call(implementation, arguments, self._context)

    def _call_reference(self, key: str, nodes: Mapping[str, Node], frame: _Frame) -> Any:
        function = self._reference(key, frame)
        if not isinstance(function, Function):
            raise EarthEngineError("Invalid expression: what is called is not a function.")
        return function(*(self._node(nodes[name], frame) for name in function.argument_names if name in nodes))

    def _thunk(self, node: Node | None, frame: _Frame) -> Callable[[], Any]:
        return lambda: None if node is None else self._node(node, frame)

    _KINDS: Mapping[str, Callable[["Evaluator", Any, _Frame], Any]] = {
        "constantValue": _constant,
        "integerValue": _integer,
        "bytesValue": _constant,
        "valueReference": _reference,
        "argumentReference": _argument,
        "arrayValue": _array,
        "dictionaryValue": _dictionary,
        "functionDefinitionValue": _definition,
        "functionInvocationValue": _invocation,
    }


def evaluate(expression: Mapping[str, Any], context: Context) -> Any:
    """The value of an expression."""
    return Evaluator(expression, context).evaluate()
