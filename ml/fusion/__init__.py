"""Fusion encoders: ways to make one embedding of several streams (experiment axis "fusion architecture").

The paper (arXiv 2606.20697) names the axis; which architectures are tried is ours. Each takes normalised values
(n, columns) and presence flags (n, streams) and gives unit-length embeddings (n, width); none sees a stream that is
missing or hidden other than by its flag.

With the seven streams and the default widths (embedding 256, hidden 256); `step` is the processor time of a training
step of 1,024 rows under CAR on one thread, in relation to the reference (best mean of ten steps, on a busy machine):

| fusion | parameters | step |
|---|---|---|
| concat_mlp | 191,232 | 1 |
| gated | 201,664 | 1.1 |
| token_self_attention | 193,664 | 2.5 |
| aef_query_cross_attention | 196,864 | 1.7 |
| film | 225,600 | 1.1 |
| mixture_of_experts | 196,688 | 1.1 |
| low_rank_bilinear | 163,072 | 1.1 |
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
