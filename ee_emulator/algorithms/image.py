"""Image: loading, bands, masks, projections; pixels stay unread."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import shapely

from ee_emulator import geodesy
from ee_emulator.algorithms.element import geometry_of
from ee_emulator.algorithms.image_math import cast_band, constant
from ee_emulator.catalog.base import ImageAsset, Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.arithmetic import computed_image
from ee_emulator.raster.collection import image_of
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.nodes import Fixed, Generated, PerPixel, Resampled
from ee_emulator.raster.pixel_type import BOOLEAN, DOUBLE, FLOAT, PixelType, cast_values, named_type, union
from ee_emulator.raster.projection import Projection, convert, lattice_coordinates
from ee_emulator.raster.reduce_nodes import ReduceResolution, StackReduce
from ee_emulator.raster.reducer import Reducer
from ee_emulator.raster.regions import centres_inside, lattice_for, shape_in
from ee_emulator.raster.values import Band, Image, named
from ee_emulator.registry import Context, algorithm, coerce
from ee_emulator.selectors import matching
from ee_emulator.values import Collection, Date, Geometry


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
    kinds = {name: named_type(k) if isinstance(k, str) else k for name, k in band_types.items()}
    names = band_order or image.names
    bands = {name: cast_band(image.band(name), kinds.get(name, image.band(name).type)) for name in names}
    return image.with_bands(bands)


@algorithm("Image.metadata")
def metadata(image: Image, property: str, name: str | None) -> Image:
    """A number among the properties as a constant band.

    Raises:
        EarthEngineError: There is no such number.
    """
    value = image.properties.get(property)
    value = value.ms if isinstance(value, Date) else value
    if not isinstance(value, int | float):
        raise EarthEngineError(f"Image.metadata: property '{property}' is not a number.")
    made = constant(value)
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
    """The asset id, or the index."""
    found: str | None = getattr(element, "id", None) or element.properties.get("system:index")
    return found


# Masks ------------------------------------------------------------------------------------------------------------


def _masked_by(band: Band, mask: Band) -> Band:
    def compute(pixels: Pixels, condition: Pixels) -> Pixels:
        return Pixels(pixels.values, pixels.mask & condition.mask & (condition.values != 0))

    return replace(band, node=PerPixel([band, mask], compute), index=0)


@algorithm("Image.updateMask")
def update_mask(image: Image, mask: Image) -> Image:
    """Masked also where the mask is zero or masked.

    Raises:
        EarthEngineError: The mask has neither one band nor as many as the image.
    """
    return image.computed().with_bands(
        {
            name: _masked_by(band, other)
            for (name, band), other in zip(image.bands.items(), _each(image, mask), strict=True)
        }
    )


def _each(image: Image, other: Image) -> list[Band]:
    bands = list(other.bands.values())
    if len(bands) == 1:
        return bands * len(image.bands)
    if len(bands) != len(image.bands):
        raise EarthEngineError(f"Expected 1 or {len(image.bands)} bands, got {len(bands)}.")
    return bands


@algorithm("Image.selfMask")
def self_mask(image: Image) -> Image:
    """Masked where the image is zero."""
    return update_mask(image, image)


@algorithm("Image.mask")
def mask(image: Image, mask: Image | None) -> Image:
    """The mask as an image of 0 and 1, or the image under another mask altogether."""

    def of(band: Band) -> Band:
        def compute(pixels: Pixels) -> Pixels:
            return Pixels(pixels.mask.astype(np.uint8), np.ones_like(pixels.mask))

        return Band(PerPixel([band], compute, bounded=False), BOOLEAN, band.projection)

    if mask is None:
        return image.computed().map_bands(of)

    def under(pixels: Pixels, condition: Pixels) -> Pixels:
        return Pixels(pixels.values, condition.mask & (condition.values != 0))

    pairs = zip(image.bands.items(), _each(image, mask), strict=True)
    bands = {n: replace(b, node=PerPixel([b, m], under, bounded=False), index=0) for (n, b), m in pairs}
    return image.computed().with_bands(bands)


@algorithm("Image.unmask")
def unmask(input: Image, value: Image | None, same_footprint: bool) -> Image:
    """Masked pixels filled; with `sameFootprint` only inside the image's outline."""
    fills = _each(input, value if value is not None else constant(0))
    footprint = input.footprint if same_footprint else None

    def filled(band: Band, fill: Band) -> Band:
        kind = union([band.type, fill.type])

        def compute(pixels: Pixels, other: Pixels) -> Pixels:
            values = np.where(pixels.mask, cast_values(pixels.values, kind), cast_values(other.values, kind))
            return Pixels(values, pixels.mask | other.mask)

        made = Band(PerPixel([band, fill], compute, bounded=False), kind, band.projection)
        return made if footprint is None else _masked_by(made, _inside(Geometry(footprint)))

    pairs = zip(input.bands.items(), fills, strict=True)
    return input.computed().with_bands({name: filled(band, fill) for (name, band), fill in pairs})


