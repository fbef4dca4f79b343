"""One job of a study: a row of the table, trained on the cities of some folds, scored on what these folds hold out.

A job is a function of what its fingerprint names; what it finds is in four tables of one folder, of which `probes` is
written last, so that a job is done when that is there.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lake.partition_io import Lake
from ml.dataset import StreamTable
from ml.experiments.arrays import MappedStudy, cached_study
from ml.experiments.streams import normalised_columns, readable_streams
from ml.experiments.table import Budget, Experiment, training_config
from ml.inference import embed_table, matryoshka
from ml.model_files import save_trained
from ml.preprocessing import fit_preprocessing
from ml.probes import Fold, probe_groups
from ml.representations import alphaearth
from ml.schema import SEVEN
from ml.text_variants import text_variant
from ml.training import Trained, reproducible, train

PROBES, READABLE, DECODED, CURVES = "probes", "readable", "decoded", "curves"
TABLES = (READABLE, DECODED, CURVES, PROBES)
COMPONENTS = 128
"""Width of the baseline PCA: half of the columns; all of them would be a rotation of `raw_concat`."""
RELEASED_WIDTH = 256
_CURVE_SCHEMA = {
    "epoch": pl.Int64, "stream": pl.String, "loss": pl.Float64, "stream_loss": pl.Float64,
    "gradient_share": pl.Float64, "seconds": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True)
class FoldJob:
    """One training with its scores.

    Attributes:
        study: Folder of the study's arrays.
        folder: Folder of the study's results.
        experiment: Row of the table.
        repeat: From 0.
        number: Which of the row's training sets it is; 0 is all cities.
        cities: Trained on.
        budget: Of the study.
        fingerprint: Digest of everything that its results are a function of.
    """

    study: Path
    folder: Path
    experiment: Experiment
    repeat: int
    number: int
    cities: tuple[str, ...]
    budget: Budget
    fingerprint: str

    @property
    def place(self) -> str:
        """Where its tables are, below the folder of results."""
        return f"folds/{self.experiment.name}/{self.repeat}-{self.number}"

    @property
    def model(self) -> Path:
        """Where its encoder is kept, if it is one that could be released."""
        return self.folder / "models" / f"{self.experiment.name}-{self.fingerprint}.pt"

    @property
    def checkpoint(self) -> Path:
        """What a killed training goes on from."""
        return self.folder / "checkpoints" / f"{self.fingerprint}.checkpoint"

    def is_done(self) -> bool:
        """Whether its results are there."""
        told = Lake(str(self.folder)).table_metadata(f"{self.place}/{PROBES}")
        return told.get("fingerprint") == self.fingerprint and (self.model.exists() or not self.keeps_model)

    @property
    def keeps_model(self) -> bool:
        """Whether its encoder is the one that could be released: of all cities, first repeat."""
        return self.number == 0 and self.repeat == 0 and can_be_released(self.experiment)


def can_be_released(experiment: Experiment) -> bool:
    """Whether a row's encoder takes the platform's columns as they are and gives embeddings of the released width."""
    training = experiment.training
    return training is not None and training.width == RELEASED_WIDTH and training.text == "bilingual"


def run_fold(job: FoldJob) -> float:
    """Does a job and leaves its tables; the seconds it took.

    Raises:
        BadInputError: The row names a part that there is not, or its training failed.
    """
    started = time.perf_counter()
    study = cached_study(job.study)
    folds = study.training_sets()[job.cities]
    rows = study.data.rows_of(job.cities)
    with reproducible(1):
        embeddings, trained, seen = _represent(job, study.data, rows)
        probes = probe_groups(embeddings, study.benchmark, folds)
        across = [fold for fold in folds if fold.split != "E1"]
        readable = readable_streams(embeddings, study.data, study.benchmark, across, rows)
        decoded = _decoded(trained, seen, study, across)
    seconds = time.perf_counter() - started
    results = Lake(str(job.folder))
    results.write_table(f"{job.place}/{READABLE}", readable)
    results.write_table(f"{job.place}/{DECODED}", decoded)
    results.write_table(f"{job.place}/{CURVES}", _curves(trained))
    told = {"fingerprint": job.fingerprint, "seconds": f"{seconds:.3f}", "weights": str(_weights(trained))}
    results.write_table(f"{job.place}/{PROBES}", probes, told)
    job.checkpoint.unlink(missing_ok=True)
    return seconds


def _represent(
    job: FoldJob, data: StreamTable, rows: NDArray[np.int64]
) -> tuple[dict[str, NDArray[np.float32]], Trained | None, StreamTable]:
    """What is probed, by name, the encoder it comes from and what that has seen; heads are named `car@128`."""
    name, training = job.experiment.name, job.experiment.training
    if training is None:
        return {name: _baseline(job.experiment, data, rows)}, None, data
    config = training_config(training, job.budget, job.repeat)
    seen = text_variant(data, training.text, rows)
    trained = train(seen, config, rows, job.checkpoint)
    if job.keeps_model:
        save_trained(job.model, trained)
    embeddings = embed_table(trained.encoder, seen)
    heads = {f"{name}@{width}": matryoshka(embeddings, width) for width in config.heads}
    return {name: embeddings} | heads, trained, seen


def _baseline(experiment: Experiment, data: StreamTable, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """AlphaEarth alone, all columns on the reference's scale, or their principal components; float32 (rows, width)."""
    if experiment.representation == "aef":
        return alphaearth(data.values[SEVEN.names[0]])
    columns = normalised_columns(fit_preprocessing(data.raw, rows, data.schema, "z_score"), data.raw)
    if experiment.representation == "raw_concat":
        return columns.astype(np.float32)
    from sklearn.decomposition import PCA

    columns = np.nan_to_num(columns)
    components = PCA(min(COMPONENTS, data.schema.width), svd_solver="covariance_eigh").fit(columns[rows])
    return np.asarray(components.transform(columns), np.float32)


def _decoded(trained: Trained | None, seen: StreamTable, study: MappedStudy, folds: Sequence[Fold]) -> pl.DataFrame:
    """R² of each stream by the row's own decoders on cities held out; no row where nothing is reconstructed."""
    rows: list[tuple[str, str, str, float]] = []
    for fold in folds if trained is not None else ():
        held_out = study.benchmark.rows_in(fold.test)
        found = trained.reconstruction_r2(seen, held_out) if trained is not None else {}
        rows += [(fold.split, fold.name, stream, r2) for stream, r2 in found.items()]
    schema = {"split": pl.String, "fold": pl.String, "stream": pl.String, "r2": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _weights(trained: Trained | None) -> int:
    """How many weights the encoder has; none where nothing is trained."""
    return sum(weight.numel() for weight in trained.encoder.parameters()) if trained is not None else 0


def _curves(trained: Trained | None) -> pl.DataFrame:
    """One row an epoch and stream; the stream is empty where the objective has no term a stream."""
    rows: list[tuple[int, str, float, float | None, float | None, float]] = []
    for epoch in trained.history if trained is not None else ():
        for stream in epoch.stream_loss or ("",):
            shares = epoch.stream_loss.get(stream), epoch.gradient_share.get(stream)
            rows.append((epoch.number, stream, epoch.loss, *shares, epoch.seconds))
    return pl.DataFrame(rows, schema=_CURVE_SCHEMA, orient="row")
