"""Image and ImageCollection: files in a bucket, GeoTIFF and Zarr."""

from typing import Any

from ee_emulator.catalog.rasters import GeoTiffImage
from ee_emulator.catalog.zarr_array import ZarrArray, ZarrImage
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.collection import ImageCollection, image_of
from ee_emulator.raster.projection import Projection
from ee_emulator.raster.values import Image
from ee_emulator.registry import Context, algorithm


@algorithm("Image.loadGeoTIFF")
def load_geotiff(uri: str, *, context: Context) -> Image:
    """A GeoTIFF of a bucket; its bands are `B0`, `B1`, ….

    Raises:
        EarthEngineError: There is no such file, or it is no georeferenced raster.
    """
    path = context.file(uri)
    names = tuple(f"B{k}" for k in range(len(GeoTiffImage(uri, path).bands)))
    return image_of(GeoTiffImage(uri, path, names=names))


@algorithm("Image.loadZarrV2Array")
def load_zarr_image(
    uri: str, proj: Projection, starts: list[Any] | None, ends: list[Any] | None, *, context: Context
) -> Image:
    """An array of a bucket; each index of its dimensions but the last two is a band.

    Raises:
        EarthEngineError: There is no such array, or the indices are not its own.
    """
    array = _array(uri, context)
    return image_of(ZarrImage(array, uri, proj, _ranges(array, starts, ends)))


@algorithm("ImageCollection.loadZarrV2Array")
def load_zarr_collection(
    uri: str,
    proj: Projection,
    axis: int | None,
    starts: list[Any] | None,
    ends: list[Any] | None,
    *,
    context: Context,
) -> ImageCollection:
    """An array of a bucket; each index along `axis` is an image, those of further dimensions are its bands.

    Raises:
        EarthEngineError: There is no such array, it has two dimensions, or axis or indices are not its own.
    """
    array = _array(uri, context)
    ranges = _ranges(array, starts, ends)
    along = 0 if axis is None else axis
    if not 0 <= along < len(ranges):
        raise EarthEngineError(f"The axis must be in the range [0, {len(ranges) - 1}], got {along}.")

    def at(index: int) -> Image:
        chosen = (*ranges[:along], range(index, index + 1), *ranges[along + 1 :])
        return image_of(ZarrImage(array, f"{uri}/{index}", proj, chosen))

    return ImageCollection(lambda: [at(index) for index in ranges[along]])


def _array(uri: str, context: Context) -> ZarrArray:
    if not uri.endswith("/.zarray"):
        raise EarthEngineError(f"The URI must be that of a .zarray file, got '{uri}'.")
    array = ZarrArray(context.file(uri).parent)
    if len(array.dimensions) < 2:
        raise EarthEngineError("The array must have at least two dimensions.")
    return array


def _ranges(array: ZarrArray, starts: list[Any] | None, ends: list[Any] | None) -> tuple[range, ...]:
    """For each dimension but the last two the indices from start to end, as slices count them."""
    lengths = array.shape[:-2]
    for name, given in (("starts", starts), ("ends", ends)):
        if given is not None and len(given) != len(lengths):
            raise EarthEngineError(f"'{name}' must have {len(lengths)} items, one a non-spatial dimension.")
    none = [None] * len(lengths)
    slices = [slice(a, b) for a, b in zip(starts or none, ends or none, strict=True)]
    if not all(end is None or type(end) is int for end in [*(starts or none), *(ends or none)]):
        raise EarthEngineError("Starts and ends must be whole numbers or null.")
    return tuple(range(*part.indices(length)) for part, length in zip(slices, lengths, strict=True))
