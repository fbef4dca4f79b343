"""Image: projections and resolution, and images that follow from the lattice alone."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.arithmetic import computed_image
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.nodes import Fixed, Generated, Resampled
from ee_emulator.raster.pixel_type import DOUBLE, FLOAT, union
from ee_emulator.raster.projection import Projection, convert, lattice_coordinates
from ee_emulator.raster.reduce_nodes import ReduceResolution, StackReduce
from ee_emulator.raster.reducer import Reducer, for_each
from ee_emulator.raster.regions import lattice_for
from ee_emulator.raster.values import Band, Image
from ee_emulator.registry import algorithm


@algorithm("Image.projection")
def projection(image: Image) -> Projection:
    """The projection of the bands.

    Raises:
        EarthEngineError: The bands have different ones.
    """
    found = [band.projection for band in image.bands.values()]
    if not found:
        raise EarthEngineError("Image.projection: the image has no bands.")
    if any((p.crs, p.transform) != (found[0].crs, found[0].transform) for p in found):
        raise EarthEngineError(
            "Image.projection: The bands of the specified image contains different projections. Use select() first."
        )
    return found[0]


@algorithm("Image.reproject")
def reproject(image: Image, crs: Projection, crs_transform: list[float] | None, scale: float | None) -> Image:
    """Computed on a lattice of its own, whatever is asked for."""
    lattice = lattice_for(image, crs, crs_transform, scale)
    return image.computed().map_bands(lambda band: Band(Fixed(band, lattice), band.type, lattice))


@algorithm("Image.setDefaultProjection")
def set_default_projection(
    image: Image, crs: Projection, crs_transform: list[float] | None, scale: float | None
) -> Image:
    """With another default projection; no pixel is moved."""
    lattice = lattice_for(image, crs, crs_transform, scale)
    return image.map_bands(lambda band: replace(band, projection=lattice, dimensions=None))


@algorithm("Image.resample")
def resample(image: Image, mode: str) -> Image:
    """Interpolated between pixels, `bilinear` or `bicubic`, when reprojected.

    Raises:
        EarthEngineError: An unknown mode.
    """
    if mode not in ("bilinear", "bicubic"):
        raise EarthEngineError(f"Image.resample: unknown mode '{mode}'; known: bilinear, bicubic.")

    def interpolated(band: Band) -> Band:
        kind = FLOAT if band.type.precision == "float" else DOUBLE
        return Band(Resampled(band, mode), kind, band.projection, 0, band.dimensions)

    return image.computed().map_bands(interpolated)


@algorithm("Image.retile")
def retile(image: Image, size: int) -> Image:
    """The image as it is: the engine makes its tiles as large as memory allows.

    Raises:
        EarthEngineError: A size that Earth Engine refuses.
    """
    if not 1 <= size <= 32768:
        raise EarthEngineError(f"Image.retile: The tile size must be between 1 and 32768, got {size}.")
    return image


@algorithm("Image.reduceResolution")
def reduce_resolution(image: Image, reducer: Reducer, best_effort: bool, max_pixels: int) -> Image:
    """Output pixels are reduced from all input pixels under them.

    A reducer of one input runs once a band and keeps the bands' names, followed by the outputs' where there are
    several; one of several inputs takes the bands as its inputs and names the outputs itself.

    Raises:
        EarthEngineError: Another number of bands than the reducer has inputs, or a band without a projection.
    """
    if any(band.projection.composite for band in image.bands.values()):
        raise EarthEngineError(
            "Image.reduceResolution: The input has no fixed projection; use setDefaultProjection() first."
        )
    if reducer.inputs > 1 and reducer.inputs != len(image.bands):
        raise EarthEngineError(
            f"Image.reduceResolution: Need {reducer.inputs} bands for this reducer; the image has {len(image.bands)}."
        )
    groups = [[band] for band in image.bands.values()] if reducer.inputs == 1 else [list(image.bands.values())]
    made: list[Band] = []
    for bands in groups:
        types = reducer.output_types([band.type for band in bands])
        if reducer.name == "Reducer.mean" and bands[0].type.precision == "float":
            types = [FLOAT]
        node = ReduceResolution(bands, reducer, types, max_pixels, best_effort)
        made += [Band(node, kind, bands[0].projection, k) for k, kind in enumerate(types)]
    names = for_each(reducer, image.names).outputs if reducer.inputs == 1 else reducer.outputs
    return image.computed().with_bands(dict(zip(names, made, strict=True)))


@algorithm("Image.reduce")
def reduce(image: Image, reducer: Reducer) -> Image:
    """All bands of a pixel reduced; a reducer of several inputs takes them in turn."""
    bands = list(image.bands.values())
    if len(bands) % reducer.inputs:
        raise EarthEngineError(
            f"Image.reduce: the reducer needs {reducer.inputs} inputs; there are {len(bands)} bands."
        )
    step = reducer.inputs
    layers = [bands[k : k + step] for k in range(0, len(bands), step)]
    types = reducer.output_types([union([layer[k].type for layer in layers]) for k in range(step)])
    node = StackReduce(layers, reducer, types)
    made = [Band(node, kind, bands[0].projection, k) for k, kind in enumerate(types)]
    return computed_image(image, dict(zip(reducer.outputs, made, strict=True)))


def _generated(names: Sequence[str], function: Any) -> Image:
    node = Generated(function)
    return Image({name: Band(node, DOUBLE, index=k) for k, name in enumerate(names)})


@algorithm("Image.pixelLonLat")
def pixel_lon_lat() -> Image:
    """Longitude and latitude of each pixel's centre, degrees."""

    def generate(grid: Grid) -> list[Pixels]:
        x, y = grid.centres()
        lon, lat = convert(grid.crs, "EPSG:4326", x, y)
        return [Pixels(np.asarray(v, np.float64), np.isfinite(v)) for v in (lon, lat)]

    return _generated(("longitude", "latitude"), generate)


@algorithm("Image.pixelArea")
def pixel_area() -> Image:
    """Area of each pixel on the ellipsoid, m²."""

    def generate(grid: Grid) -> list[Pixels]:
        columns, rows = np.meshgrid(np.arange(grid.width + 1), np.arange(grid.height + 1))
        t = grid.transform
        x, y = t.a * columns + t.b * rows + t.c, t.d * columns + t.e * rows + t.f
        # An equal-area projection makes areas of quadrilaterals by the shoelace formula.
        x, y = convert(grid.crs, "EPSG:6933", x, y)
        ring = [np.s_[:-1, :-1], np.s_[:-1, 1:], np.s_[1:, 1:], np.s_[1:, :-1]]
        area = sum(x[a] * y[b] - x[b] * y[a] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)) / 2
        return [Pixels(np.abs(area), np.isfinite(area))]

    return _generated(("area",), generate)


@algorithm("Image.pixelCoordinates")
def pixel_coordinates(projection: Projection) -> Image:
    """Fractional column and row of each pixel's centre on a projection."""

    def generate(grid: Grid) -> list[Pixels]:
        x, y = grid.centres()
        columns, rows = lattice_coordinates(projection, grid.crs, x, y)
        return [Pixels(v, np.isfinite(v)) for v in (columns, rows)]

    return _generated(("x", "y"), generate)
