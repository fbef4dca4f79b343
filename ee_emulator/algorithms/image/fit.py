"""Image: fitted to a region and a size, which is how clients ask for thumbnails, downloads and exports."""

from dataclasses import replace

import shapely
from affine import Affine

from ee_emulator.algorithms.image.masks import inside_of, masked_by
from ee_emulator.errors import EarthEngineError
from ee_emulator.geometry import geodesy
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.projection import Projection
from ee_emulator.raster.regions import grid_over, region_geometry, shape_in
from ee_emulator.raster.values import Band, Image
from ee_emulator.registry import algorithm
from ee_emulator.values import Geometry


@algorithm("Image.clipToBoundsAndScale")
def clip_to_bounds_and_scale(
    input: Image,
    geometry: Geometry | None,
    width: int | None,
    height: int | None,
    max_dimension: int | None,
    scale: float | None,
) -> Image:
    """Masked outside a region's bounding box in the image's projection, on a lattice of the size or scale asked for.

    With a scale the lattice keeps its origin, so that its pixels meet those of the next request, and covers the box;
    with a size it begins at the box's corner and fits the box exactly.

    Raises:
        EarthEngineError: A size and a scale, half a size, one that is not positive, or nothing to bound the image.
    """
    given = [name for name, value in _sizes(width, height, max_dimension, scale).items() if value is not None]
    if (width is None) != (height is None):
        raise EarthEngineError("Parameters 'width' and 'height' must be given together.")
    if len(given) > (2 if width is not None else 1):
        raise EarthEngineError(f"Only one of 'width' and 'height', 'maxDimension' and 'scale' may be given: {given}.")
    if any(value is not None and not value > 0 for value in (width, height, max_dimension, scale)):
        raise EarthEngineError("A size or scale must be greater than zero.")
    region = region_geometry(input, geometry)
    if region.shape.is_empty:
        raise EarthEngineError("The geometry must not be empty.")

    def fitted(band: Band) -> Band:
        box = shapely.box(*shape_in(region, band.projection.crs).bounds)
        grid = _grid(box, band.projection, width, height, max_dimension, scale)
        # Pixels that the box cuts are whole: an export has no rim without data.
        outline = shapely.box(*grid.bounds)
        clipped = masked_by(band, inside_of(Geometry(outline, grid.crs, geodesic=False)))
        lattice = Projection(grid.crs, grid.transform)
        return replace(clipped, projection=lattice, dimensions=(grid.width, grid.height))

    crs = input.first_projection().crs
    outline = shapely.box(*shape_in(region, crs).bounds)
    footprint = geodesy.in_degrees(Geometry(outline, crs, geodesic=False))
    return replace(input.computed().map_bands(fitted), footprint=footprint)


def _sizes(
    width: int | None, height: int | None, max_dimension: int | None, scale: float | None
) -> dict[str, float | None]:
    return {"width": width, "height": height, "maxDimension": max_dimension, "scale": scale}


def _grid(
    box: shapely.Polygon,
    projection: Projection,
    width: int | None,
    height: int | None,
    max_dimension: int | None,
    scale: float | None,
) -> Grid:
    west, south, east, north = box.bounds
    across, up = east - west, north - south
    if scale is not None or (width is None and max_dimension is None):
        return grid_over(box, projection if scale is None else _at_scale(projection, scale))
    if not (across > 0 and up > 0):
        raise EarthEngineError("The region has no area: it cannot be scaled to a size in pixels.")
    if max_dimension is not None:
        side = max(across, up) / max_dimension
        width, height = max(1, round(across / side)), max(1, round(up / side))
    assert width is not None
    assert height is not None
    return Grid(projection.crs, Affine(across / width, 0, west, 0, -up / height, north), width, height)


def _at_scale(projection: Projection, scale: float) -> Projection:
    """The lattice at a scale; that of an image without one of its own has its rows run south, as files have them."""
    if projection.composite:
        projection = Projection(projection.crs, Affine.scale(1, -1))
    return projection.at_scale(scale)
