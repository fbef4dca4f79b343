"""The node that looks around each pixel, and how a kernel meets the pixels: convolutions and reductions.

Earth Engine computes neighbourhoods in the lattice that is asked for; so does this node, which asks for its inputs with
a margin. Functions here get pixels that are larger than their answer by the kernel's margin on every side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.catalog.base import Pixels
from ee_emulator.limits import allow_bytes
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.kernel import Weights
from ee_emulator.raster.pixel_type import PixelType, cast_values
from ee_emulator.raster.reduce_nodes import FOLD_BYTES, pixels_of_columns
from ee_emulator.raster.reducer import Reducer, Samples
from ee_emulator.raster.values import Band, Node, Request, intersect
from ee_emulator.raster.windows import flat_extreme, flat_sum, weighted_sum

if TYPE_CHECKING:
    from ee_emulator.registry import Context

STRIP_BYTES = 32 * 2**20
"""Copies of windows that may be held at once where a function needs them side by side."""

Margin = Callable[[Grid], tuple[int, int]]
Compute = Callable[[Grid, Sequence[Pixels]], Pixels | Sequence[Pixels]]


class Neighbourhood(Node):
    """A function of the pixels around each pixel; several outputs come as a list.

    Args:
        inputs: Bands that are read.
        margin: Columns and rows that the function needs beyond the grid on each side.
        function: From the grid of the answer and the pixels of the inputs, larger by the margin.
        spreads: Whether pixels outside of the inputs' extent can become unmasked.
        scratch_bytes: What the function takes for a moment, bytes a pixel of one input.
    """

    def __init__(
        self,
        inputs: Sequence[Band],
        margin: Margin,
        function: Compute,
        spreads: bool = False,
        scratch_bytes: int = 48,
    ) -> None:
        self.inputs = tuple(inputs)
        self.margin = margin
        self.function = function
        self.scratch_bytes = scratch_bytes
        if not spreads:
            for band in self.inputs:
                self.bounds = intersect(self.bounds, band.node.bounds)

    def requests(self, grid: Grid) -> Sequence[Request]:
        """All inputs, with the margin."""
        grown = grid.grown(*self.margin(grid))
        return [(band, grown) for band in self.inputs]

    def scratch(self, grid: Grid) -> int:
        """What the function takes."""
        grown = grid.grown(*self.margin(grid))
        return self.scratch_bytes * grown.width * grown.height

    def compute(
        self, grid: Grid, inputs: Sequence[Pixels], outputs: Sequence[int], context: Context
    ) -> Mapping[int, Pixels]:
        """The function's answer."""
        with np.errstate(all="ignore"):
            answer = self.function(grid, inputs)
        return {0: answer} if isinstance(answer, Pixels) else dict(enumerate(answer))


def inner(array: NDArray[Any], margin: tuple[int, int]) -> NDArray[Any]:
    """What is left of an array without a margin of (columns, rows)."""
    columns, rows = margin
    height, width = array.shape
    return array[rows : height - rows, columns : width - columns]


def filled(pixels: Pixels, fill: float = 0.0) -> NDArray[np.float64]:
    """Values as double, `fill` where masked."""
    if pixels.mask.all():
        return pixels.values.astype(np.float64, copy=False)
    return np.where(pixels.mask, pixels.values, fill).astype(np.float64, copy=False)


def convolved(pixels: Pixels, weights: Weights, kind: PixelType) -> Pixels:
    """The weighted sum under a centred kernel; masked where any pixel under a weight that is not zero is."""
    values = weighted_sum(filled(pixels), weights.values)
    mask = np.ones(values.shape, bool)
    if not pixels.mask.all() and weights.support.any():
        mask = flat_extreme(pixels.mask, weights.support, largest=False)
    return Pixels(cast_values(values, kind), mask)


# Reducing ---------------------------------------------------------------------------------------------------------


def reduced(
    grid: Grid,
    inputs: Sequence[Pixels],
    reducer: Reducer,
    weights: Weights,
    weigh_by: str,
    types: Sequence[PixelType],
) -> list[Pixels]:
    """Reduces the pixels under a centred kernel, those that are unmasked and whose weight is not zero.

    Args:
        grid: The grid of the answer.
        inputs: One an input of the reducer, larger than the grid by the kernel's margin.
        reducer: What to do.
        weights: The kernel.
        weigh_by: `kernel`, `mask` or `min`: what weighs a pixel. A mask is 0 or 1 here.
        types: Types of the reducer's outputs.
    """
    if not weights.support.any():
        raise ValueError("a kernel without weights has no neighbourhood")
    share = {"mask": weights.support.astype(np.float64), "min": np.minimum(weights.values, 1.0)}
    shares = share["mask"] if not reducer.weighted else share.get(weigh_by, weights.values)
    fast = _FAST.get(reducer.name) if reducer.inputs == 1 else None
    if fast is not None:
        values, valid = fast(inputs[0], shares, weights.support)
        return [Pixels(cast_values(values, types[0]), valid)]
    return _reduced_by_strips(grid, inputs, reducer, shares, weights.support, types)


