"""Confusion matrices: actual classes down, predicted ones across."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.errors import EarthEngineError
from ee_emulator.values import Array

MAX_CLASSES = 5_000
"""Rows of a matrix over 0 to the greatest class; classes are meant to be small numbers."""


@dataclass(frozen=True, eq=False)
class ConfusionMatrix:
    """How often each actual class was predicted as each class.

    Attributes:
        counts: (classes, classes), rows actual, columns predicted.
        order: The classes of rows and columns.
    """

    counts: NDArray[Any]
    order: list[int]

    def describe(self) -> Array:
        """What `getInfo` shows: the counts."""
        return Array(self.counts)

    def ratios(self, total: NDArray[Any]) -> NDArray[np.float64]:
        """The right ones by a total a class; 0 where there are none."""
        right = np.diag(self.counts).astype(np.float64)
        shares: NDArray[np.float64] = np.divide(right, total, out=np.zeros(len(right)), where=total != 0)
        return shares

    @property
    def producers(self) -> NDArray[np.float64]:
        """Share of each actual class that was predicted as it (recall)."""
        return self.ratios(self.counts.sum(axis=1))

    @property
    def consumers(self) -> NDArray[np.float64]:
        """Share of each predicted class that is it (precision)."""
        return self.ratios(self.counts.sum(axis=0))


def counted(actual: Iterable[float], predicted: Iterable[float], order: list[int] | None = None) -> ConfusionMatrix:
    """The matrix of pairs: over 0 to the greatest class, or over the classes of `order`, others left out.

    Raises:
        EarthEngineError: Negative classes, or too great ones, without an order.
    """
    pairs = [(int(a), int(p)) for a, p in zip(actual, predicted, strict=True)]
    if order is None:
        found = [value for pair in pairs for value in pair]
        if min(found, default=0) < 0 or max(found, default=0) >= MAX_CLASSES:
            raise EarthEngineError(
                f"Classes must be small contiguous integers from 0 on, below {MAX_CLASSES}; "
                "name others with the argument 'order'."
            )
        order = list(range(max(found, default=-1) + 1))
    places = {value: k for k, value in enumerate(order)}
    counts = np.zeros((len(order), len(order)), np.int64)
    for a, p in pairs:
        if a in places and p in places:
            counts[places[a], places[p]] += 1
    return ConfusionMatrix(counts, order)
