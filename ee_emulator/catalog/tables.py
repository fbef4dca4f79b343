"""Tables of a folder catalogue: GeoParquet, GeoJSON and CSV files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely
import shapely.errors
from shapely.geometry.base import BaseGeometry

from ee_emulator.catalog.base import Bounds, TableRow
from ee_emulator.errors import EarthEngineError

if TYPE_CHECKING:
    import geopandas
    import pandas as pd


@dataclass(frozen=True, eq=False)
class FileTable:
    """A file with one feature a row.

    Attributes:
        id: Asset id.
        path: `.parquet`, `.geojson`, `.json`, `.gpkg` or `.csv`.
        properties: Metadata.
        coordinates: Columns of longitude and latitude in a CSV.
        index: Column that holds `system:index`; None to number the rows.
        geometry_column: Column of a CSV with WKT or GeoJSON, in place of coordinates.
    """

    id: str
    path: Path
    properties: Mapping[str, Any] = field(default_factory=dict)
    coordinates: tuple[str, str] = ("longitude", "latitude")
    index: str | None = None
    geometry_column: str | None = None

    @cached_property
    def frame(self) -> geopandas.GeoDataFrame:
        """The whole table in EPSG:4326; read once, when the first row is asked for.

        Raises:
            EarthEngineError: The file cannot be read, or a column that the catalogue names is missing.
        """
        import geopandas

        try:
            if self.path.suffix == ".csv":
                frame = self._csv()
            elif self.path.suffix == ".parquet":
                frame = geopandas.read_parquet(self.path)
            else:
                frame = geopandas.read_file(self.path)
        except (OSError, ValueError) as error:
            raise EarthEngineError(f"{self.path}: cannot be read as a table ({error}).") from error
        if self.index is not None and self.index not in frame.columns:
            raise EarthEngineError(f"{self.path}: has no column '{self.index}' for system:index.")
        return frame if frame.crs is None else frame.to_crs("EPSG:4326")

    def _csv(self) -> geopandas.GeoDataFrame:
        import geopandas
        import pandas as pd

        table = pd.read_csv(self.path)
        if self.geometry_column is not None:
            return self._with_shapes(table, self.geometry_column)
        missing = [name for name in self.coordinates if name not in table.columns]
        if missing:
            raise EarthEngineError(
                f"{self.path}: has no column {missing}; name the columns of longitude and latitude with 'coordinates'."
            )
        longitude, latitude = self.coordinates
        points = geopandas.points_from_xy(table[longitude], table[latitude])
        return geopandas.GeoDataFrame(table, geometry=points, crs="EPSG:4326")

    def _with_shapes(self, table: pd.DataFrame, column: str) -> geopandas.GeoDataFrame:
        import geopandas

        if column not in table.columns:
            raise EarthEngineError(f"{self.path}: has no column '{column}' of geometries.")
        shapes = [_shape(text) for text in table[column]]
        return geopandas.GeoDataFrame(table.drop(columns=column), geometry=shapes, crs="EPSG:4326")

    def rows(self, bounds: Bounds | None = None) -> Iterator[TableRow]:
        """Features in file order; with `bounds` those whose extent meets them."""
        frame = self.frame
        positions = range(len(frame)) if bounds is None else sorted(frame.sindex.query(shapely.box(*bounds)))
        geometry = frame.geometry.name
        columns = [name for name in frame.columns if name not in (geometry, self.index)]
        values = {name: frame[name].tolist() for name in columns}
        shapes = frame.geometry.to_numpy()
        keys = None if self.index is None else frame[self.index].tolist()
        for position in positions:
            shape = shapes[position]
            yield TableRow(
                str(position).zfill(20) if keys is None else str(keys[position]),
                None if shape is None or shape.is_empty else shapely.geometry.mapping(shape),
                {name: _plain(values[name][position]) for name in columns},
            )


def _shape(text: Any) -> BaseGeometry | None:
    """A geometry from WKT or GeoJSON; None from an empty cell."""
    if not isinstance(text, str) or not text.strip():
        return None
    try:
        return shapely.from_geojson(text) if text.lstrip().startswith("{") else shapely.from_wkt(text)
    except shapely.errors.ShapelyError as error:
        raise EarthEngineError(f"{text[:60]!r} is neither WKT nor GeoJSON ({error}).") from error


def _plain(value: Any) -> Any:
    """A value as Earth Engine stores it: null for missing, ms for times."""
    import pandas as pd

    if isinstance(value, pd.Timestamp):
        return value.timestamp() * 1000
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):
        return None
    return value
