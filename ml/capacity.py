"""What the capacity problem is seen by: how much of the gradient, and of the embedding, each stream gets.

Both measures are of the abstract of arXiv 2606.20697 (per-stream share of the gradient norm, reconstruction R²); how
exactly they are taken is ours.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ml.car import Decoders
from ml.fusion import Encoder
from ml.preprocessing import Standardised
from ml.schema import Schema

_CHUNK = 4_096


def gradient_share(encoder: Encoder, decoders: Decoders, batch: Standardised) -> dict[str, float]:
    """Share of each stream in the gradient that reaches the embedding: ‖∂(wₛLₛ)/∂z‖ over their sum.

    Args:
        encoder: Its embeddings are taken without masking.
        decoders: Of the objective.
        batch: On the network's scale.
    """
    embedding = encoder.fusion(batch.values, batch.presence).detach().requires_grad_()
    norms = {}
    for name, term in decoders.terms(embedding, batch).items():
        (gradient,) = torch.autograd.grad(decoders.weight(name).detach() * term, embedding, retain_graph=True)
        norms[name] = float(gradient.norm())
    total = sum(norms.values()) or 1.0
    return {name: norm / total for name, norm in norms.items()}


def reconstruction_r2(
    encoder: Encoder, decoders: Decoders, schema: Schema, raw: NDArray[np.float32], rows: NDArray[np.int64]
) -> dict[str, float]:
    """R² of each stream's reconstruction, on the normalised scale, over all its columns and the rows given.

    For a stream of the kind `direction` under CAR only the direction is decoded, so that its length is fitted by one
    number a row before R² is taken; the same is done for both kinds of decoders.

    Args:
        encoder: Trained.
        decoders: Trained with it.
        schema: The streams.
        raw: Raw columns; float32 (n, columns).
        rows: Rows to judge by; variance is taken about their own mean.
    """
    residual = dict.fromkeys(schema.names, 0.0)
    sums = torch.zeros(3, schema.width, dtype=torch.float64)  # of values, of their squares, and how many there are
    with torch.inference_mode():
        for start in range(0, len(rows), _CHUNK):
            batch = encoder.preprocessing.standardise(torch.from_numpy(raw[rows[start : start + _CHUNK]]))
            decoded = decoders.reconstruct(encoder.fusion(batch.values, batch.presence)) * batch.observed
            sums += torch.stack([batch.values.sum(0), (batch.values**2).sum(0), batch.observed.sum(0)]).double()
            for name, columns in schema.slices.items():
                target, found = batch.values[:, columns], decoded[:, columns]
                if schema[name].kind == "direction":
                    found = _scaled_to(target, found)
                residual[name] += float(((target - found) ** 2).sum())
    total = sums[1] - sums[0] ** 2 / sums[2].clamp(min=1.0)
    variation = {name: float(total[columns].sum()) for name, columns in schema.slices.items()}
    return {
        name: 1.0 - residual[name] / variation[name] if variation[name] > 0 else float("nan") for name in schema.names
    }


def _scaled_to(target: Tensor, found: Tensor) -> Tensor:
    """Each row of `found` times the one number that brings it nearest to the target."""
    return found * (target * found).sum(1, keepdim=True) / (found**2).sum(1, keepdim=True).clamp(1e-12)
