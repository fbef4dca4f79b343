"""What an expression in Python gives back, made in the sandbox."""

from collections.abc import Callable

import pytest

from codegen.sandbox.outcome import Returned
from codegen.sandbox.sandbox import Sandbox

Make = Callable[[str], Returned]


@pytest.fixture(scope="session")
def make(sandbox: Sandbox) -> Make:
    """Gives back what an expression in Python makes; in the sandbox, where the client is not the tests' own."""

    def made(expression: str) -> Returned:
        outcome = sandbox.call(f"import ee\ndef f():\n    return {expression}", "f", {})
        assert outcome.returned is not None, outcome
        return outcome.returned

    return made
