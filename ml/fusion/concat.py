"""Reference fusion: everything side by side."""

import torch
from torch import Tensor, nn

from ml.fusion.encoder import unit
from ml.schema import SEVEN, Schema


class ConcatMLP(nn.Module):
    """The streams and their presence flags side by side, through two hidden layers.

    Args:
        width: Width of the embedding.
        hidden: Width of the hidden layers.
        schema: The columns.
    """

    def __init__(self, width: int = 256, hidden: int = 512, schema: Schema = SEVEN) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(schema.width + len(schema.streams), hidden),
            nn.GELU(),
            nn.Linear(hidden, hidden),
            nn.GELU(),
            nn.Linear(hidden, width),
        )

    def forward(self, values: Tensor, presence: Tensor) -> Tensor:
        """Unit-length embeddings, float32 (n, width), of values (n, columns) and presence flags (n, streams)."""
        return unit(self.layers(torch.cat([values, presence], dim=1)))
