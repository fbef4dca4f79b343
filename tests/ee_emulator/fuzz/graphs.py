"""Graphs from signatures: every registered algorithm in turn, with plausible, wrong and absurd arguments."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from ee_emulator.registry import IMPLEMENTATIONS, REQUIRED, Argument, shipped_algorithms

Node = dict[str, Any]
Graph = dict[str, Any]

IMAGE, COLLECTION, TABLE = (f"projects/local-ee/assets/fuzz_{kind}" for kind in ("image", "collection", "table"))
MOST_DEPTH = 4
ODD = 0.06
"""Share of arguments that are of another type than the signature says."""

_NUMBERS = [0, 1, 2, 3, 5, 7, -1, -2, 10, 100, 1000, 0.5, -0.5, 2.5, 1e-9, 1e9, -1e9, 2**31, 2**53 + 1, 2**63 - 1]
_NUMBERS += [-(2**63), 1e18, 1e308, -1e308]
_TEXTS = ["", "a", "b", "x", "B1", "B2", "constant", "mean", "system:index", "system:time_start", "EPSG:4326", "é中😀"]
_TEXTS += ["EPSG:32650", "2020-01-01", "2020-02-30T25:00:00", "YYYY-MM-dd", "%d", "%.2f", "(a|b)*", "a.c", "[", "1e400"]
_TEXTS += ["UTC", "+08:00", "bilinear", "meters", "pixels", "ff0000", "#00FF0080", "{}", "[1,2]", "b('B1') + 1", "a*a"]
_RING = [[[114.0, 30.0], [114.001, 30.0], [114.001, 30.001], [114.0, 30.001], [114.0, 30.0]]]
_PLACES = [[114.0, 30.0], [0, 0], [180, 90], [-181, 91], [[114.0, 30.0], [114.002, 30.001]], _RING, [_RING], [], [[]]]
_LISTS: list[Any] = [[], [1], [1, 2, 3], [0, 0, 0], [3.5, -1, 2], ["a", "b"], ["B1"], [None], [1, "a", None]]
_LISTS += [[[1, 2], [3, 4]], [[1, 2], [3]], [[]], [[[1]]], ["B1", "B2"], [1e308, 1e308], [True, False], list(range(50))]
_DICTIONARIES: list[Any] = [{}, {"a": 1}, {"B1": 1, "B2": 2}, {"a": [1, 2]}, {"a": None}, {"min": 0, "max": 3}]

CONSTANTS: Mapping[str, Sequence[Any]] = {
    "Number": _NUMBERS,
    "Integer": [n for n in _NUMBERS if isinstance(n, int)] + [1, 2, 3, 1, 2],
    "Boolean": [True, False],
    "String": _TEXTS,
    "List": _LISTS + _PLACES,
    "Array": [n for n in _LISTS if n] + [1, 2.5],
    "Dictionary": _DICTIONARIES,
    "Date": ["2020-01-01", 0, 1_577_836_800_000, 1e18, "nonsense"],
    "DateRange": ["2020-01-01"],
    "Projection": ["EPSG:4326", "EPSG:32650", "EPSG:3857", "EPSG:0", "SR-ORG:6974", ""],
    "ErrorMargin": [1, 0, 100, -1, 1e-9],
    "Image": [0, 1, 2.5, [1, 2]],
    "Object": [*_NUMBERS, *_TEXTS, *_LISTS, *_DICTIONARIES, None, True],
}
_SAME = {"Float": "Number", "Long": "Integer", "Rectangle": "Geometry", "<any>": "Object", "Element": "Feature"}
_BY_NAME: Mapping[str, Sequence[Any]] = {
    "coordinates": _PLACES,
    "scale": [1, 10, 30, 100, 1000, 0.001, 0, -1, 1e9],
    "maxPixels": [1, 100, 10**7, 10**13],
    "radius": [0, 1, 1.5, 3, -1, 50, 1e5],
    "crsTransform": [[10, 0, 0, 0, -10, 0], [1, 0, 0, 0, 1, 0], [0, 0, 0, 0, 0, 0], [1]],
    "id": [IMAGE, COLLECTION, TABLE, "nowhere/at/all"],
    "tableId": [TABLE, IMAGE],
}


def _base(declared: str) -> str:
    """The type without its parameter."""
    name = declared.partition("<")[0] or "Object"
    return _SAME.get(name, name)


def _quoted(arguments: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Words in quotation marks in the descriptions of arguments: names of modes, units and formats."""
    return {
        a["argumentName"]: words
        for a in arguments
        if a["type"] == "String" and (words := re.findall(r"['\"`]([A-Za-z_0-9]+)['\"`]", a.get("description", "")))
    }


