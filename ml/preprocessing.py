"""Raw stream columns to standardised inputs, as a part of the network, so that the exported graph takes raw units.

The order of work, a column at a time: AEF codes are dequantised; skewed non-negative quantities go through log1p;
everything is z-scored with statistics of the training rows; a missing value becomes 0 (the mean) and its stream's
presence flag says whether anything of the stream was there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lake.streams import AEF_NODATA, STREAMS, Stream

LOG1P = frozenset(
    {
        *STREAMS["population"].columns,
        *STREAMS["nightlights"].columns,
        *STREAMS["poi"].columns,
        "built_height",
        "road_density",
    }
)
"""Columns that are skewed and not below 0 (but for the noise of night lights, which is cut at 0)."""

COLUMNS: tuple[str, ...] = tuple(column for stream in STREAMS.values() for column in stream.columns)
"""Input columns of the network, in order: the bands of the streams in the order of `lake.streams.STREAMS`."""

_SMALLEST_SCALE = 1e-6  # a column that does not vary tells nothing: divided by 1, it stays 0


def stream_slices(streams: Sequence[Stream] = tuple(STREAMS.values())) -> dict[str, slice]:
    """Where each stream's columns lie in the network's input."""
    slices, start = {}, 0
    for stream in streams:
        slices[stream.name] = slice(start, start + stream.width)
        start += stream.width
    return slices


@dataclass(frozen=True)
class Standardised:
    """A batch on the network's own scale.

    Attributes:
        values: z-scores, 0 where missing; float32 (n, columns).
        observed: 1 where a value was there, else 0; float32 (n, columns).
        presence: 1 where at least one column of the stream was there, else 0; float32 (n, streams).
    """

    values: Tensor
    observed: Tensor
    presence: Tensor


class Preprocessing(nn.Module):
    """Dequantises, transforms, standardises and flags; fitted once, then constant.

    Args:
        mean: Mean of each transformed column over the training rows; float32 (columns,).
        scale: Standard deviation of the same; float32 (columns,).
    """

    codes: Tensor
    log1p: Tensor
    mean: Tensor
    scale: Tensor
    membership: Tensor

    def __init__(self, mean: Tensor, scale: Tensor) -> None:
        super().__init__()
        aef = set(STREAMS["aef"].columns)
        membership = torch.zeros(len(COLUMNS), len(STREAMS))
        for index, columns in enumerate(stream_slices().values()):
            membership[columns, index] = 1.0
        self.register_buffer("codes", torch.tensor([column in aef for column in COLUMNS]))
        self.register_buffer("log1p", torch.tensor([column in LOG1P for column in COLUMNS]))
        self.register_buffer("mean", mean)
        self.register_buffer("scale", scale)
        self.register_buffer("membership", membership)

    def transform(self, raw: Tensor) -> Tensor:
        """Raw units to the scale on which columns are standardised; NaN where missing. Float32 (n, columns)."""
        missing = ~torch.isfinite(raw) | (self.codes & (raw == AEF_NODATA))
        direction = torch.sign(raw) * torch.square(raw / 127.5)
        logarithm = torch.log1p(torch.clamp(raw, min=0.0))
        values = torch.where(self.codes, direction, torch.where(self.log1p, logarithm, raw))
        return torch.where(missing, torch.nan, values)

    def standardise(self, raw: Tensor) -> Standardised:
        """A batch of raw columns, float32 (n, columns) with NaN where missing, on the network's scale."""
        values = (self.transform(raw) - self.mean) / self.scale
        missing = torch.isnan(values)
        observed = (~missing).to(raw.dtype)
        presence = torch.clamp(observed @ self.membership, max=1.0)
        return Standardised(torch.where(missing, 0.0, values), observed, presence)


def fit_preprocessing(raw: NDArray[np.float32], rows: NDArray[np.int64], chunk: int = 65_536) -> Preprocessing:
    """Fits the mean and standard deviation of every column on some rows.

    Args:
        raw: Raw columns, NaN where missing; float32 (n, columns).
        rows: The rows of the training cities.
        chunk: Rows worked on at a time, which bounds the memory.
    """
    width = len(COLUMNS)
    identity = Preprocessing(torch.zeros(width), torch.ones(width))
    count, total, squares = np.zeros(width), np.zeros(width), np.zeros(width)
    shift = np.zeros(width)
    for start in range(0, len(rows), chunk):
        part = identity.transform(torch.from_numpy(raw[rows[start : start + chunk]])).numpy().astype(np.float64)
        observed = np.isfinite(part)
        if start == 0:  # variance about a point near the mean does not cancel
            shift = np.where(observed, part, 0.0).sum(axis=0) / np.maximum(observed.sum(axis=0), 1)
        centred = np.where(observed, part - shift, 0.0)
        count += observed.sum(axis=0)
        total += centred.sum(axis=0)
        squares += (centred**2).sum(axis=0)
    count = np.maximum(count, 1)
    deviation = np.sqrt(np.maximum(squares / count - (total / count) ** 2, 0.0))
    scale = np.where(deviation < _SMALLEST_SCALE, 1.0, deviation)
    return Preprocessing(
        torch.tensor(shift + total / count, dtype=torch.float32), torch.tensor(scale, dtype=torch.float32)
    )


def raw_matrix(values: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    """The streams' raw columns side by side, in the network's order; float32 (n, columns)."""
    return np.concatenate([values[name] for name in STREAMS], axis=1).astype(np.float32, copy=False)
