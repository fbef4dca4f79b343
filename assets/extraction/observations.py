"""Observations of the labels: from Earth Engine's tables, or from a user's files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ee
import numpy as np
import polars as pl
import pyproj
import shapely
import shapely.geometry
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from assets.extraction.connection import Session, activate
from assets.extraction.job import Job
from assets.extraction.requests import fetch_features
from assets.extraction.tables import look_up_table
from lake.errors import BadInputError
from lake.grid import CityGrid, GridWindow
from lake.observations import DISTRICTS, POINTS, Schema

if TYPE_CHECKING:
    import geopandas

USER_POINTS: Schema = {name: dtype for name, dtype in POINTS.items() if name != "pixel"}
"""Columns of a user's points; `pixel` follows from the place."""
_POLYGON_FILES = ("districts.geoparquet", "districts.geojson")


@dataclass(frozen=True)
class Observations:
    """Raw label observations of a city and year, for dbt.

    Attributes:
        points: Observations at places: observation_id, pixel (null outside the surveyed pixels), lon, lat, label,
            value, unit, observed_on (ISO 8601), source.
        districts: Figures of districts: district_id, label, value, unit, year, source.
        pixel_district: Every pixel with the district in which its centre lies: pixel, district_id (null where none),
            row, col.
        metadata: As an extraction's.
    """

    points: pl.DataFrame
    districts: pl.DataFrame
    pixel_district: pl.DataFrame
    metadata: dict[str, str]


def extract_observations(session: Session, grid: CityGrid, year: int) -> Observations:
    """Observations from the user assets `label_points_YEAR` and `label_districts_YEAR` around a city.

    Points have the properties of `USER_POINTS` but for `lon` and `lat`, which their geometry tells; districts are one
    feature a district and label, with the properties of `DISTRICTS` and the district's polygon.

    Raises:
        ExtractionError: Earth Engine refused, or does not answer.
        BadInputError: A table's properties are not the ones wanted.
    """
    activate(session)
    job = Job(session, "observations", grid, year)
    assets = [job.user_asset(f"label_{kind}_{year}") for kind in ("points", "districts")]
    metadata = look_up_table(job, *assets) | {"source_year": str(year)}
    points, districts = (fetch_features(job, ee.FeatureCollection(a).filterBounds(job.surveyed)) for a in assets)
    lonlat = [dict(zip(("lon", "lat"), point["geometry"]["coordinates"], strict=False)) for point in points]
    rows = [point["properties"] | place for point, place in zip(points, lonlat, strict=True)]
    figures = [district["properties"] for district in districts]
    return Observations(
        points=_with_pixel(conform(pl.DataFrame(rows, infer_schema_length=None), USER_POINTS, assets[0]), grid),
        districts=conform(pl.DataFrame(figures, infer_schema_length=None), DISTRICTS, assets[1]),
        pixel_district=pixel_districts(grid, _polygons(districts, grid)),
        metadata=metadata,
    )


def read_observations(folder: str | Path, grid: CityGrid, year: int) -> Observations:
    """Observations of one city and year from a folder of a user's own tables.

    The folder holds, for all cities and years together:

    - `points.parquet` or `points.csv`, the columns of `USER_POINTS`: one observation a row, `lon` and `lat` in degrees
      (WGS-84), `observed_on` a date (ISO 8601);
    - `districts.parquet` or `districts.csv`, the columns of `DISTRICTS`: one figure a row;
    - `districts.geojson` or `districts.geoparquet`: the polygon of each `district_id`.

    Both tables may have a column `city` with city ids. Without it a point belongs to the cities whose window it lies
    in, a district to those whose window its polygon meets. A figure whose district has no polygon is kept for every
    city, and points without a readable date for every year, so that the checks that follow can tell of them.

    Raises:
        BadInputError: A file is missing, is not readable, or has other columns or types; names file and column.
    """
    folder = Path(folder)
    points_file, districts_file = (_only_file(folder, kind) for kind in ("points", "districts"))
    polygons_file = next((folder / name for name in _POLYGON_FILES if (folder / name).is_file()), None)
    if polygons_file is None:
        raise BadInputError(
            f"{folder} has none of {' or '.join(_POLYGON_FILES)}: the districts' polygons belong there."
        )
    points = _read_table(points_file, USER_POINTS)
    _check_degrees(points, points_file)
    points = points.filter(~_between_blocks(grid))
    districts = _read_table(districts_file, DISTRICTS)
    polygons = _read_polygons(polygons_file, grid)
    here = _meeting(polygons, grid)
    known = pl.Series("district_id", list(polygons), dtype=pl.String)
    # Figures of districts that have a polygon, but elsewhere, are other cities'.
    ours = pl.col("district_id").is_in(list(here)) | ~pl.col("district_id").is_in(known.implode())
    return Observations(
        points=_with_pixel(_of_year(_of_city(points, grid, _in(grid.window)), year).select(*USER_POINTS), grid),
        districts=_of_city(districts, grid, ours)
        .filter((pl.col("year") == year) | pl.col("year").is_null())
        .select(*DISTRICTS),
        pixel_district=pixel_districts(grid, here),
        metadata={
            "source": "; ".join(file.name for file in (points_file, districts_file, polygons_file)),
            "source_year": str(year),
            "provider": "your own tables",
            "simulated": "false",
        },
    )


