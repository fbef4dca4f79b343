"""Embeddings of partitions, in batches."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray

from lake.aef import unit_length
from lake.errors import BadInputError
from ml.dataset import StreamTable, align, raw_matrix
from ml.fusion import Encoder
from ml.schema import SEVEN

BATCH = 2_048
"""Rows at a time: their activations stay in the processor's cache (measured by benchmarks/inference.py)."""


@dataclass(frozen=True)
class RegisteredModel:
    """A model out of the registry.

    Attributes:
        pyfunc: As `mlflow.pyfunc.load_model` gives it.
        name: Registered name.
        version: Registered version.
        run_id: Run that trained it.
        simulated: True where it was trained on the simulated planet.
        digest: Digest of the weights: the same whenever the same data is trained on, as version and run are not. What
            is written to the lake names the model by it.
    """

    pyfunc: Any
    name: str
    version: str
    run_id: str
    simulated: bool
    digest: str

    @cached_property
    def network(self) -> Callable[[torch.Tensor], torch.Tensor]:
        """The exported graph inside.

        Raises:
            BadInputError: The registered model takes other columns than this version of the platform has.
        """
        model = self.pyfunc.unwrap_python_model()
        if tuple(model.columns) != SEVEN.columns:
            raise BadInputError(
                f"Version {self.version} of {self.name} was trained on other stream columns: train and register again."
            )
        network: Callable[[torch.Tensor], torch.Tensor] = model.network
        return network


Network = Encoder | RegisteredModel


def embed(model: Network, streams: Mapping[str, pl.DataFrame]) -> NDArray[np.float32]:
    """Embeddings of one partition.

    Args:
        model: A trained encoder, or a registered model.
        streams: The table of each stream: `pixel` and its columns in raw units.

    Returns:
        Unit-length embeddings in the ascending order of `embedded_pixels(streams)`; float32 (pixels, 256); NaN for a
        pixel of which no stream is there.

    Raises:
        BadInputError: A stream or a column is missing, or a pixel stands twice in a stream.
    """
    _, values = align(streams)
    return embed_matrix(model, raw_matrix(values))


def embedded_pixels(streams: Mapping[str, pl.DataFrame]) -> pl.Series:
    """The pixels that `embed` gives rows for: all that any stream has, ascending; UInt32."""
    return pl.concat([table.select("pixel") for table in streams.values()]).unique().sort("pixel")["pixel"]


def embed_table(model: Network, data: StreamTable) -> NDArray[np.float32]:
    """Embeddings of a stream table's rows, in their order; float32 (rows, 256)."""
    return embed_matrix(model, data.raw)


def embed_matrix(model: Network, raw: NDArray[np.float32]) -> NDArray[np.float32]:
    """Embeddings of raw columns, float32 (n, columns) with NaN where missing; float32 (n, 256)."""
    return run_network(model if isinstance(model, Encoder) else model.network, raw)


def run_network(network: Callable[[torch.Tensor], torch.Tensor], raw: NDArray[np.float32]) -> NDArray[np.float32]:
    """Runs raw columns through an encoder or its exported graph, a batch at a time; float32 (n, 256)."""
    with torch.inference_mode():
        parts = [network(torch.from_numpy(raw[i : i + BATCH])).numpy() for i in range(0, max(len(raw), 1), BATCH)]
    return np.concatenate(parts)


def matryoshka(embeddings: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """The leading dimensions, scaled to unit length again; float32 (n, width)."""
    return unit_length(embeddings[:, :width]).astype(np.float32)
