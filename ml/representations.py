"""What is probed: the trained embeddings, and the baselines that they are held against."""

import numpy as np
import torch
from numpy.typing import NDArray

from lake.aef import dequantise
from lake.streams import AEF_NODATA
from ml.dataset import StreamTable
from ml.inference import embed_table, matryoshka
from ml.preprocessing import Preprocessing, raw_matrix
from ml.training import Trained


def representations(car: Trained, shared: Trained, data: StreamTable) -> dict[str, NDArray[np.float32]]:
    """Everything that the report compares, float32 (rows, width) each, NaN where missing.

    `car_256`, `car_128`, `car_64` (leading dimensions), `shared_256`, `aef` (dequantised, 64) and `raw_concat` (all
    columns on the scale that the encoder sees, but for the standardisation, which the probe does).
    """
    embeddings = embed_table(car.encoder, data)
    return {
        "car_256": embeddings,
        "car_128": matryoshka(embeddings, 128),
        "car_64": matryoshka(embeddings, 64),
        "shared_256": embed_table(shared.encoder, data),
        "aef": aef_alone(data),
        "raw_concat": raw_concat(car.encoder.preprocessing, data),
    }


def aef_alone(data: StreamTable) -> NDArray[np.float32]:
    """AlphaEarth embeddings alone, dequantised; float32 (rows, 64)."""
    codes = data.values["aef"]
    return dequantise(np.where(np.isfinite(codes), codes, AEF_NODATA).astype(np.int8))


def raw_concat(preprocessing: Preprocessing, data: StreamTable) -> NDArray[np.float32]:
    """All columns side by side, dequantised and in logarithms where the encoder takes them; float32 (rows, columns)."""
    return preprocessing.transform(torch.from_numpy(raw_matrix(data.values))).numpy()
