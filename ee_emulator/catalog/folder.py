r"""Your own rasters and tables as assets: a folder with a `catalog.yaml`.

```yaml
assets:
  - id: projects/local-ee/assets/elevation        # one image: a GeoTIFF or COG
    image: elevation.tif
    bands: [elevation]
    start: 2000-02-11
    pyramiding: mean                              # or mode (classes), sample
    properties: {source: survey}
  - id: projects/local-ee/assets/yearly           # a collection: a GeoTIFF an image
    images: yearly/*.tif
    date: '(\d{4})'                                # the part of the file name that is the date, or use `items`
  - id: COPERNICUS/S2_SR_HARMONIZED               # a collection: a NetCDF or Zarr cube, one image a date
    cube: s2.nc                                   # or s2.zarr
    bands: {B2: blue, B4: red}                    # band: variable; a list where both are called the same
    pyramiding: mean
  - id: projects/local-ee/assets/shops            # a table: GeoParquet, GeoJSON, GeoPackage or CSV
    table: shops.csv
    coordinates: [lon, lat]
  - id: MODIS/061/MCD12Q1                         # nobody here has it: noise in its place
    stand_in: collection                          # or image, table (`columns`, `rows`, `geometry`, `bounds`)
    bands: {LC_Type1: {range: [1, 17], type: uint8}, QC: [0, 10]}
    scale: 500
    start: 2001-01-01
    end: 2024-01-01
    every: year
```

Paths are relative to the folder. Nothing but the YAML is read before an asset is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from ee_emulator.catalog.base import Asset, Bounds, ImageAsset
from ee_emulator.catalog.rasters import Cube, GeoTiffImage
from ee_emulator.catalog.stand_in import StandInCollection
from ee_emulator.catalog.stand_in_entry import KEYS as STAND_IN_KEYS
from ee_emulator.catalog.stand_in_entry import stand_in
from ee_emulator.catalog.tables import FileTable

_LINE = "__line__"
_COMMON = {"id", "properties"}
_KEYS: dict[str, set[str]] = {
    "image": {"image", "bands", "start", "end", "pyramiding"},
    "images": {"images", "bands", "date", "items", "pyramiding", "image_properties"},
    "cube": {"cube", "bands", "dimensions", "crs", "pyramiding", "image_properties"},
    "table": {"table", "coordinates", "index"},
    "stand_in": STAND_IN_KEYS,
}
_PYRAMIDING = ("mean", "mode", "sample")


class CatalogError(ValueError):
    """The catalogue's YAML is wrong: says file and line."""


