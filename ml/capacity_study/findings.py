"""What the cells of the study add up to: tables, where suppression starts, and the sentences that follow."""

import numpy as np
import polars as pl

from ml.capacity_study.study import CapacityStudy
from ml.intervals import bootstrap, paired_differences
from ml.promotion import FLOOR

HALF = 0.5
"""A narrow stream is suppressed where less than this of its reference R² is left (ours)."""
TWICE = 2.0
"""It is crowded where so many times its reference's unexplained variance, 1 − R², is left unexplained (ours)."""
LEAST_REFERENCE = 0.05
"""A stream that not even CAR tells better than this has nothing to lose (ours)."""
_FEWEST_GROUPS = 3  # an interval from fewer says nothing
_OVER_SEEDS = ("reconstruction", "width")


def by_stream(study: CapacityStudy) -> pl.DataFrame:
    """One row a `reconstruction`, `width` and `stream`, with its `columns` and whether it is `wide`.

    `r2` and `gradient_share` are means over folds and seeds; `_low` and `_high` the lowest and highest seed's.
    """
    keys = (*_OVER_SEEDS, "stream", "columns", "wide")
    seeds = study.streams.group_by(*keys, "seed").agg(pl.col("r2", "gradient_share").mean())
    return _spread(seeds, keys, ("r2", "gradient_share"))


def narrow_means(study: CapacityStudy) -> pl.DataFrame:
    """One row a `reconstruction` and `width`: mean `r2` of the narrow streams, and their `gradient_share` together."""
    narrow = study.streams.filter(~pl.col("wide"))
    cells = narrow.group_by(*_OVER_SEEDS, "seed", "fold").agg(pl.col("r2").mean(), pl.col("gradient_share").sum())
    seeds = cells.group_by(*_OVER_SEEDS, "seed").agg(pl.col("r2", "gradient_share").mean())
    return _spread(seeds, _OVER_SEEDS, ("r2", "gradient_share"))


def label_means(study: CapacityStudy) -> pl.DataFrame:
    """One row a `reconstruction` and `width`: mean `r2` over the labels, and how many are `collapsed` (R² < 0).

    A label's R² is 1 − Σsse/Σsst over all groups held out; below `FLOOR` it counts as it.
    """
    labels = study.labels.group_by(*_OVER_SEEDS, "seed", "label").agg(
        (1 - pl.col("sse").sum() / pl.col("sst").sum()).alias("r2")
    )
    seeds = labels.group_by(*_OVER_SEEDS, "seed").agg(
        pl.col("r2").clip(FLOOR).mean(), (pl.col("r2") < 0).sum().cast(pl.Float64).alias("collapsed")
    )
    return _spread(seeds, _OVER_SEEDS, ("r2", "collapsed"))


def label_gains(study: CapacityStudy) -> pl.DataFrame:
    """CAR's mean label R² less that of shared reconstruction, one row a `width`, with what other groups would change.

    `low` and `high` are a paired 95 % bootstrap over the groups held out (cities), the seeds taken together; see
    `ml.intervals`. R² of a label below `FLOOR` counts as it.

    Raises:
        BadInputError: Fewer than three groups are held out.
    """
    named = study.labels.select(
        pl.lit("groups").alias("choice"),
        pl.lit(study.plan.split).alias("split"),
        pl.format("{} {}", "fold", "seed").alias("fold"),
        pl.format("{} {}", "reconstruction", "width").alias("representation"),
        "group", "label", "n", "sse", "sst", "deviation",
    )  # fmt: skip
    widths = sorted(study.plan.widths)
    pairs = [(f"car {width}", f"shared {width}") for width in widths]
    found = paired_differences(bootstrap(named), pairs, FLOOR)
    return found.select(pl.Series("width", widths), "difference", "low", "high")


def onsets(study: CapacityStudy) -> pl.DataFrame:
    """Where suppression starts: one row a `reconstruction` and narrow `stream`.

    The reference of a stream is its R² under CAR where the wide streams are narrowest. It is `crowded` from the first
    width at which at least twice the variance is unexplained, and suppressed (`onset`) from the first at which less
    than half of the R² is left; null: at none that was tried. At the widest, `kept` of the R² is left, and the
    unexplained variance is `error` times the reference's. Streams with a reference below `LEAST_REFERENCE` are left
    out.
    """
    narrow = by_stream(study).filter(~pl.col("wide"))
    first = pl.col("width") == min(study.plan.widths)
    reference = narrow.filter((pl.col("reconstruction") == "car") & first).select("stream", reference="r2")
    compared = narrow.join(reference, on="stream").filter(pl.col("reference") >= LEAST_REFERENCE)
    suppressed = pl.col("r2") < HALF * pl.col("reference")
    error = (1 - pl.col("r2")) / (1 - pl.col("reference")).clip(1e-6)
    return (
        compared.sort("width")
        .group_by("reconstruction", "stream", maintain_order=True)
        .agg(
            pl.col("columns", "reference").first(),
            pl.col("width").filter(error >= TWICE).min().alias("crowded"),
            pl.col("width").filter(suppressed).min().alias("onset"),
            (pl.col("r2") / pl.col("reference")).last().alias("kept"),
            error.last().alias("error"),
        )
        .sort("stream", "reconstruction")
    )


