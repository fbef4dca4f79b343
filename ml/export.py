"""The encoder as an exported graph: one file that runs wherever torch does."""

import io

import numpy as np
import torch
from numpy.typing import NDArray

from ml.fusion import Encoder

_EXAMPLE_ROWS = 8


def export(encoder: Encoder) -> bytes:
    """The encoder with its preprocessing as a torch.export archive with a dynamic batch, from one row up."""
    encoder = encoder.eval()
    example = torch.zeros(_EXAMPLE_ROWS, len(encoder.preprocessing.codes))
    batch = torch.export.Dim("batch", min=1)
    program = torch.export.export(encoder, (example,), dynamic_shapes=({0: batch},))
    buffer = io.BytesIO()
    torch.export.save(program, buffer)
    return buffer.getvalue()


def load(archive: bytes) -> torch.nn.Module:
    """The network of an archive that `export` made."""
    return torch.export.load(io.BytesIO(archive)).module()


def example_rows(raw: NDArray[np.float32], count: int = 5) -> NDArray[np.float32]:
    """A few rows of raw columns for a model's input example, the most complete first; float32 (count, columns)."""
    complete = np.isfinite(raw).sum(axis=1)
    return raw[np.argsort(-complete, kind="stable")[:count]]
