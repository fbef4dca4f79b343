"""Functions that nobody calls are followed with what their annotations say they are given."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from codegen.extraction.signatures import CLASSES, UNTYPED

_ANYTHING = "_anything_"
"""A name that nothing defines: of its value nothing is known."""
_NUMBERS = {"int": "1", "float": "1.5"}


def with_calls(code: str) -> str:
    """Code with a call of each of its functions behind it, on lines of their own; as it is where it cannot be read.

    A parameter that is annotated as a class of Earth Engine or as a number is given one; of others nothing is known.
    """
    try:
        functions = [node for node in ast.parse(code).body if isinstance(node, ast.FunctionDef)]
        calls = [_call(node) for node in functions if _is_annotated(node)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return code
    return "\n".join([code, *calls])


def _call(function: ast.FunctionDef) -> str:
    given = function.args
    placed = [_value(one) for one in (*given.posonlyargs, *given.args)]
    named = [f"{one.arg}={_value(one)}" for one in given.kwonlyargs]
    return f"{function.name}({', '.join([*placed, *named])})"


def _is_annotated(function: ast.FunctionDef) -> bool:
    return any(_value(one) != _ANYTHING for one in _parameters(function))


def _parameters(function: ast.FunctionDef) -> Iterator[ast.arg]:
    yield from (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)


def _value(parameter: ast.arg) -> str:
    annotation = parameter.annotation
    written = annotation.value if isinstance(annotation, ast.Constant) else annotation and ast.unparse(annotation)
    name = str(written or "")
    if name in _NUMBERS:
        return _NUMBERS[name]
    owner = name.removeprefix("ee.")
    is_class = name.startswith("ee.") and owner in CLASSES and owner != UNTYPED
    return f"{name}({_ANYTHING})" if is_class else _ANYTHING
