"""The order in which rows are trained on."""

import math

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
WHOLE_SHUFFLE = 1 << 20
"""Rows up to which an order is a permutation; beyond, neighbours stay near, for a memory-mapped table is read in pages
and a row of every page a batch would read the table once a batch."""
_BLOCK, _BLOCKS_TOGETHER = 256, 128
_VALIDATION_BLOCK, _VALIDATION_EVERY = 64, 10


def shuffled(rows: Rows, seed: tuple[int, ...]) -> Rows:
    """The rows in a random order, a function of the seed: large tables by blocks, shuffled within 128 of them."""
    rng = np.random.default_rng(seed)
    if len(rows) <= WHOLE_SHUFFLE:
        return rng.permutation(rows)
    blocks = rng.permutation(math.ceil(len(rows) / _BLOCK))
    parts = []
    for start in range(0, len(blocks), _BLOCKS_TOGETHER):
        together = [rows[block * _BLOCK : (block + 1) * _BLOCK] for block in blocks[start : start + _BLOCKS_TOGETHER]]
        parts.append(rng.permutation(np.concatenate(together)))
    return np.concatenate(parts)


def batches(rows: Rows, size: int, seed: tuple[int, ...]) -> list[Rows]:
    """Shuffled batches; a last one of a single row joins the one before, for it would have no neighbour to roll to."""
    order = shuffled(rows, seed)
    starts = _starts(len(order), size)
    return [order[a:b] for a, b in zip(starts, [*starts[1:], len(order)], strict=True)]


def steps(rows: Rows, size: int) -> int:
    """How many batches there are in an epoch."""
    return len(_starts(len(rows), size))


def _starts(count: int, size: int) -> list[int]:
    starts = list(range(0, count, size))
    return starts[:-1] if len(starts) > 1 and count - starts[-1] < 2 else starts


def held_out(rows: Rows) -> tuple[Rows, Rows]:
    """Rows to train on and rows to validate on: every tenth stretch of 64 neighbours, a tenth of them."""
    block = np.arange(len(rows)) // _VALIDATION_BLOCK
    validation = block % _VALIDATION_EVERY == _VALIDATION_EVERY - 1
    if len(rows) < _VALIDATION_BLOCK * _VALIDATION_EVERY:
        validation = np.arange(len(rows)) % _VALIDATION_EVERY == _VALIDATION_EVERY - 1
    return rows[~validation], rows[validation]


def spread(rows: Rows, most: int) -> Rows:
    """At most so many of the rows, evenly spread."""
    return rows[:: max(1, math.ceil(len(rows) / most))]
