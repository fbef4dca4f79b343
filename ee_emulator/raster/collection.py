"""Image collections, and images from the catalogue's assets."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import shapely

from ee_emulator.catalog.base import Bounds, ImageAsset, ImageCollectionAsset
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.nodes import Stored
from ee_emulator.raster.pixel_type import type_of_dtype
from ee_emulator.raster.projection import Projection
from ee_emulator.raster.values import Band, Image
from ee_emulator.values import Collection, FeatureCollection, Filter


class ImageCollection(Collection):
    """A lazy sequence of images."""

    element_type = "Image"

    def images(self) -> list[Image]:
        """The images.

        Raises:
            EarthEngineError: An element is no image.
        """
        elements = list(self.elements())
        for element in elements:
            if not isinstance(element, Image):
                raise EarthEngineError(f"ImageCollection: expected images, found a {type(element).__name__}.")
        return elements


class StoredImageCollection(ImageCollection):
    """A collection of the catalogue: filters over space and time reach it as hints, before any image is opened."""

    def __init__(
        self,
        asset: ImageCollectionAsset,
        filters: tuple[Filter, ...] = (),
    ) -> None:
        super().__init__(self._open, asset.properties, asset.id)
        self._asset = asset
        self._filters = filters

    def _open(self) -> Iterator[Image]:
        bounds: Bounds | None = None
        for condition in self._filters:
            bounds = condition.bounds if bounds is None else bounds
        start = max((f.start_ms for f in self._filters if f.start_ms is not None), default=None)
        end = min((f.end_ms for f in self._filters if f.end_ms is not None), default=None)
        for asset in self._asset.images(bounds, start, end):
            image = image_of(asset, self._asset.id)
            if all(condition.test(image) for condition in self._filters):
                yield image

    def derive(self, source: Callable[[], Iterable[Any]], properties: Mapping[str, Any] | None = None) -> Collection:
        """Computed collections are no longer stored."""
        return ImageCollection(source, self.properties if properties is None else properties, self.id)

    def narrowed(self, filter_: Filter) -> Collection:
        """The images that pass; the filter's extent and dates narrow what is opened."""
        return StoredImageCollection(self._asset, (*self._filters, filter_))


class MergedImageCollection(ImageCollection):
    """One collection after the other, under indices `1_…` and `2_…`; the hints of later filters reach both."""

    def __init__(self, parts: tuple[Collection, Collection], filters: tuple[Filter, ...] = ()) -> None:
        super().__init__(self._merged)
        self._parts = parts
        self._filters = filters

    def _merged(self) -> Iterator[Image]:
        for number, part in enumerate(self._parts, 1):
            for image in part.elements():
                renamed = reindexed_image(image, f"{number}_{image.properties.get('system:index')}")
                if all(condition.test(renamed) for condition in self._filters):
                    yield renamed

    def derive(self, source: Callable[[], Iterable[Any]], properties: Mapping[str, Any] | None = None) -> Collection:
        """What is made of it is no longer a merger."""
        return ImageCollection(source, self.properties if properties is None else properties, self.id)

    def narrowed(self, filter_: Filter) -> Collection:
        """The images that pass. The parts see the hints only: the condition itself may look at the new indices."""
        hints = replace(filter_, test=lambda _: True)
        first, second = (part.narrowed(hints) for part in self._parts)
        return MergedImageCollection((first, second), (*self._filters, filter_))


def collection_of(base: Collection, source: Callable[[], Iterator[Any]]) -> Collection:
    """A collection of what a function made of the elements of another: of images where the first one is an image."""
    found = list(source())
    kind = ImageCollection if found and isinstance(found[0], Image) else FeatureCollection
    if not found:
        kind = ImageCollection if isinstance(base, ImageCollection) else FeatureCollection
    return kind(lambda: found, base.properties, base.id)


def image_of(asset: ImageAsset, collection_id: str | None = None) -> Image:
    """The image of a stored asset: one node for all bands that share a lattice."""
    lattices: dict[tuple[Any, ...], list[Any]] = {}
    for band in asset.bands:
        lattices.setdefault((band.crs, tuple(band.transform), band.dimensions), []).append(band)
    bands: dict[str, Band] = {}
    for (crs, _, dimensions), specs in lattices.items():
        node = Stored(asset, specs)
        projection = Projection(crs, specs[0].transform)
        for index, spec in enumerate(specs):
            bands[spec.name] = Band(node, type_of_dtype(spec.dtype), projection, index, dimensions)
    ordered = {spec.name: bands[spec.name] for spec in asset.bands}
    own_index = asset.id.removeprefix(f"{collection_id}/") if collection_id else asset.id.rpartition("/")[2]
    properties = {**asset.properties, "system:index": own_index}
    return Image(ordered, properties, asset.id, shapely.box(*asset.bounds))


def union_names(images: list[Image]) -> list[str]:
    """Band names of all images, in the order of their first appearance."""
    names: dict[str, None] = {}
    for image in images:
        names |= dict.fromkeys(image.bands)
    return list(names)


def reindexed_image(image: Image, index: str) -> Image:
    """The image under another `system:index`."""
    return replace(image, properties={**image.properties, "system:index": index})
