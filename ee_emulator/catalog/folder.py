"""A folder of your own rasters and tables as assets, described by a `catalog.yaml`.

```yaml
assets:
  - id: projects/my-project/assets/land_cover      # a GeoTIFF (COG or not)
    image: land_cover.tif
    start: 2020-01-01
    properties: {source: our survey}
  - id: COPERNICUS/S2_SR_HARMONIZED                # a NetCDF cube: one image a date
    cube: s2.nc
    crs: EPSG:32635                                # where the file does not say
    bands: {B02: B2, B03: B3}                      # variable: band name; all variables by default
  - id: projects/my-project/assets/scenes          # several GeoTIFFs
    images:
      - {file: a.tif, start: 2020-05-01}
  - id: projects/my-project/assets/places          # GeoParquet, GeoJSON, or CSV with longitude and latitude
    table: places.csv
```

Rasters are read window by window, tables when they are first asked for.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import yaml
from affine import Affine

from ee_emulator.catalog.base import Asset, BandSpec, Bounds, ImageAsset, Pixels, TableRow, Window


class CatalogError(ValueError):
    """A `catalog.yaml` or a file it names cannot be used; says which and why."""


class FolderCatalog:
    """The assets that a folder's `catalog.yaml` describes."""

    def __init__(self, folder: Path) -> None:
        path = folder / "catalog.yaml"
        if not path.is_file():
            raise CatalogError(f"{path} does not exist: a catalogue folder holds a catalog.yaml that names its assets.")
        try:
            described = yaml.safe_load(path.read_text(encoding="utf-8"))
        except yaml.YAMLError as error:
            raise CatalogError(f"{path} is no YAML: {error}") from None
        entries = described.get("assets") if isinstance(described, dict) else None
        if not isinstance(entries, list):
            raise CatalogError(f"{path}: a list `assets` is missing.")
        self._assets: dict[str, Asset] = {}
        for number, entry in enumerate(entries, start=1):
            asset = _asset(folder, entry, f"{path}, asset {number}")
            self._assets[asset.id] = asset

    def get(self, asset_id: str) -> Asset | None:
        """The asset, or one image of a collection."""
        if asset_id in self._assets:
            return self._assets[asset_id]
        parent = self._assets.get(asset_id.rpartition("/")[0])
        if parent is None or not hasattr(parent, "images"):
            return None
        return next((image for image in parent.images() if image.id == asset_id), None)

    def list(self, parent: str) -> Sequence[Asset]:
        """Assets directly under a folder, or the images of a collection."""
        found = self._assets.get(parent)
        if found is not None and hasattr(found, "images"):
            return list(found.images())
        return [self._assets[key] for key in sorted(self._assets) if key.rpartition("/")[0] == parent.rstrip("/")]


def _asset(folder: Path, entry: Any, where: str) -> Asset:
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
        raise CatalogError(f"{where}: an `id` is missing.")
    builders: dict[str, Callable[[Path, Mapping[str, Any], str], Asset]] = {
        "image": _single_image,
        "images": _image_files,
        "cube": _cube,
        "table": _table,
    }
    kinds = [kind for kind in builders if kind in entry]
    if len(kinds) != 1:
        raise CatalogError(f"{where} ({entry['id']}): exactly one of {', '.join(builders)} is needed, found {kinds}.")
    return builders[kinds[0]](folder, entry, where)


def _file(folder: Path, name: Any, where: str) -> Path:
    path = (folder / str(name)).resolve()
    if not path.is_file():
        raise CatalogError(f"{where}: the file {path} does not exist.")
    return path


def _milliseconds(moment: Any, where: str) -> int:
    """A YAML date, ISO text or milliseconds."""
    if isinstance(moment, int):
        return moment
    if isinstance(moment, str):
        try:
            moment = datetime.fromisoformat(moment)
        except ValueError:
            raise CatalogError(f"{where}: {moment!r} is no date.") from None
    if isinstance(moment, datetime):
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return int(moment.timestamp() * 1000)
    if isinstance(moment, date):
        return int(datetime(moment.year, moment.month, moment.day, tzinfo=UTC).timestamp() * 1000)
    raise CatalogError(f"{where}: {moment!r} is no date.")


def _properties(entry: Mapping[str, Any], where: str) -> dict[str, Any]:
    properties = dict(entry.get("properties") or {})
    for key, name in (("start", "system:time_start"), ("end", "system:time_end")):
        if key in entry:
            properties[name] = _milliseconds(entry[key], where)
    return properties


def _degrees(crs: str, bounds: Bounds) -> Bounds:
    transformer = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    west, south, east, north = transformer.transform_bounds(*bounds, densify_pts=21)
    return west, south, east, north


