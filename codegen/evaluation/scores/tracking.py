"""Scores in MLflow: one run a system and benchmark, which the same records do not make twice."""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from codegen.evaluation.scores.failures import SHARES
from codegen.evaluation.scores.frame import SYSTEM, checked, systems
from codegen.evaluation.scores.passing import RATES
from codegen.evaluation.scores.report import markdown
from codegen.evaluation.scores.summary import ALL, JUDGED, summary
from lake.mlflow_store import experiment_id, one_at_a_time
from lake.settings import Settings

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXPERIMENT = "eecode-eval"
PARAMETERS = ("benchmark", "benchmark_hash", "epochs", "temperature", "max_tokens", "seed")
"""What a run's `about`, or its `settings`, tells that becomes a parameter, besides model and solver."""
FIGURES = (
    *RATES, *JUDGED, "cv", "sa", "cv_unbiased", "sa_unbiased", "coverage", *SHARES, "prompt_tokens",
    "completion_tokens", "total_tokens", "model_seconds", "total_model_seconds", "run_seconds", "total_run_seconds",
    "lines", "tokens_per_right", "seconds_per_right", "unknown_operators", "hallucinated", "valid",
    "tasks", "cases", "verdicts",
)  # fmt: skip
"""Columns of a summary that are logged, each as `FIGURE/SECTION`, the section being one or `all`."""
_DIGEST = "eecode.records"
_BATCH = 900
"""MLflow takes 1,000 metrics at a time."""


@dataclass(frozen=True, slots=True)
class Store:
    """Where runs are kept.

    Attributes:
        uri: Tracking URI of MLflow: `sqlite:///…` or a server's address.
        artifact_root: Folder of artifacts beside a local store; a server has a place of its own.
    """

    uri: str
    artifact_root: str


@dataclass(frozen=True, slots=True)
class Logged:
    """A system's run.

    Attributes:
        system: Model and solver.
        run_id: Of MLflow.
        is_new: Whether it was logged now; False: these records had been before.
    """

    system: tuple[str, str]
    run_id: str
    is_new: bool


def store_of(settings: Settings) -> Store:
    """What the settings say."""
    return Store(settings.tracking_uri, settings.artifact_root)


def log_scores(records: pl.DataFrame, about: Mapping[str, Any], store: Store, page: Path | None = None) -> list[Logged]:
    """Logs each system's scores, records and report.

    Args:
        records: A table with the columns of `Record`.
        about: What is told of the runs; see `PARAMETERS`.
        store: Where.
        page: The leaderboard, kept with each run as `leaderboard.html`.

    Raises:
        BadInputError: See `frame.checked`.
    """
    table = checked(records)
    with one_at_a_time(store.uri):  # equal runs would race on their tag, too
        client, experiment = _opened(store)
        return [_log(client, experiment, table, system, about, page) for system in systems(table)]


def digest(records: pl.DataFrame, parameters: Mapping[str, str]) -> str:
    """Digest of records, in whatever order, and of what they were made with."""
    table = checked(records)
    made = hashlib.sha256(json.dumps(parameters, sort_keys=True).encode())
    for row in table.iter_rows():
        made.update(json.dumps(row, ensure_ascii=False).encode())
    return made.hexdigest()


def _log(
    client: MlflowClient,
    experiment: str,
    table: pl.DataFrame,
    system: tuple[str, str],
    about: Mapping[str, Any],
    page: Path | None,
) -> Logged:
    of_system = table.filter(pl.col("model") == system[0], pl.col("solver") == system[1])
    parameters = dict(zip(SYSTEM, system, strict=True)) | _parameters(about)
    tag = digest(of_system, parameters)
    found = client.search_runs([experiment], f"tags.`{_DIGEST}` = '{tag}'", max_results=1)
    if found and found[0].info.status == "FINISHED":
        return Logged(system, str(found[0].info.run_id), False)
    # A run that was begun and not finished is written anew.
    run_id = str(found[0].info.run_id) if found else _begun(client, experiment, system, parameters, about, tag)
    _write(client, run_id, of_system, about, page)
    client.set_terminated(run_id, "FINISHED")
    return Logged(system, run_id, True)


def _parameters(about: Mapping[str, Any]) -> dict[str, str]:
    settings = about.get("settings")
    known = {**(settings if isinstance(settings, Mapping) else {}), **about}
    return {name: str(known[name]) for name in PARAMETERS if name in known}


def _begun(
    client: MlflowClient,
    experiment: str,
    system: tuple[str, str],
    parameters: Mapping[str, str],
    about: Mapping[str, Any],
    tag: str,
) -> str:
    from mlflow.entities import Param

    tags = {_DIGEST: tag, "simulated": str(bool(about.get("simulated"))).lower(), "mlflow.source.name": "eecode"}
    run = client.create_run(experiment, run_name="/".join(system), tags=tags)
    client.log_batch(run.info.run_id, params=[Param(name, value[:6000]) for name, value in parameters.items()])
    return str(run.info.run_id)


def _write(
    client: MlflowClient, run_id: str, of_system: pl.DataFrame, about: Mapping[str, Any], page: Path | None
) -> None:
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    metrics = [Metric(name, value, now, 0) for name, value in _figures(of_system)]
    for start in range(0, len(metrics), _BATCH):
        client.log_batch(run_id, metrics=metrics[start : start + _BATCH])
    with tempfile.TemporaryDirectory() as folder:
        of_system.write_parquet(Path(folder) / "records.parquet")
        (Path(folder) / "report.md").write_text(markdown(of_system, about), encoding="utf-8")
        if page is not None:
            (Path(folder) / "leaderboard.html").write_bytes(page.read_bytes())
        client.log_artifacts(run_id, folder)


def _figures(of_system: pl.DataFrame) -> Iterator[tuple[str, float]]:
    whole = summary(of_system).with_columns(pl.lit(ALL).alias("section"))
    for table in (whole, summary(of_system, ("section",))):
        for row in table.iter_rows(named=True):
            yield from ((f"{name}/{row['section']}", float(row[name])) for name in FIGURES if row[name] is not None)


def _opened(store: Store) -> tuple[MlflowClient, str]:
    """A client of a store that has the experiment, and the experiment's id."""
    from mlflow import MlflowClient

    client = MlflowClient(store.uri, store.uri)
    return client, experiment_id(client, EXPERIMENT, store.uri, store.artifact_root)


def told(logged: Sequence[Logged]) -> str:
    """What was logged, a line a system."""
    return "\n".join(
        f"MLflow: {'/'.join(one.system)}: run {one.run_id}{'' if one.is_new else ', logged before'}" for one in logged
    )
