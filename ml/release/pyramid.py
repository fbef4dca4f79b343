"""Overviews of quantised embeddings, made as AlphaEarth's are: never by averaging codes.

Codes are dequantised, summed over the pixels that an overview pixel covers, scaled to unit length and quantised again
(docs/methods.md). Each level is taken from the full resolution, so that no rounding adds up.
"""

import numpy as np
from numpy.typing import NDArray

from lake.aef import dequantise, quantise, unit_length

_SMALLEST = 32  # pixels: one that is smaller shows nothing of a city


def level_shapes(height: int, width: int) -> list[tuple[int, int]]:
    """Heights and widths of the overviews: halved, rounded up, until the longer side is at most 32 pixels."""
    shapes, factor = [], 1
    while max(-(-height // factor), -(-width // factor)) > _SMALLEST:
        factor *= 2
        shapes.append((-(-height // factor), -(-width // factor)))
    return shapes


def coarsen(codes: NDArray[np.int8], height: int, width: int) -> NDArray[np.int8]:
    """An overview of the size asked for, over the same ground.

    Where the sizes do not divide, a pixel counts by the share of it that is covered: the overview stays in register.

    Args:
        codes: Quantised embeddings; int8 (rows, columns, bands), nodata −128.
        height: Rows of the overview.
        width: Columns of the overview.

    Returns:
        int8 (height, width, bands); nodata where nothing was there, or where what was there cancels out.
    """
    values = np.nan_to_num(dequantise(codes).astype(np.float64), nan=0.0)
    by_row = np.tensordot(_coverage(codes.shape[0], height), values, axes=(1, 0))
    sums = np.einsum("xc,ycb->yxb", _coverage(codes.shape[1], width), by_row, optimize=True)
    return quantise(unit_length(sums))


def _coverage(fine: int, coarse: int) -> NDArray[np.float64]:
    """Which length of each fine cell lies in each coarse one, in fine cells; float64 (coarse, fine)."""
    edges = np.linspace(0.0, fine, coarse + 1)
    start = np.arange(fine)
    overlap: NDArray[np.float64] = np.minimum(edges[1:, None], start + 1) - np.maximum(edges[:-1, None], start)
    return np.maximum(overlap, 0.0)
