"""Whether a label hands a model its own input back: by what is said of its source, and by what it looks like."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lake.aef import dequantise
from lake.streams import STREAMS
from quality.outcome import Metric, enumerate_names

NEAR_PERFECT = 0.99
"""Rank correlation from which a label may be a copy of a band (ours)."""

_KEYS = ["city", "year", "pixel"]
_FEWEST_PLACES = 50  # fewer correlate by chance


def lineage_problems(lineage: pl.DataFrame, catalogue: pl.DataFrame) -> list[str]:
    """A sentence for every source that is a stream which the catalogue forbids for the label.

    Args:
        lineage: `label`, `source`, `stream` (null where the source is none) and `observations`.
        catalogue: `label` and `derived_from_forbidden`, streams separated by `|`.
    """
    forbidden = catalogue.select(
        "label", pl.col("derived_from_forbidden").fill_null("").str.split("|").alias("forbidden")
    )
    found = lineage.join(forbidden, on="label").filter(pl.col("stream").cast(pl.String).is_in(pl.col("forbidden")))
    return [
        f"{label} was observed by {source!r} ({count:,} observations), which is the stream {stream}: take another "
        "source; scores on it would be the model's own input."
        for label, source, stream, count in found.select("label", "source", "stream", "observations").rows()
    ]


def copied_problems(
    labels: pl.DataFrame, names: Sequence[str], streams: Mapping[str, pl.DataFrame]
) -> tuple[list[str], dict[str, Metric]]:
    """Labels that have the same order as one band, whatever curve and averaging lie between the two.

    Rank correlation does not see the curve. A label is constant in a block or district, so that bands are averaged
    over the pixels of a partition that share the label's value; this undoes the averaging (ours).

    Args:
        labels: `city`, `year`, `pixel` and the labels, null where unknown.
        names: Labels.
        streams: Tables with `city`, `year`, `pixel` in front.

    Returns:
        A sentence a label that looks copied; and the closest label and band.
    """
    joined, bands = _joined(labels, streams)
    problems: list[str] = []
    closest: dict[str, Metric] = {"closest": "none judged", "correlation": 0.0, "judged_labels": 0}
    judged = 0
    for name in names:
        places = joined.drop_nulls(name).group_by("city", "year", name).agg(pl.col(bands).mean())
        if not bands or places.height < _FEWEST_PLACES:
            continue
        judged += 1
        correlations = np.abs(_rank_correlations(places[name], places.select(bands)))
        best = int(np.argmax(correlations))
        if correlations[best] > float(closest["correlation"]):
            closest |= {"closest": f"{name} ~ {bands[best]}", "correlation": float(correlations[best])}
        if copies := [f"{bands[i]} ({correlations[i]:.3f})" for i in np.flatnonzero(correlations >= NEAR_PERFECT)]:
            problems.append(
                f"{name} has the same order as {enumerate_names(copies)}: was it derived from that stream? Look at "
                "its source."
            )
    return problems, closest | {"judged_labels": judged}


def _joined(labels: pl.DataFrame, streams: Mapping[str, pl.DataFrame]) -> tuple[pl.DataFrame, list[str]]:
    """Labels with every band beside them, named `stream.band`, where any stream has the pixel."""
    bands: list[str] = []
    joined = labels
    for name, table in streams.items():
        columns = list(STREAMS[name].columns)
        values = table.select(columns).to_numpy()
        if STREAMS[name].dtype == "Int8":
            values = dequantise(values)
        names = [f"{name}.{column}" for column in columns]
        bands += names
        beside = table.select(pl.col(k).cast(labels.schema[k]) for k in _KEYS).hstack(
            pl.DataFrame(values, schema=names, orient="row").fill_nan(None)
        )
        joined = joined.join(beside, on=_KEYS, how="inner")
    return joined, bands


def _rank_correlations(label: pl.Series, bands: pl.DataFrame) -> NDArray[np.float64]:
    """Spearman's correlation of a label with each band; 0 for a band that does not vary; float64 (bands,)."""
    target = label.rank().to_numpy().astype(np.float64)
    ranks = bands.select(pl.all().rank()).select(pl.all().fill_null(pl.all().mean())).to_numpy().astype(np.float64)
    target, ranks = target - target.mean(), ranks - ranks.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        correlations = (target @ ranks) / (np.linalg.norm(target) * np.linalg.norm(ranks, axis=0))
    return np.asarray(np.nan_to_num(correlations), np.float64)
