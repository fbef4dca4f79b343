"""The judge: a case is run in the sandbox, what came back is evaluated and held against the expected answer."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, cast, get_args

import numpy as np

from codegen.evaluation.cases.case import ERROR_MESSAGE, Case, Task
from codegen.evaluation.cases.folders import MANIFEST, answers_folder, benchmark_folder
from codegen.evaluation.judging.answers import Answer, read_answer
from codegen.evaluation.judging.classes import differs_in_type, error_of_outcome, repeatable, without_addresses
from codegen.evaluation.judging.compare import compare
from codegen.evaluation.judging.errors import EvaluationError
from codegen.evaluation.judging.evaluate import CollectionRule, evaluate
from codegen.evaluation.judging.service import SECONDS, Service
from codegen.evaluation.judging.values import shortened
from codegen.evaluation.record import ErrorClass
from codegen.sandbox.outcome import Outcome
from ee_emulator.client import DEFAULT_PROJECT
from lake.errors import BadInputError

ATTEMPTS = 3
"""Times that a program is run whose connection to Earth Engine failed."""
PAUSE_SECONDS = 1.0
"""Before the second; the next are twice as long each."""
PROJECT = "<ee-project>"
"""Stands for the project in parameters and expected answers of published cases."""
PRELUDE = "import ee\n"
LONGEST_OUTPUT = 4_000
"""Characters that a verdict keeps of what a program printed and gave."""

_FUTURE = re.compile(r"^from[ \t]+__future__\b", re.MULTILINE)
"""Must stand before all else; whoever writes it imports the client as well."""
_LINE = re.compile(r'(File "program\.py", line )(\d{1,9})')


class Caller(Protocol):
    """Where programs run: `codegen.sandbox.sandbox.Sandbox`."""

    def call(self, code: str, function: str, params: Mapping[str, Any]) -> Outcome:
        """Executes code, makes the parameters and calls the function."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge says of a program and a case.

    Attributes:
        passed: Whether it gave the expected answer.
        error: Class of what is wrong; None where it passed.
        reason: In a sentence; empty where it passed.
        output: What the program printed, and what it gave, shortened.
        seconds: That running and judging took; the only field that differs from run to run.
    """

    passed: bool
    error: ErrorClass | None
    reason: str
    output: str
    seconds: float


class Judge:
    """Judges programs by the answers of one benchmark. Threads may share it."""

    def __init__(
        self,
        sandbox: Caller,
        url: str,
        folder: Path,
        *,
        project: str = DEFAULT_PROJECT,
        seconds: float = SECONDS,
        pause: float = PAUSE_SECONDS,
    ) -> None:
        """For a benchmark.

        Args:
            sandbox: Where programs run.
            url: Of the Earth Engine that evaluates what they give back.
            folder: Of the benchmark. Its manifest may say what stands for image collections: `"collection": "first"`.
            project: What `<ee-project>` stands for, and in whose name is computed.
            seconds: For a case, the run and the evaluation together.
            pause: Seconds before the second try of what the network failed; the next are twice as long each.

        Raises:
            BadInputError: The manifest says something else.
        """
        self._sandbox = sandbox
        self._service = Service(url, project, pause / 2)
        self._folder = benchmark_folder(folder)
        self._project, self._seconds, self._pause = project, seconds, pause
        self._collection = _collection_rule(self._folder)

    def judge(self, task: Task, case: Case, code: str) -> Verdict:
        """Judges a program by a case.

        Args:
            task: Of the benchmark.
            case: Of the task.
            code: What defines the function; see `codegen.evaluation.judging.extraction.code_of`.

        Raises:
            BadInputError: There is no expected answer that can be read: that is no fault of the program.
        """
        started = time.perf_counter()
        expected = None if case.out_type == ERROR_MESSAGE else self._expected(task, case)
        outcome = self._run(task, case, code)
        failure, got = error_of_outcome(outcome), None
        if failure is None and expected is not None:
            failure, got = self._held_against(expected, outcome)
        error, reason = failure or (None, "")
        return Verdict(error is None, error, reason, _output(outcome, got), time.perf_counter() - started)

    def _expected(self, task: Task, case: Case) -> Answer:
        folder = answers_folder(self._folder, task.part).resolve()
        path = (folder / case.answer).resolve()
        if not path.is_relative_to(folder):
            raise BadInputError(f"{case.id}: `expected_answer` is a file in ref_answer; {case.answer} lies elsewhere.")
        answer = read_answer(path, case.out_type)
        return answer if isinstance(answer.value, np.ndarray) else replace(answer, value=self._named(answer.value))

    def _run(self, task: Task, case: Case, code: str) -> Outcome:
        """Runs a program; again, after a pause, where the network failed it."""
        whole = prepared(code)
        for attempt in range(ATTEMPTS):
            outcome = self._sandbox.call(whole, task.function, case.params)
            failure = error_of_outcome(outcome)
            if failure is None or failure[0] != "network" or attempt + 1 == ATTEMPTS:
                break
            time.sleep(self._pause * 2**attempt)
        return outcome if whole == code else _without_prelude(outcome)

    def _held_against(self, expected: Answer, outcome: Outcome) -> tuple[tuple[ErrorClass, str] | None, Answer | None]:
        returned = outcome.returned
        assert returned is not None, "error_of_outcome has looked"
        if differs_in_type(expected.out_type, returned.type):
            said = f"A value of class {expected.out_type} is expected, {repeatable(returned.type)} came back."
            return ("output_type", said), None
        left = self._seconds - outcome.seconds
        try:
            got = evaluate(
                returned,
                expected.out_type,
                self._service,
                facts=cast("Any", tuple(expected.facts)),
                seconds=left,
                collection=self._collection,
            )
        except EvaluationError as error:
            return (error.error, repeatable(error.reason)), None
        difference = compare(expected, got)
        return (("wrong_answer", repeatable(difference)) if difference else None), got

    def _named(self, value: Any) -> Any:
        """An expected value in which the project has its name; in parameters the sandbox gives it."""
        if isinstance(value, str):
            return value.replace(PROJECT, self._project)
        if isinstance(value, list):
            return [self._named(item) for item in value]
        if isinstance(value, dict):
            return {self._named(key): self._named(item) for key, item in value.items()}
        return value


def prepared(code: str) -> str:
    """Code with the client at hand, as the published judge prepares it: functions are asked for without imports."""
    return code if _FUTURE.search(code) else f"{PRELUDE}{code}"


def _without_prelude(outcome: Outcome) -> Outcome:
    """Lines of the code are counted as its writer counts them."""
    error = outcome.error
    if error is not None and error.stage != "params" and error.line is not None:
        error = replace(error, line=max(error.line - 1, 1))
    stderr = _LINE.sub(lambda found: f"{found[1]}{max(int(found[2]) - 1, 1)}", outcome.stderr)
    return replace(outcome, error=error, stderr=stderr)


def _collection_rule(folder: Path) -> CollectionRule:
    path = folder / MANIFEST
    if not path.is_file():
        return "mean"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadInputError(f"{path} is not JSON: {error}. Remove it, or build the benchmark again.") from error
    rule = told.get("collection", "mean") if isinstance(told, dict) else "mean"
    if rule not in get_args(CollectionRule):
        raise BadInputError(f"{path}: `collection` is `mean` or `first`, not {shortened(rule)}.")
    return cast("CollectionRule", rule)


def _output(outcome: Outcome, got: Answer | None) -> str:
    """What the program printed, then what it gave."""
    printed = "".join(text if text.endswith("\n") else f"{text}\n" for text in (outcome.stdout, outcome.stderr) if text)
    gave = ""
    if outcome.returned is not None:
        value = _told(got) if got is not None else shortened(outcome.returned.value)
        gave = f"→ {outcome.returned.type}" + (
            f": {value}" if got is not None or outcome.returned.value is not None else ""
        )
    room = LONGEST_OUTPUT - len(gave)
    printed = printed if len(printed) <= room else f"{printed[: room - 2]}…\n"
    return without_addresses(f"{printed}{gave}")


def _told(answer: Answer) -> str:
    if isinstance(answer.value, np.ndarray) and answer.value.size > 16:
        return f"{'×'.join(str(n) for n in answer.value.shape)} numbers"
    return shortened(answer.value.tolist() if isinstance(answer.value, np.ndarray) else answer.value)
