"""Fusion encoders: ways to make one embedding of several streams (experiment axis "fusion architecture").

The paper (arXiv 2606.20697) names the axis; which architectures are tried is ours. Each takes normalised values
(n, columns) and presence flags (n, streams) and gives unit-length embeddings (n, width); none sees a stream that is
missing or hidden other than by its flag.
"""

from collections.abc import Callable, Mapping

from torch import nn

from lake.errors import BadInputError
from ml.fusion.bilinear import LowRankBilinear
from ml.fusion.concat import ConcatMLP
from ml.fusion.cross_attention import QueryCrossAttention
from ml.fusion.encoder import Encoder, leading, mask_streams, unit
from ml.fusion.experts import MixtureOfExperts
from ml.fusion.film import Film
from ml.fusion.gated import GatedUnits
from ml.fusion.self_attention import TokenSelfAttention
from ml.schema import Schema

__all__ = ["FUSIONS", "ConcatMLP", "Encoder", "leading", "make_fusion", "mask_streams", "unit"]

FUSIONS: Mapping[str, Callable[[int, int, Schema], nn.Module]] = {
    "concat_mlp": ConcatMLP,
    "gated": GatedUnits,
    "token_self_attention": TokenSelfAttention,
    "aef_query_cross_attention": QueryCrossAttention,
    "film": Film,
    "mixture_of_experts": MixtureOfExperts,
    "low_rank_bilinear": LowRankBilinear,
}
"""By name: takes the width of the embedding, the width of hidden layers and the schema."""


def make_fusion(name: str, width: int, hidden: int, schema: Schema) -> nn.Module:
    """A fusion encoder with new weights.

    Raises:
        BadInputError: There is none of this name; names those there are.
    """
    if name not in FUSIONS:
        raise BadInputError(f"Unknown fusion {name!r}; there are {', '.join(FUSIONS)}.")
    return FUSIONS[name](width, hidden, schema)
