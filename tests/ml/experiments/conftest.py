"""A small study: four cities, two years, three rows of the table."""

from pathlib import Path

import pytest

from lake.partition_io import Lake
from ml.dataset import StreamTable
from ml.experiments.arrays import MappedStudy, write_study
from ml.experiments.runner import Plan
from ml.experiments.table import Budget, Experiment, chosen, shortened
from ml.probes import load_benchmark

SMALL = Budget(epochs=2, batch=128, hidden=32)
ROWS = ("reference", "aef", "car_heads")


@pytest.fixture(scope="session")
def experiments() -> list[Experiment]:
    return [shortened(row, 1) for row in chosen(ROWS)]


@pytest.fixture(scope="session")
def study(filled_lake: Lake, data: StreamTable, tmp_path_factory: pytest.TempPathFactory) -> MappedStudy:
    return write_study(tmp_path_factory.mktemp("studies"), data, load_benchmark(filled_lake, data), simulated=True)


def plan_in(folder: Path, study: MappedStudy, **changes: object) -> Plan:
    """A plan whose results go below a folder."""
    told = {"study": study, "lake": Lake(str(folder / "lake")), "folder": folder / "results", "budget": SMALL}
    return Plan(**(told | changes))  # type: ignore[arg-type]