def conform(frame: pl.DataFrame, schema: Schema, where: str) -> pl.DataFrame:
    """A table with the schema's columns, in its order and types, and nothing else.

    Raises:
        BadInputError: A column is missing or of another type; names `where`, the columns wanted and found.
    """
    if frame.is_empty() and not frame.columns:
        return pl.DataFrame(schema=schema)
    missing = [name for name in schema if name not in frame.columns]
    if missing:
        raise BadInputError(
            f"{where}: no column {', '.join(missing)}. Wanted: {', '.join(schema)}. Found: {', '.join(frame.columns)}."
        )
    return frame.select(_cast(frame[name], dtype, where) for name, dtype in schema.items())


def _cast(column: pl.Series, dtype: type[pl.DataType], where: str) -> pl.Series:
    try:
        return column.cast(dtype)
    except pl.exceptions.PolarsError as error:
        loose = column.cast(dtype, strict=False)
        example = column.filter(loose.is_null() & column.is_not_null()).head(1).to_list()
        raise BadInputError(
            f"{where}: column {column.name} should be {dtype.__name__}, but is {column.dtype} with values such as "
            f"{example[0] if example else '?'!r}."
        ) from error


def pixel_districts(grid: CityGrid, polygons: Mapping[str, BaseGeometry]) -> pl.DataFrame:
    """The district of every pixel's centre; the one of the lowest id where polygons overlap.

    Args:
        grid: The pixels.
        polygons: By district id, in the grid's CRS.
    """
    ids = sorted(polygons)
    owner = np.full(grid.pixel.size, len(ids), np.int64)
    pixel, polygon = shapely.STRtree([polygons[key] for key in ids]).query(
        shapely.points(*grid.centres()), predicate="intersects"
    )
    np.minimum.at(owner, pixel, polygon)
    names: list[str | None] = [*ids, None]
    return pl.DataFrame(
        {
            "pixel": pl.Series(grid.pixel, dtype=pl.UInt32),
            "district_id": pl.Series([names[k] for k in owner.tolist()], dtype=pl.String),
            "row": pl.Series(grid.rows, dtype=pl.Int32),
            "col": pl.Series(grid.columns, dtype=pl.Int32),
        }
    )


def _polygons(districts: Sequence[Mapping[str, Any]], grid: CityGrid) -> dict[str, BaseGeometry]:
    """The polygon of each district in the grid's CRS: the first feature's, as all of a district have the same."""
    shapes: dict[str, BaseGeometry] = {}
    for district in districts:
        key = str(district["properties"]["district_id"])
        if key not in shapes and district["geometry"] is not None:
            shapes[key] = _projected(shapely.geometry.shape(district["geometry"]), grid)
    return shapes


