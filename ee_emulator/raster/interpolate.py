"""Interpolation between pixel centres: `bilinear` and `bicubic`."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.catalog.base import Pixels


def interpolate(pixels: Pixels, columns: NDArray[Any], rows: NDArray[Any], mode: str) -> Pixels:
    """Interpolates at fractional (column, row) of pixel corners; values become double.

    Masked neighbours get no weight and the rest is renormalised; a result whose nearest pixel is masked is masked.

    Args:
        pixels: Source values and mask.
        columns: Fractional column of each answer; a pixel's centre is at n + 0.5.
        rows: Fractional row of each answer.
        mode: `bilinear` (2 x 2 neighbours) or `bicubic` (4 x 4, Keys's kernel with a = -0.5).
    """
    taps = (0, 1) if mode == "bilinear" else (-1, 0, 1, 2)
    weigh = _triangle if mode == "bilinear" else _keys
    height, width = pixels.values.shape
    columns, rows = (
        np.nan_to_num(columns, nan=-9, posinf=-9, neginf=-9),
        np.nan_to_num(rows, nan=-9, posinf=-9, neginf=-9),
    )
    left, top = np.floor(columns - 0.5).astype(np.int64), np.floor(rows - 0.5).astype(np.int64)
    x, y = columns - 0.5 - left, rows - 0.5 - top
    total = np.zeros(columns.shape)
    weight = np.zeros(columns.shape)
    for dy in taps:
        for dx in taps:
            i, j = np.clip(top + dy, 0, height - 1), np.clip(left + dx, 0, width - 1)
            w = weigh(y - dy) * weigh(x - dx) * pixels.mask[i, j]
            total += w * np.where(pixels.mask[i, j], pixels.values[i, j], 0)
            weight += w
    i, j = np.floor(rows).astype(np.int64), np.floor(columns).astype(np.int64)
    inside = (i >= 0) & (i < height) & (j >= 0) & (j < width)
    valid = inside & pixels.mask[np.clip(i, 0, height - 1), np.clip(j, 0, width - 1)] & (weight > 1e-9)
    return Pixels(np.where(valid, total / np.where(valid, weight, 1.0), 0.0), valid)


def _triangle(distance: NDArray[Any]) -> NDArray[Any]:
    weight: NDArray[Any] = np.maximum(0.0, 1.0 - np.abs(distance))
    return weight


def _keys(distance: NDArray[Any]) -> NDArray[Any]:
    d = np.abs(distance)
    near = (1.5 * d - 2.5) * d * d + 1.0
    far = ((-0.5 * d + 2.5) * d - 4.0) * d + 2.0
    return np.where(d <= 1.0, near, np.where(d < 2.0, far, 0.0))