class Graphs:
    """An endless supply of graphs; the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.names = sorted(IMPLEMENTATIONS)
        self._makers: dict[str, list[str]] = defaultdict(list)
        for name in self.names:
            self._makers[_base(IMPLEMENTATIONS[name].signature.returns)].append(name)
        shipped = {
            a["name"].removeprefix("algorithms/"): a.get("arguments", ()) for a in shipped_algorithms()["algorithms"]
        }
        self._words = {name: _quoted(shipped[name]) for name in self.names}
        self._values: dict[str, Node] = {}

    def graph(self, number: int) -> Graph:
        """The graph of a number; numbers go round all algorithms."""
        self._values = {}
        name = self.names[number % len(self.names)]
        node = self._call(name, 1)
        if self.random.random() < 0.7:
            node = self._looked_at(node, _base(IMPLEMENTATIONS[name].signature.returns))
        return {"result": "root", "values": {**self._values, "root": node}}

    def _looked_at(self, node: Node, kind: str) -> Node:
        """A value of a kind that is lazy, asked for what it holds."""
        place = self._call_with("GeometryConstructors.Point", coordinates={"constantValue": [114.0002, 29.9998]})
        square = self._call_with("Geometry.buffer", geometry=place, distance={"constantValue": 40})
        match kind:
            case "Image":
                scale: Node = {"constantValue": self.random.choice([5, 10, 30])}
                reducer = self._call_with(self.random.choice(["Reducer.mean", "Reducer.toList", "Reducer.first"]))
                return self._call_with("Image.reduceRegion", image=node, reducer=reducer, geometry=square, scale=scale)
            case "ImageCollection" | "FeatureCollection":
                return self._call_with("Collection.first", collection=node)
            case "Reducer":
                items: Node = {"constantValue": self.random.choice([[1, 2, 3], [], [1.5, None, 2], [[1, 2], [3, 4]]])}
                return self._call_with("List.reduce", list=items, reducer=node)
            case "Filter":
                return self._call_with("Collection.filter", collection=self._asset("table"), filter=node)
            case "Kernel":
                return self._looked_at(
                    self._call_with("Image.convolve", image=self._asset("image"), kernel=node), "Image"
                )
            case "Classifier":
                table = self._asset("table")
                trained = self._call_with(
                    "Classifier.train", classifier=node, features=table, classProperty={"constantValue": "class"}
                )
                return self._call_with("FeatureCollection.classify", features=table, classifier=trained)
        return node

    def _asset(self, kind: str) -> Node:
        loaders = {
            "image": ("Image.load", {"id": IMAGE}),
            "collection": ("ImageCollection.load", {"id": COLLECTION}),
            "table": ("Collection.loadTable", {"tableId": TABLE}),
        }
        name, arguments = loaders[kind]
        return self._call_with(name, **{key: {"constantValue": value} for key, value in arguments.items()})

    def _call_with(self, name: str, /, **arguments: Node) -> Node:
        return {"functionInvocationValue": {"functionName": name, "arguments": arguments}}

    def _call(self, name: str, depth: int) -> Node:
        arguments = {}
        for argument in IMPLEMENTATIONS[name].signature.arguments:
            needed = argument.default is REQUIRED
            if self.random.random() < (0.98 if needed else 0.4):
                arguments[argument.name] = self._argument(name, argument, depth)
        return self._call_with(name, **arguments)

    def _argument(self, name: str, argument: Argument, depth: int) -> Node:
        words = self._words[name].get(argument.name)
        if words and self.random.random() < 0.7:
            return {"constantValue": self.random.choice(words)}
        if argument.name in _BY_NAME and self.random.random() < 0.7:
            return {"constantValue": self.random.choice(_BY_NAME[argument.name])}
        kind = _base(argument.type)
        if self.random.random() < ODD:
            kind = self.random.choice([*CONSTANTS, "Geometry", "Reducer", "Filter"])
        inner = argument.type.partition("<")[2].removesuffix(">")
        if kind == "List" and inner and self.random.random() < 0.6:
            count = self.random.choice([0, 1, 1, 2, 3])
            return {"arrayValue": {"values": [self.node(_base(inner), depth + 1) for _ in range(count)]}}
        return self.node(kind, depth)

    def node(self, kind: str, depth: int) -> Node:
        """A node that should give a value of a type."""
        if kind == "Algorithm":
            return self._function(depth)
        if kind in ("Image", "ImageCollection", "FeatureCollection", "Feature") and self.random.random() < 0.6:
            return self._element(kind)
        constants = CONSTANTS.get(kind)
        makers = self._makers.get(kind)
        if constants and (depth >= MOST_DEPTH or not makers or self.random.random() < 0.6):
            return {"constantValue": self.random.choice(constants)}
        if not makers:
            return {"constantValue": self.random.choice(CONSTANTS["Object"])}
        if depth >= MOST_DEPTH:
            makers = [m for m in makers if not self._required(m)] or makers[:1]
            return self._call_with(self.random.choice(makers))
        return self._call(self.random.choice(makers), depth + 1)

    @staticmethod
    def _required(name: str) -> bool:
        return any(a.default is REQUIRED for a in IMPLEMENTATIONS[name].signature.arguments)

    def _element(self, kind: str) -> Node:
        if kind == "Image":
            return self._asset("image")
        if kind == "ImageCollection":
            return self._asset("collection")
        table = self._asset("table")
        return table if kind == "FeatureCollection" else self._call_with("Collection.first", collection=table)

    def _function(self, depth: int) -> Node:
        """A function of two arguments whose body uses the first, or a constant."""
        key = f"body{len(self._values)}"
        bodies: list[Node] = [
            {"argumentReference": "x"},
            {"argumentReference": "y"},
            {"constantValue": 1},
            self._call_with("Number.add", left={"argumentReference": "x"}, right={"constantValue": 1}),
            self._call_with(
                "Element.set", object={"argumentReference": "x"}, key={"constantValue": "k"}, value={"constantValue": 1}
            ),
        ]
        self._values[key] = self.random.choice(bodies)
        return {"functionDefinitionValue": {"argumentNames": ["x", "y"], "body": key}}
