"""A worker as the host sees it: started, given programs, read from, killed, started again."""

from __future__ import annotations

import itertools
import os
import select
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from codegen.sandbox.errors import SandboxError
from codegen.sandbox.inside import frames
from codegen.sandbox.relay import Relay

START_SECONDS = 60.0
_GRACE_SECONDS = 10.0
"""Beyond a program's own time, after which its worker is taken for lost."""
RESULT_BYTES = 16 * 2**20
"""Of what a function may give back."""
_PART = 1 << 16
_STREAMS = ("stdout", "stderr", "result")


class WorkerDiedError(Exception):
    """A worker has ended, or does not answer."""


@dataclass(slots=True)
class Run:
    """What a program wrote, and what its worker says of its end."""

    status: int = 0
    limit: str | None = None
    seconds: float = 0.0
    written: dict[str, bytearray] = field(default_factory=lambda: {name: bytearray() for name in _STREAMS})
    files: dict[str, bytes] = field(default_factory=dict)


class Worker:
    """One process that runs one program at a time."""

    def __init__(
        self,
        command: list[str],
        environment: Mapping[str, str],
        relay: Callable[[socket.socket], Relay],
        starter: ThreadPoolExecutor,
        owner: int | None = None,
    ) -> None:
        """Not started yet.

        Args:
            command: Starts the process.
            environment: Of the process.
            relay: Answers on the socket that the process listens on.
            starter: One thread that lives as long as the workers, for they end with the thread that started them.
            owner: The user that programs become, where it is another than ours.
        """
        self._command = command
        self._environment = dict(environment)
        self._open_relay = relay
        self._starter = starter
        self._owner = owner
        self._numbers = itertools.count()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._relay: Relay | None = None
        self.url = ""

    def start(self) -> None:
        """Starts the process and waits until it is ready.

        Raises:
            SandboxError: It does not get ready; carries what it said.
        """
        with tempfile.TemporaryFile() as log:
            try:
                self._process, self._control = self._starter.submit(self._spawn, log.fileno()).result()
                self._control.settimeout(START_SECONDS)
                _, (listener,) = frames.receive(self._control)
                self._relay = self._open_relay(socket.socket(fileno=listener))
                ready, _ = frames.receive(self._control)
                self._control.settimeout(None)
                self.url = f"http://127.0.0.1:{ready['port']}"
            except (EOFError, OSError) as error:
                self.stop()
                log.seek(0)
                said = log.read()[-4_000:].decode("utf-8", "replace").strip()
                raise SandboxError(said or str(error)) from error

    def stop(self) -> None:
        """Ends the process, and whatever it started."""
        if self._relay is not None:
            self._relay.close()
            self._relay = None
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def run(self, job: Mapping[str, Any]) -> Run:
        """Has a program run.

        Args:
            job: See `codegen.sandbox.sandbox`; gets its number here.

        Raises:
            WorkerDiedError: The worker did, with the program in it; the next one finds a new worker.
            SandboxError: The worker does not start, or the shell around the program could not be made.
        """
        if self._control is None or self._relay is None:
            self.start()
        assert self._control is not None
        assert self._relay is not None
        try:
            return self._run(self._control, self._relay, job)
        except SandboxError:
            raise
        except BaseException:  # an interruption too: nobody knows what it would say next
            self.stop()
            raise

    def _run(self, control: socket.socket, relay: Relay, job: Mapping[str, Any]) -> Run:
        number = next(self._numbers)
        pipes = [os.pipe() for _ in _STREAMS]
        if self._owner is not None:
            for _, writer in pipes:
                os.fchown(writer, self._owner, self._owner)  # `/dev/stdout` can be opened by whom it belongs to only
        readers = {reader: name for (reader, _), name in zip(pipes, _STREAMS, strict=True)}
        try:
            try:
                frames.send(control, {**job, "id": number}, tuple(writer for _, writer in pipes))
            finally:
                for _, writer in pipes:
                    os.close(writer)
            return self._follow(control, number, readers, job["limits"])
        except (EOFError, OSError) as error:
            raise WorkerDiedError from error
        finally:
            for reader in readers:
                os.close(reader)
            relay.close_connections()

    def _spawn(self, log: int) -> tuple[subprocess.Popen[bytes], socket.socket]:
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                self._command,
                stdin=theirs.fileno(),
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )
        return process, ours

    def _follow(
        self, control: socket.socket, number: int, readers: Mapping[int, str], limits: Mapping[str, Any]
    ) -> Run:
        """Reads what a program writes until its worker tells that it has ended."""
        run = Run()
        most = {"stdout": limits["output_bytes"], "stderr": limits["output_bytes"], "result": RESULT_BYTES}
        deadline = time.monotonic() + limits["wall_seconds"] + _GRACE_SECONDS
        poll = select.poll()
        poll.register(control, select.POLLIN)
        open_readers = set(readers)
        for reader in readers:
            os.set_blocking(reader, False)
            poll.register(reader, select.POLLIN)
        exceeded = False
        while True:
            found = [descriptor for descriptor, _ in poll.poll(max(0.0, deadline - time.monotonic()) * 1000)]
            if not found:
                raise WorkerDiedError
            for reader in open_readers.intersection(found):
                if not _read(reader, run.written[readers[reader]], most[readers[reader]]):
                    poll.unregister(reader)
                    open_readers.discard(reader)
            if not exceeded and any(len(run.written[name]) > most[name] for name in _STREAMS):
                exceeded = True
                frames.send(control, {"kill": number, "limit": "output"})
            if control.fileno() in found:
                break
        ended, _ = frames.receive(control)
        if "broken" in ended:
            raise SandboxError(f"The sandbox around a program could not be made: {ended['broken']}")
        run.files = {path: frames.receive_bytes(control)[0] for path in ended["files"]}
        for reader in open_readers:  # everything that could write is gone
            while _read(reader, run.written[readers[reader]], most[readers[reader]]):
                pass
        over = exceeded or any(len(run.written[name]) > most[name] for name in _STREAMS)
        run.status, run.seconds, run.limit = ended["status"], ended["seconds"], ended["limit"]
        run.limit = "output" if over else run.limit
        return run


def _read(reader: int, into: bytearray, most: int) -> bool:
    """Reads what is there, and keeps no more than a byte beyond the limit; whether more may come."""
    try:
        part = os.read(reader, _PART)
    except BlockingIOError:
        return False
    into += part[: max(0, most + 1 - len(into))]
    return bool(part)
