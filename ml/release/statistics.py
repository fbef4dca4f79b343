"""What an embedding looks like in numbers: norms, spread, and signs that it has collapsed.

Participation ratio (Σλ)²/Σλ² and effective rank exp(−Σ p ln p), p = λ/Σλ, over the eigenvalues λ of the covariance;
the latter after Roy & Vetterli (EUSIPCO 2007). Which numbers count as a collapse is ours.
"""

from dataclasses import asdict, dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lake.errors import BadInputError

_DEAD = 1e-3  # standard deviation; of unit vectors in 256 dimensions a live one has about 0.06
_DECIMALS = 6


@dataclass(frozen=True)
class EmbeddingStatistics:
    """Of one partition's embeddings, over the pixels that have one.

    Attributes:
        pixels: Pixels, with and without an embedding.
        missing_share: Share of them without.
        norm_min: Smallest length.
        norm_max: Largest length.
        participation_ratio: (Σλ)²/Σλ²; 1 where all vary along one line, the width where all dimensions vary alike.
        effective_rank: exp of the entropy of λ/Σλ; the same limits.
        dead_share: Share of dimensions whose standard deviation is below 0.001.
        mean_cosine: Mean cosine of two different pixels; 1 where all are the same.
    """

    pixels: int
    missing_share: float
    norm_min: float
    norm_max: float
    participation_ratio: float
    effective_rank: float
    dead_share: float
    mean_cosine: float

    def to_dict(self) -> dict[str, float]:
        """For JSON and for a materialisation's metadata."""
        return asdict(self)


def statistics(embeddings: NDArray[np.float32]) -> EmbeddingStatistics:
    """Statistics of embeddings, float32 (n, width), NaN where missing; rounded to 6 decimals.

    Raises:
        BadInputError: No row has an embedding.
    """
    present = _present(embeddings)
    norms = np.linalg.norm(present, axis=1)
    # All pairs at once: ‖Σu‖² = n + Σ over i≠j of cos(i, j).
    count, total = len(present), (present / np.maximum(norms, 1e-12)[:, None]).sum(axis=0)
    cosine = float((total @ total - count) / (count * (count - 1))) if count > 1 else 1.0
    share = _eigenvalue_shares(present)
    varying = share[share > 0]
    return EmbeddingStatistics(
        pixels=len(embeddings),
        missing_share=round(1 - count / len(embeddings), _DECIMALS),
        norm_min=round(float(norms.min()), _DECIMALS),
        norm_max=round(float(norms.max()), _DECIMALS),
        participation_ratio=round(float(1 / (varying**2).sum()) if len(varying) else 0.0, _DECIMALS),
        effective_rank=round(float(np.exp(-(varying * np.log(varying)).sum())) if len(varying) else 0.0, _DECIMALS),
        dead_share=round(float((present.std(axis=0) < _DEAD).mean()), _DECIMALS),
        mean_cosine=round(cosine, _DECIMALS),
    )


def dimension_table(embeddings: NDArray[np.float32]) -> pl.DataFrame:
    """One row a dimension: `dimension` (Int32), `mean`, `std`, `minimum`, `maximum` (Float64, 6 decimals)."""
    present = _present(embeddings)
    return pl.DataFrame(
        {
            "dimension": np.arange(present.shape[1], dtype=np.int32),
            "mean": present.mean(axis=0).round(_DECIMALS),
            "std": present.std(axis=0).round(_DECIMALS),
            "minimum": present.min(axis=0).round(_DECIMALS),
            "maximum": present.max(axis=0).round(_DECIMALS),
        }
    )


def _present(embeddings: NDArray[np.float32]) -> NDArray[np.float64]:
    present = embeddings[np.isfinite(embeddings).all(axis=1)].astype(np.float64)
    if not len(present):
        raise BadInputError("No pixel of the partition has an embedding: run inference on it again.")
    return present


def _eigenvalue_shares(present: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of each principal axis in the variance, float64 (width,); zeros where nothing varies."""
    centred = present - present.mean(axis=0)
    values = np.clip(np.linalg.eigvalsh(centred.T @ centred), 0.0, None)
    values[values < values.max() * 1e-12] = 0.0  # rounding, not variance
    total = values.sum()
    return values / total if total > 1e-12 * len(present) else np.zeros_like(values)
