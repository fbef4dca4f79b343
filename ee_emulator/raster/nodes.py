"""The nodes that move pixels: constants, pixel-by-pixel functions, stored assets, mosaics, changes of lattice."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from ee_emulator.catalog.base import BandSpec, ImageAsset, Pixels, Window
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.array_pixels import elementwise, per_shape
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.pixel_type import PixelType, cast_values
from ee_emulator.raster.placing import centres_on
from ee_emulator.raster.projection import Projection, geographic_bounds, scale_ratio
from ee_emulator.raster.values import EVERY_INPUT, Band, Node, Request, intersect, overlap

if TYPE_CHECKING:
    from ee_emulator.registry import Context

MAX_FIXED_PIXELS = 64_000_000
"""Input pixels that one tile of a reprojected image may need; Earth Engine refuses too large ones as well."""

_MAX_OVERVIEW = 16


class Constant(Node):
    """The same value everywhere: a number, or an array as a numpy array."""

    def __init__(self, value: float | NDArray[Any], kind: PixelType) -> None:
        self.value = value
        self.type = kind

    def requests(self, grid: Grid) -> Sequence[Request]:
        return ()

    def compute(
        self, grid: Grid, inputs: Sequence[Pixels], outputs: Sequence[int], context: Context
    ) -> Mapping[int, Pixels]:
        values = np.zeros(grid.shape, self.type.dtype)
        values[...] = self.value if self.type.dimensions == 0 else _item(self.value)
        return {0: Pixels(values, np.ones(grid.shape, bool))}


def _item(value: Any) -> NDArray[Any]:
    """An object array of no dimensions that holds a value: numpy would spread an array over the pixels."""
    item = np.empty((), object)
    item[()] = value
    return item


class Generated(Node):
    """Pixels that follow from their place alone: `pixelLonLat`, `pixelArea`, clip masks, painted shapes."""

    def __init__(self, function: Callable[[Grid], Sequence[Pixels]]) -> None:
        self.function = function

    def requests(self, grid: Grid) -> Sequence[Request]:
        return ()

    def compute(
        self, grid: Grid, inputs: Sequence[Pixels], outputs: Sequence[int], context: Context
    ) -> Mapping[int, Pixels]:
        return dict(enumerate(self.function(grid)))


class PerPixel(Node):
    """A function of the inputs' pixels on the same grid; with several outputs it returns a list."""

    def __init__(
        self,
        inputs: Sequence[Band],
        function: Callable[..., Pixels | Sequence[Pixels]],
        bounded: bool = True,
        array_inputs: Container[int] = frozenset(),
    ) -> None:
        self.inputs = tuple(inputs)
        self.array_inputs = array_inputs
        self.function = function
        if bounded:
            for band in self.inputs:
                self.bounds = intersect(self.bounds, band.node.bounds)

    def requests(self, grid: Grid) -> Sequence[Request]:
        return [(band, grid) for band in self.inputs]

    def compute(
        self, grid: Grid, inputs: Sequence[Pixels], outputs: Sequence[int], context: Context
    ) -> Mapping[int, Pixels]:
        answer = self.function(*inputs)
        return {0: answer} if isinstance(answer, Pixels) else dict(enumerate(answer))


def on_values(function: Callable[..., NDArray[Any]], kind: PixelType) -> Callable[..., Pixels]:
    """Lifts a function of values: a pixel is masked where any input is; the result is cast to `kind`.

    Array pixels are computed element by element.
    """

    def lifted(*inputs: Pixels) -> Pixels:
        if kind.dimensions:
            with np.errstate(all="ignore"):
                return per_shape(elementwise(function), [kind], inputs)[0]
        mask = inputs[0].mask
        for pixels in inputs[1:]:
            mask = mask & pixels.mask
        with np.errstate(all="ignore"):
            values = function(*(pixels.values for pixels in inputs))
        opacities = [pixels.opacity for pixels in inputs if pixels.opacity is not None]
        return Pixels(cast_values(values, kind), mask, np.minimum.reduce(opacities) if opacities else None)

    return lifted


