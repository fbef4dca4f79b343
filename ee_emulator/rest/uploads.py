"""Uploads: rasters and tables from a bucket's folder become assets, as their manifest says.

(developers.google.com/earth-engine/guides/image_manifest, …/table_manifest)
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ee_emulator.catalog.own import ROWS, Record, write_rows
from ee_emulator.catalog.tables import FileTable
from ee_emulator.errors import EarthEngineError
from ee_emulator.rest.data_folder import DataFolder
from ee_emulator.rest.exports.operations import Progress, Work
from ee_emulator.rest.exports.tasks import pyramiding
from ee_emulator.rest.own_assets import OwnAssets, metadata_record

Manifest = Mapping[str, Any]
RASTERS = (".tif", ".tiff", ".img")
TABLES = (".csv", ".shp", ".zip", ".geojson", ".json", ".parquet", ".gpkg")
_DEFAULT_TILESET = "0"
_TILED = {"tiled": True, "blockxsize": 256, "blockysize": 256, "compress": "deflate"}


class Uploads:
    """Uploads from the buckets of a data folder to its assets."""

    def __init__(self, data: DataFolder, own: OwnAssets) -> None:
        self._data = data
        self._own = own

    def image(self, request: Mapping[str, Any]) -> Work:
        """The work of `image:import`; a manifest that cannot be followed is refused before a task starts.

        Raises:
            EarthEngineError: The manifest is not complete, or a file is not there.
        """
        manifest, name, overwrite = self._manifest(request, "imageManifest", "IMAGE")
        tilesets = manifest.get("tilesets") or []
        sources = {str(t.get("id") or _DEFAULT_TILESET): self._files(t.get("sources"), RASTERS) for t in tilesets}
        if not tilesets or len(sources) != len(tilesets):
            raise EarthEngineError("Invalid manifest: it needs tilesets, whose ids differ.")
        if manifest.get("maskBands"):
            raise EarthEngineError("not supported by the emulator: mask bands of an upload")
        record = {"type": "IMAGE"} | metadata_record(manifest)

        def work(progress: Progress) -> list[str]:
            def fill(place: Path) -> Record:
                layers = {}
                for number, (tileset, files) in enumerate(sources.items()):
                    path = place / f"{number}.tif"
                    layers[tileset] = _ingested(files, path, _missing(manifest.get("missingData")))
                    progress((number + 1) / len(sources))
                return {"bands": _bands(manifest, layers)}

            return [self._own.write(name, record, fill, overwrite=overwrite)]

        return work

    def table(self, request: Mapping[str, Any]) -> Work:
        """The work of `table:import`: CSV, shapefile (also zipped), GeoJSON, GeoParquet or GeoPackage.

        Raises:
            EarthEngineError: The manifest is not complete, or a file is not there.
        """
        manifest, name, overwrite = self._manifest(request, "tableManifest", "TABLE")
        sources = manifest.get("sources") or []
        if not sources:
            raise EarthEngineError("Invalid manifest: it needs sources.")
        tables = [(self._files([source], (*TABLES, *_SIDECARS)), source) for source in sources]
        record = {"type": "TABLE"} | metadata_record(manifest)

        def work(progress: Progress) -> list[str]:
            def fill(place: Path) -> Record:
                with contextlib.ExitStack() as opened:
                    tables_read = [_table(files, source, opened) for files, source in tables]
                    progress(0.5)
                    write_rows(place / ROWS, (row for table in tables_read for row in table.rows()))
                return {}

            return [self._own.write(name, record, fill, overwrite=overwrite)]

        return work

    def _manifest(self, request: Mapping[str, Any], key: str, kind: str) -> tuple[Manifest, str, bool]:
        manifest = request.get(key)
        if not isinstance(manifest, Mapping) or not isinstance(manifest.get("name"), str):
            raise EarthEngineError(f"Invalid request: '{key}' with the name of the asset is missing.")
        overwrite = bool(request.get("overwrite"))
        self._own.check_writable(manifest["name"], kind, overwrite=overwrite)
        return manifest, manifest["name"], overwrite

    def _files(self, sources: Any, endings: Sequence[str]) -> list[Path]:
        """The files of sources; each source's first is the one to open."""
        uris = [uri for source in sources or [] for uri in source.get("uris") or []]
        files = [self._data.uri_file(str(uri)) for uri in uris]
        for file in files:
            if file.suffix.lower() not in endings:
                raise EarthEngineError(f"Cannot ingest '{file.name}': it is none of {', '.join(endings)}.")
        if not files:
            raise EarthEngineError("Invalid manifest: a source names no file.")
        return files


