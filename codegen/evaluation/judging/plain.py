"""Values of Python as the sandbox tells of them: JSON, with marks for what JSON has no form for."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from codegen.evaluation.judging.errors import EvaluationError

MOST_EXPRESSIONS = 64
"""Objects of Earth Engine within a list or dictionary of Python."""

_FLOATS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def plain(value: Any, compute: Callable[[Any], Any]) -> Any:
    """A value without marks.

    Args:
        value: `codegen.sandbox.outcome.Returned.value`: what a program says, so anything at all.
        compute: Evaluates the expression of an object of Earth Engine.

    Raises:
        EvaluationError: It holds what JSON cannot say, too many objects of Earth Engine, or one that has no value.
    """
    found = 0

    def inner(part: Any) -> Any:
        nonlocal found
        if isinstance(part, list):
            return [inner(item) for item in part]
        if not isinstance(part, dict):
            return part
        if "!float" in part:
            return _FLOATS.get(str(part["!float"]), math.nan)
        if "!repr" in part:
            kind = str(part.get("!type", "value"))[:100]
            raise EvaluationError("parameter", f"A {kind} came back, which cannot be written as JSON.")
        if "!expression" not in part:
            return {key: inner(item) for key, item in part.items()}
        found += 1
        if found > MOST_EXPRESSIONS:
            raise EvaluationError("runtime", f"More than {MOST_EXPRESSIONS} objects of Earth Engine came back.")
        return compute(part["!expression"])

    try:
        return inner(value)
    except RecursionError:
        raise EvaluationError("runtime", "What came back is nested too deeply.") from None
