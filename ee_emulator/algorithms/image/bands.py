"""Image: loading, bands and metadata; pixels stay unread."""

from typing import Any, cast

from ee_emulator.algorithms.element import geometry_of
from ee_emulator.algorithms.image.math import cast_band, constant
from ee_emulator.catalog.base import ImageAsset
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.collection import image_of
from ee_emulator.raster.pixel_type import PixelType
from ee_emulator.raster.values import Image, named
from ee_emulator.registry import Context, algorithm, coerce
from ee_emulator.selectors import matching
from ee_emulator.values import Date, Geometry


@algorithm("Image.load")
def load(id: str, version: int, *, context: Context) -> Image:
    """An image of the catalogue.

    Raises:
        EarthEngineError: There is none, or the asset is no image.
    """
    asset = context.catalog.get(id)
    if asset is None:
        raise EarthEngineError(
            f"Image.load: Image asset '{id}' not found (does not exist or caller does not have access)."
        )
    if not hasattr(asset, "read"):
        raise EarthEngineError(f"Image.load: Asset '{id}' is not an Image.")
    return image_of(cast(ImageAsset, asset))


# Bands ------------------------------------------------------------------------------------------------------------


@algorithm("Image.select")
def select(input: Image, band_selectors: list[Any], new_names: list[str] | None) -> Image:
    """Bands by name, regular expression or position, renamed where names are given.

    Raises:
        EarthEngineError: A selector that chooses nothing, or as many names as bands are not given.
    """
    chosen: list[str] = []
    for selector in band_selectors:
        chosen += _selected(input, selector)
    if new_names is not None and len(new_names) != len(chosen):
        raise EarthEngineError(
            f"Image.select: The number of new names ({len(new_names)}) must match the number of bands ({len(chosen)})."
        )
    bands = [input.bands[name] for name in chosen]
    return input.with_bands(named(new_names or chosen, bands))


def _selected(image: Image, selector: Any) -> list[str]:
    if isinstance(selector, int | float) and not isinstance(selector, bool):
        index = int(selector)
        if not -len(image.bands) <= index < len(image.bands):
            raise EarthEngineError(f"Image.select: Band index {index} is out of range; there are {len(image.bands)}.")
        return [image.names[index]]
    found = matching([selector], image.names, True, "Band pattern")
    if not found:
        image.band(selector)  # refuses, in Earth Engine's words
    return found


@algorithm("Image.rename")
def rename(input: Image, names: list[str]) -> Image:
    """All bands under new names.

    Raises:
        EarthEngineError: Not as many names as bands.
    """
    if len(names) != len(input.bands):
        raise EarthEngineError(
            f"Image.rename: The number of names ({len(names)}) must match the number of bands ({len(input.bands)})."
        )
    return input.with_bands(named(names, list(input.bands.values())))


@algorithm("Image.regexpRename")
def regexp_rename(input: Image, regex: str, replacement: str, all: bool) -> Image:
    """Band names with matches replaced."""
    from ee_emulator.text import compile_regex, java_replacement

    pattern = compile_regex(regex, "")
    return rename(input, [pattern.sub(java_replacement(replacement), n, count=0 if all else 1) for n in input.names])


@algorithm("Image.slice")
def slice_(image: Image, start: int, end: int | None) -> Image:
    """Bands from a position up to another."""
    return image.with_bands({name: image.bands[name] for name in image.names[start:end]})


@algorithm("Image.addBands")
def add_bands(dst_img: Image, src_img: Image, names: list[str] | None, overwrite: bool) -> Image:
    """With the bands of another image appended; equal names replace, or are numbered."""
    added = {name: src_img.band(name) for name in names} if names else dict(src_img.bands)
    if overwrite:
        return dst_img.with_bands({**dst_img.bands, **added})
    return dst_img.with_bands(named([*dst_img.bands, *added], [*dst_img.bands.values(), *added.values()]))


@algorithm("Image.cat")
def cat(images: list[Any], *, context: Context) -> Image:
    """The bands of several images in one."""
    if not images:
        raise EarthEngineError("At least one image is needed.")
    made = [cast(Image, coerce(image, "Image", context)) for image in images]
    result = made[0]
    for other in made[1:]:
        result = add_bands(result, other, None, False)
    return result


@algorithm("Image.bandNames")
def band_names(image: Image) -> list[str]:
    """Names of the bands."""
    return image.names


@algorithm("Image.bandTypes")
def band_types(image: Image) -> dict[str, PixelType]:
    """Types by band."""
    return {name: band.type for name, band in image.bands.items()}


@algorithm("Image.cast")
def cast_(image: Image, band_types: dict[str, Any], band_order: list[str] | None, *, context: Context) -> Image:
    """Bands with other types, in an order given."""
    kinds = {name: coerce(kind, "PixelType", context) for name, kind in band_types.items()}
    names = band_order or image.names
    bands = {name: cast_band(image.band(name), kinds.get(name, image.band(name).type)) for name in names}
    return image.with_bands(bands)


@algorithm("Image.metadata")
def metadata(image: Image, property: str, name: str | None) -> Image:
    """A number among the properties as a constant band of type double.

    Raises:
        EarthEngineError: There is no such number.
    """
    value = image.properties.get(property)
    value = value.ms if isinstance(value, Date) else value
    if not isinstance(value, int | float):
        raise EarthEngineError(f"Image.metadata: property '{property}' is not a number.")
    made = constant(float(value))
    return Image({name or property: made.bands["constant"]}, footprint=image.footprint)


@algorithm("Image.date")
def date(image: Image) -> Date:
    """When the image was taken."""
    moment = image.properties.get("system:time_start")
    if moment is None:
        raise EarthEngineError("Image.date: the image has no 'system:time_start'.")
    return moment if isinstance(moment, Date) else Date(moment)


@algorithm("Image.geometry")
def geometry(feature: Any, max_error: Any, proj: Any, geodesics: bool | None) -> Geometry | None:
    """The footprint."""
    return geometry_of(feature)


@algorithm("Image.id")
def id_(element: Any) -> str | None:
    """The id within the collection; an image that was never in one has its asset id."""
    found: str | None = element.properties.get("system:index") or getattr(element, "id", None)
    return found
