"""What is probed: the trained embeddings, and the baselines that they are held against."""

import numpy as np
import torch
from numpy.typing import NDArray

from lake.aef import dequantise
from lake.streams import AEF_NODATA
from ml.dataset import StreamTable
from ml.inference import embed_table, matryoshka
from ml.preprocessing import Preprocessing
from ml.training import Trained


def learned(car: Trained, shared: Trained, data: StreamTable) -> dict[str, NDArray[np.float32]]:
    """Embeddings of both models: `car_256`, `car_128`, `car_64` (leading dimensions) and `shared_256`.

    Float32 (rows, width) each; NaN where a row has no stream at all.
    """
    embeddings = embed_table(car.encoder, data)
    return {
        "car_256": embeddings,
        "car_128": matryoshka(embeddings, 128),
        "car_64": matryoshka(embeddings, 64),
        "shared_256": embed_table(shared.encoder, data),
    }


def baselines(preprocessing: Preprocessing, data: StreamTable) -> dict[str, NDArray[np.float32]]:
    """What needs no training: `aef` (AlphaEarth alone, 64) and `raw_concat` (all columns side by side).

    Both are on the scale that the encoder sees, but for the standardisation, which the probe does: dequantised, and in
    logarithms where the encoder takes them. Float32 (rows, width), NaN where missing.

    Args:
        preprocessing: Any; its fitted statistics are not used.
        data: Streams in raw units.
    """
    return {
        "aef": alphaearth(data.values["aef"]),
        "raw_concat": preprocessing.transform(torch.from_numpy(data.raw)).numpy(),
    }


def alphaearth(codes: NDArray[np.float32]) -> NDArray[np.float32]:
    """AlphaEarth's embeddings of its codes as a stream table holds them, NaN where missing; float32 (rows, 64)."""
    return dequantise(np.where(np.isfinite(codes), codes, AEF_NODATA).astype(np.int8))
