"""Runs the rows of the table: every job once, in parallel, and what they found together as tables of the lake."""

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import polars as pl

from lake.code_version import code_version
from lake.errors import AefEconError, BadInputError
from lake.jobs import ExecutorKind, run_jobs
from lake.partition_io import Lake
from ml import dataset, inference, probes, representations, ridge, text_variants
from ml.experiments import arrays, fold, streams
from ml.experiments.arrays import MappedStudy
from ml.experiments.fold import TABLES, FoldJob, run_fold
from ml.experiments.table import Budget, Experiment, training_config
from ml.threads import one_thread
from ml.training import training_code

log = logging.getLogger(__name__)
DATASET = "experiments/runs"


@dataclass(frozen=True)
class Plan:
    """What a study is run with.

    Attributes:
        study: Its data.
        lake: Where the tables of the rows go.
        folder: A local folder of jobs' results, models and checkpoints, which a killed study goes on from.
        budget: Of every training.
        executor: `local` or `ray`.
        workers: Jobs at a time; one a core by default.
    """

    study: MappedStudy
    lake: Lake
    folder: Path
    budget: Budget = field(default_factory=Budget)
    executor: ExecutorKind = "local"
    workers: int | None = None


@dataclass(frozen=True)
class RowOutcome:
    """What became of a row.

    Attributes:
        name: Of the row.
        fingerprint: Digest of everything that its results are a function of.
        seconds: Of all its jobs together.
        changed: False where its results were there already.
        error: Why it has none; empty where it has.
    """

    name: str
    fingerprint: str
    seconds: float
    changed: bool
    error: str = ""


class ExperimentsFailedError(AefEconError):
    """Some rows have no results; the others were finished first."""


def run_experiments(plan: Plan, experiments: Sequence[Experiment]) -> list[RowOutcome]:
    """Runs rows of the table; those that are done are not run again, and a killed study goes on where it was.

    Args:
        plan: See there.
        experiments: The rows.

    Returns:
        One outcome a row, in the order given.

    Raises:
        ExperimentsFailedError: Rows failed for want of a part or for their data; the others were finished first.
    """
    rows = {experiment.name: jobs_of(plan, experiment) for experiment in experiments}
    fingerprints = {name: _row_fingerprint(jobs) for name, jobs in rows.items()}
    done = {name for name, jobs in rows.items() if _is_collected(plan.lake, name, fingerprints[name], jobs)}
    to_do = [job for name, jobs in rows.items() if name not in done for job in jobs if not job.is_done()]
    log.info("%d of %d experiments are done; %d trainings to do.", len(done), len(rows), len(to_do))
    errors: dict[str, str] = {}
    for line, name, error in _progress(plan, to_do):
        log.info(line)
        if error:
            errors.setdefault(name, error)
    outcomes = []
    for name, jobs in rows.items():
        changed = name not in done
        if changed and name not in errors:
            collect(plan, name, jobs, fingerprints[name])
        seconds = 0.0 if name in errors else float(plan.lake.table_metadata(f"{DATASET}/{name}/probes")["seconds"])
        outcomes.append(RowOutcome(name, fingerprints[name], seconds, changed, errors.get(name, "")))
    if errors:
        told = "\n".join(f"  {name}: {error}" for name, error in errors.items())
        raise ExperimentsFailedError(f"{len(errors)} of {len(rows)} experiments failed:\n{told}")
    return outcomes


def pending(plan: Plan, experiments: Sequence[Experiment]) -> list[str]:
    """Names of the rows that have no results of this data, budget and code."""
    rows = {experiment.name: jobs_of(plan, experiment) for experiment in experiments}
    return [name for name, jobs in rows.items() if not _is_collected(plan.lake, name, _row_fingerprint(jobs), jobs)]


def jobs_of(plan: Plan, experiment: Experiment) -> list[FoldJob]:
    """A row's jobs: each repeat on each set of training cities; the first of each repeat is that of all cities."""
    jobs, training_sets = [], plan.study.training_sets()
    for repeat in range(experiment.repeats):
        for number, cities in enumerate(training_sets):
            made_of = _digest(
                plan.study.digest,
                experiment.name,
                experiment.representation,
                experiment.training and asdict(training_config(experiment.training, plan.budget, repeat)),
                experiment.training and experiment.training.text,
                cities,
                experiments_code(),
            )
            jobs.append(
                FoldJob(plan.study.folder, plan.folder, experiment, repeat, number, cities, plan.budget, made_of)
            )
    return jobs