# GeoTIFF ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GeoTiffImage:
    """A GeoTIFF; its overviews are not used: coarser levels are every 2ⁿ-th pixel of the file."""

    id: str
    path: Path
    bands: tuple[BandSpec, ...]
    properties: Mapping[str, Any]
    bounds: Bounds
    nodata: float | None

    def read(self, bands: Sequence[str], window: Window, overview: int = 0) -> dict[str, Pixels]:
        """Reads the window from the file; beyond its edge pixels are masked."""
        import rasterio

        step = 2**overview
        numbers = [[band.name for band in self.bands].index(name) + 1 for name in bands]
        columns = (np.arange(window.column, window.column + window.width) + 0.5) * step
        rows = (np.arange(window.row, window.row + window.height) + 0.5) * step
        with rasterio.open(self.path) as file:
            frame = rasterio.windows.Window(
                window.column * step, window.row * step, window.width * step, window.height * step
            )
            values = file.read(
                numbers, window=frame, boundless=True, fill_value=0, out_shape=(len(bands), window.height, window.width)
            )
            inside = ((rows >= 0) & (rows < file.height))[:, None] & ((columns >= 0) & (columns < file.width))[None, :]
        return {name: Pixels(v, inside & self._valid(v)) for name, v in zip(bands, values, strict=True)}

    def _valid(self, values: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.bool_]]:
        valid = np.isfinite(values)
        if self.nodata is not None and not np.isnan(self.nodata):
            valid &= values != self.nodata
        return np.asarray(valid)


def _geotiff(path: Path, asset_id: str, entry: Mapping[str, Any], where: str) -> GeoTiffImage:
    import rasterio

    try:
        with rasterio.open(path) as file:
            if file.crs is None:
                raise CatalogError(f"{where}: {path} has no coordinate reference system.")
            code = file.crs.to_epsg()
            crs = f"EPSG:{code}" if code else file.crs.to_wkt()
            names = entry.get("bands") or [d or f"b{k}" for k, d in enumerate(file.descriptions, start=1)]
            if len(names) != file.count:
                raise CatalogError(f"{where}: {path} has {file.count} bands, {len(names)} names are given.")
            transform, size = Affine(*tuple(file.transform)[:6]), (file.width, file.height)
            bands = tuple(BandSpec(n, t, crs, transform, size) for n, t in zip(names, file.dtypes, strict=True))
            return GeoTiffImage(
                asset_id, path, bands, _properties(entry, where), _degrees(crs, tuple(file.bounds)), file.nodata
            )
    except rasterio.errors.RasterioIOError as error:
        raise CatalogError(f"{where}: {path} cannot be read: {error}") from None


def _single_image(folder: Path, entry: Mapping[str, Any], where: str) -> GeoTiffImage:
    return _geotiff(_file(folder, entry["image"], where), entry["id"], entry, where)


# Collections ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ListedCollection:
    """A collection of images that are known from the start."""

    id: str
    properties: Mapping[str, Any]
    members: tuple[ImageAsset, ...]

    def images(
        self, bounds: Bounds | None = None, start_ms: float | None = None, end_ms: float | None = None
    ) -> Iterable[ImageAsset]:
        """Members whose date can lie in the range."""
        for image in self.members:
            start = image.properties.get("system:time_start")
            early = start is not None and start_ms is not None and start < start_ms
            late = start is not None and end_ms is not None and start >= end_ms
            if not early and not late:
                yield image


def _image_files(folder: Path, entry: Mapping[str, Any], where: str) -> ListedCollection:
    members = []
    for item in entry["images"]:
        path = _file(folder, item.get("file"), where)
        members.append(_geotiff(path, f"{entry['id']}/{path.stem}", {**entry, **item}, where))
    return ListedCollection(entry["id"], _properties(entry, where), tuple(sorted(members, key=lambda m: m.id)))


@dataclass(frozen=True)
class CubeImage:
    """One date of a NetCDF cube."""

    id: str
    cube: "Cube"
    index: int
    properties: Mapping[str, Any]

    @property
    def bands(self) -> tuple[BandSpec, ...]:
        """The cube's bands."""
        return self.cube.bands

    @property
    def bounds(self) -> Bounds:
        """The cube's extent."""
        return self.cube.bounds

    def read(self, bands: Sequence[str], window: Window, overview: int = 0) -> dict[str, Pixels]:
        """Reads the window of this date."""
        return {name: self.cube.read(name, self.index, window, 2**overview) for name in bands}


