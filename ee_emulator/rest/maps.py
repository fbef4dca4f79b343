"""Map tiles: an image on one square of the web's Mercator pyramid."""

import math
from collections.abc import Mapping
from typing import Any

from affine import Affine

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.values import Image
from ee_emulator.registry import Context, coerce
from ee_emulator.rest.files import File, picture_file
from ee_emulator.rest.pixels import chosen_bands, visualised_as_asked
from ee_emulator.rest.service import value_of

SIDE = 256
HALF_WORLD = math.pi * 6378137.0
"""Metres from the middle of EPSG:3857 to its edges."""
MAX_ZOOM = 24


def map_image(request: Mapping[str, Any], context: Context) -> Image:
    """The image of a map; collections are drawn as mosaics by the client already."""
    image = chosen_bands(coerce(value_of(request, context), "Image", context), request.get("bandIds"))
    return visualised_as_asked(image, request.get("visualizationOptions"), context)


def tile_grid(zoom: int, x: int, y: int) -> Grid:
    """The 256 × 256 pixels of a tile in EPSG:3857.

    Raises:
        EarthEngineError: There is no such tile.
    """
    if not (0 <= zoom <= MAX_ZOOM and 0 <= x < 2**zoom and 0 <= y < 2**zoom):
        raise EarthEngineError(f"Invalid tile: x {x}, y {y} at zoom {zoom}.")
    side = 2 * HALF_WORLD / 2**zoom
    pixel = side / SIDE
    return Grid("EPSG:3857", Affine(pixel, 0, x * side - HALF_WORLD, 0, -pixel, HALF_WORLD - y * side), SIDE, SIDE)


def tile(request: Mapping[str, Any], zoom: int, x: int, y: int, context: Context) -> File:
    """A tile as PNG, or as the format that the map was made with."""
    file_format = request.get("fileFormat") or "AUTO_JPEG_PNG"
    if file_format == "AUTO_JPEG_PNG":
        file_format = "PNG"
    return picture_file(map_image(request, context), tile_grid(zoom, x, y), file_format, context)
