"""A worker: holds the client of Earth Engine ready, forks a process for each program and watches over it."""

from __future__ import annotations

import contextlib
import gc
import os
import select
import shutil
import signal
import site
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from codegen.sandbox.inside import child, frames, isolation, kernel, watching
from codegen.sandbox.inside.leavings import leavings

WATCH_SECONDS = 0.02
"""How often a program is looked at: what it can take in the meantime is what it can take beyond a limit."""

_BACKLOG = 64


def main(settings: Mapping[str, Any]) -> None:
    """Becomes a worker; returns when the host is gone.

    Args:
        settings: `enclosed`: whether in a sandbox at all; `port`: where Earth Engine is to be seen, 0 for any;
            `project`: in which the client works.
    """
    control = socket.socket(fileno=os.dup(0))
    if settings["enclosed"]:
        isolation.become_ordinary()
        isolation.enter_worker()
    else:
        kernel.adopt_orphans()  # so that what a program leaves behind can be found
    port = _listen(control, settings["port"])
    _prepare_client(f"http://127.0.0.1:{port}", settings["project"])
    worker = Worker(control, settings["enclosed"])
    frames.send(control, {"ready": True, "port": port})
    while True:
        try:
            job, descriptors = frames.receive(control)
        except EOFError:
            return
        if "kill" not in job:  # else it is late: the program had ended
            worker.run(job, descriptors)


def _listen(control: socket.socket, port: int) -> int:
    """Makes the socket on which this network reaches Earth Engine, and gives it to the host, who answers there."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(_BACKLOG)
        frames.send(control, {"listening": True}, (listener.fileno(),))
        return int(listener.getsockname()[1])


def _prepare_client(url: str, project: str) -> None:
    """Initialises `ee` once; from then on `ee.Initialize` and `ee.Authenticate` leave it as it is."""
    import ee

    from ee_emulator.client import initialise

    initialise(url, project)
    session = ee.data._get_state().requests_session
    if session is not None:
        session.close()  # a connection that is open now would be everybody's

    def authenticate(*_: Any, **__: Any) -> bool:
        return True

    def initialize(*_: Any, **__: Any) -> None:
        """There is one Earth Engine here, and it is ready."""

    ee.Authenticate, ee.Initialize = authenticate, initialize
    site.setquit()  # `exit()`, as Python has it where it is not told to look for packages by itself
    gc.collect()
    gc.disable()  # a program turns it on again: pages that nothing touches are shared
    gc.freeze()


@dataclass(slots=True)
class End:
    """How a program's process ended."""

    status: int
    limit: str | None


class Worker:
    """Runs one program at a time."""

    def __init__(self, control: socket.socket, enclosed: bool) -> None:
        self._control = control
        self._enclosed = enclosed
        self._fork: Callable[[], int] = isolation.ProcessSpaces().fork if enclosed else os.fork

    def run(self, job: dict[str, Any], descriptors: list[int]) -> None:
        """Runs a program and tells the host how it ended."""
        if self._enclosed:
            told, kept = self._run({**job, "folder": isolation.TEMPORARY}, descriptors)
        else:
            folder = tempfile.mkdtemp(prefix="eecode-")  # not what removes itself: the program's process would, too
            try:
                told, kept = self._run({**job, "folder": folder}, descriptors)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
        frames.send(self._control, {**told, "files": [path for path, _ in kept]})
        for _, content in kept:
            frames.send_bytes(self._control, content)

    def _run(self, job: Mapping[str, Any], descriptors: list[int]) -> tuple[dict[str, Any], list[tuple[str, bytes]]]:
        """How the program ended, and what it left."""
        started = time.monotonic()
        ours, theirs = socket.socketpair()
        process = self._fork()
        if process == 0:
            ours.close()
            child.become_program(job, descriptors, theirs, self._enclosed)
        theirs.close()
        for descriptor in descriptors:
            os.close(descriptor)
        with ours:
            said, folders, _, _ = socket.recv_fds(ours, 4096, 1)
        end = self._watch(process, job, started)
        told = {"ended": job["id"], "status": end.status, "limit": end.limit, "seconds": time.monotonic() - started}
        if not said.startswith(child.READY):
            told["broken"] = said[1:].decode("utf-8", "replace") or "The program's process ended before it began."
        kept = leavings(folders[0], job["limits"]["disk_bytes"]) if folders and job["keep_files"] else []
        for descriptor in folders:
            os.close(descriptor)
        return told, kept

    def _watch(self, process: int, job: Mapping[str, Any], started: float) -> End:
        """Waits for the end of a program, or brings it about."""
        limits, limit = job["limits"], None
        deadline = started + limits["wall_seconds"]
        ended = os.pidfd_open(process)
        poll = select.poll()
        poll.register(ended, select.POLLIN)
        poll.register(self._control, select.POLLIN)
        while True:
            ready = {descriptor for descriptor, _ in poll.poll(WATCH_SECONDS * 1000)}
            if ended in ready:
                break
            if self._control.fileno() in ready:
                limit = self._asked_to_kill(job["id"])
            elif time.monotonic() > deadline:
                limit = "wall_time"
            else:
                limit = self._exceeded(limits)
            if limit:
                break
        os.close(ended)
        if limit:
            os.kill(process, signal.SIGKILL)
        _, status, used = os.wait4(process, 0)
        if not self._enclosed:
            _end_descendants()
        if limit is None and used.ru_utime + used.ru_stime >= limits["cpu_seconds"]:
            limit = "cpu_time"  # the kernel was faster than we
        return End(os.waitstatus_to_exitcode(status), limit)

    def _asked_to_kill(self, job: int) -> str | None:
        try:
            message, _ = frames.receive(self._control)
        except EOFError:
            sys.exit()  # the host is gone, and with us all that we started
        return message["limit"] if message.get("kill") == job else None

    def _exceeded(self, limits: Mapping[str, Any]) -> str | None:
        """The limit that the program is beyond."""
        processes = watching.all_but(os.getpid()) if self._enclosed else watching.descendants(os.getpid())
        if len(processes) > limits["processes"]:
            return "killed"  # at once: while each is looked at, they may double
        used = watching.usage(processes)
        if used.cpu_seconds > limits["cpu_seconds"]:
            return "cpu_time"
        if used.threads > limits["processes"]:
            return "killed"
        most = limits["memory_bytes"] - (watching.socket_bytes() if self._enclosed else 0)
        if used.memory_bytes > most and watching.proportional_bytes(processes) > most:
            return "memory"
        return None


def _end_descendants() -> None:
    """Ends all that a program left behind, and what that starts meanwhile."""
    while processes := watching.descendants(os.getpid()):
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, 0):
                pass
