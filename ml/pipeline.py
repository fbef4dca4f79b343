"""The main job's steps on models, as the orchestration calls them: train, evaluate, register, promote.

Each can be killed and called again: it goes on where it was, and does nothing where nothing changed. What one step
hands to the next stands in a folder (`training.json`, `evaluation.json`), in the lake and in the tracked run.
"""

import hashlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from matplotlib.figure import Figure
from numpy.typing import NDArray

from lake.code_version import code_version
from lake.errors import ModelMissingError
from lake.partition_io import Lake, Written
from ml import dataset, evaluation, probes, registry, representations, ridge
from ml.card import model_card
from ml.config import TrainingConfig
from ml.dataset import StreamTable, data_version, is_simulated, load_streams
from ml.export import example_rows
from ml.model_files import load_trained, trained_once
from ml.pages import png_of
from ml.promotion import CheckOutcome, Scores, scores_of
from ml.report import gradient_figure, reconstruction_figure, score_bars, score_heatmap, score_means, score_table
from ml.tracking import Tracking, close_run, log_curves, log_results, open_run
from ml.training import Epoch, Trained, reproducible, training_code
from ml.weights import weights_digest

SCORES_DATASET = "scores/probes"
_REFERENCE = TrainingConfig()
_TRAINING, _EVALUATION = "training.json", "evaluation.json"
_FIGURE_DPI = 80  # a picture in a materialisation's metadata travels inside a database row


@dataclass(frozen=True)
class TrainingOutcome:
    """What `train` left behind.

    Attributes:
        fingerprint: Digest of data, configuration and code.
        run_id: Tracked run.
        data_version: Digest of the streams trained on.
        digest: Digest of the weights of CAR's encoder.
        simulated: True where any stream came from the simulated planet.
        partitions: Cities and years trained on.
        rows: Pixel-years of them.
        car: File of CAR's model.
        shared: File of its shared-reconstruction twin's.
        gradient_share: Of each stream in the gradient that reaches the embedding, under `car` and under `shared`.
        reconstruction: R² of each stream's reconstruction, under both.
        changed: False where all of it was there already.
    """

    fingerprint: str
    run_id: str
    data_version: str
    digest: str
    simulated: bool
    partitions: tuple[tuple[str, int], ...]
    rows: int
    car: str
    shared: str
    gradient_share: Mapping[str, Mapping[str, float]]
    reconstruction: Mapping[str, Mapping[str, float]]
    changed: bool


@dataclass(frozen=True)
class Evaluation:
    """What `evaluate` left behind.

    Attributes:
        written: The score table in the lake.
        summary: R² of each `split`, `representation` and `label`.
        scores: What the check at promotion looks at.
        table: Mean scores as Markdown.
        figures: PNG pictures by name: `scores`, `mean_scores`, `gradient_share`, `reconstruction`.
        simulated: True where any stream came from the simulated planet; every picture says so.
        run_id: Tracked run.
        changed: False where all of it was there already.
    """

    written: Written
    summary: pl.DataFrame
    scores: Scores
    table: str
    figures: Mapping[str, bytes]
    simulated: bool
    run_id: str
    changed: bool


