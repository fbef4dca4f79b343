"""Features into pixels: `reduceToImage`."""

from collections.abc import Sequence

import numpy as np
import shapely

from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.geometry import geodesy
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.nodes import Generated
from ee_emulator.raster.pixel_type import DOUBLE, cast_values
from ee_emulator.raster.reducer import Reducer, Samples
from ee_emulator.raster.regions import centres_inside, shares
from ee_emulator.raster.values import Band, Image
from ee_emulator.values import Collection, Feature


def reduce_features(collection: Collection, properties: Sequence[str], reducer: Reducer) -> Image:
    """An image of the reducer's outputs over the features at each pixel."""

    def generate(grid: Grid) -> list[Pixels]:
        features = [f for f in collection.elements() if isinstance(f, Feature) and f.geometry is not None]
        hits = [_pixels_hit(feature, grid) for feature in features]
        return _fold(features, hits, properties, reducer, grid)

    node = Generated(generate)
    return Image({name: Band(node, DOUBLE, index=k) for k, name in enumerate(reducer.outputs)})


def _pixels_hit(feature: Feature, grid: Grid) -> np.ndarray:
    assert feature.geometry is not None
    shape = geodesy.reproject(geodesy.in_degrees(feature.geometry), "EPSG:4326", grid.crs)
    if shape.geom_type == "Point":
        x, y = shapely.get_coordinates(shape)[0]
        column, row = ~grid.transform @ (x, y)
        inside = 0 <= column < grid.width and 0 <= row < grid.height
        return np.array([int(row) * grid.width + int(column)] if inside else [], np.int64)
    if shape.is_empty or not shape.intersects(shapely.box(*grid.bounds)):
        return np.zeros(0, np.int64)
    # A line or several points take the pixels that they touch.
    return np.flatnonzero(centres_inside(shape, grid) if shape.area else shares(shape, grid)[1])


def _number(feature: Feature, name: str) -> float:
    """A property; NaN where there is none."""
    value = feature.properties.get(name)
    if value is not None and not isinstance(value, int | float):
        raise EarthEngineError(f"Collection.reduceToImage: property '{name}' must be a number, got {value}.")
    return np.nan if value is None else float(value)


def _fold(
    features: list[Feature], hits: list[np.ndarray], properties: Sequence[str], reducer: Reducer, grid: Grid
) -> list[Pixels]:
    """Pixels hit by equally many features are reduced together."""
    empty = [np.zeros(grid.shape, np.float64) for _ in reducer.outputs]
    masks = [np.zeros(grid.shape, bool) for _ in reducer.outputs]
    pixel = np.concatenate(hits) if hits else np.array([], np.int64)
    owner = np.repeat(np.arange(len(features)), [len(h) for h in hits])
    order = np.argsort(pixel, kind="stable")
    pixel, owner = pixel[order], owner[order]
    places, starts, counts = np.unique(pixel, return_index=True, return_counts=True)
    columns = [np.array([_number(f, p) for f in features]) for p in properties]
    for count in np.unique(counts):
        chosen = counts == count
        rows = owner[starts[chosen] + np.arange(count)[:, None]]
        values = tuple(column[rows] for column in columns)
        answer = reducer.apply(Samples(values, tuple(~np.isnan(v) for v in values)))
        if any(np.asarray(result).dtype == object for result, _ in answer):
            raise EarthEngineError(f"{reducer.name}: lists and dictionaries cannot be pixels.")
        for k, (result, valid) in enumerate(answer):
            empty[k].flat[places[chosen]] = cast_values(np.asarray(result), DOUBLE)
            masks[k].flat[places[chosen]] = valid
    return [Pixels(v, m) for v, m in zip(empty, masks, strict=True)]
