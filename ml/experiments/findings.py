"""What the numbers say, as sentences made from them: whoever changes the data gets other sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from lake.streams import STREAMS
from ml.experiments.scores import ACROSS, Ablation
from ml.experiments.table import AXES, CAR, REFERENCE, Axis, Experiment

NARROW = tuple(name for name, stream in STREAMS.items() if stream.width <= 16)
"""Streams that are narrow beside AlphaEarth's 64 columns and the text's 128 (ours)."""
_CARRIES_SIGNAL = 0.05  # R² that some row must reach for a label to count as one that can be read
_NAMES = {"fusion": "Fusion", "objective": "Objective", "text": "Text", "dimension": "Width", "normalisation": "Scale"}


@dataclass(frozen=True)
class Target:
    """Something that was hoped for before the study was run, and whether it came.

    Attributes:
        hope: What.
        met: Whether.
        told: The numbers.
    """

    hope: str
    met: bool
    told: str


def targets(found: Ablation) -> list[Target]:
    """CAR above the best shared row with intervals apart, no readable label below zero, narrow streams doubled."""
    table = {(row["experiment"], row["split"]): row for row in found.table.to_dicts()}
    hopes = []
    for split in ("E2", "E3"):
        car, best = table.get((CAR, split)), table.get((found.best_shared, split))
        if car is not None and best is not None:
            (paired,) = found.versus.filter(split=split).to_dicts()
            told = (
                f"CAR {_with(car)}, {found.best_shared} {_with(best)}; paired difference {paired['difference']:+.3f} "
                f"({paired['low']:+.3f} to {paired['high']:+.3f})"
            )
            hope = f"{split}: CAR above the best shared row, intervals apart"
            hopes.append(Target(hope, car["low"] > best["high"], told))
    below = collapsed_but_readable(found)
    told = ", ".join(below) if below else "none"
    hopes.append(Target("No label below zero under CAR that some row can read (E2, E3)", not below, told))
    before, after = narrow_mean(found, REFERENCE), narrow_mean(found, CAR)
    told = f"{before:.3f} under the reference, {after:.3f} under CAR"
    hopes.append(Target("R² of narrow streams at least doubled", after >= 2 * max(before, 0.0) and after > 0, told))
    return hopes


def narrow_mean(found: Ablation, experiment: str) -> float:
    """Mean over the narrow streams of what is readable of them; NaN where the row is not there."""
    kept = found.streams.filter(pl.col("experiment") == experiment, pl.col("stream").is_in(NARROW))["readable"].mean()
    return float(kept) if isinstance(kept, float) else float("nan")


def collapsed_but_readable(found: Ablation) -> list[str]:
    """Labels (with their split) below zero under CAR although some row reads them across cities."""
    across = found.labels.filter(pl.col("split").is_in(["E2", "E3"]))
    readable = across.group_by("split", "label").agg((pl.col("r2").max() >= _CARRIES_SIGNAL).alias("readable"))
    of_car = across.filter(pl.col("experiment") == CAR, pl.col("r2") < 0).join(readable, on=["split", "label"])
    return [f"{row['label']} ({row['split']})" for row in of_car.filter("readable").sort("split", "label").to_dicts()]


def findings(found: Ablation, experiments: Sequence[Experiment]) -> list[str]:
    """One sentence an axis: its best row, and whether that differs from the reference."""
    sentences = []
    for axis in AXES:
        rows = {row.name: row.title for row in experiments if row.axis == axis}
        told = found.table.filter(pl.col("split") == ACROSS, pl.col("experiment").is_in(list(rows)))
        if axis in _NAMES and told.height:
            sentences.append(_of_axis(axis, told.sort("mean_r2", descending=True).to_dicts(), rows))
    return sentences


def _of_axis(axis: Axis, told: Sequence[dict[str, float]], titles: dict[str, str]) -> str:
    best, worst = told[0], told[-1]
    title, least = titles[str(best["experiment"])], titles[str(worst["experiment"])]
    verdict = _verdict(best)
    return (
        f"{_NAMES[axis]}: the best change is “{title}” ({best['difference']:+.3f} against the reference, {verdict}); "
        f"the worst “{least}” ({worst['difference']:+.3f}, {_verdict(worst)})."
    )


def _verdict(row: dict[str, float]) -> str:
    if row["difference_low"] > 0:
        return "interval above zero"
    if row["difference_high"] < 0:
        return "interval below zero"
    return "these cities cannot tell it from none"


def _with(row: dict[str, float]) -> str:
    return f"{row['mean_r2']:.3f} ({row['low']:.3f} to {row['high']:.3f})"


def lost_streams(found: Ablation) -> list[str]:
    """Narrow streams that are read no better than by their mean from CAR's embeddings of unseen cities."""
    of_car = found.streams.filter(pl.col("experiment") == CAR, pl.col("stream").is_in(NARROW))
    return [f"{row['stream']}: R² {row['readable']:.3f}" for row in of_car.filter(pl.col("readable") <= 0).to_dicts()]


def undefined(found: Ablation) -> list[str]:
    """Rows of the tables in which a number is not finite."""
    told = []
    for name, columns in (("table", ("mean_r2", "low", "high")), ("labels", ("r2", "low", "high"))):
        table: pl.DataFrame = getattr(found, name)
        bad = table.filter(~pl.all_horizontal(pl.col(columns).is_finite().fill_null(False)))
        told += [f"{row['experiment']} under {row['split']}" for row in bad.to_dicts()]
    return list(dict.fromkeys(told))
