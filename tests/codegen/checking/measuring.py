"""How well the check tells faults from what is right: on scripts that run, and on the same with faults sown in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from codegen.checking.check import check
from codegen.corpora.script import Language
from tests.codegen.checking.seeding import SORTS, Sown, sown

Scripts = Sequence[Mapping[str, str]]
Fails = Callable[[Scripts], Sequence[bool]]
"""Whether each script raises before its end."""


@dataclass
class Recall:
    """Changes by what became of them.

    Attributes:
        caught: The script fails, and the check says so.
        missed: It fails, and the check says nothing.
        alarms: It runs, and the check says something; the place may not be reached when it runs.
        quiet: It runs, and the check says nothing: the change was no fault.
        examples: Of those that were missed.
    """

    caught: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    alarms: Counter[str] = field(default_factory=Counter)
    quiet: Counter[str] = field(default_factory=Counter)
    examples: list[Sown] = field(default_factory=list)

    def of(self, sort: str) -> float:
        """The share of a sort's faults that is caught."""
        return self.caught[sort] / max(1, self.caught[sort] + self.missed[sort])

    @property
    def all(self) -> float:
        """The share of all faults that is caught."""
        return self.caught.total() / max(1, self.caught.total() + self.missed.total())

    def __str__(self) -> str:
        lines = [
            f"{sort:9} caught {self.caught[sort]:5}, missed {self.missed[sort]:3} ({self.of(sort):.4f}); "
            f"no fault: {self.quiet[sort]:5}, told though it ran: {self.alarms[sort]}"
            for sort in SORTS
        ]
        missed = Counter((one.sort, one.operator) for one in self.examples).most_common(8)
        return "\n".join([*lines, f"all       {self.all:.4f}; missed: {missed}"])


def alarmed(scripts: Scripts, language: Language) -> list[Mapping[str, str]]:
    """Scripts of which the check says that something will fail."""
    return [one for one in scripts if any(not p.is_warning for p in check(one["code"], language))]


def recall(scripts: Scripts, language: Language, fails: Fails, seed: int = 1, most: int = 2) -> Recall:
    """Sows changes into those of the scripts that run, runs all, and holds the check against what happened."""
    running = [one for one, failed in zip(scripts, fails(scripts), strict=True) if not failed]
    changed = [one for script in running for one in sown(script["code"], language, seed, most)]
    found = Recall()
    for one, failed in zip(changed, fails([{"name": "", "code": one.code} for one in changed]), strict=True):
        told = bool(check(one.code, language))
        counts = {(True, True): found.caught, (True, False): found.missed, (False, True): found.alarms}
        counts.get((failed, told), found.quiet)[one.sort] += 1
        if failed and not told:
            found.examples.append(one)
    return found
