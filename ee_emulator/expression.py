"""The shape of an expression graph as it arrives: checked once, so that evaluation can trust it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ee_emulator.errors import EarthEngineError
from ee_emulator.registry import is_lazy


def checked(expression: Any) -> Mapping[str, Any]:
    """The expression, known to be well formed: `{"result": key, "values": {key: node}}`.

    Raises:
        EarthEngineError: It is not; says which value is wrong.
    """
    values = expression.get("values") if isinstance(expression, Mapping) else None
    if not isinstance(values, Mapping) or not isinstance(expression.get("result"), str):
        raise EarthEngineError("Invalid expression: it needs 'result' and 'values'.")
    for key, node in values.items():
        pending = [node]
        while pending:  # nodes may be nested deeper than Python's stack
            try:
                pending += _children(pending.pop())
            except (AttributeError, KeyError, TypeError, ValueError):
                raise EarthEngineError(f"Invalid expression: value '{key}' is malformed.") from None
    return expression  # type: ignore[no-any-return]


def _children(node: Mapping[str, Any]) -> Iterator[Any]:
    """The nodes directly inside a node, which is of exactly one known kind."""
    (kind,) = node.keys() & _KINDS.keys() or ("",)
    if not kind:
        raise EarthEngineError(f"Invalid expression: unknown kind of node {sorted(node)}.")
    return iter(_KINDS[kind](node[kind]))


def _nothing(_: Any) -> list[Any]:
    return []


def _whole_number(value: Any) -> list[Any]:
    int(value)
    return []


def _name(value: Any) -> list[Any]:
    if not isinstance(value, str):
        raise TypeError
    return []


def _array(array: Mapping[str, Any]) -> list[Any]:
    return list(array.get("values", ()))


def _dictionary(dictionary: Mapping[str, Any]) -> list[Any]:
    return list(dictionary.get("values", {}).values())


def _definition(definition: Mapping[str, Any]) -> list[Any]:
    _name(definition["body"])
    for argument in definition.get("argumentNames", ()):
        _name(argument)
    return []


def _invocation(invocation: Mapping[str, Any]) -> list[Any]:
    _name(invocation["functionReference"] if "functionReference" in invocation else invocation["functionName"])
    return list(invocation.get("arguments", {}).values())


_KINDS: Mapping[str, Callable[[Any], list[Any]]] = {
    "constantValue": _nothing,
    "integerValue": _whole_number,
    "bytesValue": _nothing,
    "valueReference": _name,
    "argumentReference": _name,
    "arrayValue": _array,
    "dictionaryValue": _dictionary,
    "functionDefinitionValue": _definition,
    "functionInvocationValue": _invocation,
}


# References -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Links:
    """What a value refers to.

    Attributes:
        needed: Values that must be there before this one can be computed.
        free: Arguments of enclosing functions that it depends on.
    """

    needed: tuple[str, ...]
    free: frozenset[str]


@dataclass
class _References:
    """References that stand in a node, nested nodes among it.

    Attributes:
        needed: Values that are computed before it.
        branches: Values that it may ask for while it is computed.
        bodies: Values that are bodies of its functions, with the names that those functions bind.
        arguments: Names of arguments.
    """

    needed: list[str] = field(default_factory=list)
    branches: list[str] = field(default_factory=list)
    bodies: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    arguments: set[str] = field(default_factory=set)

    def keys(self) -> list[str]:
        """All values referred to."""
        return [*self.needed, *self.branches, *(body for body, _ in self.bodies)]

    def links(self, known: Mapping[str, Links]) -> Links:
        """The value's links, from those of the values that it refers to."""
        free = set(self.arguments)
        for key in (*self.needed, *self.branches):
            free |= known[key].free
        for key, bound in self.bodies:
            free |= known[key].free - bound
        return Links(tuple(self.needed), frozenset(free))


def linked(expression: Any) -> dict[str, Links]:
    """Every value that the result of an expression can depend on, with what it refers to.

    Raises:
        EarthEngineError: The expression is malformed, a reference leads nowhere, or a value depends on itself.
    """
    values: Mapping[str, Any] = checked(expression)["values"]
    answer: dict[str, Links] = {}
    found: dict[str, _References] = {}
    pending: list[str] = [expression["result"]]
    while pending:
        key = pending[-1]
        if key in answer:
            pending.pop()
        elif key in found:  # all that it refers to is linked
            answer[key] = found[key].links(answer)
            pending.pop()
        elif key not in values:
            raise EarthEngineError(f"Invalid expression: value reference '{key}' leads nowhere.")
        else:
            found[key] = _references(values[key])
            for other in found[key].keys():  # noqa: SIM118  # not a dictionary
                if other in found and other not in answer:
                    raise EarthEngineError(f"Invalid expression: value '{other}' refers to itself.")
                pending.append(other)
    return answer


def _references(node: Mapping[str, Any]) -> _References:
    answer = _References()
    pending = [(node, answer.needed)]
    while pending:
        node, into = pending.pop()
        (kind,) = node.keys() & _KINDS.keys()
        content = node[kind]
        if kind == "valueReference":
            into.append(content)
        elif kind == "argumentReference":
            answer.arguments.add(content)
        elif kind == "functionDefinitionValue":
            answer.bodies.append((content["body"], frozenset(content.get("argumentNames", ()))))
        elif kind == "functionInvocationValue" and "functionReference" in content:
            into.append(content["functionReference"])
        elif kind == "functionInvocationValue" and is_lazy(content["functionName"]):
            into = answer.branches
        pending += [(child, into) for child in reversed(_KINDS[kind](content))]
    return answer
