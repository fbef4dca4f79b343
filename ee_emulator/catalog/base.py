"""The contract between the engine and whatever serves pixels and tables under asset ids."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from affine import Affine
from numpy.typing import NDArray

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees (EPSG:4326)."""


@dataclass(frozen=True)
class BandSpec:
    """One stored band, at its native lattice.

    Attributes:
        name: Band name as in the official catalogue.
        dtype: Numpy name of the stored type: `int8`, `uint16`, `float32`, `float64`, …
        crs: `EPSG:n`.
        transform: Pixel corner (column, row) to CRS coordinates of the native lattice.
        dimensions: Columns and rows; None for an image without bounds.
    """

    name: str
    dtype: str
    crs: str
    transform: Affine
    dimensions: tuple[int, int] | None = None


@dataclass(frozen=True)
class Window:
    """A rectangle on a band's native lattice; it may reach past the band's edge (masked there)."""

    column: int
    row: int
    width: int
    height: int


@dataclass(frozen=True)
class Pixels:
    """Pixels of one band.

    Attributes:
        values: In the band's dtype, (height, width).
        mask: True where valid, (height, width).
        opacity: Share 0..1 of each valid pixel, float32 (height, width), where a picture is translucent; None for 1.
    """

    values: NDArray[Any]
    mask: NDArray[np.bool_]
    opacity: NDArray[np.float32] | None = None


class ImageAsset(Protocol):
    """An image that can be read window by window; nothing is computed before `read`."""

    @property
    def id(self) -> str:
        """Asset id."""
        ...

    @property
    def bands(self) -> tuple[BandSpec, ...]:
        """Stored bands, in order."""
        ...

    @property
    def properties(self) -> Mapping[str, Any]:
        """Metadata without `system:index`; `system:time_start` and `system:time_end` in ms since 1970 UTC."""
        ...

    @property
    def bounds(self) -> Bounds:
        """Footprint's extent."""
        ...

    def read(self, bands: Sequence[str], window: Window, overview: int = 0) -> dict[str, Pixels]:
        """Reads bands that share one lattice.

        Args:
            bands: Names of bands; all on the same native lattice.
            window: On the lattice of the overview asked for.
            overview: 0 is native; n is a lattice coarser by 2**n (Earth Engine's pyramid).
        """
        ...


class ImageCollectionAsset(Protocol):
    """A collection of images under one id."""

    @property
    def id(self) -> str:
        """Asset id."""
        ...

    @property
    def properties(self) -> Mapping[str, Any]:
        """Metadata."""
        ...

    def images(
        self, bounds: Bounds | None = None, start_ms: float | None = None, end_ms: float | None = None
    ) -> Iterable[ImageAsset]:
        """Images in id order. The hints narrow the answer where that is cheap; the engine filters again."""
        ...


@dataclass(frozen=True)
class TableRow:
    """One feature: GeoJSON geometry in EPSG:4326 (or None), its id (`system:index`) and properties."""

    id: str
    geometry: Mapping[str, Any] | None
    properties: Mapping[str, Any] = field(default_factory=dict)


class TableAsset(Protocol):
    """A feature collection under one id."""

    @property
    def id(self) -> str:
        """Asset id."""
        ...

    @property
    def properties(self) -> Mapping[str, Any]:
        """Metadata."""
        ...

    def rows(self, bounds: Bounds | None = None) -> Iterable[TableRow]:
        """Features in id order; with `bounds`, at least those whose geometry meets them."""
        ...


Asset = ImageAsset | ImageCollectionAsset | TableAsset


class Catalog(Protocol):
    """Finds assets by id; several catalogues are asked in turn (`catalog/chain.py`)."""

    def get(self, asset_id: str) -> Asset | None:
        """The asset (also one image of a collection, `COLLECTION/INDEX`), or None where this catalogue has none."""
        ...

    def list(self, parent: str) -> Sequence[Asset]:
        """Assets directly under a folder or the images of a collection; empty where there are none."""
        ...
