"""Observations of the labels: from Earth Engine's tables, or from a user's files."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from assets.extraction.connection import Session
from lake.grid import CityGrid


@dataclass(frozen=True)
class Observations:
    """Raw label observations of a city and year, for dbt.

    Attributes:
        points: Observations at places: observation_id, pixel (null outside the pixels taken), lon, lat, label, value,
            unit, observed_on, source.
        districts: Figures of districts: district_id, label, value, unit, year, source.
        pixel_district: The spine: pixel, district_id (null where none), row, col.
        metadata: As an extraction's.
    """

    points: pl.DataFrame
    districts: pl.DataFrame
    pixel_district: pl.DataFrame
    metadata: dict[str, str]


def extract_observations(session: Session, grid: CityGrid, year: int) -> Observations:
    """Observations from the user assets `label_points_YEAR` and `label_districts_YEAR`."""
    raise NotImplementedError


def read_observations(folder: str | Path, grid: CityGrid, year: int) -> Observations:
    """Observations from a user's folder."""
    raise NotImplementedError
