"""One local Earth Engine and one sandbox for all tests of this room."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from codegen.sandbox.outcome import Limits
from codegen.sandbox.sandbox import Sandbox, open_sandbox
from ee_emulator.client import initialise
from ee_emulator.process import Emulator, start_emulator

MODULES = Path(__file__).parents[2] / "ee_emulator" / "javascript" / "node_modules"

needs_bubblewrap = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
needs_javascript = pytest.mark.skipif(
    shutil.which("node") is None or not MODULES.is_dir(), reason="Node or Google's client is not installed"
)


@pytest.fixture(scope="package")
def emulator() -> Iterator[Emulator]:
    with start_emulator() as server:
        initialise(server.url)
        yield server


@pytest.fixture(scope="package")
def sandbox(emulator: Emulator) -> Iterator[Sandbox]:
    with open_sandbox(emulator.url, Limits(wall_seconds=30), javascript_modules=MODULES) as opened:
        yield opened
