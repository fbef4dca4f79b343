"""Feature collections as files: CSV, GeoJSON, KML and KMZ, shapefiles and TFRecord."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ee_emulator.encode import encode, encode_feature, encode_geometry
from ee_emulator.errors import EarthEngineError
from ee_emulator.geometry import geodesy
from ee_emulator.registry import Context, coerce
from ee_emulator.rest.files import File
from ee_emulator.rest.service import value_of
from ee_emulator.values import Date, Feature

if TYPE_CHECKING:
    import geopandas

INDEX, GEOMETRY = "system:index", ".geo"


def table_download(request: Mapping[str, Any], context: Context) -> File:
    """The file of a `tables` resource."""
    features = list(coerce(value_of(request, context), "FeatureCollection", context).elements())
    return table_file(
        features, request.get("fileFormat") or "CSV", request.get("selectors"), request.get("filename") or "table"
    )


def check_format(file_format: str | None) -> None:
    """Refuses a format that is not there.

    Raises:
        EarthEngineError: It is none of ours.
    """
    if (file_format or "CSV") not in _FORMATS:
        raise EarthEngineError(f"not supported by the emulator: tables as {file_format}")


def table_file(features: Sequence[Feature], file_format: str, selectors: Sequence[str] | None, name: str) -> File:
    """A table as a file.

    Args:
        features: The rows.
        file_format: As the REST interface calls it: `CSV`, `GEO_JSON`, `KML`, ….
        selectors: Columns, in order; None for all of the first row, whose properties decide for the others too.
        name: Name of the file without its ending.

    Raises:
        EarthEngineError: A format that is not there, or features that it cannot hold.
    """
    check_format(file_format)
    return _FORMATS[file_format](features, columns_of(features, selectors), name)


def columns_of(features: Sequence[Feature], selectors: Sequence[str] | None) -> list[str]:
    """The columns asked for, or index, properties by name and geometry."""
    if selectors:
        return list(selectors)
    return [INDEX, *(sorted(features[0].properties) if features else []), GEOMETRY]


def _csv(features: Sequence[Feature], columns: list[str], name: str) -> File:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(feature, column) for column in columns] for feature in features)
    return File(buffer.getvalue().encode(), "text/csv", f"{name}.csv")


def _cell(feature: Feature, column: str) -> str:
    if column == INDEX:
        return feature.id or ""
    if column == GEOMETRY:
        return _compact(encode_geometry(feature.geometry)) if feature.geometry else ""
    return _text(feature.properties.get(column))


def _text(value: Any) -> str:
    """A property as text: nothing for null, JSON for what has parts."""
    if value is None:
        return ""
    if isinstance(value, Date):
        return datetime.fromtimestamp(value.ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    if isinstance(value, bool):
        return "true" if value else "false"
    encoded = encode(value)
    return encoded if isinstance(encoded, str) else _compact(encoded)


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _geojson(features: Sequence[Feature], columns: list[str], name: str) -> File:
    rows = [encode_feature(feature) for feature in features]
    for row in rows:
        row["properties"] = {key: value for key, value in row["properties"].items() if key in columns}
        if GEOMETRY not in columns:
            row["geometry"] = None
    content = json.dumps({"type": "FeatureCollection", "features": rows})
    return File(content.encode(), "application/json", f"{name}.geojson")


def _kml(features: Sequence[Feature], columns: list[str], name: str) -> File:
    with tempfile.TemporaryDirectory() as folder:
        (path,) = _write(features, columns, Path(folder) / f"{name}.kml", "LIBKML")
        return File(path.read_bytes(), "application/vnd.google-earth.kml+xml", path.name)


def _kmz(features: Sequence[Feature], columns: list[str], name: str) -> File:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", _kml(features, columns, name).content)
    return File(buffer.getvalue(), "application/vnd.google-earth.kmz", f"{name}.kmz")


def _shapefile(features: Sequence[Feature], columns: list[str], name: str) -> File:
    """The several files of a shapefile in an archive."""
    buffer = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in _write(features, columns, Path(folder) / f"{name}.shp", "ESRI Shapefile"):
            archive.write(path, path.name)
    return File(buffer.getvalue(), "application/zip", f"{name}.zip")


def _write(features: Sequence[Feature], columns: list[str], path: Path, driver: str) -> list[Path]:
    """Lets GDAL write a file or several; what was written, in order of the names."""
    frame = _frame(features, columns)
    if driver == "ESRI Shapefile":
        frame = frame.rename(columns=_short_names([name for name in columns if name != GEOMETRY]))
    try:
        frame.to_file(path, driver=driver, engine="pyogrio")
    except (RuntimeError, ValueError) as error:  # pyogrio's own are of these
        raise EarthEngineError(f"The table cannot be written as {driver}: {error}") from error
    return sorted(path.parent.glob(f"{path.stem}.*"))


def _short_names(names: Sequence[str]) -> dict[str, str]:
    """Names of at most ten characters, which is what a shapefile holds; different ones stay different."""
    short: dict[str, str] = {}
    for name in names:
        plain = name.replace(":", "_")
        candidate, count = plain[:10], 0
        while candidate in short.values():
            count += 1
            candidate = f"{plain[: 9 - len(str(count))]}_{count}"
        short[name] = candidate
    return short


def _frame(features: Sequence[Feature], columns: list[str]) -> geopandas.GeoDataFrame:
    import geopandas

    names = [column for column in columns if column != GEOMETRY]
    shapes = [geodesy.in_degrees(feature.geometry) if feature.geometry else None for feature in features]
    values = {
        name: [feature.id if name == INDEX else _scalar(feature.properties.get(name)) for feature in features]
        for name in names
    }
    return geopandas.GeoDataFrame(values, geometry=shapes, crs="EPSG:4326")


def _scalar(value: Any) -> Any:
    return value if value is None or isinstance(value, int | float | str) else _text(value)


def _tfrecord(features: Sequence[Feature], columns: list[str], name: str) -> File:
    from ee_emulator.rest.exports.tfrecord import example_of_feature, records

    names = [column for column in columns if column != GEOMETRY]
    content = records(example_of_feature(feature, names) for feature in features)
    return File(content, "application/octet-stream", f"{name}.tfrecord")


_FORMATS: Mapping[str, Callable[[Sequence[Feature], list[str], str], File]] = {
    "CSV": _csv,
    "GEO_JSON": _geojson,
    "JSON": _geojson,
    "KML": _kml,
    "KMZ": _kmz,
    "SHP": _shapefile,
    "TF_RECORD_TABLE": _tfrecord,
}
