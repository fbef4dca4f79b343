"""Fusion by products of features of every two streams."""

import math

import torch
from torch import Tensor, nn

from ml.fusion.encoder import unit
from ml.schema import SEVEN, Schema


class LowRankBilinear(nn.Module):
    """Low-rank bilinear pooling of every pair of streams: P [Σₛ uₛ, Σ_{s<t} uₛ ⊙ uₜ, presence], uₛ = tanh(Uₛxₛ).

    The product of two projected inputs is that of Kim et al. (arXiv 1610.04325, section 3, with their tanh); that a
    projection of a stream is shared by its pairs and that they are added up without a loop over them, as ½((Σuₛ)² −
    Σuₛ²), is of factorisation machines (Rendle 2010, lemma 3.1). A missing stream has uₛ = 0. Ours: the rank,
    hidden/2; the first-order term and the flags beside the products, which are divided by the root of the number of
    pairs; a hidden layer in P.

    Args:
        width: Width of the embedding.
        hidden: Width of the last hidden layer; twice the rank.
        schema: The columns.
    """

    def __init__(self, width: int = 256, hidden: int = 512, schema: Schema = SEVEN) -> None:
        super().__init__()
        streams = len(schema.streams)
        self._columns = list(schema.slices.values())
        self._scale = 1.0 / math.sqrt(max(1, streams * (streams - 1) / 2))
        rank = max(1, hidden // 2)
        self.factors = nn.ModuleList(nn.Linear(stream.width, rank) for stream in schema.streams)
        self.head = nn.Sequential(nn.Linear(2 * rank + streams, hidden), nn.GELU(), nn.Linear(hidden, width))

    def forward(self, values: Tensor, presence: Tensor) -> Tensor:
        """Unit-length embeddings, float32 (n, width), of values (n, columns) and presence flags (n, streams)."""
        total = squares = values.new_zeros(())
        for i, (factor, columns) in enumerate(zip(self.factors, self._columns, strict=True)):
            feature = torch.tanh(factor(values[:, columns])) * presence[:, i : i + 1]
            total, squares = total + feature, squares + feature**2
        products = 0.5 * self._scale * (total**2 - squares)
        return unit(self.head(torch.cat([total, products, presence], dim=1)))
