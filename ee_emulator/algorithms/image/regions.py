"""Image: reducing and sampling the pixels of regions."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from ee_emulator.algorithms.element import geometry_of
from ee_emulator.errors import EarthEngineError
from ee_emulator.limits import allow_bytes
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.projection import Projection, convert
from ee_emulator.raster.reducer import Reducer, Samples, for_each, plain, plain_value
from ee_emulator.raster.regions import drawn_inside, grid_over, lattice_for, region_geometry, shape_in, shares
from ee_emulator.raster.render import render
from ee_emulator.raster.values import Image
from ee_emulator.registry import Context, algorithm
from ee_emulator.values import Collection, Feature, FeatureCollection, Geometry

Crs = Projection | None
REGION_BYTES = 20
"""Bytes a pixel that finding a region's pixels takes: shares, what is inside, what is near the edge, places."""

MAX_SAMPLED = 100_000_000
"""Pixels of which a sample is taken that are computed together."""

WORTH_PIXELS = 5_000
"""A pixel that is computed alone takes as long as so many that are computed together."""


def region_grid(geometry: Geometry, lattice: Projection, max_pixels: float, best_effort: bool) -> tuple[Any, Grid]:
    """The region's shape in the lattice's CRS and the pixels over it, coarser where that is allowed and needed.

    Raises:
        EarthEngineError: More pixels than allowed.
    """
    shape = shape_in(geometry, lattice.crs)
    if shape.is_empty:
        return shape, Grid(lattice.crs, lattice.transform, 1, 1)
    grid = grid_over(shape, lattice)
    while grid.width * grid.height > max_pixels:
        if not best_effort:
            raise EarthEngineError(
                "Too many pixels in the region. "
                f"Found {grid.width * grid.height}, but maxPixels allows only {int(max_pixels)}."
            )
        lattice = lattice.at_scale(lattice.nominal_scale * 2)
        grid = grid_over(shape, lattice)
    allow_bytes(grid.width * grid.height * REGION_BYTES)
    return shape, grid


@algorithm("Image.reduceRegion")
def reduce_region(
    image: Image,
    reducer: Reducer,
    geometry: Geometry | None,
    scale: float | None,
    crs: Crs,
    crs_transform: list[float] | None,
    best_effort: bool,
    max_pixels: int,
    tile_scale: float,
    *,
    context: Context,
) -> dict[str, Any]:
    """The pixels of a region folded into one value a band and output.

    Weighted reducers count a pixel by its share in the region, unweighted ones the pixels whose centre is inside.
    """
    region = region_geometry(image, geometry)
    lattice = lattice_for(image, crs, crs_transform, scale)
    shape, grid = region_grid(region, lattice, max_pixels, best_effort)
    each = _for_bands(reducer, image)
    if shape.is_empty:
        return dict.fromkeys(each.outputs)
    share, inside = shares(shape, grid)
    pixels = render(image, grid, None, context)
    used = (share > 0).ravel()
    values = tuple(p.values.ravel()[used][:, None] for p in pixels.values())
    valid = tuple(p.mask.ravel()[used][:, None] for p in pixels.values())
    samples = Samples(values, valid, share.ravel()[used][:, None], inside.ravel()[used][:, None])
    with np.errstate(all="ignore"):
        columns = each.apply(samples)
    return {name: plain(column) for name, column in zip(each.outputs, columns, strict=True)}


def _for_bands(reducer: Reducer, image: Image) -> Reducer:
    """A reducer of one input runs once a band; one of several takes the bands as its inputs."""
    if reducer.inputs == 1:
        return for_each(reducer, image.names)
    if reducer.inputs != len(image.bands):
        raise EarthEngineError(
            f"Image.reduceRegion: Need {reducer.inputs} bands for this reducer, but the image has {len(image.bands)}."
        )
    return reducer


@algorithm("Image.reduceRegions")
def reduce_regions(
    image: Image,
    collection: Collection,
    reducer: Reducer,
    scale: float | None,
    crs: Crs,
    crs_transform: list[float] | None,
    tile_scale: float,
    max_pixels_per_region: int | None,
    *,
    context: Context,
) -> FeatureCollection:
    """Each feature with the reduction of its pixels as properties: the outputs' names where there is one band."""
    limit = max_pixels_per_region or 10_000_000

    def reduced() -> Iterator[Feature]:
        for feature in collection.elements():
            region = geometry_of(feature)
            found = reduce_region(
                image, reducer, region, scale, crs, crs_transform, False, limit, tile_scale, context=context
            )
            if len(image.bands) == 1 and reducer.inputs == 1:
                found = dict(zip(reducer.outputs, found.values(), strict=True))
            kept = {key: value for key, value in found.items() if value is not None}
            yield Feature(region, {**feature.properties, **kept}, feature.id)

    return FeatureCollection(reduced)


