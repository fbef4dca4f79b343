"""Servers and settings that several rooms' tests share: real ones, started once a session."""

import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from lake.partition_io import Lake

# On CI the same examples every time: a change is judged by what it changes. At a desk each run looks at others.
settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("ci")


def _free_port() -> int:
    """A port that is free, and so is the one 10,000 above it, where SeaweedFS puts gRPC."""
    while True:
        port = random.randint(20_000, 29_999)
        if _is_free(port) and _is_free(port + 10_000):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A SeaweedFS server with one identity; its endpoint."""
    folder = tmp_path_factory.mktemp("s3")
    config = folder / "s3.json"
    identity = {
        "name": "test",
        "credentials": [{"accessKey": "lake-key", "secretKey": "lake-secret"}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    config.write_text(json.dumps({"identities": [identity]}))
    port = _free_port()
    weed = Path(sys.executable).parent / "weed"
    ports = [f"-master.port={_free_port()}", f"-volume.port={_free_port()}", f"-filer.port={_free_port()}"]
    command = [str(weed), "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3", f"-s3.port={port}"]
    command.append("-master.telemetry=false")
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([*command, f"-s3.config={config}", *ports], stdout=log, stderr=log, cwd=folder)
    try:
        _wait_for_port(port, process, folder / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()  # it takes its time to close down otherwise, and the folder is thrown away
        process.wait(10)


def _wait_for_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(240):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, log.read_text()[-2000:]
        time.sleep(0.25)
    raise AssertionError(log.read_text()[-2000:])


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
