"""Image: samples by class, rectangles of pixels as arrays, and the pixels of a collection as a table."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ee_emulator.algorithms.image.regions import MAX_SAMPLED, region_grid
from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.collection import ImageCollection, union_names
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.projection import Projection, convert
from ee_emulator.raster.reducer import plain_value
from ee_emulator.raster.regions import grid_over, lattice_for, region_geometry, shape_in, shares
from ee_emulator.raster.render import evaluate, render
from ee_emulator.raster.values import Band, Image
from ee_emulator.registry import Context, algorithm
from ee_emulator.values import Array, Date, Feature, FeatureCollection, Geometry

MAX_RECTANGLE = 262_144
"""Pixels of a sampled rectangle."""

MAX_VALUES = 1_048_576
"""Values of `getRegion`."""


@algorithm("Image.stratifiedSample")
def stratified_sample(
    image: Image,
    num_points: int,
    class_band: str | None,
    region: Geometry | None,
    scale: float | None,
    projection: Projection | None,
    seed: int,
    class_values: list[int] | None,
    class_points: list[int] | None,
    drop_nulls: bool,
    tile_scale: float,
    geometries: bool,
    *,
    context: Context,
) -> FeatureCollection:
    """As many random pixels of each class as asked for, or all where there are fewer; class by class.

    Raises:
        EarthEngineError: A class band that is not of whole numbers, or lists of values and points of different length.
    """
    name = class_band or next(iter(image.bands), "")
    if not image.band(name).type.is_integer or image.band(name).type.dimensions:
        raise EarthEngineError("The class band must be integer typed.")
    values, points = class_values or [], class_points or []
    if len(values) != len(points):
        raise EarthEngineError(
            f"classValues and classPoints must have as many items; they have {len(values)} and {len(points)}."
        )
    wanted = dict(zip(values, points, strict=True))
    where = region_geometry(image, region)
    lattice = lattice_for(image, projection, None, scale)

    def sampled() -> Iterator[Feature]:
        shape, grid = region_grid(where, lattice, MAX_SAMPLED, False)
        if shape.is_empty:
            return
        pixels = render(image, grid, None, context)
        usable = shares(shape, grid)[1] & pixels[name].mask
        if drop_nulls:
            usable &= np.logical_and.reduce([p.mask for p in pixels.values()])
        chosen = _of_each_class(pixels[name].values, usable, wanted, num_points, seed)
        lon, lat = _places(grid, chosen)
        for number, place in enumerate(chosen):
            found = {n: plain_value(p.values.flat[place]) for n, p in pixels.items() if p.mask.flat[place]}
            point = Geometry(shapely.Point(lon[number], lat[number])) if geometries else None
            yield Feature(point, found, str(number))

    return FeatureCollection(sampled, {"band_order": image.names})


def _of_each_class(
    classes: NDArray[Any], usable: NDArray[np.bool_], wanted: dict[int, int], default: int, seed: int
) -> NDArray[np.int64]:
    """Positions of the pixels drawn: classes in ascending order, within one in the order of the pixels."""
    generator = np.random.default_rng(abs(seed))
    drawn = []
    for value in np.unique(classes[usable]).tolist():
        places = np.flatnonzero(usable & (classes == value))
        drawn.append(np.sort(generator.permutation(places)[: max(0, wanted.get(value, default))]))
    return np.concatenate(drawn) if drawn else np.zeros(0, np.int64)


def _places(grid: Grid, positions: NDArray[np.int64]) -> tuple[list[float], list[float]]:
    """Longitudes and latitudes of the centres of pixels."""
    x, y = grid.centres()
    lon, lat = convert(grid.crs, "EPSG:4326", x.ravel()[positions], y.ravel()[positions])
    return np.asarray(lon).tolist(), np.asarray(lat).tolist()


@algorithm("Image.sampleRectangle")
def sample_rectangle(
    image: Image,
    region: Geometry | None,
    properties: list[str] | None,
    default_value: float | None,
    default_array_value: Array | None,
    *,
    context: Context,
) -> Feature:
    """The pixels of each band over a region's bounding box in the band's projection, as arrays of a feature.

    Raises:
        EarthEngineError: Too many pixels, an unbounded region, or a masked pixel without a default.
    """
    where = region_geometry(image, region)
    names = [n for n in image.properties if not n.startswith("system:")] if properties is None else properties
    kept = {n: image.properties[n] for n in names if n in image.properties}
    arrays = {
        name: _rectangle(name, band, where, default_value, default_array_value, context)
        for name, band in image.bands.items()
    }
    return Feature(where, kept | arrays)


def _rectangle(
    name: str, band: Band, where: Geometry, default: float | None, default_array: Array | None, context: Context
) -> Array:
    grid = grid_over(shape_in(where, band.projection.crs), band.projection)
    if grid.width * grid.height > MAX_RECTANGLE:
        raise EarthEngineError(
            f"Too many pixels in sample; must be <= {MAX_RECTANGLE}. Got {grid.width * grid.height}."
        )
    (pixels,) = evaluate([(band, grid)], context)
    missing = default_array if band.type.dimensions else default
    if not pixels.mask.all() and missing is None:
        raise EarthEngineError(
            f"Fully masked pixels / pixels outside of the image footprint when sampling band '{name}' with no default "
            "value set. Note that calling sampleRectangle() on an image after ee.Image.clip() may result in a sampling "
            "bounding box outside the geometry passed to clip()."
        )
    if band.type.dimensions:
        return _stacked(name, pixels, default_array)
    values = pixels.values if default is None else np.where(pixels.mask, pixels.values, default)
    whole = band.type.is_integer and (default is None or float(default).is_integer())
    return Array(values.astype(band.type.dtype) if whole else values)


def _stacked(name: str, pixels: Pixels, default: Array | None) -> Array:
    """An array of rows, columns and what the pixels' own arrays have."""
    items: list[Any] = [
        item if valid else (None if default is None else default.values)
        for item, valid in zip(pixels.values.ravel(), pixels.mask.ravel(), strict=True)
    ]
    if len({np.shape(item) for item in items}) > 1:
        raise EarthEngineError(f"All arrays of band '{name}' must have the same number of elements.")
    return Array(np.stack(items).reshape(*pixels.mask.shape, *np.shape(items[0])))


