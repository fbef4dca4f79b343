"""How much of each stream an embedding kept, told in one way for every row of the table, whatever it was trained for.

The normalised columns of all streams (logarithms, then z-scores of the training rows, whatever the row's own
normalisation) are labels of a ridge regression from the embedding, trained on training cities and scored on those held
out. A stream's R² is about all its columns. That is ours: decoders tell only what their own embedding holds, on their
own scale, and contrastive objectives have none.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray

from ml.dataset import StreamTable
from ml.preprocessing import CHUNK, Preprocessing, fit_preprocessing
from ml.probes import Benchmark, Fold, probe_groups
from ml.schema import Schema

_ALPHAS = (1.0, 100.0, 10_000.0)
"""A few penalties: with many times more rows than dimensions they matter little."""


def readable_streams(
    embeddings: Mapping[str, NDArray[np.float32]],
    data: StreamTable,
    benchmark: Benchmark,
    folds: Sequence[Fold],
    train_rows: NDArray[np.int64],
) -> pl.DataFrame:
    """Squared errors of every stream as read linearly out of embeddings, a row a city held out.

    Args:
        embeddings: Name to float32 (rows, width).
        data: All streams in raw units, whichever of them the embeddings have seen.
        benchmark: Blocks and cities of the same rows; its labels are not looked at.
        folds: Those that hold cities out.
        train_rows: Rows by which columns are normalised.

    Returns:
        `representation`, `split`, `fold`, `group` (city), `stream`, `sse` and `sst` (about the fold's mean).
    """
    columns = Benchmark(
        data.schema.columns,
        normalised_columns(fit_preprocessing(data.raw, train_rows, data.schema, "log1p_z"), data.raw),
        benchmark.block,
        benchmark.block_city,
        benchmark.folds,
    )
    found = probe_groups(embeddings, columns, folds, _ALPHAS)
    keys = ("representation", "split", "fold", "group", "stream")
    stream = pl.col("label").replace_strict(_stream_of(data.schema), return_dtype=pl.String).alias("stream")
    return found.with_columns(stream).group_by(keys).agg(pl.col("sse", "sst").sum()).sort(keys)


def normalised_columns(preprocessing: Preprocessing, raw: NDArray[np.float32]) -> NDArray[np.float64]:
    """Columns on the scale of a preprocessing, NaN where missing; float64 (rows, columns)."""
    parts = []
    for start in range(0, len(raw), CHUNK):
        batch = preprocessing.standardise(torch.from_numpy(raw[start : start + CHUNK]))
        parts.append(torch.where(batch.observed > 0, batch.values, torch.nan).numpy().astype(np.float64))
    return np.concatenate(parts)


def stream_r2(readable: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """R² of each stream over all cities held out: the columns `by`, `stream` and `r2`."""
    keys = [*by, "stream"]
    return readable.group_by(keys).agg((1 - pl.col("sse").sum() / pl.col("sst").sum()).alias("r2")).sort(keys)


def _stream_of(schema: Schema) -> dict[str, Any]:
    return {column: stream.name for stream in schema.streams for column in stream.columns}
