"""Images for the eye: thumbnails, animations and film strips, encoded by Pillow."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.picture import rgba
from ee_emulator.raster.regions import region_geometry, shape_in
from ee_emulator.raster.values import Image
from ee_emulator.registry import Context, coerce
from ee_emulator.rest.files import PICTURES, File, encoded, pillow, refuse_too_many
from ee_emulator.rest.pixels import chosen_bands, image_file, native_grid, visualised_as_asked
from ee_emulator.rest.service import value_of

if TYPE_CHECKING:
    pass

DEFAULT_SIDE = 512
"""Pixels on the longer side of a thumbnail that names no size.

(developers.google.com/earth-engine/guides/image_visualization)
"""
DEFAULT_FRAMES_PER_SECOND = 5.0


def thumbnail(request: Mapping[str, Any], context: Context) -> File:
    """The file of a `thumbnails` resource: a picture, or a download of values."""
    image = _prepared(coerce(value_of(request, context), "Image", context), request, context)
    file_format = request.get("fileFormat") or "AUTO_JPEG_PNG"
    grid = _picture_grid(image, request) if file_format in PICTURES else native_grid(image)
    name = request.get("filenamePrefix") or str(image.properties.get("system:index") or "download")
    return image_file(image, grid, file_format, name, context)


def _prepared(image: Image, request: Mapping[str, Any], context: Context) -> Image:
    image = chosen_bands(image, request.get("bandIds"))
    return visualised_as_asked(image, request.get("visualizationOptions"), context)


def _picture_grid(image: Image, request: Mapping[str, Any]) -> Grid:
    """The image's own grid where the client set its size, otherwise one that fits the default size."""
    if "Image.clipToBoundsAndScale" in _functions(request):
        return native_grid(image)
    crs = image.first_projection().crs
    west, south, east, north = shape_in(region_geometry(image, None), crs).bounds
    side = max(east - west, north - south) / DEFAULT_SIDE
    if not side > 0:
        raise EarthEngineError("The image covers no area: there is nothing to show.")
    width, height = (max(1, round(extent / side)) for extent in (east - west, north - south))
    return Grid(crs, Affine(side, 0, west, 0, -side, north), width, height)


def _functions(request: Mapping[str, Any]) -> set[str]:
    """Names of the algorithms that an expression calls."""
    found: set[str] = set()
    stack: list[Any] = list(request["expression"].get("values", {}).values())
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            if isinstance(node.get("functionName"), str):
                found.add(node["functionName"].removeprefix("algorithms/"))
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
    return found


def animation(request: Mapping[str, Any], context: Context) -> File:
    """The images of a collection as a GIF that repeats.

    Raises:
        EarthEngineError: Another format, no images, or too many pixels.
    """
    if request.get("fileFormat") not in (None, "GIF"):
        raise EarthEngineError(f"not supported by the emulator: an animation as {request['fileFormat']}")
    frames = [pillow(pixels) for pixels in _frames(request, context)]
    speed = float((request.get("videoOptions") or {}).get("framesPerSecond") or DEFAULT_FRAMES_PER_SECOND)
    if not 0 < speed <= 100:
        raise EarthEngineError(f"Frames per second must be between 0 and 100, but was {speed:g}.")
    buffer = io.BytesIO()
    first, *others = frames
    # Frames that are the same stay frames; each clears the one before, which may show through it.
    options: dict[str, Any] = {"append_images": others, "duration": round(1000 / speed), "loop": 0, "disposal": 2}
    first.save(buffer, "GIF", save_all=True, optimize=False, **options)
    return File(buffer.getvalue(), "image/gif")


def film_strip(request: Mapping[str, Any], context: Context) -> File:
    """The images of a collection one below the other."""
    file_format = request.get("fileFormat") or "AUTO_JPEG_PNG"
    axis = 1 if request.get("orientation") == "HORIZONTAL" else 0
    return encoded(np.concatenate(_frames(request, context), axis=axis), file_format)


def _frames(request: Mapping[str, Any], context: Context) -> list[NDArray[np.uint8]]:
    """RGBA pixels of each image, all on the first one's grid."""
    images: Sequence[Image] = list(coerce(value_of(request, context), "ImageCollection", context).elements())
    if not images:
        raise EarthEngineError("The collection is empty: there are no frames.")
    prepared = [_prepared(image, request, context) for image in images]
    grid = _picture_grid(prepared[0], request)
    refuse_too_many(grid, len(prepared))
    return [rgba(image, grid, context) for image in prepared]
