"""What an export does: from a request to the work of a task, whose results are files or an asset."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ee_emulator.catalog.base import TableRow
from ee_emulator.catalog.own import ROWS, Record, write_rows
from ee_emulator.encode import encode, encode_feature
from ee_emulator.errors import EarthEngineError
from ee_emulator.learning.models import Classifier
from ee_emulator.raster.values import Image
from ee_emulator.registry import Context, coerce
from ee_emulator.rest.data_folder import DataFolder, inside, written_whole
from ee_emulator.rest.exports.images import MAX_PIXELS, check_pixels, write_geotiffs, write_raster, write_tfrecord
from ee_emulator.rest.exports.operations import Progress, Work
from ee_emulator.rest.exports.tiles import write_tiles
from ee_emulator.rest.files import PICTURES, File
from ee_emulator.rest.own_assets import OwnAssets
from ee_emulator.rest.pixels import native_grid
from ee_emulator.rest.service import value_of
from ee_emulator.rest.tables import check_format, table_file
from ee_emulator.values import Collection, Date, Feature

Request = Mapping[str, Any]
_WRITERS = {"GEO_TIFF": ("geoTiffOptions", write_geotiffs), "TF_RECORD_IMAGE": ("tfRecordOptions", write_tfrecord)}
EXPORTED_CLASSIFIERS = ("smileRandomForest", "smileCart", "decisionTree", "decisionTreeEnsemble")
PYRAMIDING = ("mean", "mode", "sample", "min", "max", "median")


class Exports:
    """Exports into a data folder.

    Args:
        data: Where files go.
        own: Where assets go.
        context: Makes the evaluation context of a task.
    """

    def __init__(self, data: DataFolder, own: OwnAssets, context: Callable[[], Context]) -> None:
        self._data = data
        self._own = own
        self._context = context

    def image(self, request: Request) -> Work:
        """The work of `image:export`; what cannot be exported is refused before a task starts.

        Raises:
            EarthEngineError: No image, or a destination or format that is not there.
        """
        context = self._context()
        image: Image = coerce(value_of(request, context), "Image", context)
        limit = int(_inner(request.get("maxPixels")) or MAX_PIXELS)
        if "assetExportOptions" in request:
            return self._image_asset(image, request["assetExportOptions"], limit, context)
        options = request.get("fileExportOptions") or {}
        kind = options.get("fileFormat") or "GEO_TIFF"
        if kind not in _WRITERS:
            raise EarthEngineError(f"not supported by the emulator: image exports as {kind}")
        key, write = _WRITERS[kind]
        prefix, address = self._destination(options)

        def work(progress: Progress) -> list[str]:
            grid = native_grid(image)
            check_pixels(grid, limit)
            prefix.parent.mkdir(parents=True, exist_ok=True)
            write(image, grid, prefix, options.get(key) or {}, context, progress)
            return [address]

        return work

    def _image_asset(self, image: Image, options: Request, limit: int, context: Context) -> Work:
        name, overwrite = _earth_engine_destination(options)
        self._own.check_writable(name, "IMAGE", overwrite=overwrite)
        policies = options.get("pyramidingPolicyOverrides") or {}
        default = options.get("pyramidingPolicy")
        record: Record = {"type": "IMAGE"} | _own_metadata(image.properties)

        def work(progress: Progress) -> list[str]:
            def fill(place: Path) -> Record:
                bands = []
                for number, (band, file) in enumerate(_band_files(image, place)):
                    single = image.with_bands({band: image.bands[band]})
                    grid = native_grid(single)
                    check_pixels(grid, limit)

                    def share(done: float, number: int = number) -> None:
                        progress((number + done) / len(image.bands))

                    write_raster(single, grid, file, image.bands[band].type.dtype, context, share, mask=True)
                    policy = pyramiding(policies.get(band, default))
                    bands.append({"id": band, "file": file.name, "layer": 0, "pyramiding": policy})
                return {"bands": bands}

            return [self._own.write(name, record, fill, overwrite=overwrite)]

        return work

    def table(self, request: Request) -> Work:
        """The work of `table:export`.

        Raises:
            EarthEngineError: No table, or a destination or format that is not there.
        """
        context = self._context()
        collection: Collection = coerce(value_of(request, context), "FeatureCollection", context)
        for key in ("featureViewExportOptions", "bigqueryExportOptions"):
            if key in request:
                raise EarthEngineError(f"not supported by the emulator: table exports with {key}")
        selectors = list(request.get("selectors") or [])
        if "assetExportOptions" in request:
            return self._table_asset(collection, selectors, request["assetExportOptions"])
        options = request.get("fileExportOptions") or {}
        kind = options.get("fileFormat") or "CSV"
        check_format(kind)
        prefix, address = self._destination(options)

        def work(progress: Progress) -> list[str]:
            features = _features(collection, progress)
            file = table_file(features, kind, selectors, prefix.name)
            progress(0.9)
            members = _members(file) if kind == "SHP" else {str(file.name): file.content}
            for member, content in members.items():
                with written_whole(prefix.with_name(member)) as place:
                    place.write_bytes(content)
            return [address]

        return work

    def map(self, request: Request) -> Work:
        """The work of `map:export`.

        Raises:
            EarthEngineError: No image, or another destination than a bucket.
        """
        context = self._context()
        image: Image = coerce(value_of(request, context), "Image", context)
        options = request.get("tileExportOptions") or {}
        prefix, address = self._destination(options)
        kind = options.get("fileFormat") or "AUTO_JPEG_PNG"
        if kind not in PICTURES:
            raise EarthEngineError(f"not supported by the emulator: map tiles as {kind}")

        def work(progress: Progress) -> list[str]:
            write_tiles(image, prefix, request.get("tileOptions") or {}, kind, context, progress)
            return [address]

        return work

    def classifier(self, request: Request) -> Work:
        """The work of `classifier:export`; it learns once, so that what it cannot learn fails the task.

        Raises:
            EarthEngineError: No classifier, one of a kind that Earth Engine does not export, or no place for an asset.
        """
        context = self._context()
        classifier: Classifier = coerce(value_of(request, context), "Classifier", context)
        if classifier.name not in EXPORTED_CLASSIFIERS:
            raise EarthEngineError(f"Only {', '.join(EXPORTED_CLASSIFIERS)} can be exported, not {classifier.name}.")
        name, overwrite = _earth_engine_destination(request.get("assetExportOptions") or {})
        self._own.check_writable(name, "CLASSIFIER", overwrite=overwrite)
        record: Record = {"type": "CLASSIFIER", "expression": request["expression"]}

        def work(progress: Progress) -> list[str]:
            assert classifier.fitted is not None
            progress(0.9)
            return [self._own.write(name, record, lambda _: {}, overwrite=overwrite)]

        return work

    def _table_asset(self, collection: Collection, selectors: Sequence[str], options: Request) -> Work:
        name, overwrite = _earth_engine_destination(options)
        self._own.check_writable(name, "TABLE", overwrite=overwrite)
        record: Record = {"type": "TABLE"} | _own_metadata(collection.properties)

        def work(progress: Progress) -> list[str]:
            rows = [_row(feature, selectors) for feature in _features(collection, progress)]

            def fill(place: Path) -> Record:
                write_rows(place / ROWS, rows)
                return {}

            return [self._own.write(name, record, fill, overwrite=overwrite)]

        return work

    def _destination(self, options: Request) -> tuple[Path, str]:
        """Where the files of an export go, and the address that the client is told.

        Raises:
            EarthEngineError: There is none, or its name leads out of the folder.
        """
        drive, bucket = options.get("driveDestination"), options.get("cloudStorageDestination")
        if drive is not None:
            path = self._data.drive_file(drive.get("folder"), drive.get("filenamePrefix") or "export")
            return path, path.parent.as_uri()
        if bucket is not None:
            name = bucket.get("filenamePrefix") or "export"
            path = self._data.bucket_file(str(bucket.get("bucket")), name)
            return path, f"gs://{bucket['bucket']}/{name.rpartition('/')[0]}"
        raise EarthEngineError("Invalid request: the export has no destination.")


def _members(archive: File) -> dict[str, bytes]:
    """The files of a shapefile, which an export writes side by side."""
    with zipfile.ZipFile(io.BytesIO(archive.content)) as files:
        return {name: files.read(name) for name in files.namelist()}


def _inner(value: Any) -> Any:
    return value.get("value") if isinstance(value, Mapping) else value


def _earth_engine_destination(options: Request) -> tuple[str, bool]:
    destination = options.get("earthEngineDestination") or {}
    if not isinstance(destination.get("name"), str):
        raise EarthEngineError("Invalid request: the export names no asset.")
    return destination["name"], bool(destination.get("overwrite"))


def pyramiding(policy: Any) -> str:
    """The name of a pyramiding policy as the catalogue writes it.

    Raises:
        EarthEngineError: There is no such policy.
    """
    name = str(policy or "MEAN").lower()
    if name == "pyramiding_policy_unspecified":
        return "mean"
    if name not in PYRAMIDING:
        raise EarthEngineError(f"Unknown pyramiding policy '{policy}'; known: {', '.join(PYRAMIDING).upper()}.")
    return name


def _band_files(image: Image, place: Path) -> list[tuple[str, Path]]:
    """A file for each band; names of bands may hold what names of files may not."""
    return [(band, inside(place, f"{number}.tif")) for number, band in enumerate(image.names)]


def _own_metadata(properties: Mapping[str, Any]) -> Record:
    """Properties that stay with an exported asset, with its times apart."""
    kept = {k: encode(v) for k, v in properties.items() if not k.startswith("system:")}
    times = {"start_ms": properties.get("system:time_start"), "end_ms": properties.get("system:time_end")}
    numbers = {k: v.ms if isinstance(v, Date) else v for k, v in times.items() if v is not None}
    return {"properties": kept, **numbers}


def _features(collection: Collection, progress: Progress) -> list[Feature]:
    """The features, noting every hundredth, so that a cancelled task ends soon."""
    found: list[Feature] = []
    for feature in collection.elements():
        found.append(feature)
        if len(found) % 100 == 0:
            progress(min(0.8, len(found) / 100_000))
    return found


def _row(feature: Feature, selectors: Sequence[str]) -> TableRow:
    encoded = encode_feature(feature)
    properties = encoded["properties"]
    if selectors:
        properties = {key: value for key, value in properties.items() if key in selectors}
    return TableRow(encoded.get("id", ""), encoded["geometry"], properties)
