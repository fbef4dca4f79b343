"""One order from two: reciprocal rank fusion (Cormack, Clarke & Büttcher, SIGIR 2009).

A document's score is the sum over the lists of weight / (60 + rank). Scores of words and of meaning are of different
kinds; their ranks are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

K = 60
"""As in the paper."""
DEPTH = 200
"""Documents of a list that take part."""

Mode = Literal["lexical", "dense", "fused"]
MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts how much.

    Attributes:
        lexical: Of the order by words.
        dense: Of the order by meaning.
        usage: By what share the score of the most used of a kind is raised over that of one which nobody uses, before
            either list is made (ours): `ee.Image.select` before `ee.Feature.select`, of which a query tells no
            difference. On the 46 questions of `Document.meanings` the mean reciprocal rank is 0.61 without, 0.65 with.
    """

    lexical: float = 1.0
    dense: float = 1.0
    usage: float = 0.2


WEIGHTS: Mapping[Mode, Weights] = {
    "lexical": Weights(dense=0.0),
    "dense": Weights(lexical=0.0),
    "fused": Weights(),
}


@dataclass(frozen=True, slots=True)
class Ranked:
    """A document's place.

    Attributes:
        row: Its number.
        score: The higher, the better.
        lexical: Rank by words, from 1; None where it is not among the first `DEPTH`, or was not asked for.
        dense: Rank by meaning, likewise.
    """

    row: int
    score: float
    lexical: int | None
    dense: int | None


def best(scores: NDArray[np.float32], rows: NDArray[np.int64], depth: int = DEPTH) -> list[int]:
    """Rows with the highest scores above 0, the best first; of equal ones the first.

    Args:
        scores: (n,)
        rows: (n,), ascending.
        depth: At most so many.
    """
    found = np.flatnonzero(scores > 0)  # of a search by words few are, and equal ones make a partition slow
    values = scores[found]
    if len(found) > depth:
        least = np.partition(values, len(values) - depth)[len(values) - depth]
        above = np.flatnonzero(values > least)
        equal = np.flatnonzero(values == least)[: depth - len(above)]
        kept = np.concatenate((above, equal))
        found, values = found[kept], values[kept]
    order = np.lexsort((found, -values))
    return [int(row) for row in rows[found[order]]]


def fuse(lexical: list[int], dense: list[int], weights: Weights, k: int) -> list[Ranked]:
    """The k best of two lists of rows."""
    by_words = {row: rank for rank, row in enumerate(lexical, 1)}
    by_meaning = {row: rank for rank, row in enumerate(dense, 1)}
    ranked = []
    for row in {**by_words, **by_meaning}:
        first, second = by_words.get(row), by_meaning.get(row)
        score = (weights.lexical / (K + first) if first else 0.0) + (weights.dense / (K + second) if second else 0.0)
        ranked.append(Ranked(row, score, first, second))
    return sorted(ranked, key=lambda one: (-one.score, one.row))[:k]
