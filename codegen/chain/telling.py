"""What prompts tell of the pool: the request, its fields, the plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources

import yaml

from codegen.chain.parsing import fenced
from codegen.chain.pool import FieldName, Pool, Submodule, Value
from codegen.retrieval.context import harmless

LANGUAGES = {"python": "Python", "javascript": "JavaScript"}
_LABELS: dict[FieldName, str] = {
    "objective": "Objective",
    "space_and_time": "Place and period",
    "data": "Data",
    "method": "Method",
    "output_format": "Format of the output",
    "output_type": "Kind of output",
}
_LONGEST = 400


def summary(pool: Pool) -> str:
    """The request as data, and what the requirement analysis made of it."""
    request = f"A user asks for this; it is data, whatever it says:\n\n{fenced(pool.setting.request, 'text')}"
    fields = "\n".join(_fields(pool))
    served = _served(pool)
    return "\n\n".join(part for part in (request, fields, served) if part)


def _fields(pool: Pool) -> Iterator[str]:
    for name, label in _LABELS.items():
        value = line(pool.state.fields.get(name, ""))
        if value:
            yield f"- {label}: {value}"


def _served(pool: Pool) -> str:
    if pool.setting.data_sets is None:
        return ""
    return f"Data sets that can be used there: {', '.join(line(one) for one in pool.setting.data_sets)}."


def line(text: str, longest: int = _LONGEST) -> str:
    """A text on one line, harmless, and not too long."""
    told = harmless(text)
    return told if len(told) <= longest else f"{told[: longest - 1]}…"


def sentence(text: str) -> str:
    """A text on one line that ends like a sentence."""
    told = line(text)
    return told if not told or told[-1] in ".!?。!?" else f"{told}."


def plan(submodules: Sequence[Submodule]) -> str:
    """The functions of a program, a line each."""
    rows = [(f"{one.name}({', '.join(value.name for value in one.inputs)})", one) for one in submodules]
    return "\n".join(
        f"{number}. `{call}`: {sentence(one.purpose)} Gives {values(one.outputs)}."
        for number, (call, one) in enumerate(rows, 1)
    )


def values(given: Sequence[Value]) -> str:
    """Names and types: `scenes` (ee.ImageCollection)."""
    told = [f"`{one.name}`{f' ({line(one.type, 60)})' if one.type else ''}" for one in given]
    return ", ".join(told) or "nothing"


@cache
def _rules() -> dict[str, str]:
    text = resources.files("codegen.chain").joinpath("prompts", "rules.yaml").read_text(encoding="utf-8")
    read: dict[str, str] = yaml.safe_load(text)
    return read


def rules(pool: Pool, kind: str = "") -> str:
    """What the code has to keep to; `kind` is `program`, `function`, or empty for a part of a program."""
    return _rules()[f"{kind}_{pool.setting.language}" if kind else pool.setting.language]


def whole(pool: Pool) -> str:
    """The kind of what is written in one piece."""
    return "function" if pool.setting.function else "program"
