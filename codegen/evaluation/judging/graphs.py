"""Expression graphs: data that say what Earth Engine is to compute, and longer ones that go on from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from codegen.evaluation.judging.errors import EvaluationError

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph that can go on.

    Attributes:
        values: Nodes by key.
        result: Key of what it gives.
    """

    values: Mapping[str, Node]
    result: str

    @classmethod
    def of(cls, expression: Any) -> Graph:
        """A graph that a program gave back; Earth Engine itself looks at what is in it.

        Raises:
            EvaluationError: It has not the form of one.
        """
        values = expression.get("values") if isinstance(expression, Mapping) else None
        result = expression.get("result") if isinstance(expression, Mapping) else None
        if not isinstance(values, Mapping) or not isinstance(result, str) or result not in values:
            raise EvaluationError("parameter", "What came back is no expression of Earth Engine.")
        return cls(values, result)

    @property
    def reference(self) -> Node:
        """Its result, as a part of what goes on from it."""
        return {"valueReference": self.result}

    @property
    def expression(self) -> dict[str, Any]:
        """As it is sent."""
        return {"values": dict(self.values), "result": self.result}

    def then(self, build: Callable[[Node], Node]) -> Graph:
        """Goes on: the result becomes what is built of it. What it was keeps its key and is computed once."""
        number = len(self.values)
        while (key := f"judged{number}") in self.values:  # a graph may have any keys
            number += 1
        return Graph({**self.values, key: build(self.reference)}, key)


def call(function: str, **arguments: Node) -> Node:
    """A node that calls a function of the server's."""
    return {"functionInvocationValue": {"functionName": function, "arguments": arguments}}


def constant(value: Any) -> Node:
    """A node that is a value."""
    return {"constantValue": value}


def dictionary(**values: Node) -> Node:
    """A node that is a dictionary of others."""
    return {"dictionaryValue": {"values": values}}
