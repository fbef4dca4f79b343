"""Fusion by attention from one stream to the others."""

import torch
from torch import Tensor, nn

from ml.fusion.encoder import unit
from ml.fusion.tokens import StreamTokens, leading_stream, rounded_up
from ml.schema import SEVEN, Schema

HEADS = 4


class QueryCrossAttention(nn.Module):
    """The token of AlphaEarth queries those of the other streams; in a schema without `aef` the widest stream's does.

    A decoder block without self-attention, for there is one query (Vaswani et al., arXiv 1706.03762, section 3.2.3, in
    the pre-norm order): x + Attention(x, streams), then x + FFN(x). Ours: tokens of width hidden/2; a key and a value
    that are learned and always there, so that a row of which only the query's stream is left has something to attend
    to; a missing stream is told by its learned token.

    Args:
        width: Width of the embedding.
        hidden: Twice the width of a token.
        schema: The columns.
    """

    def __init__(self, width: int = 256, hidden: int = 512, schema: Schema = SEVEN) -> None:
        super().__init__()
        token = rounded_up(hidden // 2, HEADS)
        self._query = schema.names.index(leading_stream(schema))
        self.tokens = StreamTokens(token, schema)
        self.norm_query, self.norm_others = nn.LayerNorm(token), nn.LayerNorm(token)
        self.norm_ffn, self.norm_out = nn.LayerNorm(token), nn.LayerNorm(token)
        self.attention = nn.MultiheadAttention(token, HEADS, add_bias_kv=True)
        self.ffn = nn.Sequential(nn.Linear(token, 2 * token), nn.GELU(), nn.Linear(2 * token, token))
        self.head = nn.Linear(token, width)

    def forward(self, values: Tensor, presence: Tensor) -> Tensor:
        """Unit-length embeddings, float32 (n, width), of values (n, columns) and presence flags (n, streams)."""
        tokens = self.tokens(values, presence)
        query = tokens.pop(self._query)
        # tokens first, then rows: attention takes them so, and nothing is laid out anew
        others = torch.stack(tokens) if tokens else query.new_zeros(0, *query.shape)
        asking = self.norm_query(query).unsqueeze(0)
        others = self.norm_others(others)
        found, _ = self.attention(asking, others, others, need_weights=False)
        mixed = query + found.squeeze(0)
        mixed = mixed + self.ffn(self.norm_ffn(mixed))
        return unit(self.head(self.norm_out(mixed)))
