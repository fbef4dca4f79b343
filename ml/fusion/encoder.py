"""The encoder: standardised streams to one embedding of unit length."""

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from ml.preprocessing import Preprocessing, Standardised

TINY = 1e-6


class Encoder(nn.Module):
    """Raw stream columns to embeddings: what is exported and registered.

    Args:
        preprocessing: Fitted on the training rows.
        fusion: Takes normalised values (n, columns) and presence flags (n, streams), gives unit-length embeddings.
    """

    def __init__(self, preprocessing: Preprocessing, fusion: nn.Module) -> None:
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


def unit(embedding: Tensor) -> Tensor:
    """Each row at unit length; float32 (n, width)."""
    scaled: Tensor = normalize(embedding, dim=1, eps=TINY)
    return scaled


def leading(embedding: Tensor, width: int) -> Tensor:
    """The leading dimensions of an embedding, scaled to unit length again (a Matryoshka head); float32 (n, width)."""
    return unit(embedding[:, :width])


def mask_streams(
    batch: Standardised, probability: float, generator: torch.Generator, widths: tuple[int, ...]
) -> tuple[Tensor, Tensor]:
    """Hides whole streams at random, each row for itself, but never all that a row has.

    Args:
        batch: What is there.
        probability: With which a stream is hidden.
        generator: Of the draws.
        widths: Width of each stream.

    Returns:
        Normalised values (n, columns) and presence flags (n, streams), 0 for the streams hidden.
    """
    draw = torch.rand(batch.presence.shape, generator=generator, device=generator.device).to(batch.presence.device)
    hidden = draw < probability
    # where a row would lose everything, the present stream with the largest draw stays
    among_present = torch.where(batch.presence > 0, draw, -1.0)
    largest = among_present.amax(dim=1, keepdim=True)
    kept = (~hidden | ((largest < probability) & (among_present == largest))).to(batch.values.dtype)
    return batch.values * over_columns(kept, widths), batch.presence * kept


def over_columns(flags: Tensor, widths: tuple[int, ...]) -> Tensor:
    """What stands for each stream (n, streams), for each of its columns (n, columns)."""
    repeats = torch.tensor(widths, device=flags.device)
    return flags.repeat_interleave(repeats, dim=1, output_size=sum(widths))
