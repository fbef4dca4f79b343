"""`image:computePixels`: an image and a grid to a file."""

from collections.abc import Mapping
from typing import Any

from affine import Affine

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.formats import to_geotiff, to_npy
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.projection import crs_of
from ee_emulator.raster.render import render
from ee_emulator.raster.values import Image
from ee_emulator.registry import Context, coerce

MAX_BYTES = 50_331_648
MAX_DIMENSION = 32_768
MAX_BANDS = 1_024

MEDIA_TYPES = {"NPY": "application/octet-stream", "GEO_TIFF": "image/tiff"}


def compute_pixels(value: Any, request: Mapping[str, Any], context: Context) -> tuple[bytes, str]:
    """The file and its media type.

    Raises:
        EarthEngineError: Not an image, a malformed grid, an unknown format, or more than Earth Engine's 48 MB.
    """
    image: Image = coerce(value, "Image", context)
    file_format = request.get("fileFormat", "NPY")
    if file_format not in MEDIA_TYPES:
        raise EarthEngineError(f"not supported by the emulator: file format {file_format}")
    image = _selected(image, request.get("bandIds"))
    grid = parse_grid(request["grid"]) if request.get("grid", {}).get("dimensions") else _native_grid(image)
    _refuse_too_large(image, grid)
    pixels = render(image, grid, None, context)
    content = to_npy(pixels) if file_format == "NPY" else to_geotiff(pixels, grid)
    return content, MEDIA_TYPES[file_format]


def _selected(image: Image, names: list[str] | None) -> Image:
    if not names:
        return image
    return image.with_bands({name: image.band(name) for name in names})


def parse_grid(grid: Mapping[str, Any]) -> Grid:
    """A `PixelGrid` of the REST interface.

    Raises:
        EarthEngineError: Something is missing or out of range, or the CRS is not known.
    """
    try:
        affine = grid["affineTransform"]
        transform = Affine(
            affine.get("scaleX", 1.0),
            affine.get("shearX", 0.0),
            affine.get("translateX", 0.0),
            affine.get("shearY", 0.0),
            affine.get("scaleY", 1.0),
            affine.get("translateY", 0.0),
        )
        size = int(grid["dimensions"]["width"]), int(grid["dimensions"]["height"])
        crs = grid.get("crsCode") or grid["crsWkt"]
    except (KeyError, TypeError, ValueError) as error:
        raise EarthEngineError(
            f"Invalid pixel grid: it needs dimensions, affineTransform and crsCode ({error})."
        ) from None
    if not all(0 < side <= MAX_DIMENSION for side in size):
        raise EarthEngineError(
            f"Pixel grid dimensions ({size[0]}x{size[1]}) must be less than or equal to {MAX_DIMENSION}."
        )
    crs_of(crs)  # an unknown one is refused here, whether or not the image needs it
    return Grid(crs, transform, *size)


def _native_grid(image: Image) -> Grid:
    band = next(iter(image.bands.values()), None)
    if band is None or band.dimensions is None:
        raise EarthEngineError("Unable to compute pixels of an unbounded image without a grid.")
    return Grid(band.projection.crs, band.projection.transform, *band.dimensions)


def _refuse_too_large(image: Image, grid: Grid) -> None:
    if len(image.bands) > MAX_BANDS:
        raise EarthEngineError(f"Too many bands: {len(image.bands)}; at most {MAX_BANDS} can be computed at once.")
    per_pixel = sum(band.type.dtype.itemsize for band in image.bands.values())
    total = per_pixel * grid.width * grid.height
    if total > MAX_BYTES:
        raise EarthEngineError(f"Total request size ({total} bytes) must be less than or equal to {MAX_BYTES} bytes.")
