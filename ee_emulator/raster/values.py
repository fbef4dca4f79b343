"""What an image is inside the engine: ordered bands over a graph of lazy nodes.

Nothing here reads a pixel. Algorithms build nodes; `render.evaluate` asks each node which inputs it needs on
which grids and then lets it compute. A node may have several outputs (all bands of a stored image, all outputs of
a reducer); a band is one output of a node with its pixel type and projection.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ee_emulator.catalog.base import Bounds, Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.pixel_type import PixelType
from ee_emulator.raster.projection import COMPOSITE, Projection

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from ee_emulator.registry import Context

Request = tuple["Band", Grid]


EVERY_INPUT = range(2**31)
"""For `Node.array_inputs`: all of them."""


class Node:
    """One step of a pixel computation; two nodes are equal only if they are the same object."""

    bounds: Bounds | None = None
    """Degrees outside of which every pixel is masked; None for no limit."""

    array_inputs: Container[int] = frozenset()
    """Which of the bands asked for may hold arrays; a node that says nothing takes numbers only."""

    def requests(self, grid: Grid) -> Sequence[Request]:
        """The bands that `compute` needs, each with the grid to evaluate it on."""
        raise NotImplementedError

    def scratch(self, grid: Grid) -> int:
        """Bytes that `compute` needs for a moment besides inputs and outputs; decides how large tiles are."""
        return 0

    def compute(
        self, grid: Grid, inputs: Sequence[Pixels], outputs: Sequence[int], context: Context
    ) -> Mapping[int, Pixels]:
        """The pixels on `grid` of at least the `outputs` asked for, from the pixels of `requests`."""
        raise NotImplementedError


@dataclass(frozen=True)
class Band:
    """One output of a node.

    Attributes:
        node: Where the pixels come from.
        type: Type of the pixels.
        projection: Default projection: what `projection()` says and where `reduceResolution` looks.
        index: Which output of the node.
    """

    node: Node
    type: PixelType
    projection: Projection = COMPOSITE
    index: int = 0
    dimensions: tuple[int, int] | None = None


@dataclass(frozen=True)
class Image:
    """An Earth Engine image.

    Attributes:
        bands: Names and bands, in order.
        properties: Metadata, `system:index` among them; without `system:footprint`.
        id: Asset id; None once pixels have been computed.
        footprint: Outline in degrees; None for an unbounded image.
        version: Version shown for a stored asset.
    """

    bands: Mapping[str, Band] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)
    id: str | None = None
    footprint: BaseGeometry | None = None
    version: int | None = None

    @property
    def names(self) -> list[str]:
        """Band names, in order."""
        return list(self.bands)

    def with_bands(self, bands: Mapping[str, Band]) -> Image:
        """The same metadata over other bands."""
        return replace(self, bands=bands)

    def with_properties(self, properties: Mapping[str, Any]) -> Image:
        """The same pixels under other metadata."""
        return replace(self, properties=dict(properties))

    def map_bands(self, function: Callable[[Band], Band]) -> Image:
        """Applies `function` to each band; names, properties, id and footprint stay."""
        return replace(self, bands={name: function(band) for name, band in self.bands.items()})

    def computed(self) -> Image:
        """The same image without the id of the asset that it came from."""
        return replace(self, id=None, version=None)

    def band(self, name: str) -> Band:
        """The band called `name`.

        Raises:
            EarthEngineError: There is none; Earth Engine's wording.
        """
        found = self.bands.get(name)
        if found is None:
            raise EarthEngineError(
                f"Image.select: Band pattern '{name}' did not match any bands. "
                f"Available bands: [{', '.join(self.names)}]"
            )
        return found

    def first_projection(self) -> Projection:
        """Projection of the first band; the composite default for an image without bands."""
        return next((band.projection for band in self.bands.values()), COMPOSITE)


def named(names: Sequence[str], bands: Sequence[Band]) -> dict[str, Band]:
    """Bands under names; a name that repeats gets `_1`, `_2`, … as Earth Engine numbers them."""
    answer: dict[str, Band] = {}
    for name, band in zip(names, bands, strict=True):
        unique, count = name, 0
        while unique in answer:
            count += 1
            unique = f"{name}_{count}"
        answer[unique] = band
    return answer


def intersect(first: Bounds | None, second: Bounds | None) -> Bounds | None:
    """What two extents share; where they share nothing an extent without area."""
    if first is None or second is None:
        return second if first is None else first
    west, south = max(first[0], second[0]), max(first[1], second[1])
    return west, south, max(west, min(first[2], second[2])), max(south, min(first[3], second[3]))


def overlap(first: Bounds | None, second: Bounds | None) -> bool:
    """Whether two extents meet; an unlimited one meets all. Longitudes beyond 180 are not wrapped."""
    if first is None or second is None:
        return True
    return first[0] <= second[2] and second[0] <= first[2] and first[1] <= second[3] and second[1] <= first[3]


def images_of(elements: Iterator[Any]) -> list[Image]:
    """The images of a collection.

    Raises:
        EarthEngineError: An element is not an image.
    """
    images = list(elements)
    for element in images:
        if not isinstance(element, Image):
            raise EarthEngineError(f"ImageCollection: expected images, found a {type(element).__name__}.")
    return images