@algorithm("Image.sample")
def sample(
    image: Image,
    region: Geometry | None,
    scale: float | None,
    projection: Crs,
    factor: float | None,
    num_pixels: int | None,
    seed: int,
    drop_nulls: bool,
    tile_scale: float,
    geometries: bool,
    *,
    context: Context,
) -> FeatureCollection:
    """Pixels of a region as features, all or a random part of them."""

    def sampled() -> Iterator[Feature]:
        lattice = lattice_for(image, projection, None, scale)
        where = region_geometry(image, region)
        if num_pixels is not None and _is_vast(where, lattice, num_pixels):
            found = _scattered(image, where, lattice, num_pixels, seed, context)
        else:
            found = _chosen(image, where, lattice, lambda count: _positions(count, factor, num_pixels, seed), context)
        for number, (point, values) in enumerate(found):
            if not drop_nulls or len(values) == len(image.bands):
                yield Feature(point if geometries else None, values, str(number))

    return FeatureCollection(sampled, {"band_order": image.names})


def _chosen(
    image: Image, where: Geometry, lattice: Projection, choose: Callable[[int], Any], context: Context
) -> Iterator[tuple[Geometry, dict[str, Any]]]:
    """Some of a region's pixels, all of which are computed: their places, and their values where not masked."""
    shape, grid = region_grid(where, lattice, MAX_SAMPLED, False)
    _, inside = shares(shape, grid)
    pixels = render(image, grid, None, context)
    rows, columns = np.nonzero(inside)
    x, y = grid.centres()
    for k in choose(len(rows)):
        at = rows[k], columns[k]
        found = {name: plain_value(p.values[at]) for name, p in pixels.items() if p.mask[at]}
        yield _point(x[at], y[at], grid.crs), found


def _positions(count: int, factor: float | None, num_pixels: int | None, seed: int) -> Any:
    if factor is None and num_pixels is None:
        return np.arange(count)
    generator = np.random.default_rng(abs(seed))
    if num_pixels is not None:
        return np.sort(generator.permutation(count)[:num_pixels])
    return np.nonzero(generator.random(count) < (factor or 0.0))[0]


def _is_vast(where: Geometry, lattice: Projection, count: int) -> bool:
    """Whether a region has so many pixels, or more than can be held, that those of a sample are computed one by one."""
    shape = shape_in(where, lattice.crs)
    if shape.area == 0:
        return False
    grid = grid_over(shape, lattice)
    return grid.width * grid.height > min(WORTH_PIXELS * max(count, 1_000), MAX_SAMPLED)


def _scattered(
    image: Image, where: Geometry, lattice: Projection, count: int, seed: int, context: Context
) -> Iterator[tuple[Geometry, dict[str, Any]]]:
    """Random pixels of a vast region, each of them computed alone: their places, and their values where not masked."""
    shape = shape_in(where, lattice.crs)
    grid = grid_over(shape, lattice)
    for position in drawn_inside(shape, grid, count, np.random.default_rng(abs(seed))).tolist():
        row, column = divmod(position, grid.width)
        pixel = grid.window(column, row, 1, 1)
        x, y = pixel.centres()
        values = {
            name: plain_value(p.values[0, 0]) for name, p in render(image, pixel, None, context).items() if p.mask[0, 0]
        }
        yield _point(x[0, 0], y[0, 0], grid.crs), values


def _point(x: float, y: float, crs: str) -> Geometry:
    lon, lat = convert(crs, "EPSG:4326", np.array([x]), np.array([y]))
    return Geometry(shapely.Point(float(lon[0]), float(lat[0])))


@algorithm("Image.sampleRegions")
def sample_regions(
    image: Image,
    collection: Collection,
    properties: list[str] | None,
    scale: float | None,
    projection: Crs,
    tile_scale: float,
    geometries: bool,
    *,
    context: Context,
) -> FeatureCollection:
    """Every pixel of every feature, with the feature's properties."""

    def sampled() -> Iterator[Feature]:
        for feature in collection.elements():
            names = feature.properties if properties is None else properties
            kept = {name: feature.properties[name] for name in names if name in feature.properties}
            pixels = sample(
                image,
                _pixels_of(feature, image, projection, scale),
                scale,
                projection,
                None,
                None,
                0,
                True,
                tile_scale,
                geometries,
                context=context,
            )
            for row in pixels.elements():
                yield replace(row, properties={**row.properties, **kept}, id=f"{feature.id}_{row.id}")

    return FeatureCollection(sampled, {"band_order": image.names})


def _pixels_of(feature: Feature, image: Image, projection: Crs, scale: float | None) -> Geometry:
    """A point stands for the pixel that it falls into."""
    region = geometry_of(feature)
    if region is None:
        raise EarthEngineError("Image.sampleRegions: a feature has no geometry.")
    if region.shape.geom_type != "Point":
        return region
    lattice = lattice_for(image, projection, None, scale)
    shape = shape_in(region, lattice.crs)
    grid = grid_over(shape, lattice)
    west, south, east, north = grid.bounds
    return Geometry(shapely.box(west, south, east, north), lattice.crs, geodesic=False)


@algorithm("Collection.reduceToImage")
def reduce_to_image(collection: Collection, properties: list[str], reducer: Reducer) -> Image:
    """Features whose shape covers a pixel's centre (or, for points, that lie in the pixel), reduced a pixel."""
    from ee_emulator.raster.rasterise import reduce_features

    return reduce_features(collection, properties, reducer)
