"""Superpixels that grow from seeds.

R. Achanta and S. Süsstrunk, "Superpixels and Polygons using Simple Non-Iterative Clustering", CVPR 2017.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

FOUR = ((1, 0), (0, 1), (-1, 0), (0, -1))
EIGHT = (*FOUR, (1, 1), (-1, 1), (-1, -1), (1, -1))


def snic(
    layers: Floats, valid: Mask, seeds: Integers, size: float, compactness: float, offsets: Sequence[tuple[int, int]]
) -> Integers:
    """The cluster of each pixel: they grow from their seeds, the pixel nearest to its cluster's means first.

    The squared distance is `colour² + (compactness / size)² · space²`, with the means as they are when a pixel is
    looked at (algorithm 1 of the paper, weighted as in its authors' program).

    Args:
        layers: Colours, (bands, height, width).
        valid: Pixels that may belong to a cluster.
        seeds: Number of the cluster that a pixel is a seed of, from 0; -1 elsewhere.
        size: Spacing of the seeds, pixels.
        compactness: 0 leaves space out.
        offsets: Columns and rows to the neighbours.

    Returns:
        The number of each pixel's cluster; -1 where none reaches it.
    """
    if not (seeds >= 0).any():
        return np.full(valid.shape, -1, np.int64)
    colours = np.ascontiguousarray(np.moveaxis(layers, 0, -1), np.float64)
    labels = np.full(valid.shape, -1, np.int64)
    labels[~valid] = -2
    _compiled()(colours, labels, seeds, float(np.square(compactness / size)), np.array(offsets, np.int64))
    return np.maximum(labels, -1)


@cache
def _compiled() -> Callable[..., None]:
    """The loop in machine code, which takes seconds to make and is kept beside the module where that can be written."""
    import numba

    try:
        made: Callable[..., None] = numba.njit(nogil=True, cache=True)(_grow)
    except RuntimeError:  # nowhere to keep it: a read-only installation without a home
        made = numba.njit(nogil=True)(_grow)
    return made


def _grow(colours: Floats, labels: Integers, seeds: Integers, weight: float, offsets: Integers) -> None:
    """Fills `labels` where they are -1; what is -2 stays out."""
    height, width, bands = colours.shape
    sums = np.zeros((seeds.max() + 1, bands + 2))
    members = np.zeros(seeds.max() + 1)
    # Equal distances leave the queue in the order in which they came, so that an answer is one answer.
    order = 0
    queue = [(-1.0, 0, 0, 0, 0)]
    for row in range(height):
        for column in range(width):
            if seeds[row, column] >= 0:
                order += 1
                heapq.heappush(queue, (0.0, order, row, column, seeds[row, column]))
    heapq.heappop(queue)  # it only said what the queue holds
    while len(queue) > 0:
        _, _, row, column, cluster = heapq.heappop(queue)
        if labels[row, column] != -1:
            continue
        labels[row, column] = cluster
        members[cluster] += 1
        sums[cluster, :bands] += colours[row, column]
        sums[cluster, bands] += column
        sums[cluster, bands + 1] += row
        mean = sums[cluster] / members[cluster]
        for k in range(len(offsets)):
            x, y = column + offsets[k, 0], row + offsets[k, 1]
            if x < 0 or y < 0 or x >= width or y >= height or labels[y, x] != -1:
                continue
            apart = weight * ((x - mean[bands]) ** 2 + (y - mean[bands + 1]) ** 2)
            for band in range(bands):
                apart += (colours[y, x, band] - mean[band]) ** 2
            order += 1
            heapq.heappush(queue, (apart, order, y, x, cluster))
