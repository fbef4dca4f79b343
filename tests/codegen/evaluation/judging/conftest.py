"""A local Earth Engine and a sandbox for the tests of judging: real ones, started once."""

from collections.abc import Callable, Iterator

import pytest

from codegen.sandbox.outcome import Returned
from codegen.sandbox.sandbox import Sandbox, open_sandbox
from ee_emulator.process import start_emulator

Make = Callable[[str], Returned]


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    with start_emulator() as server:
        yield server.url


@pytest.fixture(scope="session")
def sandbox(url: str) -> Iterator[Sandbox]:
    with open_sandbox(url, workers=2) as opened:
        yield opened


@pytest.fixture(scope="session")
def make(sandbox: Sandbox) -> Make:
    """Gives back what an expression in Python makes; in the sandbox, where the client is not the tests' own."""

    def made(expression: str) -> Returned:
        outcome = sandbox.call(f"import ee\ndef f():\n    return {expression}", "f", {})
        assert outcome.returned is not None, outcome
        return outcome.returned

    return made
