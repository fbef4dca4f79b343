"""What comes next: the end of an unfinished script, and the operators that most often go on from there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from codegen.corpora.language import tell_language
from codegen.corpora.script import Language
from codegen.extraction.calls import OperatorCall
from codegen.extraction.extract import extract
from codegen.retrieval.relations import Relations

LONGEST_SUFFIX = 5
"""Calls that are compared."""

Source = Literal["chains", "relationships", "arguments", "class"]

_PROBE, _ARGUMENT = "getInfo", "ee.ErrorMargin"
"""A method that every object has, and an operator that scripts hardly ever name."""
_STRING = r"""(?P<string>"(?:\\.|[^"\\\n])*(?P<closed>")?|'(?:\\.|[^'\\\n])*(?P<closed2>')?)"""
_LEXEMES: Mapping[Language, re.Pattern[str]] = {
    "javascript": re.compile(rf"(?P<comment>//[^\n]*|/\*(?:.|\n)*?(?:\*/|\Z))|{_STRING}|(?P<bracket>[()\[\]{{}}])"),
    "python": re.compile(
        r'(?P<comment>#[^\n]*|"""(?:.|\n)*?(?:"""|\Z)|' + r"'''(?:.|\n)*?(?:'''|\Z)" + rf")|{_STRING}|"
        r"(?P<bracket>[()\[\]{}])"
    ),
}
_WORDS: Mapping[Language, re.Pattern[str]] = {
    "python": re.compile(r"^\s*(?:import|from)\s+\w|^\s*def\s+\w+\(|\blambda\b", re.MULTILINE),
    "javascript": re.compile(r"\bfunction\b|^\s*(?:var|let|const)\b|=>|;\s*$", re.MULTILINE),
}
_ALL = 1_000_000
"""Of a list: whatever there is."""
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_MEMBER = re.compile(r"\.\s*([A-Za-z_]\w*)?$")


@dataclass(frozen=True, slots=True)
class OpenEnd:
    """Where an unfinished script stops.

    Attributes:
        chain: The calls that lead there, each on the result of the one before.
        owner: Class of what stands there, where it is known.
        inside: The operator whose arguments are being written there.
        prefix: Of a name that is begun.
    """

    chain: tuple[str, ...]
    owner: str | None = None
    inside: str | None = None
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An operator that may come next.

    Attributes:
        operator: Full name.
        count: How often it came next, as `source` tells.
        matched: Calls before it that were the same.
        source: `chains` after the same calls; `relationships`: after the last one, in a pair; `arguments`: within the
            operator that is being written; `class`: a method of what stands there, counted wherever it is called.
    """

    operator: str
    count: int
    matched: int
    source: Source


def language_of(code: str) -> Language:
    """By words that only one language has; the grammars are asked last, as an unfinished script fits neither."""
    for language, words in _WORDS.items():
        if words.search(code):
            return language
    return tell_language(code) or "javascript"


def open_end(code: str, language: Language) -> OpenEnd:
    """Finds where a script stops: a call is added there, and what the extraction makes of that call is looked at."""
    text, brackets = _without_comments(code, language)
    text = text.rstrip(" \t\r\n;")
    member = _MEMBER.search(text)
    prefix = (member[1] or "") if member else ""
    text = text[: member.start()] if member else text
    is_argument = member is None and text.endswith(("(", "[", "{", ",", ":", "="))
    added = _argument(text, brackets, language) if is_argument else f".{_PROBE}()"
    calls = _calls(text + added + "".join(_CLOSING[one] for one in reversed(brackets)), language)
    probes = [call for call in calls if call.operator == _ARGUMENT or call.operator.endswith(f".{_PROBE}")]
    probe = max(probes, key=lambda call: call.place, default=None)
    if probe is not None and is_argument:
        around = [call for call in calls if any(probe.number in given for given in call.arguments)]
        if around:
            inside = max(around, key=lambda call: call.place)
            return OpenEnd(_chain(inside.number, calls), inside=inside.operator, prefix=prefix)
    elif probe is not None:
        chain = _chain(max(probe.receivers), calls) if probe.receivers else ()
        return OpenEnd(chain, probe.operator.split(".")[-2], prefix=prefix)
    others = [call for call in calls if call is not probe]
    return OpenEnd(_chain(others[-1].number, calls) if others else (), prefix=prefix)


def _argument(text: str, brackets: Sequence[str], language: Language) -> str:
    key = "" if text.endswith((":", "=")) or not brackets or brackets[-1] != "{" else "probe: "
    return f" {key.replace('probe', repr('probe')) if language == 'python' else key}{_ARGUMENT}(1)"


def _calls(text: str, language: Language) -> tuple[OperatorCall, ...]:
    if language == "python" and not re.search(r"^\s*(?:import|from)\s+ee\b", text, re.MULTILINE):
        text = f"import ee\n{text}"  # a snippet is seldom begun with it, and names nothing without
    return extract(text, language).calls


def _chain(last: int, calls: Sequence[OperatorCall]) -> tuple[str, ...]:
    """The calls that lead to one; where a way joins others, the one that was written last."""
    numbers = [last]
    while (before := calls[numbers[-1]].receivers) and max(before) not in numbers:
        numbers.append(max(before))
    return tuple(calls[number].operator for number in reversed(numbers))


def _without_comments(code: str, language: Language) -> tuple[str, list[str]]:
    """The code up to a string that is not closed, comments as blanks; and the brackets that are open at its end."""
    brackets: list[str] = []
    parts, end = [], 0
    for found in _LEXEMES[language].finditer(code):
        if found["comment"] is not None:
            parts += [code[end : found.start()], " "]
            end = found.end()
        elif found["string"] is not None:
            if found["closed"] is None and found["closed2"] is None and found.end() == len(code):
                return "".join([*parts, code[end : found.start()]]), brackets
        elif found["bracket"] in _CLOSING:
            brackets.append(found["bracket"])
        elif brackets:
            brackets.pop()
    return "".join([*parts, code[end:]]), brackets


class Continuations:
    """Which operators go on from a run of calls, counted over all chains."""

    def __init__(self, chains: pl.DataFrame) -> None:
        """Of the knowledge base's table."""
        calls = chains.select("operators", "count").with_row_index("chain").explode("operators").drop_nulls("operators")
        self._names = calls["operators"].unique().sort().to_list()
        self._numbers = {name: number for number, name in enumerate(self._names)}
        self._calls: NDArray[np.int64] = (
            calls["operators"].replace_strict(self._numbers, return_dtype=pl.Int64).to_numpy()
            if calls.height
            else np.zeros(0, np.int64)
        )
        self._chains = calls["chain"].to_numpy().astype(np.int64)
        self._counts = calls["count"].to_numpy().astype(np.int64)

    def after(self, suffix: Sequence[str]) -> list[tuple[str, int]]:
        """Operators that come after a run of calls, with their counts, the most frequent first."""
        numbers = [self._numbers.get(name, -1) for name in suffix]
        ends = np.arange(len(numbers) - 1, len(self._calls) - 1)
        for back, number in enumerate(reversed(numbers)):
            ends = ends[self._calls[ends - back] == number]
        first, following = ends - len(numbers) + 1, ends + 1
        ends = ends[self._chains[first] == self._chains[following]]
        counts = np.bincount(self._calls[ends + 1], self._counts[ends + 1], minlength=len(self._names))
        order = np.argsort(-counts, kind="stable")
        return [(self._names[number], int(counts[number])) for number in order if counts[number] > 0]


def suggest(end: OpenEnd, continuations: Continuations, relations: Relations, k: int) -> tuple[Suggestion, ...]:
    """Operators that may come next: after the longest run of the same calls first, then after shorter ones."""
    found: dict[str, Suggestion] = {}
    for one in _candidates(end, continuations, relations):
        if one.operator.rsplit(".", 1)[-1].startswith(end.prefix):
            found.setdefault(one.operator, one)
        if len(found) == k:
            break
    return tuple(found.values())


def _candidates(end: OpenEnd, continuations: Continuations, relations: Relations) -> Iterator[Suggestion]:
    if end.inside is not None:
        for one in relations.at(end.inside, "arguments", _ALL):
            yield Suggestion(one.operator, one.count, 1, "arguments")
        return
    for length in range(min(LONGEST_SUFFIX, len(end.chain)), 0, -1):
        for operator, count in continuations.after(end.chain[-length:]):
            yield Suggestion(operator, count, length, "chains")
    if end.chain:
        for one in relations.at(end.chain[-1], "follows", _ALL):
            yield Suggestion(one.operator, one.count, 1, "relationships")
    if end.owner is not None:
        for one in relations.methods(end.owner):
            yield Suggestion(one.operator, one.count, 0, "class")
