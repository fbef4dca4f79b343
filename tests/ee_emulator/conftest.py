"""A real server in a process of its own, and the unmodified client pointed at it."""

from collections.abc import Iterator
from types import ModuleType

import pytest

from ee_emulator.client import initialise
from ee_emulator.process import Emulator, start_emulator


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """One server for all tests."""
    with start_emulator() as server:
        yield server


@pytest.fixture(scope="module")
def ee(emulator: Emulator) -> ModuleType:
    """The client, initialised anew for each file: other rooms' tests point it elsewhere."""
    import ee

    initialise(emulator.url)
    return ee
