"""Models over features and images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.algorithms.element import all_properties, with_properties
from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.learning.models import Classifier, Clusterer
from ee_emulator.learning.table import Fitted, Matrix, number_rows, plain_output
from ee_emulator.limits import Budget
from ee_emulator.raster.arithmetic import computed_image
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.pixel_type import cast_values
from ee_emulator.raster.values import Band, Image, Node, Request, intersect
from ee_emulator.values import Collection

if TYPE_CHECKING:
    from ee_emulator.registry import Context

Model = Classifier | Clusterer
CHUNK = 16_384
"""Rows that are predicted at once."""


def schema_of(model: Model) -> tuple[str, ...]:
    """The inputs of a model.

    Raises:
        EarthEngineError: It was not trained.
    """
    if model.schema is None:
        raise EarthEngineError(f"The {type(model).__name__.lower()} has not been trained; call train() first.")
    return model.schema


def predict(fitted: Fitted, inputs: Matrix, budget: Budget) -> list[NDArray[Any]]:
    """One array an output, the rows taken in chunks."""
    chunks = []
    for k in range(0, len(inputs), CHUNK):
        budget.check_time()
        chunks.append(fitted.predict(inputs[k : k + CHUNK]))
    if not chunks:
        return [np.zeros(0) for _ in fitted.outputs]
    return [np.concatenate(parts) for parts in zip(*chunks, strict=True)]


def with_predictions(features: Collection, model: Model, name: str, budget: Budget) -> Collection:
    """Features with what a model answers of their properties."""

    def predicted() -> Iterator[Any]:
        elements = list(features.elements())
        if not elements:
            return
        outputs = model.outputs(name)
        columns = predict(model.fitted, number_rows(elements, schema_of(model)), budget)
        for row, element in enumerate(elements):
            found = {n: plain_output(c, kind, row) for (n, kind), c in zip(outputs, columns, strict=True)}
            yield with_properties(element, all_properties(element) | found)

    return features.derive(predicted)


def predicted_image(image: Image, model: Model, name: str) -> Image:
    """What a model answers of each pixel; masked where one of its inputs is."""
    bands = [image.band(band) for band in schema_of(model)]
    if any(band.type.dimensions for band in bands):
        raise EarthEngineError("The inputs must be bands of numbers, not of arrays.")
    node = Predicted(bands, model.fitted)
    outputs = model.outputs(name)
    made = {n: Band(node, kind, bands[0].projection, k) for k, (n, kind) in enumerate(outputs)}
    return computed_image(image, made)


class Predicted(Node):
    """The outputs of a model over the unmasked pixels of its input bands."""

    def __init__(self, inputs: Sequence[Band], fitted: Fitted) -> None:
        self.inputs = tuple(inputs)
        self.fitted = fitted
        for band in self.inputs:
            self.bounds = intersect(self.bounds, band.node.bounds)

    def requests(self, grid: Grid) -> Sequence[Request]:
        """Its inputs on the same grid."""
        return [(band, grid) for band in self.inputs]

    def scratch(self, grid: Grid) -> int:
        """The table of inputs, and an array a pixel where the model answers with arrays."""
        arrays = sum(256 for output in self.fitted.outputs if output.type.dimensions)
        return grid.width * grid.height * (8 * len(self.inputs) + arrays)

    def compute(
        self, grid: Grid, inputs: Sequence[Pixels], outputs: Sequence[int], context: Context
    ) -> Mapping[int, Pixels]:
        """Predicts the pixels that are unmasked, and numbers, in every input."""
        mask = np.logical_and.reduce([pixels.mask for pixels in inputs])
        mask = mask & np.logical_and.reduce([np.isfinite(pixels.values) for pixels in inputs])
        rows = np.column_stack([pixels.values[mask] for pixels in inputs]).astype(np.float64)
        columns = predict(self.fitted, rows, context.budget)
        return {k: Pixels(self._placed(columns[k], mask, k), mask) for k in outputs}

    def _placed(self, column: NDArray[Any], mask: NDArray[np.bool_], output: int) -> NDArray[Any]:
        kind = self.fitted.outputs[output].type
        values = np.zeros(mask.shape, kind.dtype)
        if kind.dimensions:
            items = np.empty(len(column), object)
            for place, item in enumerate(column.astype(kind.element_dtype)):
                items[place] = item
            values[mask] = items
        else:
            values[mask] = cast_values(column, kind)
        return values
