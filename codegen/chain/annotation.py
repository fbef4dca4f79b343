"""Annotation: a header that tells what a program is for, what it uses, and how it was made and checked."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator, Sequence

from codegen.chain.pool import Pool
from codegen.chain.telling import line
from codegen.checking.syntax import syntax_problem
from codegen.extraction.calls import OperatorCall
from codegen.extraction.extract import extract

_WIDTH = 100
_LABEL = 16
_MOST_OPERATORS = 24


def annotate(pool: Pool) -> None:
    """Puts the header in front of the program; one that would change what the program does is left out."""
    program = pool.state.program
    if program.code:
        annotated = f"{header(pool)}\n\n{program.code.strip()}\n"
        if _says_the_same(program.code, annotated, pool):
            program.code = annotated
        else:
            pool.note("Annotation: the program cannot be read, so it has no header.")
    pool.state.done.append("annotation")


def header(pool: Pool) -> str:
    """The header as comments; whatever stands in it, no line of it is code."""
    mark = "#" if pool.setting.language == "python" else "//"
    lines = [part for label, text in _rows(pool) if text for part in _wrapped(label, text)]
    return "\n".join(f"{mark} {one}".rstrip() for one in lines)


def _wrapped(label: str, text: str) -> list[str]:
    begin = f"{label}:".ljust(_LABEL)
    told = line(text, 2_000)
    return textwrap.wrap(told, _WIDTH, initial_indent=begin, subsequent_indent=" " * _LABEL, break_long_words=False)


def _rows(pool: Pool) -> Iterator[tuple[str, str]]:
    setting, state = pool.setting, pool.state
    calls = extract(_importing(state.program.code, setting.language), setting.language).calls
    fields = state.fields
    yield "Request", setting.request.split('"""')[0] if setting.function else setting.request
    yield "Objective", fields.get("objective", "")
    yield "Data sets", ", ".join(sorted({id for call in calls for id in call.datasets})) or fields.get("data", "")
    yield "Place, period", fields.get("space_and_time", "")
    yield "Method", fields.get("method", "")
    yield "Inputs", _inputs(pool)
    yield "Output", ", ".join(filter(None, (fields.get("output_type", ""), fields.get("output_format", ""))))
    yield "Assumed", "; ".join(state.assumptions)
    yield "Operators", _operators(calls)
    yield "Model", f"{setting.model or 'not told'}, seed {setting.seed}, {setting.strategy}"
    yield "Made", setting.date
    yield "Checks", "; ".join(_checks(pool))


def _importing(code: str, language: str) -> str:
    return f"import ee\n{code}" if language == "python" and "import ee" not in code else code


def _inputs(pool: Pool) -> str:
    given = {value.name for one in pool.state.submodules for value in one.outputs}
    names = {value.name: value.type for one in pool.state.submodules for value in one.inputs if value.name not in given}
    return ", ".join(f"{name} ({type_})" if type_ else name for name, type_ in names.items())


def _operators(calls: Sequence[OperatorCall]) -> str:
    names = list(dict.fromkeys(call.operator for call in calls if call.operator.startswith("ee.")))
    more = f", and {len(names) - _MOST_OPERATORS} more" if len(names) > _MOST_OPERATORS else ""
    return ", ".join(names[:_MOST_OPERATORS]) + more


def _checks(pool: Pool) -> Iterator[str]:
    state = pool.state
    last = state.drafts[-1] if state.drafts else None
    if last is not None and last.findings is not None:
        errors = sum(not one.is_warning for one in last.findings)
        yield f"static check: {f'{errors} problems' if errors else 'passed'}"
    execution = pool.last_execution
    if state.program.state == "ran" and execution is not None:
        yield f"ran in {execution.seconds:.1f} s{' on a SIMULATED planet' if pool.setting.simulated else ''}"
    elif state.program.state == "failed":
        yield "DOES NOT RUN: " + line(state.program.reason, 200)
    else:
        yield "not run"
    if state.rounds:
        yield f"{len(state.rounds)} round{'s' if len(state.rounds) > 1 else ''} of debugging"


def _says_the_same(before: str, after: str, pool: Pool) -> bool:
    """Whether only comments were added."""
    if syntax_problem(after, pool.setting.language) is not None:
        return False
    try:
        return pool.setting.language != "python" or ast.dump(ast.parse(before)) == ast.dump(ast.parse(after))
    except RecursionError:  # nested so deeply that it cannot be compared
        return False
