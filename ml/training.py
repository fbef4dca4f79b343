"""Training of an encoder under any objective.

A run is a function of its configuration and data: every epoch draws from generators seeded by (seed, epoch), so that a
run which was killed and goes on from its checkpoint ends with the same weights as one that was not.
"""

import copy
import hashlib
import logging
import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from lake.code_version import code_version, package_version
from lake.errors import BadInputError
from ml import batches, capacity, car, fusion, normalisers, objectives, preprocessing
from ml import config as configuration
from ml import schema as schemas
from ml.batches import Rows, held_out, spread
from ml.capacity import gradient_share
from ml.car import Decoders
from ml.config import TrainingConfig
from ml.dataset import StreamTable
from ml.fusion import Encoder, make_fusion
from ml.objectives import Objective, make_objective
from ml.preprocessing import CHUNK, Standardised, fit_preprocessing
from ml.schema import Schema
from ml.weights import write_atomically

log = logging.getLogger(__name__)

_SAMPLE_ROWS = 4_096
_SHARE_ROWS = 1_024
"""Rows on which the share of the gradient is looked at after each epoch: a step's worth."""
_IN_MEMORY = 256 << 20
"""Bytes of normalised training rows up to which they are normalised once and not once an epoch."""
_GLOBAL_GENERATOR = Lock()  # initial weights are drawn from it
_PARTS = ("encoder", "objective", "optimiser", "schedule")


@dataclass(frozen=True)
class Epoch:
    """What one pass over the training rows showed.

    Attributes:
        number: From 1.
        loss: Mean total loss over the steps.
        validation_loss: Total loss on the rows held out; None where none are.
        stream_loss: Mean unweighted loss of each stream over the steps; empty where the objective has none.
        gradient_share: Share of each stream in Σ‖∂(wₛLₛ)/∂z‖ on a fixed batch after the pass: what reaches the encoder;
            empty where nothing is reconstructed.
        seconds: Time it took.
    """

    number: int
    loss: float
    validation_loss: float | None
    stream_loss: dict[str, float]
    gradient_share: dict[str, float]
    seconds: float


@dataclass(frozen=True)
class Trained:
    """A trained encoder with what it was trained by.

    Attributes:
        encoder: Raw columns to embeddings.
        objective: Its decoders and the like.
        schema: The streams it takes.
        config: Configuration of the run.
        history: One entry an epoch.
    """

    encoder: Encoder
    objective: Objective
    schema: Schema
    config: TrainingConfig
    history: tuple[Epoch, ...]

    def reconstruction_r2(self, data: StreamTable, rows: Rows) -> dict[str, float]:
        """R² of each stream's reconstruction on some rows; empty where the objective reconstructs nothing."""
        decoders = self.objective.decoders
        if decoders is None:
            return {}
        return capacity.reconstruction_r2(self.encoder, decoders, self.schema, data.raw, rows)


@dataclass
class _State:
    """What a checkpoint holds, live."""

    encoder: Encoder
    objective: Objective
    optimiser: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.OneCycleLR
    history: list[Epoch] = field(default_factory=list)
    best: dict[str, Any] | None = None

    @property
    def parameters(self) -> list[nn.Parameter]:
        found = [*self.encoder.parameters(), *self.objective.parameters()]
        return [parameter for parameter in found if parameter.requires_grad]

    def is_best(self) -> bool:
        """Whether no epoch before the last had as low a validation loss."""
        losses = [epoch.validation_loss for epoch in self.history if epoch.validation_loss is not None]
        return bool(losses) and losses[-1] <= min(losses)

    def has_stalled(self, patience: int) -> bool:
        """Whether the last so many epochs brought no better validation loss."""
        losses = [epoch.validation_loss for epoch in self.history if epoch.validation_loss is not None]
        return patience > 0 and len(losses) > patience and min(losses[:-patience]) <= min(losses[-patience:])

    def remember_best(self) -> None:
        """Keeps the weights as they are."""
        self.best = copy.deepcopy({name: getattr(self, name).state_dict() for name in ("encoder", "objective")})

    def take_best(self) -> None:
        """Brings back the weights of the epoch with the lowest validation loss."""
        for name, weights in (self.best or {}).items():
            getattr(self, name).load_state_dict(weights)


