"""What a check is before there are data, and what it found when there were."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Metric = float | int | str


@dataclass(frozen=True)
class Outcome:
    """What one check found.

    Attributes:
        name: Name of the check.
        passed: True where nothing is wrong.
        blocking: True where a failure must stop the next step: it would be poisoned.
        description: What the check holds to; where it failed, what is wrong, where, and what to do.
        metrics: The numbers behind the verdict; JSON-able, all finite.
    """

    name: str
    passed: bool
    blocking: bool
    description: str
    metrics: Mapping[str, Metric]


@dataclass(frozen=True)
class CheckSpec:
    """A check as it is known before any data: what an orchestrator declares.

    Attributes:
        name: Unique among the checks of one kind of data.
        blocking: True where a failure must stop the next step; False where a person should have a look.
        description: What the check holds to.
    """

    name: str
    blocking: bool
    description: str

    def outcome(self, problems: Sequence[str] = (), metrics: Mapping[str, Any] | None = None) -> Outcome:
        """The verdict: passed where there is no problem.

        Args:
            problems: A sentence each: what is wrong, where, what to do.
            metrics: Numbers or words; numpy scalars become Python's, a number that is not finite becomes a word.
        """
        plain = {name: _plain(value) for name, value in (metrics or {}).items()}
        return Outcome(self.name, not problems, self.blocking, " ".join(problems) or self.description, plain)

    def not_judged(self, because: "CheckSpec") -> Outcome:
        """A failure for the reason that an earlier one left nothing to look at."""
        return Outcome(
            self.name,
            passed=False,
            blocking=self.blocking,
            description=f"Not judged: the check {because.name!r} failed; mend what it names first.",
            metrics={"judged": 0},
        )


def enumerate_names(names: Iterable[Any], most: int = 6) -> str:
    """`a, b, c` for a message; beyond `most` names the rest is counted."""
    every = [str(name) for name in names]
    told = ", ".join(every[:most])
    return told if len(every) <= most else f"{told} and {len(every) - most:,} more"


def _plain(value: Any) -> Metric:
    number = value.item() if hasattr(value, "item") else value
    if isinstance(number, bool):
        return int(number)
    if isinstance(number, float) and not math.isfinite(number):
        return str(number)
    if not isinstance(number, float | int | str):
        raise TypeError(f"A metric is a number or a word, not {type(number).__name__}.")
    return number
