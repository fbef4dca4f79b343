"""Image: masks, clipping, and values put in place of others."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.algorithms.image.math import constant
from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.geometry import geodesy
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.nodes import Generated, PerPixel
from ee_emulator.raster.pixel_type import BOOLEAN, DOUBLE, cast_values, union
from ee_emulator.raster.regions import centres_inside, shape_in
from ee_emulator.raster.values import Band, Image
from ee_emulator.registry import Context, algorithm, coerce
from ee_emulator.values import Geometry


def _fainter(opacity: NDArray[np.float32] | None, mask: Pixels) -> NDArray[np.float32] | None:
    """An opacity times the shares of a mask; None where nothing is translucent."""
    shares = mask.values
    if shares.dtype.kind != "f" or not ((shares > 0) & (shares < 1)).any():
        return opacity
    shown = np.where(shares > 0, np.minimum(shares, 1.0), 1.0).astype(np.float32)
    return shown if opacity is None else opacity * shown


def masked_by(band: Band, mask: Band) -> Band:
    """A band that is masked also where another is masked or zero; between 0 and 1 the other is an opacity."""

    def compute(pixels: Pixels, condition: Pixels) -> Pixels:
        mask = pixels.mask & condition.mask & (condition.values != 0)
        return Pixels(pixels.values, mask, _fainter(pixels.opacity, condition))

    return replace(band, node=PerPixel([band, mask], compute, array_inputs={0}), index=0)


@algorithm("Image.updateMask")
def update_mask(image: Image, mask: Image) -> Image:
    """Masked also where the mask is zero or masked.

    Raises:
        EarthEngineError: The mask has neither one band nor as many as the image.
    """
    return image.with_bands(
        {
            name: masked_by(band, other)
            for (name, band), other in zip(image.bands.items(), _each(image, mask), strict=True)
        }
    )


def _each(image: Image, other: Image) -> list[Band]:
    bands = list(other.bands.values())
    if len(bands) == 1:
        return bands * len(image.bands)
    if len(bands) != len(image.bands):
        raise EarthEngineError(f"Expected 1 or {len(image.bands)} bands, got {len(bands)}.")
    return bands


@algorithm("Image.selfMask")
def self_mask(image: Image) -> Image:
    """Masked where the image is zero."""
    return update_mask(image, image)


@algorithm("Image.mask")
def mask(image: Image, mask: Image | None) -> Image:
    """The mask as an image of 0 and 1, or the image under another mask; what was masked before becomes 0."""

    def of(band: Band) -> Band:
        def compute(pixels: Pixels) -> Pixels:
            return Pixels(pixels.mask.astype(np.uint8), np.ones_like(pixels.mask))

        return replace(band, node=PerPixel([band], compute, bounded=False, array_inputs={0}), type=BOOLEAN, index=0)

    if mask is None:
        return image.map_bands(of)

    def under(pixels: Pixels, condition: Pixels) -> Pixels:
        values = np.where(pixels.mask, pixels.values, pixels.values.dtype.type(0))
        return Pixels(values, condition.mask & (condition.values != 0))

    pairs = zip(image.bands.items(), _each(image, mask), strict=True)
    nodes = {name: PerPixel([band, other], under, False, {0}) for (name, band), other in pairs}
    bands = {name: replace(image.bands[name], node=node, index=0) for name, node in nodes.items()}
    return image.with_bands(bands)


@algorithm("Image.unmask")
def unmask(input: Image, value: Image | None, same_footprint: bool) -> Image:
    """Masked pixels filled; with `sameFootprint` only inside the image's outline."""
    fills = _each(input, value if value is not None else constant(0))
    footprint = input.footprint if same_footprint else None

    def filled(band: Band, fill: Band) -> Band:
        kind = union([band.type, fill.type])

        def compute(pixels: Pixels, other: Pixels) -> Pixels:
            values = np.where(pixels.mask, cast_values(pixels.values, kind), cast_values(other.values, kind))
            return Pixels(values, pixels.mask | other.mask)

        made = replace(band, node=PerPixel([band, fill], compute, False, {0, 1}), type=kind, index=0)
        return made if footprint is None else masked_by(made, inside_of(Geometry(footprint)))

    pairs = zip(input.bands.items(), fills, strict=True)
    return input.with_bands({name: filled(band, fill) for (name, band), fill in pairs})


