"""Prompts, which are data: `prompts/NAME.md`, a part for the system and one for the user."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from string import Template

from codegen.models.completion import Message, Role

_ROLES: Mapping[str, Role] = {"system": "system", "user": "user"}
_HEADING = re.compile(r"^## (system|user)\n", re.MULTILINE)


def prompt(file: str, /, **values: str) -> list[Message]:
    """A prompt with its places filled in; parts that are empty leave no gap.

    Args:
        file: Its name.
        values: By place. What strangers wrote has to be fenced or made harmless before.
    """
    return [Message(role, _filled(text, values)) for role, text in _parts(file)]


def _filled(text: str, values: Mapping[str, str]) -> str:
    """Paragraphs that are nothing but an empty place are left out; what is filled in stays as it is."""
    empty = {f"${name}" for name, value in values.items() if not value}
    kept = [one for one in text.strip().split("\n\n") if one.strip() not in empty]
    return Template("\n\n".join(kept)).substitute(values).strip()


@cache
def _parts(name: str) -> tuple[tuple[Role, str], ...]:
    text = resources.files("codegen.chain").joinpath("prompts", f"{name}.md").read_text(encoding="utf-8")
    pieces = _HEADING.split(text)[1:]
    return tuple((_ROLES[role], part) for role, part in zip(pieces[::2], pieces[1::2], strict=True))
