"""The encoder: seven standardised streams to one embedding of unit length."""

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from lake.streams import STREAMS
from ml.preprocessing import COLUMNS, Preprocessing, Standardised

_TINY = 1e-6


class ConcatMLP(nn.Module):
    """Reference fusion: the streams and their presence flags side by side, through two hidden layers.

    Args:
        width: Width of the embedding.
        hidden: Width of the hidden layers.
    """

    def __init__(self, width: int = 256, hidden: int = 512) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(len(COLUMNS) + len(STREAMS), hidden),
            nn.GELU(),
            nn.Linear(hidden, hidden),
            nn.GELU(),
            nn.Linear(hidden, width),
        )

    def forward(self, values: Tensor, presence: Tensor) -> Tensor:
        """Unit-length embeddings, float32 (n, width), of z-scores (n, columns) and presence flags (n, streams)."""
        embedding: Tensor = normalize(self.layers(torch.cat([values, presence], dim=1)), dim=1, eps=_TINY)
        return embedding


class Encoder(nn.Module):
    """Raw stream columns to embeddings: what is exported and registered.

    Args:
        preprocessing: Fitted on the training rows.
        fusion: Takes z-scores and presence flags.
    """

    def __init__(self, preprocessing: Preprocessing, fusion: ConcatMLP) -> None:
        super().__init__()
        self.preprocessing = preprocessing
        self.fusion = fusion

    def forward(self, raw: Tensor) -> Tensor:
        """Unit-length embeddings, float32 (n, width), of raw columns, float32 (n, columns) with NaN where missing.

        A row of which every stream is missing has no embedding: it becomes NaN.
        """
        batch = self.preprocessing.standardise(raw)
        embedding: Tensor = self.fusion(batch.values, batch.presence)
        anything = batch.presence.amax(dim=1, keepdim=True) > 0
        return torch.where(anything, embedding, torch.nan)


def leading(embedding: Tensor, width: int) -> Tensor:
    """The leading dimensions of an embedding, scaled to unit length again (a Matryoshka head); float32 (n, width)."""
    head: Tensor = normalize(embedding[:, :width], dim=1, eps=_TINY)
    return head


def mask_streams(batch: Standardised, probability: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Hides whole streams at random, each row for itself, but never all that a row has.

    Returns:
        z-scores (n, columns) and presence flags (n, streams), 0 for the streams hidden.
    """
    draw = torch.rand(batch.presence.shape, generator=generator)
    hidden = draw < probability
    # where a row would lose everything, the present stream with the largest draw stays
    best = torch.where(batch.presence > 0, draw, -1.0).argmax(dim=1, keepdim=True)
    emptied = ((batch.presence > 0) & ~hidden).sum(dim=1, keepdim=True) == 0
    kept = (~hidden).scatter(1, best, (~hidden).gather(1, best) | emptied).to(batch.values.dtype)
    widths = torch.tensor([stream.width for stream in STREAMS.values()])
    columns = torch.repeat_interleave(kept, widths, dim=1)
    return batch.values * columns, batch.presence * kept