# Images -----------------------------------------------------------------------------------------------------------


def _ingested(files: Sequence[Path], path: Path, missing: float | None) -> tuple[str, int]:
    """Copies a raster, or puts several together; name and number of layers of the file."""
    import rasterio
    from rasterio.errors import RasterioError
    from rasterio.merge import merge

    try:
        if len(files) == 1:
            shutil.copyfile(files[0], path)
        else:
            merge(list(files), dst_path=path, dst_kwds=_TILED)
        with rasterio.open(path, "r+") as file:
            if file.crs is None:
                raise EarthEngineError(f"Cannot ingest '{files[0].name}': it has no coordinate reference system.")
            if missing is not None:
                file.nodata = missing
            return path.name, int(file.count)
    except (RasterioError, OSError) as error:
        raise EarthEngineError(f"Cannot ingest '{files[0].name}': {error}") from error


def _missing(given: Any) -> float | None:
    values = (given or {}).get("values") or []
    if len(values) > 1:
        raise EarthEngineError("not supported by the emulator: several missing data values of an upload")
    return float(values[0]) if values else None


def _bands(manifest: Manifest, layers: Mapping[str, tuple[str, int]]) -> list[Record]:
    """The bands that a manifest names, or every layer as `b1`, `b2`, ….

    Raises:
        EarthEngineError: It names one that the files do not have.
    """
    default = manifest.get("pyramidingPolicy")
    named = manifest.get("bands")
    if not named:
        every = [(file, layer) for file, count in layers.values() for layer in range(count)]
        policy = pyramiding(default)
        return [
            {"id": f"b{number}", "file": file, "layer": layer, "pyramiding": policy}
            for number, (file, layer) in enumerate(every, start=1)
        ]
    found = []
    for number, band in enumerate(named):
        if not band.get("id"):
            raise EarthEngineError("Invalid manifest: each band needs an id.")
        tileset = str(band.get("tilesetId") or next(iter(layers)))
        layer = int(band.get("tilesetBandIndex") or (0 if band.get("tilesetId") else number))
        file, count = layers.get(tileset, ("", 0))
        if not 0 <= layer < count:
            raise EarthEngineError(f"Invalid manifest: band '{band.get('id')}' is not in the files.")
        policy = pyramiding(band.get("pyramidingPolicy") or default)
        found.append({"id": band["id"], "file": file, "layer": layer, "pyramiding": policy})
    return found


# Tables -----------------------------------------------------------------------------------------------------------

_SIDECARS = (".dbf", ".shx", ".prj", ".cpg", ".fix", ".qix", ".sbn", ".sbx", ".xml")


def _table(files: Sequence[Path], source: Mapping[str, Any], opened: contextlib.ExitStack) -> FileTable:
    """The table of a source; an archive is unpacked for as long as it is open."""
    main = next((file for file in files if file.suffix.lower() in TABLES), files[0])
    if main.suffix.lower() == ".zip":
        main = _unpacked(main, Path(opened.enter_context(tempfile.TemporaryDirectory())))
    x, y = source.get("xColumn") or "longitude", source.get("yColumn") or "latitude"
    return FileTable("", main, coordinates=(x, y), geometry_column=source.get("primaryGeometryColumn"))


def _unpacked(archive: Path, folder: Path) -> Path:
    """The shapefile in an archive."""
    try:
        with zipfile.ZipFile(archive) as members:
            members.extractall(folder)  # zipfile keeps members inside it
    except (zipfile.BadZipFile, OSError) as error:
        raise EarthEngineError(f"Cannot ingest '{archive.name}': {error}") from error
    shapes = sorted(folder.rglob("*.shp"))
    if len(shapes) != 1:
        raise EarthEngineError(f"Cannot ingest '{archive.name}': it holds {len(shapes)} shapefiles instead of one.")
    return shapes[0]