def train(
    lake: Lake,
    partitions: Sequence[tuple[str, int]],
    tracking: Tracking,
    folder: Path,
    config: TrainingConfig = _REFERENCE,
) -> TrainingOutcome:
    """Trains CAR and its twin on all rows of the partitions, and tracks it.

    These are the encoders that are released. No label is used, so that every city may be trained on; scores come from
    other encoders, which did not see the cities that they are scored on (see `ml.evaluation`).

    Args:
        lake: Holds the seven streams.
        partitions: Cities and years.
        tracking: The MLflow store.
        folder: For model files and checkpoints.
        config: Of CAR; the twin has the same but for its reconstruction.

    Raises:
        BadInputError: No partitions, or streams that cannot be trained on.
        PartitionMissingError: A stream of one of them was never written.
    """
    partitions = sorted(set(partitions))
    version, simulated = data_version(lake, partitions), is_simulated(lake, partitions)
    code = code_version(sys.modules[__name__], dataset)
    fingerprint = _digest(version, partitions, asdict(config), training_code(), code)
    tags = {"data_version": version, "simulated": str(simulated).lower()}
    run_id = open_run(tracking, fingerprint, f"car-{fingerprint[:6]}", asdict(config), tags)
    found = _read(folder, _TRAINING)
    if found and found["fingerprint"] == fingerprint and found["run_id"] == run_id and _files_are_there(found):
        return replace(_outcome(found), changed=False)

    data = load_streams(lake, partitions)
    rows = np.arange(len(data))
    models, files = _train_both(folder / "models", data, config, rows, partial(_log_epoch, tracking, run_id))
    for name, model in models.items():
        log_curves(tracking, run_id, name, model.history)
    outcome = TrainingOutcome(
        fingerprint=fingerprint,
        run_id=run_id,
        data_version=version,
        digest=weights_digest(models["car"].encoder),
        simulated=simulated,
        partitions=tuple(partitions),
        rows=len(data),
        car=str(files["car"]),
        shared=str(files["shared"]),
        gradient_share={name: model.history[-1].gradient_share for name, model in models.items()},
        reconstruction={name: model.reconstruction_r2(data, rows) for name, model in models.items()},
        changed=True,
    )
    close_run(tracking, run_id)
    _write(folder, _TRAINING, asdict(outcome))
    return outcome


def evaluate(lake: Lake, tracking: Tracking, folder: Path) -> Evaluation:
    """Probes what `train` left in the folder against the labels in the lake, and tracks it.

    Trains the encoders of the folds on the way: at the paper's scale the longest step by far.

    Args:
        lake: Holds streams, labels and splits; the score table is written to `scores/probes`.
        tracking: The MLflow store.
        folder: As given to `train`.

    Raises:
        ModelMissingError: Nothing was trained yet.
        PartitionMissingError: The label tables were never built.
        BadInputError: Labels and streams have no pixel in common, or a city has no fold.
    """
    training = training_outcome(folder)
    fingerprint = _digest(training.fingerprint, benchmark_code(), probes.benchmark_version(lake))
    unchanged = lake.table_metadata(SCORES_DATASET).get("fingerprint") == fingerprint
    table = lake.read_table(SCORES_DATASET) if unchanged else _scores(lake, training, folder)
    metadata = {
        "fingerprint": fingerprint,
        "data_version": training.data_version,
        "digest": training.digest,
        "simulated": str(training.simulated).lower(),
    }
    written = lake.write_table(SCORES_DATASET, table, metadata)
    summary, scores = probes.summarise(table), scores_of(table)
    figures = {name: png_of(figure, _FIGURE_DPI) for name, figure in _figures(training, summary).items()}
    markdown = score_table(summary, training.simulated)
    found = _read(folder, _EVALUATION)
    tracked = {"fingerprint": fingerprint, "run_id": training.run_id, "scores": scores.to_json(), "table": markdown}
    if found != tracked:
        log_results(tracking, training.run_id, _means(summary), figures, {"scores.md": markdown})
        _write(folder, _EVALUATION, tracked)
    return Evaluation(
        written, summary, scores, markdown, figures, training.simulated, training.run_id, changed=not unchanged
    )


def register(lake: Lake, tracking: Tracking, folder: Path) -> registry.Candidate:
    """Registers what was trained and evaluated, as `@candidate`; the same run is registered once.

    Raises:
        ModelMissingError: Nothing was trained or evaluated yet.
    """
    training = training_outcome(folder)
    evaluated = _read(folder, _EVALUATION)
    if evaluated is None or evaluated["run_id"] != training.run_id:
        raise ModelMissingError(f"What was trained in {folder} has no scores yet: materialise the evaluation first.")
    data = load_streams(lake, training.partitions[:1])
    card = model_card(
        tracking.model_name,
        training.partitions,
        training.rows,
        training.data_version,
        training.digest,
        training.simulated,
        evaluated["table"],
    )
    return registry.register_candidate(
        tracking,
        training.run_id,
        load_trained(Path(training.car)).encoder,
        example_rows(data.raw),
        training.digest,
        Scores.from_json(evaluated["scores"]),
        card,
        training.simulated,
    )


