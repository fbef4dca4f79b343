"""What a case is called with and what it has to give, in a few lines for a person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from codegen.evaluation.cases.case import ERROR_MESSAGE, Case, PythonSource, Task
from codegen.evaluation.cases.folders import answers_folder
from codegen.evaluation.cases.reading import read_benchmark
from codegen.evaluation.judging.answers import Answer, form_of, read_answer
from lake.errors import BadInputError

_LONGEST = 1_500
_NUMBERS = 8
"""Pixels or elements that are shown of an array."""


def expected_answers(folder: Path) -> dict[str, str]:
    """By id of a case: its parameters and its expected answer.

    Args:
        folder: Of a benchmark, ours or a copy of the published one.

    Raises:
        BadInputError: There is no benchmark, or a file of it is broken.
    """
    benchmark = read_benchmark(folder)
    return {case.id: _told(benchmark.folder, task, case) for task, case in benchmark.cases()}


def _told(folder: Path, task: Task, case: Case) -> str:
    called = [f"{name} = {_parameter(value)}" for name, value in case.params.items()]
    lines = ["called with", *(called or ["nothing"]), "", f"expected: {case.out_type}", _answer(folder, task, case)]
    return _cut("\n".join(lines))


def _parameter(value: Any) -> str:
    return value.text.strip() if isinstance(value, PythonSource) else repr(value)


def _answer(folder: Path, task: Task, case: Case) -> str:
    if case.out_type == ERROR_MESSAGE:
        return "an error that the function does not let escape"
    try:
        return summarised(read_answer(answers_folder(folder, task.part) / case.answer, case.out_type))
    except BadInputError as error:
        return f"not told: {error}"


def summarised(answer: Answer) -> str:
    """An expected answer in short: of arrays shape, range and first numbers; of others the value."""
    facts = "".join(f"\n{name}: {value}" for name, value in answer.facts.items())
    form = form_of(answer.out_type)
    if form in ("pixels", "array") and isinstance(answer.value, np.ndarray):
        return _array(answer.value, answer.valid) + facts
    return _cut(str(answer.value)) + facts


def _array(values: np.ndarray[Any, Any], valid: np.ndarray[Any, Any] | None) -> str:
    shape = " × ".join(str(size) for size in values.shape) or "a number"
    shown = values[valid] if valid is not None and valid.shape == values.shape else values.ravel()
    first = ", ".join(f"{value:g}" for value in shown[:_NUMBERS].tolist()) if shown.dtype.kind in "fiub" else ""
    more = ", …" if shown.size > _NUMBERS else ""
    if not shown.size or shown.dtype.kind not in "fiub":
        return f"{shape} of {values.dtype}, nothing of it valid" if not shown.size else f"{shape} of {values.dtype}"
    spread = f"from {float(shown.min()):g} to {float(shown.max()):g}, mean {float(shown.mean()):g}"
    masked = f", {1 - shown.size / values.size:.0%} masked" if valid is not None and values.size else ""
    return f"{shape} of {values.dtype}, {spread}{masked}\n{first}{more}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