def released_job(plan: Plan, experiment: Experiment) -> FoldJob:
    """The job of a row whose encoder could be released; the row must be one that `can_be_released`."""
    return next(job for job in jobs_of(plan, experiment) if job.keeps_model)


def experiments_code() -> str:
    """Digest of the code that results depend on."""
    return training_code() + code_version(
        arrays, fold, streams, probes, ridge, dataset, inference, representations, text_variants
    )


def collect(plan: Plan, name: str, jobs: Sequence[FoldJob], fingerprint: str) -> None:
    """What a row's jobs found, as tables of the lake with a column `repeat`; `probes` is written last."""
    results = Lake(str(plan.folder))
    of_jobs = [results.table_metadata(f"{job.place}/probes") for job in jobs]
    told = {
        "fingerprint": fingerprint,
        "study": plan.study.digest,
        "simulated": str(plan.study.simulated).lower(),
        "seconds": f"{sum(float(metadata['seconds']) for metadata in of_jobs):.1f}",
        "weights": of_jobs[0]["weights"],
        "trainings": str(len(jobs)),
    }
    for table in TABLES:
        parts = [
            results.read_table(f"{job.place}/{table}").select(
                pl.lit(job.repeat, pl.Int32).alias("repeat"), pl.lit(job.number, pl.Int32).alias("number"), pl.all()
            )
            for job in jobs
        ]
        plan.lake.write_table(f"{DATASET}/{name}/{table}", pl.concat(parts), told)


def read_runs(lake: Lake, table: str, experiments: Sequence[Experiment]) -> pl.DataFrame:
    """A table of all rows below one another, with the row's name as `experiment`.

    Raises:
        BadInputError: Rows were never run, or on other data than the rest; names them.
    """
    told = {row.name: lake.table_metadata(f"{DATASET}/{row.name}/probes") for row in experiments}
    missing = [name for name, metadata in told.items() if not metadata]
    if missing:
        raise BadInputError(f"These experiments were not run yet: {', '.join(missing)}. Run them first.")
    studies = {metadata["study"] for metadata in told.values()}
    if len(studies) > 1:
        newest = max(studies, key=lambda study: sum(metadata["study"] == study for metadata in told.values()))
        others = [name for name, metadata in told.items() if metadata["study"] != newest]
        raise BadInputError(f"These experiments were run on other data than the rest: {', '.join(others)}. Run them.")
    return pl.concat(
        lake.read_table(f"{DATASET}/{row.name}/{table}").select(pl.lit(row.name).alias("experiment"), pl.all())
        for row in experiments
    )


def run_metadata(lake: Lake, name: str) -> Mapping[str, str]:
    """What was written beside a row's tables; empty where it was never run."""
    return lake.table_metadata(f"{DATASET}/{name}/probes")


def _progress(plan: Plan, jobs: Sequence[FoldJob]) -> Iterator[tuple[str, str, str]]:
    """A line, the row and an error or nothing, for each job as it ends.

    Raises:
        BaseException: What a job ended in that a person cannot act on: nothing is gained by going on.
    """
    if not jobs:
        return
    outcomes = run_jobs(run_fold, jobs, plan.executor, plan.workers, one_thread)
    for number, (job, result) in enumerate(outcomes, 1):
        where = f"[{number}/{len(jobs)}] {job.experiment.name}, repeat {job.repeat}, {len(job.cities)} cities"
        if isinstance(result, AefEconError):
            yield f"{where}: FAILED", job.experiment.name, str(result)
        elif isinstance(result, BaseException):
            raise result
        else:
            yield f"{where}: {result:.1f} s", job.experiment.name, ""


def _is_collected(lake: Lake, name: str, fingerprint: str, jobs: Sequence[FoldJob]) -> bool:
    kept = [job.model for job in jobs if job.keeps_model]
    return run_metadata(lake, name).get("fingerprint") == fingerprint and all(model.exists() for model in kept)


def _row_fingerprint(jobs: Sequence[FoldJob]) -> str:
    return _digest(*(job.fingerprint for job in jobs))


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
