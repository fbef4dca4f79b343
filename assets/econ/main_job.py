"""The main job: phase after phase, each partition only where it is missing or out of date."""

import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import partial
from typing import Any

import dagster as dg
from dagster._core.events import RunFailureReason

from assets.econ import upkeep
from assets.econ.keys import KEYS_OF, STUDY_KEYS_OF
from assets.instance import log_file, process_tag
from assets.partitions import RANGE_END, RANGE_START, CityYear, city_year, in_runs, key_of, keys_of
from assets.resources import CityLake
from lake.errors import AefEconError
from lake.partition_io import Lake
from quality.outcome import enumerate_names

Say = Callable[[str], Any]
GetJob = Callable[[str], dg.JobDefinition]
Needs = Callable[[Lake, str, int], bool]
"""Whether a partition is out of date."""
_KEYS_OF = {**KEYS_OF, **STUDY_KEYS_OF}
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}  # failures are told by `_lines`


class PhaseFailedError(AefEconError):
    """Runs of a phase failed; the phases after it were not begun."""


@dataclass(frozen=True)
class Failure:
    """Why a run ended without all that it should have made.

    Attributes:
        run_id: The run.
        where: Asset or step.
        reason: What was wrong, and what to do.
    """

    run_id: str
    where: str
    reason: str


@dataclass(frozen=True)
class Phases:
    """Runs the phases on an instance.

    Attributes:
        instance: Where runs and materialisations are recorded.
        get_job: A job by its name.
        say: Takes a line of progress.
    """

    instance: dg.DagsterInstance
    get_job: GetJob
    say: Say

    def partitioned(self, title: str, job: str, wanted: Sequence[CityYear], needs: Needs) -> None:
        """One run a city for the partitions that are out of date, or that this instance has not seen materialised.

        Raises:
            PhaseFailedError: Some runs failed; the others were finished first.
        """
        store = CityLake().store
        seen = set.intersection(*map(self.instance.get_materialized_partitions, _KEYS_OF[job]))
        to_do = [key for key in wanted if key_of(*key) not in seen or needs(store, *key)]
        if not to_do:
            self.say(f"{title}: all {len(wanted)} partitions are up to date.")
            return
        runs = in_runs(to_do)
        self.say(f"{title}: {len(to_do)} of {len(wanted)} partitions in {len(runs)} run(s).")
        failures: list[Failure] = []
        for number, keys in enumerate(runs, 1):
            tags = {RANGE_START: keys.start, RANGE_END: keys.end}
            failures += self._run(job, tags, f"{number}/{len(runs)} {_told(keys)}")
        _raise(title, failures)

    def once(self, title: str, job: str, is_stale: bool) -> None:
        """One run, where the outcome is out of date or this instance has not seen everything materialised.

        Raises:
            PhaseFailedError: The run failed.
        """
        if not is_stale and all(map(self.instance.get_latest_materialization_event, _KEYS_OF[job])):
            self.say(f"{title}: up to date.")
            return
        self.say(f"{title}:")
        _raise(title, self._run(job, {}, "done"))

    def rows(self, title: str, job: str, names: Sequence[str], to_do: Sequence[str]) -> None:
        """One run for all rows of a table, where one is to be done or this instance has not seen it materialised.

        Raises:
            PhaseFailedError: The run failed.
        """
        seen = set.intersection(*map(self.instance.get_materialized_partitions, _KEYS_OF[job]))
        if not to_do and seen >= set(names):
            self.say(f"{title}: all {len(names)} are up to date.")
            return
        self.say(f"{title}: {len(to_do)} of {len(names)}.")
        _raise(title, self._run(job, {RANGE_START: names[0], RANGE_END: names[-1]}, "done"))

    def publish(self, of: Sequence[CityYear]) -> None:
        """What looks at everything released, and at the streams of some partitions.

        Raises:
            PhaseFailedError: The run failed.
        """
        store = CityLake().store
        self.once("Catalogue, overview, data docs", "econ_publication", upkeep.needs_publication(store, of))
        upkeep.remember_publication(store, of)

    def _run(self, job: str, tags: dict[str, str], line: str) -> list[Failure]:
        """Why the run failed; empty where it succeeded.

        Raises:
            KeyboardInterrupt: It was interrupted.
        """
        started = time.perf_counter()
        # dbt and MLflow tell every step on the terminal: that goes to a file
        with log_file("runs.log").open("a", encoding="utf-8") as log, redirect_stdout(log), redirect_stderr(log):
            result = self.get_job(job).execute_in_process(
                instance=self.instance, tags=tags | process_tag(), run_config=_QUIET, raise_on_error=False
            )
        took = f"{time.perf_counter() - started:.1f} s"
        if _was_interrupted(result):
            raise KeyboardInterrupt
        failures = _failures(result) if not result.success else _left_out(result, job)
        self.say(f"  {line}: {took}" if not failures else f"  {line}: FAILED after {took}, run {result.run_id[:8]}")
        return failures


