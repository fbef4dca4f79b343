"""Images to files piece by piece: GeoTIFF, cloud-optimised or not, and TFRecord patches."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.projection import crs_of
from ee_emulator.raster.render import render
from ee_emulator.raster.values import Image
from ee_emulator.registry import Context
from ee_emulator.rest.data_folder import written_whole
from ee_emulator.rest.exports.operations import Progress
from ee_emulator.rest.exports.tfrecord import example_of_pixels, records

if TYPE_CHECKING:
    from affine import Affine

MAX_PIXELS = 100_000_000
BLOCK = 256
STEP = 4 * BLOCK
"""Side of the pieces that are computed and written in one go."""
MAX_FILE_SIDE = 32_768
"""Longer exports become several files."""
_TYPE_NAMES = {
    "uint8": "Byte",
    "int8": "Int8",
    "uint16": "UInt16",
    "int16": "Int16",
    "uint32": "UInt32",
    "int32": "Int32",
    "int64": "Int64",
    "float32": "Float32",
    "float64": "Float64",
}


def check_pixels(grid: Grid, limit: int) -> None:
    """Holds the client's limit.

    Raises:
        EarthEngineError: The grid has more pixels.
    """
    pixels = grid.width * grid.height
    if pixels > limit:
        raise EarthEngineError(
            f"Export too large: specified {pixels} pixels (max: {limit}). "
            "Specify higher maxPixels value if you intend to export a large area."
        )


def common_type(image: Image) -> np.dtype[Any]:
    """The one type of all bands, which a GeoTIFF needs.

    Raises:
        EarthEngineError: They have several, or are arrays.
    """
    types = [band.type.dtype for band in image.bands.values()]
    if not types:
        raise EarthEngineError("The image has no bands.")
    for other in types:
        if other.hasobject:
            raise EarthEngineError("Exported bands must be numbers; an image of arrays cannot be exported.")
        if other != types[0]:
            names = f"{_TYPE_NAMES[other.name]} and {_TYPE_NAMES[types[0].name]}"
            message = f"Exported bands must have compatible data types; found inconsistent types: {names}."
            raise EarthEngineError(message)
    return types[0]


def write_geotiffs(
    image: Image, grid: Grid, prefix: Path, options: Mapping[str, Any], context: Context, progress: Progress
) -> list[Path]:
    """Writes an image as one GeoTIFF, or as several whose names tell their first row and column.

    Args:
        image: Bands of one type.
        grid: Lattice of the export.
        prefix: Path of the files without what follows in their names.
        options: `GeoTiffImageExportOptions` of the interface.
        context: The task's evaluation context.
        progress: Told after each piece.

    Returns:
        The files, in row order.
    """
    dtype = common_type(image)
    parts = list(_parts(grid, options.get("tileDimensions")))
    written = []
    for number, (column, row, part) in enumerate(parts):
        suffix = f"-{row:010d}-{column:010d}" if len(parts) > 1 else ""
        path = prefix.with_name(f"{prefix.name}{suffix}.tif")

        def share(done: float, number: int = number) -> None:
            progress((number + done) / len(parts))

        with written_whole(path) as place:
            empty = write_raster(image, part, place, dtype, context, share, no_data=_no_data(options.get("noData")))
            if options.get("cloudOptimized"):
                _optimise(place)
            written.append(path)
        if empty and options.get("skipEmptyFiles"):
            written.pop().unlink()
    return written


def _no_data(given: Any) -> float | None:
    """The number in a `Number` message."""
    if isinstance(given, Mapping):
        given = next(iter(given.values()), None)
    return None if given is None else float(given)


def _parts(grid: Grid, dimensions: Any) -> Iterator[tuple[int, int, Grid]]:
    """Column, row and grid of each file."""
    width, height = MAX_FILE_SIDE, MAX_FILE_SIDE
    if dimensions:
        width, height = int(dimensions["width"]), int(dimensions["height"])
        if min(width, height) <= 0 or width % BLOCK or height % BLOCK:
            raise EarthEngineError(f"File dimensions must be multiples of {BLOCK}, but were {width}x{height}.")
    return _pieces(grid, width, height)


def _pieces(grid: Grid, width: int, height: int) -> Iterator[tuple[int, int, Grid]]:
    for row in range(0, grid.height, height):
        for column in range(0, grid.width, width):
            size = min(width, grid.width - column), min(height, grid.height - row)
            yield column, row, grid.window(column, row, *size)


def write_raster(
    image: Image,
    grid: Grid,
    path: Path,
    dtype: np.dtype[Any],
    context: Context,
    progress: Progress,
    *,
    no_data: float | None = None,
    mask: bool = False,
) -> bool:
    """Writes one tiled GeoTIFF, computing a piece at a time.

    Masked pixels get `no_data`; without one NaN where there is such a number, and 0 otherwise. `mask` keeps the mask
    itself in the file (for a single band).

    Returns:
        Whether every pixel is masked.
    """
    import rasterio
    from rasterio.windows import Window

    if no_data is not None and np.dtype(dtype).kind in "iu" and not _fits(no_data, dtype):
        raise EarthEngineError(f"The no-data value {no_data:g} is outside the range of {_TYPE_NAMES[dtype.name]}.")
    fill = no_data if no_data is not None else (math.nan if dtype.kind == "f" else 0)
    pieces = list(_pieces(grid, STEP, STEP))
    empty = True
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=mask), rasterio.open(path, "w", **_profile(image, grid, dtype)) as file:
        if no_data is not None:
            file.nodata = no_data
        for number, (column, row, piece) in enumerate(pieces):
            pixels = render(image, piece, None, context)
            window = Window(column, row, piece.width, piece.height)
            for layer, band in enumerate(pixels.values(), start=1):
                file.write(np.where(band.mask, band.values, dtype.type(fill)), layer, window=window)
                empty = empty and not band.mask.any()
            if mask:
                file.write_mask(_shared_mask(pixels), window=window)
            progress((number + 1) / len(pieces))
        for layer, name in enumerate(image.names, start=1):
            file.set_band_description(layer, name)
    return empty


def _shared_mask(pixels: Mapping[str, Pixels]) -> Any:
    return np.logical_and.reduce([band.mask for band in pixels.values()])


def _fits(value: float, dtype: np.dtype[Any]) -> bool:
    limits = np.iinfo(dtype)
    return limits.min <= value <= limits.max and float(value).is_integer()


def _profile(image: Image, grid: Grid, dtype: np.dtype[Any]) -> dict[str, Any]:
    import rasterio

    return {
        "driver": "GTiff",
        "width": grid.width,
        "height": grid.height,
        "count": len(image.bands),
        "dtype": dtype.name,
        "crs": rasterio.crs.CRS.from_wkt(crs_of(grid.crs).to_wkt()),
        "transform": rasterio.Affine(*tuple(grid.transform)[:6]),
        "tiled": True,
        "blockxsize": BLOCK,
        "blockysize": BLOCK,
        "compress": "deflate",
        "interleave": "pixel",
        "bigtiff": "if_safer",
    }


def _optimise(path: Path) -> None:
    """Rewrites a file as a cloud-optimised one, with overviews and its header in front."""
    import rasterio.shutil

    plain = path.with_name("plain.tif")
    path.rename(plain)
    rasterio.shutil.copy(plain, path, driver="COG", compress="deflate", blocksize=BLOCK)
    plain.unlink()


def write_tfrecord(
    image: Image, grid: Grid, prefix: Path, options: Mapping[str, Any], context: Context, progress: Progress
) -> list[Path]:
    """Writes an image as patches in one TFRecord file, with the JSON that says how they fit together.

    (developers.google.com/earth-engine/guides/tfrecord) Patches are whole: what does not fill one at the right and the
    lower edge is left out.
    """
    patch = _size(options.get("tileDimensions"), BLOCK)
    margin = _size(options.get("marginDimensions"), 0)
    columns, rows = grid.width // patch[0], grid.height // patch[1]
    if not columns * rows:
        raise EarthEngineError(f"The image is smaller than one patch of {patch[0]}x{patch[1]} pixels.")
    if options.get("tensorDepths") or options.get("sequenceData") or options.get("collapseBands"):
        raise EarthEngineError("not supported by the emulator: tensorDepths, sequenceData and collapseBands")
    compressed = bool(options.get("compress"))
    path = prefix.with_name(prefix.name + (".tfrecord.gz" if compressed else ".tfrecord"))
    fill = float(options.get("defaultValue") or 0)
    with written_whole(path) as place, gzip.open(place, "wb") if compressed else place.open("wb") as file:
        for number in range(columns * rows):
            row, column = divmod(number, columns)
            window = grid.window(column * patch[0], row * patch[1], *patch).grown(margin[0] // 2, margin[1] // 2)
            file.write(records([example_of_pixels(render(image, window, None, context), fill)]))
            progress((number + 1) / (columns * rows))
    mixer = prefix.with_name(f"{prefix.name}-mixer.json")
    with written_whole(mixer) as place:
        place.write_text(json.dumps(_mixer(grid.crs, grid.transform, patch, columns, rows)), encoding="utf-8")
    return [path, mixer]


def _size(given: Any, default: int) -> tuple[int, int]:
    return (int(given["width"]), int(given["height"])) if given else (default, default)


def _mixer(crs: str, transform: Affine, patch: tuple[int, int], columns: int, rows: int) -> dict[str, Any]:
    return {
        "projection": {"crs": crs, "affine": {"doubleMatrix": list(transform)[:6]}},
        "patchDimensions": list(patch),
        "patchesPerRow": columns,
        "totalPatches": columns * rows,
    }
