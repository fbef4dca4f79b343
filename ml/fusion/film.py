"""Fusion by modulation: the other streams scale and shift the features of one."""

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from ml.fusion.encoder import unit
from ml.fusion.tokens import leading_stream
from ml.schema import SEVEN, Schema

BLOCKS = 2


class Film(nn.Module):
    """Features of AlphaEarth (without `aef`, of the widest stream), modulated by the other streams.

    Feature-wise linear modulation (Perez et al., arXiv 1709.07871, section 3.1): h ← γ(c) ⊙ h + β(c), with γ − 1
    predicted, as there, so that h passes where c says nothing. Ours: c is the other streams and every flag through a
    hidden layer of hidden/4; two modulated layers, no residual.

    Args:
        width: Width of the embedding.
        hidden: Width of the modulated layers.
        schema: The columns.
    """

    def __init__(self, width: int = 256, hidden: int = 512, schema: Schema = SEVEN) -> None:
        super().__init__()
        self._hidden = hidden
        self._columns = schema.slices[leading_stream(schema)]
        streams, own = len(schema.streams), self._columns.stop - self._columns.start
        condition = max(1, hidden // 4)
        self.condition = nn.Sequential(
            nn.Linear(schema.width - own + streams, condition),
            nn.GELU(),
            nn.Linear(condition, 2 * BLOCKS * hidden),
        )
        self.layers = nn.ModuleList([nn.Linear(own, hidden), *(nn.Linear(hidden, hidden) for _ in range(1, BLOCKS))])
        self.head = nn.Linear(hidden, width)

    def forward(self, values: Tensor, presence: Tensor) -> Tensor:
        """Unit-length embeddings, float32 (n, width), of values (n, columns) and presence flags (n, streams)."""
        start, stop = self._columns.start, self._columns.stop
        others = torch.cat([values[:, :start], values[:, stop:], presence], dim=1)
        modulation = self.condition(others).split(self._hidden, dim=1)
        features = values[:, self._columns]
        for layer, gamma, beta in zip(self.layers, modulation[::2], modulation[1::2], strict=True):
            features = gelu((1.0 + gamma) * layer(features) + beta)
        return unit(self.head(features))
