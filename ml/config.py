"""What a training run is a function of, besides its data."""

from dataclasses import dataclass
from typing import Literal

from ml.car import StreamLoss, Weights
from ml.normalisers import Normalisation

ReconstructionKind = Literal["car", "shared"]
Precision = Literal["auto", "float32", "bfloat16"]


@dataclass(frozen=True)
class TrainingConfig:
    """What a training run is a function of, besides its data.

    Attributes:
        fusion: Encoder that makes one embedding of the streams, one of `ml.fusion.FUSIONS`.
        objective: What it is trained for, one of `ml.objectives.OBJECTIVES`.
        reconstruction: Decoders of objectives that reconstruct: `car` (one and a loss per stream) or `shared`.
        weights: Weights of CAR's losses: `uniform` or `learned`.
        stream_loss: CAR's losses: `by_kind` (cosine for directions) or `squared` for every stream.
        normalisation: Of the columns, fitted on the training rows.
        width: Width of the embedding.
        heads: Widths of the Matryoshka heads: leading dimensions that are trained to stand on their own as well.
        hidden: Width of the encoder's hidden layers.
        masking: Probability with which a stream is hidden from a row.
        decorrelation: Weight of mean|z·z′|.
        epochs: Passes over the training rows at most.
        patience: Epochs without a better validation loss after which training ends; 0: it never ends early, and no
            row is held out for validation.
        batch: Rows a step.
        learning_rate: Peak of the one-cycle schedule (AdamW).
        weight_decay: Of AdamW.
        precision: `auto`: bfloat16 matrix products on a GPU, float32 on CPUs.
        threads: CPU threads; part of the configuration, for sums depend on it. With one, two models train side by side
            in about the time that two threads take for one, and neither waits for the other where cores are shared.
        seed: Of initial weights, order and masks.
    """

    fusion: str = "concat_mlp"
    objective: str = "masked_stream"
    reconstruction: ReconstructionKind = "car"
    weights: Weights = "uniform"
    stream_loss: StreamLoss = "by_kind"
    normalisation: Normalisation = "log1p_z"
    width: int = 256
    heads: tuple[int, ...] = (128, 64)
    hidden: int = 256
    masking: float = 0.3
    decorrelation: float = 0.05
    epochs: int = 3
    patience: int = 0
    batch: int = 1_024
    learning_rate: float = 2e-3
    weight_decay: float = 1e-4
    precision: Precision = "auto"
    threads: int = 1
    seed: int = 2025
