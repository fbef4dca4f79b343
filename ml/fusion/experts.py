"""Fusion by a mixture of experts."""

import torch
from torch import Tensor, nn

from ml.fusion.encoder import unit
from ml.schema import SEVEN, Schema

EXPERTS = 4


class MixtureOfExperts(nn.Module):
    """Four small networks over all streams, added up by a soft gate (Jacobs et al. 1991, Neural Computation 3(1)).

    Every expert works on every row and none is dropped, unlike sparse mixtures (arXiv 1701.06538), so that each has a
    gradient from each row and the load of the machine is even by construction. No loss balances the gate's shares:
    `shares` tells what they are. Ours: the number of experts and their width, hidden/3.

    Args:
        width: Width of the embedding.
        hidden: Three times the width of an expert's layers.
        schema: The columns.
    """

    def __init__(self, width: int = 256, hidden: int = 512, schema: Schema = SEVEN) -> None:
        super().__init__()
        columns, expert = schema.width + len(schema.streams), max(1, hidden // 3)
        self.experts = nn.ModuleList(
            nn.Sequential(nn.Linear(columns, expert), nn.GELU(), nn.Linear(expert, expert), nn.GELU())
            for _ in range(EXPERTS)
        )
        self.gate = nn.Linear(columns, EXPERTS)
        # the experts' last layers side by side: of a weighted sum each may add up what the gate left of it
        self.head = nn.Linear(EXPERTS * expert, width)

    def shares(self, values: Tensor, presence: Tensor) -> Tensor:
        """Share of each expert in each row, adding up to 1; float32 (n, experts)."""
        return torch.softmax(self.gate(torch.cat([values, presence], dim=1)), dim=1)

    def forward(self, values: Tensor, presence: Tensor) -> Tensor:
        """Unit-length embeddings, float32 (n, width), of values (n, columns) and presence flags (n, streams)."""
        inputs = torch.cat([values, presence], dim=1)
        shares = self.shares(values, presence)
        weighted = [expert(inputs) * shares[:, i : i + 1] for i, expert in enumerate(self.experts)]
        return unit(self.head(torch.cat(weighted, dim=1)))
