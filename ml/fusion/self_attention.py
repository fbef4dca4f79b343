"""Fusion by a transformer over the streams."""

import torch
from torch import Tensor, nn

from ml.fusion.encoder import unit
from ml.fusion.tokens import StreamTokens, rounded_up
from ml.schema import SEVEN, Schema

HEADS = 2
LAYERS = 2


class TokenSelfAttention(nn.Module):
    """A token a stream and one to read the embedding from, through a transformer encoder.

    After FT-Transformer (Gorishniy et al., arXiv 2106.11959, section 3.3): tokens, pre-norm blocks, the readout token
    alone goes to the head. Ours: a stream for a feature, tokens of width 3/16·hidden and two blocks, no dropout.

    Args:
        width: Width of the embedding.
        hidden: Width of the head's hidden layers.
        schema: The columns.
    """

    def __init__(self, width: int = 256, hidden: int = 512, schema: Schema = SEVEN) -> None:
        super().__init__()
        token = rounded_up(3 * hidden // 16, HEADS)
        self.tokens = StreamTokens(token, schema)
        self.readout = nn.Parameter(0.02 * torch.randn(token))
        self.blocks = nn.ModuleList(
            # tokens first, then rows: attention takes them so, and nothing is laid out anew
            nn.TransformerEncoderLayer(token, HEADS, 2 * token, dropout=0.0, activation="gelu", norm_first=True)
            for _ in range(LAYERS)
        )
        self.head = nn.Sequential(
            nn.LayerNorm(token), nn.Linear(token, hidden), nn.GELU(), nn.Linear(hidden, hidden), nn.GELU(),
            nn.Linear(hidden, width),
        )  # fmt: skip

    def forward(self, values: Tensor, presence: Tensor) -> Tensor:
        """Unit-length embeddings, float32 (n, width), of values (n, columns) and presence flags (n, streams)."""
        tokens = torch.stack([self.readout.expand(values.shape[0], -1), *self.tokens(values, presence)])
        for block in self.blocks:
            tokens = block(tokens)
        return unit(self.head(tokens[0]))
