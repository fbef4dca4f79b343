"""Scorers of inspect_ai: the verdicts of the judge, and what the static check finds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import anyio.to_thread
from inspect_ai.model import get_model
from inspect_ai.scorer import Metric, SampleScore, Score, Scorer, Target, metric, scorer
from inspect_ai.solver import TaskState

from codegen.evaluation.cases.case import Task
from codegen.evaluation.judging.extraction import code_of
from codegen.evaluation.judging.judge import Verdict
from codegen.evaluation.record import Record
from codegen.evaluation.tasks.journal import Answered, Judged, Key
from codegen.evaluation.tasks.records import records
from codegen.evaluation.tasks.rig import JudgingError, Place, Rig, rig
from codegen.evaluation.tasks.solvers import LABEL, key_of

RECORDS = "records"
"""Key of a score's metadata that holds the records of its cases."""


@metric(name="accuracy", scores="unreduced")
def accuracy() -> Metric:
    """The share of cases that passed, over all functions and epochs."""

    def measured(scores: list[SampleScore]) -> float:
        passed = sum(_passed(score) for score in scores)
        return passed / max(1, sum(_cases(score) for score in scores))

    return measured


@metric(name="stderr", scores="unreduced")
def standard_error() -> Metric:
    """Of the accuracy: the cases of a function, in all epochs, are one cluster (ratio estimator, linearised)."""

    def measured(scores: list[SampleScore]) -> float:
        clusters: dict[Any, tuple[int, int]] = {}
        for score in scores:
            passed, cases = clusters.get(score.sample_id, (0, 0))
            clusters[score.sample_id] = (passed + _passed(score), cases + _cases(score))
        count, total = len(clusters), sum(cases for _, cases in clusters.values())
        if count < 2 or total == 0:
            return 0.0
        share = sum(passed for passed, _ in clusters.values()) / total
        spread = sum((passed - share * cases) ** 2 for passed, cases in clusters.values())
        return math.sqrt(spread * count / (count - 1)) / total

    return measured


@metric(name="free_of_unknown", scores="unreduced")
def free_of_unknown() -> Metric:
    """The share of programs that call no operator that does not exist."""

    def measured(scores: list[SampleScore]) -> float:
        return sum(score.score.value == 0 for score in scores) / max(1, len(scores))

    return measured


@scorer(metrics=[accuracy(), standard_error()])
def executed(place: Mapping[str, Any]) -> Scorer:
    """Runs the answer with each case of its task, and judges what comes back.

    The value is the share of cases that passed; the metadata holds the records.

    Args:
        place: Fields of `Place`.
    """

    async def score(state: TaskState, target: Target) -> Score:
        found = rig(Place(**place))
        task, key = found.tasks[str(state.sample_id)], key_of(state, found.place)
        answered = found.journal.answered(key) or _answered(state)
        judged = found.journal.judged(key)
        if judged is None:
            judged = await _judged(found, task, key, answered.code)
        model = found.place.model or str(get_model())
        solver = str(state.store.get(LABEL) or "custom")
        return _score(list(records(model, solver, task, state.epoch, answered, judged)), answered)

    return score


@metric(name="a_program", scores="unreduced")
def a_program() -> Metric:
    """How many operators that do not exist a program calls, on average."""

    def measured(scores: list[SampleScore]) -> float:
        return sum(score.score.as_int() for score in scores) / max(1, len(scores))

    return measured


@scorer(metrics=[a_program(), free_of_unknown()])
def hallucinated(place: Mapping[str, Any]) -> Scorer:
    """How many operators the program calls that do not exist: found without running it.

    Args:
        place: Fields of `Place`.
    """

    async def score(state: TaskState, target: Target) -> Score:
        found = rig(Place(**place))
        judged = found.journal.judged(key_of(state, found.place))
        assert judged is not None, "`executed` comes first"
        return Score(value=judged.unknown_operators, explanation=f"of {judged.operators} calls of Earth Engine")

    return score


async def _judged(found: Rig, task: Task, key: Key, code: str) -> Judged:
    """Judges all cases, some at a time, and keeps the verdicts."""
    with found.noting(key, found.judging, JudgingError):
        if found.judging.is_open:
            raise JudgingError("Earth Engine did not answer several times in a row: nothing is judged in this run.")
        verdicts = await _verdicts(found, task, code)
    calls, unknown = await anyio.to_thread.run_sync(_counts, code)
    judged = Judged(verdicts, calls, unknown)
    found.journal.add_verdicts(key, judged)
    return judged


async def _verdicts(found: Rig, task: Task, code: str) -> dict[str, Verdict]:
    return {
        case.id: await anyio.to_thread.run_sync(partial(found.judge, task, case, code), limiter=found.limiter)
        for case in task.cases
    }


def _counts(code: str) -> tuple[int, int]:
    from codegen.checking.check import operators

    counts = operators(code, "python")
    return counts.calls, counts.unknown


def _answered(state: TaskState) -> Answered:
    """What a solver that is not ours has left in the state."""
    usage = state.output.usage
    turns = tuple((turn.role, turn.text) for turn in state.messages)
    tokens = (usage.input_tokens, usage.output_tokens) if usage else (0, 0)
    return Answered(state.input_text, code_of(state.output.completion), turns, *tokens, state.output.time or 0.0)


def _score(found: Sequence[Record], answered: Answered) -> Score:
    passed = sum(record.passed for record in found)
    told = [f"{record.case}: {'passed' if record.passed else f'{record.error}. {record.reason}'}" for record in found]
    return Score(
        value=passed / max(1, len(found)),
        answer=answered.code,
        explanation="\n\n".join([*([answered.note] if answered.note else []), *told]),
        metadata={RECORDS: [asdict(record) for record in found]},
    )


def _passed(score: SampleScore) -> int:
    return sum(record["passed"] for record in _records(score))


def _cases(score: SampleScore) -> int:
    return len(_records(score))


def _records(score: SampleScore) -> list[dict[str, Any]]:
    return list((score.score.metadata or {}).get(RECORDS, []))