Fast = Callable[[Pixels, NDArray[np.float64], NDArray[np.bool_]], tuple[NDArray[Any], NDArray[np.bool_]]]


def _mean(pixels: Pixels, shares: NDArray[np.float64], support: NDArray[np.bool_]) -> tuple[Any, Any]:
    used = shares[support]
    if np.all(used == used[0]) and used[0] > 0:
        total = flat_sum(filled(pixels), support)
        if pixels.mask.all():
            return np.divide(total, used.size, out=total), np.ones(total.shape, bool)
        count = _counted(pixels.mask, support)
        return np.divide(total, np.maximum(count, 1), out=total), count > 0
    total = weighted_sum(filled(pixels), shares)
    share = weighted_sum(pixels.mask.astype(np.float64), shares)
    valid = np.asarray(flat_extreme(pixels.mask, support, largest=True), bool) & (share > 0)
    return total / np.where(valid, share, 1.0), valid


def _counted(mask: NDArray[np.bool_], support: NDArray[np.bool_]) -> NDArray[Any]:
    """How many pixels under the kernel are unmasked, in the smallest type that holds it: less to move about."""
    return flat_sum(mask.astype(np.min_scalar_type(int(support.sum()))), support)


def _sum(pixels: Pixels, shares: NDArray[np.float64], support: NDArray[np.bool_]) -> tuple[Any, Any]:
    total = weighted_sum(filled(pixels), shares)
    return total, np.ones(total.shape, bool)


def _count(pixels: Pixels, shares: NDArray[np.float64], support: NDArray[np.bool_]) -> tuple[Any, Any]:
    total = _counted(pixels.mask, support)
    return total, np.ones(total.shape, bool)


def _extreme(largest: bool) -> Fast:
    def fold(pixels: Pixels, shares: NDArray[np.float64], support: NDArray[np.bool_]) -> tuple[Any, Any]:
        values, mask = pixels.values, pixels.mask
        if mask.all():
            found = flat_extreme(values, support, largest)
            return found, np.ones(found.shape, bool)
        least, greatest = -np.inf, np.inf
        if values.dtype.kind in "iu":
            least, greatest = np.iinfo(values.dtype).min, np.iinfo(values.dtype).max
        known = np.where(mask, values, least if largest else greatest).astype(values.dtype, copy=False)
        return flat_extreme(known, support, largest), flat_extreme(mask, support, largest=True)

    return fold


_FAST: Mapping[str, Fast] = {
    "Reducer.mean": _mean,
    "Reducer.sum": _sum,
    "Reducer.count": _count,
    "Reducer.min": _extreme(largest=False),
    "Reducer.max": _extreme(largest=True),
}

_SCALE_FREE = frozenset({"Reducer.median", "Reducer.percentile", "Reducer.mode", "Reducer.intervalMean"})
"""Reducers for which equal weights are as good as none, which is faster."""


def _reduced_by_strips(
    grid: Grid,
    inputs: Sequence[Pixels],
    reducer: Reducer,
    shares: NDArray[np.float64],
    support: NDArray[np.bool_],
    types: Sequence[PixelType],
) -> list[Pixels]:
    used = shares[support]
    weights = None if reducer.name in _SCALE_FREE and np.all(used == used[0]) else used[:, None]
    parts: list[dict[int, Pixels]] = []
    for strip in strips(inputs, support):
        values, valid = zip(*strip, strict=True)
        height = values[0].shape[1] // grid.width
        columns = reducer.apply(Samples(values, valid, weights if reducer.weighted else None))
        parts.append(pixels_of_columns(columns, types, grid.window(0, 0, grid.width, height)))
    return [
        Pixels(np.concatenate([part[k].values for part in parts]), np.concatenate([part[k].mask for part in parts]))
        for k in range(len(types))
    ]


Windows = tuple[NDArray[Any], NDArray[np.bool_]]
"""Values and mask of the pixels under a kernel: (weights that are not zero, pixels of the strip)."""


def strips(inputs: Sequence[Pixels], support: NDArray[np.bool_]) -> Iterator[list[Windows]]:
    """The pixels under a kernel, strip by strip of the answer and one `Windows` an input, within `STRIP_BYTES`.

    Raises:
        EarthEngineError: A single row takes more memory than a request has.
    """
    height, width = (n - k + 1 for n, k in zip(inputs[0].values.shape, support.shape, strict=True))
    places = np.argwhere(support)
    row_bytes = FOLD_BYTES * len(places) * len(inputs) * width
    allow_bytes(row_bytes)
    step = max(1, STRIP_BYTES // max(1, row_bytes))
    for top in range(0, height, step):
        bottom = min(top + step, height)
        yield [
            (_under(pixels.values, places, (top, bottom), width), _under(pixels.mask, places, (top, bottom), width))
            for pixels in inputs
        ]


def _under(array: NDArray[Any], places: NDArray[np.intp], rows: tuple[int, int], width: int) -> NDArray[Any]:
    top, bottom = rows
    return np.stack([array[top + y : bottom + y, x : x + width].ravel() for y, x in places])
