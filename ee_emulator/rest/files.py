"""Files on their way to a client, and pictures as such."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.picture import rgba
from ee_emulator.raster.values import Image
from ee_emulator.registry import Context

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

MAX_BYTES = 50_331_648
MAX_PIXELS = MAX_BYTES // 4
JPEG_QUALITY = 90
PICTURES = ("PNG", "JPEG", "AUTO_JPEG_PNG")
"""Formats that hold what the eye sees, not the values."""


@dataclass(frozen=True)
class File:
    """A file on its way to a client; `name` is what a browser would save it as."""

    content: bytes
    media_type: str
    name: str | None = None


def picture_file(image: Image, grid: Grid, file_format: str, context: Context) -> File:
    """An image on a grid as PNG or JPEG."""
    refuse_too_many(grid, 1)
    return encoded(rgba(image, grid, context), file_format)


def refuse_too_many(grid: Grid, frames: int) -> None:
    """Refuses pictures of more pixels than a request may have.

    Raises:
        EarthEngineError: They are too many.
    """
    pixels = grid.width * grid.height * frames
    if pixels > MAX_PIXELS:
        raise EarthEngineError(f"Total request size ({pixels} pixels) must be less than or equal to {MAX_PIXELS}.")


def encoded(pixels: NDArray[np.uint8], file_format: str) -> File:
    """RGBA pixels as a file; `AUTO_JPEG_PNG` is a JPEG where nothing is transparent.

    Raises:
        EarthEngineError: A format that is no picture.
    """
    if file_format not in PICTURES:
        raise EarthEngineError(f"not supported by the emulator: a picture as {file_format}")
    opaque = bool((pixels[..., 3] == 255).all())
    buffer = io.BytesIO()
    if file_format == "PNG" or (file_format == "AUTO_JPEG_PNG" and not opaque):
        pillow(pixels).save(buffer, "PNG", compress_level=3)
        return File(buffer.getvalue(), "image/png")
    pillow(_over_black(pixels)).save(buffer, "JPEG", quality=JPEG_QUALITY)
    return File(buffer.getvalue(), "image/jpeg")


def _over_black(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGB of what shows before a black ground: JPEG knows no transparency."""
    shown = pixels[..., :3].astype(np.uint16) * pixels[..., 3:] // 255
    return shown.astype(np.uint8)


def pillow(pixels: NDArray[np.uint8]) -> PillowImage:
    """Pixels as Pillow's image."""
    from PIL import Image as Pillow

    return Pillow.fromarray(np.ascontiguousarray(pixels))
