"""MLflow on a real sqlite store."""

import subprocess
import sys
from pathlib import Path

import mlflow
import pytest

from lake.settings import REPOSITORY, Settings
from lake.streams import STREAMS
from ml.tracking import (
    EXPERIMENT,
    Tracking,
    addressed,
    close_run,
    log_curves,
    log_results,
    open_run,
    open_store,
    tracking_of,
)
from ml.training import Epoch
from tests.ml.conftest import MakeTracking

TAGS = {"simulated": "true", "data_version": "abc"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, make_tracking: MakeTracking) -> Tracking:
    return make_tracking(tmp_path_factory.mktemp("store"))


def epoch(number: int, loss: float = 1.0) -> Epoch:
    return Epoch(number, loss, None, dict.fromkeys(STREAMS, 0.5), dict.fromkeys(STREAMS, 1 / 7), 0.1)


def test_processes_that_start_at_once_share_one_store_and_experiment(tmp_path: Path) -> None:
    tracking = Tracking(f"sqlite:///{tmp_path / 'new' / 'mlflow.db'}", str(tmp_path / "artifacts"))
    script = (
        "from ml.tracking import Tracking, open_run\n"
        f"print(open_run({tracking!r}, 'same', 'run', {{}}, {{}}))\n"
    )  # fmt: skip
    command = [sys.executable, "-c", script]
    starts = [
        subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    results = [start.communicate(timeout=120) for start in starts]
    assert [start.returncode for start in starts] == [0, 0], results
    experiments = open_store(tracking).search_experiments()
    assert sorted(experiment.name for experiment in experiments) == ["Default", EXPERIMENT]


def test_a_run_is_found_again_by_its_fingerprint(store: Tracking) -> None:
    first = open_run(store, "f1", "car", {"epochs": 4, "heads": (128, 64)}, TAGS)
    assert open_run(store, "f1", "car", {"epochs": 4, "heads": (128, 64)}, TAGS) == first
    assert open_run(store, "f2", "car", {"epochs": 5}, TAGS) != first
    run = open_store(store).get_run(first)
    assert run.data.params == {"epochs": "4", "heads": "(128, 64)"}
    assert run.data.tags["simulated"] == "true"
    assert run.data.tags["data_version"] == "abc"


def test_a_run_tells_the_commit_of_a_checkout(store: Tracking) -> None:
    done = subprocess.run(["git", "-C", REPOSITORY, "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    tags = open_store(store).get_run(open_run(store, "commit", "car", {}, TAGS)).data.tags
    if done.returncode == 0:
        assert tags["mlflow.source.git.commit"] == done.stdout.strip()
        assert tags["git_dirty"] in {"true", "false"}
    else:
        assert "mlflow.source.git.commit" not in tags


def test_outside_a_checkout_a_run_has_no_commit(
    store: Tracking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ml.tracking.REPOSITORY", tmp_path)
    tags = open_store(store).get_run(open_run(store, "no commit", "car", {}, TAGS)).data.tags
    assert "mlflow.source.git.commit" not in tags


def test_curves_have_one_value_an_epoch_however_often_they_are_logged(store: Tracking) -> None:
    run = open_run(store, "curves", "car", {}, TAGS)
    log_curves(store, run, "car", [epoch(1, 3.0)])
    log_curves(store, run, "car", [epoch(1, 3.0), epoch(2, 2.0)])
    log_curves(store, run, "shared", [epoch(1, 9.0)])
    client = open_store(store)
    assert [(m.step, m.value) for m in client.get_metric_history(run, "car/loss")] == [(1, 3.0), (2, 2.0)]
    assert [m.step for m in client.get_metric_history(run, "car/gradient_share/poi")] == [1, 2]
    assert [m.value for m in client.get_metric_history(run, "shared/stream_loss/aef")] == [0.5]


def test_results_lie_in_the_folder_of_artifacts_and_the_run_is_finished(store: Tracking) -> None:
    run = open_run(store, "results", "car", {}, TAGS)
    log_results(store, run, {"E2/car_256/mean_r2": 0.5}, {"scores": b"\x89PNG"}, {"scores.md": "| a |"})
    close_run(store, run)
    client = open_store(store)
    assert client.get_run(run).info.status == "FINISHED"
    assert client.get_run(run).data.metrics["E2/car_256/mean_r2"] == 0.5
    artifacts = Path(store.artifact_root) / run / "artifacts"
    assert (artifacts / "figures" / "scores.png").read_bytes() == b"\x89PNG"
    assert (artifacts / "scores.md").read_text() == "| a |"


def test_module_level_functions_are_pointed_at_the_store_and_back(store: Tracking) -> None:
    before = mlflow.get_tracking_uri(), mlflow.get_registry_uri()
    with addressed(store):
        assert mlflow.get_tracking_uri() == mlflow.get_registry_uri() == store.uri
    assert (mlflow.get_tracking_uri(), mlflow.get_registry_uri()) == before


def test_the_settings_say_where(tmp_path: Path) -> None:
    local = tracking_of(Settings(data_dir=tmp_path, mlflow_tracking_uri="", model_name="mine"))
    assert local == Tracking(f"sqlite:///{tmp_path}/mlflow.db", f"{tmp_path}/mlflow-artifacts", "mine")
    assert local.is_local
    assert not tracking_of(Settings(data_dir=tmp_path, mlflow_tracking_uri="http://mlflow:5000")).is_local
