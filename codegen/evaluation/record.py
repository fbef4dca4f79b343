"""The record of a judged case: what everything else (scores, page, MLflow, study) is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ErrorClass = Literal["syntax", "parameter", "output_type", "wrong_answer", "runtime", "network"]
ERROR_CLASSES: tuple[ErrorClass, ...] = ("syntax", "parameter", "output_type", "wrong_answer", "runtime", "network")
"""As in AutoGEEval (METHODS, 7). `parameter`: parameter or attribute; `runtime`: a limit of time or memory was met."""


@dataclass(frozen=True, slots=True)
class Record:
    """A case, judged once.

    Attributes:
        model: Who wrote the code.
        solver: How it was asked: `bare`, `rag`, `cop`, ….
        section: `unit`, `boundary`, `combination`, `theme`.
        function: The task.
        case: Id of the case.
        type: Earth Engine type that the task is about.
        difficulty: Of the task.
        out_type: Of the case.
        epoch: From 1.
        passed: The verdict.
        error: Class of what is wrong; None where it passed.
        reason: In a sentence; empty where it passed.
        prompt: What the model was asked at first.
        code: What it wrote.
        output: What the code printed and gave, shortened.
        prompt_tokens: Of all calls for the task in this epoch.
        completion_tokens: Likewise.
        model_seconds: Time in which the model answered.
        run_seconds: Time that running and judging the case took.
        lines: Of code, without blank ones and comments.
        operators: Calls of Earth Engine in the code.
        unknown_operators: Those of them that do not exist.
    """

    model: str
    solver: str
    section: str
    function: str
    case: str
    type: str
    difficulty: str
    out_type: str
    epoch: int
    passed: bool
    error: ErrorClass | None
    reason: str
    prompt: str
    code: str
    output: str
    prompt_tokens: int
    completion_tokens: int
    model_seconds: float
    run_seconds: float
    lines: int
    operators: int
    unknown_operators: int
