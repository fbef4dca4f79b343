"""What a run leaves in its folder: the program, what it printed and left, and pictures of what it gives."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from codegen.chain.charts import captioned, chart_of, draw
from codegen.chain.effects import Runner, Say
from codegen.chain.pool import Execution, Pool
from codegen.chain.programs import program
from codegen.chain.telling import line
from codegen.sandbox.outcome import Outcome
from lake.atomic import replacing

_SUFFIX = {"python": "py", "javascript": "js"}
_LAYERS = "layers.json"
_PICTURE = "picture.png"
_MOST_LOOKS = 8
_MOST_FILES = 100
_SIMULATED = "SIMULATED planet"
_PART = re.compile(r"[\w][\w .,+()-]{0,99}", re.ASCII)


def program_path(pool: Pool, folder: Path) -> Path:
    """Where the program stands."""
    return folder / f"program.{_SUFFIX[pool.setting.language]}"


def write_program(pool: Pool, folder: Path) -> None:
    """The program as it is now, if there is one."""
    if pool.program.code:
        _write(program_path(pool, folder), pool.program.code.encode())


def write_output(pool: Pool, folder: Path, sandbox: Runner | None, say: Say) -> None:
    """What the program that ran printed, left and gives: `output/`; pictures are made in the sandbox."""
    write_program(pool, folder)
    execution, place = pool.last_execution, folder / "output"
    if execution is None:
        return
    _write(place / "printed.txt", execution.stdout.encode())
    files = {name: base64.b64decode(content) for name, content in execution.files.items()}
    layers = files.pop(_LAYERS, b"")
    for name, content in list(files.items())[:_MOST_FILES]:
        if (path := _below(place, name)) is not None:
            _write(path, content)
    for name, given in [*_layers(layers), *_result(pool)][:_MOST_LOOKS]:
        try:
            _look(name, given, place, sandbox, _SIMULATED if pool.setting.simulated else "")
        except _UnseenError as error:
            say(f"  no picture of {line(name, 60)}: {line(str(error), 300)}")


class _UnseenError(Exception):
    """A result that cannot be looked at."""


def _below(folder: Path, name: str) -> Path | None:
    """A path within a folder; None for one that leads elsewhere, or that a file system may stumble over."""
    parts = PurePosixPath(name).parts
    is_plain = bool(parts) and all(_PART.fullmatch(part) and not part.startswith(".") for part in parts)
    return folder.joinpath(*parts) if is_plain else None


def _layers(content: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    """What a script put on the map: what the program says about itself, so it may be anything."""
    try:
        told = json.loads(content) if content else []
    except ValueError:
        return
    for one in told if isinstance(told, list) else []:
        if isinstance(one, dict) and isinstance(one.get("type"), str) and isinstance(one.get("expression"), str):
            style = one.get("style") if isinstance(one.get("style"), dict) else {}
            given = {"type": one["type"], "style": style, "expression": one["expression"]}
            yield line(str(one.get("name") or "layer"), 60), given


def _result(pool: Pool) -> Iterator[tuple[str, dict[str, Any]]]:
    """What `main` gave: one object of Earth Engine, a dictionary of some, or a value."""
    number = pool.state.result
    execution = pool.record.executions[number] if number is not None else None
    if execution is None or not execution.succeeded or execution.returned is None:
        return
    yield from _given("result", execution)


def _given(name: str, execution: Execution) -> Iterator[tuple[str, dict[str, Any]]]:
    returned = execution.returned or {}
    value = returned.get("value")
    if returned.get("expression") is not None:
        yield name, {"type": returned["type"], "expression": returned["expression"]}
    elif isinstance(value, dict) and any(isinstance(one, dict) and "!expression" in one for one in value.values()):
        for key, one in value.items():
            if isinstance(one, dict) and "!expression" in one:
                yield line(str(key), 60), {"type": str(one.get("!type")), "expression": one["!expression"]}
            else:
                yield line(str(key), 60), {"value": one}
    elif value is not None:
        yield name, {"value": value}


def _look(name: str, given: dict[str, Any], place: Path, sandbox: Runner | None, remark: str) -> None:
    """A picture of an object of Earth Engine; a table of values, with a chart where they make one."""
    stem = re.sub(r"[^\w-]+", "_", name, flags=re.ASCII).strip("_") or "result"
    value: Any = given.get("value")
    if "expression" in given:
        if sandbox is None:
            raise _UnseenError("there is no sandbox.")
        outcome = sandbox.run(program("look", given), "python")
        if _PICTURE in outcome.files:
            _write(place / f"{stem}.png", captioned(outcome.files[_PICTURE], remark))
        elif not outcome.succeeded:
            raise _UnseenError(_why(outcome))
        value = _printed(outcome)
    if value is None:
        return
    _write(place / f"{stem}.json", json.dumps(value, indent=1, ensure_ascii=False).encode("utf-8", "replace"))
    chart = chart_of(value)
    if chart is not None:
        _write(place / f"{stem}_chart.png", draw(chart, f"{name} ({remark})" if remark else name))


def _printed(outcome: Outcome) -> Any:
    try:
        return json.loads(outcome.stdout) if outcome.stdout.strip() else None
    except ValueError:
        return None


def _why(outcome: Outcome) -> str:
    return outcome.error.message if outcome.error is not None else f"it ended by {outcome.status}."


def _write(path: Path, content: bytes) -> None:
    with replacing(path) as temporary:
        temporary.write_bytes(content)