def train(
    data: StreamTable,
    config: TrainingConfig,
    train_rows: Rows,
    checkpoint: Path | None = None,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> Trained:
    """Fits preprocessing, encoder and objective on the training rows; no label is used.

    Args:
        data: Streams in raw units, in memory or memory-mapped; memory grows with the batch and not with the table.
        config: See there.
        train_rows: Row numbers to train on.
        checkpoint: File written after each epoch and read at the start, where it is of the same run; None: no file.
        on_epoch: Called after each epoch of this process, to log curves.

    Raises:
        BadInputError: Fewer rows than two, rows of which no stream is there, a loss that is not finite, or a name of a
            fusion or objective that is not known.
    """
    train_rows = _with_something(data.raw, train_rows)
    if len(train_rows) < 2:
        raise BadInputError("Training needs at least two pixels of which some stream is there: check the streams.")
    run = fingerprint(data, config, train_rows)
    device = _device()
    with reproducible(config.threads):
        fit_rows, validation_rows = held_out(train_rows) if config.patience else (train_rows, train_rows[:0])
        state = _initialise(data, config, fit_rows, device)
        source = _Source(data, state.encoder, fit_rows, device)
        if checkpoint is not None:
            _restore(checkpoint, state, run)
        while len(state.history) < config.epochs and not state.has_stalled(config.patience):
            epoch = _run_epoch(source, validation_rows, config, state)
            state.history.append(epoch)
            if state.is_best():
                state.remember_best()
            log.info(
                "%s %s, epoch %d/%d: loss %.4f, %.1f s",
                config.objective, config.reconstruction, epoch.number, config.epochs, epoch.loss, epoch.seconds,
            )  # fmt: skip
            if checkpoint is not None:
                _save(checkpoint, state, run)
            if on_epoch is not None:
                on_epoch(epoch)
        state.take_best()
    encoder, objective = state.encoder.eval().cpu(), state.objective.eval().cpu()
    return Trained(encoder, objective, data.schema, config, tuple(state.history))


@contextmanager
def reproducible(threads: int) -> Iterator[None]:
    """The same sums in the same order, whatever the process was set to before and is set to again afterwards.

    The settings are the process's: who trains in several threads puts this around all of them.
    """
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # without it cuBLAS refuses to be deterministic
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        torch.use_deterministic_algorithms(before[1])


class _Source:
    """Batches on the network's scale: normalised once where the training rows are few, each time where they are many.

    Args:
        data: Streams in raw units.
        encoder: Its preprocessing is fitted.
        rows: The rows to train on.
        device: Where batches are wanted.
    """

    def __init__(self, data: StreamTable, encoder: Encoder, rows: Rows, device: torch.device) -> None:
        self.rows, self.device = rows, device
        self._raw, self._preprocessing = data.raw, encoder.preprocessing
        self._place: NDArray[np.int64] | None = None
        if 2 * 4 * len(rows) * data.schema.width <= _IN_MEMORY:
            self._place = np.full(len(data), -1, np.int64)
            self._place[rows] = np.arange(len(rows))
            self._ready = self._normalised(rows)

    def batch(self, rows: Rows) -> Standardised:
        """Some rows, any of the table's."""
        if self._place is not None and (places := self._place[rows]).min(initial=0) >= 0:
            return self._ready[torch.from_numpy(places)].to(self.device)
        return self._normalised(rows).to(self.device)

    def _normalised(self, rows: Rows) -> Standardised:
        device = self._preprocessing.codes.device
        parts = [
            self._preprocessing.standardise(torch.from_numpy(self._raw[rows[start : start + CHUNK]]).to(device))
            for start in range(0, max(len(rows), 1), CHUNK)
        ]
        if len(parts) == 1:
            return parts[0]
        fields = ("values", "observed", "presence")
        return Standardised(*(torch.cat([getattr(part, name) for part in parts]) for name in fields))


def _device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _with_something(raw: NDArray[np.float32], rows: Rows) -> Rows:
    """The rows of which some column is there, looked at a chunk at a time."""
    kept = [
        part[np.isfinite(raw[part]).any(axis=1)]
        for part in (rows[start : start + CHUNK] for start in range(0, max(len(rows), 1), CHUNK))
    ]
    return np.concatenate(kept)


def _initialise(data: StreamTable, config: TrainingConfig, rows: Rows, device: torch.device) -> _State:
    fitted = fit_preprocessing(data.raw, rows, data.schema, config.normalisation)
    sample = torch.from_numpy(data.raw[spread(rows, CHUNK)])
    variance = stream_variance(fitted.standardise(sample), data.schema)
    with _GLOBAL_GENERATOR, torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        encoder = Encoder(fitted, make_fusion(config.fusion, config.width, config.hidden, data.schema)).to(device)
        objective = make_objective(config, data.schema, variance).to(device)
    state = _State(encoder, objective, *_optimiser(encoder, objective, config, rows))
    return state


def _optimiser(
    encoder: Encoder, objective: Objective, config: TrainingConfig, rows: Rows
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.OneCycleLR]:
    parameters = [p for p in (*encoder.parameters(), *objective.parameters()) if p.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=config.learning_rate, weight_decay=config.weight_decay, fused=True)
    steps = config.epochs * batches.steps(rows, config.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, config.learning_rate, total_steps=steps, pct_start=0.15)
    return optimiser, schedule


def stream_variance(sample: Standardised, schema: Schema) -> dict[str, float]:
    """Mean variance of each stream's columns where they are observed; 1 for a stream that never varies."""
    count = sample.observed.sum(dim=0).clamp(min=1.0)
    mean = sample.values.sum(dim=0) / count
    variance = ((sample.values - mean) ** 2 * sample.observed).sum(dim=0) / count
    return {name: float(variance[columns].mean()) or 1.0 for name, columns in schema.slices.items()}


def _run_epoch(source: _Source, validation_rows: Rows, config: TrainingConfig, state: _State) -> Epoch:
    number, start = len(state.history) + 1, time.perf_counter()
    generator = torch.Generator().manual_seed(config.seed * 10_007 + number)
    state.encoder.train()
    parameters = state.parameters
    order = batches.batches(source.rows, config.batch, (config.seed, number))
    losses = []
    for rows in order:
        with _matrix_precision(config, source.device):
            loss = state.objective.loss(state.encoder.fusion, source.batch(rows), generator)
        state.optimiser.zero_grad(set_to_none=True)
        loss.total.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(parameters, 5.0, foreach=True)
        state.optimiser.step()
        state.schedule.step()
        state.objective.after_step(state.encoder.fusion)
        losses.append(torch.stack([loss.total.detach(), *(term.detach() for term in loss.by_stream.values())]).cpu())
    mean = torch.stack(losses).mean(dim=0).tolist()
    if not math.isfinite(mean[0]):
        raise BadInputError(
            f"The loss of epoch {number} is not finite: lower the learning rate, or look at the streams."
        )
    state.encoder.eval()
    return Epoch(
        number,
        mean[0],
        _validation_loss(source, validation_rows, config, state),
        dict(zip(loss.by_stream, mean[1:], strict=True)),
        _gradient_share(state.encoder, state.objective.decoders, source),
        time.perf_counter() - start,
    )


def _matrix_precision(config: TrainingConfig, device: torch.device) -> Any:
    """Products of matrices in bfloat16 where that is asked for, or wise; sums and losses stay in float32."""
    wanted = config.precision == "bfloat16" or (config.precision == "auto" and device.type == "cuda")
    return torch.autocast(device.type, torch.bfloat16) if wanted else nullcontext()


def _validation_loss(source: _Source, rows: Rows, config: TrainingConfig, state: _State) -> float | None:
    """Mean loss on rows held out, under the same masks after every epoch."""
    if not len(rows):
        return None
    generator = torch.Generator().manual_seed(config.seed)
    losses = []
    with torch.no_grad():
        for start in range(0, len(rows), config.batch):
            batch = source.batch(rows[start : start + config.batch])
            losses.append(float(state.objective.loss(state.encoder.fusion, batch, generator).total) * len(batch.values))
    return sum(losses) / len(rows)


def _gradient_share(encoder: Encoder, decoders: Decoders | None, source: _Source) -> dict[str, float]:
    if decoders is None:
        return {}
    return gradient_share(encoder, decoders, source.batch(spread(source.rows, _SHARE_ROWS)))


def training_code() -> str:
    """Digest of the code that a training run depends on, and of torch's version."""
    modules = (sys.modules[__name__], batches, capacity, car, configuration, normalisers, preprocessing, schemas)
    return code_version(*modules) + package_version(fusion) + package_version(objectives) + torch.__version__


def fingerprint(data: StreamTable, config: TrainingConfig, rows: Rows) -> str:
    """Digest of what a run is a function of: a checkpoint of another run must not be gone on from.

    Args:
        data: Streams in raw units.
        config: Of the run.
        rows: Row numbers trained on.
    """
    told = f"{training_code()} {_device().type} {sorted(asdict(config).items())} {data.schema.to_dict()}"
    digest = hashlib.sha256(told.encode())
    digest.update(rows.tobytes())
    digest.update(data.raw[spread(rows, _SAMPLE_ROWS)].tobytes())
    for start in range(0, len(data.raw), CHUNK):
        digest.update(np.nansum(data.raw[start : start + CHUNK], axis=0, dtype=np.float64).tobytes())
    return digest.hexdigest()[:16]


def _save(path: Path, state: _State, run: str) -> None:
    content = {name: getattr(state, name).state_dict() for name in _PARTS}
    history = [asdict(epoch) for epoch in state.history]
    write_atomically(path, {"run": run, "history": history, "best": state.best, **content})


def _restore(path: Path, state: _State, run: str) -> None:
    if not path.exists():
        return
    content = torch.load(path, weights_only=True)
    if content["run"] != run:
        log.info("The checkpoint %s is of another configuration or data: training begins anew.", path)
        return
    for name in _PARTS:
        getattr(state, name).load_state_dict(content[name])
    state.history.extend(Epoch(**epoch) for epoch in content["history"])
    state.best = content["best"]
    log.info("Training goes on after epoch %d of %s.", len(state.history), path)
