"""Assets that clients have made: exported, uploaded, or created as folders and collections.

An asset `projects/P/assets/a/b` is the folder `projects/P/assets/a/b` of the data folder. It holds `asset.json` (type,
properties, times, bands, policy), the rasters or the rows that belong to it, and its children as folders. A name of an
asset holds no dot, so the two cannot meet.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import shapely.geometry

from ee_emulator.catalog.base import Asset, BandSpec, Bounds, ImageAsset, Pixels, TableRow, Window
from ee_emulator.catalog.rasters import GeoTiffImage
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.values import overlap
from ee_emulator.rest.data_folder import DataFolder, inside

RECORD = "asset.json"
ROWS = "rows.geojsonl"
CONTAINERS = ("FOLDER", "IMAGE_COLLECTION")
_ID = re.compile(r"(projects/[a-z][a-z0-9.:-]{4,40}/assets|users/[A-Za-z0-9_-]+)(/[A-Za-z0-9_-]{1,100})*")
_ROOT = re.compile(r"projects/[^/]+/assets|users/[^/]+")

Record = dict[str, Any]


def is_root(asset_id: str) -> bool:
    """Whether this is the folder of a project or user, which is always there."""
    return bool(_ROOT.fullmatch(asset_id))


def folder_of(data: DataFolder, asset_id: str) -> Path:
    """Where an asset of this id is, or would be.

    Raises:
        EarthEngineError: No client can own an asset of this id.
    """
    if not _ID.fullmatch(asset_id):
        raise EarthEngineError(
            f"Invalid asset ID: '{asset_id}'. It is made of letters, digits, '-' and '_' below projects/PROJECT/assets."
        )
    return inside(data.assets, *asset_id.split("/"))


def read_record(folder: Path) -> Record | None:
    """What is known of the asset in a folder; None where there is none."""
    try:
        record: Record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    return record


def children_of(folder: Path) -> Iterator[tuple[str, Record]]:
    """Name and record of each asset directly in a folder, in order of the names."""
    if folder.is_dir():
        for child in sorted(folder.iterdir()):
            record = None if "." in child.name or child.is_symlink() else read_record(child)
            if record is not None:
                yield child.name, record


def metadata_of(record: Record) -> dict[str, Any]:
    """Properties of an asset, its times among them."""
    times = {"system:time_start": record.get("start_ms"), "system:time_end": record.get("end_ms")}
    return {**record.get("properties", {}), **{key: ms for key, ms in times.items() if ms is not None}}


@dataclass(frozen=True, eq=False)
class OwnImage:
    """An image: a GeoTIFF or several, from whose layers its bands are taken.

    Attributes:
        id: Asset id.
        folder: Where its files are.
        record: Each of its `bands` has `id`, `file`, `layer` (from 0) and `pyramiding`.
    """

    id: str
    folder: Path
    record: Record

    @cached_property
    def _layers(self) -> dict[str, tuple[GeoTiffImage, str]]:
        """For each band the file that holds it and its name there."""
        files: dict[tuple[str, str], GeoTiffImage] = {}
        layers = {}
        for band in self.record["bands"]:
            key = band["file"], band.get("pyramiding", "mean")
            if key not in files:
                path = self.folder / band["file"]
                names = tuple(f"layer {k}" for k in range(_layer_count(path)))
                files[key] = GeoTiffImage(self.id, path, {}, names, key[1])
            layers[band["id"]] = files[key], f"layer {band['layer']}"
        return layers

    @cached_property
    def bands(self) -> tuple[BandSpec, ...]:
        """Bands in the order of the record."""
        found = []
        for name, (file, layer) in self._layers.items():
            spec = next(spec for spec in file.bands if spec.name == layer)
            found.append(BandSpec(name, spec.dtype, spec.crs, spec.transform, spec.dimensions))
        return tuple(found)

    @cached_property
    def bounds(self) -> Bounds:
        """Extent of all files in degrees."""
        extents = np.array([file.bounds for file, _ in self._layers.values()])
        west, south = extents[:, :2].min(axis=0)
        east, north = extents[:, 2:].max(axis=0)
        return float(west), float(south), float(east), float(north)

    @property
    def properties(self) -> Mapping[str, Any]:
        """Metadata."""
        return metadata_of(self.record)

    def read(self, bands: Sequence[str], window: Window, overview: int = 0) -> dict[str, Pixels]:
        """Reads a window of each band's file."""
        answer = {}
        for name in bands:
            file, layer = self._layers[name]
            answer[name] = file.read([layer], window, overview)[layer]
        return answer


