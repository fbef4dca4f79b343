"""Execution: a draft in the sandbox, and what is told of its failure."""

from __future__ import annotations

import ast
import doctest
from functools import cache
from importlib import resources

from codegen.chain.effects import Effects
from codegen.chain.pool import Draft, Execution

MAIN = "main"
_LONGEST = 1_500
"""Characters of an error that a model is told."""
_LIMITS = {
    "wall_time": "It did not end in time.",
    "cpu_time": "It computed for too long.",
    "memory": "It used more memory than it may.",
    "output": "It printed more than it may.",
    "killed": "It was ended.",
}


async def execute(effects: Effects, draft: Draft) -> Execution:
    """Runs a draft; of a function it is defined, and called where its docstring shows how."""
    setting = effects.pool.setting
    code = draft.code
    if setting.function:
        code = with_examples(f"import ee\n{code}", setting.request, setting.function)
    elif setting.language == "javascript":
        code = f"{_layers()} {code}"
    execution, number = await effects.run(code, setting.language)
    draft.execution = number
    return execution


async def take_result(effects: Effects) -> None:
    """What `main()` of a program in Python gives, for the pool: an expression of Earth Engine, or a value."""
    pool = effects.pool
    code = pool.state.program.code
    wanted = pool.setting.take_result and pool.ran and pool.setting.language == "python"
    if wanted and not pool.setting.function and has_main(code):
        _, pool.state.result = await effects.call(code, MAIN, {})


def has_main(code: str) -> bool:
    """Whether there is a function `main` that needs no arguments."""
    functions = [one for one in ast.parse(code).body if isinstance(one, ast.FunctionDef) and one.name == MAIN]
    given = functions[-1].args if functions else None
    return given is not None and len(given.args) == len(given.defaults) and None not in given.kw_defaults


@cache
def _layers() -> str:
    """Keeps what a script puts on the map, in one line, so that the script's lines keep their numbers."""
    text = resources.files("codegen.chain").joinpath("layers.js").read_text(encoding="utf-8")
    return " ".join(part.strip() for part in text.splitlines())


def told_error(execution: Execution) -> str:
    """What ended a program, in a few lines."""
    error = execution.error
    if error is None:
        return _LIMITS.get(execution.status, "It failed.")
    where = f" in line {error.line}" if error.line else ""
    told = f"{error.kind}{where}: {error.message}"
    return told if len(told) <= _LONGEST else f"{told[:_LONGEST]}…"


def with_examples(code: str, instruction: str, function: str) -> str:
    """A function with the calls that its docstring shows: these alone, as nothing else is known to be right."""
    calls = [one.source.strip() for one in _examples(instruction) if f"{function}(" in one.source]
    lines = [
        f"_given = {call}\n_given.getInfo() if isinstance(_given, ee.ComputedObject) else None"
        for call in calls
        if _is_expression(call)
    ]
    return "\n".join([code, *lines])


def _examples(instruction: str) -> list[doctest.Example]:
    try:
        return doctest.DocTestParser().get_examples(instruction)
    except ValueError:  # blanks that doctest does not like
        return []


def _is_expression(source: str) -> bool:
    try:
        ast.parse(source, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
