"""Image: pixels coloured by an OGC style (`sldStyle`)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.arithmetic import computed_image
from ee_emulator.raster.nodes import PerPixel
from ee_emulator.raster.picture import BYTE, RGB, natural_range, shown_bands
from ee_emulator.raster.regions import grid_over, region_geometry, shape_in
from ee_emulator.raster.render import evaluate
from ee_emulator.raster.sld import Channel, Symbolizer, parse
from ee_emulator.raster.values import Band, Image
from ee_emulator.registry import Context, algorithm

SAMPLED_SIDE = 512
"""Pixels a side of the overview from which a band's distribution is taken."""

BINS = 256
Curve = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Values of a band, ascending, and what becomes of them in 0..1."""


@algorithm("Image.sldStyle")
def sld_style(input: Image, sld_xml: str, *, context: Context) -> Image:
    """Red, green and blue by a raster symbolizer; masked where it gives no colour.

    A band that is normalised or equalised leaves its distribution in the property `histogram_BAND`.

    Raises:
        EarthEngineError: A style that cannot be read, or a band that is not there.
    """
    style = parse(sld_xml)
    names = [_band_name(input, channel.name) for channel in style.channels] or _own_names(input, style)
    channels = style.channels or (style.whole,) * len(names)
    if style.colours is not None:
        return _mapped(input, names[0], style)
    histograms: dict[str, Any] = {}
    curves = [
        _curve(input, name, _with_default(channel, style.whole), histograms, context)
        for name, channel in zip(names, channels, strict=True)
    ]
    return _stretched(input, [input.bands[name] for name in names], curves, style.visible).with_properties(
        {**computed_image(input, {}).properties, **histograms}
    )


def _own_names(image: Image, style: Symbolizer) -> list[str]:
    shown = shown_bands(image)
    names = [name for name, band in image.bands.items() if any(band is other for other in shown)]
    return names[:1] if style.colours is not None else names


def _band_name(image: Image, given: str) -> str:
    """A band by its name or, where none has it, by its number from 1."""
    if given in image.bands:
        return given
    if given.isdigit() and 1 <= int(given) <= len(image.bands):
        return image.names[int(given) - 1]
    raise EarthEngineError(f"No band named '{given}'. Available band names: [{', '.join(image.names)}].")


def _with_default(channel: Channel, whole: Channel) -> Channel:
    own = channel.stretch or channel.gamma != 1.0
    return channel if own else Channel(channel.name, whole.stretch, whole.gamma)


def _mapped(image: Image, name: str, style: Symbolizer) -> Image:
    colours, band = style.colours, image.bands[name]
    assert colours is not None

    def compute(pixels: Pixels) -> list[Pixels]:
        rgb, shown = colours.apply(pixels.values)
        mask = pixels.mask & shown & style.visible
        return [Pixels(np.rint(channel).astype(np.uint8), mask, pixels.opacity) for channel in rgb]

    return _rgb(image, PerPixel([band], compute), band, 3)


def _stretched(image: Image, bands: list[Band], curves: list[Curve], visible: bool) -> Image:
    def compute(*pixels: Pixels) -> list[Pixels]:
        mask = np.logical_and.reduce([p.mask for p in pixels]) & visible
        shares = [np.interp(p.values, *curve) for p, curve in zip(pixels, curves, strict=True)]
        return [Pixels(np.rint(255.0 * share).astype(np.uint8), mask) for share in shares]

    return _rgb(image, PerPixel(bands, compute), bands[0], len(bands))


def _rgb(image: Image, node: PerPixel, band: Band, outputs: int) -> Image:
    bands = [Band(node, BYTE, band.projection, min(k, outputs - 1)) for k in range(3)]
    return computed_image(image, dict(zip(RGB, bands, strict=True)))


def _curve(image: Image, name: str, channel: Channel, histograms: dict[str, Any], context: Context) -> Curve:
    """How a band's values become shades; a distribution that is needed for it is noted in `histograms`."""
    band = image.bands[name]
    if not channel.stretch:
        values = np.linspace(*natural_range(band.type), BINS)
        shades = np.linspace(0.0, 1.0, BINS)
    else:
        counts, edges = _distribution(image, band, context)
        histograms[f"histogram_{name}"] = [[float(e), int(c)] for e, c in zip(edges[:-1], counts, strict=True)]
        values = edges
        share = np.concatenate([[0.0], np.cumsum(counts) / counts.sum()])
        shades = share if channel.stretch == "Histogram" else np.linspace(0.0, 1.0, len(edges))
    return values, np.power(shades, 1.0 / channel.gamma)


def _distribution(image: Image, band: Band, context: Context) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Counts of a band's values over the image's footprint, in equal bins from the least to the greatest."""
    lattice = band.projection
    shape = shape_in(region_geometry(image, None), lattice.crs)
    grid = grid_over(shape, lattice)
    while max(grid.width, grid.height) > SAMPLED_SIDE:
        lattice = lattice.at_scale(lattice.nominal_scale * 2)
        grid = grid_over(shape, lattice)
    (pixels,) = evaluate([(band, grid)], context)
    values = pixels.values[pixels.mask].astype(np.float64)
    if not values.size:
        raise EarthEngineError("No valid pixels were found to take a band's distribution from.")
    counts, edges = np.histogram(values, BINS)
    return counts.astype(np.int64), edges