def run_main_job(instance: dg.DagsterInstance, get_job: GetJob, say: Say) -> None:
    """All phases at the configured scale.

    Raises:
        PhaseFailedError: A phase failed; those after it were not begun.
    """
    lake = CityLake()
    store, wanted = lake.store, keys_of(lake.scale)
    phases = Phases(instance, get_job, say)
    phases.partitioned("Streams and observations", "econ_streams", wanted, upkeep.needs_streams)
    phases.once("Labels, training, registration", "econ_model", upkeep.needs_model(store, wanted))
    champion = upkeep.champion_digest()
    phases.partitioned("Embeddings", "econ_embeddings", wanted, partial(upkeep.needs_embedding, champion=champion))
    phases.once("Picture axes", "econ_picture_axes", upkeep.needs_axes(store, champion))
    phases.partitioned("Release", "econ_release", wanted, partial(upkeep.needs_release, champion=champion))
    phases.publish(wanted)


def run_backfill(instance: dg.DagsterInstance, get_job: GetJob, say: Say, wanted: Sequence[CityYear]) -> None:
    """Streams of some partitions, and their release where there is a champion to embed them with.

    Raises:
        PhaseFailedError: A phase failed; those after it were not begun.
    """
    phases = Phases(instance, get_job, say)
    phases.partitioned("Streams and observations", "econ_streams", wanted, upkeep.needs_streams)
    champion = upkeep.champion_digest()
    if champion is None or upkeep.needs_axes(CityLake().store, champion):
        say("Nothing is released: there is no champion with picture axes yet. `aef-econ demo` trains one.")
        return
    phases.partitioned("Embeddings", "econ_embeddings", wanted, partial(upkeep.needs_embedding, champion=champion))
    phases.partitioned("Release", "econ_release", wanted, partial(upkeep.needs_release, champion=champion))
    phases.publish(keys_of(CityLake().scale))


def _told(keys: dg.PartitionKeyRange) -> str:
    """`wuhan 2020–2022`."""
    (city, first), (_, last) = city_year(keys.start), city_year(keys.end)
    return f"{city} {first}" if first == last else f"{city} {first}–{last}"


def _was_interrupted(result: dg.ExecuteInProcessResult) -> bool:
    """True after Ctrl-C: Dagster takes the interrupt for itself and lets the run fail, as if the next could begin."""
    ends = result.filter_events(lambda event: event.event_type is dg.DagsterEventType.RUN_FAILURE)
    return any(event.job_failure_data.failure_reason is RunFailureReason.UNEXPECTED_TERMINATION for event in ends)


def _left_out(result: dg.ExecuteInProcessResult, job: str) -> list[Failure]:
    """What a successful run did not materialise: a step whose inputs were skipped is skipped without an error."""
    made = {event.asset_key for event in result.filter_events(lambda event: event.is_step_materialization)}
    left_out = [key.to_user_string() for key in _KEYS_OF[job] if key not in made]
    return [Failure(result.run_id, where, "skipped, as something before it was.") for where in left_out]


def _failures(result: dg.ExecuteInProcessResult) -> list[Failure]:
    """Why a run failed: what its blocking checks found, and otherwise the error that each step ended with."""
    refused = [
        Failure(result.run_id, check.asset_key.to_user_string(), str(check.description))
        for check in result.get_asset_check_evaluations()
        if check.blocking and not check.passed
    ]
    return refused or [
        Failure(result.run_id, str(event.step_key), _cause(event.step_failure_data))
        for event in result.filter_events(lambda event: event.is_step_failure)
    ]


def _cause(failure: Any) -> str:
    """The description that the step gave, or the message of the innermost error."""
    if failure.user_failure_data is not None and failure.user_failure_data.description:
        return str(failure.user_failure_data.description)
    error = failure.error
    while error is not None and error.cause is not None:
        error = error.cause
    return str(error.message).strip() if error is not None else "unknown"


def _raise(title: str, failures: Sequence[Failure]) -> None:
    if failures:
        told = "\n".join(f"  {line}" for line in _lines(failures))
        raise PhaseFailedError(
            f"{title} failed:\n{told}\nMend what is named and run the command again: what is done is not done again. "
            f"Details: {log_file('runs.log')}"
        )


def _lines(failures: Sequence[Failure]) -> list[str]:
    """One a reason: what every step of every run stumbled over, such as missing credentials, is told once."""
    of_reason: dict[str, list[Failure]] = {}
    for failure in failures:
        of_reason.setdefault(failure.reason, []).append(failure)
    return [
        f"{enumerate_names(dict.fromkeys(failure.where for failure in group))} "
        f"(run {enumerate_names(dict.fromkeys(failure.run_id[:8] for failure in group))}): {reason}"
        for reason, group in of_reason.items()
    ]