def _inside(geometry: Geometry) -> Band:
    """1 where a pixel's centre lies inside, masked elsewhere."""

    def generate(grid: Grid) -> list[Pixels]:
        hit = centres_inside(shape_in(geometry, grid.crs), grid)
        return [Pixels(hit.astype(np.uint8), hit)]

    node = Generated(generate)
    if not geometry.unbounded:
        shape = geodesy.in_degrees(geometry)
        node.bounds = shape.bounds if not shape.is_empty else (0.0, 0.0, 0.0, 0.0)
    return Band(node, BOOLEAN)


@algorithm("Image.clip")
def clip(input: Image, geometry: Any, *, context: Context) -> Image:
    """Masked outside a geometry."""
    shape: Geometry = coerce(geometry, "Geometry", context)
    if shape.unbounded:
        return input
    inside = _inside(shape)
    outline = geodesy.in_degrees(shape)
    footprint = outline if input.footprint is None else input.footprint.intersection(outline)
    clipped = input.computed().map_bands(lambda band: _masked_by(band, inside))
    return replace(clipped, footprint=footprint)


@algorithm("Image.clipToCollection")
def clip_to_collection(input: Image, collection: Any, *, context: Context) -> Image:
    """Masked outside all features."""
    return clip(input, collection, context=context)


@algorithm("Image.where")
def where(input: Image, test: Image, value: Image) -> Image:
    """Replaced by `value` where the test holds and both are unmasked; the input's mask stays."""
    tests, values = _each(input, test), _each(input, value)

    def replaced(band: Band, condition: Band, other: Band) -> Band:
        kind = union([band.type, other.type])

        def compute(pixels: Pixels, holds: Pixels, new: Pixels) -> Pixels:
            chosen = holds.mask & (holds.values != 0) & new.mask
            merged = np.where(chosen, cast_values(new.values, kind), cast_values(pixels.values, kind))
            return Pixels(merged, pixels.mask)

        return Band(PerPixel([band, condition, other], compute, bounded=False), kind, band.projection)

    triples = zip(input.bands.items(), tests, values, strict=True)
    return input.computed().with_bands({name: replaced(band, c, o) for (name, band), c, o in triples})


@algorithm("Image.blend")
def blend(bottom: Image, top: Image) -> Image:
    """The top image over the bottom one."""
    from ee_emulator.raster.nodes import Mosaic

    bands = {}
    for (name, band), over in zip(bottom.bands.items(), _each(bottom, top), strict=True):
        kind = union([band.type, over.type])
        bands[name] = Band(Mosaic([band, over], kind), kind, band.projection)
    return bottom.computed().with_bands(bands)


