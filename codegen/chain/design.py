"""Algorithm design: functions that do one thing each, with what they take and give."""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence
from typing import Any

from codegen.chain.effects import Effects
from codegen.chain.looking_up import FOR_DESIGN, look_up
from codegen.chain.parsing import data_in
from codegen.chain.pool import Submodule, Value
from codegen.chain.prompting import prompt
from codegen.chain.telling import line, summary

MOST = 6
"""Functions of a program."""
_JAVASCRIPT_WORDS = {
    "break", "case", "catch", "class", "const", "continue", "debugger", "default", "delete", "do", "else", "enum",
    "export", "extends", "false", "finally", "for", "function", "if", "import", "in", "instanceof", "new", "null",
    "return", "super", "switch", "this", "throw", "true", "try", "typeof", "var", "void", "while", "with", "yield",
    "let", "static", "await", "arguments", "eval", "interface", "package", "private", "protected", "public",
    "implements",
}  # fmt: skip
_TAKEN = {"ee", "main", "show", "print", "Map", "Export", "ui", "Chart"}
"""Names that the program uses for something else."""


async def design(effects: Effects) -> None:
    """Has the model divide the program; one that does not leaves it in one piece."""
    pool = effects.pool
    told = pool.state.fields
    query = " ".join(filter(None, (told.get("objective", ""), told.get("data", ""), told.get("method", ""))))
    context = await look_up(effects, "design", query, FOR_DESIGN)
    call = await effects.ask("design", prompt("design", summary=summary(pool), context=context, most=str(MOST)))
    pool.state.submodules = submodules_in(call.text)
    if not pool.state.submodules:
        pool.note(
            "Algorithm design: the model's answer holds no list of functions; the program is written in one piece."
        )
    pool.state.done.append("design")


def submodules_in(answer: str) -> list[Submodule]:
    """The functions that an answer tells, in an order in which each comes after those whose results it takes."""
    found = data_in(answer)
    if isinstance(found, dict):
        lists = [value for value in found.values() if isinstance(value, list)]
        found = [found] if "name" in found else next(iter(lists), [])
    rows = [row for row in found or [] if isinstance(row, dict) and str(row.get("name") or "").strip()]
    return _ordered(_apart([_submodule(row) for row in rows[:MOST]]))


def _submodule(row: dict[str, Any]) -> Submodule:
    purpose = line(str(row.get("purpose") or row.get("description") or row["name"]))
    inputs, outputs = (_values(row.get(f"{side}s") or row.get(side)) for side in ("input", "output"))
    return Submodule(name=identifier(str(row["name"])), purpose=purpose, inputs=inputs, outputs=outputs)


def _apart(submodules: Sequence[Submodule]) -> list[Submodule]:
    """With names that tell functions from each other, and from what they take and give: `ndvi = ndvi(scene)` fails."""
    taken = {value.name for one in submodules for value in (*one.inputs, *one.outputs)}
    for one in submodules:
        name = one.name if one.name not in taken else f"make_{one.name}"
        while name in taken:
            name = f"{name}_2"
        taken.add(name)
        one.name = name
    return list(submodules)


def _values(told: Any) -> list[Value]:
    """`[{"name": …, "type": …}]`, `{"name": "type"}`, `["name: type"]` or `"name: type"`."""
    if isinstance(told, dict):
        told = [told] if "name" in told else [{"name": name, "type": type_} for name, type_ in told.items()]
    if isinstance(told, str):
        told = [told]
    found: dict[str, Value] = {}
    for one in told if isinstance(told, list) else []:
        name, type_ = (one.get("name"), one.get("type")) if isinstance(one, dict) else _split(str(one))
        if name and str(name).strip().lower() not in ("none", "null", "nothing"):
            key = identifier(str(name))
            found.setdefault(key, Value(name=key, type=line(str(type_ or ""), 60)))
    return list(found.values())


def _split(text: str) -> tuple[str, str]:
    name, _, type_ = text.partition(":")
    return name.strip(), type_.strip()


def identifier(text: str) -> str:
    """A name that both languages take."""
    name = re.sub(r"\W+", "_", text.strip(), flags=re.ASCII).strip("_")[:60] or "part"
    if name[0].isdigit() or keyword.iskeyword(name) or name in _JAVASCRIPT_WORDS or name in _TAKEN:
        name = f"a_{name}"
    return name


def _ordered(submodules: Sequence[Submodule]) -> list[Submodule]:
    """As they are told, but each after those whose results it takes, as far as that is possible."""
    waiting, done, given = list(submodules), list[Submodule](), set[str]()
    outputs = {one.name for submodule in submodules for one in submodule.outputs}
    while waiting:
        ready = [one for one in waiting if all(v.name in given or v.name not in outputs for v in one.inputs)]
        following = ready[0] if ready else waiting[0]
        waiting.remove(following)
        done.append(following)
        given |= {one.name for one in following.outputs}
    return done
