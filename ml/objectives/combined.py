"""Masked streams and InfoNCE together."""

from collections.abc import Mapping

import torch
from torch import nn

from ml.car import Decoders
from ml.config import TrainingConfig
from ml.objectives.base import Loss, Objective
from ml.objectives.reconstruction import masked_stream
from ml.objectives.views import TwoViews, info_nce, view
from ml.preprocessing import Standardised
from ml.schema import Schema

CONTRAST = 0.1
"""Weight of InfoNCE beside the reconstruction (ours: so that both start out in the same order of magnitude)."""


class Combined(Objective):
    """Every stream is told from one view, which has to be found again from the other.

    Args:
        config: See there.
        schema: The streams.
        variance: Mean variance of each stream's normalised columns over the training rows.
    """

    def __init__(self, config: TrainingConfig, schema: Schema, variance: Mapping[str, float]) -> None:
        super().__init__()
        self._masking, self._stream_widths = config.masking, schema.widths
        self.reconstruction = masked_stream(config, schema, variance)
        self.contrast = TwoViews(config, schema, info_nce)

    @property
    def decoders(self) -> Decoders | None:
        """Those of the reconstruction."""
        return self.reconstruction.decoders

    def loss(self, fusion: nn.Module, batch: Standardised, generator: torch.Generator) -> Loss:
        """The reconstruction's terms by stream, and the sum of both."""
        first, second = (view(batch, self._masking, generator, self._stream_widths) for _ in range(2))
        one, other = fusion(*first), fusion(*second)
        told = self.reconstruction.loss_of(one, batch)
        return Loss(told.total + CONTRAST * self.contrast.between(one, other), told.by_stream)
