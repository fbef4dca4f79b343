"""Faults that are sown into scripts which run: what the check is measured by.

A change is sown at a call of which the extraction knows the operator for certain (its class was not guessed from its
name). It knows nothing of the check's own tables. The ways were fixed before the check was tuned to them:

- `operator`: the name is written wrongly: two letters change places, one is left out or doubled, or a word is added;
- `argument`: one more argument than the operator has, or one with a name that it has not;
- `lacking`: the last argument by place, or any by name, is left out;
- `type`: a literal of another type: words for a number, a number for words or a list, words for a truth value.

Whether a change is a fault is told by running the script: an argument that is left out may be one that is not needed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import tree_sitter_javascript
import tree_sitter_python
from tree_sitter import Language as Grammar
from tree_sitter import Node, Parser

from codegen.corpora.script import Language
from codegen.extraction.calling import Given
from codegen.extraction.extract import extract
from codegen.extraction.signatures import Operator, signatures
from codegen.extraction.values import EarthEngine

Sort = Literal["operator", "argument", "lacking", "type"]
SORTS: tuple[Sort, ...] = ("operator", "argument", "lacking", "type")

_PARSERS = {
    "javascript": Parser(Grammar(tree_sitter_javascript.language())),
    "python": Parser(Grammar(tree_sitter_python.language())),
}
_OTHER = {
    "string": "12.5", "number": "'words'", "integer": "'words'", "float": "'words'", "true": "'words'",
    "false": "'words'", "array": "12.5", "list": "12.5",
}  # fmt: skip
"""A literal of another type, by the node of one."""


@dataclass(frozen=True)
class Sown:
    """A script with one fault.

    Attributes:
        sort: Of the fault.
        operator: At whose call it is.
        code: The script.
        line: Of the operator's name.
    """

    sort: Sort
    operator: str
    code: str
    line: int


class _Sites:
    """Calls whose operator is known for certain, by place."""

    def __init__(self) -> None:
        self.found: dict[tuple[int, int], set[Operator]] = {}
        self.doubtful: set[tuple[int, int]] = set()

    def called(self, operator: Operator, receiver: EarthEngine | None, given: Given, guessed: bool) -> None:
        place = given.place.line, given.place.column
        self.found.setdefault(place, set()).add(operator)
        if guessed or given.is_doubtful or given.is_open:
            self.doubtful.add(place)
        if operator.kind == "method" and receiver is None:
            self.doubtful.add(place)

    def unresolved(self, owner: str, name: str, given: Given) -> None:
        self.doubtful.add((given.place.line, given.place.column))

    def certain(self) -> Iterator[tuple[tuple[int, int], Operator]]:
        for place, operators in sorted(self.found.items()):
            if len(operators) == 1 and place not in self.doubtful:
                yield place, next(iter(operators))


def sown(code: str, language: Language, seed: int, most: int = 4) -> list[Sown]:
    """Faults in a script, one each: of every sort at most some, at places chosen by chance."""
    chance = random.Random(f"{seed}:{code}")
    sites = _Sites()
    extract(code, language, sites)
    source = code.encode()
    calls = _calls(_PARSERS[language].parse(source).root_node, language)
    found: dict[Sort, list[Sown]] = {sort: [] for sort in SORTS}
    for place, operator in sites.certain():
        if place not in calls or not operator.name.startswith("ee."):
            continue
        for sort, start, end, text in _edits(operator, calls[place], language, chance):
            changed = (source[:start] + text.encode() + source[end:]).decode()
            found[sort].append(Sown(sort, operator.name, changed, place[0]))
    return [one for some in found.values() for one in chance.sample(some, min(most, len(some)))]


def _calls(root: Node, language: Language) -> dict[tuple[int, int], tuple[Node, Node]]:
    """Name and arguments of each call, by the place of the name."""
    kind, last = ("call_expression", "property") if language == "javascript" else ("call", "attribute")
    found, waiting = {}, [root]
    while waiting:
        node = waiting.pop()
        waiting.extend(node.children)
        if node.type == kind:
            callee = node.child_by_field_name("function")
            name = callee.child_by_field_name(last) if callee is not None else None
            given = node.child_by_field_name("arguments")
            if name is not None and given is not None and given.type in ("arguments", "argument_list"):
                row, column = name.start_point
                found[row + 1, column] = name, given
    return found


_Edit = tuple[Sort, int, int, str]


def _edits(operator: Operator, call: tuple[Node, Node], language: Language, chance: random.Random) -> Iterator[_Edit]:
    name, given = call
    yield "operator", name.start_byte, name.end_byte, _misspelt(operator, _text(name), chance)
    arguments = [child for child in given.named_children if child.type != "comment"]
    if any("splat" in one.type or "spread" in one.type for one in arguments):
        return
    pairs = _pairs(arguments, language)
    yield from _bogus(operator, given, arguments, pairs, language)
    yield from _lacking(arguments if language == "python" or not pairs else pairs)
    for node in (*arguments, *pairs):
        literal = node.child_by_field_name("value") if node.type in ("keyword_argument", "pair") else node
        if literal is not None and literal.type in _OTHER:
            yield "type", literal.start_byte, literal.end_byte, _OTHER[literal.type]


def _misspelt(operator: Operator, name: str, chance: random.Random) -> str:
    owner = operator.name.rpartition(".")[0]
    known = {one.rpartition(".")[2] for one in signatures().paths if one.rpartition(".")[0] == owner}
    known |= set(signatures().methods.get(operator.owner, ()))
    while True:
        at = chance.randrange(len(name))
        wrong = chance.choice(
            [
                name[:at] + name[at + 1 :],
                name[:at] + name[at] + name[at:],
                name[: at - 1] + name[at] + name[at - 1] + name[at + 1 :] if at else name[1:],
                f"{name}Value",
                f"get{name[0].upper()}{name[1:]}",
            ]
        )
        if wrong and wrong != name and wrong not in known and not wrong[0].isdigit():
            return wrong


def _pairs(arguments: Sequence[Node], language: Language) -> list[Node]:
    """Arguments with a name."""
    if language == "python":
        return [one for one in arguments if one.type == "keyword_argument"]
    if len(arguments) != 1 or arguments[0].type != "object":
        return []
    return [one for one in arguments[0].named_children if one.type == "pair"]


def _bogus(
    operator: Operator, given: Node, arguments: Sequence[Node], pairs: Sequence[Node], language: Language
) -> Iterator[_Edit]:
    end, before = given.end_byte - 1, _text(given)[:-1].rstrip()
    separator = ", " if arguments and not before.endswith(",") else ""
    if language == "python":
        yield "argument", end, end, f"{separator}bogusArgument=1"
    elif pairs:
        yield "argument", pairs[-1].end_byte, pairs[-1].end_byte, ", bogusArgument: 1"
    if not pairs:
        lacking = max(1, len(operator.parameters) + 1 - len(arguments))
        yield "argument", end, end, separator + ", ".join(["1"] * lacking)


def _lacking(arguments: Sequence[Node]) -> Iterator[_Edit]:
    """Without each of those that are named, or without the last one."""
    for at, node in enumerate(arguments):
        if node.type not in ("keyword_argument", "pair") and at < len(arguments) - 1:
            continue
        if at > 0:
            yield "lacking", arguments[at - 1].end_byte, node.end_byte, ""
        else:
            yield "lacking", node.start_byte, arguments[1].start_byte if len(arguments) > 1 else node.end_byte, ""


def _text(node: Node | None) -> str:
    return "" if node is None else (node.text or b"").decode()
