"""The studies of capacity and compression on a lake, as the orchestration calls them.

Both can be killed and called again: cells and encoders that are there are not computed anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
from matplotlib.figure import Figure
from numpy.typing import NDArray

from lake.jobs import ExecutorKind
from lake.partition_io import Lake, Written
from ml.batches import Rows
from ml.capacity_study import Plan, capacity_study
from ml.capacity_study.figures import overview_figure, streams_figure
from ml.capacity_study.findings import sentences
from ml.compression import compression_study
from ml.compression_report import compression_figure, compression_table
from ml.config import TrainingConfig
from ml.inference import embed_table
from ml.model_files import trained_once
from ml.pages import png_of
from ml.study import PIXELS, study_sample
from ml.training import reproducible

CAPACITY_DATASET, COMPRESSION_DATASET = "studies/capacity", "studies/compression"
_SPLITS = ("E2", "E3")
_REFERENCE = TrainingConfig()
_DPI = 80  # a picture in a materialisation's metadata travels inside a database row


@dataclass(frozen=True)
class StudyOutcome:
    """What a study left behind.

    Attributes:
        text: What it found, in sentences or a table made from the numbers; Markdown.
        figures: PNG pictures by name; they lie in the lake beside the tables.
        written: Its tables in the lake, by name.
        rows: Rows looked at.
        simulated: True where any stream came from the simulated planet; text and pictures say so.
    """

    text: str
    figures: Mapping[str, bytes]
    written: Mapping[str, Written] = field(repr=False)
    rows: int
    simulated: bool


def run_capacity_study(
    lake: Lake,
    partitions: Sequence[tuple[str, int]],
    folder: Path,
    plan: Plan | None = None,
    executor: ExecutorKind = "local",
    pixels: int = PIXELS,
) -> StudyOutcome:
    """Where narrow streams are suppressed as wide ones grow, and what a decoder a stream changes.

    Args:
        lake: Holds streams, labels and splits; tables and figures are written to `studies/capacity`.
        partitions: Cities and years.
        folder: For files that a killed study goes on from.
        plan: See `ml.capacity_study.cells`; None: its defaults.
        executor: Where trainings run, see `lake.jobs`.
        pixels: Of each city and year, at most.

    Raises:
        PartitionMissingError: Streams or label tables were never built.
        BadInputError: No fold that can be trained on.
    """
    sample = study_sample(lake, partitions, pixels)
    study = capacity_study(sample.data, sample.benchmark, folder, sample.simulated, plan, executor)
    figures = {"overview": overview_figure(study), "streams": streams_figure(study)}
    tables = {"streams": study.streams, "labels": study.labels}
    return _written(lake, CAPACITY_DATASET, sentences(study), figures, tables, (len(sample.data), sample.simulated))


def run_compression_study(
    lake: Lake,
    partitions: Sequence[tuple[str, int]],
    folder: Path,
    config: TrainingConfig = _REFERENCE,
    pixels: int = PIXELS,
) -> StudyOutcome:
    """What short and quantised forms of CAR's embeddings lose across regions (E2) and tiers (E3).

    Args:
        lake: Holds streams, labels and splits; table and figure are written to `studies/compression`.
        partitions: Cities and years.
        folder: For the encoders of the folds, each trained without the cities that it is scored on.
        config: Of the encoders; its Matryoshka heads are the widths that are looked at.
        pixels: Of each city and year, at most.

    Raises:
        PartitionMissingError: Streams or label tables were never built.
        BadInputError: No fold that can be trained on.
    """
    sample = study_sample(lake, partitions, pixels)
    folds = [fold for fold in sample.benchmark.folds if fold.split in _SPLITS]

    def embed(rows: Rows) -> NDArray[np.float32]:
        trained, _ = trained_once(folder, sample.data, config, rows)
        return embed_table(trained.encoder, sample.data)

    with reproducible(config.threads):
        study = compression_study(embed, sample.benchmark, folds, sample.simulated, config.heads)
    figures = {"compression": compression_figure(study)}
    tables = {"forms": study.table, "labels": study.labels}
    told = (len(sample.data), sample.simulated)
    return _written(lake, COMPRESSION_DATASET, compression_table(study), figures, tables, told)


def _written(
    lake: Lake,
    dataset: str,
    text: str,
    figures: Mapping[str, Figure],
    tables: Mapping[str, pl.DataFrame],
    told: tuple[int, bool],
) -> StudyOutcome:
    rows, simulated = told
    metadata = {"simulated": str(simulated).lower()}
    written = {name: lake.write_table(f"{dataset}/{name}", table, metadata) for name, table in tables.items()}
    pictures = {name: png_of(figure, _DPI) for name, figure in figures.items()}
    for name, picture in pictures.items():
        lake.write_bytes(f"{dataset}/{name}.png", picture)
    return StudyOutcome(text, pictures, written, rows, simulated)
