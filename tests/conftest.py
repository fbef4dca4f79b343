"""Servers and settings that several rooms' tests share: real ones, started once a session."""

import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import settings

from lake.partition_io import Lake

# On CI the same examples every time: a change is judged by what it changes. At a desk each run looks at others.
settings.register_profile("ci", derandomize=True, deadline=None)
# A busy machine is no failure.
settings.register_profile("desk", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


def _free_ports(count: int) -> list[int]:
    """Ports that are free, and so are those 10,000 above them, where SeaweedFS puts gRPC.

    All lie below 32,768, where Linux begins to hand out ports to outgoing connections: one of those
    could take a port between the look at it and the server's start.
    """
    candidates = random.sample(range(11_000, 21_000), 1_000)
    free = (port for port in candidates if _can_be_bound(port) and _can_be_bound(port + 10_000))
    return list(islice(free, count))


def _can_be_bound(port: int) -> bool:
    with socket.socket() as s:
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A SeaweedFS server with one identity; its endpoint."""
    for attempt in range(3):  # another process may take a port first
        folder = tmp_path_factory.mktemp("s3")
        process, port = _start_seaweedfs(folder)
        if _accepts_connections(port, process):
            break
        process.kill()
        assert attempt < 2, (folder / "log").read_text()[-2000:]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()  # it takes its time to close down otherwise, and the folder is thrown away
        process.wait(10)


def _start_seaweedfs(folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    """The process and the port of its S3 interface."""
    config = folder / "s3.json"
    identity = {
        "name": "test",
        "credentials": [{"accessKey": "lake-key", "secretKey": "lake-secret"}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    config.write_text(json.dumps({"identities": [identity]}))
    port, master, volume, filer = _free_ports(4)
    weed = Path(sys.executable).parent / "weed"
    command = [str(weed), "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3", f"-s3.port={port}"]
    ports = [f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}"]
    command += ["-master.telemetry=false", f"-s3.config={config}", *ports]
    with (folder / "log").open("w") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, cwd=folder), port


def _accepts_connections(port: int, process: subprocess.Popen[bytes], seconds: float = 60) -> bool:
    """Whether the server does before it ends or the time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.25)
    return False


@pytest.fixture
def s3_lake(s3: str, monkeypatch: pytest.MonkeyPatch) -> Lake:
    import s3fs

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "lake-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "lake-secret")
    s3fs.S3FileSystem.clear_instance_cache()
    filesystem = s3fs.S3FileSystem(endpoint_url=s3)
    for attempt in range(40):  # the server accepts connections a moment before its filer is ready
        try:
            if not filesystem.exists("lake"):
                filesystem.mkdir("lake")
            break
        except OSError:
            if attempt == 39:
                raise
            time.sleep(0.5)
    return Lake("s3://lake/data", s3)
