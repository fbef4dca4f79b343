"""MLflow as this project uses it: an explicit store, prepared once, and runs that a restart finds again."""

import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lake.mlflow_store import experiment_id, is_local, one_at_a_time
from lake.settings import REPOSITORY, Settings
from ml.training import Epoch

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXPERIMENT = "aef-econ"
_FINGERPRINT = "aef_econ.fingerprint"


@dataclass(frozen=True)
class Tracking:
    """Where runs and models are kept.

    Attributes:
        uri: MLflow tracking and registry URI: `sqlite:///…` or a server's address.
        artifact_root: Folder of artifacts beside a local store; a server has a place of its own.
        model_name: Name in the registry.
    """

    uri: str
    artifact_root: str
    model_name: str = "aef-econ"

    @property
    def is_local(self) -> bool:
        """True where the store is a sqlite file, with no server in front of it."""
        return is_local(self.uri)


def tracking_of(settings: Settings) -> Tracking:
    """What the settings say."""
    return Tracking(settings.tracking_uri, settings.artifact_root, settings.model_name)


def open_store(tracking: Tracking) -> "MlflowClient":
    """A client of a store that has its tables and the experiment, whoever came first."""
    from mlflow import MlflowClient

    with one_at_a_time(tracking.uri):
        client = MlflowClient(tracking.uri, tracking.uri)
        _experiment(client, tracking)
    return client


def open_run(
    tracking: Tracking, fingerprint: str, name: str, parameters: Mapping[str, Any], tags: Mapping[str, str]
) -> str:
    """The id of the run with this fingerprint: the one that a killed process began, or a new one.

    Args:
        tracking: The store.
        fingerprint: Digest of everything that the run's results depend on.
        name: For people.
        parameters: Logged as they are.
        tags: The data's version, `simulated` and the like; the git commit is added where there is one.
    """
    from mlflow.entities import Param, RunTag

    client = open_store(tracking)
    experiment = _experiment(client, tracking)
    found = client.search_runs([experiment], f"tags.`{_FINGERPRINT}` = '{fingerprint}'", max_results=1)
    if found:
        return str(found[0].info.run_id)
    all_tags = {**tags, **_git_tags(), _FINGERPRINT: fingerprint}
    run = client.create_run(experiment, run_name=name, tags=all_tags)
    client.log_batch(
        run.info.run_id,
        params=[Param(key, str(value)) for key, value in parameters.items()],
        tags=[RunTag("mlflow.source.name", "aef-econ")],
    )
    return str(run.info.run_id)


def close_run(tracking: Tracking, run_id: str) -> None:
    """Marks a run as finished; one that is stays so."""
    open_store(tracking).set_terminated(run_id, "FINISHED")


def log_curves(tracking: Tracking, run_id: str, prefix: str, epochs: Sequence[Epoch]) -> None:
    """Logs losses, each stream's loss and share of the gradient, for the epochs that the run has not got yet."""
    from mlflow.entities import Metric

    client = open_store(tracking)
    logged = {metric.step for metric in client.get_metric_history(run_id, f"{prefix}/loss")}
    now = int(time.time() * 1000)
    for epoch in epochs:
        if epoch.number not in logged:
            values = _curve_values(prefix, epoch).items()
            client.log_batch(run_id, metrics=[Metric(key, value, now, epoch.number) for key, value in values])


def log_results(
    tracking: Tracking,
    run_id: str,
    metrics: Mapping[str, float],
    figures: Mapping[str, bytes],
    texts: Mapping[str, str],
) -> None:
    """Logs final numbers, figures (`figures/NAME.png`) and texts (by file name); anew where they are there already.

    Args:
        tracking: The store.
        run_id: Of the run.
        metrics: By name.
        figures: PNG pictures by name.
        texts: By file name.
    """
    from mlflow.entities import Metric

    client = open_store(tracking)
    now = int(time.time() * 1000)
    client.log_batch(run_id, metrics=[Metric(key, value, now, 0) for key, value in metrics.items()])
    with tempfile.TemporaryDirectory() as folder:
        for name, png in figures.items():
            (Path(folder) / f"{name}.png").write_bytes(png)
        client.log_artifacts(run_id, folder, "figures")
    for file_name, text in texts.items():
        client.log_text(run_id, text, file_name)


@contextmanager
def addressed(tracking: Tracking) -> Iterator[None]:
    """Points MLflow's module-level functions at the store for a while: some things only they can do."""
    import mlflow

    before = mlflow.get_tracking_uri(), mlflow.get_registry_uri()
    mlflow.set_tracking_uri(tracking.uri)
    mlflow.set_registry_uri(tracking.uri)
    try:
        yield
    finally:
        mlflow.set_tracking_uri(before[0])
        mlflow.set_registry_uri(before[1])


def _experiment(client: "MlflowClient", tracking: Tracking) -> str:
    return experiment_id(client, EXPERIMENT, tracking.uri, tracking.artifact_root)


def _git_tags() -> dict[str, str]:
    """The commit of this checkout, and whether files were changed since; nothing where there is no checkout."""
    commit, changes = _git("rev-parse", "HEAD"), _git("status", "--porcelain", "--untracked-files=no")
    if commit is None:
        return {}
    return {"mlflow.source.git.commit": commit, "git_dirty": str(bool(changes)).lower()}


def _git(*arguments: str) -> str | None:
    """Output of a git command in the checkout; None where there is no git or no checkout."""
    try:
        done = subprocess.run(["git", "-C", str(REPOSITORY), *arguments], capture_output=True, text=True, check=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def _curve_values(prefix: str, epoch: Epoch) -> dict[str, float]:
    values = {f"{prefix}/loss": epoch.loss}
    if epoch.validation_loss is not None:
        values[f"{prefix}/validation_loss"] = epoch.validation_loss
    values |= {f"{prefix}/stream_loss/{stream}": loss for stream, loss in epoch.stream_loss.items()}
    return values | {f"{prefix}/gradient_share/{stream}": share for stream, share in epoch.gradient_share.items()}
