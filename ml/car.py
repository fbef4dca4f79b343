"""Capacity-adaptive reconstruction (CAR) and its baseline, shared reconstruction (docs/methods.md, arXiv 2606.20697).

Shared reconstruction has one decoder for all columns, so that a stream's share of the gradient grows with its width
and narrow streams are suppressed. CAR gives each stream a decoder and a loss of its own, normalised by width and
variance. The abstract tells the idea; the widths, weights and losses below are ours.
"""

from collections.abc import Mapping
from typing import Literal, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity

from lake.streams import STREAMS, Stream
from ml.preprocessing import COLUMNS, Standardised, stream_slices

Weights = Literal["uniform", "learned"]
SHARED_HIDDEN = 256


class Reconstruction(Protocol):
    """An objective over an embedding: which terms it has, and how they add up."""

    def reconstruct(self, embedding: Tensor) -> Tensor:
        """The columns as decoded, on the standardised scale; float32 (n, columns)."""

    def terms(self, embedding: Tensor, batch: Standardised) -> dict[str, Tensor]:
        """Each stream's contribution to the total, before weighting; scalars."""

    def total(self, terms: Mapping[str, Tensor]) -> Tensor:
        """The loss that the terms add up to; a scalar."""

    def weight(self, stream: str) -> Tensor:
        """Weight of a stream's term in the total; a scalar."""


def decoder_width(stream_width: int) -> int:
    """Hidden width of a stream's decoder: 8√D, kept within 16 and 256 (ours)."""
    return int(np.clip(round(8 * np.sqrt(stream_width)), 16, 256))


def _decoder(width: int, hidden: int, columns: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, columns))


class CapacityAdaptiveReconstruction(nn.Module):
    """A decoder and a normalised loss per stream: L = Σₛ wₛ mₛ ‖xₛ − x̂ₛ‖² / (Dₛ · Var xₛ).

    mₛ is 1 where a row has the stream, whether it was masked or not. Streams of the kind `direction` take
    1 − cos(xₛ, x̂ₛ) in place of the squared error. Weights are 1, or learned: ½e^(−ηₛ)Lₛ + ½ηₛ.

    Args:
        width: Width of the embedding.
        variance: Mean variance of each stream's standardised columns over the training rows.
        weights: `uniform` or `learned`.
    """

    def __init__(self, width: int, variance: Mapping[str, float], weights: Weights = "uniform") -> None:
        super().__init__()
        self.decoders = nn.ModuleDict(
            {name: _decoder(width, decoder_width(stream.width), stream.width) for name, stream in STREAMS.items()}
        )
        self.variance = dict(variance)
        self.log_variance = nn.ParameterDict(
            {name: nn.Parameter(torch.zeros(())) for name in STREAMS} if weights == "learned" else {}
        )

    def reconstruct(self, embedding: Tensor) -> Tensor:
        """The columns as decoded, on the standardised scale; float32 (n, columns)."""
        return torch.cat([decoder(embedding) for decoder in self.decoders.values()], dim=1)

    def terms(self, embedding: Tensor, batch: Standardised) -> dict[str, Tensor]:
        """Lₛ of each stream; scalars."""
        slices = stream_slices()
        return {
            name: self._loss(stream, embedding, batch.values[:, slices[name]], batch.observed[:, slices[name]])
            for name, stream in STREAMS.items()
        }

    def total(self, terms: Mapping[str, Tensor]) -> Tensor:
        """Σ wₛ Lₛ, or Σ ½e^(−ηₛ)Lₛ + ½ηₛ where the weights are learned; a scalar."""
        if not self.log_variance:
            return torch.stack(list(terms.values())).sum()
        return torch.stack(
            [
                0.5 * torch.exp(-self.log_variance[name]) * term + 0.5 * self.log_variance[name]
                for name, term in terms.items()
            ]
        ).sum()

    def weight(self, stream: str) -> Tensor:
        """wₛ as it is now; a scalar."""
        return 0.5 * torch.exp(-self.log_variance[stream]) if self.log_variance else torch.ones(())

    def _loss(self, stream: Stream, embedding: Tensor, target: Tensor, observed: Tensor) -> Tensor:
        decoded = self.decoders[stream.name](embedding)
        present = observed.amax(dim=1)
        if stream.kind == "direction":
            error = 1.0 - cosine_similarity(decoded * observed, target, dim=1)
        else:
            # a row's missing columns are left out of both the sum and the width
            error = ((decoded - target) ** 2 * observed).sum(dim=1) / observed.sum(dim=1).clamp(min=1.0)
            error = error / self.variance[stream.name]
        loss: Tensor = (error * present).sum() / present.sum().clamp(min=1.0)
        return loss


class SharedReconstruction(nn.Module):
    """The baseline: one decoder, L = (1/ΣDₛ) Σₛ Σ_d (x − x̂)², over the columns that a row has.

    Args:
        width: Width of the embedding.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.decoder = _decoder(width, SHARED_HIDDEN, len(COLUMNS))

    def reconstruct(self, embedding: Tensor) -> Tensor:
        """The columns as decoded, on the standardised scale; float32 (n, columns)."""
        decoded: Tensor = self.decoder(embedding)
        return decoded

    def terms(self, embedding: Tensor, batch: Standardised) -> dict[str, Tensor]:
        """Each stream's part of the one loss, so that they add up to it; scalars."""
        squared = (self.reconstruct(embedding) - batch.values) ** 2 * batch.observed
        return {name: squared[:, columns].sum(dim=1).mean() / len(COLUMNS) for name, columns in stream_slices().items()}

    def total(self, terms: Mapping[str, Tensor]) -> Tensor:
        """The sum of the parts; a scalar."""
        return torch.stack(list(terms.values())).sum()

    def weight(self, stream: str) -> Tensor:
        """1: no stream is weighted."""
        return torch.ones(())


def decorrelation(embedding: Tensor) -> Tensor:
    """mean|z·z′|, z′ the batch rolled by one: unrelated pixels should not point the same way; a scalar."""
    return (embedding * embedding.roll(1, dims=0)).sum(dim=1).abs().mean()