@algorithm("Image.remap")
def remap(
    image: Image, from_: list[Any], to: list[Any], default_value: Any, band_name: str | None, *, context: Context
) -> Image:
    """Values of one band by a table; others become the default or are masked.

    Raises:
        EarthEngineError: Lists of different length.
    """
    if len(from_) != len(to):
        raise EarthEngineError(f"Image.remap: 'from' has {len(from_)} items and 'to' {len(to)}.")
    band = image.band(band_name) if band_name else next(iter(image.bands.values()))
    numbers = [value for value in [*to, default_value] if value is not None]
    kind = union([constant(value).bands["constant"].type for value in numbers]) if numbers else band.type
    kind = DOUBLE if not kind.is_integer else kind
    order = np.argsort(np.asarray(from_))
    keys, results = np.asarray(from_)[order], np.asarray(to)[order]

    def compute(pixels: Pixels) -> Pixels:
        at = np.clip(np.searchsorted(keys, pixels.values), 0, len(keys) - 1)
        known = keys[at] == pixels.values
        fill = 0 if default_value is None else default_value
        values = cast_values(np.where(known, results[at], fill), kind)
        return Pixels(values, pixels.mask & known if default_value is None else pixels.mask)

    return computed_image(image, {"remapped": Band(PerPixel([band], compute), kind, band.projection)})


# Projections ------------------------------------------------------------------------------------------------------


@algorithm("Image.projection")
def projection(image: Image) -> Projection:
    """The projection of the bands.

    Raises:
        EarthEngineError: The bands have different ones.
    """
    found = [band.projection for band in image.bands.values()]
    if not found:
        raise EarthEngineError("Image.projection: the image has no bands.")
    if any((p.crs, p.transform) != (found[0].crs, found[0].transform) for p in found):
        raise EarthEngineError(
            "Image.projection: The bands of the specified image contains different projections. Use select() first."
        )
    return found[0]


@algorithm("Image.reproject")
def reproject(image: Image, crs: Projection, crs_transform: list[float] | None, scale: float | None) -> Image:
    """Computed on a lattice of its own, whatever is asked for."""
    lattice = lattice_for(image, crs, crs_transform, scale)
    return image.computed().map_bands(lambda band: Band(Fixed(band, lattice), band.type, lattice))


@algorithm("Image.setDefaultProjection")
def set_default_projection(
    image: Image, crs: Projection, crs_transform: list[float] | None, scale: float | None
) -> Image:
    """With another default projection; no pixel is moved."""
    lattice = lattice_for(image, crs, crs_transform, scale)
    return image.map_bands(lambda band: replace(band, projection=lattice, dimensions=None))


@algorithm("Image.resample")
def resample(image: Image, mode: str) -> Image:
    """Interpolated between pixels, `bilinear` or `bicubic`, when reprojected.

    Raises:
        EarthEngineError: An unknown mode.
    """
    if mode not in ("bilinear", "bicubic"):
        raise EarthEngineError(f"Image.resample: unknown mode '{mode}'; known: bilinear, bicubic.")

    def interpolated(band: Band) -> Band:
        kind = FLOAT if band.type.precision == "float" else DOUBLE
        return Band(Resampled(band, mode), kind, band.projection, 0, band.dimensions)

    return image.computed().map_bands(interpolated)


@algorithm("Image.reduceResolution")
def reduce_resolution(image: Image, reducer: Reducer, best_effort: bool, max_pixels: int) -> Image:
    """Output pixels are reduced from all input pixels under them.

    Raises:
        EarthEngineError: A reducer with several inputs or outputs, or a band without a projection of its own.
    """
    if reducer.inputs != 1 or len(reducer.outputs) != 1:
        raise EarthEngineError("Image.reduceResolution: the reducer must have one input and one output.")

    def reduced(band: Band) -> Band:
        if band.projection.composite:
            raise EarthEngineError(
                "Image.reduceResolution: The input has no fixed projection; use setDefaultProjection() first."
            )
        kind = reducer.output_types([band.type])[0]
        if reducer.name == "Reducer.mean" and band.type.precision == "float":
            kind = FLOAT
        return Band(ReduceResolution(band, reducer, kind, max_pixels, best_effort), kind, band.projection)

    return image.computed().map_bands(reduced)


