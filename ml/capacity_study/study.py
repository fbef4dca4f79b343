"""The study of capacity as a whole: all its cells, side by side, each computed once."""

import hashlib
import itertools
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from lake.code_version import code_version
from lake.errors import BadInputError
from lake.jobs import ExecutorKind, run_jobs
from ml import inference, probes, ridge
from ml.batches import spread
from ml.capacity_study import cells, widening
from ml.capacity_study.cells import RECONSTRUCTIONS, Cell, Job, Measured, Plan, folds, wide_streams
from ml.dataset import StreamTable
from ml.experiments.arrays import MappedStudy, write_study
from ml.probes import Benchmark
from ml.schema import Schema
from ml.threads import one_thread
from ml.training import training_code

log = logging.getLogger(__name__)

MOST_ROWS = 50_000
"""Rows that are looked at: widened, a row has up to a thousand columns."""
_LEAST_STEPS = 40  # an epoch: small data take small steps, or an encoder ends where it began


@dataclass(frozen=True)
class CapacityStudy:
    """What the study found, as tidy tables.

    Attributes:
        streams: A row a `reconstruction`, `width`, `seed`, `fold` and `stream`, with its `columns`, whether it is one
            of the `wide`, the `r2` of its reconstruction on the rows held out and its `gradient_share`.
        labels: A row a `reconstruction`, `width`, `seed`, `fold`, `group` and `label`, with the sums that R² is made
            of: `n`, `alpha`, `sse`, `sst`, `deviation`.
        plan: What was varied.
        schema: The streams as they are outside of the study.
        simulated: True where the streams came from the simulated planet; every figure says so.
    """

    streams: pl.DataFrame
    labels: pl.DataFrame
    plan: Plan
    schema: Schema
    simulated: bool

    def columns(self, width: int) -> dict[str, int]:
        """Columns of each stream where the wide ones have so many."""
        return {s.name: width if s.name in self.plan.wide else s.width for s in self.schema.streams}


def capacity_study(
    data: StreamTable,
    benchmark: Benchmark,
    folder: Path,
    simulated: bool,
    plan: Plan | None = None,
    executor: ExecutorKind = "local",
) -> CapacityStudy:
    """Trains shared and per-stream reconstruction on wider and wider streams that tell the same, and looks at all.

    Every cell is a file in the folder, named by all that it is a function of: what was killed goes on, what is done is
    read. Memory hangs on `MOST_ROWS` and not on the table: of more rows as many are taken, evenly spread.

    Args:
        data: Any table of streams; of a table of one's own, `benchmark` comes from `ml.splits.tabular_benchmark`.
        benchmark: Labels and folds of the same rows.
        folder: For the data as its processes see them, and the files of the cells.
        simulated: True where the streams came from the simulated planet.
        plan: What to vary; None: `default_plan`.
        executor: Where the cells run, see `lake.jobs`.

    Raises:
        BadInputError: A stream or split that is not there, or no fold that can be trained on.
    """
    plan = plan or default_plan(data, benchmark)
    _check(plan, data, benchmark)
    study = write_study(folder / "data", *_sample(data, benchmark), simulated)
    jobs = _jobs(study, plan, folder / "cells")
    waiting = [job for job in jobs if not Path(job.path).exists()]
    for job, result in run_jobs(cells.run, waiting, executor, prepare=one_thread):
        if isinstance(result, BaseException):
            raise result
        log.info("Capacity study: %s, %d columns, seed %d, %s held out: done.", *job.cell)
    found = [(job.cell, cells.read(job)) for job in jobs]
    return CapacityStudy(_table(found, "streams"), _table(found, "labels"), plan, data.schema, simulated)


def default_plan(data: StreamTable, benchmark: Benchmark) -> Plan:
    """The plan where none is given.

    Raises:
        BadInputError: No stream is narrower than the others.
    """
    wide = wide_streams(data.schema)
    core = min(Plan.core, *(data.schema[name].width for name in wide))
    splits = [fold.split for fold in benchmark.folds]
    batch = int(np.clip(min(len(data), MOST_ROWS) // _LEAST_STEPS, 64, 1_024))
    config = replace(Plan(wide).config, batch=batch)
    return Plan(wide, core, split=Plan.split if Plan.split in splits else splits[0], config=config)


def _check(plan: Plan, data: StreamTable, benchmark: Benchmark) -> None:
    for name in plan.wide:
        data.schema[name]  # says which there are
    if not folds(benchmark, plan.split):
        splits = ", ".join(sorted({fold.split for fold in benchmark.folds}))
        raise BadInputError(
            f"Split {plan.split} has no fold with two groups to train on; the benchmark has the splits {splits}."
        )


def _sample(data: StreamTable, benchmark: Benchmark) -> tuple[StreamTable, Benchmark]:
    rows = spread(np.arange(len(data)), MOST_ROWS)
    if len(rows) == len(data):
        return data, benchmark
    return (
        replace(data, keys=data.keys[rows], raw=np.asarray(data.raw[rows])),
        replace(benchmark, values=benchmark.values[rows], block=benchmark.block[rows]),
    )


def _jobs(study: MappedStudy, plan: Plan, folder: Path) -> list[Job]:
    """All cells, the widest first: the longest of them at the end would leave processors idle."""
    widths, names = sorted(plan.widths, reverse=True), folds(study.benchmark, plan.split)
    told = (study.digest, replace(plan, widths=(), seeds=()), training_code(), study_code())
    jobs = []
    for width, seed, kind, fold in itertools.product(widths, plan.seeds, RECONSTRUCTIONS, names):
        cell = Cell(kind, width, seed, fold)
        digest = hashlib.sha256(repr((*told, cell)).encode()).hexdigest()[:16]
        jobs.append(Job(str(study.folder), plan, cell, str(folder / f"{kind}-{width}-{digest}.json")))
    return jobs


def study_code() -> str:
    """Digest of the code that a cell depends on, besides that of the training."""
    return code_version(cells, widening, inference, probes, ridge)


def _table(found: Sequence[tuple[Cell, Measured]], name: Literal["streams", "labels"]) -> pl.DataFrame:
    rows = [{**cell._asdict(), **row} for cell, measured in found for row in getattr(measured, name)]
    keys = [*Cell._fields, *(("stream",) if name == "streams" else ("group", "label"))]
    return pl.DataFrame(rows, infer_schema_length=None).sort(keys)