class _LineLoader(yaml.SafeLoader):
    """Keeps the line of every mapping, so that an error can name it."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        return {**super().construct_mapping(node, deep=True), _LINE: node.start_mark.line + 1}


_LineLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _LineLoader.construct_mapping)


@dataclass(frozen=True, eq=False)
class FileCollection:
    """GeoTIFF files as a collection.

    Attributes:
        id: Collection id.
        members: The images, in order of their ids.
        properties: Metadata.
    """

    id: str
    members: tuple[GeoTiffImage, ...]
    properties: Mapping[str, Any] = field(default_factory=dict)

    def images(
        self, bounds: Bounds | None = None, start_ms: float | None = None, end_ms: float | None = None
    ) -> Iterable[ImageAsset]:
        """Images that begin within the dates asked for."""
        for image in self.members:
            start = image.properties.get("system:time_start")
            early = start_ms is not None and (start is None or start < start_ms)
            late = end_ms is not None and (start is None or start >= end_ms)
            if not early and not late:
                yield image


class FolderCatalog:
    """The assets of a folder.

    Args:
        path: A folder that holds `catalog.yaml`.

    Raises:
        CatalogError: The YAML is missing or wrong; names file and line.
    """

    def __init__(self, path: str | Path) -> None:
        self._file = Path(path) / "catalog.yaml"
        self._assets: dict[str, Asset] = {}
        for entry in self._entries():
            asset = self._asset(entry)
            if asset.id in self._assets:
                raise self._error(entry, f"the id {asset.id} is there twice")
            self._assets[asset.id] = asset

    def get(self, asset_id: str) -> Asset | None:
        """An asset, or one image of a collection by `COLLECTION/INDEX`."""
        found = self._assets.get(asset_id)
        if found is not None:
            return found
        parent = self._assets.get(asset_id.rpartition("/")[0])
        if isinstance(parent, FileCollection | Cube | StandInCollection):
            return next((image for image in parent.images() if image.id == asset_id), None)
        return None

    def list(self, parent: str) -> Sequence[Asset]:
        """Assets directly under a folder, or the images of a collection."""
        collection = self._assets.get(parent)
        if isinstance(collection, FileCollection | Cube | StandInCollection):
            return tuple(collection.images())
        prefix = parent.rstrip("/") + "/"
        return [
            a for key, a in sorted(self._assets.items()) if key.startswith(prefix) and "/" not in key[len(prefix) :]
        ]

    def _entries(self) -> Sequence[dict[str, Any]]:
        try:
            text = self._file.read_text(encoding="utf-8")
        except OSError as error:
            raise CatalogError(f"{self._file}: cannot be read ({error.strerror}).") from error
        try:
            document = yaml.load(text, _LineLoader)  # noqa: S506 - a SafeLoader
        except yaml.YAMLError as error:
            raise CatalogError(f"{self._file}: is not YAML: {error}") from error
        entries = document.get("assets") if isinstance(document, dict) else None
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise CatalogError(f"{self._file}: needs a list 'assets' of mappings.")
        return entries

    def _error(self, entry: Mapping[str, Any], problem: str) -> CatalogError:
        return CatalogError(f"{self._file}, line {entry[_LINE]}: {problem}.")

    def _asset(self, entry: dict[str, Any]) -> Asset:
        kinds = [kind for kind in _KEYS if kind in entry]
        if not isinstance(entry.get("id"), str) or len(kinds) != 1:
            raise self._error(entry, f"an asset needs an 'id' and one of {', '.join(_KEYS)}")
        kind = kinds[0]
        unknown = set(entry) - _KEYS[kind] - _COMMON - {_LINE}
        if unknown:
            raise self._error(entry, f"unknown {sorted(unknown)}; a '{kind}' takes {sorted(_KEYS[kind] | _COMMON)}")
        if entry.get("pyramiding", "mean") not in _PYRAMIDING:
            raise self._error(entry, f"pyramiding is one of {', '.join(_PYRAMIDING)}")
        return _BUILDERS[kind](self, entry)

    def _path(self, entry: Mapping[str, Any], name: str) -> Path:
        path = self._file.parent / name
        if not path.is_file() and not (path.is_dir() and path.suffix == ".zarr"):
            raise self._error(entry, f"there is no file {path}")
        return path

    def _image(self, entry: dict[str, Any]) -> Asset:
        times = {f"system:time_{key}": self._ms(entry, entry[key]) for key in ("start", "end") if key in entry}
        return self._geotiff(entry, entry["id"], self._path(entry, entry["image"]), times)

    def _geotiff(self, entry: dict[str, Any], asset_id: str, path: Path, extra: Mapping[str, Any]) -> GeoTiffImage:
        names = entry.get("bands")
        own = entry.get("properties" if "image" in entry else "image_properties")
        return GeoTiffImage(
            asset_id,
            path,
            _without_line(own) | dict(extra),
            tuple(names) if names else None,
            entry.get("pyramiding", "mean"),
        )

    def _images(self, entry: dict[str, Any]) -> Asset:
        files = sorted(self._file.parent.glob(entry["images"]))
        if not files:
            raise self._error(entry, f"no file matches {entry['images']}")
        items = {item["file"]: item for item in entry.get("items", [])}
        members = [
            self._geotiff(
                entry, f"{entry['id']}/{file.stem}", file, self._file_times(entry, file, items.get(file.name))
            )
            for file in files
        ]
        return FileCollection(entry["id"], tuple(members), _without_line(entry.get("properties")))

    def _file_times(self, entry: dict[str, Any], file: Path, item: dict[str, Any] | None) -> dict[str, Any]:
        if item is not None:
            times = {f"system:time_{key}": self._ms(item, item[key]) for key in ("start", "end") if key in item}
            return _without_line(item.get("properties")) | times
        if "date" not in entry:
            return {}
        found = re.search(entry["date"], file.stem)
        if found is None:
            raise self._error(entry, f"the pattern {entry['date']!r} does not match {file.name}")
        return {"system:time_start": self._ms(entry, found.group(1) if found.groups() else found.group())}

    def _cube(self, entry: dict[str, Any]) -> Asset:
        bands = entry.get("bands")
        names = {name: name for name in bands} if isinstance(bands, list) else bands and _without_line(bands)
        dimensions = tuple(entry.get("dimensions", ("time", "y", "x")))
        if len(dimensions) != 3:
            raise self._error(entry, "dimensions are three names: time, y, x")
        return Cube(
            entry["id"],
            self._path(entry, entry["cube"]),
            names,
            (dimensions[0], dimensions[1], dimensions[2]),
            entry.get("crs"),
            _without_line(entry.get("properties")),
            _without_line(entry.get("image_properties")),
            entry.get("pyramiding", "mean"),
        )

    def _table(self, entry: dict[str, Any]) -> Asset:
        coordinates = entry.get("coordinates", ("longitude", "latitude"))
        if len(coordinates) != 2:
            raise self._error(entry, "coordinates are two columns: longitude, latitude")
        path = self._path(entry, entry["table"])
        properties = _without_line(entry.get("properties"))
        return FileTable(entry["id"], path, properties, (coordinates[0], coordinates[1]), entry.get("index"))

    def _stand_in(self, entry: dict[str, Any]) -> Asset:
        try:
            return stand_in(_without_lines(entry), lambda value: self._ms(entry, value))
        except CatalogError:
            raise
        except ValueError as error:
            raise self._error(entry, str(error)) from None

    def _ms(self, entry: Mapping[str, Any], value: Any) -> float:
        """A YAML date or text such as 2019, 201907, 20190731 or ISO 8601, in ms since 1970 UTC."""
        if isinstance(value, datetime):
            moment = value if value.tzinfo else value.replace(tzinfo=UTC)
            return moment.timestamp() * 1000
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp() * 1000
        text = str(value)
        try:
            if re.fullmatch(r"\d{4}|\d{6}|\d{8}", text):
                moment = datetime.strptime(text, {4: "%Y", 6: "%Y%m", 8: "%Y%m%d"}[len(text)])
            else:
                moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise self._error(entry, f"{value!r} is no date ({error})") from error
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000


def _without_line(mapping: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: value for key, value in (mapping or {}).items() if key != _LINE}


def _without_lines(value: Any) -> Any:
    """The same without the lines that the loader noted, at any depth."""
    return {k: _without_lines(v) for k, v in value.items() if k != _LINE} if isinstance(value, dict) else value


_BUILDERS: dict[str, Callable[[FolderCatalog, dict[str, Any]], Asset]] = {
    "image": FolderCatalog._image,
    "images": FolderCatalog._images,
    "cube": FolderCatalog._cube,
    "table": FolderCatalog._table,
    "stand_in": FolderCatalog._stand_in,
}
