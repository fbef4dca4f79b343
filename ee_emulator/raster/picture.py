"""Images as pictures: the stretch of `Image.visualize`, and RGBA pixels for thumbnails and map tiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.arithmetic import computed_image
from ee_emulator.raster.colours import shaded
from ee_emulator.raster.nodes import PerPixel
from ee_emulator.raster.pixel_type import NAMED, PixelType
from ee_emulator.raster.render import render
from ee_emulator.raster.values import Band, Image

if TYPE_CHECKING:
    from ee_emulator.raster.grid import Grid
    from ee_emulator.registry import Context

BYTE = NAMED["uint8"]
GREY = ("vis-gray",)
RGB = ("vis-red", "vis-green", "vis-blue")


@dataclass(frozen=True)
class Stretch:
    """How a band's values become 0..1: `((value - low) / (high - low)) ** (1 / gamma)`, cut off at both ends.

    Attributes:
        low: Value that becomes 0.
        high: Value that becomes 1.
        gamma: Above 1 brightens.
    """

    low: float
    high: float
    gamma: float = 1.0

    def apply(self, values: NDArray[np.generic]) -> NDArray[np.float64]:
        """Values to 0..1; where `low` equals `high`, all above it are 1."""
        span = self.high - self.low
        given = values.astype(np.float64)
        with np.errstate(invalid="ignore"):
            share = (given - self.low) / span if span else (given > self.low).astype(np.float64)
        share = np.nan_to_num(np.clip(share, 0.0, 1.0), nan=0.0)
        return share if self.gamma == 1.0 else np.power(share, 1.0 / self.gamma)


def natural_range(kind: PixelType) -> tuple[float, float]:
    """What is stretched where nothing is asked for: an integer type's whole range, and 0..1 of floating point.

    (developers.google.com/earth-engine/guides/image_visualization)
    """
    if not kind.is_integer:
        return 0.0, 1.0
    low, high = kind.interval
    if low == high:  # a constant's type knows its value, which leaves nothing to stretch
        limits = np.iinfo(kind.element_dtype)
        return float(limits.min), float(limits.max)
    return float(low), float(high)


def visualised(
    image: Image, bands: Sequence[Band], stretches: Sequence[Stretch], palette: Sequence[str], opacity: float
) -> Image:
    """An image of bytes: grey from one band without a palette, otherwise red, green and blue.

    Args:
        image: Whose metadata is kept.
        bands: One or three.
        stretches: One a band.
        palette: Colours for a single band; empty for none.
        opacity: In 0..1.

    Raises:
        EarthEngineError: A band holds arrays.
    """
    if any(band.type.dimensions for band in bands):
        raise EarthEngineError("Array bands cannot be shown as a picture; use arrayFlatten() or arrayGet() first.")
    names = RGB if palette or len(bands) == 3 else GREY

    def compute(*pixels: Pixels) -> list[Pixels]:
        mask = np.logical_and.reduce([p.mask for p in pixels])
        shares = [stretch.apply(p.values) for stretch, p in zip(stretches, pixels, strict=True)]
        channels = shaded(shares[0], palette) if palette else [255.0 * share for share in shares]
        opacities = [p.opacity for p in pixels if p.opacity is not None]
        if opacity < 1.0:
            opacities.append(np.full(mask.shape, opacity, np.float32))
        alpha = np.multiply.reduce(opacities) if opacities else None
        return [Pixels(np.rint(channel).astype(np.uint8), mask, alpha) for channel in channels]

    node = PerPixel(bands, compute)
    made = [Band(node, BYTE, bands[0].projection, k) for k in range(len(names))]
    return computed_image(image, dict(zip(names, made, strict=True)))


def shown_bands(image: Image) -> list[Band]:
    """The bands that a picture shows where none are named: the first three, or the first of fewer.

    Raises:
        EarthEngineError: The image has no bands.
    """
    bands = list(image.bands.values())
    if not bands:
        raise EarthEngineError("Image.visualize: The image has no bands.")
    return bands[:3] if len(bands) >= 3 else bands[:1]


def is_picture(image: Image) -> bool:
    """Whether an image can be shown as it is: one, three or four bands of bytes."""
    return len(image.bands) in (1, 3, 4) and all(band.type == BYTE for band in image.bands.values())


def rgba(image: Image, grid: Grid, context: Context) -> NDArray[np.uint8]:
    """The pixels of a picture.

    Args:
        image: Bytes as grey, RGB or RGBA; any other image is stretched over its types' ranges first.
        grid: Lattice of the picture.
        context: The request's evaluation context.

    Returns:
        uint8 of shape (height, width, 4); masked pixels are 0 throughout.

    Raises:
        EarthEngineError: The image has no bands, or a pixel cannot be computed.
    """
    if not is_picture(image):
        bands = shown_bands(image)
        image = visualised(image, bands, [Stretch(*natural_range(band.type)) for band in bands], (), 1.0)
    pixels = list(render(image, grid, None, context).values())
    mask = np.logical_and.reduce([p.mask for p in pixels])
    colours = pixels[:3] if len(pixels) >= 3 else pixels * 3
    alpha = np.full(grid.shape, 255.0) if len(pixels) < 4 else pixels[3].values.astype(np.float64)
    if pixels[0].opacity is not None:
        alpha = alpha * pixels[0].opacity
    layers = [*(p.values for p in colours), np.rint(alpha)]
    picture = np.stack([layer.astype(np.uint8) for layer in layers], axis=-1)
    return np.where(mask[..., None], picture, np.uint8(0))
