"""ImageCollection: loading, and many images into one."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from ee_emulator.algorithms.coercions import refusal
from ee_emulator.catalog.base import ImageAsset, ImageCollectionAsset
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.collection import (
    ImageCollection,
    MergedImageCollection,
    StoredImageCollection,
    image_of,
    reindexed_image,
    union_names,
)
from ee_emulator.raster.folds import numbers as folds
from ee_emulator.raster.nodes import Mosaic
from ee_emulator.raster.pixel_type import union
from ee_emulator.raster.projection import COMPOSITE
from ee_emulator.raster.reduce_nodes import StackReduce
from ee_emulator.raster.reducer import Reducer
from ee_emulator.raster.values import Band, Image, named
from ee_emulator.registry import IMPLEMENTATIONS, Context, algorithm, coerce, coercion
from ee_emulator.values import Collection


@coercion("ImageCollection")
def to_image_collection(value: Any, context: Context) -> ImageCollection:
    """Image collections; an image or a list of images makes one."""
    if isinstance(value, ImageCollection):
        return value
    if isinstance(value, Collection):
        return ImageCollection(value.elements, value.properties)
    if isinstance(value, str):
        return load(value, None, context=context)
    if isinstance(value, list):
        images = [coerce(item, "Image", context) for item in value]
        return ImageCollection(lambda: images)
    if isinstance(value, Image):
        return ImageCollection(lambda: [value])
    raise refusal(value, "ImageCollection")


@algorithm("ImageCollection.load")
def load(id: str, version: int | None, *, context: Context) -> ImageCollection:
    """A collection of the catalogue.

    Raises:
        EarthEngineError: There is none, or the asset is a table.
    """
    asset = context.catalog.get(id)
    if asset is None:
        raise EarthEngineError(
            f"ImageCollection.load: ImageCollection asset '{id}' not found "
            "(does not exist or caller does not have access)."
        )
    if hasattr(asset, "read"):
        single = image_of(cast(ImageAsset, asset))
        return ImageCollection(lambda: [single])
    if not hasattr(asset, "images"):
        raise EarthEngineError(f"ImageCollection.load: Asset '{id}' is not an ImageCollection.")
    return StoredImageCollection(cast(ImageCollectionAsset, asset))


@algorithm("ImageCollection.fromImages")
def from_images(images: list[Image]) -> ImageCollection:
    """A collection of images; they are numbered from 0 unless they have an index.

    geetools, tests/test_ImageCollection/test_reduce_interval.yml: what a list's images are called is kept.
    """
    return ImageCollection(
        lambda: [i if i.properties.get("system:index") else reindexed_image(i, str(k)) for k, i in enumerate(images)]
    )


@algorithm("ImageCollection.merge")
def merge(collection1: ImageCollection, collection2: ImageCollection) -> ImageCollection:
    """Both, with indices `1_…` and `2_…`."""
    return MergedImageCollection((collection1, collection2))


@algorithm("ImageCollection.combine")
def combine(primary: ImageCollection, secondary: ImageCollection, overwrite: bool) -> ImageCollection:
    """Images of the primary with the bands of those of the same index."""
    from ee_emulator.algorithms.image.bands import add_bands

    def combined() -> Iterator[Image]:
        others = {image.properties.get("system:index"): image for image in secondary.images()}
        for image in primary.images():
            other = others.get(image.properties.get("system:index"))
            if other is not None:
                yield add_bands(image, other, None, overwrite)

    return ImageCollection(combined)


def _stack(images: Sequence[Image], name: str) -> list[Band]:
    return [image.bands[name] for image in images if name in image.bands]


@algorithm("ImageCollection.mosaic")
def mosaic(collection: ImageCollection) -> Image:
    """The last unmasked pixel of each band."""
    images = collection.images()
    bands = {}
    for name in union_names(images):
        stack = _stack(images, name)
        kind = union([band.type for band in stack])
        bands[name] = Band(Mosaic(stack, kind), kind, COMPOSITE)
    return Image(bands)


@algorithm("ImageCollection.qualityMosaic")
def quality_mosaic(collection: ImageCollection, quality_band: str) -> Image:
    """Each pixel from the image whose quality band is greatest there."""
    images = [image for image in collection.images() if quality_band in image.bands]
    if not images:
        raise EarthEngineError(f"ImageCollection.qualityMosaic: no image has a band '{quality_band}'.")
    names = [name for name in images[0].names if all(name in image.bands for image in images)]
    layers = [[image.bands[quality_band], *(image.bands[name] for name in names)] for image in images]
    types = [union([layer[k].type for layer in layers]) for k in range(len(names) + 1)]
    best = Reducer("max", ("quality", *names), folds.extreme(True, len(names) + 1), len(names) + 1, weighted=False)
    node = StackReduce(layers, best, types)
    return Image({name: Band(node, types[k + 1], COMPOSITE, k + 1) for k, name in enumerate(names)})


@algorithm("ImageCollection.reduce")
def reduce(collection: ImageCollection, reducer: Reducer, parallel_scale: float) -> Image:
    """Each band through the collection; outputs are `band_output`. Reducers of several inputs take bands in turn.

    Raises:
        EarthEngineError: The number of bands does not suit the reducer's inputs.
    """
    images = collection.images()
    names = union_names(images)
    step = reducer.inputs
    if step > 1 and len(names) != step:
        raise EarthEngineError(
            f"ImageCollection.reduce: the reducer needs {step} inputs; the images have {len(names)} bands."
        )
    groups = [names] if step > 1 else [[name] for name in names]
    found_names: list[str] = []
    found: list[Band] = []
    for group in groups:
        layers = [[image.bands[name] for name in group] for image in images if all(n in image.bands for n in group)]
        types = reducer.output_types([union([layer[k].type for layer in layers]) for k in range(step)])
        node = StackReduce(layers, reducer, types)
        found += [Band(node, kind, COMPOSITE, k) for k, kind in enumerate(types)]
        found_names += [output if step > 1 else f"{group[0]}_{output}" for output in reducer.outputs]
    return Image(named(found_names, found))


_SHORTHANDS = {
    "min": "min",
    "max": "max",
    "count": "count",
    "sum": "sum",
    "product": "product",
    "mean": "mean",
    "and": "allNonZero",
    "or": "anyNonZero",
    "median": "median",
    "mode": "mode",
}


def _register_shorthands() -> None:
    """`reduce.median` and its like: the reducer's name is not added to the bands'."""
    for name, reducer_name in _SHORTHANDS.items():
        algorithm(f"reduce.{name}")(_shorthand(reducer_name))


def _shorthand(reducer_name: str) -> Any:
    def reduced(collection: ImageCollection) -> Image:
        made = _default_reducer(reducer_name)
        images = collection.images()
        names = union_names(images)
        answer = reduce(collection, made, 1.0)
        return answer.with_bands(dict(zip(names, answer.bands.values(), strict=True)))

    return reduced


def _default_reducer(name: str) -> Reducer:
    implementation = IMPLEMENTATIONS[f"Reducer.{name}"]
    arguments = {a.parameter: a.default for a in implementation.signature.arguments}
    if name in ("max", "min"):
        arguments = {"num_inputs": 1}
    made: Reducer = implementation.function(**arguments)
    return made


_register_shorthands()


@algorithm("ImageCollection.toBands")
def to_bands(collection: ImageCollection) -> Image:
    """All images as bands of one, named `index_band`."""
    names, bands = [], []
    for image in collection.images():
        index = image.properties.get("system:index", "0")
        names += [f"{index}_{name}" for name in image.names]
        bands += list(image.bands.values())
    return Image(named(names, bands))


@algorithm("ImageCollection.cast")
def cast_(collection: ImageCollection, band_types: dict[str, Any], band_order: list[str], *, context: Context) -> Any:
    """Every image with other band types."""
    from ee_emulator.algorithms.image.bands import cast_ as cast_image

    images = collection.images()
    return ImageCollection(lambda: [cast_image(i, band_types, band_order, context=context) for i in images])