def growth(study: CapacityStudy) -> dict[str, float]:
    """By which power of the width the wide streams' gradient grows against the narrow ones', by reconstruction.

    The slope of log(share of the wide / share of the narrow) over log(width), least squares over all cells: 1 where a
    stream's part of the gradient is in proportion to its width, 0 where width does not matter. NaN for one width.
    """
    shares = study.streams.group_by(*_OVER_SEEDS, "seed", "fold").agg(
        pl.col("gradient_share").filter(pl.col("wide")).sum().alias("of_wide"),
        pl.col("gradient_share").filter(~pl.col("wide")).sum().alias("of_narrow"),
    )
    found = {}
    for (kind,), cells in shares.sort(_OVER_SEEDS).group_by("reconstruction", maintain_order=True):
        width = np.log(cells["width"].to_numpy())
        ratio = np.log(cells["of_wide"].to_numpy()) - np.log(cells["of_narrow"].to_numpy())
        varies = len(study.plan.widths) > 1
        found[str(kind)] = float(np.polyfit(width, ratio, 1)[0]) if varies else float("nan")
    return found


def sentences(study: CapacityStudy) -> str:
    """What the numbers say, in a few sentences."""
    widths, narrow, labels = sorted(study.plan.widths), narrow_means(study), label_means(study)
    power, shared, car = growth(study), _ends(narrow, "shared"), _ends(narrow, "car")
    r2 = {kind: _ends(labels, kind) for kind in ("shared", "car")}
    wide = " and ".join(study.schema[name].title for name in study.plan.wide)
    told = [
        f"{wide} were widened from {widths[0]} to {widths[-1]} columns each without telling more.",
        f"Under shared reconstruction the narrow streams' share of the gradient went from "
        f"{shared[0]['gradient_share']:.0%} to {shared[1]['gradient_share']:.0%} (wide against narrow grew as "
        f"width^{power['shared']:.2f}), and their mean reconstruction R² from {shared[0]['r2']:.2f} to "
        f"{shared[1]['r2']:.2f}.",
        f"Under CAR the share went from {car[0]['gradient_share']:.0%} to {car[1]['gradient_share']:.0%} "
        f"(width^{power['car']:.2f}), R² from {car[0]['r2']:.2f} to {car[1]['r2']:.2f}.",
        _said_of_onsets(study, "shared", "shared reconstruction"),
        _said_of_onsets(study, "car", "CAR"),
        f"Mean label R² under {study.plan.split} went from {r2['shared'][0]['r2']:.2f} to {r2['shared'][1]['r2']:.2f} "
        f"under shared reconstruction and from {r2['car'][0]['r2']:.2f} to {r2['car'][1]['r2']:.2f} under CAR.",
    ]
    if study.labels["group"].n_unique() >= _FEWEST_GROUPS:
        told += [
            f"At {row['width']} columns CAR is ahead by {row['difference']:+.3f} "
            f"(95 % interval over the groups held out {row['low']:+.3f} to {row['high']:+.3f})."
            for row in label_gains(study).to_dicts()[:: max(1, len(widths) - 1)]
        ]
    if study.simulated:
        told.append("Simulated data: no result about China.")
    return " ".join(told)


def _said_of_onsets(study: CapacityStudy, reconstruction: str, title: str) -> str:
    of_kind, first = onsets(study).filter(pl.col("reconstruction") == reconstruction), min(study.plan.widths)
    crowded, suppressed = (_named(study, of_kind, column) for column in ("crowded", "onset"))
    return (
        f"Under {title}, against CAR at {first} columns, the unexplained variance at least doubles for {crowded} of "
        f"{of_kind.height} narrow streams that CAR tells there, and less than half of R² is left for {suppressed}."
    )


def _named(study: CapacityStudy, of_kind: pl.DataFrame, column: str) -> str:
    """How many streams have a width in a column, and which."""
    found = of_kind.filter(pl.col(column).is_not_null()).sort(column, "stream").to_dicts()
    said = ", ".join(f"{study.schema[row['stream']].title} from {row[column]}" for row in found)
    return f"{len(found)} ({said})" if found else "none"


def _ends(table: pl.DataFrame, reconstruction: str) -> tuple[dict[str, float], dict[str, float]]:
    rows = table.filter(pl.col("reconstruction") == reconstruction).sort("width").to_dicts()
    return rows[0], rows[-1]


def _spread(seeds: pl.DataFrame, keys: tuple[str, ...], values: tuple[str, ...]) -> pl.DataFrame:
    """Mean over the seeds, with the lowest and the highest."""
    return (
        seeds.group_by(keys)
        .agg(
            pl.col(values).mean(),
            pl.col(values).min().name.suffix("_low"),
            pl.col(values).max().name.suffix("_high"),
        )
        .sort(keys)
    )
