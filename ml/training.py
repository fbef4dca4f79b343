"""Training of the encoder under CAR or under its shared-reconstruction twin; the rest is the same for both.

A run is a function of its configuration and data: every epoch draws from generators seeded by (seed, epoch), so that a
run which was killed and goes on from its checkpoint ends with the same weights as one that was not.
"""

import hashlib
import logging
import math
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Lock
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lake import streams
from lake.errors import BadInputError
from lake.streams import STREAMS
from ml import car, fusion, preprocessing
from ml.car import CapacityAdaptiveReconstruction, SharedReconstruction, Weights, decorrelation
from ml.code_version import code_version
from ml.dataset import StreamTable
from ml.fusion import ConcatMLP, Encoder, leading, mask_streams
from ml.preprocessing import Standardised, fit_preprocessing, raw_matrix, stream_slices
from ml.weights import write_atomically

log = logging.getLogger(__name__)

Objective = CapacityAdaptiveReconstruction | SharedReconstruction
_SAMPLE_ROWS = 4_096
_GLOBAL_GENERATOR = Lock()  # initial weights are drawn from it
_PARTS = ("encoder", "objective", "heads", "optimiser", "schedule")


@dataclass(frozen=True)
class TrainingConfig:
    """What a training run is a function of, besides its data.

    Attributes:
        reconstruction: `car` (a decoder and a loss per stream) or `shared` (one of each).
        weights: Weights of CAR's losses: `uniform` or `learned`.
        width: Width of the embedding.
        heads: Widths of the Matryoshka heads: leading dimensions that reconstruct on their own as well.
        hidden: Width of the encoder's hidden layers.
        masking: Probability with which a stream is hidden from a row.
        decorrelation: Weight of mean|z·z′|.
        epochs: Passes over the training rows.
        batch: Rows a step.
        learning_rate: Peak of the one-cycle schedule (AdamW).
        weight_decay: Of AdamW.
        threads: CPU threads; part of the configuration, for sums depend on it. With one, two models train side by side
            in about the time that two threads take for one, and neither waits for the other where cores are shared.
        seed: Of initial weights, order and masks.
    """

    reconstruction: Literal["car", "shared"] = "car"
    weights: Weights = "uniform"
    width: int = 256
    heads: tuple[int, ...] = (128, 64)
    hidden: int = 256
    masking: float = 0.3
    decorrelation: float = 0.05
    epochs: int = 3
    batch: int = 1_024
    learning_rate: float = 2e-3
    weight_decay: float = 1e-4
    threads: int = 1
    seed: int = 2025


@dataclass(frozen=True)
class Epoch:
    """What one pass over the training rows showed.

    Attributes:
        number: From 1.
        loss: Mean total loss over the steps.
        stream_loss: Mean unweighted loss of each stream over the steps.
        gradient_share: Share of each stream in Σ‖∂(wₛLₛ)/∂z‖ on a fixed batch after the pass: what reaches the encoder.
        seconds: Time it took.
    """

    number: int
    loss: float
    stream_loss: dict[str, float]
    gradient_share: dict[str, float]
    seconds: float


@dataclass(frozen=True)
class Trained:
    """A trained encoder with what it was trained by.

    Attributes:
        encoder: Raw columns to embeddings.
        objective: Its decoders.
        config: Configuration of the run.
        history: One entry an epoch.
    """

    encoder: Encoder
    objective: Objective
    config: TrainingConfig
    history: tuple[Epoch, ...]


@dataclass
class _State:
    """What a checkpoint holds, live."""

    encoder: Encoder
    objective: Objective
    heads: nn.ModuleDict
    optimiser: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.OneCycleLR
    history: list[Epoch] = field(default_factory=list)

    @property
    def parameters(self) -> list[nn.Parameter]:
        return [*self.encoder.parameters(), *self.objective.parameters(), *self.heads.parameters()]


