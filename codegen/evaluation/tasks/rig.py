"""What programs are judged with: a local Earth Engine, the sandbox and the judge, opened once a process."""

from __future__ import annotations

import atexit
import hashlib
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import anyio

from codegen.evaluation.cases.case import Benchmark, Case, Task
from codegen.evaluation.cases.reading import read_benchmark
from codegen.evaluation.judging.errors import EvaluationError
from codegen.evaluation.judging.judge import Judge, Verdict
from codegen.evaluation.judging.service import REAL_HOST, Service
from codegen.evaluation.tasks.breaker import Breaker
from codegen.evaluation.tasks.journal import Journal, Key
from ee_emulator.client import DEFAULT_PROJECT
from lake.errors import AefEconError, BadInputError
from lake.settings import settings

if TYPE_CHECKING:
    from codegen.sandbox.sandbox import Sandbox


GRACE_SECONDS = 15.0
"""For which Earth Engine is asked whether it is there at all."""
_ONE = {"result": "0", "values": {"0": {"constantValue": 1}}}


class JudgingError(AefEconError):
    """A program could not be judged, by no fault of its own."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where and how programs are judged, in plain values: it stands in the log of a run.

    Attributes:
        benchmark: Folder.
        url: Of an Earth Engine; empty: a local one is started.
        workers: Programs that run at a time.
        unsafe_local: Without a sandbox.
        limit_seconds: For a case.
        judge_again: Whether the same code is judged again in another epoch.
        journal: File of what is finished; empty: it is kept in memory.
        model: Name in the records; empty: as inspect_ai calls it.
    """

    benchmark: str
    url: str = ""
    workers: int = 1
    unsafe_local: bool = False
    limit_seconds: float = 300.0
    judge_again: bool = False
    journal: str = ""
    model: str = ""

    def plain(self) -> dict[str, Any]:
        """As arguments of tasks, solvers and scorers."""
        return asdict(self)


ANYWHERE = Place(benchmark="")
"""Of solvers that are used with other tasks than ours: they need at most the sandbox."""


class Rig:
    """All of it, each opened when it is first needed; threads may share it."""

    def __init__(self, place: Place) -> None:
        """Opens the journal only."""
        self.place = place
        self.journal = Journal(Path(place.journal) if place.journal else None)
        self.failures: dict[Key, str] = {}
        self.asking, self.judging = Breaker(), Breaker()
        self.reused = 0
        self.limiter = anyio.CapacityLimiter(place.workers)
        self._stack = ExitStack()
        self._lock = threading.RLock()
        self._known: dict[str, Verdict] = {}

    @cached_property
    def benchmark(self) -> Benchmark:
        """All its parts."""
        with self._lock:
            return read_benchmark(Path(self.place.benchmark))

    @cached_property
    def tasks(self) -> Mapping[str, Task]:
        """By the name of the function."""
        tasks = self.benchmark.tasks
        if twice := [name for name, number in Counter(task.function for task in tasks).items() if number > 1]:
            raise BadInputError(f"{self.place.benchmark} has functions in two parts: {', '.join(twice)}. Rename one.")
        return {task.function: task for task in tasks}

    @cached_property
    def url(self) -> str:
        """Of Earth Engine."""
        from ee_emulator.process import earth_engine_at

        with self._lock:
            return self._stack.enter_context(earth_engine_at(self.place.url))

    @property
    def is_real(self) -> bool:
        """Whether it is Google's."""
        return (urlsplit(self.url).hostname or "").endswith(REAL_HOST)

    @property
    def project(self) -> str:
        """In whose name is computed.

        Raises:
            BadInputError: Google's wants a project, and none is set.
        """
        if not self.is_real:
            return DEFAULT_PROJECT
        if not settings().ee_project:
            raise BadInputError(f"Set EE_PROJECT to the project that {self.url} computes in.")
        return settings().ee_project

    @cached_property
    def sandbox(self) -> Sandbox:
        """Where programs run."""
        from codegen.sandbox.outcome import Limits
        from codegen.sandbox.sandbox import open_sandbox

        with self._lock:
            limits = Limits(wall_seconds=self.place.limit_seconds)
            return self._stack.enter_context(
                open_sandbox(self.url, limits, self.place.workers, self.place.unsafe_local, project=self.project)
            )

    @cached_property
    def _judge(self) -> Judge:
        with self._lock:
            folder, seconds = Path(self.place.benchmark), self.place.limit_seconds
            return Judge(self.sandbox, self.url, folder, project=self.project, seconds=seconds)

    def open(self) -> None:
        """Opens everything now, so that what is wrong is told before anything is asked."""
        with self._lock:
            _ = self.tasks, self._judge

    def judge(self, task: Task, case: Case, code: str) -> Verdict:
        """A verdict; one that is known already of the same code, unless `judge_again`.

        Raises:
            JudgingError: Earth Engine is not there: that says nothing of the program.
        """
        key = hashlib.sha256(f"{case.id}\0{code}".encode(errors="replace")).hexdigest()
        known = None if self.place.judge_again else self._known.get(key)
        if known is not None:
            self.reused += 1
            return known
        with self._lock:
            judge = self._judge
        verdict = judge.judge(task, case, code)
        if verdict.error == "network":
            self._check_service()
        self._known[key] = verdict
        return verdict

    @contextmanager
    def noting(self, key: Key, breaker: Breaker, counted: type[Exception]) -> Iterator[None]:
        """Notes why a program failed.

        Args:
            key: Function and epoch.
            breaker: Counts the failures.
            counted: Those that say that somebody does not answer.
        """
        try:
            yield
        except Exception as error:
            self.failures[key] = str(error) or type(error).__name__
            if isinstance(error, counted):
                breaker.failed()
            raise
        breaker.succeeded()

    def close(self) -> None:
        """Ends what was started."""
        self._stack.close()
        self.journal.close()

    def _check_service(self) -> None:
        """Whether Earth Engine is there: then what the network failed is the program's doing."""
        try:
            Service(self.url, self.project).value(_ONE, time.monotonic() + GRACE_SECONDS)
        except EvaluationError as error:
            raise JudgingError(f"Earth Engine at {self.url} does not answer ({error.reason})") from None


_OPEN: dict[Place, Rig] = {}
_LOCK = threading.Lock()


def rig(place: Place) -> Rig:
    """The rig of a place; opened where it is not, and closed with the process.

    Raises:
        BadInputError: Another process works with its journal.
    """
    with _LOCK:
        if place not in _OPEN:
            _OPEN[place] = Rig(place)
            atexit.register(close, place)
        return _OPEN[place]


def close(place: Place) -> None:
    """Closes the rig of a place, where there is one."""
    with _LOCK:
        found = _OPEN.pop(place, None)
    if found is not None:
        found.close()
