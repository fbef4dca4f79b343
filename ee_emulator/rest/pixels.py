"""Images to files while the client waits: `image:computePixels`, `getPixels` of an asset, and downloads."""

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import shapely.errors
import shapely.geometry
from affine import Affine

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.formats import to_geotiff, to_npy
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.projection import Projection, crs_of
from ee_emulator.raster.regions import grid_over, region_geometry, shape_in
from ee_emulator.raster.render import render
from ee_emulator.raster.values import Image
from ee_emulator.registry import Context, coerce, invoke
from ee_emulator.rest.files import MAX_BYTES, PICTURES, File, picture_file
from ee_emulator.values import Geometry

MAX_DIMENSION = 32_768
MAX_BANDS = 1_024


def compute_pixels(value: Any, request: Mapping[str, Any], context: Context) -> File:
    """The pixels that a request asks for, on its grid or the image's own.

    Raises:
        EarthEngineError: Not an image, a malformed grid, an unknown format, or more than Earth Engine's 48 MB.
    """
    image = chosen_bands(coerce(value, "Image", context), request.get("bandIds"))
    image = visualised_as_asked(image, request.get("visualizationOptions"), context)
    return image_file(image, requested_grid(image, request), request.get("fileFormat"), "download", context)


def chosen_bands(image: Image, names: list[str] | None) -> Image:
    """The bands named; all where none is."""
    return image.with_bands({name: image.band(name) for name in names}) if names else image


def visualised_as_asked(image: Image, options: Mapping[str, Any] | None, context: Context) -> Image:
    """The image through `Image.visualize`, where the request carries `VisualizationOptions`."""
    if not options:
        return image
    ranges = options.get("ranges") or []
    arguments: dict[str, Any] = {
        "min": [entry.get("min", 0.0) for entry in ranges] or None,
        "max": [entry.get("max", 1.0) for entry in ranges] or None,
        "palette": options.get("paletteColors") or None,
        "gamma": _inner(options.get("gamma")),
        "opacity": _inner(options.get("opacity")),
    }
    given = {key: value for key, value in arguments.items() if value is not None}
    visualised: Image = invoke("Image.visualize", {"image": image, **given}, context)
    return visualised


def _inner(value: Any) -> Any:
    """A number that may come wrapped, as optional numbers do in this interface."""
    return value.get("value") if isinstance(value, Mapping) else value


def image_file(image: Image, grid: Grid, file_format: str | None, name: str, context: Context) -> File:
    """An image on a grid as a file of one of the interface's formats.

    Raises:
        EarthEngineError: A format that is not there, or too many pixels.
    """
    file_format = file_format or "AUTO_JPEG_PNG"
    if file_format in PICTURES:
        return picture_file(image, grid, file_format, context)
    encode = _FORMATS.get(file_format)
    if encode is None:
        raise EarthEngineError(f"not supported by the emulator: file format {file_format}")
    refuse_too_large(image, grid)
    return encode(image, grid, name, context)


def _npy(image: Image, grid: Grid, name: str, context: Context) -> File:
    return File(to_npy(render(image, grid, None, context)), "application/octet-stream", f"{name}.npy")


def _geotiff(image: Image, grid: Grid, name: str, context: Context) -> File:
    return File(to_geotiff(render(image, grid, None, context), grid), "image/tiff", f"{name}.tif")


def _zipped(image: Image, grid: Grid, name: str, context: Context) -> File:
    return _archive({f"{name}.tif": to_geotiff(render(image, grid, None, context), grid)}, name)


def _zipped_per_band(image: Image, _: Grid, name: str, context: Context) -> File:
    """A file a band, each on the grid of its own band."""
    files = {}
    for band in image.names:
        single = chosen_bands(image, [band])
        grid = native_grid(single)
        refuse_too_large(single, grid)
        files[f"{name}.{band}.tif"] = to_geotiff(render(single, grid, None, context), grid)
    return _archive(files, name)


def _archive(files: Mapping[str, bytes], name: str) -> File:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in files.items():
            archive.writestr(member, content)
    return File(buffer.getvalue(), "application/zip", f"{name}.zip")


def _tfrecord(image: Image, grid: Grid, name: str, context: Context) -> File:
    from ee_emulator.rest.exports.tfrecord import example_of_pixels, records

    pixels = render(image, grid, None, context)
    return File(records([example_of_pixels(pixels)]), "application/octet-stream", f"{name}.tfrecord")


_FORMATS: Mapping[str, Callable[[Image, Grid, str, Context], File]] = {
    "NPY": _npy,
    "GEO_TIFF": _geotiff,
    "ZIPPED_GEO_TIFF": _zipped,
    "ZIPPED_GEO_TIFF_PER_BAND": _zipped_per_band,
    "TF_RECORD_IMAGE": _tfrecord,
}


