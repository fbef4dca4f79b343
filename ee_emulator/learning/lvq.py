"""Learning vector quantisation without classes: prototypes that move towards the rows that they win (Kohonen 2003)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from ee_emulator.errors import EarthEngineError
from ee_emulator.learning.kmeans import PLUS_PLUS, Scale, by_centres, scale_of, start
from ee_emulator.learning.table import Fitted, Matrix, affordable


def lvq(rows: Matrix, clusters: int, learning_rate: float, epochs: int, normalize_input: bool) -> Fitted:
    """Prototypes that start at rows drawn as k-means++ draws them; the rate falls to 0 over the epochs.

    Raises:
        EarthEngineError: A parameter out of its range.
    """
    if clusters < 1 or epochs < 1 or not 0 < learning_rate <= 1:
        raise EarthEngineError("numClusters and epochs must be 1 or more, and learningRate within (0, 1].")
    affordable(epochs * clusters * rows.size, 2e8)
    # Whatever its name says, the argument is described as what skips the scaling, here as in Weka.
    scale = Scale(np.zeros(rows.shape[1]), np.ones(rows.shape[1])) if normalize_input else scale_of(rows)
    scaled = np.ascontiguousarray(scale(rows))
    prototypes = start(scaled, clusters, PLUS_PLUS, "Euclidean", 1)
    return by_centres(_moved()(scaled, prototypes, learning_rate, epochs), scale, "Euclidean")


@lru_cache(maxsize=1)
def _moved() -> Callable[..., Matrix]:
    """The compiled training: every row in turn draws the nearest prototype towards itself."""
    import numba

    def moved(rows: Any, prototypes: Any, learning_rate: float, epochs: int) -> Any:
        for epoch in range(epochs):
            rate = learning_rate * (1 - epoch / epochs)
            for row in range(rows.shape[0]):
                won, least = 0, np.inf
                for k in range(prototypes.shape[0]):
                    apart = 0.0
                    for column in range(rows.shape[1]):
                        apart += (rows[row, column] - prototypes[k, column]) ** 2
                    if apart < least:
                        won, least = k, apart
                for column in range(rows.shape[1]):
                    prototypes[won, column] += rate * (rows[row, column] - prototypes[won, column])
        return prototypes

    compiled: Callable[..., Matrix] = numba.njit(nogil=True)(moved)
    return compiled
