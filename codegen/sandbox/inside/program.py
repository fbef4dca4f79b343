"""A Python program: read, executed, its function called, and what went wrong told as its writer would want it."""

from __future__ import annotations

import ast
import linecache
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType, TracebackType
from typing import Any

from codegen.sandbox.inside.returning import returned

NAME = "program.py"
_PARAMETER = "parameter.py"
_LONGEST_MESSAGE = 20_000
_LONGEST_TRACEBACK = 100_000


class ProgramFailedError(Exception):
    """A program's own error, told; carries the fields of `codegen.sandbox.outcome.ProgramError`."""

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(told["message"])
        self.told = told


def call(code: str, function: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Executes code, makes the parameters, calls the function and takes what it gives.

    Args:
        code: Defines the function.
        function: Its name; where the code has none of that name, the first function that it defines is called.
        params: As `codegen.sandbox.jobs.encode` made them.

    Returns:
        The fields of `Returned`.

    Raises:
        ProgramFailedError: One of these steps did.
    """
    with _stage("compile"):
        tree = ast.parse(code, NAME)
        compiled = compile(code, NAME, "exec")
    names = _module("program")  # not `__main__`: what a program does where it is run by itself is not asked for
    with _stage("define"):
        _remember(NAME, code)
        exec(compiled, names)  # noqa: S102  # this is what the sandbox is for
        found = _function(tree, names, function)
    with _stage("params"):
        given = {name: decode(value) for name, value in params.items()}
    with _stage("call"):
        value = found(**given)
    with _stage("result"):
        return returned(value)


def run(code: str) -> int:
    """Executes a script as `python program.py` would.

    Returns:
        Its exit status.

    Raises:
        ProgramFailedError: The script did.
    """
    with _stage("compile"):
        compiled = compile(code, NAME, "exec")
    names = _module("__main__")
    _remember(NAME, code)
    try:
        with _stage("run"):
            exec(compiled, names)  # noqa: S102  # this is what the sandbox is for
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    return 0


def decode(value: Any) -> Any:
    """A parameter, as it was before `codegen.sandbox.jobs.encode`; sources are executed."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "!python" in value:
        return _made(value["!python"])
    return {decode(key): decode(item) for key, item in value["!pairs"]}


def _made(source: str) -> Any:
    """What the first function of a source gives, called without arguments."""
    tree = ast.parse(source, _PARAMETER)
    names: dict[str, Any] = {"__name__": "parameter"}
    _remember(_PARAMETER, source)
    exec(compile(source, _PARAMETER, "exec"), names)  # noqa: S102  # this is what the sandbox is for
    return _function(tree, names, "")()


def _function(tree: ast.Module, names: Mapping[str, Any], name: str) -> Callable[..., Any]:
    defined = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    for candidate in [name, *defined]:
        if callable(names.get(candidate)):
            return names[candidate]  # type: ignore[no-any-return]
    raise NameError(f"The code defines no function {name}." if name else "The source defines no function.")


def _module(name: str) -> dict[str, Any]:
    module = ModuleType(name)
    sys.modules[name] = module
    sys.argv = [NAME]
    return vars(module)


def _remember(name: str, source: str) -> None:
    """So that tracebacks show the lines."""
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)


@contextmanager
def _stage(stage: str) -> Iterator[None]:
    try:
        yield
    except SystemExit as end:
        if stage == "run":
            raise
        raise ProgramFailedError(_told(stage, end)) from None
    except BaseException as error:  # whatever a program raises is its own failure
        raise ProgramFailedError(_told(stage, error)) from None


def _told(stage: str, error: BaseException) -> dict[str, Any]:
    own = _from_program(error.__traceback__)
    name = _PARAMETER if stage == "params" else NAME
    return {
        "stage": stage,
        "kind": type(error).__name__,
        "message": _text(error)[:_LONGEST_MESSAGE],
        "line": _line(error, own, name),
        "traceback": _traceback(error, own)[-_LONGEST_TRACEBACK:],
    }


def _text(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return str(error.msg)
    try:
        return str(error)
    except Exception as worse:  # an error of the program's own making may refuse to be told
        return f"<{type(worse).__name__} while it was told>"


def _line(error: BaseException, own: TracebackType | None, name: str) -> int | None:
    if isinstance(error, SyntaxError) and error.filename == name:
        return error.lineno
    lines = [step.tb_lineno for step in _steps(own) if step.tb_frame.f_code.co_filename == name]
    return lines[-1] if lines else None


def _traceback(error: BaseException, own: TracebackType | None) -> str:
    try:
        return "".join(traceback.format_exception(type(error), error, own))
    except Exception as worse:  # likewise
        return f"{type(error).__name__}: <{type(worse).__name__} while it was told>\n"


def _from_program(step: TracebackType | None) -> TracebackType | None:
    """A traceback without the frames before the program's own."""
    while step is not None and step.tb_frame.f_code.co_filename not in (NAME, _PARAMETER):
        step = step.tb_next
    return step


def _steps(step: TracebackType | None) -> Iterator[TracebackType]:
    while step is not None:
        yield step
        step = step.tb_next
