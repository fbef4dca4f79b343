"""What may run in the sandbox, how far it may go, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Language = Literal["python", "javascript"]

Status = Literal["ended", "failed", "wall_time", "cpu_time", "memory", "output", "killed"]
"""How a program came to its end: by itself, by an error of its own, or by the limit that it met."""

Stage = Literal["compile", "define", "params", "call", "result", "run"]
"""Where a program failed: read; executed to define a function; its parameters made; called; its result taken; run."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a program may go.

    Attributes:
        wall_seconds: From its start (METHODS, 7: 300).
        cpu_seconds: Of all its processes.
        memory_bytes: Of all its processes together.
        processes: At a time, threads included.
        output_bytes: Of standard output and of standard error, each.
        disk_bytes: Of its temporary and working directory together.
    """

    wall_seconds: float = 300.0
    cpu_seconds: float = 120.0
    memory_bytes: int = 2 * 2**30
    processes: int = 64
    output_bytes: int = 2**20
    disk_bytes: int = 64 * 2**20


@dataclass(frozen=True, slots=True)
class ProgramError:
    """An error that ended a program.

    Attributes:
        stage: Where.
        kind: The exception's class: `SyntaxError`, `EEException`, `HttpError`, `AttributeError`, `Error` (JavaScript).
        message: Its text.
        line: In the program, from 1; None where it cannot be told.
        traceback: As Python or Node prints it, frames of the sandbox left out.
    """

    stage: Stage
    kind: str
    message: str
    line: int | None
    traceback: str


@dataclass(frozen=True, slots=True)
class Returned:
    """What a called function gave back.

    Attributes:
        type: `ee.Image`, …, or a class of Python: `int`, `list`, `NoneType`.
        expression: For an object of Earth Engine: its graph as the client would send it (`value:compute`), from
            `ee.serializer.encode(value, for_cloud_api=True)`; it was not evaluated. Otherwise None.
        value: For anything else: what JSON makes of it; objects of Earth Engine within are
            `{"!expression": graph, "!type": "ee.Number"}`. None otherwise.
    """

    type: str
    expression: Mapping[str, Any] | None = None
    value: Any = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a program.

    Attributes:
        status: How it ended.
        error: What it raised; None where it ended well or by a limit.
        stdout: What it printed, as far as it may.
        stderr: Likewise.
        returned: What a called function gave; None for scripts.
        files: What a script left in its working directory, by relative path.
        seconds: From start to end, without waiting for a worker.
        exit_code: Of a script's process; None where it was ended by a signal.
    """

    status: Status
    error: ProgramError | None
    stdout: str
    stderr: str
    returned: Returned | None
    files: Mapping[str, bytes] = field(default_factory=dict)
    seconds: float = 0.0
    exit_code: int | None = None

    @property
    def succeeded(self) -> bool:
        """Whether it came to its own end without an error."""
        return self.status == "ended" and self.error is None
