"""One cell of the study: an encoder trained on streams of one width, without one fold, and how it does on the fold."""

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lake.atomic import replacing
from lake.errors import BadInputError
from ml.batches import Rows
from ml.capacity_study.widening import widen
from ml.config import ReconstructionKind, TrainingConfig
from ml.dataset import StreamTable
from ml.experiments.arrays import MappedStudy, cached_study
from ml.inference import embed_table
from ml.probes import Benchmark, Fold, probe_groups
from ml.schema import Schema
from ml.training import Trained, train

RECONSTRUCTIONS: tuple[ReconstructionKind, ...] = ("shared", "car")
WIDTHS = (64, 128, 256, 512)


@dataclass(frozen=True)
class Plan:
    """What the study varies, and what it holds fast.

    Attributes:
        wide: Streams that are widened; the others are the narrow ones, which stay as they are.
        core: Components of them that are kept at every width.
        widths: Columns that each of them has, ascending.
        seeds: Of the trainings; two at least tell what is chance.
        split: Split of the benchmark whose folds are held out.
        config: Of every training, but for its reconstruction and seed.
    """

    wide: tuple[str, ...]
    core: int = 64
    widths: tuple[int, ...] = WIDTHS
    seeds: tuple[int, ...] = (2025, 2026)
    split: str = "E2"
    config: TrainingConfig = field(default_factory=lambda: TrainingConfig(heads=(), epochs=5))


class Cell(NamedTuple):
    """One training of the study."""

    reconstruction: ReconstructionKind
    width: int
    seed: int
    fold: str


@dataclass(frozen=True)
class Measured:
    """What a cell showed, as rows of the study's two tables.

    Attributes:
        streams: `stream`, `columns`, `wide`, `r2` (on the rows held out) and `gradient_share` (mean over the epochs).
        labels: As `ml.probes.probe_groups` gives, without the names that the cell has already.
    """

    streams: list[dict[str, Any]]
    labels: list[dict[str, Any]]


def wide_streams(schema: Schema) -> tuple[str, ...]:
    """Streams at least half as wide as the widest: of the platform's seven AlphaEarth and text.

    Raises:
        BadInputError: All of them are, so that there is none to be suppressed.
    """
    half = max(schema.widths) / 2
    wide = tuple(stream.name for stream in schema.streams if stream.width >= half)
    if len(wide) == len(schema.names):
        raise BadInputError(
            f"The streams {', '.join(wide)} are about equally wide: the study of capacity needs narrow ones beside "
            "wide ones. Name the streams to widen."
        )
    return wide


@dataclass(frozen=True)
class Job:
    """A cell for a process that knows nothing yet.

    Attributes:
        study: Folder of the data, see `ml.experiments.arrays`.
        plan: What the cells share.
        cell: Which of them.
        path: Where its numbers go.
    """

    study: str
    plan: Plan
    cell: Cell
    path: str


def run(job: Job) -> None:
    """Measures a cell and leaves its numbers behind, as a whole file or none; does nothing where they are there."""
    path = Path(job.path)
    if path.exists():
        return
    measured = measure(cached_study(Path(job.study)), job.plan, job.cell)
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(asdict(measured)), encoding="utf-8")


def read(job: Job) -> Measured:
    """What `run` left behind."""
    content = json.loads(Path(job.path).read_text(encoding="utf-8"))
    return Measured(content["streams"], content["labels"])


def measure(study: MappedStudy, plan: Plan, cell: Cell) -> Measured:
    """Trains an encoder without a fold and looks at the fold: its streams as reconstructed, its labels as probed."""
    fold = folds(study.benchmark, plan.split)[cell.fold]
    training, held_out = study.benchmark.rows_of(fold)
    data = widen(study.data, plan.wide, plan.core, cell.width, training)
    trained = train(data, replace(plan.config, reconstruction=cell.reconstruction, seed=cell.seed), training)
    embedding = {"embedding": embed_table(trained.encoder, data)}
    scores = probe_groups(embedding, study.benchmark, [fold]).drop("choice", "split", "fold", "representation")
    return Measured(_by_stream(trained, data, held_out, plan), scores.to_dicts())


def folds(benchmark: Benchmark, split: str) -> dict[str, Fold]:
    """Folds of a split that a probe can be trained on, by name."""
    return {fold.name: fold for fold in benchmark.folds if fold.split == split and len(fold.train) > 1}


def _by_stream(trained: Trained, data: StreamTable, held_out: Rows, plan: Plan) -> list[dict[str, Any]]:
    r2 = trained.reconstruction_r2(data, held_out)
    return [
        {
            "stream": stream.name,
            "columns": stream.width,
            "wide": stream.name in plan.wide,
            "r2": r2[stream.name],
            "gradient_share": float(np.mean([epoch.gradient_share[stream.name] for epoch in trained.history])),
        }
        for stream in data.schema.streams
    ]
