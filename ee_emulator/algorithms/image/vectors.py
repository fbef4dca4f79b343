"""Image: objects as features."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ee_emulator.algorithms.image.regions import region_grid
from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.geometry import geodesy
from ee_emulator.raster import polygons
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.objects import EIGHT, FOUR, Objects, connected, over_bands, reduce_objects
from ee_emulator.raster.projection import Projection
from ee_emulator.raster.reducer import Reducer, plain
from ee_emulator.raster.regions import centres_inside, lattice_for, region_geometry
from ee_emulator.raster.render import render
from ee_emulator.raster.values import Image
from ee_emulator.registry import Context, algorithm
from ee_emulator.values import Feature, FeatureCollection, Geometry

SHAPES = {"polygon": polygons.outlines, "bb": polygons.rectangles, "centroid": polygons.centroids}


@algorithm("Image.reduceToVectors", "Image.reduceToVectorsStreaming")
def reduce_to_vectors(
    image: Image,
    reducer: Reducer | None,
    geometry: Geometry | None,
    scale: float | None,
    geometry_type: str,
    eight_connected: bool,
    label_property: str | None,
    crs: Projection | None,
    crs_transform: list[float] | None,
    best_effort: bool,
    max_pixels: int,
    tile_scale: float,
    geometry_in_native_projection: bool,
    *,
    context: Context,
) -> FeatureCollection:
    """A feature for each object of the first band, with its value and the reduction of the other bands over it.

    Raises:
        EarthEngineError: No band, one that is not of whole numbers, a reducer that takes another number of bands, or
            an unknown type of geometry.
    """
    if geometry_type not in SHAPES:
        raise EarthEngineError(f"Unknown geometryType '{geometry_type}'; known: {', '.join(SHAPES)}.")
    label = next(iter(image.bands), None)
    if label is None or not image.bands[label].type.is_integer:
        raise EarthEngineError("The first band must be of an integer type.")
    _reduction(reducer, image.names[1:])  # refuses before anything is computed
    region = region_geometry(image, geometry)
    lattice = lattice_for(image, crs, crs_transform, scale)

    def vectors() -> Iterator[Feature]:
        shape, grid = region_grid(region, lattice, max_pixels, best_effort)
        if shape.is_empty:
            return
        first, *rest = render(image, grid, None, context).values()
        objects = connected(
            Pixels(first.values, first.mask & centres_inside(shape, grid)), EIGHT if eight_connected else FOUR
        )
        if not len(objects.sizes):
            return
        rows = _properties(objects, rest, _reduction(reducer, image.names[1:]))
        places = objects.first_pixels()
        ids = _ids(places, grid, lattice)
        crs_of_shapes = grid.crs if geometry_in_native_projection else geodesy.GEOGRAPHIC
        for number, outline in enumerate(SHAPES[geometry_type](objects, grid, crs_of_shapes)):
            value = first.values.ravel()[places[number]].item()
            properties = ({label_property: value} if label_property is not None else {}) | rows[number]
            yield Feature(Geometry(outline, crs_of_shapes, geodesic=False), properties, ids[number])

    return FeatureCollection(vectors)


def _reduction(reducer: Reducer | None, names: list[str]) -> Reducer | None:
    """The reducer over the bands after the label; None counts pixels. One further band lends its name to nothing."""
    if reducer is None or reducer.name == "Reducer.countEvery":
        return None
    if not names or reducer.inputs not in (1, len(names)):
        raise EarthEngineError(f"Need 1+{reducer.inputs} bands for this reducer, but the image has {1 + len(names)}.")
    return reducer if reducer.inputs == len(names) else over_bands(reducer, names)


def _properties(objects: Objects, bands: list[Pixels], reducer: Reducer | None) -> list[dict[str, Any]]:
    """What each object's pixels reduce to; without what has no answer."""
    if reducer is None:
        return [{"count": int(size)} for size in objects.sizes]
    columns = reduce_objects(objects, bands, reducer)
    rows = []
    for number in range(len(objects.sizes)):
        found = {name: plain(column, number) for name, column in zip(reducer.outputs, columns, strict=True)}
        rows.append({name: value for name, value in found.items() if value is not None})
    return rows


def _ids(places: np.ndarray, grid: Grid, lattice: Projection) -> list[str]:
    """An object's `system:index`: column and row of its first pixel on the lattice, each with its sign."""
    column, row = ~lattice.transform @ (grid.transform.c, grid.transform.f)
    rows, columns = np.divmod(places, grid.width)
    return [f"{c + round(column):+d}{r + round(row):+d}" for c, r in zip(columns.tolist(), rows.tolist(), strict=True)]
