"""Arrays as assets: a real catalogue of tiny images, so that tests read through the whole engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from affine import Affine

from ee_emulator import algorithms
from ee_emulator.catalog.base import Asset, BandSpec, Bounds, ImageAsset, Pixels, Window
from ee_emulator.catalog.rasters import coarsened
from ee_emulator.raster.collection import image_of
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.projection import geographic_bounds
from ee_emulator.raster.render import render
from ee_emulator.raster.values import Image
from ee_emulator.registry import Context, invoke

algorithms.load()

TEN_METRES = Affine(10.0, 0.0, 500_000.0, 0.0, -10.0, 3_400_000.0)
UTM = "EPSG:32650"


@dataclass(eq=False)
class ArrayImage:
    """Bands given as arrays; reads are noted in `windows`."""

    arrays: Mapping[str, np.ndarray]
    masks: Mapping[str, np.ndarray] = field(default_factory=dict)
    id: str = "tests/image"
    transform: Affine = TEN_METRES
    crs: str = UTM
    properties: Mapping[str, Any] = field(default_factory=dict)
    windows: list[tuple[tuple[str, ...], Window, int]] = field(default_factory=list)

    @property
    def bands(self) -> tuple[BandSpec, ...]:
        return tuple(
            BandSpec(name, a.dtype.name, self.crs, self.transform, (a.shape[1], a.shape[0]))
            for name, a in self.arrays.items()
        )

    @property
    def bounds(self) -> Bounds:
        height, width = next(iter(self.arrays.values())).shape
        return geographic_bounds(Grid(self.crs, self.transform, width, height))

    def read(self, bands: Sequence[str], window: Window, overview: int = 0) -> dict[str, Pixels]:
        self.windows.append((tuple(bands), window, overview))
        answer = {}
        for name in bands:
            array = self.arrays[name]
            level = coarsened(Pixels(array, self.masks.get(name, np.ones(array.shape, bool))), 2**overview, "mean")
            rows = np.arange(window.row, window.row + window.height)
            columns = np.arange(window.column, window.column + window.width)
            height, width = level.values.shape
            inside = ((rows >= 0) & (rows < height))[:, None] & ((columns >= 0) & (columns < width))
            at = np.ix_(np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1))
            answer[name] = Pixels(np.where(inside, level.values[at], 0).astype(array.dtype), level.mask[at] & inside)
        return answer


class NoCatalog:
    """Knows no assets."""

    def get(self, asset_id: str) -> Asset | None:
        return None

    def list(self, parent: str) -> Sequence[Asset]:
        return ()


CONTEXT = Context(NoCatalog())


def call(name: str, **arguments: Any) -> Any:
    """An algorithm by its name, arguments under the signature's names (`from_` for a keyword)."""
    return invoke(name, {key.rstrip("_"): value for key, value in arguments.items()}, CONTEXT)


def image(arrays: Mapping[str, Any] | Any, masks: Mapping[str, Any] | Any = None, **fields: Any) -> Image:
    """An image of arrays: one (band `b`) or several by name."""
    named = arrays if isinstance(arrays, Mapping) else {"b": arrays}
    hidden = masks if isinstance(masks, Mapping) else ({} if masks is None else {"b": masks})
    return image_of(stored(named, hidden, **fields))


def stored(arrays: Mapping[str, Any], masks: Mapping[str, Any] | None = None, **fields: Any) -> ArrayImage:
    """The asset of `image`."""
    return ArrayImage(
        {k: np.asarray(v) for k, v in arrays.items()},
        {k: np.asarray(v, bool) for k, v in (masks or {}).items()},
        **fields,
    )


def native(width: int, height: int) -> Grid:
    """The lattice of the test images."""
    return Grid(UTM, TEN_METRES, width, height)


def pixels(given: Image, grid: Grid | None = None, band: str | None = None) -> Pixels:
    """One band's pixels, on the image's own lattice unless given."""
    name = band or given.names[0]
    chosen = given.bands[name]
    if grid is None:
        assert chosen.dimensions is not None
        grid = native(*chosen.dimensions)
    return render(given, grid, [name], CONTEXT)[name]


def masked_list(given: Pixels) -> list[list[Any]]:
    """Rows of values, None where masked."""
    return [
        [v if ok else None for v, ok in zip(row, oks, strict=True)]
        for row, oks in zip(given.values.tolist(), given.mask.tolist(), strict=True)
    ]


def collection(images: Iterable[Image]) -> Any:
    """An image collection of images."""
    return call("ImageCollection.fromImages", images=list(images))


__all__ = ["ArrayImage", "ImageAsset", "call", "collection", "image", "masked_list", "native", "pixels", "stored"]
