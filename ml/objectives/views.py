"""Objectives that bring two views of a row together: InfoNCE, VICReg, Barlow Twins.

A view is what is left of a row after streams were hidden at random, each view for itself, with a little noise on the
values (ours: without it the views of a table of one stream would be the same). The criterion is taken at full width and
from each Matryoshka head, each behind a projector of its own (arXiv 2205.13147, equation 1: the losses add up).
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, mse_loss, normalize, relu

from ml.config import TrainingConfig
from ml.fusion.encoder import leading, mask_streams, over_columns
from ml.objectives.base import Loss, Objective
from ml.preprocessing import Standardised
from ml.schema import Schema

Criterion = Callable[[Tensor, Tensor], Tensor]
"""Loss of the projections of both views of a batch; float32 (n, width) each, row by row."""
View = tuple[Tensor, Tensor]
"""Values (n, columns) and presence flags (n, streams)."""

NOISE = 0.1
"""Standard deviation of the noise on a view, on the normalised scale (ours)."""
TEMPERATURE = 0.1
"""Of InfoNCE: the best of SimCLR's at long training (arXiv 2002.05709, table 5)."""
INVARIANCE, VARIANCE, COVARIANCE = 25.0, 25.0, 1.0
"""λ, μ and ν of VICReg (arXiv 2105.04906, section 4.2)."""
VICREG_EPSILON = 1e-4
REDUNDANCY = 5e-3
"""λ of Barlow Twins (arXiv 2103.03230, section 2.2)."""
_EPSILON = 1e-5


class OverBatch(nn.Module):
    """Batch normalisation with the batch's own statistics, always, and none to learn or to keep.

    `BatchNorm1d` refuses a batch of one row, which the last of the rows held out may be, and counts validation batches.
    """

    def forward(self, values: Tensor) -> Tensor:
        """Float32 (n, width)."""
        return standardised(values)


class TwoViews(Objective):
    """A criterion on two views of each row.

    Args:
        config: See there.
        schema: The streams.
        criterion: Takes the projections of both views.
    """

    def __init__(self, config: TrainingConfig, schema: Schema, criterion: Criterion) -> None:
        super().__init__()
        self._criterion = criterion
        self._masking, self._stream_widths = config.masking, schema.widths
        self._widths = (config.width, *config.heads)
        self.projectors = nn.ModuleList(projector(width, config.hidden) for width in self._widths)

    def loss(self, fusion: nn.Module, batch: Standardised, generator: torch.Generator) -> Loss:
        """The criterion, summed over the full width and the heads."""
        first, second = (view(batch, self._masking, generator, self._stream_widths) for _ in range(2))
        return Loss(self.between(fusion(*first), fusion(*second)))

    def between(self, first: Tensor, second: Tensor) -> Tensor:
        """The summed criterion of embeddings, float32 (n, width) each."""
        terms = [
            self._criterion(project(leading(first, width)).float(), project(leading(second, width)).float())
            for width, project in zip(self._widths, self.projectors, strict=True)
        ]
        return torch.stack(terms).sum()


def view(batch: Standardised, masking: float, generator: torch.Generator, widths: tuple[int, ...]) -> View:
    """A view of a batch: streams hidden at random, noise on the values that are left."""
    values, presence = mask_streams(batch, masking, generator, widths)
    noise = torch.randn(values.shape, generator=generator, device=generator.device).to(values.device)
    # the values of what is hidden or missing stay 0, for noise there would tell what was hidden
    return values + NOISE * noise * batch.observed * over_columns(presence, widths), presence


def projector(width: int, hidden: int) -> nn.Sequential:
    """A hidden layer with batch normalisation, as all three papers have, and as many outputs as it is wide (ours)."""
    return nn.Sequential(nn.Linear(width, hidden), OverBatch(), nn.ReLU(), nn.Linear(hidden, hidden))


def standardised(values: Tensor) -> Tensor:
    """Columns with mean 0 and deviation 1 over the batch, in float32."""
    centred = values.float() - values.float().mean(dim=0)
    return centred / torch.sqrt((centred**2).mean(dim=0) + _EPSILON)


def info_nce(first: Tensor, second: Tensor) -> Tensor:
    """Cross-entropy of finding a row's other view among those of the batch, by cosine, in both directions; a scalar.

    van den Oord et al. (arXiv 1807.03748, equation 4) with the normalised projections and the temperature of SimCLR
    (arXiv 2002.05709, equation 1). Ours: the negatives are the other rows' second views, n − 1 and not 2n − 2, as in
    CLIP (arXiv 2103.00020, figure 3), which takes a quarter of the products.
    """
    similarity = normalize(first, dim=1) @ normalize(second, dim=1).T / TEMPERATURE
    place = torch.arange(len(first), device=first.device)
    return 0.5 * (cross_entropy(similarity, place) + cross_entropy(similarity.T, place))


def vicreg(first: Tensor, second: Tensor) -> Tensor:
    """λ·mean squared distance + μ·(v + v′) + ν·(c + c′); a scalar.

    Bardes et al. (arXiv 2105.04906, equations 1 to 6), with the distance divided by the number of columns as in the
    authors' code. v is how far the deviation of a column is below 1, c the squared covariance of two columns, summed
    and divided by their number.
    """
    spread = hinged_deviation(first) + hinged_deviation(second)
    overlap = squared_covariance(first) + squared_covariance(second)
    return INVARIANCE * mse_loss(first, second) + VARIANCE * spread + COVARIANCE * overlap


def hinged_deviation(values: Tensor) -> Tensor:
    """v: mean over columns of max(0, 1 − √(variance + ε)); a scalar."""
    centred = values - values.mean(dim=0)
    variance = (centred**2).sum(dim=0) / max(len(values) - 1, 1)
    return relu(1.0 - torch.sqrt(variance + VICREG_EPSILON)).mean()


def squared_covariance(values: Tensor) -> Tensor:
    """c: squared covariances of two different columns, summed and divided by the number of columns; a scalar."""
    centred = values - values.mean(dim=0)
    covariance = (centred.T @ centred).float() / max(len(values) - 1, 1)
    return _off_diagonal_squares(covariance) / values.shape[1]


def barlow_twins(first: Tensor, second: Tensor) -> Tensor:
    """Σ(1 − Cᵢᵢ)² + λ·Σ_{i≠j} Cᵢⱼ², C the correlation of both views' columns; a scalar.

    Zbontar et al. (arXiv 2103.03230, equation 1).
    """
    correlation = (standardised(first).T @ standardised(second)).float() / len(first)
    return ((1.0 - correlation.diagonal()) ** 2).sum() + REDUNDANCY * _off_diagonal_squares(correlation)


def _off_diagonal_squares(matrix: Tensor) -> Tensor:
    return (matrix**2).sum() - (matrix.diagonal() ** 2).sum()
