"""Relations and chains of the labelled scripts, derived from their hand-made tables of calls.

`python -m tests.codegen.labelled.derive` writes `relations` and `chains` into each label; `--check` only compares.

Made from the text of the definition (the docstring of `codegen/extraction/relations.py`) alone: neither that module nor
any other of `codegen` is used or was read. A line of a table is

    NUMBER[?] OPERATOR [< SOURCES] [; WAY]... [=> SOURCES]

in the order in which the calls are made. After `<` stand the calls of whose results the receiver may be one; each `;`
begins one argument with a result in it (arguments without are left out); after `=>` stands what a function returns
that is given to the call. SOURCES are numbers: `3|4` for alternatives, `[3,4]` for what lies in one list or object,
`{3 4}` for an object of named arguments, entry by entry. A `?` says that the call stands in a branch that a run does
not take; a `~` behind a source that it arrives only if a loop with bounds that the script itself gives makes no round.
Neither changes what is derived here.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
SOURCES = r"\d+~?(\|\d+~?)*|\[\d+(,\d+)*\]|\{\S+( \S+)*\}"
LINE = re.compile(r"^(\d+)(\??) ([\w.]+)((?: <| ;| =>).*)?$")

Way = tuple[int, ...]


@dataclass(frozen=True)
class Readings:
    """Where the definition leaves a choice; the first of each is what the labels have."""

    named_apart: bool = False
    """Named arguments in JavaScript's object are ways of their own."""
    rounds_made: bool = False
    """Loops with bounds in the script make a round: nothing passes them by."""
    per_meeting: bool = False
    """Parallel pairs count once for each call in which they meet, not once for the two places."""


@dataclass(frozen=True)
class Line:
    """A call: operator, whether a run leaves it out, and what enters it."""

    operator: str
    untaken: bool
    receivers: Way
    arguments: tuple[Way, ...]
    returned: Way

    @property
    def ways(self) -> tuple[Way, ...]:
        """The receiver, then the arguments, as far as a result enters there."""
        return (self.receivers, *self.arguments) if self.receivers else self.arguments

    @property
    def entering(self) -> set[int]:
        """All calls whose results enter this one."""
        return {source for way in (*self.ways, self.returned) for source in way}


def _sources(text: str, readings: Readings) -> Way:
    found = re.findall(r"(\d+)(~?)", text)
    return tuple(sorted({int(number) for number, passes in found if not (passes and readings.rounds_made)}))


def _parts(rest: str, text: str, readings: Readings) -> Iterator[tuple[str, Way]]:
    """What stands behind the operator: each sign and the sources behind it."""
    signs_and_parts = re.split(r" (<|;|=>) ", rest)[1:]
    for sign, part in zip(signs_and_parts[::2], signs_and_parts[1::2], strict=True):
        if not re.fullmatch(SOURCES, part):
            raise ValueError(f"no sources: {text!r}")
        apart = readings.named_apart and part.startswith("{")
        for piece in part.strip("{}").split() if apart else [part]:
            yield sign, _sources(piece, readings)


def read_calls(lines: list[str], readings: Readings = Readings()) -> dict[int, Line]:
    """A table of calls by number."""
    calls: dict[int, Line] = {}
    for text in lines:
        matched = LINE.match(text.strip())
        if not matched:
            raise ValueError(f"no line of a table: {text!r}")
        number, untaken, operator, rest = matched.groups()
        if int(number) != len(calls) + 1:
            raise ValueError(f"not in order: {text!r}")
        receivers: Way = ()
        returned: Way = ()
        arguments: list[Way] = []
        for sign, sources in _parts(rest or "", text, readings):
            if sign == "<":
                receivers = sources
            elif sign == "=>":
                returned = sources
            elif sources:
                arguments.append(sources)
        calls[int(number)] = Line(operator, bool(untaken), receivers, tuple(arguments), returned)
    for number, call in calls.items():
        if call.entering - calls.keys():
            raise ValueError(f"{number}: sources that are no calls")
    return calls


def _behind(calls: dict[int, Line]) -> dict[int, set[int]]:
    """For each call all to which its result goes back."""
    found: dict[int, set[int]] = {}
    for number, call in calls.items():
        reached: set[int] = set()
        waiting = list(call.entering)
        while waiting:
            source = waiting.pop()
            if source not in reached:
                reached.add(source)
                waiting.extend(calls[source].entering)
        found[number] = reached
    return found


def relations(calls: dict[int, Line], readings: Readings = Readings()) -> list[list[Any]]:
    """[first, second, relation, count of pairs of places], sorted."""
    behind = _behind(calls)
    places: set[tuple[str, int, int, int]] = set()
    for number, call in calls.items():
        places |= {("sequential", source, number, 0) for source in call.receivers}
        inner = {source for way in (*call.arguments, call.returned) for source in way}
        places |= {("nested", number, source, 0) for source in inner}
        for one, other in combinations(call.ways, 2):
            for a in one:
                for b in other:
                    if a != b and a not in behind[b] and b not in behind[a]:
                        met = number if readings.per_meeting else 0
                        places.add(("parallel", min(a, b), max(a, b), met))
    counts: Counter[tuple[str, str, str]] = Counter()
    for relation, a, b, _ in places:
        names = [calls[a].operator, calls[b].operator]
        first, second = sorted(names) if relation == "parallel" else names
        counts[relation, first, second] += 1
    return [[first, second, relation, count] for (relation, first, second), count in sorted(counts.items())]


def chains(calls: dict[int, Line]) -> list[str]:
    """A chain for each call whose result enters no other."""
    entered = {source for number, call in calls.items() for source in call.entering if source != number}
    return [_written(number, calls, set()) for number in calls if number not in entered]


def _written(number: int, calls: dict[int, Line], stands: set[int]) -> str:
    call = calls[number]
    if number in stands:
        return call.operator
    stands.add(number)

    def one_way(way: Way) -> str:
        parts = [_written(source, calls, stands) for source in way]
        return parts[0] if len(parts) == 1 else "{" + " | ".join(parts) + "}"

    led = [one_way(way) for way in call.ways]
    before = "" if not led else f"{led[0]} -> " if len(led) == 1 else "{" + " || ".join(led) + "} -> "
    after = f"({one_way(call.returned)})" if call.returned else ""
    return f"{before}{call.operator}{after}"


def label(text: dict[str, Any], readings: Readings = Readings()) -> dict[str, Any]:
    """A label with what its table says."""
    calls = read_calls(text["calls"], readings)
    return text | {"relations": relations(calls, readings), "chains": chains(calls)}


def dump(text: dict[str, Any]) -> str:
    """A label as its file has it."""

    def items(name: str) -> str:
        lines = [yaml.safe_dump(item, default_flow_style=True, width=10**6, allow_unicode=True) for item in text[name]]
        return f"{name}:\n" + "".join(f"- {line.replace('...', '').strip()}\n" for line in lines)

    head = f"forms: [{', '.join(text['forms'])}]\n"
    if text.get("notes"):
        head += yaml.safe_dump({"notes": text["notes"]}, width=110, allow_unicode=True)
    return head + "".join(items(name) for name in ("calls", "relations", "chains"))


def main() -> int:
    """Writes the labels, or with `--check` says which differ."""
    wrong = 0
    for path in sorted(HERE.glob("*.yaml")):
        old = path.read_text()
        try:
            new = dump(label(yaml.safe_load(old)))
        except (ValueError, KeyError) as error:
            print(f"{path.name}: {error}")
            wrong += 1
            continue
        if "--check" in sys.argv:
            if new != old:
                print(f"{path.name} differs from its table")
                wrong += 1
        else:
            path.write_text(new)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
