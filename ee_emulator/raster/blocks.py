"""Algorithms that work on whole blocks of pixels: the blocks lie fast on the lattice, whatever tile is asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ee_emulator.catalog.base import Pixels
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.values import Band, Node, Request

if TYPE_CHECKING:
    from ee_emulator.registry import Context


def lattice_place(grid: Grid) -> tuple[int, int]:
    """Column and row of a grid's corner on its lattice, counted from the origin of the coordinates."""
    t = grid.transform
    column, row = ~t.__class__(t.a, t.b, 0.0, t.d, t.e, 0.0) @ (t.c, t.f)
    # Lattices begin at whole pixels, or at halves and quarters of them: rounding must not fall on those.
    return math.floor(column + 0.3), math.floor(row + 0.3)


@dataclass(frozen=True)
class Cover:
    """The blocks that a grid touches: their number across and down, and the grid's place in them."""

    across: int
    down: int
    left: int
    top: int


def cover(grid: Grid, side: int) -> Cover:
    """The blocks of `side` pixels that cover a grid."""
    column, row = lattice_place(grid)
    left, top = column % side, row % side
    return Cover(math.ceil((left + grid.width) / side), math.ceil((top + grid.height) / side), left, top)


class Blocks(Node):
    """A function of one band, block by block.

    Args:
        band: What is read.
        side: Pixels a side of a block.
        margin: Pixels around a block that the function gets to see.
        function: From a block's pixels with their margin to the block's pixels without.
        bytes_a_pixel: What the function takes for a moment.
    """

    def __init__(
        self, band: Band, side: int, margin: int, function: Callable[[Pixels], Pixels], bytes_a_pixel: int = 64
    ) -> None:
        self.band = band
        self.side = side
        self.margin = margin
        self.function = function
        self.bytes_a_pixel = bytes_a_pixel
        self.bounds = band.node.bounds

    def _whole(self, grid: Grid) -> Grid:
        blocks = cover(grid, self.side)
        return grid.window(-blocks.left, -blocks.top, blocks.across * self.side, blocks.down * self.side)

    def requests(self, grid: Grid) -> Sequence[Request]:
        """All blocks that the grid touches, with the margin."""
        return [(self.band, self._whole(grid).grown(self.margin, self.margin))]

    def scratch(self, grid: Grid) -> int:
        """What one block takes, and the answer of all."""
        whole = self._whole(grid)
        return self.bytes_a_pixel * (self.side + 2 * self.margin) ** 2 + 9 * whole.width * whole.height

    def compute(
        self, grid: Grid, inputs: Sequence[Pixels], outputs: Sequence[int], context: Context
    ) -> Mapping[int, Pixels]:
        """The blocks, cut to the grid."""
        blocks, reach = cover(grid, self.side), self.side + 2 * self.margin
        rows = []
        for top in range(0, blocks.down * self.side, self.side):
            row = []
            for left in range(0, blocks.across * self.side, self.side):
                place = np.s_[top : top + reach, left : left + reach]
                row.append(self.function(Pixels(inputs[0].values[place], inputs[0].mask[place])))
            rows.append(row)
        cut = np.s_[blocks.top : blocks.top + grid.height, blocks.left : blocks.left + grid.width]
        values = np.block([[part.values for part in row] for row in rows])[cut]
        mask = np.block([[part.mask for part in row] for row in rows])[cut]
        return {0: Pixels(values, mask)}
