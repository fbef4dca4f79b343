"""A picture of what the change between two years hangs on."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from ml.diagnostics.change_origins import ChangeOrigins
from ml.diagnostics.distances import Float
from ml.diagnostics.palette import PALETTE

_MARKS = {"other source": " *", "lagging": " †"}
_ONLY, _HELD = PALETTE[4], PALETTE[0]


def change_origins_figure(study: ChangeOrigins) -> Figure:
    """Share of pixels that count as changed (left) and drift (right): each stream moving on alone, and held."""
    streams = study.streams.sort("held", descending=True, maintain_order=True)
    figure = Figure(figsize=(12, 1.9 + 0.42 * streams.height), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    _panel(left, streams["only"].to_numpy(), streams["held"].to_numpy(), study.share)
    _panel(right, streams["only_drift"].to_numpy(), streams["held_drift"].to_numpy(), study.drift)
    left.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    left.xaxis.set_major_formatter(PercentFormatter(1.0))
    left.set_xlim(right=1.05 * study.share_high)
    left.axvspan(study.share_low, study.share_high, color="black", alpha=0.08, linewidth=0)
    left.set_title("pixels that count as changed", fontsize=10)
    right.axvline(study.usual, color="grey", linestyle=":", linewidth=1)
    right.set_title("drift of the cities' means (dotted: threshold of a change)", fontsize=10)
    names = [row["title"] + _MARKS.get(row["origin"], "") for row in streams.to_dicts()]
    left.set_yticks(range(len(names)), names, fontsize=9)
    handles, labels = left.get_legend_handles_labels()
    notes = "* another source in the later year     † its source is older than the later year"
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=9, title=notes, title_fontsize=8)
    figure.suptitle(
        f"What the change {study.first}–{study.last} hangs on: {study.cities} cities, {study.pixels:,} pixels. "
        f"{study.origin}",
        fontsize=10,
    )
    return figure


def _panel(axes: Axes, only: Float, held: Float, whole: float) -> None:
    heights = np.arange(len(only))
    axes.hlines(heights, held, whole, color=_HELD, alpha=0.35, linewidth=5)
    axes.plot(held, heights, "o", color=_HELD, markersize=8, label="this stream held at the earlier year")
    axes.plot(only, heights, "D", color=_ONLY, markersize=7, label="only this stream moves on")
    axes.axvline(whole, color="black", linewidth=1.5, label="all streams as they are")
    axes.set_xlim(left=-0.03 * whole, right=1.12 * whole)
    axes.grid(axis="x", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
