"""From answers and verdicts to records."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator

from codegen.evaluation.cases.case import Task, section
from codegen.evaluation.judging.judge import Verdict
from codegen.evaluation.record import Record
from codegen.evaluation.tasks.journal import Answered, Judged

_NO_CODE = frozenset(
    {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
)


NOTHING = Answered("", "", ())
"""Of a model that did not answer."""


def failure(task: Task, reason: str) -> Judged:
    """What stands for verdicts where the model or Earth Engine did not answer."""
    return Judged({case.id: Verdict(False, "network", reason, "", 0.0) for case in task.cases}, 0, 0)


def records(model: str, solver: str, task: Task, epoch: int, answered: Answered, judged: Judged) -> Iterator[Record]:
    """A record for each case of a task."""
    lines = lines_of(answered.code)
    for case in task.cases:
        verdict = judged.verdicts[case.id]
        yield Record(
            model=model,
            solver=solver,
            section=section(task, case),
            function=task.function,
            case=case.id,
            type=task.type,
            difficulty=task.difficulty,
            out_type=case.out_type,
            epoch=epoch,
            passed=verdict.passed,
            error=verdict.error,
            reason=verdict.reason,
            prompt=answered.prompt,
            code=answered.code,
            output=verdict.output,
            prompt_tokens=answered.prompt_tokens,
            completion_tokens=answered.completion_tokens,
            model_seconds=answered.seconds,
            run_seconds=verdict.seconds,
            lines=lines,
            operators=judged.operators,
            unknown_operators=judged.unknown_operators,
        )


def lines_of(code: str) -> int:
    """Lines of Python code without blank ones and comments; of broken code, those that are not blank."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    except (tokenize.TokenError, SyntaxError):
        return sum(bool(line.strip()) for line in code.splitlines())
    occupied = (range(one.start[0], one.end[0] + 1) for one in tokens if one.type not in _NO_CODE)
    return len({line for lines in occupied for line in lines})