def inside_of(geometry: Geometry) -> Band:
    """1 where a pixel's centre lies inside, masked elsewhere."""

    def generate(grid: Grid) -> list[Pixels]:
        hit = centres_inside(shape_in(geometry, grid.crs), grid)
        return [Pixels(hit.astype(np.uint8), hit)]

    node = Generated(generate)
    if not geometry.unbounded:
        shape = geodesy.in_degrees(geometry)
        node.bounds = shape.bounds if not shape.is_empty else (0.0, 0.0, 0.0, 0.0)
    return Band(node, BOOLEAN)


@algorithm("Image.clip")
def clip(input: Image, geometry: Any, *, context: Context) -> Image:
    """Masked outside a geometry."""
    shape: Geometry = coerce(geometry, "Geometry", context)
    if shape.unbounded:
        return input
    inside = inside_of(shape)
    outline = geodesy.in_degrees(shape)
    footprint = outline if input.footprint is None else input.footprint.intersection(outline)
    clipped = input.map_bands(lambda band: masked_by(band, inside))
    return replace(clipped, footprint=footprint)


@algorithm("Image.clipToCollection")
def clip_to_collection(input: Image, collection: Any, *, context: Context) -> Image:
    """Masked outside all features."""
    return clip(input, collection, context=context)


@algorithm("Image.where")
def where(input: Image, test: Image, value: Image) -> Image:
    """Replaced by `value` where the test holds and both are unmasked; the input's mask stays."""
    tests, values = _each(input, test), _each(input, value)

    def replaced(band: Band, condition: Band, other: Band) -> Band:
        kind = union([band.type, other.type])

        def compute(pixels: Pixels, holds: Pixels, new: Pixels) -> Pixels:
            chosen = holds.mask & (holds.values != 0) & new.mask
            merged = np.where(chosen, cast_values(new.values, kind), cast_values(pixels.values, kind))
            return Pixels(merged, pixels.mask)

        return replace(band, node=PerPixel([band, condition, other], compute, False, {0, 2}), type=kind, index=0)

    triples = zip(input.bands.items(), tests, values, strict=True)
    return input.with_bands({name: replaced(band, c, o) for (name, band), c, o in triples})


@algorithm("Image.blend")
def blend(bottom: Image, top: Image) -> Image:
    """The top image over the bottom one; a single band of either meets every band of the other."""
    from ee_emulator.raster.nodes import Mosaic

    if len(bottom.bands) == 1 and len(top.bands) > 1:
        (single,) = bottom.bands.values()
        bottom = bottom.with_bands(dict.fromkeys(top.bands, single))
    bands = {}
    for (name, band), over in zip(bottom.bands.items(), _each(bottom, top), strict=True):
        kind = union([band.type, over.type])
        bands[name] = Band(Mosaic([band, over], kind), kind, band.projection)
    return bottom.computed().with_bands(bands)


@algorithm("Image.remap")
def remap(
    image: Image, from_: list[Any], to: list[Any], default_value: Any, band_name: str | None, *, context: Context
) -> Image:
    """Values of one band by a table; others become the default or are masked. The metadata stays.

    Raises:
        EarthEngineError: Lists of different length.
    """
    if len(from_) != len(to):
        raise EarthEngineError(f"Image.remap: 'from' has {len(from_)} items and 'to' {len(to)}.")
    band = image.band(band_name) if band_name else next(iter(image.bands.values()))
    from_ = [coerce(value, "Number", context) for value in from_]
    to = [coerce(value, "Number", context) for value in to]
    numbers = [value for value in [*to, default_value] if value is not None]
    kind = union([constant(value).bands["constant"].type for value in numbers]) if numbers else band.type
    kind = DOUBLE if not kind.is_integer else kind
    order = np.argsort(np.asarray(from_))
    keys, results = np.asarray(from_)[order], np.asarray(to)[order]

    def compute(pixels: Pixels) -> Pixels:
        fill = 0 if default_value is None else default_value
        values, known = np.full(pixels.mask.shape, fill), np.zeros(pixels.mask.shape, bool)
        if len(keys):
            at = np.clip(np.searchsorted(keys, pixels.values), 0, len(keys) - 1)
            known = keys[at] == pixels.values
            values = np.where(known, results[at], fill)
        values = cast_values(values, kind)
        return Pixels(values, pixels.mask & known if default_value is None else pixels.mask)

    return image.computed().with_bands({"remapped": Band(PerPixel([band], compute), kind, band.projection)})