def requested_grid(image: Image, request: Mapping[str, Any]) -> Grid:
    """The grid that a request spells out; without dimensions that of its region, or of the image itself."""
    grid = request.get("grid") or {}
    if grid.get("dimensions"):
        return parse_grid(grid)
    lattice = image.first_projection()
    if grid.get("affineTransform"):
        lattice = Projection(_crs_code(grid) or lattice.crs, _affine(grid["affineTransform"]))
    if not request.get("region") and not grid.get("affineTransform"):
        return native_grid(image)
    region = region_geometry(image, _geometry(request["region"]) if request.get("region") else None)
    return _checked(grid_over(shape_in(region, lattice.crs), lattice))


def _geometry(region: Any) -> Geometry:
    try:
        return Geometry(shapely.geometry.shape(region), geodesic=False)
    except (AttributeError, KeyError, TypeError, ValueError, shapely.errors.ShapelyError) as error:
        raise EarthEngineError(f"Invalid region: it is no GeoJSON geometry ({error}).") from None


def parse_grid(grid: Mapping[str, Any]) -> Grid:
    """A `PixelGrid` of the REST interface.

    Raises:
        EarthEngineError: Something is missing or out of range, or the CRS is not known.
    """
    try:
        transform = _affine(grid["affineTransform"])
        size = int(grid["dimensions"]["width"]), int(grid["dimensions"]["height"])
        crs = _crs_code(grid) or grid["crsWkt"]
    except (KeyError, TypeError, ValueError) as error:
        raise EarthEngineError(
            f"Invalid pixel grid: it needs dimensions, affineTransform and crsCode ({error})."
        ) from None
    return _checked(Grid(crs, transform, *size))


def _crs_code(grid: Mapping[str, Any]) -> Any:
    return grid.get("crsCode") or grid.get("crsWkt")


def _affine(affine: Mapping[str, Any]) -> Affine:
    return Affine(
        affine.get("scaleX", 1.0),
        affine.get("shearX", 0.0),
        affine.get("translateX", 0.0),
        affine.get("shearY", 0.0),
        affine.get("scaleY", 1.0),
        affine.get("translateY", 0.0),
    )


def _checked(grid: Grid) -> Grid:
    if not (0 < grid.width <= MAX_DIMENSION and 0 < grid.height <= MAX_DIMENSION):
        raise EarthEngineError(
            f"Pixel grid dimensions ({grid.width}x{grid.height}) must be less than or equal to {MAX_DIMENSION}."
        )
    crs_of(grid.crs)  # an unknown one is refused here, whether or not the image needs it
    return grid


def native_grid(image: Image) -> Grid:
    """The first band's own lattice, as far as the image reaches.

    Raises:
        EarthEngineError: The image has no bands or no bounds.
    """
    band = next(iter(image.bands.values()), None)
    if band is None:
        raise EarthEngineError("The image has no bands.")
    if image.footprint is None and band.dimensions is None:
        raise EarthEngineError("Unable to compute pixels of an unbounded image without a grid.")
    lattice = band.projection
    whole = None if band.dimensions is None else Grid(lattice.crs, lattice.transform, *band.dimensions)
    if image.footprint is None or image.footprint.is_empty:
        if whole is None:
            raise EarthEngineError("The image has an empty footprint: there is nothing to compute.")
        return whole
    around = grid_over(shape_in(Geometry(image.footprint, geodesic=False), lattice.crs), lattice)
    return around if whole is None else _shared(whole, around)


def _shared(whole: Grid, around: Grid) -> Grid:
    """The part of a band that the footprint covers, as after a clip.

    A footprint in degrees follows a band's outline to a pixel: a difference of one is none.
    """
    column, row = (round(v) for v in ~whole.transform @ (around.transform.c, around.transform.f))
    left, top = max(column, 0), max(row, 0)
    right, bottom = min(column + around.width, whole.width), min(row + around.height, whole.height)
    if max(left, top, whole.width - right, whole.height - bottom) <= 1 or left >= right or top >= bottom:
        return whole
    return whole.window(left, top, right - left, bottom - top)


def refuse_too_large(image: Image, grid: Grid) -> None:
    """Holds Earth Engine's limits of an answer.

    Raises:
        EarthEngineError: Too many bands or bytes.
    """
    arrays = [name for name, band in image.bands.items() if band.type.dimensions]
    if arrays:
        raise EarthEngineError(
            f"Pixels of the bands {arrays} are arrays: a file holds numbers; use arrayGet or arrayFlatten."
        )
    if len(image.bands) > MAX_BANDS:
        raise EarthEngineError(f"Too many bands: {len(image.bands)}; at most {MAX_BANDS} can be computed at once.")
    _checked(grid)
    per_pixel = sum(band.type.dtype.itemsize for band in image.bands.values())
    total = per_pixel * grid.width * grid.height
    if total > MAX_BYTES:
        raise EarthEngineError(f"Total request size ({total} bytes) must be less than or equal to {MAX_BYTES} bytes.")
