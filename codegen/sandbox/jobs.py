"""What a worker is told to run, and what is made of what the program then says about itself."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from codegen.evaluation.cases.case import PythonSource
from codegen.sandbox.inside.isolation import ORDINARY
from codegen.sandbox.outcome import Limits, ProgramError, Returned, Stage
from lake.errors import BadInputError

PROJECT_PLACE = "<ee-project>"
"""Stands in published cases where a project has to be filled in."""

_ADDRESS_FACTOR, _ADDRESS_MORE = 2, 2**30
"""Address space beside memory: a program may reserve more than it uses, but not without end."""
_LONGEST_NAME = 200
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def encode(value: Any, project: str) -> Any:
    """A parameter in JSON: `codegen.sandbox.inside.program.decode` undoes it, and makes what sources make.

    Args:
        value: Numbers, texts, lists, dictionaries, and sources within them.
        project: Takes the place of `<ee-project>`.

    Raises:
        BadInputError: It is something else.
    """
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return value.replace(PROJECT_PLACE, project)
    if isinstance(value, PythonSource):
        return {"!python": value.text.replace(PROJECT_PLACE, project)}
    if isinstance(value, (list, tuple)):
        return [encode(item, project) for item in value]
    if isinstance(value, Mapping):
        return {"!pairs": [[encode(key, project), encode(item, project)] for key, item in value.items()]}
    raise BadInputError(f"A parameter is a {type(value).__name__}, which cannot be given to a function in the sandbox.")


def bounds(limits: Limits, of_python: bool, enclosed: bool) -> dict[str, Any]:
    """The fields of `codegen.sandbox.inside.isolation.Bounds`.

    Args:
        limits: Of a program.
        of_python: Whether it is run by Python; else by Node.
        enclosed: Whether in a sandbox.
    """
    address = limits.memory_bytes * _ADDRESS_FACTOR + _ADDRESS_MORE
    return {
        "cpu_seconds": math.ceil(limits.cpu_seconds) + 1,
        "address_bytes": address if of_python else None,  # Node reserves far more than it ever uses
        "processes": limits.processes + _others(enclosed),
        "disk_bytes": limits.disk_bytes,
    }


def _others(enclosed: bool) -> int:
    """Processes besides a program's own that the kernel counts with them.

    None from Linux 5.14 on, where each user space has a count of its own; before, and where there is no such space, all
    that the user has.
    """
    found = re.match(r"(\d+)\.(\d+)", os.uname().release)
    if enclosed and found is not None and (int(found[1]), int(found[2])) >= (5, 14):
        return 0
    user = ORDINARY if enclosed and os.getuid() == 0 else os.getuid()
    return sum(_threads(path, user) for path in Path("/proc").glob("[0-9]*/status"))


def _threads(path: Path, user: int) -> int:
    try:
        text = path.read_text("utf-8", "replace")
    except OSError:
        return 0  # it has ended
    told = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    return int(told["Threads"]) if int(told["Uid"].split()[0]) == user else 0


def read_result(content: bytes) -> tuple[Returned | None, ProgramError | None]:
    """What a program says that it gave back, or that it failed with; neither where what it says makes no sense.

    It may say anything: nothing in it is believed but that the program said it.
    """
    try:
        told = json.loads(content, parse_constant=_refuse)
        if _SURROGATE.search(content):  # half a character cannot be written anywhere
            told = json.loads(json.dumps(told, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None, None
    if not isinstance(told, dict):
        return None, None
    return _returned(told.get("returned")), _error(told.get("error"))


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON.")


def _returned(told: Any) -> Returned | None:
    if not isinstance(told, dict) or not isinstance(told.get("type"), str):
        return None
    expression = told.get("expression")
    if expression is not None and not isinstance(expression, dict):
        return None
    return Returned(told["type"][:_LONGEST_NAME], expression, told.get("value"))


def _error(told: Any) -> ProgramError | None:
    if not isinstance(told, dict) or told.get("stage") not in get_args(Stage):
        return None
    kind, message, trace, line = (told.get(name) for name in ("kind", "message", "traceback", "line"))
    if not (isinstance(kind, str) and isinstance(message, str) and isinstance(trace, str)):
        return None
    return ProgramError(
        told["stage"], kind[:_LONGEST_NAME], message, line if isinstance(line, int) and line > 0 else None, trace
    )