def _projected(shape: BaseGeometry, grid: CityGrid) -> BaseGeometry:
    to_grid = pyproj.Transformer.from_crs("EPSG:4326", grid.crs, always_xy=True)

    def project(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(to_grid.transform(lonlat[:, 0], lonlat[:, 1]))

    return shapely.make_valid(shapely.transform(shape, project))


def _with_pixel(points: pl.DataFrame, grid: CityGrid) -> pl.DataFrame:
    """Adds the pixel in which each point lies, after its id; null outside the surveyed pixels."""
    pixel = grid.locate(points["lon"].to_numpy(), points["lat"].to_numpy())
    located = pl.Series("pixel", pixel, dtype=pl.Int64)
    known = located.set(located < 0, None).cast(pl.UInt32)
    first, *others = USER_POINTS
    return points.with_columns(known).select(first, "pixel", *others)


# A user's files ---------------------------------------------------------------------------------------------------


def _only_file(folder: Path, kind: str) -> Path:
    found = [folder / f"{kind}{suffix}" for suffix in (".parquet", ".csv") if (folder / f"{kind}{suffix}").is_file()]
    if len(found) != 1:
        state = "both of" if found else "none of"
        raise BadInputError(
            f"{folder} has {state} {kind}.parquet and {kind}.csv; it should have one. AEF_ECON_OBSERVATIONS names the "
            "folder."
        )
    return found[0]


def _read_table(file: Path, schema: Schema) -> pl.DataFrame:
    """A file's columns of the schema, and `city` where it has one."""
    try:
        frame = pl.read_parquet(file) if file.suffix == ".parquet" else pl.read_csv(file, infer_schema_length=None)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BadInputError(f"{file} cannot be read as a table: {error}") from error
    optional: Schema = {"city": pl.String} if "city" in frame.columns else {}
    return conform(frame, {**schema, **optional}, str(file))


def _check_degrees(points: pl.DataFrame, file: Path) -> None:
    # is_between is null for a missing coordinate, which is as useless as a wrong one
    sensible = points["lon"].is_between(-180, 180) & points["lat"].is_between(-90, 90)
    wrong = points.filter(~sensible.fill_null(False))
    if wrong.height:
        row = wrong.row(0, named=True)
        raise BadInputError(
            f"{file}: {wrong.height} of {points.height} points have no place on Earth, for instance "
            f"{row['observation_id']} with lon {row['lon']}, lat {row['lat']}. Wanted are degrees (WGS-84); are they "
            "exchanged?"
        )


def _read_polygons(file: Path, grid: CityGrid) -> dict[str, BaseGeometry]:
    import geopandas
    from pyogrio.errors import DataSourceError  # type: ignore[import-untyped]

    try:
        frame = geopandas.read_parquet(file) if file.suffix == ".geoparquet" else geopandas.read_file(file)
    except (OSError, ValueError, DataSourceError) as error:
        raise BadInputError(f"{file} cannot be read as polygons: {error}") from error
    if "district_id" not in frame.columns:
        found = ", ".join(map(str, frame.columns))
        raise BadInputError(f"{file}: no column district_id. Wanted: district_id and a polygon. Found: {found}.")
    kinds = set(frame.geometry.geom_type) - {"Polygon", "MultiPolygon"}
    if kinds:
        raise BadInputError(f"{file}: districts should be polygons; there are {', '.join(map(str, sorted(kinds)))}.")
    return _by_district(frame if frame.crs is None else frame.to_crs("EPSG:4326"), grid)


def _by_district(frame: "geopandas.GeoDataFrame", grid: CityGrid) -> dict[str, BaseGeometry]:
    """One shape a district, in the grid's CRS; a district in several rows is their union."""
    parts: dict[str, list[BaseGeometry]] = {}
    for key, shape in zip(frame["district_id"], frame.geometry, strict=True):
        parts.setdefault(str(key), []).append(_projected(shape, grid))
    return {key: shapely.union_all(shapes) for key, shapes in parts.items()}


def _meeting(polygons: Mapping[str, BaseGeometry], grid: CityGrid) -> dict[str, BaseGeometry]:
    window = shapely.box(*grid.window.bounds)
    return {key: shape for key, shape in polygons.items() if shape.intersects(window)}


def _of_city(frame: pl.DataFrame, grid: CityGrid, otherwise: pl.Expr) -> pl.DataFrame:
    return frame.filter(pl.col("city") == grid.city if "city" in frame.columns else otherwise)


def _between_blocks(grid: CityGrid) -> pl.Expr:
    """Places among the blocks of a spread sample, but in none of them; no place for other grids."""
    return _in(grid.window) & ~pl.any_horizontal(_in(window) for window in grid.surveyed_windows)


def _in(window: GridWindow) -> pl.Expr:
    west, south, east, north = window.bounds_wgs84
    return pl.col("lon").is_between(west, east) & pl.col("lat").is_between(south, north)


def _of_year(points: pl.DataFrame, year: int) -> pl.DataFrame:
    told = pl.col("observed_on").str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False).dt.year()
    return points.filter((told == year) | told.is_null())
