"""The Dagster instance of this machine, and runs that a kill left open."""

import json
import os
import shutil
import socket
import time
from contextlib import suppress
from pathlib import Path

import dagster as dg

from lake.settings import REPOSITORY, settings

PROCESS_TAG = "aef-econ/process"
_OPEN = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
_SERVER_TAG = ".dagster/grpc_info"
"""By which Dagster remembers the code server that a run was launched on."""
_THIS_MACHINE = ("localhost", "127.0.0.1")
_CLOCKS_DIFFER = 2.0  # seconds: the kernel's clock ticks since boot, the log's is the calendar's
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


def log_file(name: str) -> Path:
    """Where commands put what dbt, MLflow and others say on the way."""
    folder = settings().data_dir / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def open_instance() -> dg.DagsterInstance:
    """The instance, with the runs closed that a killed command of ours left open."""
    os.environ["DAGSTER_HOME"] = str(dagster_home())
    instance = dg.DagsterInstance.get()
    close_dead_runs(instance)
    return instance


def process_tag() -> dict[str, str]:
    """Marks a run as executed inside this process."""
    pid = os.getpid()
    return {PROCESS_TAG: f"{socket.gethostname()}:{pid}:{_start_ticks(pid)}"}


def close_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Fails the runs whose process is gone, and frees the pool slots that they hold; their ids.

    A code server closes runs whose process died under it. Those executed inside a command, and those whose server was
    killed with them (the machine went down), are for us to close: they would hold their slots for ever.
    """
    closed = []
    for run in instance.get_runs(dg.RunsFilter(statuses=_OPEN)):
        if _is_dead(instance, run):
            instance.report_run_failed(run, "The process was killed; run the command again, it goes on where it was.")
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
            closed.append(run.run_id)
    return closed


def _is_dead(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """True where the run's process was on this machine and is no more; of what we cannot see we say nothing."""
    if PROCESS_TAG in run.tags:
        host, pid, started = run.tags[PROCESS_TAG].split(":")
        return host == socket.gethostname() and _start_ticks(int(pid)) != started
    if json.loads(run.tags.get(_SERVER_TAG, "{}")).get("host") not in _THIS_MACHINE:
        return False
    told = _told_processes(instance, run.run_id)
    return bool(told) and not any(_began_before(pid, moment) for pid, moment in told)


def _told_processes(instance: dg.DagsterInstance, run_id: str) -> list[tuple[int, float]]:
    """Ids of the processes that a run's log names, each with the moment (seconds since 1970) when it did."""
    told = []
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.ENGINE_EVENT):
        event = entry.dagster_event
        if event is not None and "pid" in event.engine_event_data.metadata:
            told.append((int(str(event.engine_event_data.metadata["pid"].value)), entry.timestamp))
    return told


def _began_before(pid: int, moment: float) -> bool:
    """True where a process of this id lives and began before a moment: a later one is another with the same id."""
    ticks = _start_ticks(pid)
    if not ticks:
        return False
    uptime = float(Path("/proc/uptime").read_text(encoding="utf-8").split()[0])
    age = uptime - int(ticks) / os.sysconf("SC_CLK_TCK")
    return time.time() - age <= moment + _CLOCKS_DIFFER


def _start_ticks(pid: int) -> str:
    """When a process began, in clock ticks since boot: ids of processes are used again. Empty where there is none."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    return ""
