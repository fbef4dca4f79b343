"""Interpolation between pixel centres: `bilinear` and `bicubic`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.catalog.base import Pixels

Array = NDArray[Any]
STRIP = 2**15
"""Pixels at a time: what they need stays in the processor's cache."""


def interpolate(pixels: Pixels, columns: NDArray[Any], rows: NDArray[Any], mode: str) -> Pixels:
    """Interpolates at fractional (column, row) of pixel corners; values become double.

    Masked neighbours get no weight and the rest is renormalised; a result whose nearest pixel is masked is masked.

    Args:
        pixels: Source values and mask.
        columns: Fractional column of each answer; a pixel's centre is at n + 0.5.
        rows: Fractional row of each answer.
        mode: `bilinear` (2 x 2 neighbours) or `bicubic` (4 x 4, Keys's kernel with a = -0.5).
    """
    source = _Source(pixels)
    values, valid = np.zeros(columns.shape), np.zeros(columns.shape, bool)
    step = max(1, STRIP // max(columns.shape[1], 1))
    for start in range(0, columns.shape[0], step):
        rows_of = np.s_[start : start + step]
        values[rows_of], valid[rows_of] = _strip(source, columns[rows_of], rows[rows_of], mode)
    return Pixels(values, valid)


def _strip(source: _Source, columns: Array, rows: Array, mode: str) -> tuple[Array, Array]:
    """Values and which of them are valid."""
    taps, weigh = ((0, 1), _triangle) if mode == "bilinear" else ((-1, 0, 1, 2), _keys)
    columns, rows = _finite(columns), _finite(rows)
    left, top = np.floor(columns - 0.5), np.floor(rows - 0.5)
    x, y = columns - 0.5 - left, rows - 0.5 - top
    across = [(source.column(left + dx), weigh(x - dx)) for dx in taps]
    total, weight = np.zeros(columns.shape), np.zeros(columns.shape)
    for dy in taps:
        row, height = source.row(top + dy), weigh(y - dy)
        for column, width in across:
            source.add(row + column, height * width, total, weight)
    centre = source.row(np.floor(rows)) + source.column(np.floor(columns))
    valid = source.holds(columns, rows) & source.mask.take(centre) & (weight > 1e-9)
    return np.where(valid, total / np.where(valid, weight, 1.0), 0.0), valid


def _finite(places: Array) -> Array:
    """Places that could not be converted, put outside."""
    return places if np.isfinite(places).all() else np.nan_to_num(places, nan=-9, posinf=-9, neginf=-9)


class _Source:
    """Pixels that are taken by their place in memory; what lies outside counts as the nearest on the edge."""

    def __init__(self, pixels: Pixels) -> None:
        self.mask = pixels.mask
        self._height, self._width = pixels.values.shape
        self._whole = bool(pixels.mask.all())
        self._values = pixels.values if self._whole else np.where(pixels.mask, pixels.values, 0)

    def row(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Where rows begin."""
        begins: NDArray[Any] = np.clip(rows, 0, self._height - 1).astype(np.int64) * self._width
        return begins

    def column(self, columns: NDArray[Any]) -> NDArray[Any]:
        """Columns of the source."""
        columns = np.clip(columns, 0, self._width - 1).astype(np.int64)
        return columns

    def holds(self, columns: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
        """Which places lie in the source."""
        inside: NDArray[Any] = (columns >= 0) & (columns < self._width) & (rows >= 0) & (rows < self._height)
        return inside

    def add(self, places: NDArray[Any], share: NDArray[Any], total: NDArray[Any], weight: NDArray[Any]) -> None:
        """Adds pixels to a weighted sum, masked ones without weight."""
        if not self._whole:
            share *= self.mask.take(places)
        weight += share
        share *= self._values.take(places)
        total += share


def _triangle(distance: NDArray[Any]) -> NDArray[Any]:
    weight: NDArray[Any] = np.maximum(0.0, 1.0 - np.abs(distance))
    return weight


def _keys(distance: NDArray[Any]) -> NDArray[Any]:
    d = np.abs(distance)
    near = (1.5 * d - 2.5) * d * d + 1.0
    far = ((-0.5 * d + 2.5) * d - 4.0) * d + 2.0
    return np.where(d <= 1.0, near, np.where(d < 2.0, far, 0.0))
