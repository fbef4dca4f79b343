"""Self-supervised objectives: what an encoder is trained for, without any label (experiment axis "objective").

The paper (arXiv 2606.20697) names the axis; which objectives are tried, and their constants, is ours.
"""

from collections.abc import Callable, Mapping

from lake.errors import BadInputError
from ml.config import TrainingConfig
from ml.objectives import views
from ml.objectives.base import Loss, Objective
from ml.objectives.byol import BootstrapYourOwnLatent
from ml.objectives.combined import Combined
from ml.objectives.reconstruction import autoencoder, denoising, masked_stream
from ml.schema import Schema

__all__ = ["OBJECTIVES", "Loss", "Objective", "make_objective"]

OBJECTIVES: Mapping[str, Callable[[TrainingConfig, Schema, Mapping[str, float]], Objective]] = {
    "masked_stream": masked_stream,
    "autoencoder": autoencoder,
    "denoising": denoising,
    "info_nce": lambda config, schema, _: views.TwoViews(config, schema, views.info_nce),
    "vicreg": lambda config, schema, _: views.TwoViews(config, schema, views.vicreg),
    "barlow_twins": lambda config, schema, _: views.TwoViews(config, schema, views.barlow_twins),
    "byol": lambda config, schema, _: BootstrapYourOwnLatent(config, schema),
    "combined": Combined,
}
"""By name: takes the configuration, the schema and each stream's variance on the normalised scale."""


def make_objective(config: TrainingConfig, schema: Schema, variance: Mapping[str, float]) -> Objective:
    """The objective of a configuration, with new weights.

    Raises:
        BadInputError: There is none of this name; names those there are.
    """
    if config.objective not in OBJECTIVES:
        raise BadInputError(f"Unknown objective {config.objective!r}; there are {', '.join(OBJECTIVES)}.")
    return OBJECTIVES[config.objective](config, schema, variance)
