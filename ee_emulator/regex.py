"""Regular expressions of strangers: some take longer than the age of the universe, and hold up all other threads.

Python's engine backtracks, as Java's does, and cannot be interrupted. A pattern that could be expensive on a text is
tried in a process of its own first, which can; one that is through in time is then safe to run here.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

from ee_emulator.limits import timed_out

TRIAL_SECONDS = 5.0
CHEAP_STEPS = 10**7

_TRIAL = """import json, re, sys
pattern, flags, text = json.load(sys.stdin)
re.fullmatch(pattern, text, flags)
for _ in re.finditer(pattern, text, flags):
    pass
"""
_REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT)
_FEW = 16
"""A repeat of at most so many is bounded."""


class Pattern:
    """A compiled pattern that refuses texts on which it would take too long, in Earth Engine's words."""

    def __init__(self, compiled: re.Pattern[str]) -> None:
        self._compiled = compiled

    def search(self, text: str) -> re.Match[str] | None:
        """The first match."""
        return self._affordable(text).search(text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """The match of the whole text."""
        return self._affordable(text).fullmatch(text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """All matches."""
        return self._affordable(text).finditer(text)

    def sub(self, replacement: str | Callable[[re.Match[str]], str], text: str, count: int = 0) -> str:
        """The text with `count` matches replaced; 0 for all."""
        return self._affordable(text).sub(replacement, text, count=count)

    def _affordable(self, text: str) -> re.Pattern[str]:
        if _steps(self._compiled, len(text)) > CHEAP_STEPS:
            command = [sys.executable, "-I", "-S", "-c", _TRIAL]
            task = json.dumps([self._compiled.pattern, self._compiled.flags, text]).encode()
            try:
                subprocess.run(command, input=task, timeout=TRIAL_SECONDS, check=True)
            except subprocess.TimeoutExpired:
                raise timed_out() from None
        return self._compiled


def _steps(pattern: re.Pattern[str], length: int) -> float:
    """At most about so many steps: a power of the length for repeats side by side, 2^length for nested ones."""
    side_by_side, nested = _repeats(_parser.parse(pattern.pattern, pattern.flags))
    if nested:
        return float(2 ** min(length, 64))
    return float(max(length, 1)) ** (side_by_side + 1)


def _repeats(parsed: Any) -> tuple[int, bool]:
    """How many unbounded repeats a pattern has, and whether one of them repeats what can match in several ways."""
    count, nested = 0, False
    for operation, argument in parsed:
        if operation in _REPEATS:
            _, most, inner = argument
            inside, deep = _repeats(inner)
            unbounded = most > _FEW
            count += inside + unbounded
            nested |= deep or (unbounded and _ambiguous(inner))
        else:
            for part in _parts(argument):
                inside, deep = _repeats(part)
                count, nested = count + inside, nested or deep
    return count, nested


def _ambiguous(parsed: Any) -> bool:
    """Whether a pattern has a repeat or a choice anywhere."""
    return any(
        operation in (*_REPEATS, _constants.BRANCH) or any(map(_ambiguous, _parts(argument)))
        for operation, argument in parsed
    )


def _parts(argument: Any) -> list[Any]:
    """Patterns inside the argument of an operation: of groups, branches and assertions."""
    if isinstance(argument, _parser.SubPattern):
        return [argument]
    if isinstance(argument, tuple | list):
        return [part for item in argument for part in _parts(item)]
    return []
