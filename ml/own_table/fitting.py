"""`aef-econ fit`: a model of a user's table, its scores, its embeddings; goes on where a run before was stopped."""

import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import numpy as np

from lake.atomic import replacing
from lake.code_version import code_version, package_version
from lake.errors import BadInputError
from ml import class_probes, intervals, leakage, own_table, probes, ridge, sampling, splits
from ml.batches import Rows, spread
from ml.config import TrainingConfig
from ml.dataset import StreamTable
from ml.export import export
from ml.inference import run_network
from ml.model_files import save_trained, trained_once
from ml.own_table.budget import epochs, training_rows
from ml.own_table.embedding import MODEL, save_columns, write_embeddings
from ml.own_table.labels import Labels, notes_on_columns, read_labels
from ml.own_table.layout import check_labels, resolve
from ml.own_table.matrix import Matrix, Say, read_matrix
from ml.own_table.neighbours import study_neighbours
from ml.own_table.plan import make_plans
from ml.own_table.report import REPORT, Result, origin_of, write_report
from ml.own_table.scoring import (
    ALL_ROWS,
    EMBEDDING,
    PCA,
    RAW,
    Outcome,
    Task,
    gather,
    make_tasks,
    principal_components,
    raw_columns,
    score,
)
from ml.own_table.sources import open_source
from ml.own_table.spec import Spec, load_spec
from ml.training import Epoch, Trained, reproducible, training_code

EXPORTED, EMBEDDINGS = "model.pt2", "embeddings.parquet"
_SIDE_BY_SIDE = 2
_SMALL = 64_000_000
"""Numbers in a table up to which encoders are trained side by side: each takes memory of its own for a chunk."""
_JUDGED_ROWS = 20_000
"""Rows at most that a reconstruction is judged by."""


def fit(table: Path, spec_path: Path, out: Path, say: Say) -> Path:
    """Fits a model to a table and writes all that is told of it into a folder.

    Args:
        table: Parquet, CSV or Arrow file, or a folder of them.
        spec_path: What its columns are; see `ml.own_table.spec`.
        out: Folder of the results. What it holds of the same table, spec and code is not made again.
        say: Told how far it is.

    Returns:
        The report, `report.json`.

    Raises:
        BadInputError: The spec or the table cannot be used; says why and what to do.
    """
    started = time.perf_counter()
    spec, source = load_spec(spec_path), open_source(table)
    layout = resolve(spec.streams, source, spec.columns)
    check_labels(spec, layout, source)
    if out.exists() and not out.is_dir():
        raise BadInputError(f"{out} is a file: name a folder for the results.")
    matrix = read_matrix(source, layout, spec.columns, spec.where, out / "table", say)
    run = _run_digest(matrix, spec)
    if _is_done(out, run):
        say(f"Nothing to do: {out / REPORT} is of this table, spec and code.")
        return out / REPORT
    return _fit(spec, matrix, out, run, table, started, say)


def _fit(spec: Spec, matrix: Matrix, out: Path, run: str, table: Path, started: float, say: Say) -> Path:
    notes = notes_on_columns(matrix)
    labels = read_labels(spec, matrix)
    data = matrix.streams
    plans = make_plans(spec, matrix, spec.budget.seed) if labels else ()
    tasks = make_tasks(plans, labels, spec.budget.probe_rows, spec.budget.seed) if labels else []
    notes += notes_on_rows(tasks, labels, data)
    for note in notes:
        say(f"Note: {note}")
    encoders = 1 + sum(len(plan.held_out()) for plan in plans)
    config = spec.config(epochs(spec, data, encoders, out / "budget.json", run, say))
    say(f"Training {encoders} encoders, {config.epochs} epochs each: on all rows, and without each fold held out.")
    rows = training_rows(np.arange(len(data)), spec)
    trained, _ = trained_once(out / "models", data, config, rows, _teller("all rows", config, say))
    outcomes = [_outcome(task, trained, data, spec, out / "models", say) for task in tasks]
    say("Embedding the table.")
    write_embeddings(out / EMBEDDINGS, trained.encoder, config.width, matrix, spec.keys)
    _write_model(out, trained, matrix, spec)
    result = Result(
        run=run,
        table=table,
        spec=spec,
        matrix=matrix,
        trained=trained,
        reconstruction=trained.reconstruction_r2(data, spread(rows, _JUDGED_ROWS)),
        outcomes=tuple(outcomes),
        notes=tuple(notes),
        neighbours=study_neighbours(trained, matrix, spec, origin_of(spec, table)),
        encoders=encoders,
        seconds=time.perf_counter() - started,
    )
    write_report(out, result)
    say(f"Done in {result.seconds:.0f} s: {out / 'report.html'}")
    return out / REPORT


