"""Checks of the CHN-Econ labels at the hand-off from dbt to Python, and their summary."""

from collections.abc import Mapping

import polars as pl

from quality.leakage import copied_problems, lineage_problems
from quality.outcome import CheckSpec, Outcome, enumerate_names
from quality.seeds import transformed
from quality.splits import split_problems

KEYS: Mapping[str, type[pl.DataType]] = {"city": pl.String, "year": pl.Int32, "pixel": pl.UInt32}
MOST_MISSING = 0.5
"""Share of the pixel-years in which a label may be missing before a person is told (ours)."""

_SLACK = 1e-6  # ln and its inverse in two engines
_BUILD_AGAIN = "Run `dbt build` again."

SCHEMA = CheckSpec("label_schema", True, "The columns are city, year, pixel and the catalogue's labels, as Float64.")
COVERAGE = CheckSpec("label_coverage", True, "Every pixel and year of the streams has one row, and no other has.")
RANGES = CheckSpec("label_ranges", True, "Labels lie within the catalogue's limits, on its transformed scale.")
MISSING = CheckSpec(
    "label_missing_share", False, f"Each label is known in at least {1 - MOST_MISSING:.0%} of the rows."
)
NO_CONSTANTS = CheckSpec("no_constant_label", True, "Some label is known, and none has one value everywhere.")
LINEAGE = CheckSpec("label_lineage", True, "No label comes from a stream that the catalogue forbids for it.")
NO_COPIES = CheckSpec("no_copied_label", False, "No label has the order of a single band of a stream.")
SPLITS = CheckSpec("splits", True, "Every labelled pixel and city is in exactly one fold of E1, E2 and E3.")

LABEL_CHECKS = (SCHEMA, COVERAGE, RANGES, MISSING, NO_CONSTANTS, LINEAGE, NO_COPIES, SPLITS)


def check_labels(
    labels: pl.DataFrame,
    catalogue: pl.DataFrame,
    lineage: pl.DataFrame,
    splits: Mapping[str, pl.DataFrame],
    keys: pl.DataFrame,
    streams: Mapping[str, pl.DataFrame],
) -> list[Outcome]:
    """Checks the labels, where they come from, and the splits.

    Args:
        labels: `city`, `year`, `pixel` and a Float64 column a label, on the catalogue's transformed scale.
        catalogue: `quality.seeds.label_catalogue()`.
        lineage: `label`, `source`, `stream` (null where the source is none) and `observations`.
        splits: `E1`: `city`, `pixel`, `fold`; `E2` and `E3`: `city`, `fold`.
        keys: `city`, `year`, `pixel` that should have a row: those of the streams.
        streams: Tables of the streams with `city`, `year`, `pixel` in front, as `Lake.read_many` gives them, of all
            partitions or of some; a few are enough to tell a copied label.

    Returns:
        An outcome for each of `LABEL_CHECKS`, in that order. A table without the schema is judged no further.
    """
    schema = _schema(labels, catalogue)
    if not schema.passed:
        return [schema, *(spec.not_judged(SCHEMA) for spec in LABEL_CHECKS[1:])]
    names = catalogue["label"].to_list()
    labels = labels.with_columns(pl.col(names).fill_nan(None))
    problems, closest = copied_problems(labels, names, streams)
    return [
        schema,
        _coverage(labels, keys),
        _ranges(labels, catalogue),
        _missing(labels, names),
        _constants(labels, names),
        LINEAGE.outcome(lineage_problems(lineage, catalogue), {"sources": lineage["source"].n_unique()}),
        NO_COPIES.outcome(problems, closest),
        SPLITS.outcome(split_problems(labels, splits), {"splits": len(splits)}),
    ]


def summarise_labels(labels: pl.DataFrame, catalogue: pl.DataFrame) -> pl.DataFrame:
    """One row a city, year and label: what Great Expectations looks at instead of pixels.

    Returns:
        `city`, `year`, `label`, `unit`, `transform`, `rows`, `pixels` (distinct), `missing_share`, `minimum`,
        `maximum`, `mean`, `std` (null where nothing is known) and `distinct` (values), on the transformed scale.
    """
    parts = [
        labels.group_by("city", "year")
        .agg(
            pl.lit(row["label"]).alias("label"),
            pl.lit(row["unit"]).alias("unit"),
            pl.lit(row["transform"]).alias("transform"),
            pl.len().cast(pl.Int64).alias("rows"),
            pl.col("pixel").n_unique().cast(pl.Int64).alias("pixels"),
            value.null_count().truediv(pl.len()).alias("missing_share"),
            value.min().alias("minimum"),
            value.max().alias("maximum"),
            value.mean().alias("mean"),
            value.std(ddof=0).alias("std"),
            value.drop_nulls().n_unique().cast(pl.Int64).alias("distinct"),
        )
        .sort("city", "year")
        for row in catalogue.iter_rows(named=True)
        for value in [pl.col(row["label"]).fill_nan(None)]
    ]
    return pl.concat(parts)