def _layer_count(path: Path) -> int:
    import rasterio
    from rasterio.errors import RasterioIOError

    try:
        with rasterio.open(path) as source:
            return int(source.count)
    except RasterioIOError as error:
        raise EarthEngineError(f"{path.name}: cannot be read as a raster ({error}).") from error


@dataclass(frozen=True, eq=False)
class OwnCollection:
    """A collection: the images in its folder."""

    id: str
    folder: Path
    record: Record

    @property
    def properties(self) -> Mapping[str, Any]:
        """Metadata."""
        return metadata_of(self.record)

    def images(
        self, bounds: Bounds | None = None, start_ms: float | None = None, end_ms: float | None = None
    ) -> Iterable[ImageAsset]:
        """Images that begin within the dates asked for and meet the extent."""
        for name, record in children_of(self.folder):
            image = OwnImage(f"{self.id}/{name}", self.folder / name, record)
            start = record.get("start_ms")
            early = start_ms is not None and (start is None or start < start_ms)
            late = end_ms is not None and (start is None or start >= end_ms)
            if not early and not late and overlap(bounds, image.bounds if bounds else None):
                yield image


@dataclass(frozen=True, eq=False)
class OwnTable:
    """A table: a GeoJSON feature a line."""

    id: str
    folder: Path
    record: Record

    @property
    def properties(self) -> Mapping[str, Any]:
        """Metadata."""
        return metadata_of(self.record)

    def rows(self, bounds: Bounds | None = None) -> Iterator[TableRow]:
        """Features in order; with `bounds` those whose extent meets them."""
        with (self.folder / ROWS).open(encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                if bounds is None or _meets(row["geometry"], bounds):
                    yield TableRow(row["id"], row["geometry"], row["properties"])


@dataclass(frozen=True, eq=False)
class OwnClassifier:
    """A classifier: the expression that makes it."""

    id: str
    folder: Path
    record: Record

    @property
    def properties(self) -> Mapping[str, Any]:
        """Metadata."""
        return metadata_of(self.record)

    @property
    def expression(self) -> Mapping[str, Any]:
        """The graph, with what it was trained on."""
        expression: Mapping[str, Any] = self.record["expression"]
        return expression


def _meets(geometry: dict[str, Any] | None, bounds: Bounds) -> bool:
    if geometry is None:
        return False
    west, south, east, north = shapely.geometry.shape(geometry).bounds
    return overlap((west, south, east, north), bounds)


def write_rows(path: Path, rows: Iterable[TableRow]) -> None:
    """Writes the file that `OwnTable` reads."""
    with path.open("w", encoding="utf-8") as lines:
        for row in rows:
            feature = {"id": row.id, "geometry": row.geometry, "properties": dict(row.properties)}
            lines.write(json.dumps(feature) + "\n")


_TYPES: Mapping[str, Any] = {
    "CLASSIFIER": OwnClassifier,
    "IMAGE": OwnImage,
    "IMAGE_COLLECTION": OwnCollection,
    "TABLE": OwnTable,
}


class OwnCatalog:
    """The assets of a data folder as a catalogue."""

    def __init__(self, data: DataFolder) -> None:
        self._data = data

    def get(self, asset_id: str) -> Asset | None:
        """The asset; None where there is none, or only a folder of others."""
        if not self._data.exists or not _ID.fullmatch(asset_id):
            return None
        folder = folder_of(self._data, asset_id)
        record = read_record(folder)
        kind = None if record is None else _TYPES.get(record["type"])
        return None if kind is None or record is None else kind(asset_id, folder, record)

    def list(self, parent: str) -> Sequence[Asset]:
        """Images, collections and tables directly under a folder or collection."""
        if not self._data.exists or not _ID.fullmatch(parent):
            return []
        found = [self.get(f"{parent}/{name}") for name, _ in children_of(folder_of(self._data, parent))]
        return [asset for asset in found if asset is not None]
