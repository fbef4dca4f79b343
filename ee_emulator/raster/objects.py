"""Connected pixels of one value: which belong together, how many there are, and reductions over them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.reducer import Column, Reducer, Samples, for_each
from ee_emulator.raster.surrounding_nodes import corner

Integers = NDArray[np.int64]
Offset = tuple[int, int]

FOUR: tuple[Offset, ...] = ((1, 0), (0, 1))
EIGHT: tuple[Offset, ...] = (*FOUR, (1, 1), (-1, 1))
"""Columns and rows to the neighbours; connections go both ways, so half of them say it all."""

LABEL_COLUMNS = 2**26
"""More columns than a lattice of half a metre has around the Earth."""


@dataclass(frozen=True)
class Objects:
    """The connected components of a picture.

    Attributes:
        number: For each pixel the number of its component, from 0, or -1 where it is masked; (height, width).
        sizes: Pixels of each component.
    """

    number: Integers
    sizes: Integers

    def sides(self) -> tuple[Integers, Integers]:
        """Columns and rows that each component spans."""
        spans = []
        for axis in (1, 0):
            place = np.broadcast_to(np.expand_dims(np.arange(self.number.shape[axis]), 1 - axis), self.number.shape)
            first = np.full(len(self.sizes), np.iinfo(np.int64).max)
            last = np.full(len(self.sizes), -1)
            inside = self.number >= 0
            np.minimum.at(first, self.number[inside], place[inside])
            np.maximum.at(last, self.number[inside], place[inside])
            spans.append(last - first + 1)
        return spans[0], spans[1]

    def first_pixels(self) -> Integers:
        """Position of each component's first pixel, row by row."""
        flat = self.number.ravel()
        numbers, first = np.unique(flat, return_index=True)
        return np.asarray(first[numbers >= 0], np.int64)

    def of(self, values: NDArray[np.generic]) -> NDArray[np.generic]:
        """A value a component as one a pixel; 0 where masked."""
        answer = np.zeros(self.number.shape, values.dtype)
        inside = self.number >= 0
        answer[inside] = values[self.number[inside]]
        return answer


def connected(pixels: Pixels, offsets: Iterable[Offset]) -> Objects:
    """Components of unmasked pixels that have the same value and touch by one of the offsets."""
    height, width = pixels.values.shape
    place = np.arange(height * width).reshape(height, width)
    pairs = []
    for columns, rows in offsets:
        if abs(columns) >= width or abs(rows) >= height:
            continue
        here = np.s_[max(0, -rows) : height - max(0, rows), max(0, -columns) : width - max(0, columns)]
        there = np.s_[max(0, rows) : height + min(0, rows), max(0, columns) : width + min(0, columns)]
        same = pixels.mask[here] & pixels.mask[there] & (pixels.values[here] == pixels.values[there])
        pairs.append(np.stack([place[here][same], place[there][same]]))
    joined = np.concatenate(pairs, axis=1) if pairs else np.zeros((2, 0), np.int64)
    from scipy import sparse
    from scipy.sparse import csgraph

    graph = sparse.coo_array((np.ones(joined.shape[1], bool), joined), shape=(place.size, place.size))
    _, labels = csgraph.connected_components(graph, directed=False)
    return _numbered(labels.reshape(height, width), pixels.mask)


def _numbered(labels: NDArray[np.generic], mask: NDArray[np.bool_]) -> Objects:
    """Components in the order of their first pixels, without those of masked pixels."""
    _, first, inverse, counts = np.unique(labels[mask], return_index=True, return_inverse=True, return_counts=True)
    order = np.argsort(first)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    number = np.full(labels.shape, -1, np.int64)
    number[mask] = rank[inverse]
    return Objects(number, counts[order])


def labels_on(grid: Grid, objects: Objects) -> Integers:
    """A number for each component that is its own on the whole lattice: the place of its first pixel."""
    column, row = corner(grid)
    rows, columns = np.divmod(objects.first_pixels(), grid.width)
    return np.asarray((rows + row) % LABEL_COLUMNS * LABEL_COLUMNS + (columns + column) % LABEL_COLUMNS, np.int64)


def reduce_objects(objects: Objects, inputs: Sequence[Pixels], reducer: Reducer) -> list[Column]:
    """The reduction of each component's pixels; components of as many pixels are reduced together."""
    inside = np.flatnonzero(objects.number.ravel() >= 0)
    order = inside[np.argsort(objects.number.ravel()[inside], kind="stable")]
    starts = np.concatenate([[0], np.cumsum(objects.sizes)[:-1]]).astype(np.int64)
    count = len(objects.sizes)
    answer: list[Column] | None = None
    for size in np.unique(objects.sizes):
        chosen = np.flatnonzero(objects.sizes == size)
        rows = order[starts[chosen] + np.arange(size)[:, None]]
        samples = Samples(tuple(p.values.ravel()[rows] for p in inputs), tuple(p.mask.ravel()[rows] for p in inputs))
        with np.errstate(all="ignore"):
            found = reducer.apply(samples)
        if answer is None:
            answer = [(np.zeros(count, np.asarray(v).dtype), np.zeros(count, bool)) for v, _ in found]
        for k, (values, valid) in enumerate(found):
            values = np.asarray(values)
            if values.dtype != answer[k][0].dtype:
                answer[k] = (answer[k][0].astype(np.result_type(answer[k][0], values)), answer[k][1])
            answer[k][0][chosen], answer[k][1][chosen] = values, valid
    return answer or [(np.zeros(0), np.zeros(0, bool)) for _ in reducer.outputs]


def over_bands(reducer: Reducer, names: Sequence[str]) -> Reducer:
    """A reducer of one input once for each band; one of several takes the bands as its inputs.

    Raises:
        EarthEngineError: It takes another number of bands.
    """
    if reducer.inputs == 1:
        return for_each(reducer, names)
    if reducer.inputs != len(names):
        raise EarthEngineError(f"Need {reducer.inputs} bands for this reducer, but there are {len(names)}.")
    return reducer
