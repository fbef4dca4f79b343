"""Three axes for pictures: the same for all partitions, so that a colour means the same in every city and year.

Principal axes of a sample of all partitions' embeddings. Their signs are fixed (the largest loading is positive) and so
is the stretch (2nd to 98th percentile of the sample), and both are kept in the lake.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lake.errors import BadInputError
from lake.partition_io import Lake
from ml.release.embeddings import read_embeddings
from ml.release.layout import EMBEDDINGS, PICTURE_AXES, is_simulated
from ml.release.threads import one_blas_thread

_CHANNELS = ("red", "green", "blue")
_STRETCH = (2.0, 98.0)  # percentiles
_DECIMALS = 6


@dataclass(frozen=True)
class Axes:
    """How an embedding becomes a colour.

    Attributes:
        mean: Mean embedding of the sample; float64 (width,).
        loadings: A unit vector a channel (red, green, blue); float64 (3, width).
        low: Score that becomes 0, a channel; float64 (3,).
        high: Score that becomes 255, a channel; float64 (3,).
        model_digest: Digest of the model that made the embeddings; axes of another model mean nothing.
    """

    mean: NDArray[np.float64]
    loadings: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    model_digest: str

    def colours(self, embeddings: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Colours of embeddings (n, width) with NaN where missing; uint8 (n, 4), transparent where missing."""
        missing = np.isnan(embeddings).any(axis=1, keepdims=True)
        scores = (np.where(missing, self.mean, embeddings) - self.mean) @ self.loadings.T
        share = np.clip((scores - self.low) / (self.high - self.low), 0.0, 1.0)
        opaque = np.where(missing, 0, 255)
        return np.concatenate([np.rint(share * 255), opaque], axis=1).astype(np.uint8)


def fit_axes(lake: Lake, partitions: Sequence[tuple[str, int]], rows: int = 2_000) -> Axes:
    """Fits the axes on some partitions and writes them as `release/picture_axes`.

    Args:
        lake: Holds `embeddings/aef_econ_256`.
        partitions: Cities and years to sample; their order does not matter.
        rows: Pixels of each that are taken, evenly spread.

    Raises:
        BadInputError: No partitions, embeddings of different models, or embeddings that are all the same.
        PartitionMissingError: A partition was never embedded.
    """
    if not partitions:
        raise BadInputError("No partitions to fit picture axes on: run inference first.")
    partitions = sorted(partitions)
    told = {partition: lake.metadata(EMBEDDINGS, *partition) for partition in partitions}
    models = {metadata.get("model_digest", "") for metadata in told.values()}
    if len(models) > 1:
        raise BadInputError(
            f"The embeddings come from {len(models)} models: run inference with one model on all partitions first."
        )
    sample = np.concatenate([_sample(lake, *partition, rows) for partition in partitions])
    with one_blas_thread():
        axes = _principal_axes(sample, models.pop())
    simulated = any(is_simulated(metadata) for metadata in told.values())
    _write(lake, axes, simulated)
    return axes


def read_axes(lake: Lake) -> Axes:
    """The axes as they were fitted last.

    Raises:
        PartitionMissingError: They never were.
    """
    table = lake.read_table(PICTURE_AXES)
    metadata = lake.table_metadata(PICTURE_AXES)
    low, high = np.array(json.loads(metadata["stretch"]))
    loadings = table.select(_CHANNELS).to_numpy().T
    return Axes(table["mean"].to_numpy(), np.ascontiguousarray(loadings), low, high, metadata["model_digest"])


def _write(lake: Lake, axes: Axes, simulated: bool) -> None:
    channels = dict(zip(_CHANNELS, axes.loadings, strict=True))
    dimension = np.arange(len(axes.mean), dtype=np.int32)
    table = pl.DataFrame({"dimension": dimension, "mean": axes.mean, **channels})
    stretch = json.dumps([axes.low.tolist(), axes.high.tolist()])
    metadata = {"stretch": stretch, "model_digest": axes.model_digest, "simulated": str(simulated).lower()}
    lake.write_table(PICTURE_AXES, table, metadata)


def _sample(lake: Lake, city: str, year: int, rows: int) -> NDArray[np.float64]:
    _, embeddings = read_embeddings(lake, city, year)
    present = embeddings[np.isfinite(embeddings).all(axis=1)]
    return present[:: -(-len(present) // rows) or 1].astype(np.float64)


def _principal_axes(sample: NDArray[np.float64], model_digest: str) -> Axes:
    mean = sample.mean(axis=0).round(_DECIMALS) if len(sample) else np.zeros(sample.shape[1])
    centred = sample - mean
    if not (np.abs(centred) > 10**-_DECIMALS).any():
        raise BadInputError("The embeddings are the same everywhere, so that no picture can show them: train again.")
    _, vectors = np.linalg.eigh(centred.T @ centred)
    loadings = vectors[:, : -len(_CHANNELS) - 1 : -1].T
    largest = np.take_along_axis(loadings, np.abs(loadings).argmax(axis=1)[:, None], axis=1)
    loadings = (loadings * np.sign(largest)).round(_DECIMALS)
    low, high = np.percentile(centred @ loadings.T, _STRETCH, axis=0).round(_DECIMALS)
    high = np.where(high > low, high, low + 1.0)  # an axis on which nothing varies is one grey
    return Axes(mean, loadings, low, high, model_digest)
