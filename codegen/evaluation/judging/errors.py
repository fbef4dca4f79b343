"""What keeps a result from being an answer."""

from __future__ import annotations

from codegen.evaluation.record import ErrorClass


class EvaluationError(Exception):
    """What a program gave back has no value, or none that can be had.

    Attributes:
        error: Class of what is wrong.
        reason: In a sentence.
    """

    def __init__(self, error: ErrorClass, reason: str) -> None:
        super().__init__(reason)
        self.error: ErrorClass = error
        self.reason = reason
