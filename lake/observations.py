"""Raw label observations: the columns of their three tables, the contract between extraction, checks and dbt."""

from collections.abc import Mapping

import polars as pl

Schema = Mapping[str, type[pl.DataType]]

POINTS: Schema = {
    "observation_id": pl.String,
    "pixel": pl.UInt32,
    "lon": pl.Float64,
    "lat": pl.Float64,
    "label": pl.String,
    "value": pl.Float64,
    "unit": pl.String,
    "observed_on": pl.String,
    "source": pl.String,
}
"""Observations at places; `pixel` is null outside the pixels surveyed (see `lake.grid`)."""
DISTRICTS: Schema = {
    "district_id": pl.String,
    "label": pl.String,
    "value": pl.Float64,
    "unit": pl.String,
    "year": pl.Int32,
    "source": pl.String,
}
"""Figures of districts."""
PIXEL_DISTRICT: Schema = {"pixel": pl.UInt32, "district_id": pl.String, "row": pl.Int32, "col": pl.Int32}
"""The spine: every pixel, and the district in which it lies (null where none)."""

SCHEMAS: Mapping[str, Schema] = {"points": POINTS, "districts": DISTRICTS, "pixel_district": PIXEL_DISTRICT}
"""By table, as the dbt sources of `observations` expect them."""
