"""What every self-supervised objective offers to the training loop."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from ml.car import Decoders
from ml.preprocessing import Standardised


@dataclass(frozen=True)
class Loss:
    """The loss of a batch.

    Attributes:
        total: What is minimised; a scalar.
        by_stream: Unweighted loss of each stream, for curves; empty where the objective has no term a stream.
    """

    total: Tensor
    by_stream: Mapping[str, Tensor] = field(default_factory=dict)


class Objective(nn.Module):
    """An objective with the networks that only training needs: decoders, projectors, a slow copy of the encoder."""

    def loss(self, fusion: nn.Module, batch: Standardised, generator: torch.Generator) -> Loss:
        """The loss of a batch under the encoder as it is; masks and noise are drawn from the generator."""
        raise NotImplementedError

    def after_step(self, fusion: nn.Module) -> None:
        """Called after each step of the optimiser; most objectives have nothing to do."""

    @property
    def decoders(self) -> Decoders | None:
        """Decoders of the full embedding, for diagnostics; None where nothing is reconstructed."""
        return None
