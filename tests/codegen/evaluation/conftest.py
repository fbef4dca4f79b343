"""A local Earth Engine and a sandbox for the rooms of the evaluation: real ones, started once."""

from collections.abc import Iterator

import pytest

from codegen.sandbox.sandbox import Sandbox, open_sandbox
from ee_emulator.process import start_emulator


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    with start_emulator() as server:
        yield server.url


@pytest.fixture(scope="session")
def sandbox(url: str) -> Iterator[Sandbox]:
    with open_sandbox(url, workers=2) as opened:
        yield opened
