"""Runs whose process was killed are closed and give their slots back; others are left alone."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.events import EngineEventData

from assets.instance import PROCESS_TAG, close_dead_runs, dagster_home, open_instance, process_tag
from lake.settings import REPOSITORY
from tests.assets.conftest import UseSettings

POOL = "earthengine"
HOLDS_A_SLOT = """
import sys, time
import dagster as dg
from assets.instance import open_instance, process_tag

@dg.asset(pool="earthengine")
def held() -> None:
    print("working", flush=True)
    time.sleep(600)

with open_instance() as instance:
    job = dg.define_asset_job("holding", executor_def=dg.in_process_executor)
    definitions = dg.Definitions(assets=[held], jobs=[job])
    definitions.resolve_job_def("holding").execute_in_process(instance=instance, tags=process_tag())
"""


@pytest.fixture
def home(tmp_path: Path, use_settings: UseSettings) -> Path:
    """An instance's folder, made as the commands make it."""
    use_settings(AEF_ECON_DATA_DIR=str(tmp_path), DAGSTER_HOME="")
    folder = dagster_home()
    use_settings(DAGSTER_HOME=str(folder))
    return folder


@pytest.fixture
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    with open_instance() as opened:
        yield opened


@dg.job
def nothing() -> None:
    """A job whose runs the tests mark as they like."""


def going_on(instance: dg.DagsterInstance, tags: dict[str, str]) -> dg.DagsterRun:
    return instance.create_run_for_job(nothing, status=dg.DagsterRunStatus.STARTED, tags=tags)


def is_open(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    found = instance.get_run_by_id(run.run_id)
    assert found is not None
    return not found.is_finished


def test_a_killed_command_leaves_a_run_and_a_slot_that_the_next_one_closes(home: Path, tmp_path: Path) -> None:
    with ExitStack() as stack:
        looking = stack.enter_context(dg.DagsterInstance.from_config(str(home)))
        program = [sys.executable, "-c", HOLDS_A_SLOT]
        command = stack.enter_context(subprocess.Popen(program, stdout=subprocess.PIPE, text=True))
        stack.callback(command.kill)
        assert command.stdout is not None
        assert command.stdout.readline() == "working\n"
        assert looking.event_log_storage.get_concurrency_info(POOL).active_slot_count == 1
        assert close_dead_runs(looking) == [], "its process lives"
    with open_instance() as instance:
        (left,) = instance.get_runs()
        assert left.status is dg.DagsterRunStatus.FAILURE
        assert instance.event_log_storage.get_concurrency_info(POOL).active_slot_count == 0


def test_runs_of_this_process_and_of_other_machines_are_left_alone(instance: dg.DagsterInstance) -> None:
    ours = going_on(instance, process_tag())
    elsewhere = going_on(instance, {PROCESS_TAG: "another-host:1:1"})
    unknown = going_on(instance, {})
    assert close_dead_runs(instance) == []
    assert all(is_open(instance, run) for run in (ours, elsewhere, unknown))


def test_a_process_with_the_id_of_a_dead_one_is_another(instance: dg.DagsterInstance) -> None:
    host, pid, started = process_tag()[PROCESS_TAG].split(":")
    assert pid == str(os.getpid())
    run = going_on(instance, {PROCESS_TAG: f"{host}:{pid}:{int(started) - 1}"})
    assert close_dead_runs(instance) == [run.run_id]
    assert not is_open(instance, run)


def test_a_run_whose_code_server_was_killed_with_it_is_closed(instance: dg.DagsterInstance) -> None:
    """Dagster tells the process of a launched run in its log; nothing of Dagster's own closes it after a power cut."""
    server = {".dagster/grpc_info": json.dumps({"host": "localhost", "socket": "/tmp/gone"})}
    run = going_on(instance, server)
    with ExitStack() as stack:
        living = stack.enter_context(subprocess.Popen(["sleep", "600"]))
        stack.callback(living.kill)
        told = EngineEventData.in_process(living.pid)
        instance.report_engine_event(f"Started process for run (pid: {living.pid}).", run, told)
        assert close_dead_runs(instance) == []
    assert close_dead_runs(instance) == [run.run_id]


def test_a_launched_run_that_has_no_process_yet_is_left_to_dagster(instance: dg.DagsterInstance) -> None:
    run = going_on(instance, {".dagster/grpc_info": json.dumps({"host": "localhost", "port": 1})})
    assert close_dead_runs(instance) == []
    assert is_open(instance, run)


def test_the_folder_gets_our_configuration_once_and_keeps_what_a_person_changed(home: Path) -> None:
    configuration = home / "dagster.yaml"
    assert configuration.read_text() == (REPOSITORY / "deploy" / "dagster.yaml").read_text()
    configuration.write_text("telemetry:\n  enabled: false\n")
    (home / "marker").touch()
    assert dagster_home() == home
    assert configuration.read_text() == "telemetry:\n  enabled: false\n"


def test_dagster_home_wins_where_it_is_set(use_settings: UseSettings, tmp_path: Path) -> None:
    use_settings(DAGSTER_HOME=str(tmp_path / "mine"), AEF_ECON_DATA_DIR=str(tmp_path / "data"))
    assert dagster_home() == tmp_path / "mine"
    assert not (tmp_path / "data").exists()
