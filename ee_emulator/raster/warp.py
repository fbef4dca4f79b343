"""The nodes that move pixels from where they are: to another place on the map, or each by a vector of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.interpolate import interpolate
from ee_emulator.raster.nodes import MAX_FIXED_PIXELS, masked, nearest
from ee_emulator.raster.pixel_type import PixelType, cast_values
from ee_emulator.raster.projection import Projection, convert, lattice_coordinates, scale_ratio, unit_metres
from ee_emulator.raster.values import Band, Node, Request

if TYPE_CHECKING:
    from ee_emulator.registry import Context

Array = NDArray[np.float64]

MARGIN = 3
"""Pixels around a window that bicubic interpolation and rounding may look at."""


class Relocated(Node):
    """Shows at each place of `target` what lies at the same lattice coordinates of `source`.

    On a grid in the target's CRS no pixel is resampled: the input is asked for on the moved grid. Other grids take the
    nearest pixel of a lattice of about their own scale.
    """

    def __init__(self, band: Band, source: Projection, target: Projection) -> None:
        self.band = band
        self.source = source
        self.target = target

    def _covering(self, grid: Grid) -> Grid:
        if grid.crs == self.target.crs:
            return grid
        ratio = scale_ratio(self.target, grid)
        lattice = Projection(self.target.crs, self.target.transform @ Affine.scale(ratio))
        covering = lattice.covering(grid)
        _refuse_large(covering)
        return covering

    def requests(self, grid: Grid) -> Sequence[Request]:
        """The input where the target's pixels come from."""
        covering = self._covering(grid)
        transform = self.source.transform @ ~self.target.transform @ covering.transform
        return [(self.band, Grid(self.source.crs, transform, covering.width, covering.height))]

    def compute(
        self, grid: Grid, inputs: Sequence[Pixels], outputs: Sequence[int], context: Context
    ) -> Mapping[int, Pixels]:
        """The nearest pixels."""
        return {0: nearest(self._covering(grid), grid)(inputs[0])}


def _refuse_large(grid: Grid) -> None:
    if grid.width * grid.height > MAX_FIXED_PIXELS:
        raise EarthEngineError(
            f"The request needs {grid.width}x{grid.height} pixels of the image at once; ask for a smaller region."
        )


class Displaced(Node):
    """Takes each pixel from the place that a vector points to.

    How far the vectors reach is only known when they are computed: the image itself is evaluated then, on the window
    of the lattice that is asked for that they reach.

    Args:
        bands: The image's; as many outputs.
        kinds: Types of the outputs.
        vectors: Metres to the right and up in their own projection.
        mode: `nearest_neighbor`, `bilinear` or `bicubic`.
    """

    def __init__(
        self, bands: Sequence[Band], kinds: Sequence[PixelType], vectors: tuple[Band, Band], mode: str
    ) -> None:
        self.bands = tuple(bands)
        self.kinds = tuple(kinds)
        self.vectors = vectors
        self.mode = mode

    def requests(self, grid: Grid) -> Sequence[Request]:
        """The vectors only."""
        return [(band, grid) for band in self.vectors]

    def scratch(self, grid: Grid) -> int:
        """The window of the image, taken to be twice as large as the grid, and the interpolation."""
        pixel = sum(band.type.dtype.itemsize + 1 for band in self.bands)
        return (2 * pixel + 96) * grid.width * grid.height

    def compute(
        self, grid: Grid, inputs: Sequence[Pixels], outputs: Sequence[int], context: Context
    ) -> Mapping[int, Pixels]:
        """The outputs asked for."""
        from ee_emulator.raster.render import evaluate

        known = inputs[0].mask & inputs[1].mask
        columns, rows = self._places(grid, inputs, known)
        if not known.any():
            return {k: masked(grid, self.kinds[k].dtype) for k in outputs}
        left, top = int(np.floor(columns[known].min())), int(np.floor(rows[known].min()))
        right, bottom = int(np.ceil(columns[known].max())), int(np.ceil(rows[known].max()))
        window = grid.window(left, top, max(right - left, 1), max(bottom - top, 1)).grown(MARGIN, MARGIN)
        _refuse_large(window)
        found = evaluate([(self.bands[k], window) for k in outputs], context)
        columns, rows = columns - left + MARGIN, rows - top + MARGIN
        return {
            k: self._taken(pixels, columns, rows, known, self.kinds[k])
            for k, pixels in zip(outputs, found, strict=True)
        }

    def _places(self, grid: Grid, inputs: Sequence[Pixels], known: NDArray[np.bool_]) -> tuple[Array, Array]:
        """Columns and rows on the grid's lattice where the pixels come from; `known` loses those without a place."""
        crs = self.vectors[0].projection.crs
        x, y = convert(grid.crs, crs, *grid.centres())
        dx, dy = (np.where(known, pixels.values, 0.0) / unit_metres(crs) for pixels in inputs)
        columns, rows = lattice_coordinates(Projection(grid.crs, grid.transform), crs, x + dx, y + dy)
        known &= np.isfinite(columns) & np.isfinite(rows)
        return np.where(known, columns, 0.0), np.where(known, rows, 0.0)

    def _taken(self, pixels: Pixels, columns: Array, rows: Array, known: NDArray[np.bool_], kind: PixelType) -> Pixels:
        if self.mode == "nearest_neighbor":
            height, width = pixels.values.shape
            row = np.clip(np.floor(rows + 1e-9).astype(np.int64), 0, height - 1)
            column = np.clip(np.floor(columns + 1e-9).astype(np.int64), 0, width - 1)
            return Pixels(pixels.values[row, column], pixels.mask[row, column] & known)
        made = interpolate(pixels, columns, rows, self.mode)
        return Pixels(cast_values(made.values, kind), made.mask & known)
