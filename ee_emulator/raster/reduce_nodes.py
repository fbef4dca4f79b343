"""The nodes that reduce: stacks of images pixel by pixel, and fine pixels into coarser ones."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.nodes import masked, nearest
from ee_emulator.raster.pixel_type import PixelType, cast_values
from ee_emulator.raster.projection import geographic_bounds, scale_ratio
from ee_emulator.raster.reducer import Column, Reducer, Samples, pixel_array
from ee_emulator.raster.values import EVERY_INPUT, Band, Node, Request, intersect, overlap

if TYPE_CHECKING:
    from ee_emulator.registry import Context

FINEST = 16
"""Sub-pixels a side of an output pixel, unless the input is finer still."""


FOLD_BYTES = 40
"""Bytes that a fold takes for one observation: doubles of values, weights and order, and the copies between them."""


def fold_bytes(reducer: Reducer, bands: Sequence[Band]) -> int:
    """Bytes that a fold takes for an observation of bands; quantiles sort values in their own type."""
    if reducer.name in ("Reducer.median", "Reducer.percentile") and not bands[0].type.dimensions:
        return 3 * bands[0].type.dtype.itemsize + 2
    return FOLD_BYTES * len(bands)


class StackReduce(Node):
    """Reduces a stack pixel by pixel: each layer has one band an input of the reducer."""

    array_inputs = EVERY_INPUT

    def __init__(self, layers: Sequence[Sequence[Band]], reducer: Reducer, types: Sequence[PixelType]) -> None:
        self.layers = [tuple(layer) for layer in layers]
        self.reducer = reducer
        self.types = list(types)

    def _present(self, grid: Grid) -> list[tuple[Band, ...]]:
        extent = geographic_bounds(grid)
        return [layer for layer in self.layers if all(overlap(band.node.bounds, extent) for band in layer)]

    def requests(self, grid: Grid) -> Sequence[Request]:
        """Every band of every layer that can reach the grid."""
        return [(band, grid) for layer in self._present(grid) for band in layer]

    def scratch(self, grid: Grid) -> int:
        """What the fold takes."""
        each = fold_bytes(self.reducer, self.layers[0]) if self.layers else FOLD_BYTES
        return each * len(self._present(grid)) * grid.width * grid.height

    def compute(
        self, grid: Grid, inputs: Sequence[Pixels], outputs: Sequence[int], context: Context
    ) -> Mapping[int, Pixels]:
        """The reducer's outputs."""
        if not inputs:
            if not self.reducer.empty:
                return {k: masked(grid, self.types[k].dtype) for k in outputs}
            nothing = np.zeros((0, grid.width * grid.height))
            columns = self.reducer.apply(Samples((nothing,), (nothing.astype(bool),)))
            return pixels_of_columns(columns, self.types, grid)
        width = len(self.layers[0])
        values, valid = [], []
        for k in range(width):
            layer = inputs[k::width]
            values.append(np.stack([pixels.values.ravel() for pixels in layer]))
            valid.append(np.stack([pixels.mask.ravel() for pixels in layer]))
        with np.errstate(all="ignore"):
            columns = self.reducer.apply(Samples(tuple(values), tuple(valid)))
        return pixels_of_columns(columns, self.types, grid)


def pixels_of_columns(columns: Sequence[Column], types: Sequence[PixelType], grid: Grid) -> dict[int, Pixels]:
    """A reducer's outputs at the places of a grid, by output."""
    answer = {}
    for k, (values, valid) in enumerate(columns):
        if values.dtype == object:
            values = _array_pixels(values, valid, types[k])
        cast = cast_values(values.reshape(grid.shape), types[k])
        answer[k] = Pixels(cast, np.broadcast_to(valid, values.shape).reshape(grid.shape))
    return answer


def _array_pixels(values: NDArray[Any], valid: NDArray[np.bool_], kind: PixelType) -> NDArray[Any]:
    if not kind.dimensions:
        raise EarthEngineError("Image.reduce: The reducer's output cannot be a pixel; reduce a region instead.")
    answer = np.zeros(values.size, object)
    for place in np.flatnonzero(valid):
        answer[place] = pixel_array(values[place])
    return answer


