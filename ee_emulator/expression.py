"""The shape of an expression graph as it arrives: checked once, so that evaluation can trust it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ee_emulator.errors import EarthEngineError


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
