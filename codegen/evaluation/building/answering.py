"""Answers of cases of one's own: the reference is run in the sandbox, as any program is, and what it gives is written.

A second solution beside the reference is run as well and has to agree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from codegen.evaluation.cases.case import ERROR_MESSAGE, Benchmark, Case, Task
from codegen.evaluation.cases.folders import answers_folder
from codegen.evaluation.cases.reading import missing_answers, read_benchmark
from codegen.evaluation.judging.answers import Answer, form_of, write_answer
from codegen.evaluation.judging.classes import error_of_outcome
from codegen.evaluation.judging.compare import compare
from codegen.evaluation.judging.errors import EvaluationError
from codegen.evaluation.judging.evaluate import evaluate
from codegen.evaluation.judging.judge import Caller, prepared
from ee_emulator.process import earth_engine_at
from lake.errors import BadInputError

_SUFFIXES = {"pixels": ".npy", "array": ".npy", "geometry": ".geojson", "value": ".txt"}


@dataclass
class Answered:
    """What came of it.

    Attributes:
        written: Ids of the cases that have their answer now.
        failed: Ids of those that have none, with the reason.
    """

    written: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def answer_cases(
    folder: Path,
    url: str | None = None,
    *,
    again: bool = False,
    unsafe_local: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Answered:
    """Writes the answers that a benchmark lacks.

    Args:
        folder: In the published form, with `reference_code`.
        url: Of an Earth Engine; a local one is started where there is none.
        again: Those that it has, too.
        unsafe_local: Without a sandbox.
        say: Hears of each case that fails.

    Raises:
        BadInputError: The folder has no cases.
        SandboxMissingError: There is no sandbox, and doing without was not asked for.
    """
    from codegen.sandbox.sandbox import open_sandbox

    benchmark = read_benchmark(folder)
    missing = set(missing_answers(benchmark))
    wanted = [(t, c) for t, c in benchmark.cases() if c.out_type != ERROR_MESSAGE and (again or c.id in missing)]
    answered = Answered()
    with earth_engine_at(url) as address, open_sandbox(address, unsafe_local=unsafe_local) as sandbox:
        for task, case in wanted:
            try:
                _write(benchmark, task, case, _answer(sandbox, address, task, case))
                answered.written.append(case.id)
            except BadInputError as error:
                answered.failed[case.id] = str(error)
                say(f"{case.id}: {error}")
    return answered


def _answer(sandbox: Caller, url: str, task: Task, case: Case) -> Answer:
    if task.reference is None:
        raise BadInputError(f"there is no reference_code/{task.function}.txt to run.")
    answer = _run(sandbox, url, task, case, task.reference)
    if task.second is not None:
        difference = compare(answer, _run(sandbox, url, task, case, task.second))
        if difference is not None:
            raise BadInputError(f"the two solutions differ. {difference}")
    return answer


def _run(sandbox: Caller, url: str, task: Task, case: Case, code: str) -> Answer:
    outcome = sandbox.call(prepared(code), task.function, case.params)
    failure = error_of_outcome(outcome)
    if failure is not None:
        raise BadInputError(failure[1])
    assert outcome.returned is not None, "error_of_outcome has looked"
    try:
        return evaluate(outcome.returned, case.out_type, url)
    except EvaluationError as error:
        raise BadInputError(str(error)) from error


def _write(benchmark: Benchmark, task: Task, case: Case, answer: Answer) -> None:
    suffix = _SUFFIXES[form_of(case.out_type)]
    write_answer(answers_folder(benchmark.folder, task.part), case.answer.removesuffix(suffix), answer)
