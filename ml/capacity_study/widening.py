"""Streams of any width that tell the same: what the study of capacity varies.

The abstract of arXiv 2606.20697 blames a stream's width for what it takes of the embedding. To show that it is width,
and not what a wide stream knows, width has to grow while knowledge stays. How is ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from lake.errors import BadInputError
from ml.batches import Rows, spread
from ml.dataset import StreamTable
from ml.preprocessing import CHUNK, fit_preprocessing
from ml.schema import Schema, StreamSpec, Transform

Float = NDArray[np.float64]
_FIT_ROWS = 20_000
_SEED = 64_512


@dataclass(frozen=True)
class Turn:
    """What makes wide columns of a stream's normalised ones: (x − middle) @ matrix.

    Attributes:
        middle: Mean over the training rows; (D,).
        matrix: Leading principal axes times a random isometry; (D, width).
    """

    middle: Float
    matrix: Float


def widen(data: StreamTable, streams: Sequence[str], core: int, width: int, fit_rows: Rows) -> StreamTable:
    """The table with some streams brought to a width, and the others as they were.

    A stream's columns are normalised and reduced to their `core` leading principal components, all fitted on training
    rows; a fixed random isometry (orthonormal rows, from a Gaussian matrix) makes `width` columns of them. The new
    columns have about equal variance, distances between rows keep their proportions, and the components can be had
    back exactly: at every width the stream tells the same, and only the number of its columns differs.

    Args:
        data: Streams in raw units.
        streams: Names of those to widen.
        core: Components kept, the same at every width; a stream with fewer columns keeps all it has.
        width: Columns of each of them in the result; at least `core`.
        fit_rows: Training rows.

    Returns:
        The same rows. A row of which a stream was wholly missing lacks it still; a single missing value counts as the
        training mean.

    Raises:
        BadInputError: No such stream, or a width below the core.
    """
    if not 1 <= core <= width:
        raise BadInputError(f"A stream of {core} components cannot be told in {width} columns: give at least {core}.")
    wide = {data.schema[name].name: data.schema.names.index(name) for name in streams}
    preprocessing = fit_preprocessing(data.raw, fit_rows, data.schema)
    sample = preprocessing.standardise(torch.from_numpy(data.raw[spread(fit_rows, _FIT_ROWS)])).values.numpy()
    places = data.schema.slices
    turns = {name: fit_turn(sample[:, places[name]], core, width, (_SEED, index)) for name, index in wide.items()}
    schema = Schema(tuple(_widened(stream, width) if stream.name in wide else stream for stream in data.schema.streams))
    raw = np.empty((len(data), schema.width), np.float32)
    for part in (slice(start, start + CHUNK) for start in range(0, len(data), CHUNK)):
        batch = preprocessing.standardise(torch.from_numpy(data.raw[part]))
        for name, target in schema.slices.items():
            if name not in wide:
                raw[part, target] = data.raw[part, places[name]]
                continue
            turned = (batch.values[:, places[name]].numpy() - turns[name].middle) @ turns[name].matrix
            raw[part, target] = np.where(batch.presence[:, [wide[name]]].numpy() > 0, turned, np.nan)
    return replace(data, schema=schema, raw=raw)


def fit_turn(values: NDArray[np.float32], core: int, width: int, seed: tuple[int, ...]) -> Turn:
    """Principal axes of some columns, turned into a width.

    Args:
        values: Normalised columns of training rows, without missing values; (n, D).
        core: Components kept, at most D.
        width: Columns made of them.
        seed: Of the isometry; another for every width.
    """
    covariance = np.cov(values, rowvar=False, dtype=np.float64).reshape(values.shape[1], -1)
    axes = np.linalg.eigh(covariance)[1][:, ::-1][:, :core]
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=0)[None], axis=0)
    axes = axes * np.sign(largest)  # an eigenvector's sign is the library's whim
    drawn = np.random.default_rng((*seed, width)).normal(size=(width, axes.shape[1]))
    columns, upper = np.linalg.qr(drawn)
    isometry = (columns * np.sign(np.diag(upper))).T * np.sqrt(width / axes.shape[1])  # columns keep their variance
    return Turn(values.mean(axis=0, dtype=np.float64), axes @ isometry)


def _widened(stream: StreamSpec, width: int) -> StreamSpec:
    columns = tuple(f"{stream.name}_{index:04d}" for index in range(width))
    unchanged: Transform = "identity"
    return StreamSpec(stream.name, stream.title, columns, stream.kind, (unchanged,) * width)