class ReduceResolution(Node):
    """Reduces all input pixels under each output pixel, by their share in it.

    Every output pixel is divided into k × k equal parts, each of which takes the input pixel under its centre; a
    share is then a number of parts. It is exact where the parts fit the input's pixels (10 m or 20 m into 100 m on one
    lattice) and correct to 1/k² elsewhere.
    """

    def __init__(
        self, bands: Sequence[Band], reducer: Reducer, types: Sequence[PixelType], max_pixels: int, best_effort: bool
    ) -> None:
        self.bands = tuple(bands)
        self.band = self.bands[0]  # whose lattice says how many pixels there are
        self.reducer = reducer
        self.types = list(types)
        self.max_pixels = max_pixels
        self.best_effort = best_effort
        for band in self.bands:
            self.bounds = intersect(self.bounds, band.node.bounds)

    def parts(self, grid: Grid) -> int:
        """Parts a side of an output pixel.

        Raises:
            EarthEngineError: More input pixels under an output pixel than `maxPixels` allows.
        """
        ratio = scale_ratio(self.band.projection, grid)
        if ratio <= 0.5:  # the input is much coarser: there is nothing to reduce
            return 1
        if math.ceil(ratio - 1e-6) ** 2 > self.max_pixels and not self.best_effort:
            needed = math.ceil(ratio - 1e-6) ** 2
            raise EarthEngineError(
                f"Image.reduceResolution: Too many input pixels per output pixel: {needed}; maxPixels is "
                f"{self.max_pixels}. Use a larger 'maxPixels' or 'bestEffort'."
            )
        whole = round(ratio)
        if whole >= 1 and abs(ratio - whole) < 1e-3 * ratio:
            return int(whole)
        third = round(3 * ratio)  # 30 m into 100 m: ten parts, each a third of an input pixel
        if abs(3 * ratio - third) < 1e-3 * ratio:
            return int(third)
        return max(math.ceil(ratio), min(FINEST, math.ceil(4 * ratio)))

    def _fine(self, grid: Grid) -> Grid:
        k = self.parts(grid)
        return Grid(grid.crs, grid.transform @ Affine.scale(1 / k), grid.width * k, grid.height * k)

    def _native(self, band: Band, grid: Grid) -> Grid:
        return band.projection.covering(self._fine(grid))

    def requests(self, grid: Grid) -> Sequence[Request]:
        """Each input on its own lattice, wherever it was computed: `pixelArea` under it is that of native pixels."""
        return [(band, self._native(band, grid)) for band in self.bands]

    def scratch(self, grid: Grid) -> int:
        """What the fold takes; a mean takes little."""
        fine = self.parts(grid) ** 2 * grid.width * grid.height
        return 9 * fine if self.reducer.name == "Reducer.mean" else FOLD_BYTES * fine * len(self.bands)

    def compute(
        self, grid: Grid, inputs: Sequence[Pixels], outputs: Sequence[int], context: Context
    ) -> Mapping[int, Pixels]:
        """The reducer's outputs."""
        k, fine = self.parts(grid), self._fine(grid)
        taken = [nearest(self._native(b, grid), fine)(pixels) for b, pixels in zip(self.bands, inputs, strict=True)]
        if self.reducer.name == "Reducer.mean":
            return {0: self._mean(taken[0].values, taken[0].mask, grid, k)}
        samples = Samples(
            tuple(_parts(t.values, grid, k) for t in taken), tuple(_parts(t.mask, grid, k) for t in taken)
        )
        with np.errstate(all="ignore"):
            return pixels_of_columns(self.reducer.apply(samples), self.types, grid)

    def _mean(self, values: NDArray[Any], mask: NDArray[np.bool_], grid: Grid, k: int) -> Pixels:
        """The commonest reducer, without a copy of the input."""
        blocks = values.reshape(grid.height, k, grid.width, k)
        if mask.all():
            return Pixels(cast_values(_block_sum(blocks) / (k * k), self.types[0]), np.ones(grid.shape, bool))
        inside = mask.reshape(blocks.shape)
        count = inside.sum(axis=(1, 3))
        total = _block_sum(np.where(inside, blocks, 0))
        return Pixels(cast_values(total / np.maximum(count, 1), self.types[0]), count > 0)


def _block_sum(blocks: NDArray[Any]) -> NDArray[np.float64]:
    # Down the rows first: contiguous runs, several times faster than both axes at once.
    down: NDArray[np.float64] = blocks.sum(axis=1, dtype=np.float64)
    across: NDArray[np.float64] = down.sum(axis=2)
    return across


def _parts(pixels: NDArray[Any], grid: Grid, k: int) -> NDArray[Any]:
    """Sub-pixels as observations, shape (k·k, height·width)."""
    blocks = pixels.reshape(grid.height, k, grid.width, k)
    return np.ascontiguousarray(blocks.transpose(1, 3, 0, 2)).reshape(k * k, -1)
