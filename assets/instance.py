"""The Dagster instance of this machine, and runs that a kill left open."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

import dagster as dg

from lake.settings import REPOSITORY, settings

PROCESS_TAG = "aef-econ/process"
_OPEN = [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]
_TEMPLATE = REPOSITORY / "deploy" / "dagster.yaml"


def dagster_home() -> Path:
    """The instance's folder: DAGSTER_HOME where it is set, else one under the data folder, with our dagster.yaml."""
    if os.environ.get("DAGSTER_HOME"):
        return Path(os.environ["DAGSTER_HOME"])
    home = settings().data_dir.resolve() / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():  # one that a user has changed stays
        shutil.copyfile(_TEMPLATE, home / "dagster.yaml")
    return home


def log_file() -> Path:
    """Where commands put what dbt, MLflow and others say on the way."""
    folder = settings().data_dir / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "runs.log"


def open_instance() -> dg.DagsterInstance:
    """The instance, with the runs closed that a killed command of ours left open."""
    os.environ["DAGSTER_HOME"] = str(dagster_home())
    instance = dg.DagsterInstance.get()
    close_dead_runs(instance)
    return instance


def process_tag() -> dict[str, str]:
    """Marks a run as executed inside this process."""
    return {PROCESS_TAG: f"{os.getpid()}:{_start_time(os.getpid())}"}


def close_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Fails the runs whose process is gone, and frees the pool slots that they hold; their ids.

    Dagster's own run monitoring watches runs that its daemon launched; those executed inside a command are for us to
    watch.
    """
    open_runs = instance.get_runs(dg.RunsFilter(statuses=_OPEN))
    closed = []
    for run in open_runs:
        if PROCESS_TAG in run.tags and not _is_alive(run.tags[PROCESS_TAG]):
            instance.report_run_failed(run, "The process was killed; run the command again, it goes on where it was.")
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
            closed.append(run.run_id)
    return closed


def _is_alive(process: str) -> bool:
    pid, _, started = process.partition(":")
    return _start_time(int(pid)) == started


def _start_time(pid: int) -> str:
    """When a process began, in clock ticks since boot: ids of processes are used again. Empty where there is none."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    return ""