class Stored(Node):
    """The bands of an asset that share a lattice, read window by window.

    Earth Engine takes the pyramid level whose scale is the closest that is not coarser than what is asked for
    (developers.google.com/earth-engine/guides/scale) and then the nearest pixel of it; so does this node.
    """

    def __init__(self, asset: ImageAsset, bands: Sequence[BandSpec]) -> None:
        self.asset = asset
        self.bands = tuple(bands)
        self.projection = Projection(bands[0].crs, bands[0].transform)
        self.dimensions = bands[0].dimensions
        self.bounds = asset.bounds

    def requests(self, grid: Grid) -> Sequence[Request]:
        return ()

    def level(self, grid: Grid) -> int:
        """The pyramid level for a grid."""
        ratio = scale_ratio(self.projection, grid)
        # A ratio that is 2 up to rounding (10 m against 20 m in another zone) belongs to the coarser level.
        level = int(np.clip(np.floor(np.log2(max(ratio, 1e-12)) + 1e-6), 0, _MAX_OVERVIEW))
        while level and self.dimensions and min(self.dimensions) >> level == 0:
            level -= 1
        return level

    def compute(
        self, grid: Grid, inputs: Sequence[Pixels], outputs: Sequence[int], context: Context
    ) -> Mapping[int, Pixels]:
        if not overlap(self.bounds, geographic_bounds(grid)):
            return {k: masked(grid, np.dtype(self.bands[k].dtype)) for k in outputs}
        level = self.level(grid)
        lattice = Projection(self.projection.crs, self.projection.transform @ Affine.scale(2**level))
        covering = lattice.covering(grid)
        column, row = (round(v) for v in ~lattice.transform @ (covering.transform.c, covering.transform.f))
        if covering.width * covering.height > MAX_FIXED_PIXELS:
            raise EarthEngineError(
                f"{self.asset.id}: the request needs {covering.width}x{covering.height} stored pixels at once; "
                "ask for a coarser scale or a smaller region."
            )
        names = [self.bands[k].name for k in outputs]
        pixels = self.asset.read(names, Window(column, row, covering.width, covering.height), level)
        gather = nearest(covering, grid)
        return {k: gather(pixels[self.bands[k].name]) for k in outputs}


class Mosaic(Node):
    """The last unmasked pixel of its inputs; inputs that cannot reach the grid are not asked."""

    array_inputs = EVERY_INPUT

    def __init__(self, inputs: Sequence[Band], kind: PixelType) -> None:
        self.inputs = tuple(inputs)
        self.type = kind
        extents = [band.node.bounds for band in self.inputs]
        if extents and all(extent is not None for extent in extents):
            known = np.array(extents)
            west, south = known[:, :2].min(axis=0)
            east, north = known[:, 2:].max(axis=0)
            self.bounds = (float(west), float(south), float(east), float(north))

    def requests(self, grid: Grid) -> Sequence[Request]:
        extent = geographic_bounds(grid)
        return [(band, grid) for band in self.inputs if overlap(band.node.bounds, extent)]

    def compute(
        self, grid: Grid, inputs: Sequence[Pixels], outputs: Sequence[int], context: Context
    ) -> Mapping[int, Pixels]:
        if len(inputs) == 1:
            return {0: Pixels(cast_values(inputs[0].values, self.type), inputs[0].mask, inputs[0].opacity)}
        if any(pixels.opacity is not None for pixels in inputs):
            return {0: _composite(inputs, self.type)}
        answer = masked(grid, self.type.dtype)
        for pixels in inputs:
            np.copyto(answer.values, cast_values(pixels.values, self.type), where=pixels.mask)
            np.logical_or(answer.mask, pixels.mask, out=answer.mask)
        return {0: answer}


def _composite(layers: Sequence[Pixels], kind: PixelType) -> Pixels:
    """Layers over one another, the first at the bottom: the operator "over" of Porter and Duff (SIGGRAPH 1984)."""
    values = np.zeros(layers[0].values.shape, np.float64)
    alpha: NDArray[Any] = np.zeros(values.shape)
    for layer in layers:
        share = np.where(layer.mask, 1.0 if layer.opacity is None else layer.opacity, 0.0).astype(np.float64)
        total = share + alpha * (1.0 - share)
        weight = np.divide(share, total, out=np.zeros_like(share), where=total > 0)
        values += (layer.values - values) * weight
        alpha = total
    rounded = np.rint(values) if kind.is_integer else values
    return Pixels(cast_values(rounded, kind), alpha > 0, alpha.astype(np.float32))


class Fixed(Node):
    """Evaluates its input on a lattice of its own, whatever is asked for, then takes the nearest pixel."""

    array_inputs = EVERY_INPUT

    def __init__(self, band: Band, projection: Projection) -> None:
        self.band = band
        self.projection = projection
        self.bounds = band.node.bounds

    def requests(self, grid: Grid) -> Sequence[Request]:
        covering = self.projection.covering(grid)
        if covering.width * covering.height > MAX_FIXED_PIXELS:
            raise EarthEngineError(
                f"Reprojection output too large ({covering.width}x{covering.height} pixels). "
                "Ask for a smaller region, or leave the projection to the output."
            )
        return [(self.band, covering)]

    def compute(
        self, grid: Grid, inputs: Sequence[Pixels], outputs: Sequence[int], context: Context
    ) -> Mapping[int, Pixels]:
        return {0: nearest(self.projection.covering(grid), grid)(inputs[0])}