def train(
    data: StreamTable,
    config: TrainingConfig,
    train_rows: NDArray[np.int64],
    checkpoint: Path | None = None,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> Trained:
    """Fits preprocessing, encoder and decoders on the training rows; no label is used.

    Args:
        data: Streams in raw units.
        config: See there.
        train_rows: Row numbers to train on.
        checkpoint: File written after each epoch and read at the start, where it is of the same run; None: no file.
        on_epoch: Called after each epoch of this process, to log curves.

    Raises:
        BadInputError: Fewer rows than two, rows of which no stream is there, or a loss that is not finite.
    """
    raw = raw_matrix(data.values)
    train_rows = train_rows[np.isfinite(raw[train_rows]).any(axis=1)]
    if len(train_rows) < 2:
        raise BadInputError("Training needs at least two pixels of which some stream is there: check the streams.")
    run = fingerprint(raw, config, train_rows)
    with reproducible(config.threads):
        state = _initialise(raw, config, train_rows)
        if checkpoint is not None:
            _restore(checkpoint, state, run)
        while len(state.history) < config.epochs:
            epoch = _run_epoch(raw, train_rows, config, state)
            state.history.append(epoch)
            log.info(
                "%s epoch %d/%d: loss %.4f, %.1f s",
                config.reconstruction, epoch.number, config.epochs, epoch.loss, epoch.seconds,
            )  # fmt: skip
            if checkpoint is not None:
                _save(checkpoint, state, run)
            if on_epoch is not None:
                on_epoch(epoch)
    state.encoder.eval()
    return Trained(state.encoder, state.objective, config, tuple(state.history))


@contextmanager
def reproducible(threads: int) -> Iterator[None]:
    """The same sums in the same order, whatever the process was set to before and is set to again afterwards.

    The settings are the process's: who trains in several threads puts this around all of them.
    """
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        torch.use_deterministic_algorithms(before[1])


def _initialise(raw: NDArray[np.float32], config: TrainingConfig, rows: NDArray[np.int64]) -> _State:
    fitted = fit_preprocessing(raw, rows)
    variance = _variance(fitted.standardise(torch.from_numpy(raw[_spread(rows, 65_536)])))
    with _GLOBAL_GENERATOR, torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        encoder = Encoder(fitted, ConcatMLP(config.width, config.hidden))
        objective = make_objective(config, config.width, variance)
        heads = nn.ModuleDict({str(width): make_objective(config, width, variance) for width in config.heads})
    parameters = [*encoder.parameters(), *objective.parameters(), *heads.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=config.learning_rate, weight_decay=config.weight_decay, fused=True)
    steps = config.epochs * len(_batches(rows, config, 0))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, config.learning_rate, total_steps=steps, pct_start=0.15)
    return _State(encoder, objective, heads, optimiser, schedule)


def make_objective(config: TrainingConfig, width: int, variance: Mapping[str, float]) -> Objective:
    """The decoders of a configuration for an embedding of some width, with new weights."""
    if config.reconstruction == "shared":
        return SharedReconstruction(width)
    return CapacityAdaptiveReconstruction(width, variance, config.weights)


def _variance(sample: Standardised) -> dict[str, float]:
    """Mean variance of each stream's columns where they are observed; 1 for a stream that never varies."""
    count = sample.observed.sum(dim=0).clamp(min=1.0)
    mean = sample.values.sum(dim=0) / count
    variance = ((sample.values - mean) ** 2 * sample.observed).sum(dim=0) / count
    return {name: float(variance[columns].mean()) or 1.0 for name, columns in stream_slices().items()}


def _run_epoch(raw: NDArray[np.float32], rows: NDArray[np.int64], config: TrainingConfig, state: _State) -> Epoch:
    number, start = len(state.history) + 1, time.perf_counter()
    generator = torch.Generator().manual_seed(config.seed * 10_007 + number)
    state.encoder.train()
    batches = _batches(rows, config, number)
    losses = torch.zeros(len(batches), 1 + len(STREAMS))
    for step, batch_rows in enumerate(batches):
        batch = state.encoder.preprocessing.standardise(torch.from_numpy(raw[batch_rows]))
        loss, terms = _loss(batch, config, state, generator)
        state.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(state.parameters, 5.0)
        state.optimiser.step()
        state.schedule.step()
        losses[step] = torch.stack([loss.detach(), *(term.detach() for term in terms.values())])
    mean = losses.mean(dim=0).tolist()
    if not math.isfinite(mean[0]):
        raise BadInputError(
            f"The loss of epoch {number} is not finite: lower the learning rate, or look at the streams."
        )
    share = gradient_share(state.encoder, state.objective, raw[_spread(rows, _SAMPLE_ROWS)])
    return Epoch(number, mean[0], dict(zip(STREAMS, mean[1:], strict=True)), share, time.perf_counter() - start)


