"""BYOL: a network predicts what a slow copy of itself makes of another view."""

import torch
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ml.config import TrainingConfig
from ml.fusion import make_fusion
from ml.fusion.encoder import leading
from ml.objectives.base import Loss, Objective
from ml.objectives.views import View, projector, view
from ml.preprocessing import Standardised
from ml.schema import Schema

SLOWNESS = 0.99
"""τ: how much of the slow copy stays at each step. Ours, and constant: the paper's 0.996, rising to 1, is made for some
300,000 steps, and in the hundreds of ours the copy would stay where it began."""


class BootstrapYourOwnLatent(Objective):
    """Grill et al. (arXiv 2006.07733, section 3): 2 − 2·cos(q(p(z)), p′(z′)), both views in turn.

    The slow copy of encoder and projectors is a moving average of their weights and has no gradient; it begins as a
    copy of them when the first batch comes, and is part of what a checkpoint holds. Projectors and predictors as in
    `ml.objectives.views` (the paper's have the same form).

    Args:
        config: See there.
        schema: The streams.
    """

    def __init__(self, config: TrainingConfig, schema: Schema) -> None:
        super().__init__()
        self._masking, self._stream_widths = config.masking, schema.widths
        self._widths = (config.width, *config.heads)
        self.projectors = nn.ModuleList(projector(width, config.hidden) for width in self._widths)
        self.predictors = nn.ModuleList(projector(config.hidden, config.hidden) for _ in self._widths)
        self.slow_fusion = _slow_copy(make_fusion(config.fusion, config.width, config.hidden, schema))
        self.slow_projectors = _slow_copy(self.projectors)

    def loss(self, fusion: nn.Module, batch: Standardised, generator: torch.Generator) -> Loss:
        """Summed over the full width and the heads, mean over both directions."""
        if self.slow_fusion.n_averaged == 0:
            self.after_step(fusion)  # the first average is the model itself
        first, second = (view(batch, self._masking, generator, self._stream_widths) for _ in range(2))
        one, other = fusion(*first), fusion(*second)
        return Loss(0.5 * (self._towards(one, second) + self._towards(other, first)))

    def after_step(self, fusion: nn.Module) -> None:
        """The slow copy follows."""
        self.slow_fusion.update_parameters(fusion)
        self.slow_projectors.update_parameters(self.projectors)

    def _towards(self, embedding: Tensor, other: View) -> Tensor:
        """How far the predictions from an embedding are from what the slow copy makes of the other view; a scalar."""
        slow_projectors = self.slow_projectors.module
        assert isinstance(slow_projectors, nn.ModuleList)
        with torch.no_grad():
            slow = self.slow_fusion(*other)
            targets = [
                project(leading(slow, width)).float()
                for width, project in zip(self._widths, slow_projectors, strict=True)
            ]
        total = embedding.new_zeros(())
        for i, (width, target) in enumerate(zip(self._widths, targets, strict=True)):
            predicted = self.predictors[i](self.projectors[i](leading(embedding, width))).float()
            total = total + (2.0 - 2.0 * cosine_similarity(predicted, target, dim=1)).mean()
        return total


def _slow_copy(network: nn.Module) -> AveragedModel:
    slow = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(SLOWNESS))  # type: ignore[no-untyped-call]
    slow.requires_grad_(requires_grad=False)
    return slow
