"""Image: bands and metadata taken over from a matching image."""

from typing import Any

from ee_emulator.algorithms.element import copy_properties, property_of
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.collection import ImageCollection
from ee_emulator.raster.nodes import Generated, masked
from ee_emulator.raster.pixel_type import FLOAT
from ee_emulator.raster.values import Band, Image
from ee_emulator.registry import algorithm

algorithm("Image.copyProperties")(copy_properties)


@algorithm("Image.linkCollection")
def link_collection(
    input: Image, image_collection: ImageCollection, linked_bands: Any, linked_properties: Any, match_property_name: str
) -> Image:
    """With bands and properties of the collection's image whose property has the same value.

    Without such an image the bands are masked throughout and the properties null.

    Raises:
        EarthEngineError: Neither a name nor a list of names, or the image found lacks a band.
    """
    bands, properties = _names(linked_bands, "linkedBands"), _names(linked_properties, "linkedProperties")
    value = property_of(input, match_property_name)
    images = image_collection.images()
    found = next((image for image in images if property_of(image, match_property_name) == value), None)
    if value is None or found is None:
        linked = {name: _nothing(images, name) for name in bands}
    else:
        linked = {name: found.band(name) for name in bands}
    taken = {name: None if found is None or value is None else property_of(found, name) for name in properties}
    changed = {**input.properties, **taken}
    kept = {name: item for name, item in changed.items() if item is not None}
    return input.computed().with_bands({**input.bands, **linked}).with_properties(kept)


def _names(given: Any, argument: str) -> list[str]:
    if given is None:
        return []
    names = [given] if isinstance(given, str) else given
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise EarthEngineError(f"'{argument}' must be a name or a list of names.")
    return names


def _nothing(images: list[Image], name: str) -> Band:
    """A band that is masked everywhere, of the type that the collection's images have it in."""
    kind = next((image.bands[name].type for image in images if name in image.bands), FLOAT)
    return Band(Generated(lambda grid: [masked(grid, kind.dtype)]), kind)
