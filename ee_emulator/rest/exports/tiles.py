"""Images as the tiles of a web map: `PREFIX/ZOOM/X/Y`, as `Export.map` writes them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.picture import rgba
from ee_emulator.raster.regions import region_geometry, shape_in
from ee_emulator.raster.values import Image
from ee_emulator.registry import Context
from ee_emulator.rest.data_folder import written_whole
from ee_emulator.rest.exports.operations import Progress
from ee_emulator.rest.files import encoded
from ee_emulator.rest.maps import HALF_WORLD, MAX_ZOOM, SIDE, tile_grid

Tile = tuple[int, int, int]


def write_tiles(
    image: Image, prefix: Path, options: Mapping[str, Any], file_format: str, context: Context, progress: Progress
) -> None:
    """Writes every tile that the image's bounds meet.

    Args:
        image: A picture, or bands to be stretched over their types' ranges.
        prefix: Folder of the pyramid.
        options: `TileOptions` of the interface: `startZoom`, `endZoom` or `scale`, and `skipEmpty`.
        file_format: `PNG`, `JPEG` or `AUTO_JPEG_PNG`.
        context: The task's evaluation context.
        progress: Told after each tile.
    """
    tiles = list(_tiles(image, _checked_zoom(int(options.get("startZoom") or 0)), _end_zoom(image, options)))
    for number, (zoom, x, y) in enumerate(tiles):
        pixels = rgba(image, tile_grid(zoom, x, y), context)
        if pixels[..., 3].any() or not options.get("skipEmpty"):
            with written_whole(prefix / str(zoom) / str(x) / str(y)) as place:
                place.write_bytes(encoded(pixels, file_format).content)
        progress((number + 1) / len(tiles))


def _end_zoom(image: Image, options: Mapping[str, Any]) -> int:
    """The zoom asked for, or the first whose pixels are as fine as the scale on the equator."""
    if options.get("endZoom") is not None:
        zoom = int(options["endZoom"])
    else:
        scale = float(options.get("scale") or image.first_projection().nominal_scale)
        if not scale > 0:
            raise EarthEngineError(f"The scale must be greater than zero, but was {scale:g}.")
        zoom = max(0, math.ceil(math.log2(2 * HALF_WORLD / SIDE / scale)))
    return _checked_zoom(zoom)


def _checked_zoom(zoom: int) -> int:
    if not 0 <= zoom <= MAX_ZOOM:
        raise EarthEngineError(f"The zoom must be between 0 and {MAX_ZOOM}, but was {zoom}.")
    return zoom


def _tiles(image: Image, start: int, end: int) -> Iterator[Tile]:
    west, south, east, north = shape_in(region_geometry(image, None), "EPSG:3857").bounds
    for zoom in range(start, end + 1):
        count = 2**zoom
        side = 2 * HALF_WORLD / count

        def index(metres: float, side: float = side, count: int = count) -> int:
            return min(max(math.floor(metres / side), 0), count - 1)

        for x in range(index(west + HALF_WORLD), index(east + HALF_WORLD) + 1):
            for y in range(index(HALF_WORLD - north), index(HALF_WORLD - south) + 1):
                yield zoom, x, y
