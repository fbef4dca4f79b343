"""One token a stream, for encoders that work on a set of streams."""

import torch
from torch import Tensor, nn

from ml.schema import Schema


class StreamTokens(nn.Module):
    """A linear map a stream to a token of common width; a stream that is missing has a learned token in its place.

    After the feature tokenizer of FT-Transformer (arXiv 2106.11959, section 3.3), with a stream for a feature. The
    learned token is how a stream's flag is told.

    Args:
        width: Width of a token.
        schema: The streams.
    """

    def __init__(self, width: int, schema: Schema) -> None:
        super().__init__()
        self._columns = list(schema.slices.values())
        # by number: a stream of a user's table may have a name that no module may have
        self.maps = nn.ModuleList(nn.Linear(stream.width, width) for stream in schema.streams)
        self.missing = nn.Parameter(0.02 * torch.randn(len(schema.streams), width))

    def forward(self, values: Tensor, presence: Tensor) -> list[Tensor]:
        """A token a stream, float32 (n, width) each, of values (n, columns) and presence flags (n, streams)."""
        there = presence > 0
        return [
            torch.where(there[:, i : i + 1], to_token(values[:, columns]), self.missing[i])
            for i, (to_token, columns) in enumerate(zip(self.maps, self._columns, strict=True))
        ]


def rounded_up(width: int, divisor: int) -> int:
    """The smallest multiple of the divisor that is not below the width."""
    return -(-width // divisor) * divisor


def leading_stream(schema: Schema) -> str:
    """The stream that asks or is modulated: `aef` where there is one, else the widest (the first of equals)."""
    return "aef" if "aef" in schema.names else max(schema.streams, key=lambda stream: stream.width).name
