"""What is known beforehand of which operators, signs and words serve which function: `seeds.yaml`, written by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("seeds.yaml")

SIGN, WORD = "sign:", "word:"
"""Before a function's id: evidence in a script's text that stands among the operators of a unit."""


@dataclass(frozen=True, slots=True)
class Seed:
    """Operators by name, with `*` for any characters, and how surely (0 to 1) who calls them serves a function."""

    pattern: str
    function: str
    strength: float


@dataclass(frozen=True, slots=True)
class Word:
    """Words in a text, and the operators that serve the function where these words stand."""

    pattern: str
    strength: float
    operators: tuple[str, ...]


@dataclass(frozen=True)
class Seeds:
    """The file.

    Attributes:
        exact: Operator to its seeds.
        open: Those with a `*` in the pattern.
        signs: Function to the regular expression of what tells it in a script's text.
        words: Function to words.
        nothing: Patterns of operators that serve none.
        grades: Name of a grade to its strength.
    """

    exact: Mapping[str, list[Seed]]
    open: tuple[Seed, ...]
    signs: Mapping[str, str]
    words: Mapping[str, Word]
    nothing: tuple[str, ...]
    grades: Mapping[str, float]

    def strengths(self, operator: str) -> dict[str, float]:
        """Function to strength; the surest pattern counts. Empty where no pattern matches."""
        found: dict[str, float] = {}
        for seed in (*self.exact.get(operator, ()), *(s for s in self.open if fnmatchcase(operator, s.pattern))):
            found[seed.function] = max(seed.strength, found.get(seed.function, 0.0))
        return found

    def is_nothing(self, operator: str) -> bool:
        """Whether the operator is known to tell nothing."""
        return any(fnmatchcase(operator, pattern) for pattern in self.nothing)


@cache
def seeds() -> Seeds:
    """The file, read once a process."""
    read: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    grades: dict[str, float] = read["grades"]
    told = [
        Seed(pattern, function, grades[grade])
        for function, by_grade in read["operators"].items()
        for grade, names in by_grade.items()
        for pattern in _patterns(names)
    ]
    exact: dict[str, list[Seed]] = {}
    for seed in told:
        exact.setdefault(seed.pattern, []).append(seed)
    words = {
        function: Word(word["pattern"], grades["usual"], tuple(_patterns(word["usual"])))
        for function, word in read["words"].items()
    }
    return Seeds(
        exact,
        tuple(seed for seed in told if "*" in seed.pattern),
        read["signs"],
        words,
        tuple(_patterns(read["nothing"])),
        grades,
    )


def _patterns(names: Mapping[str, str]) -> Iterator[str]:
    for owner, shorts in names.items():
        yield from (f"{owner}.{short}" if owner else short for short in shorts.split())
