"""Requirement analysis: eight fields, filled in by the model, and what is missing asked back."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any, get_args

from codegen.chain.asking import asked_fields, question_for, tongue_of
from codegen.chain.effects import Effects
from codegen.chain.parsing import data_in, fenced, field_lines
from codegen.chain.pool import FieldName, Pool
from codegen.chain.prompting import prompt
from codegen.chain.telling import LANGUAGES, line

PLATFORM = "Google Earth Engine"
_FIELDS: tuple[FieldName, ...] = get_args(FieldName)
_FILLED_IN = ("objective", "space_and_time", "data", "method", "output_format", "output_type")
_NOT_TOLD = {"", "none", "null", "n/a", "unknown", "not specified", "unspecified", "未指定", "未知", "无", "..."}


async def analyse(effects: Effects) -> None:
    """Fills in the fields; a model that writes no form leaves them to the questions."""
    pool = effects.pool
    call = await effects.ask("requirement", prompt("requirement", request=fenced(pool.setting.request, "text")))
    told = _read(call.text)
    if not told:
        pool.note("Requirement analysis: the model's answer holds no form; the request alone is used.")
    fields: dict[FieldName, str] = {name: line(_text(told.get(name))) for name in _FILLED_IN}  # type: ignore[misc]
    fields |= _fixed(pool)
    fields["objective"] = fields["objective"] or line(pool.setting.request)
    pool.state.fields = {name: fields[name] for name in _FIELDS}
    unclear = [name for name in _listed(told.get("unclear")) if name in fields]
    await _ask_back(effects, unclear)
    pool.state.done.append("requirement")


def from_request(pool: Pool) -> None:
    """Without an analysis: the request is the objective."""
    empty: dict[FieldName, str] = dict.fromkeys(_FIELDS, "")
    pool.state.fields = empty | _fixed(pool) | {"objective": line(pool.setting.request)}


def from_function(pool: Pool) -> None:
    """Of a function that is asked for: its docstring says what it does, its signature what it takes and gives."""
    pool.state.fields = dict.fromkeys(_FIELDS, "") | _fixed(pool)
    objective, result = _of_function(pool.setting.request)
    pool.state.fields |= {"objective": line(objective), "output_type": line(result), "output_format": "return value"}
    pool.state.done.append("requirement")


def _fixed(pool: Pool) -> dict[FieldName, str]:
    return {"platform": PLATFORM, "language": LANGUAGES[pool.setting.language]}


async def _ask_back(effects: Effects, unclear: list[str]) -> None:
    pool = effects.pool
    fields, tongue = pool.state.fields, tongue_of(pool.setting.request)
    for name in asked_fields():
        field: FieldName = name  # type: ignore[assignment]
        if fields[field] and name not in unclear:
            continue
        answer = await effects.answer(question_for(name, tongue))
        if answer is None:
            continue
        if answer.by == "assumed":
            if fields[field]:
                continue  # what the request says, though it can be read differently, is better than what is assumed
            pool.state.assumptions.append(f"{name}: {answer.text}")
        fields[field] = line(answer.text)
    pool.state.fields = fields


def _read(answer: str) -> Mapping[str, Any]:
    found = data_in(answer)
    if isinstance(found, list):
        found = next((one for one in found if isinstance(one, dict)), None)
    if not isinstance(found, dict):
        found = field_lines(answer)
    lowered = {re.sub(r"\W+", "_", str(name).strip().lower()): value for name, value in found.items()}
    return lowered if set(lowered) & set(_FILLED_IN) else {}


def _text(value: Any) -> str:
    """A value of the form as text; what says that nothing is told is none."""
    if isinstance(value, dict):
        value = [f"{name}: {_text(one)}" for name, one in value.items() if _text(one)]
    if isinstance(value, list):
        value = ", ".join(filter(None, map(_text, value)))
    text = "" if value is None else str(value).strip()
    return "" if text.lower().rstrip(".") in _NOT_TOLD else text


def _listed(value: Any) -> list[str]:
    if isinstance(value, str):
        return re.split(r"[,;\s]+", value.strip())
    return [str(one) for one in value] if isinstance(value, list) else []


def _of_function(instruction: str) -> tuple[str, str]:
    """The first paragraph of a docstring, and the type that the signature names."""
    try:
        tree = ast.parse(_closed(instruction))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return instruction, ""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            told = ast.get_docstring(node) or ""
            result = ast.unparse(node.returns) if node.returns is not None else ""
            return told.split("\n\n", 1)[0] or node.name, result
    return instruction, ""


def _closed(instruction: str) -> str:
    """A signature without a body is given one."""
    try:
        ast.parse(instruction)
    except SyntaxError:
        return f"{instruction.rstrip()}\n    pass\n"
    return instruction
