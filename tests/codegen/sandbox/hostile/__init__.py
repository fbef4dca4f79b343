"""Hostile programs: what each tries, how it may end, and the machine that they are let loose on."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from codegen.sandbox.outcome import Language, Limits, Outcome, Status
from codegen.sandbox.sandbox import Sandbox

TIGHT = {"wall_seconds": 10.0, "cpu_seconds": 10.0, "memory_bytes": 700_000_000, "processes": 64}


@dataclass(frozen=True)
class Program:
    """A program that means harm.

    Attributes:
        name: What it does.
        tries: What it is after; it prints `ESCAPED` where it got it.
        code: With `@name@` where something of the machine stands.
        kind: The file that it stands in.
        language: Of the code.
        call: Whether its function `f` is called; else it is a script.
        limits: Beside the tight ones.
        ends: How it may end.
        says: What it prints, which shows that it came to try.
        files: What comes back, where that is told.
    """

    name: str
    tries: str
    code: str
    kind: str
    language: Language = "python"
    call: bool = False
    limits: Mapping[str, Any] = field(default_factory=dict)
    ends: tuple[Status, ...] = ("ended",)
    says: str = "TRIED"
    files: Mapping[str, str] | None = None

    def run(self, sandbox: Sandbox, machine: Mapping[str, Any]) -> Outcome:
        """Lets it loose."""
        code = self.code
        for name, value in machine.items():
            code = code.replace(f"@{name}@", str(value))
        limits = Limits(**{**TIGHT, **self.limits})
        if self.call:
            return sandbox.call(code, "f", {}, limits)
        return sandbox.run(code, self.language, limits)


def programs() -> list[Program]:
    """All, in the order of their files."""
    found = []
    for file in sorted(Path(__file__).parent.glob("*.yaml")):
        for entry in yaml.safe_load(file.read_text(encoding="utf-8")):
            ends = tuple(entry.pop("ends", ["ended"]))
            found.append(Program(kind=file.stem, ends=ends, **entry))
    return found


class Machine:
    """What lies about on the host for a program to take, and what shows that one did."""

    def __init__(self, folder: Path, relay: int) -> None:
        self.secret = f"CANARY-{secrets.token_hex(8)}"
        self.contacts: list[bytes] = []
        self.marks = folder / "marks"
        self.marks.mkdir(parents=True)
        self.marks.chmod(0o777)
        self._folder = folder
        self._relay = relay
        self._abstract = f"canary-{secrets.token_hex(4)}"

    @contextmanager
    def laid_out(self) -> Iterator[Mapping[str, Any]]:
        """Puts secrets and servers in their places; what programs may name."""
        files = {"secret": 0o600, "open_secret": 0o644}
        for name, mode in files.items():
            (self._folder / name).write_text(self.secret, encoding="ascii")
            (self._folder / name).chmod(mode)
        os.environ["CANARY"] = self.secret
        with ExitStack() as stack:
            tcp = stack.enter_context(closing(socket.create_server(("127.0.0.1", 0))))
            abstract, bound = (stack.enter_context(closing(socket.socket(socket.AF_UNIX))) for _ in range(2))
            abstract.bind(f"\0{self._abstract}")
            bound.bind(str(self._folder / "socket"))
            for server in (tcp, abstract, bound):
                server.listen()
                threading.Thread(target=self._greet, args=(server,), daemon=True).start()
            yield {
                **{name: self._folder / name for name in files},
                "secret_folder": self._folder,
                "marks": self.marks,
                "port": tcp.getsockname()[1],
                "abstract": self._abstract,
                "unix_socket": self._folder / "socket",
                "relay": self._relay,
                "home": Path.home(),
                "repository": Path(__file__).parents[4],
                "host_process": os.getpid(),
            }
        del os.environ["CANARY"]

    def _greet(self, server: socket.socket) -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return  # closed
            with client:
                client.settimeout(1)
                try:
                    client.sendall(b"escaped")
                    self.contacts.append(client.recv(100))
                except OSError as error:
                    self.contacts.append(str(error).encode())


def everything(outcome: Outcome) -> str:
    """All that came back from a program, as one text."""
    parts = [outcome.stdout, outcome.stderr, repr(outcome.returned), repr(outcome.error)]
    parts += [f"{path}: {content!r}" for path, content in outcome.files.items()]
    return "\n".join(parts)
