"""Checks of one partition of raw label observations, before dbt judges every row of them."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from lake.grid import CityGrid
from lake.observations import SCHEMAS
from quality.outcome import CheckSpec, Outcome, enumerate_names
from quality.seeds import label_catalogue, spelled_unit, unit_conversions

MOST_GAPS = 0.2
"""Share of the observations of a label that may come without a value before a person is told (ours)."""
MOST_OUTSIDE = 0.5
"""Share of the points that may lie outside the grid; swapped coordinates put all of them there (ours)."""

_MEND = "Mend your observations (docs/bring-your-own-labels.md) and read them again."

SCHEMA = CheckSpec("observation_schema", True, "The three tables have the columns and types that dbt expects.")
SPINE = CheckSpec("pixel_district", True, "Every pixel of the grid is told its district, row and column once.")
PLACES = CheckSpec(
    "coordinates", True, "Points lie in the pixel that is told for them, and not mostly outside the city."
)
KNOWN_LABELS = CheckSpec("known_labels", True, "Every label is in the catalogue.")
KNOWN_UNITS = CheckSpec("known_units", True, "Every unit is one that converts into its label's canonical unit.")
KNOWN_DISTRICTS = CheckSpec("known_districts", False, "Districts with figures are districts of the city's pixels.")
GAPS = CheckSpec("observation_gaps", False, "Every label is observed, and few observations lack a value.")

OBSERVATION_CHECKS = (SCHEMA, SPINE, PLACES, KNOWN_LABELS, KNOWN_UNITS, KNOWN_DISTRICTS, GAPS)


def check_observations(
    points: pl.DataFrame, districts: pl.DataFrame, pixel_district: pl.DataFrame, grid: CityGrid
) -> list[Outcome]:
    """Checks the raw observations of one partition.

    Args:
        points: Observations at places; `pixel` is null outside the grid.
        districts: Figures of districts.
        pixel_district: The district of each pixel, null outside all.
        grid: The pixels that the platform computes.

    Returns:
        An outcome for each of `OBSERVATION_CHECKS`, in that order. Without the schemas nothing else is judged.
    """
    schema = _schema({"points": points, "districts": districts, "pixel_district": pixel_district})
    if not schema.passed:
        return [schema, *(spec.not_judged(SCHEMA) for spec in OBSERVATION_CHECKS[1:])]
    columns = ["label", "unit", "value"]
    observations = pl.concat([points.select(columns), districts.select(columns)])
    return [
        schema,
        _spine(pixel_district, grid),
        _places(points, grid),
        _known_labels(observations),
        _known_units(observations),
        _known_districts(districts, pixel_district),
        _gaps(observations),
    ]


def _schema(tables: Mapping[str, pl.DataFrame]) -> Outcome:
    problems = []
    for name, table in tables.items():
        wanted, found = SCHEMAS[name], table.schema
        if lacking := [column for column in wanted if column not in found]:
            problems.append(f"{name} lacks the columns {enumerate_names(lacking)}; it has {enumerate_names(found)}.")
        wrong = [f"{c} is {found[c]}, not {t.__name__}" for c, t in wanted.items() if c in found and found[c] != t]
        if wrong:
            problems.append(f"{name} has other types: {enumerate_names(wrong)}.")
    rows = {f"{name}_rows": table.height for name, table in tables.items()}
    return SCHEMA.outcome([*problems, _MEND] if problems else [], rows)


def _spine(pixel_district: pl.DataFrame, grid: CityGrid) -> Outcome:
    pixel = pixel_district["pixel"].to_numpy()
    lacking, foreign = np.setdiff1d(grid.pixel, pixel), np.setdiff1d(pixel, grid.pixel)
    problems = []
    if len(lacking) or len(foreign):
        problems.append(f"{len(lacking):,} pixels of the grid are missing and {len(foreign):,} are not in the grid.")
    if repeated := pixel_district.height - pixel_district["pixel"].n_unique():
        problems.append(f"{repeated:,} rows repeat a pixel.")
    placed = pixel_district["row"].cast(pl.Int64) * grid.ncols + pixel_district["col"].cast(pl.Int64)
    if misplaced := int((placed != pixel_district["pixel"].cast(pl.Int64)).sum()):
        problems.append(f"{misplaced:,} pixels are not row · {grid.ncols} + col.")
    if problems:
        problems.append("Was the profile changed? Extract the observations of the partition again.")
    outside = pixel_district["district_id"].null_count() / max(pixel_district.height, 1)
    return SPINE.outcome(problems, {"pixels": len(pixel), "outside_districts": outside})


def _places(points: pl.DataFrame, grid: CityGrid) -> Outcome:
    if points.is_empty():
        return PLACES.outcome(metrics={"points": 0})
    lon, lat = (points[axis].cast(pl.Float64).fill_null(float("nan")).to_numpy() for axis in ("lon", "lat"))
    sensible = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)  # NaN is not
    located = np.full(points.height, -1, np.int64)
    located[sensible] = grid.locate(lon[sensible], lat[sensible])
    told = points["pixel"].cast(pl.Int64).fill_null(-1).to_numpy()
    misplaced, outside = int((located != told).sum()), float((located < 0).mean())
    problems = []
    if not sensible.all():
        problems.append(f"{(~sensible).sum():,} points have no longitude and latitude in degrees.")
    if misplaced:
        problems.append(f"{misplaced:,} of {points.height:,} points are not in the pixel that is told for them.")
    if outside > MOST_OUTSIDE:
        problems.append(
            f"{outside:.0%} of the points lie outside the pixels of {grid.city}, more than {MOST_OUTSIDE:.0%}: are lon "
            "and lat swapped, or is it another datum than WGS-84 (GCJ-02 is some 500 m off)?"
        )
    metrics = {"points": points.height, "misplaced": misplaced, "outside_share": outside}
    return PLACES.outcome([*problems, _MEND] if problems else [], metrics)


def _known_labels(observations: pl.DataFrame) -> Outcome:
    names = observations["label"].unique().sort()
    unknown = names.filter(~names.is_in(label_catalogue()["label"].to_list())).to_list() + (
        ["(none)"] if names.null_count() else []
    )
    problems = []
    if unknown:
        problems.append(
            f"Labels are not in dbt_project/seeds/label_catalogue.csv: {enumerate_names(unknown)}. Add them there, or "
            f"name them as it does. {_MEND}"
        )
    return KNOWN_LABELS.outcome(problems, {"labels": len(names), "unknown_labels": len(unknown)})


def _known_units(observations: pl.DataFrame) -> Outcome:
    told = observations.filter(pl.col("label").is_in(label_catalogue()["label"].to_list())).select(
        "label", spelled_unit(pl.col("unit")).fill_null("(none)").alias("unit")
    )
    unknown = told.join(unit_conversions(), on=["label", "unit"], how="anti")
    problems = []
    if unknown.height:
        kinds = unknown.unique().sort("label", "unit").rows()
        problems.append(
            f"{unknown.height:,} observations come in units that are not in dbt_project/seeds/unit_conversions.csv: "
            f"{enumerate_names(f'{label} in {unit!r}' for label, unit in kinds)}. Add the unit with its factor. {_MEND}"
        )
    return KNOWN_UNITS.outcome(problems, {"observations": observations.height, "unknown_units": unknown.height})


def _known_districts(districts: pl.DataFrame, pixel_district: pl.DataFrame) -> Outcome:
    have = pixel_district.select("district_id").drop_nulls().unique()
    named = districts.select("district_id").unique()
    reached = have.join(named, on="district_id", how="semi").height
    problems = []
    if districts.height and not reached:
        problems.append(
            "No figure is of a district in which a pixel lies: are the districts' names those of their polygons? "
            + _MEND
        )
    return KNOWN_DISTRICTS.outcome(problems, {"districts_with_pixels": have.height, "districts_with_figures": reached})


def _gaps(observations: pl.DataFrame) -> Outcome:
    shares = (
        observations.group_by("label")
        .agg(pl.col("value").fill_nan(None).null_count().truediv(pl.len()).alias("share"))
        .sort("label")
    )
    gappy = [f"{label} ({share:.1%})" for label, share in shares.rows() if share > MOST_GAPS]
    unobserved = sorted(set(label_catalogue()["label"]) - set(shares["label"]))
    problems = []
    if gappy:
        problems.append(f"More than {MOST_GAPS:.0%} of the observations have no value: {enumerate_names(gappy)}.")
    if unobserved:
        problems.append(f"Labels have no observation in this partition: {enumerate_names(unobserved)}.")
    if problems:
        problems.append("Pixels without an observation have no label; look whether a file or column was left out.")
    highest = shares["share"].max() if shares.height else 0.0
    return GAPS.outcome(problems, {"highest_gap_share": highest, "unobserved_labels": len(unobserved)})
