"""ConfusionMatrix, and the error matrix of a collection."""

from typing import Any

import numpy as np

from ee_emulator.algorithms.coercions import refusal
from ee_emulator.errors import EarthEngineError
from ee_emulator.learning.confusion import ConfusionMatrix, counted
from ee_emulator.learning.table import number_rows
from ee_emulator.registry import Context, algorithm, coercion
from ee_emulator.values import Array, Collection


@coercion("ConfusionMatrix")
def to_confusion_matrix(value: Any, _: Context) -> ConfusionMatrix:
    """Confusion matrices only."""
    if isinstance(value, ConfusionMatrix):
        return value
    raise refusal(value, "ConfusionMatrix")


@algorithm("ConfusionMatrix")
def confusion_matrix(array: Any, order: list[int] | None) -> ConfusionMatrix:
    """A matrix of counts.

    Raises:
        EarthEngineError: No square array, or an order of another length.
    """
    if isinstance(array, ConfusionMatrix):
        return array
    if not isinstance(array, Array):
        raise refusal(array, "Array")
    counts = array.values
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise EarthEngineError(f"The array must be square and 2-dimensional; it is {'x'.join(map(str, counts.shape))}.")
    if order is not None and len(order) != len(counts):
        raise EarthEngineError(f"The order has {len(order)} values for a matrix of {len(counts)} rows.")
    return ConfusionMatrix(counts, order if order is not None else list(range(len(counts))))


@algorithm("Collection.errorMatrix")
def error_matrix(collection: Collection, actual: str, predicted: str, order: list[int] | None) -> ConfusionMatrix:
    """How often each actual value was predicted as each value.

    Raises:
        EarthEngineError: A feature lacks one of the properties, or classes are negative or great without an order.
    """
    rows = number_rows(collection.elements(), [actual, predicted])
    return counted(rows[:, 0].tolist(), rows[:, 1].tolist(), order)


@algorithm("ConfusionMatrix.array")
def array(confusion_matrix: ConfusionMatrix) -> Array:
    """The counts."""
    return Array(confusion_matrix.counts)


@algorithm("ConfusionMatrix.order")
def order(confusion_matrix: ConfusionMatrix) -> list[int]:
    """The classes of rows and columns."""
    return confusion_matrix.order


@algorithm("ConfusionMatrix.accuracy")
def accuracy(confusion_matrix: ConfusionMatrix) -> float:
    """Share of all that is right."""
    total = float(confusion_matrix.counts.sum())
    return float(np.trace(confusion_matrix.counts)) / total if total else 0.0


@algorithm("ConfusionMatrix.kappa")
def kappa(confusion_matrix: ConfusionMatrix) -> float:
    """Cohen's kappa: how much better than by chance (Cohen 1960)."""
    counts = confusion_matrix.counts.astype(np.float64)
    total = counts.sum()
    if not total:
        return 0.0
    chance = float(counts.sum(axis=0) @ counts.sum(axis=1)) / float(total) ** 2
    return (accuracy(confusion_matrix) - chance) / (1 - chance) if chance != 1 else 1.0


@algorithm("ConfusionMatrix.producersAccuracy")
def producers_accuracy(confusion_matrix: ConfusionMatrix) -> Array:
    """Share of each actual class that was predicted as it, as a column."""
    return Array(confusion_matrix.producers[:, None])


@algorithm("ConfusionMatrix.consumersAccuracy")
def consumers_accuracy(confusion_matrix: ConfusionMatrix) -> Array:
    """Share of each predicted class that is it, as a row."""
    return Array(confusion_matrix.consumers[None])


@algorithm("ConfusionMatrix.fscore")
def fscore(confusion_matrix: ConfusionMatrix, beta: float) -> Array:
    """F of each class: (1 + β²) · precision · recall / (β² · precision + recall)."""
    precision, recall = confusion_matrix.consumers, confusion_matrix.producers
    below = beta**2 * precision + recall
    above = (1 + beta**2) * precision * recall
    return Array(np.divide(above, below, out=np.zeros(len(below)), where=below != 0))
