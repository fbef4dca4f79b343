"""Gated fusion: how much of each stream goes into each feature is decided row by row."""

import torch
from torch import Tensor, nn

from ml.fusion.encoder import unit
from ml.schema import SEVEN, Schema

_NARROWEST = 8


class GatedUnits(nn.Module):
    """Gated multimodal units (Arevalo et al., arXiv 1702.01992, section 3): h = Σₛ σ(Wₛ′[x, presence]) ⊙ tanh(Wₛxₛ).

    A missing stream adds nothing. Ours: the number of units, 2·hidden/(streams + 1), which keeps the gates, each of
    which sees every stream, within the budget of the reference; and two layers from the units to the embedding.

    Args:
        width: Width of the embedding.
        hidden: Width of the hidden layer after the units.
        schema: The columns.
    """

    def __init__(self, width: int = 256, hidden: int = 512, schema: Schema = SEVEN) -> None:
        super().__init__()
        streams = len(schema.streams)
        self._columns = list(schema.slices.values())
        self._units = max(_NARROWEST, 2 * hidden // (streams + 1))
        self.features = nn.ModuleList(nn.Linear(stream.width, self._units) for stream in schema.streams)
        self.gates = nn.Linear(schema.width + streams, streams * self._units)
        self.head = nn.Sequential(nn.Linear(self._units, hidden), nn.GELU(), nn.Linear(hidden, width))

    def forward(self, values: Tensor, presence: Tensor) -> Tensor:
        """Unit-length embeddings, float32 (n, width), of values (n, columns) and presence flags (n, streams)."""
        features = torch.stack(
            [feature(values[:, columns]) for feature, columns in zip(self.features, self._columns, strict=True)], dim=1
        )
        gates = torch.sigmoid(self.gates(torch.cat([values, presence], dim=1)))
        opened = gates.view(-1, len(self._columns), self._units) * presence.unsqueeze(2)
        return unit(self.head((opened * torch.tanh(features)).sum(dim=1)))