def promote(tracking: Tracking) -> CheckOutcome:
    """Makes the candidate the champion where its scores pass the check; where not, nothing changes.

    Raises:
        ModelMissingError: There is no candidate.
    """
    return registry.promote(tracking)


def training_outcome(folder: Path) -> TrainingOutcome:
    """What `train` left in the folder.

    Raises:
        ModelMissingError: Nothing was trained there yet, or its model files are gone.
    """
    found = _read(folder, _TRAINING)
    if found is None or not _files_are_there(found):
        raise ModelMissingError(f"There is no trained model in {folder}: materialise the training first.")
    return _outcome(found)


def benchmark_code() -> str:
    """Digest of the code that scores depend on, besides that of the training."""
    return code_version(evaluation, probes, ridge, representations)


def _scores(lake: Lake, training: TrainingOutcome, folder: Path) -> pl.DataFrame:
    data = load_streams(lake, training.partitions)
    benchmark = probes.load_benchmark(lake, data)
    released = load_trained(Path(training.car)), load_trained(Path(training.shared))
    config = released[0].config
    train_both = partial(_train_fold, folder / "folds", data, config)
    with reproducible(config.threads):  # embeddings too are sums whose order hangs on the number of threads
        return evaluation.evaluate_folds(data, benchmark, released, train_both)


def _train_fold(
    folder: Path, data: StreamTable, config: TrainingConfig, rows: NDArray[np.int64]
) -> tuple[Trained, Trained]:
    models, _ = _train_both(folder, data, config, rows, lambda name, epoch: None)
    return models["car"], models["shared"]


def _train_both(
    folder: Path,
    data: StreamTable,
    config: TrainingConfig,
    rows: NDArray[np.int64],
    on_epoch: Callable[[str, Epoch], None],
) -> tuple[dict[str, Trained], dict[str, Path]]:
    """CAR and its twin, side by side: models and files by name."""
    configs = {"car": config, "shared": replace(config, reconstruction="shared")}
    with reproducible(config.threads), ThreadPoolExecutor(len(configs)) as pool:
        tasks = {
            name: pool.submit(trained_once, folder, data, configured, rows, partial(on_epoch, name))
            for name, configured in configs.items()
        }
        results = {name: task.result() for name, task in tasks.items()}
    return {name: result[0] for name, result in results.items()}, {name: result[1] for name, result in results.items()}


def _log_epoch(tracking: Tracking, run_id: str, name: str, epoch: Epoch) -> None:
    log_curves(tracking, run_id, name, [epoch])


def _figures(training: TrainingOutcome, summary: pl.DataFrame) -> dict[str, Figure]:
    return {
        "scores": score_heatmap(summary, training.simulated),
        "mean_scores": score_bars(summary, training.simulated),
        "gradient_share": gradient_figure(training.gradient_share, training.simulated),
        "reconstruction": reconstruction_figure(training.reconstruction, training.simulated),
    }


def _means(summary: pl.DataFrame) -> dict[str, float]:
    """The metrics of a run: mean R² and collapsed labels of each representation under each split."""
    rows = score_means(summary).to_dicts()
    means = {f"{row['split']}/{row['representation']}/mean_r2": float(row["mean_r2"]) for row in rows}
    return means | {f"{row['split']}/{row['representation']}/collapsed": float(row["collapsed"]) for row in rows}


def _digest(*parts: Any) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


# The folder is written as a lake is: whole files or none.


def _write(folder: Path, name: str, content: Mapping[str, Any]) -> None:
    Lake(str(folder)).write_bytes(name, json.dumps(content, indent=1).encode())


def _read(folder: Path, name: str) -> dict[str, Any] | None:
    path = folder / name
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _outcome(content: Mapping[str, Any]) -> TrainingOutcome:
    partitions = tuple((str(city), int(year)) for city, year in content["partitions"])
    return TrainingOutcome(**{**content, "partitions": partitions})


def _files_are_there(content: Mapping[str, Any]) -> bool:
    return Path(content["car"]).exists() and Path(content["shared"]).exists()