@algorithm("Image.reduce")
def reduce(image: Image, reducer: Reducer) -> Image:
    """All bands of a pixel reduced; a reducer of several inputs takes them in turn."""
    bands = list(image.bands.values())
    if len(bands) % reducer.inputs:
        raise EarthEngineError(
            f"Image.reduce: the reducer needs {reducer.inputs} inputs; there are {len(bands)} bands."
        )
    step = reducer.inputs
    layers = [bands[k : k + step] for k in range(0, len(bands), step)]
    types = reducer.output_types([union([layer[k].type for layer in layers]) for k in range(step)])
    node = StackReduce(layers, reducer, types)
    made = [Band(node, kind, bands[0].projection, k) for k, kind in enumerate(types)]
    return computed_image(image, dict(zip(reducer.outputs, made, strict=True)))


# Generated ---------------------------------------------------------------------------------------------------------


def _generated(names: Sequence[str], function: Any) -> Image:
    node = Generated(function)
    return Image({name: Band(node, DOUBLE, index=k) for k, name in enumerate(names)})


@algorithm("Image.pixelLonLat")
def pixel_lon_lat() -> Image:
    """Longitude and latitude of each pixel's centre, degrees."""

    def generate(grid: Grid) -> list[Pixels]:
        x, y = grid.centres()
        lon, lat = convert(grid.crs, "EPSG:4326", x, y)
        return [Pixels(np.asarray(v, np.float64), np.isfinite(v)) for v in (lon, lat)]

    return _generated(("longitude", "latitude"), generate)


@algorithm("Image.pixelArea")
def pixel_area() -> Image:
    """Area of each pixel on the ellipsoid, m²."""

    def generate(grid: Grid) -> list[Pixels]:
        columns, rows = np.meshgrid(np.arange(grid.width + 1), np.arange(grid.height + 1))
        t = grid.transform
        x, y = t.a * columns + t.b * rows + t.c, t.d * columns + t.e * rows + t.f
        # An equal-area projection makes areas of quadrilaterals by the shoelace formula.
        x, y = convert(grid.crs, "EPSG:6933", x, y)
        ring = [np.s_[:-1, :-1], np.s_[:-1, 1:], np.s_[1:, 1:], np.s_[1:, :-1]]
        area = sum(x[a] * y[b] - x[b] * y[a] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)) / 2
        return [Pixels(np.abs(area), np.isfinite(area))]

    return _generated(("area",), generate)


@algorithm("Image.pixelCoordinates")
def pixel_coordinates(projection: Projection) -> Image:
    """Fractional column and row of each pixel's centre on a projection."""

    def generate(grid: Grid) -> list[Pixels]:
        x, y = grid.centres()
        columns, rows = lattice_coordinates(projection, grid.crs, x, y)
        return [Pixels(v, np.isfinite(v)) for v in (columns, rows)]

    return _generated(("x", "y"), generate)


@algorithm("Image.paint")
def paint(image: Image, feature_collection: Collection, color: Any, width: Any) -> Image:
    """Features drawn onto the first band: filled with a number, or with a property where `color` names one.

    Raises:
        EarthEngineError: Outlines (`width`), which the emulator does not draw.
    """
    if width is not None:
        raise EarthEngineError("not supported by the emulator: Image.paint with a width")
    name, band = next(iter(image.bands.items()))
    features = list(feature_collection.elements())
    colours = [f.properties.get(color) if isinstance(color, str) else color for f in features]
    known = [c for c in colours if isinstance(c, int | float)]
    painted_type = union([constant(c).bands["constant"].type for c in known]) if known else band.type
    kind = union([band.type, painted_type])

    def generate(grid: Grid) -> list[Pixels]:
        values, mask = np.zeros(grid.shape, kind.dtype), np.zeros(grid.shape, bool)
        x, y = grid.centres()
        for feature, colour in zip(features, colours, strict=True):
            shape = geometry_of(feature)
            if shape is None or colour is None:
                continue
            hit = shapely.contains_xy(shape_in(shape, grid.crs), x, y)
            values[hit], mask[hit] = colour, True
        return [Pixels(values, mask)]

    from ee_emulator.raster.nodes import Mosaic

    over = Band(Generated(generate), kind)
    under = cast_band(band, kind)
    node = Mosaic([under, over], kind)
    return image.computed().with_bands({name: Band(node, kind, band.projection)})
