"""One main job for all tests of the orchestration: real Earth Engine server, Dagster, dbt, MLflow, at scale `tiny`."""

import os
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
def finished(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """A main job, done. Whoever would change it takes a copy."""
    place = Workplace(tmp_path_factory.mktemp("main_job") / "data")
    done = place.run("demo")
    assert done.returncode == 0, done.stdout + done.stderr
    (place.data / "output.txt").write_text(done.stdout)
    return place


@pytest.fixture
def workplace(finished: Workplace, tmp_path: Path) -> Workplace:
    """A copy of the finished one."""
    return finished.copied_to(tmp_path / "data")
