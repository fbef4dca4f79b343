"""Nodes whose pixels depend on others around them: by a margin, or by whole cells of the lattice.

Both give the same pixels however a picture is cut into tiles. A margin does where a pixel's answer depends on nothing
beyond it. Where an answer may depend on anything (clusters, paths), the lattice is divided into fixed cells, each
computed with its margin: Earth Engine computes such algorithms in tiles of 256 pixels, and clusters end at their edges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from affine import Affine

from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.nodes import MAX_FIXED_PIXELS
from ee_emulator.raster.values import Band, Node, Request

if TYPE_CHECKING:
    from ee_emulator.registry import Context

TILE_SIDE = 256
"""Pixels a side of the tiles in which Earth Engine computes."""

Margin = int | Callable[[Grid], int]
Compute = Callable[[Grid, Sequence[Pixels]], Sequence[Pixels]]


def corner(grid: Grid) -> tuple[int, int]:
    """Column and row of a grid's first pixel on the whole lattice, which begins where the CRS does."""
    t = grid.transform
    column, row = ~Affine(t.a, t.b, 0.0, t.d, t.e, 0.0) @ (t.c, t.f)
    # Lattices begin at whole, half or quarter pixels; whatever remains, windows of one lattice must round alike.
    return int(np.floor(column + 0.377)), int(np.floor(row + 0.377))


def cut(pixels: Pixels, column: int, row: int, width: int, height: int) -> Pixels:
    """A window of pixels."""
    place = np.s_[row : row + height, column : column + width]
    opacity = None if pixels.opacity is None else pixels.opacity[place]
    return Pixels(pixels.values[place], pixels.mask[place], opacity)


class Surrounded(Node):
    """A function of the inputs on the grid with a margin around it; it answers on that larger grid."""

    def __init__(self, inputs: Sequence[Band], margin: Margin, compute: Compute, bytes_a_pixel: int = 64) -> None:
        self.inputs = tuple(inputs)
        self.margin = margin
        self.function = compute
        self.bytes_a_pixel = bytes_a_pixel

    def _grown(self, grid: Grid) -> tuple[Grid, int]:
        margin = self.margin if isinstance(self.margin, int) else self.margin(grid)
        grown = grid.grown(margin, margin)
        _refuse_large(grown)
        return grown, margin

    def requests(self, grid: Grid) -> Sequence[Request]:
        grown, _ = self._grown(grid)
        return [(band, grown) for band in self.inputs]

    def scratch(self, grid: Grid) -> int:
        grown, _ = self._grown(grid)
        return grown.width * grown.height * self.bytes_a_pixel

    def compute(
        self, grid: Grid, inputs: Sequence[Pixels], outputs: Sequence[int], context: Context
    ) -> Mapping[int, Pixels]:
        grown, margin = self._grown(grid)
        found = self.function(grown, inputs)
        return {k: cut(found[k], margin, margin, grid.width, grid.height) for k in outputs}


class Cells(Node):
    """A function of the inputs on each cell of the lattice with a margin around it; it answers on that larger grid."""

    def __init__(
        self, inputs: Sequence[Band], side: Margin, margin: Margin, compute: Compute, bytes_a_pixel: int = 64
    ) -> None:
        self.inputs = tuple(inputs)
        self.side = side
        self.margin = margin
        self.function = compute
        self.bytes_a_pixel = bytes_a_pixel

    def _sizes(self, grid: Grid) -> tuple[int, int]:
        side = self.side if isinstance(self.side, int) else self.side(grid)
        margin = self.margin if isinstance(self.margin, int) else self.margin(grid)
        return side, margin

    def _covering(self, grid: Grid) -> tuple[Grid, int, int]:
        """Whole cells with the margin around them, and where `grid` begins in it."""
        side, margin = self._sizes(grid)
        column, row = corner(grid)
        left, top = column % side, row % side
        width = -(-(left + grid.width) // side) * side
        height = -(-(top + grid.height) // side) * side
        covering = grid.window(-left - margin, -top - margin, width + 2 * margin, height + 2 * margin)
        _refuse_large(covering)
        return covering, left + margin, top + margin

    def requests(self, grid: Grid) -> Sequence[Request]:
        covering, _, _ = self._covering(grid)
        return [(band, covering) for band in self.inputs]

    def scratch(self, grid: Grid) -> int:
        side, margin = self._sizes(grid)
        return (side + 2 * margin) ** 2 * self.bytes_a_pixel

    def compute(
        self, grid: Grid, inputs: Sequence[Pixels], outputs: Sequence[int], context: Context
    ) -> Mapping[int, Pixels]:
        covering, left, top = self._covering(grid)
        side, margin = self._sizes(grid)
        whole: dict[int, Pixels] = {}
        for column, row in _places(covering, side, margin):
            found = self._cell(covering.window(column, row, side, side), margin, column, row, inputs, context)
            for k in outputs:
                target = whole.setdefault(k, _blank(covering, found[k]))
                place = np.s_[row : row + side, column : column + side]
                target.values[place], target.mask[place] = found[k].values, found[k].mask
        return {k: cut(pixels, left, top, grid.width, grid.height) for k, pixels in whole.items()}

    def _cell(
        self, cell: Grid, margin: int, column: int, row: int, inputs: Sequence[Pixels], context: Context
    ) -> Sequence[Pixels]:
        """The pixels of one cell; tiles that share it have it computed once a request."""
        key = (self, corner(cell), cell.crs, tuple(cell.transform)[:2], cell.width)
        if key not in context.cache:
            size = cell.width + 2 * margin
            parts = [cut(pixels, column - margin, row - margin, size, size) for pixels in inputs]
            found = self.function(cell.grown(margin, margin), parts)
            context.cache[key] = [cut(pixels, margin, margin, cell.width, cell.height) for pixels in found]
        answer: Sequence[Pixels] = context.cache[key]
        return answer


def _places(covering: Grid, side: int, margin: int) -> Iterator[tuple[int, int]]:
    """Column and row of each cell of a window of whole cells with a margin."""
    for row in range(margin, covering.height - margin, side):
        for column in range(margin, covering.width - margin, side):
            yield column, row


def _blank(grid: Grid, like: Pixels) -> Pixels:
    return Pixels(np.zeros(grid.shape, like.values.dtype), np.zeros(grid.shape, bool))


def _refuse_large(grid: Grid) -> None:
    if grid.width * grid.height > MAX_FIXED_PIXELS:
        raise EarthEngineError(
            f"The neighborhood is too large: {grid.width}x{grid.height} pixels would be needed at once. "
            "Ask for a coarser scale, or a smaller distance or neighborhood."
        )
