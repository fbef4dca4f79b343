"""Looks at each call while a program is followed, and notes what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator

from codegen.checking.arguments import Fault, faults
from codegen.checking.forms import form, javascript, python_members
from codegen.checking.near import OTHER_CLIENT, near_operators
from codegen.checking.problem import Problem
from codegen.checking.special import special_faults
from codegen.corpora.script import Language
from codegen.extraction.calling import Given
from codegen.extraction.program import Place
from codegen.extraction.signatures import UNTYPED, Operator
from codegen.extraction.values import EarthEngine

_NO_CLASS = f"ee.{UNTYPED}"


class Watch:
    """Of one program.

    Attributes:
        shift: Added to the lines that are told.
        unknown_places: Where an operator is called that does not exist.
    """

    def __init__(self, language: Language, shift: int = 0, last: int | None = None) -> None:
        """What is behind the last line is none of the program's."""
        self.shift = shift
        self._last = last
        self.unknown_places: set[Place] = set()
        self._language = language
        self._found: dict[tuple[Place, str], list[Fault]] = {}
        self._seen: set[tuple[Place, str, str]] = set()

    def called(self, operator: Operator, receiver: EarthEngine | None, given: Given, guessed: bool) -> None:
        """Notes what is wrong with a call's arguments; what of a place was told before is not told again."""
        if operator.owner in ("ee.data", "ee.batch"):
            self._of_module(operator, given)
            return
        if operator.short in OTHER_CLIENT[self._language] and operator.algorithm is None:
            self._note_unknown(f"ee.{operator.owner}", operator.short, given)
            return
        taken = form(operator, self._language)
        if taken is None or guessed:
            return
        is_unbound = operator.kind == "method" and receiver is None
        found = [] if is_unbound else [*special_faults(operator, given, self._language)]
        for fault in found or faults(operator, taken, given, self._language, is_unbound):
            self._note(given.place, operator.name, fault)

    def unresolved(self, owner: str, name: str, given: Given) -> None:
        """Notes an operator that does not exist, unless it is something else that the client has."""
        if self._language == "python":
            is_there = owner != _NO_CLASS and name in python_members(owner)
        else:
            is_there = name in javascript().members or (owner == "ee" and name in javascript().names)
            is_there = is_there or owner.split(".")[1:2] == ["layers"]
        if not is_there:
            self._note_unknown(owner, name, given)

    def problems(self) -> Iterator[Problem]:
        """All that was found."""
        for (place, operator), found in self._found.items():
            for fault in found:
                yield Problem(fault.kind, operator, fault.message, max(1, place.line + self.shift))

    def _of_module(self, operator: Operator, given: Given) -> None:
        front, _, last = operator.name.rpartition(".")
        if self._language == "python" and last not in python_members(front):
            self._note_unknown(front, last, given)

    def _note_unknown(self, owner: str, name: str, given: Given) -> None:
        if self._last is None or given.place.line <= self._last:
            self.unknown_places.add(given.place)
        told = f"There is no {owner}.{name}."
        if owner == _NO_CLASS:
            told = f"{name} is called on an object whose class the client does not know."
        message = f"{told} {near_operators(owner, name, self._language)}".strip()
        self._note(given.place, f"{owner}.{name}", Fault("unknown_operator", message))

    def _note(self, place: Place, operator: str, fault: Fault) -> None:
        is_own = self._last is None or place.line <= self._last
        if is_own and (place, operator, fault.message) not in self._seen:
            self._seen.add((place, operator, fault.message))
            self._found.setdefault((place, operator), []).append(fault)
