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
from torch.nn.functional import gelu, linear

from ml.preprocessing import Standardised
from ml.schema import SEVEN, Schema, StreamSpec

Weights = Literal["uniform", "learned"]
StreamLoss = Literal["by_kind", "squared"]
SHARED_HIDDEN = 256
_TINY = 1e-12


class Reconstruction(Protocol):
    """Decoders of an embedding: which terms their loss has, and how they add up."""

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
        stream_loss: `by_kind`, or `squared` for every stream, whatever its kind.
        schema: The streams.
    """

    def __init__(
        self,
        width: int,
        variance: Mapping[str, float],
        weights: Weights = "uniform",
        stream_loss: StreamLoss = "by_kind",
        schema: Schema = SEVEN,
    ) -> None:
        super().__init__()
        self.schema = schema
        self.stream_loss = stream_loss
        # by number: a stream of a user's table may have a name that no module may have
        self.decoders = nn.ModuleList(
            _decoder(width, decoder_width(stream.width), stream.width) for stream in schema.streams
        )
        self.variance = dict(variance)
        self.log_variance = nn.ParameterList(
            [nn.Parameter(torch.zeros(())) for _ in schema.streams] if weights == "learned" else []
        )

    def reconstruct(self, embedding: Tensor) -> Tensor:
        """The columns as decoded, on the standardised scale; float32 (n, columns)."""
        return torch.cat(self._decoded(embedding), dim=1)

    def _decoded(self, embedding: Tensor) -> list[Tensor]:
        """The columns of each stream as decoded; float32 (n, width) each."""
        # the first layers of all decoders in one product: many narrow ones take a step longer than it needs
        weights, biases = ([d.get_parameter(f"0.{name}") for d in self.decoders] for name in ("weight", "bias"))
        hidden = gelu(linear(embedding, torch.cat(tuple(weights)), torch.cat(tuple(biases))))
        parts = torch.split(hidden, [len(bias) for bias in biases], dim=1)
        return [d.get_submodule("2")(part) for d, part in zip(self.decoders, parts, strict=True)]

    def terms(self, embedding: Tensor, batch: Standardised) -> dict[str, Tensor]:
        """Lₛ of each stream; scalars."""
        parts = (torch.split(part, list(self.schema.widths), dim=1) for part in (batch.values, batch.observed))
        of_streams = zip(self.schema.streams, self._decoded(embedding), *parts, strict=True)
        errors, counts = zip(*(self._errors(*of_stream) for of_stream in of_streams), strict=True)
        present = torch.stack(counts, dim=1).clamp(max=1.0)
        losses = (torch.stack(errors, dim=1) * present).sum(dim=0) / present.sum(dim=0).clamp(min=1.0)
        return dict(zip(self.schema.names, losses.unbind(), strict=True))

    def total(self, terms: Mapping[str, Tensor]) -> Tensor:
        """Σ wₛ Lₛ, or Σ ½e^(−ηₛ)Lₛ + ½ηₛ where the weights are learned; a scalar."""
        losses = torch.stack([terms[name] for name in self.schema.names])
        if not len(self.log_variance):
            return losses.sum()
        eta = torch.stack(list(self.log_variance))
        return (0.5 * torch.exp(-eta) * losses + 0.5 * eta).sum()

    def weight(self, stream: str) -> Tensor:
        """wₛ as it is now; a scalar."""
        if not len(self.log_variance):
            return torch.ones(())
        return 0.5 * torch.exp(-self.log_variance[self.schema.names.index(stream)])

    def _errors(self, stream: StreamSpec, decoded: Tensor, target: Tensor, observed: Tensor) -> tuple[Tensor, Tensor]:
        """Each row's error over the columns that it has, and how many those are; float32 (n,) each."""
        count = observed.sum(dim=1)
        found = decoded * observed
        if stream.kind == "direction" and self.stream_loss == "by_kind":
            lengths = (found**2).sum(dim=1) * (target**2).sum(dim=1)
            return 1.0 - (found * target).sum(dim=1) * torch.rsqrt(lengths.clamp(min=_TINY)), count
        # a row's missing columns are left out of both the sum and the width
        squared = ((found - target) ** 2).sum(dim=1)
        return squared / (count.clamp(min=1.0) * self.variance[stream.name]), count


class SharedReconstruction(nn.Module):
    """The baseline: one decoder, L = (1/ΣDₛ) Σₛ Σ_d (x − x̂)², over the columns that a row has.

    Args:
        width: Width of the embedding.
        schema: The streams.
    """

    def __init__(self, width: int, schema: Schema = SEVEN) -> None:
        super().__init__()
        self.schema = schema
        self.decoder = _decoder(width, SHARED_HIDDEN, schema.width)

    def reconstruct(self, embedding: Tensor) -> Tensor:
        """The columns as decoded, on the standardised scale; float32 (n, columns)."""
        decoded: Tensor = self.decoder(embedding)
        return decoded

    def terms(self, embedding: Tensor, batch: Standardised) -> dict[str, Tensor]:
        """Each stream's part of the one loss, so that they add up to it; scalars."""
        squared = (self.reconstruct(embedding) - batch.values) ** 2 * batch.observed
        by_column = squared.mean(dim=0) / self.schema.width
        return {name: by_column[columns].sum() for name, columns in self.schema.slices.items()}

    def total(self, terms: Mapping[str, Tensor]) -> Tensor:
        """The sum of the parts; a scalar."""
        return torch.stack(list(terms.values())).sum()

    def weight(self, stream: str) -> Tensor:
        """1: no stream is weighted."""
        return torch.ones(())


Decoders = CapacityAdaptiveReconstruction | SharedReconstruction


def decorrelation(embedding: Tensor) -> Tensor:
    """mean|z·z′|, z′ the batch rolled by one: unrelated pixels should not point the same way; a scalar."""
    return (embedding * embedding.roll(1, dims=0)).sum(dim=1).abs().mean()