@dataclass(frozen=True)
class Cube:
    """A NetCDF file with dimensions time, y and x."""

    path: Path
    names: Mapping[str, str]
    crs: str
    nodata: float | None = None

    @cached_property
    def dataset(self) -> Any:
        """The open file; pixels are read when asked for."""
        import xarray

        return xarray.open_dataset(self.path, mask_and_scale=False)

    @cached_property
    def transform(self) -> Affine:
        """From the regular coordinates of pixel centres."""
        x, y = self.dataset.x.values, self.dataset.y.values
        dx, dy = (x[-1] - x[0]) / (len(x) - 1), (y[-1] - y[0]) / (len(y) - 1)
        return Affine(float(dx), 0.0, float(x[0] - dx / 2), 0.0, float(dy), float(y[0] - dy / 2))

    @cached_property
    def bands(self) -> tuple[BandSpec, ...]:
        """One a variable."""
        size = (self.dataset.sizes["x"], self.dataset.sizes["y"])
        return tuple(
            BandSpec(band, str(self.dataset[variable].dtype), self.crs, self.transform, size)
            for variable, band in self.names.items()
        )

    @cached_property
    def bounds(self) -> Bounds:
        """Extent in degrees."""
        west, north = self.transform @ (0, 0)
        east, south = self.transform @ (self.dataset.sizes["x"], self.dataset.sizes["y"])
        return _degrees(self.crs, (min(west, east), min(north, south), max(west, east), max(north, south)))

    @cached_property
    def _variables(self) -> dict[str, str]:
        return {band: variable for variable, band in self.names.items()}

    def read(self, band: str, index: int, window: Window, step: int) -> Pixels:
        """A window of one date, every `step`-th pixel."""
        variable = self.dataset[self._variables[band]]
        rows = (np.arange(window.row, window.row + window.height) * step) + step // 2
        columns = (np.arange(window.column, window.column + window.width) * step) + step // 2
        in_rows = (rows >= 0) & (rows < variable.sizes["y"])
        in_columns = (columns >= 0) & (columns < variable.sizes["x"])
        values = np.zeros((window.height, window.width), variable.dtype)
        mask = np.zeros(values.shape, bool)
        if in_rows.any() and in_columns.any():
            part = variable.isel(time=index, y=rows[in_rows], x=columns[in_columns]).values
            valid = np.isfinite(part) if part.dtype.kind == "f" else np.ones(part.shape, bool)
            if self.nodata is not None:
                valid = valid & (part != self.nodata)
            at = np.ix_(in_rows, in_columns)
            values[at], mask[at] = np.where(valid, part, 0), valid
        return Pixels(values, mask)


def _cube(folder: Path, entry: Mapping[str, Any], where: str) -> ListedCollection:
    path = _file(folder, entry["cube"], where)
    import xarray

    with xarray.open_dataset(path, mask_and_scale=False) as dataset:
        missing = {"time", "y", "x"} - set(map(str, dataset.dims))
        if missing:
            raise CatalogError(f"{where}: {path} lacks the dimensions {sorted(missing)}.")
        variables = [name for name, v in dataset.data_vars.items() if set(v.dims) == {"time", "y", "x"}]
        times = dataset.time.values.astype("datetime64[ms]").astype(np.int64)
    names = entry.get("bands") or {name: name for name in variables}
    unknown = set(names) - set(variables)
    if unknown:
        raise CatalogError(f"{where}: {path} has no variables {sorted(unknown)}; it has {variables}.")
    if "crs" not in entry:
        raise CatalogError(f"{where}: a cube needs its `crs`, such as EPSG:32635.")
    cube = Cube(path, names, entry["crs"], entry.get("nodata"))
    members = tuple(_cube_image(cube, k, int(ms), entry, where) for k, ms in enumerate(times))
    return ListedCollection(entry["id"], _properties(entry, where), tuple(sorted(members, key=lambda m: m.id)))


def _cube_image(cube: Cube, index: int, ms: int, entry: Mapping[str, Any], where: str) -> CubeImage:
    stamp = datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y%m%dT%H%M%S")
    properties = {**_properties(entry, where), "system:time_start": ms, "system:time_end": ms}
    return CubeImage(f"{entry['id']}/{stamp}", cube, index, properties)


# Tables -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FileTable:
    """A GeoParquet, GeoJSON or CSV file."""

    id: str
    path: Path
    properties: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def _frame(self) -> Any:
        import geopandas
        import pandas

        if self.path.suffix == ".csv":
            table = pandas.read_csv(self.path)
            lon, lat = (next((c for c in names if c in table), None) for names in _COORDINATES)
            if lon is None or lat is None:
                raise CatalogError(f"{self.path}: a CSV table needs the columns longitude and latitude.")
            points = geopandas.points_from_xy(table.pop(lon), table.pop(lat), crs="EPSG:4326")
            return geopandas.GeoDataFrame(table, geometry=points)
        reader = geopandas.read_parquet if self.path.suffix in (".parquet", ".geoparquet") else geopandas.read_file
        return reader(self.path).to_crs("EPSG:4326")

    def rows(self, bounds: Bounds | None = None) -> Iterable[TableRow]:
        """Features that meet the extent."""
        frame = self._frame
        if bounds is not None:
            frame = frame.iloc[np.sort(frame.sindex.query(_box(bounds)))]
        names = [name for name in frame.columns if name != frame.geometry.name]
        for index, shape, values in zip(frame.index, frame.geometry, frame[names].to_dict("records"), strict=True):
            geometry = None if shape is None else shape.__geo_interface__
            yield TableRow(str(index), geometry, {k: _plain(v) for k, v in values.items() if _present(v)})


_COORDINATES = (("longitude", "lon", "x"), ("latitude", "lat", "y"))


def _box(bounds: Bounds) -> Any:
    import shapely

    return shapely.box(*bounds)


def _present(value: Any) -> bool:
    return value is not None and value == value


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _table(folder: Path, entry: Mapping[str, Any], where: str) -> FileTable:
    return FileTable(entry["id"], _file(folder, entry["table"], where), _properties(entry, where))