class Resampled(Node):
    """Interpolates its input between the pixels of its own lattice (`resample`)."""

    def __init__(self, band: Band, mode: str) -> None:
        self.band = band
        self.mode = mode
        self.bounds = band.node.bounds

    def lattice(self, grid: Grid) -> Projection:
        """The input's lattice, or the pyramid level of it that suits the grid."""
        projection = self.band.projection
        level = int(np.clip(np.floor(np.log2(max(scale_ratio(projection, grid), 1e-12)) + 1e-6), 0, _MAX_OVERVIEW))
        return Projection(projection.crs, projection.transform @ Affine.scale(2**level))

    def requests(self, grid: Grid) -> Sequence[Request]:
        return [(self.band, self.lattice(grid).covering(grid, margin=2))]

    def compute(
        self, grid: Grid, inputs: Sequence[Pixels], outputs: Sequence[int], context: Context
    ) -> Mapping[int, Pixels]:
        from ee_emulator.raster.interpolate import interpolate

        covering = self.lattice(grid).covering(grid, margin=2)
        columns, rows = centres_on(Projection(covering.crs, covering.transform), grid)
        return {0: interpolate(inputs[0], columns, rows, self.mode)}


def masked(grid: Grid, dtype: np.dtype[Any]) -> Pixels:
    """Pixels that are all masked."""
    return Pixels(np.zeros(grid.shape, dtype), np.zeros(grid.shape, bool))


def nearest(source: Grid, target: Grid) -> Callable[[Pixels], Pixels]:
    """The function that takes pixels of `source` to `target`: to each pixel the one that holds its centre."""
    if source == target:
        return lambda pixels: pixels
    shift = aligned_shift(source, target)
    if shift is not None:
        column, row = shift
        if 0 <= column <= source.width - target.width and 0 <= row <= source.height - target.height:
            cut = np.s_[row : row + target.height, column : column + target.width]
            return lambda pixels: Pixels(pixels.values[cut], pixels.mask[cut], _opacity(pixels, lambda o: o[cut]))
    columns, rows = _source_indices(source, target)
    inside = (columns >= 0) & (columns < source.width) & (rows >= 0) & (rows < source.height)
    places = np.where(inside, rows * source.width + columns, 0)
    return _Gather(places, inside)


class _Gather:
    """Takes pixels from places of a source; bands that share a mask have it taken once."""

    def __init__(self, places: NDArray[np.int64], inside: NDArray[np.bool_]) -> None:
        self._places = places
        self._inside = inside
        self._masks: tuple[NDArray[np.bool_], NDArray[np.bool_]] | None = None  # the last one, and what became of it

    def __call__(self, pixels: Pixels) -> Pixels:
        if self._masks is None or self._masks[0] is not pixels.mask:
            self._masks = (pixels.mask, pixels.mask.take(self._places) & self._inside)
        return Pixels(
            pixels.values.take(self._places), self._masks[1], _opacity(pixels, lambda o: o.take(self._places))
        )


def _opacity(pixels: Pixels, move: Callable[[NDArray[np.float32]], NDArray[np.float32]]) -> NDArray[np.float32] | None:
    return None if pixels.opacity is None else move(pixels.opacity)


@lru_cache(maxsize=4)  # scenes of one lattice, and bands of one image, ask for the same again and again
def _source_indices(source: Grid, target: Grid) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    columns, rows = centres_on(Projection(source.crs, source.transform), target)
    # Points that cannot be converted land outside. Centres that fall on an edge up to rounding belong to its right.
    columns = np.floor(np.nan_to_num(columns, nan=-1.0, posinf=-1.0, neginf=-1.0) + 1e-9)
    rows = np.floor(np.nan_to_num(rows, nan=-1.0, posinf=-1.0, neginf=-1.0) + 1e-9)
    limit = float(2**40)
    return np.clip(columns, -limit, limit).astype(np.int64), np.clip(rows, -limit, limit).astype(np.int64)


def aligned_shift(source: Grid, target: Grid) -> tuple[int, int] | None:
    """Column and row of `target`'s corner on `source` where the two are one lattice; None where not."""
    a, b = source.transform, target.transform
    same = source.crs == target.crs and np.allclose([a.a, a.b, a.d, a.e], [b.a, b.b, b.d, b.e], rtol=1e-12, atol=0)
    if not same:
        return None
    column, row = ~a @ (b.c, b.f)
    if abs(column - round(column)) > 1e-6 or abs(row - round(row)) > 1e-6:
        return None
    return round(column), round(row)
