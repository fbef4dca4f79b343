"""A local Earth Engine and a real sandbox, once a session."""

from collections.abc import Iterator

import pytest

from codegen.sandbox.sandbox import Sandbox, open_sandbox
from ee_emulator.process import Emulator, start_emulator


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with start_emulator() as server:
        yield server


@pytest.fixture(scope="session")
def sandbox(emulator: Emulator) -> Iterator[Sandbox]:
    with open_sandbox(emulator.url) as opened:
        yield opened
