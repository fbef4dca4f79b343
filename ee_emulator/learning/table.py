"""Training tables, and what a fitted model answers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.errors import EarthEngineError
from ee_emulator.limits import SECONDS, timed_out
from ee_emulator.raster.pixel_type import DOUBLE, FLOAT, NAMED, PixelType
from ee_emulator.values import Array

Matrix = NDArray[np.float64]
"""Rows to learn from or to predict, a column an input."""

CLASS = NAMED["int32"]
SHARES = PixelType("float", dimensions=1)
VOTES = PixelType("int", *CLASS.interval, dimensions=1)
NUMBERS = PixelType("double", dimensions=1)


@dataclass(frozen=True, eq=False)
class Training:
    """A table to learn from.

    Attributes:
        names: Names of the inputs.
        inputs: Their values, (rows, inputs).
        target: The class or quantity to learn, (rows,).
    """

    names: tuple[str, ...]
    inputs: Matrix
    target: Matrix

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """The classes that occur, ascending; fractions are cut off."""
        return np.unique(self.target.astype(np.int64))

    @cached_property
    def codes(self) -> NDArray[np.intp]:
        """Each row's class as its place among the labels."""
        codes: NDArray[np.intp] = np.searchsorted(self.labels, self.target.astype(np.int64))
        return codes

    def of_class(self, code: int) -> Matrix:
        """The inputs of one class."""
        rows: Matrix = self.inputs[self.codes == code]
        return rows


@dataclass(frozen=True)
class Output:
    """One output of a model: its type, and its name where the model insists on one."""

    type: PixelType
    name: str | None = None


@dataclass(frozen=True, eq=False)
class Fitted:
    """A model that has learned.

    Attributes:
        predict: Rows of inputs to one array an output: (rows,), or (rows, n) for an output of arrays.
        outputs: What it answers, in the order of `predict`.
        explain: What `Classifier.explain` shows.
    """

    predict: Callable[[Matrix], Sequence[NDArray[Any]]]
    outputs: tuple[Output, ...]
    explain: Callable[[], Mapping[str, Any]] = dict


def affordable(steps: float, a_second: float) -> None:
    """Refuses at once what would take longer than a request has: libraries do not look at the clock as they learn.

    Args:
        steps: How often the innermost part of the learning is done, roughly.
        a_second: How many of those a laptop does in a second, roughly.

    Raises:
        EarthEngineError: Earth Engine's word for a computation that takes too long.
    """
    if not steps <= SECONDS * a_second:
        raise timed_out()


def single(function: Callable[[Matrix], NDArray[Any]], kind: PixelType, explanation: Mapping[str, Any]) -> Fitted:
    """A model of one output."""
    return Fitted(lambda inputs: [function(inputs)], (Output(kind),), lambda: explanation)


def from_shares(
    shares: Callable[[Matrix], Matrix], labels: NDArray[np.int64], mode: str, explanation: Mapping[str, Any]
) -> Fitted:
    """A classifier that knows how probable each class is: (rows,) to (rows, classes), classes ascending.

    Of two classes PROBABILITY is that of the second one; of more, that of the class that is chosen.
    """
    if mode == "MULTIPROBABILITY":
        return single(shares, SHARES, explanation)
    if mode == "PROBABILITY":
        return single(lambda inputs: _probability(shares(inputs)), FLOAT, explanation)
    return single(lambda inputs: greatest(labels, shares(inputs)), CLASS, explanation)


def greatest(labels: NDArray[np.int64], scores: Matrix) -> NDArray[np.int64]:
    """The label of the greatest score of each row (rows, labels), the first of equals."""
    found: NDArray[np.int64] = labels[np.argmax(scores, axis=1)]
    return found


def _probability(shares: Matrix) -> Matrix:
    chosen: Matrix = shares[:, 1] if shares.shape[1] == 2 else shares.max(axis=1)
    return chosen


def quantity(function: Callable[[Matrix], Matrix], explanation: Mapping[str, Any]) -> Fitted:
    """A regression."""
    return single(function, DOUBLE, explanation)


def number_rows(features: Iterable[Any], names: Sequence[str]) -> Matrix:
    """Properties of features as a table, (features, names).

    Raises:
        EarthEngineError: A feature lacks one of them, or it is not a number.
    """
    rows = [[_number(feature, name) for name in names] for feature in features]
    return np.array(rows, np.float64).reshape(len(rows), len(names))


def _number(feature: Any, name: str) -> float:
    from ee_emulator.algorithms.element import property_of

    value = property_of(feature, name)
    if value is None:
        index = property_of(feature, "system:index")
        raise EarthEngineError(f"Property '{name}' of feature '{index}' is missing.")
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise EarthEngineError(f"Property '{name}' must be a finite number; a feature has {value!r}.")
    return float(value)


def plain_output(values: NDArray[Any], kind: PixelType, row: int) -> Any:
    """One row of an output as the value of a property."""
    value = values[row].astype(kind.element_dtype)
    return Array(value) if kind.dimensions else value.item()
