"""Objectives that reconstruct the streams: from what was left of them, from all of them, or from noisy ones."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from ml.car import CapacityAdaptiveReconstruction, Decoders, SharedReconstruction, decorrelation
from ml.config import TrainingConfig
from ml.fusion.encoder import leading, mask_streams
from ml.objectives.base import Loss, Objective
from ml.preprocessing import Standardised
from ml.schema import Schema

Corrupt = Callable[[Standardised, torch.Generator], tuple[Tensor, Tensor]]
"""What of a batch the encoder sees: values (n, columns) and presence flags (n, streams)."""
NOISE = 0.5
"""Standard deviation of the noise of the denoising objective, on the normalised scale (ours)."""


class StreamReconstruction(Objective):
    """Reconstructs every stream from what the encoder sees, at full width and from each Matryoshka head.

    Args:
        config: See there.
        schema: The streams.
        variance: Mean variance of each stream's normalised columns over the training rows.
        corrupt: What the encoder sees of a batch.
    """

    def __init__(self, config: TrainingConfig, schema: Schema, variance: Mapping[str, float], corrupt: Corrupt) -> None:
        super().__init__()
        self._corrupt = corrupt
        self._decorrelation = config.decorrelation
        self._widths = (config.width, *config.heads)
        self.by_width = nn.ModuleList(make_decoders(config, width, schema, variance) for width in self._widths)

    @property
    def decoders(self) -> Decoders:
        """Those of the full embedding."""
        decoders = self.by_width[0]
        assert isinstance(decoders, CapacityAdaptiveReconstruction | SharedReconstruction)
        return decoders

    def loss(self, fusion: nn.Module, batch: Standardised, generator: torch.Generator) -> Loss:
        """See `loss_of`; of the embedding of what the encoder sees."""
        return self.loss_of(fusion(*self._corrupt(batch, generator)), batch)

    def loss_of(self, embedding: Tensor, batch: Standardised) -> Loss:
        """The total with its heads and decorrelation, and the full width's own terms by stream."""
        terms = self.decoders.terms(embedding, batch)
        total = self.decoders.total(terms) + self._decorrelation * decorrelation(embedding)
        for width, head in zip(self._widths[1:], self.by_width[1:], strict=True):
            assert isinstance(head, CapacityAdaptiveReconstruction | SharedReconstruction)
            total = total + head.total(head.terms(leading(embedding, width), batch))
        return Loss(total, terms)


def make_decoders(
    config: TrainingConfig, width: int, schema: Schema, variance: Mapping[str, float]
) -> CapacityAdaptiveReconstruction | SharedReconstruction:
    """The decoders of a configuration for an embedding of some width, with new weights."""
    if config.reconstruction == "shared":
        return SharedReconstruction(width, schema)
    return CapacityAdaptiveReconstruction(width, variance, config.weights, config.stream_loss, schema)


def masked_stream(config: TrainingConfig, schema: Schema, variance: Mapping[str, float]) -> StreamReconstruction:
    """Whole streams are hidden from the encoder, which all the same has to tell them (reference)."""

    def hide(batch: Standardised, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        return mask_streams(batch, config.masking, generator, schema.widths)

    return StreamReconstruction(config, schema, variance, hide)


def autoencoder(config: TrainingConfig, schema: Schema, variance: Mapping[str, float]) -> Objective:
    """The encoder sees all that there is."""

    def show(batch: Standardised, _: torch.Generator) -> tuple[Tensor, Tensor]:
        return batch.values, batch.presence

    return StreamReconstruction(config, schema, variance, show)


def denoising(config: TrainingConfig, schema: Schema, variance: Mapping[str, float]) -> Objective:
    """The encoder sees all values with noise on them, and has to tell them without."""

    def blur(batch: Standardised, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        noise = torch.randn(batch.values.shape, generator=generator, device=generator.device)
        return batch.values + NOISE * noise.to(batch.values.device) * batch.observed, batch.presence

    return StreamReconstruction(config, schema, variance, blur)
