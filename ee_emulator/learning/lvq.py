"""Learning vector quantisation without classes: prototypes that move towards the rows that they win (Kohonen 2003)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from ee_emulator.errors import EarthEngineError
from ee_emulator.learning.java_random import JavaRandom
from ee_emulator.learning.kmeans import Scale, by_centres, scale_of
from ee_emulator.learning.table import Fitted, Matrix


def lvq(rows: Matrix, clusters: int, learning_rate: float, epochs: int, normalize_input: bool) -> Fitted:
    """Prototypes that start at random within the range of the inputs; the rate falls to 0 over the epochs.

    Raises:
        EarthEngineError: A parameter out of its range.
    """
    if clusters < 1 or epochs < 1 or not 0 < learning_rate <= 1:
        raise EarthEngineError("numClusters and epochs must be 1 or more, and learningRate within (0, 1].")
    # Whatever its name says, the argument is described as what skips the scaling, here as in Weka.
    scale = Scale(np.zeros(rows.shape[1]), np.ones(rows.shape[1])) if normalize_input else scale_of(rows)
    scaled = np.ascontiguousarray(scale(rows))
    return by_centres(_moved()(scaled, _start(scaled, clusters), learning_rate, epochs), scale, "Euclidean")


def _start(rows: Matrix, clusters: int) -> Matrix:
    generator = JavaRandom(1)
    low, high = rows.min(axis=0), rows.max(axis=0)
    drawn = np.array([[generator.fraction() for _ in range(rows.shape[1])] for _ in range(clusters)])
    start: Matrix = low + drawn * (high - low)
    return start


@lru_cache(maxsize=1)
def _moved() -> Callable[..., Matrix]:
    """The compiled training: every row in turn draws the nearest prototype towards itself."""
    import numba

    def moved(rows: Any, prototypes: Any, learning_rate: float, epochs: int) -> Any:
        for epoch in range(epochs):
            rate = learning_rate * (1 - epoch / epochs)
            for row in rows:
                won = np.argmin(((prototypes - row) ** 2).sum(axis=1))
                prototypes[won] += rate * (row - prototypes[won])
        return prototypes

    compiled: Callable[..., Matrix] = numba.njit(nogil=True)(moved)
    return compiled