@algorithm("ImageCollection.getRegion")
def get_region(
    collection: ImageCollection,
    geometry: Geometry,
    scale: float | None,
    crs: Projection,
    crs_transform: list[float] | None,
    *,
    context: Context,
) -> list[list[Any]]:
    """A row for each pixel of the region and image over it, after a row of headings: id, place, time and bands.

    Raises:
        EarthEngineError: No bands, or too many values.
    """
    images = collection.images()
    names = union_names(images)
    if not names:
        raise EarthEngineError("No bands in collection.")
    lattice = lattice_for(images[0], crs, crs_transform, scale)
    shape = shape_in(geometry, lattice.crs)
    grid = grid_over(shape, lattice)
    inside = np.flatnonzero(shares(shape, grid)[1])
    if len(inside) * len(names) * len(images) > MAX_VALUES:
        raise EarthEngineError(
            f"Too many values: {len(inside)} points x {len(names)} bands x {len(images)} images > {MAX_VALUES}."
        )
    lon, lat = _places(grid, inside)
    columns = [_column_of(image, names, grid, inside, context) for image in images]
    reached = [_reached(image, lon, lat) for image in images]
    rows: list[list[Any]] = [["id", "longitude", "latitude", "time", *names]]
    for number in range(len(inside)):
        for image, values, over in zip(images, columns, reached, strict=True):
            if over[number]:
                rows.append([_index(image), lon[number], lat[number], _time(image), *values[number]])
    return rows


def _column_of(
    image: Image, names: list[str], grid: Grid, inside: NDArray[np.int64], context: Context
) -> list[list[Any]]:
    """For each pixel the values of all bands; None where masked or where the image lacks the band."""
    pixels = render(image, grid, None, context) if image.bands else {}
    nothing: list[Any] = [None] * len(inside)
    columns = []
    for name in names:
        found = pixels.get(name)
        if found is None:
            columns.append(nothing)
            continue
        values, valid = found.values.ravel()[inside], found.mask.ravel()[inside]
        columns.append([plain_value(value) if ok else None for value, ok in zip(values, valid, strict=True)])
    return [list(row) for row in zip(*columns, strict=True)]


def _reached(image: Image, lon: list[float], lat: list[float]) -> NDArray[np.bool_]:
    """Which pixels' centres the image's footprint holds."""
    if image.footprint is None:
        return np.ones(len(lon), bool)
    return np.asarray(shapely.intersects_xy(image.footprint, lon, lat))


def _index(image: Image) -> str | None:
    found: str | None = image.properties.get("system:index")
    return found


def _time(image: Image) -> float | None:
    moment = image.properties.get("system:time_start")
    return moment.ms if isinstance(moment, Date) else moment
