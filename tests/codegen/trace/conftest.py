"""A local Earth Engine for the tracers."""

from collections.abc import Iterator

import pytest

from ee_emulator.process import Emulator, start_emulator


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """One server for all traces: it gives the clients their functions, and scripts the values that they ask for."""
    with start_emulator() as server:
        yield server
