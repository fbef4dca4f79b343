"""Running our own solutions, in this process: trusted code against the local Earth Engine.

What models write never comes here; it runs in the sandbox.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import CodeType
from typing import Any

from codegen.evaluation.cases.case import PythonSource
from codegen.sandbox.inside import returning
from codegen.sandbox.outcome import Returned


def make_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as a function takes them: sources are run."""
    return {name: _made(value) if isinstance(value, PythonSource) else value for name, value in params.items()}


def _made(source: PythonSource) -> Any:
    return _defined(source.text)()


def call(code: str, params: Mapping[str, Any]) -> Any:
    """What the function that a text defines gives; the last one where there are several."""
    return _defined(code)(**params)


def _defined(text: str) -> Any:
    import ee

    names: dict[str, Any] = {"ee": ee}
    exec(_compiled(text), names)  # noqa: S102  our own solutions and sources
    return [value for name, value in names.items() if callable(value) and name not in ("ee", "__builtins__")][-1]


@lru_cache(maxsize=4096)
def _compiled(text: str) -> CodeType:
    return compile(text, "<task>", "exec")


def returned(value: Any) -> Returned:
    """A value as the sandbox tells of it: an expression, not evaluated, or what JSON makes of it."""
    return Returned(**returning.returned(value))


def algorithms(expression: Any) -> set[str]:
    """Names of the algorithms that an expression calls, those within functions too."""
    if isinstance(expression, Mapping):
        call = expression.get("functionInvocationValue")
        own = {str(call["functionName"])} if isinstance(call, Mapping) and "functionName" in call else set()
        return own.union(*(algorithms(inner) for inner in expression.values()))
    if isinstance(expression, list):
        return set().union(*(algorithms(inner) for inner in expression))
    return set()
