"""What models are asked: the texts of `prompts.yaml` with a task put in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

_FIELD = re.compile(r"\{(\w+)\}")


def prompt(name: str, **fields: str) -> str:
    """A prompt with its fields filled in; fields that are prompts themselves need not be given.

    What is put in is not looked at again: an instruction may have braces of its own.

    Args:
        name: Of the prompt.
        fields: Texts by name.
    """

    def filled(match: re.Match[str]) -> str:
        field = match[1]
        return fields[field].strip("\n") if field in fields else prompt(field, **fields)

    return _FIELD.sub(filled, _texts()[name])


@lru_cache(maxsize=1)
def _texts() -> Mapping[str, Any]:
    text = files("codegen.evaluation.tasks").joinpath("prompts.yaml").read_text(encoding="utf-8")
    texts: Mapping[str, Any] = yaml.safe_load(text)
    return texts
