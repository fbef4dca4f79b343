"""What data a script needs, read off the graphs that it builds: a catalogue of stand-ins under the ids that it names.

It gives each data set the bands that the script selects, the range that it displays, the dates and properties that it
filters by. The scripts then run on noise: that says nothing of the data, and everything of whether the engine can do
what the scripts do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

LOADERS = {
    "Image.load": ("image", "id"),
    "ImageCollection.load": ("collection", "id"),
    "Collection.loadTable": ("table", "tableId"),
}
BAND_ARGUMENTS = {
    ("Image.select", "bandSelectors"),
    ("Image.normalizedDifference", "bandNames"),
    ("ImageCollection.qualityMosaic", "qualityBand"),
}
COLUMN_ARGUMENTS = ("leftField", "rightField", "property", "color", "selectors", "propertySelectors", "properties")
SPAN_WITHOUT_DATES = (1_577_836_800_000, 1_609_459_200_000)
"""2020."""
IMAGES = 8
DAY_MS = 86_400_000


@dataclass
class Needed:
    """What a script asks of one data set."""

    kind: str
    bands: dict[str, None] = field(default_factory=dict)
    first_bands: int = 1
    limits: tuple[float, float] | None = None
    dates: list[float] = field(default_factory=list)
    equal: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, None] = field(default_factory=dict)
    parses: bool = False


def functions_in(graph: Any) -> Iterator[str]:
    """Names of the algorithms that a graph calls."""
    for node in _nodes(graph):
        if isinstance(node.get("functionName"), str):
            yield node["functionName"].removeprefix("algorithms/")


def _nodes(value: Any) -> Iterator[Mapping[str, Any]]:
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, dict):
            yield current
            pending += current.values()
        elif isinstance(current, list):
            pending += current


class _Reader:
    """Walks one graph and notes on each data set below a call what the call asks of it."""

    def __init__(self, graph: Mapping[str, Any], parameters: Mapping[str, Any], found: dict[str, Needed]) -> None:
        self.values = graph["values"]
        self.found = found
        self.below: dict[str, set[str]] = {}
        for asset in self.visit({"valueReference": graph["result"]}):
            self._displayed(found[asset], parameters)

    def visit(self, node: Any) -> set[str]:
        """The data sets below a node."""
        if isinstance(node, list):
            return set().union(*map(self.visit, node)) if node else set()
        if not isinstance(node, dict):
            return set()
        if "valueReference" in node:
            return self._shared(node["valueReference"])
        if "functionDefinitionValue" in node:
            return self._shared(node["functionDefinitionValue"]["body"])
        call = node.get("functionInvocationValue")
        if call is None:
            return set().union(*map(self.visit, node.values())) if node else set()
        name = call.get("functionName", "")
        if name in LOADERS:
            kind, argument = LOADERS[name]
            asset = self.constant(call["arguments"].get(argument))
            if isinstance(asset, str):
                self.found.setdefault(asset, Needed(kind))
                return {asset}
            return set()
        below = self.visit(list(call.get("arguments", {}).values()))
        for asset in below:
            for inner in self.calls_in(node):
                self._asked(self.found[asset], inner)
        return below

    def _shared(self, key: str) -> set[str]:
        """The data sets below a value that others may refer to as well: looked at once."""
        if key not in self.below:
            self.below[key] = self.visit(self.values[key])
        return self.below[key]

    def calls_in(self, node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """The call itself, and those in the functions and filters that it is given."""
        call = node["functionInvocationValue"]
        yield call
        for argument in call.get("arguments", {}).values():
            definition = self.resolved(argument).get("functionDefinitionValue")
            if definition:
                yield from self._all_calls({"valueReference": definition["body"]})
            elif not self.visit(argument):
                yield from self._all_calls(argument)

    def _all_calls(self, node: Any) -> Iterator[Mapping[str, Any]]:
        """Every call below a node, each shared value once."""
        pending, seen = [node], set[str]()
        while pending:
            for inner in _nodes(pending.pop()):
                if "functionInvocationValue" in inner:
                    yield inner["functionInvocationValue"]
                key = inner.get("valueReference") or inner.get("body")
                if isinstance(key, str) and key in self.values and key not in seen:
                    seen.add(key)
                    pending.append(self.values[key])

    def resolved(self, node: Any) -> Any:
        while isinstance(node, dict) and "valueReference" in node:
            node = self.values[node["valueReference"]]
        return node if isinstance(node, dict) else {}

    def constant(self, node: Any) -> Any:
        resolved = self.resolved(node)
        if "arrayValue" in resolved:
            return [self.constant(item) for item in resolved["arrayValue"].get("values", [])]
        return resolved.get("constantValue")

    def _asked(self, needed: Needed, call: Mapping[str, Any]) -> None:
        name, arguments = call.get("functionName", ""), call.get("arguments", {})
        for argument, node in arguments.items():
            value = self.constant(node)
            given = value if isinstance(value, list) else [value]
            texts = [v for v in given if isinstance(v, str)]
            if (name, argument) in BAND_ARGUMENTS:
                needed.bands |= dict.fromkeys(map(_band_that_matches, texts))
                needed.first_bands = max([needed.first_bands, *(v + 1 for v in given if isinstance(v, int))])
            if argument in COLUMN_ARGUMENTS:
                needed.columns |= dict.fromkeys(texts)
        needed.parses |= name == "Number.parse"
        if name in ("DateRange", "Date"):
            needed.dates += [
                ms for key in ("start", "end", "value") if (ms := _milliseconds(self.constant(arguments.get(key))))
            ]
        if name == "Filter.equals":
            key, value = (self.constant(arguments.get(k)) for k in ("leftField", "rightValue"))
            if isinstance(key, str) and value is not None:
                needed.equal[key] = value
        if name == "Filter.listContains":
            key, value = (self.constant(arguments.get(k)) for k in ("leftField", "rightValue"))
            if isinstance(key, str) and value is not None:
                needed.equal.setdefault(key, []).append(value)

    @staticmethod
    def _displayed(needed: Needed, parameters: Mapping[str, Any]) -> None:
        bands = parameters.get("bands") or []
        needed.bands |= dict.fromkeys(bands.split(",") if isinstance(bands, str) else bands)
        needed.bands = {band.strip(): None for band in needed.bands}
        low, high = (_first_number(parameters.get(key)) for key in ("min", "max"))
        if high is not None:
            needed.limits = (0 if low is None else low, high)
        if not parameters.get("palette") and not needed.bands:
            needed.first_bands = max(needed.first_bands, 3)


def _band_that_matches(selector: str) -> str:
    """A band name that a selector chooses: the selector, or for a simple pattern what it stands for."""
    return re.sub(r"\.\*|\[.*?\]|\\d|\.", "1", selector).strip("^$")


def _first_number(value: Any) -> float | None:
    if isinstance(value, str):
        value = value.split(",")
    first = value[0] if isinstance(value, list) and value else value
    try:
        return None if first is None or isinstance(first, list | dict) else float(first)
    except ValueError:
        return None


def _milliseconds(value: Any) -> float | None:
    if isinstance(value, int | float):
        return float(value)
    if not isinstance(value, str):
        return None
    parts = [int(part) for part in value.split("T")[0].split("-") if part.isdigit()]
    return datetime(*[*parts, 1, 1][:3], tzinfo=UTC).timestamp() * 1000 if parts else None


def needed_by(things: Iterable[Mapping[str, Any]]) -> dict[str, Needed]:
    """The data sets that graphs name, with all that is asked of each."""
    found: dict[str, Needed] = {}
    for thing in things:
        _Reader(thing["graph"], thing["parameters"], found)
    return found


def entry(asset: str, needed: Needed) -> dict[str, Any]:
    """The catalogue's entry of a stand-in for one data set."""
    answer: dict[str, Any] = {"id": asset, "stand_in": needed.kind}
    if needed.kind == "table":
        held = ["1", "2"] if needed.parses else [0, 100]
        columns = {name: held for name in needed.columns if not name.startswith(("system:", "."))}
        for name, value in needed.equal.items():
            columns[name] = [value, "other"] if isinstance(value, str) else [value, value + 1]
        return answer | {"columns": columns, "rows": 60}
    low, high = needed.limits or (0, 100)
    low, high = (low, high) if low <= high else (high, low)
    whole = float(low).is_integer() and float(high).is_integer() and abs(high) < 2**31
    limits = [int(low), int(high)] if whole else [float(low), float(high)]
    bands = [*needed.bands, *(f"b{k}" for k in range(len(needed.bands) + 1, needed.first_bands + 1))]
    answer |= {"bands": dict.fromkeys(bands or ["b1"], limits), "scale": 1_000}
    if needed.kind == "image":
        return answer | {"start": "2020-01-01", "properties": needed.equal}
    first, last = (min(needed.dates), max(needed.dates)) if needed.dates else SPAN_WITHOUT_DATES
    last = max(last, first + DAY_MS)
    every = max(1.0, round((last - first) / IMAGES / DAY_MS))
    times = {key: datetime.fromtimestamp(ms / 1000, UTC).isoformat() for key, ms in (("start", first), ("end", last))}
    return answer | times | {"every": every, "image_properties": needed.equal}
