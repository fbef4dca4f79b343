"""What the runs say together: means with intervals over cities, differences, collapsed labels, streams kept.

Means are of R² floored at −1 (`ml.promotion.FLOOR`): a probe that fails in another region fails without bound, and one
label would decide alone. Repeats are averaged before anything else; how much they differ is told beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from lake.errors import BadInputError
from lake.partition_io import Lake
from ml.experiments.runner import read_runs, run_metadata
from ml.experiments.streams import stream_r2
from ml.experiments.table import CAR, REFERENCE, Experiment
from ml.intervals import Draws, bootstrap, label_intervals, mean_intervals, paired_differences
from ml.probes import summarise
from ml.promotion import FLOOR
from ml.score_tables import category_means

ACROSS = "E2 and E3"
"""Name of the mean of both splits that hold whole cities out."""
ABLATION, LABELS, STREAMS, VERSUS = "ablation", "labels", "streams", "versus"
_ACROSS_SPLITS = ("E2", "E3")
_SUMS = ("n", "sse", "sst", "deviation")


@dataclass(frozen=True)
class Ablation:
    """The study's result.

    Attributes:
        table: One row a row of the table and `split` (`E1`, `E2`, `E3` and the mean of the last two): `mean_r2`, `low`,
            `high` (95 % over cities), `collapsed` labels (R² < 0), the mean of each category, `seeds` (standard
            deviation of the mean over repeats; null for one), `difference` to the reference and `change` to the row
            that it is one change from, each with its interval and `_ahead`, the share of draws in which it is positive.
        labels: R² of each `experiment`, `split` and `label` with its interval; heads stand there as `car_heads@128`.
        streams: What is kept of each `stream` in cities held out (E2): `readable` from the embedding, `decoded` by the
            row's own decoders, and its share of the gradient; null where there is no such thing.
        versus: CAR less the best row with shared reconstruction, by split, with its interval.
        best_shared: Name of that row.
        study: Digest of the data.
        simulated: True where any of it came from the simulated planet.
    """

    table: pl.DataFrame
    labels: pl.DataFrame
    streams: pl.DataFrame
    versus: pl.DataFrame
    best_shared: str
    study: str
    simulated: bool

    def tables(self) -> Mapping[str, pl.DataFrame]:
        """Those that are kept, by name."""
        return {ABLATION: self.table, LABELS: self.labels, STREAMS: self.streams, VERSUS: self.versus}

    def mean(self, experiment: str, split: str = ACROSS) -> float:
        """Mean R² of a row under a split."""
        found = self.table.filter(experiment=experiment, split=split)["mean_r2"]
        return float(found[0])


def ablation(
    lake: Lake, experiments: Sequence[Experiment], categories: Mapping[str, str] | None = None, draws: int = 2_000
) -> Ablation:
    """Reads what the rows found out of the lake and puts it together.

    Args:
        lake: Where the runner wrote to.
        experiments: Rows of the table, with the reference among them.
        categories: Category of each label; None: no means by category.
        draws: Resamples of the cities.

    Raises:
        BadInputError: A row was never run, or on other data than the rest; the reference is not among the rows; a split
            holds out fewer than three cities.
    """
    by_name = {row.name: row for row in experiments}
    if REFERENCE not in by_name:
        raise BadInputError(f"Differences are told to the row {REFERENCE}: take it among the experiments.")
    probes = read_runs(lake, "probes", experiments)
    averaged = average_repeats(probes)
    of_heads = bootstrap(averaged, draws)
    of_rows = with_across(bootstrap(averaged.filter(pl.col("representation").is_in(list(by_name))), draws))
    table = _means(of_rows, probes, averaged, experiments, categories)
    best = best_shared(table, experiments)
    car = CAR if CAR in by_name else REFERENCE
    told = run_metadata(lake, REFERENCE)
    return Ablation(
        table=table,
        labels=label_intervals(of_heads).rename({"representation": "experiment"}),
        streams=_streams(lake, experiments),
        versus=paired_differences(of_rows, [(car, best)], FLOOR),
        best_shared=best,
        study=told["study"],
        simulated=told["simulated"] == "true",
    )


def average_repeats(probes: pl.DataFrame) -> pl.DataFrame:
    """Probes of all repeats as one table of the form of `ml.probes.probe_groups`: sums are means over repeats."""
    keys = ("choice", "split", "fold", "group", "label", "representation")
    return probes.group_by(keys).agg(pl.col(*_SUMS).mean(), pl.col("alpha").first()).sort(keys)


def with_across(draws: Sequence[Draws]) -> list[Draws]:
    """The draws with those of E2 and E3 together, in which each label counts once for each: the same cities are drawn.

    Where a split lacks them, nothing is added.
    """
    both = [of_split for of_split in draws if of_split.split in _ACROSS_SPLITS]
    if len(both) < len(_ACROSS_SPLITS) or len({of_split.groups for of_split in both}) > 1:
        return list(draws)
    together = Draws(
        ACROSS,
        both[0].representations,
        tuple(f"{of_split.split} {label}" for of_split in both for label in of_split.labels),
        np.concatenate([of_split.scored for of_split in both], axis=1),
        np.concatenate([of_split.drawn for of_split in both], axis=2),
        both[0].groups,
    )
    return [*draws, together]


def best_shared(table: pl.DataFrame, experiments: Sequence[Experiment]) -> str:
    """The row with shared reconstruction, whatever else it has, with the highest mean R² under E2 and E3."""
    shared = [row.name for row in experiments if row.training is not None and row.training.reconstruction == "shared"]
    found = table.filter(pl.col("split") == ACROSS, pl.col("experiment").is_in(shared))
    return str(found.sort("mean_r2", descending=True)["experiment"][0])


def _means(
    draws: Sequence[Draws],
    probes: pl.DataFrame,
    averaged: pl.DataFrame,
    experiments: Sequence[Experiment],
    categories: Mapping[str, str] | None,
) -> pl.DataFrame:
    order = {row.name: place for place, row in enumerate(experiments)}
    means = mean_intervals(draws, FLOOR).rename({"representation": "experiment"}).drop("labels", "groups")
    to_reference = [(name, REFERENCE) for name in order]
    steps = [(row.name, row.one_change_from) for row in experiments if row.one_change_from in order]
    on = ["experiment", "split"]
    return (
        means.join(_by_category(averaged, categories), on=on, how="left")
        .join(_seeds(probes), on=on, how="left")
        .join(_paired(draws, to_reference, "difference"), on=on, how="left")
        .join(_paired(draws, steps, "change"), on=on, how="left")
        .with_columns(place=pl.col("experiment").replace_strict(order))
        .sort("place", "split")
        .drop("place")
    )


def _paired(draws: Sequence[Draws], pairs: Sequence[tuple[str, str]], name: str) -> pl.DataFrame:
    found = paired_differences(draws, pairs, FLOOR) if pairs else paired_differences(draws, [(REFERENCE, REFERENCE)])
    ends = {"difference": name, "low": f"{name}_low", "high": f"{name}_high", "ahead": f"{name}_ahead"}
    return found.filter(pl.col("first") != pl.col("second")).rename({"first": "experiment", **ends}).drop("second")


def _by_category(averaged: pl.DataFrame, categories: Mapping[str, str] | None) -> pl.DataFrame:
    """Collapsed labels, and the mean of each category, of each `experiment` and `split`, and of both E2 and E3."""
    summary = summarise(averaged.drop("choice"))
    both = summary.filter(pl.col("split").is_in(_ACROSS_SPLITS)).with_columns(split=pl.lit(ACROSS))
    whole = pl.concat([summary, both])
    floored = whole.with_columns(pl.col("r2").clip(lower_bound=FLOOR)).rename({"representation": "experiment"})
    counted = floored.group_by("experiment", "split").agg((pl.col("r2") < 0).sum().cast(pl.Int64).alias("collapsed"))
    if categories is None:
        return counted
    means = category_means(floored.rename({"experiment": "representation"}), categories)
    wide = means.filter(pl.col("category") != "all").pivot(
        on="category", index=["representation", "split"], values="mean_r2"
    )
    return counted.join(wide.rename({"representation": "experiment"}), on=["experiment", "split"])


def _seeds(probes: pl.DataFrame) -> pl.DataFrame:
    """Standard deviation over repeats of the mean R² of each `experiment` and `split`."""
    r2 = (1 - pl.col("sse").sum() / pl.col("sst").sum()).clip(lower_bound=FLOOR)
    own = probes.filter(pl.col("representation") == pl.col("experiment"))
    by_label = own.group_by("experiment", "split", "repeat", "label").agg(r2.alias("r2"))
    both = by_label.filter(pl.col("split").is_in(_ACROSS_SPLITS)).with_columns(split=pl.lit(ACROSS))
    means = pl.concat([by_label, both]).group_by("experiment", "split", "repeat").agg(pl.col("r2").mean())
    return means.group_by("experiment", "split").agg(pl.col("r2").std().alias("seeds"))


def _streams(lake: Lake, experiments: Sequence[Experiment]) -> pl.DataFrame:
    """One row an `experiment` and `stream`, means over repeats; streams that a row does not see are there too."""
    readable = read_runs(lake, "readable", experiments).filter(pl.col("split") == "E2")
    decoded = read_runs(lake, "decoded", experiments).filter(pl.col("split") == "E2")
    curves = read_runs(lake, "curves", experiments).filter(pl.col("stream") != "")
    last = curves.filter(pl.col("epoch") == pl.col("epoch").max().over("experiment", "repeat", "number"))
    keys = ["experiment", "stream"]
    own = readable.filter(pl.col("representation") == pl.col("experiment"))
    kept = stream_r2(own, ["experiment"]).rename({"r2": "readable"})
    return (
        kept.join(decoded.group_by(keys).agg(pl.col("r2").mean().alias("decoded")), on=keys, how="left")
        .join(last.group_by(keys).agg(pl.col("gradient_share").mean()), on=keys, how="left")
        .sort(keys)
    )
