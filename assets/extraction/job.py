"""What one extraction is asked for, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import ee
import numpy as np
import polars as pl
from affine import Affine
from numpy.typing import NDArray

from assets.extraction.connection import Session
from lake.grid import CityGrid, GridWindow
from lake.streams import Stream


@dataclass(frozen=True)
class Extraction:
    """A stream of a city and year.

    Attributes:
        table: `pixel` (UInt32, ascending, the grid's) and one column a band; AEF Int8 with −128 where missing, else
            Float32 with nulls.
        metadata: Where it comes from: `source` and `source_year` (asset ids and years used), `simulated` (`true` or
            `false`), `provider`, and what else a reader needs. No clock's reading: equal content has an equal hash.
    """

    table: pl.DataFrame
    metadata: dict[str, str]


@dataclass(frozen=True)
class Job:
    """A city and year of something, taken through a session.

    Attributes:
        session: The connection.
        what: A stream's name, or `observations`.
        grid: The pixels.
        year: Calendar year.
    """

    session: Session
    what: str
    grid: CityGrid
    year: int

    @property
    def title(self) -> str:
        """For logs and errors."""
        return f"{self.what} of {self.grid.city}|{self.year}"

    @cached_property
    def region(self) -> ee.Geometry:
        """The grid's window, for filters."""
        return rectangle(self.grid.window)

    @cached_property
    def surveyed(self) -> ee.Geometry:
        """Where observations count: the grid's window, or the blocks of a spread sample."""
        corners = [_corners(window) for window in self.grid.surveyed_windows]
        region: ee.Geometry = ee.Geometry.MultiPolygon([[ring] for ring in corners], "EPSG:4326", geodesic=False)
        return region

    def user_asset(self, name: str) -> str:
        """Id of an asset in the user's folder."""
        return f"{self.session.assets_folder}/{name}"


def rectangle(window: GridWindow) -> ee.Geometry:
    """A window as a geometry in degrees, a little generous."""
    region: ee.Geometry = ee.Geometry.Rectangle(list(window.bounds_wgs84), "EPSG:4326", geodesic=False)
    return region


def _corners(window: GridWindow) -> list[list[float]]:
    west, south, east, north = window.bounds_wgs84
    return [[west, south], [east, south], [east, north], [west, north]]


def padded(window: GridWindow, pixels: int) -> GridWindow:
    """A window that reaches some pixels further on each side."""
    return GridWindow(
        crs=window.crs,
        transform=window.transform @ Affine.translation(-pixels, -pixels),
        width=window.width + 2 * pixels,
        height=window.height + 2 * pixels,
        row=window.row - pixels,
        column=window.column - pixels,
    )


def stream_table(stream: Stream, grid: CityGrid, values: NDArray[np.float32]) -> pl.DataFrame:
    """The table of a stream from its values at the grid's pixels.

    Args:
        stream: Names the columns.
        grid: Its pixels, in order, are the rows.
        values: float32 of shape (pixels, bands); NaN where missing.
    """
    columns: Mapping[str, NDArray[np.float32]] = {
        name: np.ascontiguousarray(values[:, k], np.float32) for k, name in enumerate(stream.columns)
    }
    return pl.DataFrame({"pixel": grid.pixel}, schema={"pixel": pl.UInt32}).with_columns(
        pl.Series(name, column).fill_nan(None) for name, column in columns.items()
    )
