"""Raw stream columns to normalised inputs, as a part of the network, so that the exported graph takes raw units.

The order of work, a column at a time: AEF codes are dequantised; skewed non-negative quantities go through log1p where
the normalisation asks for it; everything is normalised with statistics of the training rows; a missing value becomes 0
and its stream's presence flag says whether anything of the stream was there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lake.streams import AEF_NODATA
from ml.normalisers import Affine, Normalisation, Normaliser, Quantile, UnitStreams, empty_normaliser, quantile_knots
from ml.schema import SEVEN, Schema

CHUNK = 65_536
"""Rows worked on at a time, which bounds the memory."""
_SMALLEST_SCALE = 1e-6  # a column that does not vary tells nothing: divided by 1, it stays 0
_QUANTILE_ROWS = 100_000


@dataclass(frozen=True)
class Standardised:
    """A batch on the network's own scale.

    Attributes:
        values: Normalised, 0 where missing; float32 (n, columns).
        observed: 1 where a value was there, else 0; float32 (n, columns).
        presence: 1 where at least one column of the stream was there, else 0; float32 (n, streams).
    """

    values: Tensor
    observed: Tensor
    presence: Tensor

    def to(self, device: torch.device) -> "Standardised":
        """The same on another device."""
        return Standardised(self.values.to(device), self.observed.to(device), self.presence.to(device))

    def __getitem__(self, rows: Tensor) -> "Standardised":
        """Some rows."""
        rows = rows.to(self.values.device)
        return Standardised(*(part.index_select(0, rows) for part in (self.values, self.observed, self.presence)))


class Preprocessing(nn.Module):
    """Dequantises, transforms, normalises and flags; fitted once, then constant.

    Args:
        schema: The columns.
        normalisation: Kind of the normaliser; `log1p_z` alone takes logarithms.
        normaliser: Fitted on the training rows; left out: one that changes nothing yet.
    """

    codes: Tensor
    log1p: Tensor
    membership: Tensor

    def __init__(
        self, schema: Schema = SEVEN, normalisation: Normalisation = "log1p_z", normaliser: Normaliser | None = None
    ) -> None:
        super().__init__()
        membership = torch.zeros(schema.width, len(schema.streams))
        for index, columns in enumerate(schema.slices.values()):
            membership[columns, index] = 1.0
        takes_logarithms = normalisation == "log1p_z"
        self.register_buffer("codes", torch.tensor([kind == "aef_code" for kind in schema.transforms]))
        self.register_buffer("log1p", torch.tensor([kind == "log1p" for kind in schema.transforms]) & takes_logarithms)
        self.register_buffer("membership", membership)
        self.normaliser = normaliser or empty_normaliser(normalisation, membership)

    def transform(self, raw: Tensor) -> Tensor:
        """Raw units to the scale on which columns are normalised; NaN where missing. Float32 (n, columns)."""
        missing = ~torch.isfinite(raw) | (self.codes & (raw == AEF_NODATA))
        direction = torch.sign(raw) * torch.square(raw / 127.5)
        logarithm = torch.log1p(torch.clamp(raw, min=0.0))
        values = torch.where(self.codes, direction, torch.where(self.log1p, logarithm, raw))
        return torch.where(missing, torch.nan, values)

    def standardise(self, raw: Tensor) -> Standardised:
        """A batch of raw columns, float32 (n, columns) with NaN where missing, on the network's scale."""
        values = self.normaliser(self.transform(raw))
        missing = torch.isnan(values)
        observed = (~missing).to(raw.dtype)
        presence = torch.clamp(observed @ self.membership, max=1.0)
        return Standardised(torch.where(missing, 0.0, values), observed, presence)


def fit_preprocessing(
    raw: NDArray[np.float32],
    rows: NDArray[np.int64],
    schema: Schema = SEVEN,
    normalisation: Normalisation = "log1p_z",
    chunk: int = CHUNK,
) -> Preprocessing:
    """Fits the normaliser of every column on some rows.

    Args:
        raw: Raw columns, NaN where missing; float32 (n, columns), in memory or memory-mapped.
        rows: The rows of the training cities.
        schema: The columns.
        normalisation: Kind of the normaliser.
        chunk: Rows worked on at a time, which bounds the memory.
    """
    identity = Preprocessing(schema, normalisation)
    return Preprocessing(schema, normalisation, _fit_normaliser(identity, normalisation, raw, rows, chunk))


def _fit_normaliser(
    identity: Preprocessing,
    normalisation: Normalisation,
    raw: NDArray[np.float32],
    rows: NDArray[np.int64],
    chunk: int,
) -> Normaliser:
    if normalisation == "none":
        return empty_normaliser("none", identity.membership)
    if normalisation == "quantile":
        sample = rows[:: max(1, -(-len(rows) // _QUANTILE_ROWS))]
        return Quantile(quantile_knots(identity.transform(torch.from_numpy(np.asarray(raw[sample]))).numpy()))
    scores = _fit_scores(identity, raw, rows, chunk)
    return UnitStreams(scores, identity.membership) if normalisation == "l2" else scores


def _fit_scores(identity: Preprocessing, raw: NDArray[np.float32], rows: NDArray[np.int64], chunk: int) -> Affine:
    """Mean and standard deviation of every transformed column over the rows that have it."""
    width = raw.shape[1]
    count, total, squares = np.zeros(width), np.zeros(width), np.zeros(width)
    shift = np.zeros(width)
    for number, part in enumerate(_transformed(identity, raw, rows, chunk)):
        observed = np.isfinite(part)
        if number == 0:  # variance about a point near the mean does not cancel
            shift = np.where(observed, part, 0.0).sum(axis=0) / np.maximum(observed.sum(axis=0), 1)
        centred = np.where(observed, part - shift, 0.0)
        count += observed.sum(axis=0)
        total += centred.sum(axis=0)
        squares += (centred**2).sum(axis=0)
    count = np.maximum(count, 1)
    deviation = np.sqrt(np.maximum(squares / count - (total / count) ** 2, 0.0))
    scale = np.where(deviation < _SMALLEST_SCALE, 1.0, deviation)
    return Affine(torch.tensor(shift + total / count, dtype=torch.float32), torch.tensor(scale, dtype=torch.float32))


def _transformed(
    identity: Preprocessing, raw: NDArray[np.float32], rows: NDArray[np.int64], chunk: int
) -> Iterator[NDArray[np.float64]]:
    for start in range(0, len(rows), chunk):
        part = torch.from_numpy(np.asarray(raw[rows[start : start + chunk]]))
        yield identity.transform(part).numpy().astype(np.float64)
