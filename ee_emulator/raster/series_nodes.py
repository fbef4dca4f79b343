"""The node that looks at the time series of each pixel, and what collections and images it stands between."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.collection import ImageCollection
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.pixel_type import PixelType
from ee_emulator.raster.projection import COMPOSITE, geographic_bounds
from ee_emulator.raster.values import Band, Image, Node, Request, overlap
from ee_emulator.values import Date

if TYPE_CHECKING:
    from ee_emulator.registry import Context

VECTOR = PixelType("double", dimensions=1)
MATRIX = PixelType("double", dimensions=2)

_LAST_MOMENT = 8.64e15
"""Milliseconds from 1970 to the end of what a date can be (as in ECMAScript)."""


Answer = tuple[NDArray[Any], NDArray[np.bool_]]
"""One output: values, or arrays as objects, and mask, both of shape (P,)."""


@dataclass(frozen=True)
class Stack:
    """The series of P pixels in b bands at n times.

    Attributes:
        values: float64, shape (b, n, P).
        valid: Shape (b, n, P); False where masked or not a finite number.
        beside: What else belongs to the pixels: values (or arrays) and mask, both (P,).
    """

    values: NDArray[np.float64]
    valid: NDArray[np.bool_]
    beside: tuple[Answer, ...] = ()

    @property
    def complete(self) -> NDArray[np.bool_]:
        """Which times are valid in every band, (n, P)."""
        return np.asarray(self.valid.all(axis=0))


SOLVER_BYTES = 60
"""Bytes that a solver takes for an observation besides its inputs: copies in double precision and its answers."""


class PixelSeries(Node):
    """Hands the layers of a collection, pixel by pixel, to a function of time series.

    Args:
        layers: For each time the bands, as many for each.
        solve: From the stack to the outputs. A layer that does not reach a tile counts as masked.
        beside: Further bands that `solve` needs once a pixel.
    """

    def __init__(
        self,
        layers: Sequence[Sequence[Band]],
        solve: Callable[[Stack], Sequence[Answer]],
        beside: Sequence[Band] = (),
    ) -> None:
        self.layers = [tuple(layer) for layer in layers]
        self.solve = solve
        self.beside = tuple(beside)
        self.array_inputs = range(len(self.beside))

    def _present(self, grid: Grid) -> list[int]:
        extent = geographic_bounds(grid)
        return [k for k, layer in enumerate(self.layers) if all(overlap(band.node.bounds, extent) for band in layer)]

    def requests(self, grid: Grid) -> Sequence[Request]:
        layers = [(band, grid) for k in self._present(grid) for band in self.layers[k]]
        return [*((band, grid) for band in self.beside), *layers]

    def scratch(self, grid: Grid) -> int:
        width = len(self.layers[0]) if self.layers else 0
        return SOLVER_BYTES * len(self.layers) * width * grid.width * grid.height

    def compute(
        self, grid: Grid, inputs: Sequence[Pixels], outputs: Sequence[int], context: Context
    ) -> Mapping[int, Pixels]:
        width = len(self.layers[0]) if self.layers else 0
        shape = width, len(self.layers), grid.width * grid.height
        beside, inputs = inputs[: len(self.beside)], inputs[len(self.beside) :]
        extras = tuple((pixels.values.ravel(), pixels.mask.ravel()) for pixels in beside)
        stack = Stack(np.zeros(shape), np.zeros(shape, np.bool_), extras)
        for place, k in enumerate(self._present(grid)):
            for b in range(width):
                pixels = inputs[place * width + b]
                stack.values[b, k] = pixels.values.ravel()
                stack.valid[b, k] = pixels.mask.ravel() & np.isfinite(stack.values[b, k])
        with np.errstate(all="ignore"):
            answers = self.solve(stack)
        return {
            k: Pixels(values.reshape(grid.shape), mask.reshape(grid.shape)) for k, (values, mask) in enumerate(answers)
        }


def arrays(items: Sequence[NDArray[Any] | None]) -> Answer:
    """An array a pixel as an output; None is masked."""
    values = np.empty(len(items), object)
    for place, item in enumerate(items):
        values[place] = item
    return values, np.array([item is not None for item in items], np.bool_)


def chronological(collection: ImageCollection) -> tuple[list[Image], list[float]]:
    """The images of a collection in the order of their start, and their starts in ms.

    Raises:
        EarthEngineError: No images, or one without a start.
    """
    images = collection.images()
    if not images:
        raise EarthEngineError("The image collection is empty.")
    moments = [_start(image) for image in images]
    order = sorted(range(len(images)), key=lambda k: moments[k])
    return [images[k] for k in order], [moments[k] for k in order]


def _start(image: Image) -> float:
    start = image.properties.get("system:time_start")
    if isinstance(start, Date):
        return start.ms
    if isinstance(start, int | float) and not isinstance(start, bool) and abs(start) < _LAST_MOMENT:
        return float(start)
    raise EarthEngineError(f"Every image needs a 'system:time_start'; found {start!r}.")


def layers_of(images: Sequence[Image], names: Sequence[str]) -> list[list[Band]]:
    """The bands of each image.

    Raises:
        EarthEngineError: An image lacks one, or one is of arrays.
    """
    layers = [[image.band(name) for name in names] for image in images]
    if any(band.type.dimensions for layer in layers for band in layer):
        raise EarthEngineError("The bands of a time series must not be arrays.")
    return layers


def series_image(
    layers: Sequence[Sequence[Band]],
    solve: Callable[[Stack], Sequence[Answer]],
    types: Mapping[str, PixelType],
    beside: Sequence[Band] = (),
) -> Image:
    """An image whose bands are the outputs of `solve`, in order; it has no metadata and no lattice of its own."""
    node = PixelSeries(layers, solve, beside)
    return Image({name: Band(node, kind, COMPOSITE, k) for k, (name, kind) in enumerate(types.items())})
