"""One main job for all tests of the orchestration: real Earth Engine server, Dagster, dbt, MLflow, at scale `tiny`."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lake.settings import settings
from tests.assets.support import Workplace

UseSettings = Callable[..., None]


@pytest.fixture(scope="package", autouse=True)
def _own_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Definitions are read in this process: what that writes goes to a folder of ours, and what it sets is unset."""
    before = dict(os.environ)
    os.environ |= {"AEF_ECON_DATA_DIR": str(tmp_path_factory.mktemp("definitions")), "AEF_ECON_PROFILE": "tiny"}
    settings.cache_clear()
    yield
    os.environ.clear()
    os.environ.update(before)
    settings.cache_clear()


@pytest.fixture
def use_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[UseSettings]:
    """Changes settings of this process for one test: `use_settings(AEF_ECON_PROFILE="tiny")`."""

    def use(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()

    yield use
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workplace, subprocess.Popen[str]]]:
    """A main job that goes on while a test does something else."""
    place = Workplace(tmp_path_factory.mktemp("main_job") / "data")
    command = place.start("demo")
    yield place, command
    command.kill()
    command.wait(10)


@pytest.fixture(scope="session")
def finished(begun: tuple[Workplace, subprocess.Popen[str]]) -> Workplace:
    """The same, done. Whoever would change it takes a copy."""
    place, command = begun
    status = command.wait(600)
    assert status == 0, place.output
    return place


@pytest.fixture
def workplace(finished: Workplace, tmp_path: Path) -> Workplace:
    """A copy of the finished one."""
    return finished.copied_to(tmp_path / "data")