def _loss(
    batch: Standardised, config: TrainingConfig, state: _State, generator: torch.Generator
) -> tuple[Tensor, dict[str, Tensor]]:
    """The total with its heads and decorrelation, and the full width's own terms by stream."""
    embedding = state.encoder.fusion(*mask_streams(batch, config.masking, generator))
    terms = state.objective.terms(embedding, batch)
    total = state.objective.total(terms) + config.decorrelation * decorrelation(embedding)
    for width, head in state.heads.items():
        assert isinstance(head, CapacityAdaptiveReconstruction | SharedReconstruction)
        total = total + head.total(head.terms(leading(embedding, int(width)), batch))
    return total, terms


def gradient_share(encoder: Encoder, objective: Objective, raw: NDArray[np.float32]) -> dict[str, float]:
    """Share of each stream in the gradient that reaches the embedding: ‖∂(wₛLₛ)/∂z‖ over their sum.

    Args:
        encoder: Its embeddings are taken without masking.
        objective: The decoders.
        raw: Raw columns; float32 (n, columns).
    """
    batch = encoder.preprocessing.standardise(torch.from_numpy(raw))
    embedding = encoder.fusion(batch.values, batch.presence).detach().requires_grad_()
    norms = {}
    for name, term in objective.terms(embedding, batch).items():
        (gradient,) = torch.autograd.grad(objective.weight(name).detach() * term, embedding, retain_graph=True)
        norms[name] = float(gradient.norm())
    total = sum(norms.values()) or 1.0
    return {name: norm / total for name, norm in norms.items()}


def reconstruction_r2(trained: Trained, data: StreamTable, rows: NDArray[np.int64]) -> dict[str, float]:
    """R² of each stream's reconstruction, on the standardised scale, over all its columns and the rows given.

    For a stream of the kind `direction` under CAR only the direction is decoded, so that its length is fitted by one
    number a row before R² is taken; the same is done for both objectives.
    """
    raw = raw_matrix(data.values)
    residual = dict.fromkeys(STREAMS, 0.0)
    total = dict.fromkeys(STREAMS, 0.0)
    with torch.inference_mode():
        for start in range(0, len(rows), _SAMPLE_ROWS):
            batch = trained.encoder.preprocessing.standardise(torch.from_numpy(raw[rows[start : start + _SAMPLE_ROWS]]))
            decoded = trained.objective.reconstruct(trained.encoder.fusion(batch.values, batch.presence))
            for name, columns in stream_slices().items():
                target, found = batch.values[:, columns], decoded[:, columns] * batch.observed[:, columns]
                if STREAMS[name].kind == "direction":
                    found = found * (target * found).sum(1, keepdim=True) / (found**2).sum(1, keepdim=True).clamp(1e-12)
                residual[name] += float(((target - found) ** 2).sum())
                total[name] += float((target**2).sum())
    return {name: 1.0 - residual[name] / total[name] if total[name] else float("nan") for name in STREAMS}


def _batches(rows: NDArray[np.int64], config: TrainingConfig, epoch: int) -> list[NDArray[np.int64]]:
    """Shuffled batches; a last one of a single row joins the one before, for it would have no neighbour to roll to."""
    order = np.random.default_rng((config.seed, epoch)).permutation(rows)
    starts = list(range(0, len(order), config.batch))
    if len(starts) > 1 and len(order) - starts[-1] < 2:
        starts.pop()
    return [order[a:b] for a, b in zip(starts, [*starts[1:], len(order)], strict=True)]


def _spread(rows: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """At most so many of the rows, evenly spread."""
    return rows[:: max(1, math.ceil(len(rows) / most))]


def training_code() -> str:
    """Digest of the code that a training run depends on, and of torch's version."""
    return code_version(sys.modules[__name__], car, fusion, preprocessing, streams) + torch.__version__


def fingerprint(raw: NDArray[np.float32], config: TrainingConfig, rows: NDArray[np.int64]) -> str:
    """Digest of what a run is a function of: a checkpoint of another run must not be gone on from.

    Args:
        raw: Raw columns; float32 (n, columns).
        config: Of the run.
        rows: Row numbers trained on.
    """
    digest = hashlib.sha256(f"{training_code()} {sorted(asdict(config).items())}".encode())
    digest.update(rows.tobytes())
    digest.update(raw[_spread(rows, _SAMPLE_ROWS)].tobytes())
    digest.update(np.nansum(raw, axis=0, dtype=np.float64).tobytes())
    return digest.hexdigest()[:16]


def _save(path: Path, state: _State, run: str) -> None:
    content = {name: getattr(state, name).state_dict() for name in _PARTS}
    history = [asdict(epoch) for epoch in state.history]
    write_atomically(path, {"run": run, "history": history, **content})


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
    log.info("Training goes on after epoch %d of %s.", len(state.history), path)
