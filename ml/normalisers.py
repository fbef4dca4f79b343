"""Normalisers: what brings a stream's columns to a scale that a network can work on, fitted on training rows only.

All of them take transformed columns (n, columns) with NaN where missing and keep NaN as it is. That these five are
tried is the axis "normalisation" of the experiments (METHODS: arXiv 2606.20697 names the axis, the choices are ours).
"""

from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Normalisation = Literal["log1p_z", "z_score", "none", "quantile", "l2"]
KNOTS = 129
"""Quantiles that a quantile normaliser keeps of each column (ours)."""
_TINY = 1e-6


class Affine(nn.Module):
    """(x − mean) / scale of each column: z-scores, or nothing at all with 0 and 1.

    Args:
        mean: Float32 (columns,).
        scale: The same.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, mean: Tensor, scale: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("scale", scale)

    def forward(self, values: Tensor) -> Tensor:
        """Float32 (n, columns)."""
        return (values - self.mean) / self.scale


class Quantile(nn.Module):
    """Ranks among the training rows, as scores of a normal distribution, column by column.

    A value that many training rows share takes the middle of their ranks; one outside their range the outermost rank.

    Args:
        knots: Evenly spaced quantiles of each column, ascending; float32 (columns, knots).
    """

    knots: Tensor

    def __init__(self, knots: Tensor) -> None:
        super().__init__()
        self.register_buffer("knots", knots.contiguous())

    def forward(self, values: Tensor) -> Tensor:
        """Float32 (n, columns)."""
        last = self.knots.shape[1] - 1
        columns = values.T.contiguous()
        known = torch.where(torch.isnan(columns), self.knots[:, :1], columns)
        below = torch.searchsorted(self.knots, known)
        above = torch.searchsorted(self.knots, known, right=True)
        left, right = (below - 1).clamp(0, last), below.clamp(0, last)
        low, high = self.knots.gather(1, left), self.knots.gather(1, right)
        between = left + ((known - low) / (high - low).clamp(min=_TINY)).clamp(0.0, 1.0)
        tied = (below + above - 1).to(known.dtype) / 2
        share = torch.where(above > below, tied, between).clamp(0, last) / last
        # as if each knot were the middle of a class, so that the outermost are finite
        inner = (share * last + 0.5) / (last + 1)
        scores = torch.sqrt(torch.full_like(inner, 2.0)) * torch.erfinv(2.0 * inner - 1.0)
        constant = self.knots[:, :1] == self.knots[:, -1:]
        scores = torch.where(constant, 0.0, scores)
        return torch.where(torch.isnan(columns), torch.nan, scores).T


class UnitStreams(nn.Module):
    """z-scores, then each stream of a row to length √D, so that a column's size is 1 on average.

    Args:
        scores: Takes columns to z-scores; otherwise the unit of the largest column would decide.
        membership: 1 where a column is of a stream; float32 (columns, streams).
    """

    membership: Tensor

    def __init__(self, scores: Affine, membership: Tensor) -> None:
        super().__init__()
        self.scores = scores
        self.register_buffer("membership", membership)

    def forward(self, values: Tensor) -> Tensor:
        """Float32 (n, columns)."""
        scores = self.scores(values)
        known = torch.isfinite(scores).to(scores.dtype)
        squared = torch.nan_to_num(scores) ** 2
        mean_square = (squared @ self.membership) / (known @ self.membership).clamp(min=1.0)
        length = torch.sqrt(mean_square).clamp(min=_TINY) @ self.membership.T
        unit: Tensor = scores / length
        return unit


Normaliser = Affine | Quantile | UnitStreams


def empty_normaliser(normalisation: Normalisation, membership: Tensor) -> Normaliser:
    """A normaliser that has yet to be given its statistics: it changes nothing, or what files hold is loaded into it.

    Args:
        normalisation: Its kind.
        membership: 1 where a column is of a stream; float32 (columns, streams).
    """
    columns = membership.shape[0]
    affine = Affine(torch.zeros(columns), torch.ones(columns))
    if normalisation == "quantile":
        return Quantile(torch.zeros(columns, KNOTS))
    return UnitStreams(affine, membership) if normalisation == "l2" else affine


def quantile_knots(sample: NDArray[np.float32]) -> Tensor:
    """Evenly spaced quantiles of each column of a sample (n, columns) with NaN where missing; (columns, knots)."""
    shares = np.linspace(0.0, 1.0, KNOTS)
    knots = np.zeros((sample.shape[1], KNOTS), np.float32)
    for index in range(sample.shape[1]):
        known = sample[np.isfinite(sample[:, index]), index]
        if len(known):
            knots[index] = np.quantile(known, shares)
    return torch.from_numpy(knots)
