"""Arrays out of collections, dictionaries, lists and features, and features with arrays."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.algorithms.dictionary import get as get_entry
from ee_emulator.algorithms.element import property_of, with_properties
from ee_emulator.algorithms.image.math import constant
from ee_emulator.algorithms.list import get as get_item
from ee_emulator.arrays import array_of
from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.array_nodes import ARRAY_BYTES
from ee_emulator.raster.array_pixels import per_shape
from ee_emulator.raster.collection import ImageCollection, union_names
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.nodes import PerPixel
from ee_emulator.raster.pixel_type import PixelType, union
from ee_emulator.raster.projection import COMPOSITE
from ee_emulator.raster.values import EVERY_INPUT, Band, Image, named
from ee_emulator.registry import Context, algorithm, coerce
from ee_emulator.stacks import shape as shapes
from ee_emulator.values import Array, Collection, FeatureCollection

MAX_DIMENSIONS = 32
"""More axes than anybody has use for; NumPy stops at 64."""

Stack = NDArray[Any]


class _Stacked(PerPixel):
    """Unbounded: where one image ends another may go on."""

    def __init__(self, inputs: Sequence[Band], function: Any) -> None:
        super().__init__(inputs, function, bounded=False, array_inputs=EVERY_INPUT)

    def scratch(self, grid: Grid) -> int:
        return ARRAY_BYTES * len(self.inputs) * grid.width * grid.height


@algorithm("ImageCollection.toArray")
def to_array(collection: ImageCollection) -> Image:
    """A matrix a pixel: a row for each image that is valid there in all bands, a column for each band.

    Raises:
        EarthEngineError: No images, images of different bands, or array bands.
    """
    images = collection.images()
    if not images:
        raise EarthEngineError("The collection has no images.")
    width = len(images[0].bands)
    if any(len(image.bands) != width for image in images):
        raise EarthEngineError("All images must have as many bands.")
    layers = [list(image.bands.values()) for image in images]
    if any(band.type.dimensions for layer in layers for band in layer):
        raise EarthEngineError("The pixels of the images must be numbers, found arrays.")
    kind = replace(union([band.type for layer in layers for band in layer]), dimensions=2)

    def rows(*pixels: Pixels) -> Pixels:
        values = np.stack([p.values for p in pixels], -1).reshape(*pixels[0].mask.shape, len(images), width)
        valid = np.stack([p.mask for p in pixels], -1).reshape(values.shape)
        return _chosen_rows(values.astype(kind.element_dtype), np.asarray(valid.all(-1)))

    node = _Stacked([band for layer in layers for band in layer], rows)
    return Image({"array": Band(node, kind, COMPOSITE)})


def _chosen_rows(values: Stack, valid: NDArray[np.bool_]) -> Pixels:
    """From (height, width, n, …) and (height, width, n) the valid ones of the n a pixel; masked where none is."""
    answer = np.zeros(valid.shape[:2], object)
    for at in zip(*np.nonzero(valid.any(-1)), strict=True):
        answer[at] = values[at][valid[at]]
    return Pixels(answer, np.asarray(valid.any(-1)))


@algorithm("ImageCollection.toArrayPerBand")
def to_array_per_band(collection: ImageCollection, axis: int, drop_masked: bool) -> Image:
    """An array band a band, its images joined along an axis.

    A pixel is masked where any image is, or with `dropMasked` where all are: masked images then drop out.
    """
    images = collection.images()
    names = union_names(images)
    made = [_joined([image.bands[n] for image in images if n in image.bands], axis, drop_masked) for n in names]
    return Image(named(names, made))


def _joined(bands: Sequence[Band], axis: int, drop_masked: bool) -> Band:
    found = {band.type.dimensions for band in bands}
    if len(found) != 1 or not 0 <= axis <= max(found):
        raise EarthEngineError(f"Axis {axis} must be at most the number of dimensions, the same in all: {found}.")
    kind = replace(union([band.type for band in bands]), dimensions=max(*found, axis + 1))

    def join(*pixels: Pixels) -> Pixels:
        if not drop_masked:
            return per_shape(lambda *stacks: shapes.concatenated(stacks, axis), [kind], pixels)[0]
        return _join_valid(pixels, axis, kind)

    return Band(_Stacked(bands, join), kind, COMPOSITE)


def _join_valid(pixels: Sequence[Pixels], axis: int, kind: PixelType) -> Pixels:
    """Pixels that the same images are valid in are joined together."""
    valid = np.stack([p.mask for p in pixels], -1)
    values = np.zeros(valid.shape[:2], object)
    patterns, which = np.unique(valid.reshape(-1, len(pixels)), axis=0, return_inverse=True)
    for k, pattern in enumerate(patterns):
        here = (which.ravel() == k).reshape(valid.shape[:2])
        chosen = [Pixels(p.values, here) for p, there in zip(pixels, pattern, strict=True) if there]
        if chosen:
            joined = per_shape(lambda *stacks: shapes.concatenated(stacks, axis), [kind], chosen)[0]
            values[here] = joined.values[here]
    return Pixels(values, np.asarray(valid.any(-1)))


# Values -----------------------------------------------------------------------------------------------------------


@algorithm("Dictionary.toArray")
def dictionary_to_array(dictionary: dict[str, Any], keys: list[str] | None, axis: int) -> Array:
    """Numbers of a dictionary, by default in the order of the keys, along an axis."""
    values = [get_entry(dictionary, key, None) for key in (sorted(dictionary) if keys is None else keys)]
    found = array_of(values).values
    if not 0 <= axis < MAX_DIMENSIONS:
        raise EarthEngineError(f"Axis must be at least 0 and less than {MAX_DIMENSIONS}, got {axis}.")
    return Array(found.reshape((1,) * axis + found.shape))


@algorithm("Dictionary.toImage")
def dictionary_to_image(dictionary: dict[str, Any], names: list[str] | None) -> Image:
    """A band of a constant for each entry, by default in the order of the keys."""
    chosen = sorted(dictionary) if names is None else names
    images = [constant(get_entry(dictionary, name, None)) for name in chosen]
    return Image(named(chosen, [next(iter(image.bands.values())) for image in images]))


@algorithm("Dictionary.getArray")
def get_dictionary_array(dictionary: dict[str, Any], key: str, *, context: Context) -> Any:
    """The array under a key."""
    return coerce(get_entry(dictionary, key, None), "Array", context)


@algorithm("List.getArray")
def get_list_array(list: list[Any], index: int, *, context: Context) -> Any:
    """The array at a position."""
    return coerce(get_item(list, index), "Array", context)


@algorithm("Element.getArray")
def get_element_array(object: Any, property: str, *, context: Context) -> Any:
    """An array among the properties; null where it is missing."""
    value = property_of(object, property)
    return None if value is None else coerce(value, "Array", context)


@algorithm("Feature.toArray")
def feature_to_array(feature: Any, properties: list[str]) -> Array:
    """Numbers among the properties as a vector.

    Raises:
        EarthEngineError: One is missing or no number.
    """
    return array_of([_number(feature, name) for name in properties])


def _number(feature: Any, name: str) -> Any:
    value = property_of(feature, name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise EarthEngineError(f"Property '{name}' must be a number, it is {value!r}.")
    return value


@algorithm("FeatureCollection.makeArray")
def make_array(collection: Collection, properties: list[str], name: str) -> FeatureCollection:
    """Features with a vector of some of their numbers; those that lack one are left out."""

    def made() -> Iterator[Any]:
        for feature in collection.elements():
            values = [property_of(feature, key) for key in properties]
            if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
                yield with_properties(feature, {**feature.properties, name: array_of(values)})

    return FeatureCollection(made, collection.properties)