def _schema(labels: pl.DataFrame, catalogue: pl.DataFrame) -> Outcome:
    wanted = {**KEYS, **dict.fromkeys(catalogue["label"].to_list(), pl.Float64)}
    found = dict(labels.schema)
    problems = []
    if lacking := [name for name in wanted if name not in found]:
        problems.append(f"Columns are missing: {enumerate_names(lacking)}.")
    if foreign := [name for name in found if name not in wanted]:
        problems.append(f"Labels are there that the catalogue does not have: {enumerate_names(foreign)}.")
    if not problems and list(found) != list(wanted):
        moved = [f"{got} for {want}" for got, want in zip(found, wanted, strict=True) if got != want]
        problems.append(f"Columns are out of the catalogue's order: {enumerate_names(moved)}.")
    wrong = [f"{n} is {found[n]}, not {wanted[n]}" for n in wanted if n in found and found[n] != wanted[n]]
    if wrong:
        problems.append(f"Types are wrong: {enumerate_names(wrong)}.")
    if problems:
        problems.append(f"The catalogue is dbt_project/seeds/label_catalogue.csv. {_BUILD_AGAIN}")
    return SCHEMA.outcome(problems, {"columns": len(found), "rows": labels.height})


def _coverage(labels: pl.DataFrame, keys: pl.DataFrame) -> Outcome:
    have = labels.select(*KEYS)
    want = keys.select(pl.col(name).cast(dtype) for name, dtype in KEYS.items())
    lacking = want.join(have, on=list(KEYS), how="anti")
    foreign = have.join(want, on=list(KEYS), how="anti")
    repeated = have.height - have.n_unique()
    problems = []
    if lacking.height:
        problems.append(f"{lacking.height:,} pixel-years of the streams have no row: those of {_partitions(lacking)}.")
    if foreign.height:
        problems.append(f"{foreign.height:,} rows are of pixels that no stream has: those of {_partitions(foreign)}.")
    if repeated:
        problems.append(f"{repeated:,} rows repeat a city, year and pixel.")
    if problems:
        problems.append(f"Are the observations those of the streams' profile? {_BUILD_AGAIN}")
    coverage = 1 - lacking.height / max(want.height, 1)
    return COVERAGE.outcome(problems, {"coverage": coverage, "foreign_rows": foreign.height, "repeated_rows": repeated})


def _partitions(keys: pl.DataFrame) -> str:
    return enumerate_names(
        f"{city}|{year}" for city, year in keys.select("city", "year").unique().sort(pl.all()).rows()
    )


def _ranges(labels: pl.DataFrame, catalogue: pl.DataFrame) -> Outcome:
    limits = catalogue.select(
        "label",
        "unit",
        "transform",
        transformed(pl.col("minimum"), pl.col("transform")).alias("low") - _SLACK,
        transformed(pl.col("maximum"), pl.col("transform")).alias("high") + _SLACK,
    )
    problems, outside = [], 0
    for name, unit, transform, low, high in limits.rows():
        bad = labels[name].filter(~labels[name].is_between(low, high))
        if len(bad):
            outside += len(bad)
            scale = f"ln(1 + {unit})" if transform == "log1p" else unit
            problems.append(
                f"{name}: {len(bad):,} values lie outside {low:.4g} to {high:.4g} {scale}, from {bad.min():.4g} to "
                f"{bad.max():.4g}."
            )
    if problems:
        problems.append(f"Look at the units of the observations and at their transform. {_BUILD_AGAIN}")
    return RANGES.outcome(problems, {"values_outside": outside})


def _missing(labels: pl.DataFrame, names: list[str]) -> Outcome:
    shares = {name: labels[name].null_count() / max(labels.height, 1) for name in names}
    rare = [f"{name} ({share:.1%})" for name, share in shares.items() if share > MOST_MISSING]
    problems = []
    if rare:
        problems.append(
            f"Labels are missing in more than {MOST_MISSING:.0%} of the rows: {enumerate_names(rare)}. Look at the "
            "table chn_econ_label_audit for what became of their observations."
        )
    return MISSING.outcome(problems, {"labels_above_limit": len(rare), "highest_share": max(shares.values())})


def _constants(labels: pl.DataFrame, names: list[str]) -> Outcome:
    known = [name for name in names if labels[name].null_count() < labels.height]
    constant = [name for name in known if labels[name].min() == labels[name].max()]
    problems = []
    if not known:
        problems.append("No label is known anywhere: are there observations of these cities and years?")
    if constant:
        problems.append(
            f"Labels have one value everywhere: {enumerate_names(constant)}. There is nothing to predict; look at "
            "their observations."
        )
    return NO_CONSTANTS.outcome(problems, {"known_labels": len(known), "constant_labels": len(constant)})
