"""The command `aef-econ` as a person runs it: a process of its own, on a data folder of its own."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from assets.environment import QUIET
from lake.partition_io import Lake

BIN = Path(sys.executable).parent
_NOT_INHERITED = ("AEF_ECON_", "AWS_", "DAGSTER_", "DBT_", "EE_", "GOOGLE_", "MLFLOW_")
_OPEN = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


@dataclass(frozen=True)
class Workplace:
    """A data folder, at the scale `tiny`, and the command that works on it."""

    data: Path

    @property
    def lake(self) -> Lake:
        return Lake(str(self.data / "lake"))

    @property
    def home(self) -> Path:
        """Dagster's folder."""
        return self.data / "dagster"

    @property
    def output(self) -> str:
        """What the command said that was started last."""
        return (self.data / "output.txt").read_text(encoding="utf-8")

    def environment(self, **changes: str) -> dict[str, str]:
        """The variables of this process, but none that the platform or its libraries would read, and the changes."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(_NOT_INHERITED)}
        ours = {"AEF_ECON_DATA_DIR": str(self.data), "AEF_ECON_PROFILE": "tiny"}
        return inherited | QUIET | ours | changes

    def start(self, *arguments: str, **changes: str) -> subprocess.Popen[str]:
        """The command, begun; output and errors go into `output.txt` of the data folder."""
        self.data.mkdir(parents=True, exist_ok=True)
        with (self.data / "output.txt").open("w") as output:
            return subprocess.Popen(
                [str(BIN / "aef-econ"), *arguments],
                env=self.environment(**changes),
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
            )

    def run(self, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """The command, to its end."""
        return subprocess.run(
            [str(BIN / "aef-econ"), *arguments],
            env=self.environment(**changes),
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def copied_to(self, data: Path) -> "Workplace":
        """The same state in another folder; MLflow's artifacts stay where they are."""
        shutil.copytree(self.data, data, ignore=shutil.ignore_patterns("mlflow-artifacts"))
        return Workplace(data)

    def instance(self) -> dg.DagsterInstance:
        """To look at what was recorded; to be used with `with`."""
        return dg.DagsterInstance.from_config(str(self.home))

    def open_runs(self) -> list[str]:
        """Ids of the runs that say they are going on."""
        with self.instance() as instance:
            return [run.run_id for run in instance.get_runs(dg.RunsFilter(statuses=_OPEN))]

    def held_slots(self) -> int:
        """Pool slots that steps hold or wait for."""
        with self.instance() as instance:
            storage = instance.event_log_storage
            found = [storage.get_concurrency_info(key) for key in storage.get_concurrency_keys()]
            return sum(info.active_slot_count + info.pending_step_count for info in found)


def wait_until(holds: Callable[[], bool], seconds: float = 240.0, pause: float = 0.05) -> None:
    """Returns as soon as something holds, and fails where it never does."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"This did not happen within {seconds:g} s."
        time.sleep(pause)
