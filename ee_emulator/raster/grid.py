"""A pixel lattice: a coordinate reference system, an affine transform and a size."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from affine import Affine
from numpy.typing import NDArray


@dataclass(frozen=True)
class Grid:
    """A rectangle of pixels.

    Attributes:
        crs: Anything that pyproj understands, usually `EPSG:n`.
        transform: Pixel corner (column, row) to CRS coordinates.
        width: Columns.
        height: Rows.
    """

    crs: str
    transform: Affine
    width: int
    height: int

    @cached_property
    def _hash(self) -> int:
        return hash((self.crs, tuple(self.transform), self.width, self.height))

    def __hash__(self) -> int:  # asked for at every step of every plan
        return self._hash

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.height, self.width

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north in the grid's own CRS."""
        corners = [self.transform @ corner for corner in self._corners]
        xs, ys = zip(*corners, strict=True)
        return min(xs), min(ys), max(xs), max(ys)

    @property
    def _corners(self) -> list[tuple[int, int]]:
        return [(0, 0), (self.width, 0), (0, self.height), (self.width, self.height)]

    def centres(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """CRS coordinates of the pixel centres, two float64 arrays of shape (height, width)."""
        columns, rows = np.meshgrid(np.arange(self.width) + 0.5, np.arange(self.height) + 0.5)
        t = self.transform
        return t.a * columns + t.b * rows + t.c, t.d * columns + t.e * rows + t.f

    def window(self, column: int, row: int, width: int, height: int) -> "Grid":
        """The sub-grid that starts at (column, row); it may reach past this grid's edge."""
        return Grid(self.crs, self.transform @ Affine.translation(column, row), width, height)

    def grown(self, columns: int, rows: int) -> "Grid":
        """The grid with a margin of so many pixels on each side, which a neighbourhood needs."""
        return self.window(-columns, -rows, self.width + 2 * columns, self.height + 2 * rows)
