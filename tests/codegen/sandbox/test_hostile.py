"""Hostile programs escape 0 times, and the next program finds everything as it was."""

import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from codegen.sandbox.inside.watching import descendants
from codegen.sandbox.outcome import Limits
from codegen.sandbox.sandbox import Sandbox, open_sandbox
from ee_emulator.process import Emulator
from tests.codegen.sandbox.conftest import MODULES, needs_bubblewrap, needs_javascript
from tests.codegen.sandbox.hostile import Machine, Program, everything, programs

PORT = 8085
PROGRAMS = programs()

BENIGN = """
import builtins, json, os, resource, signal, socket, sys, threading
import ee

def names(folder):
    return sorted(os.path.join(at, name) for at, inner, files in os.walk(folder) for name in inner + files)

def f(number):
    with open("/proc/net/unix") as file:
        sockets = [line for line in file if "@" in line]
    return {
        "sum": ee.Number(number).add(2),
        "computed": ee.Number(number).add(2).getInfo(),
        "asset": ee.data.getAsset("projects/local-ee/assets/kept")["type"],
        "files": names("/tmp"), "here": os.getcwd(), "shm": os.listdir("/dev/shm"), "root": sorted(os.listdir("/")),
        "processes": [name for name in os.listdir("/proc") if name.isdigit()],
        "environment": dict(os.environ), "mask": os.umask(0o22), "path": sys.path, "sockets": sockets,
        "descriptors": sorted(os.listdir("/proc/self/fd")), "threads": threading.active_count(),
        "modules": sorted(name for name, module in sys.modules.items() if module is None),
        "builtins": len([1, 2]), "timer": signal.getitimer(signal.ITIMER_REAL), "json": json.dumps([1]),
        "limits": [resource.getrlimit(kind) for kind in range(16)],
        "passwd": open("/etc/passwd").read(), "listening": open("/proc/net/tcp").read().count(" 0A "),
    }
"""


@pytest.fixture(scope="module")
def kept(emulator: Emulator) -> None:
    """An asset that hostile programs want to delete."""
    import ee

    ee.data.createFolder("projects/local-ee/assets/kept")


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    folder = Path("/var/tmp") / f"eecode-hostile-{os.getpid()}"  # where every user may go
    folder.mkdir()
    folder.chmod(0o755)
    yield Machine(folder, PORT)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def places(machine: Machine) -> Iterator[Mapping[str, Any]]:
    """The host as programs may find it, a secret in its environment too."""
    with machine.laid_out() as laid_out:
        yield laid_out


@pytest.fixture(scope="module")
def hostage(emulator: Emulator, kept: None, places: Mapping[str, Any]) -> Iterator[Sandbox]:
    """The sandbox that all programs are let loose in, one worker; started when everything is in its place."""
    limits = Limits(wall_seconds=30, processes=64, memory_bytes=700_000_000)
    with open_sandbox(emulator.url, limits, javascript_modules=MODULES) as opened:
        yield opened


@pytest.fixture(scope="module")
def laid_out(places: Mapping[str, Any], hostage: Sandbox) -> Mapping[str, Any]:
    return {**places, "worker_process": worker_processes()[-1]}


def worker_processes() -> list[int]:
    """What runs on the host for the sandbox: bubblewrap, twice, and the worker, twice."""
    return [one for one in descendants(os.getpid()) if b"inside.zygote" in Path(f"/proc/{one}/cmdline").read_bytes()]


@pytest.fixture(scope="module")
def well_behaved(hostage: Sandbox) -> Any:
    """What a program gives before anything has happened."""
    outcome = hostage.call(BENIGN, "f", {"number": 1})
    assert outcome.succeeded, outcome
    return outcome.returned


@needs_bubblewrap
@pytest.mark.parametrize(
    "program",
    [
        pytest.param(one, id=f"{one.kind}: {one.name}", marks=[needs_javascript] * (one.language == "javascript"))
        for one in PROGRAMS
    ],
)
def test_escapes_nothing_and_changes_nothing(
    program: Program, hostage: Sandbox, machine: Machine, laid_out: Mapping[str, Any], well_behaved: Any
) -> None:
    before = worker_processes()
    assert before
    started = time.monotonic()
    outcome = program.run(hostage, laid_out)
    assert outcome.status in program.ends, outcome
    assert program.says in outcome.stdout  # it did try
    said = everything(outcome)
    assert "ESCAPED" not in said, said
    assert machine.secret not in said
    assert list(machine.marks.iterdir()) == []
    assert machine.contacts == []
    assert all(_is_plain(path) for path in outcome.files)
    if program.files is not None:
        assert {path: content.decode() for path, content in outcome.files.items()} == program.files
    assert worker_processes() == before  # nothing more of it, and the worker is the one that it was
    assert time.monotonic() - started < 30
    again = hostage.call(BENIGN, "f", {"number": 1})
    assert again.succeeded, again
    assert json.dumps(again.returned.value, sort_keys=True) == json.dumps(well_behaved.value, sort_keys=True)


def _is_plain(path: str) -> bool:
    return not path.startswith("/") and not {"", ".", ".."} & set(path.split("/"))


def test_there_are_at_least_forty_kinds() -> None:
    assert len({program.name for program in PROGRAMS}) == len(PROGRAMS) >= 40
