"""The full embeddings of partitions: computed by a registered model, kept in the lake as float32."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lake.errors import BadInputError
from lake.partition_io import Lake, Written
from ml.dataset import data_version, is_simulated, load_streams
from ml.inference import RegisteredModel, embed_table
from ml.release.layout import EMBEDDINGS


def embed_partition(lake: Lake, model: RegisteredModel, city: str, year: int) -> Written:
    """Embeds one city-year from its seven stream tables and writes `embeddings/aef_econ_256`.

    The table holds `pixel` (UInt32, ascending) and `embedding` (Array(Float32, 256), unit length; NaN for a pixel of
    which every stream is missing). Its metadata tells the model, the version of the streams and whether either is
    simulated.

    Raises:
        PartitionMissingError: A stream of the partition was never written.
        BadInputError: No pixel of the partition has anything in any stream.
    """
    data = load_streams(lake, [(city, year)])
    embedding = embed_table(model, data)
    if not np.isfinite(embedding).any():
        raise BadInputError(f"All seven streams of {city}|{year} are missing everywhere: extract them again.")
    table = pl.DataFrame(
        {"pixel": data.keys["pixel"], "embedding": pl.Series(embedding, dtype=pl.Array(pl.Float32, embedding.shape[1]))}
    )
    simulated = model.simulated or is_simulated(lake, [(city, year)])
    metadata = {
        "model_name": model.name,
        "model_digest": model.digest,
        "streams_version": data_version(lake, [(city, year)]),
        "simulated": str(simulated).lower(),
    }
    return lake.write(EMBEDDINGS, city, year, table, metadata)


def read_embeddings(lake: Lake, city: str, year: int) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
    """Pixels, uint32 (n,), and their embeddings, float32 (n, 256), of one partition.

    Raises:
        PartitionMissingError: They were never computed.
    """
    table = lake.read(EMBEDDINGS, city, year)
    return table["pixel"].to_numpy(), table["embedding"].to_numpy()
