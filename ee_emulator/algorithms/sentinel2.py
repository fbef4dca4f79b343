"""Sentinel2: the cloud displacement index."""

from collections.abc import Sequence

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from ee_emulator.catalog.base import Pixels
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.nodes import Fixed
from ee_emulator.raster.pixel_type import FLOAT
from ee_emulator.raster.surrounding_nodes import Surrounded
from ee_emulator.raster.values import Band, Image, Node, Request
from ee_emulator.registry import Context, algorithm

WINDOW = 7
"""Pixels of 20 m a side in which variances are taken (Frantz et al. 2018)."""


class Coarsened(Node):
    """The mean of the 2 x 2 finer pixels under each pixel; masked where one of them is."""

    def __init__(self, band: Band) -> None:
        self.band = band
        self.bounds = band.node.bounds

    def requests(self, grid: Grid) -> Sequence[Request]:
        """The band on a lattice twice as fine."""
        return [(self.band, Grid(grid.crs, grid.transform @ Affine.scale(0.5), 2 * grid.width, 2 * grid.height))]

    def compute(
        self, grid: Grid, inputs: Sequence[Pixels], outputs: Sequence[int], context: Context
    ) -> dict[int, Pixels]:
        """One output."""
        blocks = grid.height, 2, grid.width, 2
        values = inputs[0].values.reshape(blocks).mean(axis=(1, 3))
        return {0: Pixels(values, np.asarray(inputs[0].mask.reshape(blocks).all(axis=(1, 3))))}


@algorithm("Sentinel2.CDI")
def cdi(source: Image) -> Image:
    """How far apart two near-infrared bands see the same: -1 for high clouds, near 1 for the ground.

    Frantz, Hass, Uhl, Stoffels and Hill (2018), Remote Sensing of Environment 215, 471-481: B8 and B7 over B8A, the
    variances of both ratios in 7 x 7 pixels of 20 m, and their normalised difference. B8 is averaged to 20 m, masked
    pixels take no part, and where nothing varies the index is 0 (ours). It is computed on the lattice of B8A whatever
    is asked for, since the displacement is one of pixels.

    Raises:
        EarthEngineError: B7, B8 or B8A is missing.
    """
    near, far, narrow = source.band("B7"), source.band("B8"), source.band("B8A")
    coarse = far if far.projection.composite else Band(Coarsened(far), FLOAT, narrow.projection)
    node = Surrounded([near, coarse, narrow], WINDOW // 2, _index)
    band = Band(node, FLOAT, narrow.projection)
    if not narrow.projection.composite:
        band = Band(Fixed(band, narrow.projection), FLOAT, narrow.projection)
    return source.computed().with_bands({"cdi": band})


def _index(grid: Grid, inputs: Sequence[Pixels]) -> list[Pixels]:
    near, far, narrow = (pixels.values.astype(np.float64) for pixels in inputs)
    mask = inputs[0].mask & inputs[1].mask & inputs[2].mask & (narrow != 0)
    below = np.where(mask, narrow, 1.0)
    wide, tight = _variance(far / below, mask), _variance(near / below, mask)
    total = wide + tight
    index = np.divide(tight - wide, total, out=np.zeros_like(total), where=total > 0)
    return [Pixels(index.astype(np.float32), mask)]


def _variance(values: NDArray[np.float64], mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Variance of the unmasked pixels in the window around each pixel."""
    from scipy.ndimage import uniform_filter

    centred = np.where(mask, values - values[mask].mean() if mask.any() else 0.0, 0.0)
    share = uniform_filter(mask.astype(np.float64), WINDOW, mode="constant")
    share = np.maximum(share, 0.5 / WINDOW**2)
    mean = uniform_filter(centred, WINDOW, mode="constant") / share
    square = uniform_filter(centred**2, WINDOW, mode="constant") / share
    return np.asarray(np.maximum(square - mean**2, 0.0))
