"""Our own programs in the sandbox, as text."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any, Literal


def program(name: Literal["describe", "look"], given: Any) -> str:
    """A program of `codegen.chain.inside` that is given something; the text is what runs in the sandbox."""
    return f"{_source(name)}\n\nmain(json.loads({json.dumps(given)!r}))\n"


@cache
def _source(name: str) -> str:
    return resources.files("codegen.chain.inside").joinpath(f"{name}.py").read_text(encoding="utf-8")
