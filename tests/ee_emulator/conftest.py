"""A real server in a process of its own, and the unmodified client pointed at it."""

from collections.abc import Iterator
from types import ModuleType

import pytest

from ee_emulator.client import initialise
from ee_emulator.process import Emulator, start_emulator
from tests.ee_emulator.worked.image_files import place_zarr


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """One server for all tests."""
    data = tmp_path_factory.mktemp("data")
    place_zarr(data)
    with start_emulator(data=data) as server:
        yield server


@pytest.fixture(scope="module")
def ee(emulator: Emulator) -> ModuleType:
    """The client, initialised anew for each file: other rooms' tests point it elsewhere."""
    import ee

    initialise(emulator.url)
    return ee
