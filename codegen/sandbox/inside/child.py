"""The process of one program: encloses itself, runs the program, and writes what came of it."""

from __future__ import annotations

import atexit
import contextlib
import gc
import json
import os
import socket
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, TextIO

from codegen.sandbox.inside import isolation, program

RESULT = 3
"""The descriptor on which a program's process tells what came of it."""

READY, BROKEN = b"+", b"-"


def become_program(
    job: Mapping[str, Any], descriptors: Sequence[int], worker: socket.socket, enclosed: bool
) -> NoReturn:
    """Turns a fresh child of the worker into a program's process.

    Args:
        job: What to run, see `codegen.sandbox.jobs`.
        descriptors: Standard output, standard error, result.
        worker: Is told that the shell is closed, and given the working directory; or why it cannot be closed.
        enclosed: Whether there is a shell at all; False only where the user asked for it.
    """
    try:
        folder = _prepare(job, descriptors, worker, enclosed)
        socket.send_fds(worker, [READY], [folder])
    except BaseException as error:  # whatever it is, the program must not start
        worker.sendall(BROKEN + f"{type(error).__name__}: {error}".encode())
        os._exit(1)
    os.closerange(RESULT + 1, 1 << 20)
    try:
        status = _run(job)
    except BaseException:  # a program may break whatever it is told with
        status = 1
    os._exit(status)


def _prepare(job: Mapping[str, Any], descriptors: Sequence[int], worker: socket.socket, enclosed: bool) -> int:
    """Standard streams, the shell, and a descriptor of the working directory."""
    os.setsid()
    nothing = os.open("/dev/null", os.O_RDONLY)
    above = [os.dup(one) if one <= RESULT else one for one in (nothing, *descriptors)]
    if worker.fileno() <= RESULT:
        raise AssertionError("The worker's socket lies where the program's streams belong.")
    for place, one in enumerate(above):
        os.dup2(one, place, inheritable=True)
    sys.stdin, sys.stdout, sys.stderr = _stream(0, "r"), _stream(1, "w"), _stream(2, "w")
    bounds = isolation.Bounds(**job["bounds"])
    if enclosed:
        isolation.enclose(bounds)
    else:
        isolation.limit(bounds)
    working = Path(job["folder"]) / "work"
    working.mkdir()
    os.chdir(working)
    return os.open(".", os.O_RDONLY | os.O_DIRECTORY)


def _stream(descriptor: int, mode: str) -> TextIO:
    return open(descriptor, mode, encoding="utf-8", errors="backslashreplace", closefd=False)  # type: ignore[return-value]


def _run(job: Mapping[str, Any]) -> int:
    if job["what"] == "javascript":
        return _become_node(job)
    gc.enable()
    told: dict[str, Any] = {}
    status = 0
    try:
        if job["what"] == "call":
            told["returned"] = program.call(job["code"], job["function"], job["params"])
        else:
            status = program.run(job["code"])
            _end_python()
    except program.ProgramFailedError as failure:
        told, status = {"error": failure.told}, 1
        sys.stderr.write(failure.told["traceback"])
    _flush()
    _tell(told)
    return status


def _become_node(job: Mapping[str, Any]) -> int:
    script = Path(job["folder"]) / "program.js"  # beside the working directory, which is the program's own
    script.write_text(job["code"], encoding="utf-8", errors="backslashreplace")
    environment = {**os.environ, "NODE_PATH": job["modules"], "NO_COLOR": "1"}
    os.execve(job["command"][0], [*job["command"], str(script)], environment)  # noqa: S606


def _end_python() -> None:
    """What Python does when a script has come to its end."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # a program may have put anything in their place
            stream.flush()


def _tell(told: Mapping[str, Any]) -> None:
    """Writes what came of the program; the host takes it for what a program says about itself."""
    content = memoryview(json.dumps(told, allow_nan=False).encode())
    while content:
        content = content[os.write(RESULT, content) :]
