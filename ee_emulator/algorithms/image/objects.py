"""Image: objects, that is connected pixels of one value."""

from collections.abc import Sequence

import numpy as np

from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.arithmetic import computed_image
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.kernel import Kernel
from ee_emulator.raster.objects import EIGHT, FOUR, connected, labels_on, over_bands, reduce_objects
from ee_emulator.raster.pixel_type import NAMED, cast_values
from ee_emulator.raster.reducer import Reducer
from ee_emulator.raster.surrounding_nodes import Surrounded
from ee_emulator.raster.values import Band, Image, named
from ee_emulator.registry import algorithm

MAX_SIZE = 1024
"""Pixels beyond which Earth Engine does not look for the rest of an object."""

BYTES_A_PIXEL = 160
"""Four pairs of neighbours, their graph and its components."""


def _checked(max_size: int) -> int:
    if not 1 <= max_size <= MAX_SIZE:
        raise EarthEngineError(f"maxSize must be between 1 and {MAX_SIZE}, got {max_size}.")
    return max_size


@algorithm("Image.connectedPixelCount")
def connected_pixel_count(input: Image, max_size: int, eight_connected: bool) -> Image:
    """For each band how many connected pixels have a pixel's value, itself among them; at most `maxSize`."""
    limit, offsets = _checked(max_size), EIGHT if eight_connected else FOUR

    def compute(grid: Grid, inputs: Sequence[Pixels]) -> list[Pixels]:
        objects = connected(inputs[0], offsets)
        return [Pixels(objects.of(np.minimum(objects.sizes, limit).astype(np.int32)), inputs[0].mask)]

    def counted(band: Band) -> Band:
        # An object that is larger than the margin shows at least `limit` of its pixels in it.
        return Band(Surrounded([band], limit, compute, BYTES_A_PIXEL), NAMED["int32"], band.projection)

    return computed_image(input, {name: counted(band) for name, band in input.bands.items()})


@algorithm("Image.connectedComponents")
def connected_components(image: Image, connectedness: Kernel, max_size: int) -> Image:
    """With a band `labels`: a number for each object of the first band, masked where it has more than `maxSize` pixels.

    Raises:
        EarthEngineError: An image without bands, or a size out of range.
    """
    limit = _checked(max_size)
    first = next(iter(image.bands.values()), None)
    if first is None:
        raise EarthEngineError("The input image has no bands.")

    def reach(grid: Grid) -> int:
        return limit * max(1, *connectedness.on(grid).margin)

    def compute(grid: Grid, inputs: Sequence[Pixels]) -> list[Pixels]:
        objects = connected(inputs[0], connectedness.on(grid).offsets())
        small = objects.of(objects.sizes <= limit).astype(bool)
        return [Pixels(np.where(small, objects.of(labels_on(grid, objects)), 0), small)]

    node = Surrounded([first], reach, compute, BYTES_A_PIXEL)
    labels = Band(node, NAMED["int64"], first.projection)
    return computed_image(image, named([*image.bands, "labels"], [*image.bands.values(), labels]))


@algorithm("Image.reduceConnectedComponents")
def reduce_connected_components(image: Image, reducer: Reducer, label_band: str | None, max_size: int) -> Image:
    """The other bands reduced over each object of the label band; masked where it spans more than `maxSize` pixels.

    Raises:
        EarthEngineError: No band but the label, a reducer that takes another number of bands, or a size out of range.
    """
    limit = _checked(max_size)
    name = label_band or next(iter(image.bands), "")
    label = image.band(name)
    rest = image.with_bands({other: band for other, band in image.bands.items() if other != name})
    if not rest.bands:
        raise EarthEngineError("The image must have at least one band besides the label band.")
    each = over_bands(reducer, rest.names)
    types = each.output_types([band.type for band in rest.bands.values()])

    def compute(grid: Grid, inputs: Sequence[Pixels]) -> list[Pixels]:
        objects = connected(inputs[0], EIGHT)
        columns, rows = objects.sides()
        small = objects.of((columns <= limit) & (rows <= limit)).astype(bool)
        answer = []
        for (values, valid), kind in zip(reduce_objects(objects, inputs[1:], each), types, strict=True):
            mask = small & objects.of(valid).astype(bool)
            answer.append(Pixels(np.where(mask, objects.of(cast_values(values, kind)), kind.dtype.type(0)), mask))
        return answer

    node = Surrounded([label, *rest.bands.values()], limit, compute, BYTES_A_PIXEL)
    made = [Band(node, kind, label.projection, k) for k, kind in enumerate(types)]
    return computed_image(image, dict(zip(each.outputs, made, strict=True)))
