"""How AlphaEarth embeddings, and ours, are stored in one byte a band (docs/methods.md)."""

import numpy as np
from numpy.typing import NDArray

from lake.streams import AEF_NODATA

_SCALE = np.float32(127.5)  # not 127: the dataset's own convention

# All 256 codes are decoded once; a look-up is faster than the arithmetic and the same on every machine.
_CODES = np.arange(-128, 128, dtype=np.float64)
_DECODED = (np.sign(_CODES) * (np.abs(_CODES) / 127.5) ** 2).astype(np.float32)
_DECODED[0] = np.nan


def dequantise(codes: NDArray[np.int8]) -> NDArray[np.float32]:
    """Codes to values in [−1, 1]: sign(v)·(|v|/127.5)²; nodata (−128) becomes NaN. Any shape."""
    return _DECODED[codes.astype(np.int16) + 128]


def quantise(values: NDArray[np.floating]) -> NDArray[np.int8]:
    """Values in [−1, 1] to codes: round(sign·√|v|·127.5), clipped to ±127; NaN becomes nodata. Any shape."""
    codes = np.clip(np.rint(np.sign(values) * np.sqrt(np.abs(values)) * _SCALE), -127, 127)
    return np.where(np.isnan(values), AEF_NODATA, codes).astype(np.int8)


def unit_length(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Vectors along the last axis, scaled to length 1; a zero vector becomes NaN, for it has no direction."""
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled: NDArray[np.floating] = values / np.linalg.norm(values, axis=-1, keepdims=True)
    return scaled
