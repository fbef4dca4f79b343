"""What the rest of a study is going to cost, by what its first tasks did."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from codegen.evaluation.study.conditions import Condition
from codegen.evaluation.study.state import State

FIRST = 2
"""Tasks of the first slice, which shows what each condition takes."""
STEP_SECONDS = 300.0
"""That a slice should take a condition, so that a study can end between two of them."""
MOST = 256
"""Tasks of a slice."""


class Clock:
    """Counts a study's time."""

    def __init__(self, limit_minutes: float | None) -> None:
        """Begins now."""
        self._ends = None if limit_minutes is None else time.monotonic() + 60 * limit_minutes

    @property
    def left(self) -> float | None:
        """Seconds; None: there is no limit."""
        return None if self._ends is None else self._ends - time.monotonic()

    def has(self, seconds: float) -> bool:
        """Whether there is time for so much."""
        return self.left is None or (self.left > 0 and self.left >= seconds)


def seconds_a_program(state: State) -> dict[str, float]:
    """By the clock, with what starting takes; of the conditions that were asked for something."""
    names = {step.condition for step in state.steps}
    found = {}
    for name in sorted(names):
        steps = [step for step in state.steps if step.condition == name]
        found[name] = sum(step.seconds for step in steps) / sum(step.programs for step in steps)
    return found


def expected_seconds(state: State, condition: str, tasks: int) -> float:
    """That a slice of so many tasks is going to take a condition; 0 where nobody knows."""
    return seconds_a_program(state).get(condition, 0.0) * tasks * state.epochs


def next_size(state: State, left: int, seconds: float | None) -> int:
    """How many tasks the next slice should have.

    Args:
        state: With what was measured.
        left: Tasks that no slice has.
        seconds: That are left; None: there is no limit.

    Returns:
        0 where not even one task of all conditions is expected to end in time.
    """
    names = [row.name for row in state.conditions.rows]
    known = seconds_a_program(state)
    if any(name not in known for name in names):
        return min(FIRST, left)
    a_task = [known[name] * state.epochs for name in names]
    size = min(left, MOST, max(1, int(STEP_SECONDS / max(a_task))))
    return size if seconds is None else max(0, min(size, int(seconds / sum(a_task))))


@dataclass(frozen=True, slots=True)
class Expected:
    """What is still to come.

    Attributes:
        programs: To be asked for.
        calls: Of the model.
        tokens: Read and written.
        seconds: By the clock.
    """

    programs: int
    calls: float
    tokens: float
    seconds: float


def rest(state: State, programs: pl.DataFrame, waiting: Mapping[str, int]) -> Expected:
    """What is still to come, were all programs like those that there are.

    Args:
        state: With what was measured.
        programs: As `reading.Study.programs` has them.
        waiting: Programs that are to be asked for, by condition; those of a condition that was never asked for anything
            are counted, and cost nothing.
    """
    seconds = seconds_a_program(state)
    tokens = pl.col("prompt_tokens") + pl.col("completion_tokens")
    means = programs.group_by("solver").agg(pl.mean("calls"), tokens.mean().alias("tokens"))
    of = {name: (calls, used) for name, calls, used in means.select("solver", "calls", "tokens").iter_rows()}
    none = (0.0, 0.0)
    return Expected(
        sum(waiting.values()),
        sum(number * of.get(name, none)[0] for name, number in waiting.items()),
        sum(number * of.get(name, none)[1] for name, number in waiting.items()),
        sum(number * seconds.get(name, 0.0) for name, number in waiting.items()),
    )


def told(expected: Expected) -> str:
    """In a sentence."""
    return (
        f"{expected.programs:,} programs are to come: about {expected.calls:,.0f} questions, "
        f"{expected.tokens:,.0f} tokens and {duration(expected.seconds)}, were they like the first ones."
    )


def most_calls(rows: Sequence[Condition], tasks: int, epochs: int) -> int:
    """Questions that a study can take."""
    return sum(row.most_calls for row in rows) * tasks * epochs


def counted(number: int, one: str, many: str = "") -> str:
    """A number of things."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def duration(seconds: float) -> str:
    """As a person says it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
