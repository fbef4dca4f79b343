"""A local Earth Engine in a child process."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 60.0


@dataclass(frozen=True)
class Emulator:
    """A running server.

    Attributes:
        url: Its address.
        log: Where it logs.
        process: The process.
        data: Folder of clients' assets and exports: `drive/…`, `buckets/…`.
    """

    url: str
    log: Path
    process: subprocess.Popen[str]
    data: Path


@contextmanager
def earth_engine_at(url: str | None) -> Iterator[str]:
    """The address of an Earth Engine: the one that is given, or else that of a local one that serves as long."""
    if url:
        yield url
        return
    with start_emulator() as emulator:
        yield emulator.url


@contextmanager
def start_emulator(
    port: int = 0,
    catalog: str | None = None,
    log: Path | None = None,
    data: Path | None = None,
    options: Sequence[str] = (),
) -> Iterator[Emulator]:
    """Starts a server, waits until it answers and stops it at the end.

    The child watches its standard input, which closes with this process: it never outlives us, even a `kill -9`.

    Args:
        port: 0 for any free one.
        catalog: Folder of your own assets.
        log: File for what the server says; a temporary one by default.
        data: Folder of clients' assets and exports; by default a temporary one that goes with the server.
        options: Further options of `ee-emulator serve`.

    Raises:
        RuntimeError: The server did not start; carries the end of its log.
    """
    log = log or Path(tempfile.mkstemp(prefix="ee-emulator-", suffix=".log")[1])
    with ExitStack() as stack:
        data = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ee-emulator-")))
        command = [sys.executable, "-m", "ee_emulator.cli", "serve", "--port", str(port), "--until-stdin-closes"]
        command += ["--data", str(data), *(["--catalog", catalog] if catalog else []), *options]
        errors = stack.enter_context(log.open("w"))
        process = stack.enter_context(
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True)
        )
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()  # empty when the child ends without having been ready
            if not url:
                process.wait(START_SECONDS)
                raise RuntimeError(f"The local Earth Engine did not start:\n{log.read_text()[-2000:]}")
            yield Emulator(url, log, process, data)
        finally:
            process.kill()
