"""Damage to graphs that real clients made: other constants, lost or foreign arguments, other functions, knots."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

from ee_emulator.registry import IMPLEMENTATIONS
from lake.settings import REPOSITORY
from tests.ee_emulator.fuzz.graphs import CONSTANTS, Graph

REAL = REPOSITORY.parent / "shared" / "conformance" / "visible.jsonl"


def real_graphs() -> list[Graph]:
    """Graphs with real answers, which lie beside the repository; none where they do not."""
    if not REAL.is_file():
        return []
    return [json.loads(line)["expression"] for line in REAL.read_text(encoding="utf-8").splitlines() if line.strip()]


class Mutations:
    """An endless supply of damaged graphs; the same ones for the same seed."""

    def __init__(self, originals: Sequence[Graph], seed: int) -> None:
        self._originals = originals
        self._random = random.Random(seed)
        self._names = sorted(IMPLEMENTATIONS)

    def graph(self, number: int) -> Graph:
        """A copy of one of the originals with one to three changes."""
        graph = copy.deepcopy(self._originals[number % len(self._originals)])
        for _ in range(self._random.choice([1, 1, 2, 3])):
            nodes = list(_nodes(graph["values"]))
            if nodes:
                self._change(self._random.choice(nodes), nodes, list(graph["values"]))
        return graph

    def _change(self, node: dict[str, Any], nodes: list[dict[str, Any]], keys: list[str]) -> None:
        if "constantValue" in node:
            node["constantValue"] = self._constant(node["constantValue"])
        elif "valueReference" in node:
            node["valueReference"] = self._random.choice([*keys, "nowhere"])
        elif "functionInvocationValue" in node:
            self._change_call(node["functionInvocationValue"], nodes)
        elif "functionDefinitionValue" in node:
            node["functionDefinitionValue"]["body"] = self._random.choice(keys)
        elif "argumentReference" in node:
            node["argumentReference"] += "_"

    def _change_call(self, call: dict[str, Any], nodes: list[dict[str, Any]]) -> None:
        arguments: dict[str, Any] = call.get("arguments", {})
        how = self._random.choice(["drop", "swap", "constant", "rename", "add", "copy"])
        if how == "rename" and "functionName" in call:
            call["functionName"] = self._random.choice(self._names)
        elif how == "add" and call.get("functionName") in IMPLEMENTATIONS:
            names = [a.name for a in IMPLEMENTATIONS[call["functionName"]].signature.arguments]
            arguments[self._random.choice([*names, "surplus"])] = {"constantValue": self._constant(None)}
        elif arguments:
            name = self._random.choice(list(arguments))
            if how == "drop":
                del arguments[name]
            elif how == "swap":
                other = self._random.choice(list(arguments))
                arguments[name], arguments[other] = arguments[other], arguments[name]
            elif how == "copy":
                arguments[name] = copy.deepcopy(self._random.choice(nodes))
            else:
                arguments[name] = {"constantValue": self._constant(None)}

    def _constant(self, old: Any) -> Any:
        if isinstance(old, int | float) and self._random.random() < 0.5:
            return self._random.choice([-old, old + 1, old * 1000, old / 3, 0])
        if isinstance(old, list) and old and self._random.random() < 0.5:
            return self._random.choice([old[1:], old + old, [old], [*old[:-1], None], old[::-1]])
        return self._random.choice(CONSTANTS[self._random.choice(list(CONSTANTS))])


def _nodes(values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    pending = list(values.values())
    while pending:
        node = pending.pop()
        yield node
        if "arrayValue" in node:
            pending += node["arrayValue"].get("values", ())
        elif "dictionaryValue" in node:
            pending += node["dictionaryValue"].get("values", {}).values()
        elif "functionInvocationValue" in node:
            pending += node["functionInvocationValue"].get("arguments", {}).values()
