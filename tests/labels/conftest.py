"""A lake of few and messy observations, and dbt run on it into a warehouse of its own, all in temporary folders."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from dbt.cli.main import dbtRunner

from lake.partition_io import Lake
from lake.settings import REPOSITORY

PROJECT = REPOSITORY / "dbt_project"
SIDE = 20
"""The test city is a square of 20 × 20 pixels, 2 km, at the corner of a grid of 100 columns."""
NCOLS = 100
DISTRICTS = ("north", "south")

POINT_SCHEMA = {
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
DISTRICT_SCHEMA = {
    "district_id": pl.String,
    "label": pl.String,
    "value": pl.Float64,
    "unit": pl.String,
    "year": pl.Int32,
    "source": pl.String,
}


def pixel(row: int, column: int) -> int:
    """Number of a pixel of the test grid."""
    return row * NCOLS + column


def point(at: int | None, label: str, value: float | None, unit: str, year: int, **other: Any) -> dict[str, Any]:
    """One point observation; by default of its own place, told by its pixel, in May of the year."""
    place = {"lon": 114.0 + (at or 0) / 1e4, "lat": 30.5}
    told = {"observation_id": f"{label}-{at}-{value}", "observed_on": f"{year}-05-01", "source": "simulated survey"}
    return {"pixel": at, "label": label, "value": value, "unit": unit} | place | told | other


def district(name: str, label: str, value: float | None, unit: str, year: int, **other: Any) -> dict[str, Any]:
    """One district observation."""
    row = {"district_id": name, "label": label, "value": value, "unit": unit, "year": year}
    return row | {"source": "simulated yearbook"} | other


def write_year(
    lake: Lake, city: str, year: int, points: Sequence[dict[str, Any]], districts: Sequence[dict[str, Any]]
) -> None:
    """Writes the three observation data sets of one partition."""
    rows, columns = [i // SIDE for i in range(SIDE**2)], [i % SIDE for i in range(SIDE**2)]
    spine = {
        "pixel": pl.Series([pixel(r, c) for r, c in zip(rows, columns, strict=True)], dtype=pl.UInt32),
        "district_id": pl.Series([DISTRICTS[r >= SIDE // 2] for r in rows]),
        "row": pl.Series(rows, dtype=pl.Int32),
        "col": pl.Series(columns, dtype=pl.Int32),
    }
    lake.write("observations/pixel_district", city, year, pl.DataFrame(spine))
    lake.write("observations/points", city, year, pl.DataFrame(points, schema=POINT_SCHEMA))
    lake.write("observations/districts", city, year, pl.DataFrame(districts, schema=DISTRICT_SCHEMA))


@dataclass(frozen=True)
class Build:
    """What a run of dbt left behind: the status of each node by name, and the warehouse."""

    statuses: dict[str, str]
    warehouse: Path

    @property
    def failed(self) -> set[str]:
        """Names of the tests that failed."""
        return {name for name, status in self.statuses.items() if status in {"fail", "error"}}

    def query(self, sql: str) -> pl.DataFrame:
        """Reads from the warehouse."""
        with duckdb.connect(self.warehouse) as connection:
            return connection.sql(sql).pl()


RunDbt = Callable[..., Build]


@pytest.fixture(scope="session")
def run_dbt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunDbt]:
    """Runs dbt through its Python interface: `run_dbt(lake, "build", …)`, on a new warehouse unless one is named."""
    folder = tmp_path_factory.mktemp("dbt")
    before = dict(os.environ)

    def run(lake: Lake, *arguments: str, warehouse: Path | None = None) -> Build:
        warehouse = warehouse or tmp_path_factory.mktemp("warehouse") / "chn_econ.duckdb"
        os.environ |= {
            "AEF_ECON_LAKE_ROOT": lake.root,
            "AEF_ECON_DUCKDB": str(warehouse),
            "AEF_ECON_S3_ENDPOINT_URL": lake.endpoint_url,
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "False",
        }
        here = Path.cwd()
        try:
            result = dbtRunner().invoke(
                [*arguments, "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--quiet"]
            )
        finally:
            os.chdir(here)  # dbt moves into its project
        if result.exception:
            raise result.exception
        results = getattr(result.result, "results", [])
        return Build({r.node.name: str(r.status) for r in results if hasattr(r, "node")}, warehouse)

    yield run
    os.environ.clear()
    os.environ.update(before)