def _outcome(task: Task, whole: Trained, data: StreamTable, spec: Spec, folder: Path, say: Say) -> Outcome:
    """Scores of a split: encoders trained without each fold, and beside them what needs no such encoder."""
    raw = np.asarray(data.raw[task.rows])
    folds = [number for number, *_ in task.plan.held_out()]
    beside = {ALL_ROWS: run_network(whole.encoder, raw), RAW: raw_columns(whole.encoder.preprocessing, raw)}
    parts = [score(beside, task, folds)]
    rebuilt = []
    for number, training, trained in _without_each_fold(task, whole.config, data, spec, folder, say):
        components = principal_components(trained.encoder.preprocessing, data.raw, training, whole.config.width)
        features = {EMBEDDING: run_network(trained.encoder, raw), PCA: run_network(components, raw)}
        parts.append(score(features, task, [number]))
        held_out = spread(np.flatnonzero(task.plan.fold == number), _JUDGED_ROWS)
        rebuilt.append(trained.reconstruction_r2(data, held_out))
        say(f"Scored {task.plan.name}, {task.plan.folds[number]}.")
    reconstruction = {name: float(np.mean([fold[name] for fold in rebuilt])) for name in rebuilt[0]}
    return gather(task, parts, reconstruction, spec.budget.seed)


def _without_each_fold(
    task: Task, config: TrainingConfig, data: StreamTable, spec: Spec, folder: Path, say: Say
) -> Iterator[tuple[int, Rows, Trained]]:
    """Number, training rows and encoder of each fold; two train side by side where the table is small."""
    stop = Event()

    def trained(number: int, name: str, rows: Rows) -> tuple[int, Rows, Trained]:
        chosen = training_rows(rows, spec)
        tell = _teller(f"without {name}", config, say, stop)
        return number, chosen, trained_once(folder, data, config, chosen, tell)[0]

    held_out = task.plan.held_out()
    if data.raw.size > _SMALL:
        yield from (trained(*fold) for fold in held_out)
        return
    with reproducible(config.threads), ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        tasks = [pool.submit(trained, *fold) for fold in held_out]
        try:
            for done in tasks:
                yield done.result()
        finally:  # also when it is interrupted: a thread ends when its epoch does
            stop.set()
            pool.shutdown(cancel_futures=True)


def _teller(what: str, config: TrainingConfig, say: Say, stop: Event | None = None) -> Callable[[Epoch], None]:
    every = max(1, config.epochs // 4)

    def tell(epoch: Epoch) -> None:
        if epoch.number % every == 0 or epoch.number == config.epochs:
            say(f"Training {what}: epoch {epoch.number}/{config.epochs}, loss {epoch.loss:.4f}")
        if stop is not None and stop.is_set():
            raise KeyboardInterrupt

    return tell


def notes_on_rows(tasks: list[Task], labels: Labels, data: StreamTable) -> list[str]:
    """Sentences on labels, folds and samples that a reader of the scores should know."""
    notes = [
        f"{copy}: the scores of {copy.label} say nothing unless {copy.column} may be known."
        for copy in leakage.copied_labels(labels.quantities, data.schema.columns, data.raw)
    ]
    for task in tasks:
        scored = {name for _, name, _ in task.plan.held_out()}
        if few := [name for name in task.plan.folds if name not in scored]:
            notes.append(f"{task.plan.name}: {', '.join(few)} has too few rows to be scored by itself.")
    if tasks and len(tasks[0].rows) < (known := int(labels.known.any(axis=1).sum())):
        notes.append(f"The probes see {len(tasks[0].rows):,} of {known:,} labelled rows, drawn at random.")
    return notes


def _write_model(out: Path, trained: Trained, matrix: Matrix, spec: Spec) -> None:
    with replacing(out / EXPORTED) as temporary:
        temporary.write_bytes(export(trained.encoder))
    save_trained(out / MODEL, trained)
    save_columns(out, matrix.layout, spec.keys)


def _run_digest(matrix: Matrix, spec: Spec) -> str:
    """Digest of the table, the spec and the code: what a report is a function of."""
    code = (
        code_version(probes, ridge, class_probes, sampling, splits, intervals, leakage)
        + package_version(own_table)
        + training_code()
    )
    told = f"{matrix.digest} {spec.model_dump_json()} {code} {sys.version_info[:2]}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _is_done(out: Path, run: str) -> bool:
    path = out / REPORT
    if not path.exists() or not all((out / name).exists() for name in (MODEL, EXPORTED, EMBEDDINGS, "report.html")):
        return False
    return bool(json.loads(path.read_text(encoding="utf-8"))["run"] == run)
