"""The study as Dagster runs it: rows as partitions, the table behind its checks, the report, the champion."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from assets.econ.experiments import (
    ablation_table,
    experiment_report,
    experiment_runs,
    experiments,
    study_champion,
    study_data,
)
from assets.econ.keys import ABLATION, EXPERIMENT_REPORT, EXPERIMENT_RUNS, STUDY_CHAMPION
from assets.resources import CityLake, Tracking
from lake.partition_io import Lake
from lake.settings import settings
from ml.experiments.table import TABLE
from tests.assets.conftest import UseSettings
from tests.ml.conftest import PARTITIONS, write_labels, write_streams

ROWS = ("reference", "aef")


@pytest.fixture
def two_rows(tmp_path: Path, use_settings: UseSettings) -> Iterator[Path]:
    """A lake with streams and labels, and a table of two experiments."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    kept = [lines[0], *(line.replace(",3,encoder", ",1,encoder") for line in lines if line.split(",")[0] in ROWS)]
    (tmp_path / "two.csv").write_text("\n".join(kept), encoding="utf-8")
    use_settings(
        AEF_ECON_DATA_DIR=str(tmp_path / "data"),
        AEF_ECON_PROFILE="tiny",
        AEF_ECON_EXPERIMENTS_TABLE=str(tmp_path / "two.csv"),
        MLFLOW_TRACKING_URI="",
    )
    lake = Lake(settings().lake_root)
    write_labels(lake, write_streams(lake, PARTITIONS, 60))
    yield tmp_path
    shutil.rmtree(tmp_path / "data")


def materialise(
    instance: dg.DagsterInstance, *assets: dg.AssetsDefinition, key: str | None = None
) -> dg.ExecuteInProcessResult:
    resources = {"lake": CityLake(), "tracking": Tracking()}
    return dg.materialize(list(assets), instance=instance, partition_key=key, resources=resources, raise_on_error=False)


def metadata(instance: dg.DagsterInstance, key: dg.AssetKey) -> dict[str, object]:
    event = instance.get_latest_materialization_event(key)
    assert event is not None
    assert event.asset_materialization is not None
    return {name: value.value for name, value in event.asset_materialization.metadata.items()}


def test_rows_are_run_one_by_one_and_then_reported_together(two_rows: Path) -> None:
    assert [row.name for row in experiments()] == list(ROWS)
    instance = dg.DagsterInstance.ephemeral()
    assert materialise(instance, study_data).success

    assert materialise(instance, experiment_runs, key="aef").success
    too_early = materialise(instance, ablation_table)
    (check,) = too_early.get_asset_check_evaluations()
    assert (check.check_name, check.passed, check.blocking) == ("no_run_missing", False, True)
    assert check.description == "Not run yet: reference."
    assert instance.get_latest_materialization_event(ABLATION) is None

    assert materialise(instance, experiment_runs, key="reference").success
    assert instance.get_materialized_partitions(EXPERIMENT_RUNS) == set(ROWS)
    assert metadata(instance, EXPERIMENT_RUNS)["experiment"] == "Reference: shared reconstruction"

    told = materialise(instance, ablation_table, experiment_report, study_champion)
    assert told.success, told.all_events[-1].message
    checks = {check.check_name: check.passed for check in told.get_asset_check_evaluations()}
    assert checks["no_run_missing"]
    assert checks["no_nan"]
    assert "Simulated planet" in str(metadata(instance, ABLATION)["table"])
    report = metadata(instance, EXPERIMENT_REPORT)
    assert Path(str(report["uri"])).read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "data:image/png;base64," in str(report["figure_differences"])
    assert metadata(instance, STUDY_CHAMPION)["experiment"] == "reference"
