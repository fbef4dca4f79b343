"""A pytest plug-in: tests of Earth Engine code without Earth Engine.

`pytest -p ee_emulator.pytest`, or `pytest_plugins = ["ee_emulator.pytest"]` in the `conftest.py` at the tests' root.
"""

from collections.abc import Iterator
from types import ModuleType

import pytest

from ee_emulator.client import initialise, redirected
from ee_emulator.process import Emulator, start_emulator


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--ee-catalog`."""
    group = parser.getgroup("local Earth Engine")
    group.addoption("--ee-catalog", metavar="DIR", help="folder with a catalog.yaml of your own assets")


@pytest.fixture(scope="session")
def earth_engine_emulator(pytestconfig: pytest.Config) -> Iterator[Emulator]:
    """One server for all tests, on a free port; its `data` folder holds what they export."""
    with start_emulator(catalog=pytestconfig.getoption("--ee-catalog")) as server:
        yield server


@pytest.fixture(scope="session")
def earth_engine(earth_engine_emulator: Emulator) -> Iterator[ModuleType]:
    """The module `ee`, initialised; `ee.Initialize` in the code under test comes here too."""
    import ee

    initialise(earth_engine_emulator.url)
    with redirected(earth_engine_emulator.url):
        yield ee
