"""Figures of the study of capacity, to be understood without any text beside them."""

import textwrap
from collections.abc import Sequence

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator, PercentFormatter

from ml.capacity_study.findings import HALF, TWICE, by_stream, label_means, narrow_means, onsets
from ml.capacity_study.study import CapacityStudy

TITLES = {"shared": "shared decoder (band: seeds)", "car": "CAR, a decoder a stream (band: seeds)"}
COLOURS = {"shared": "#c8553d", "car": "#1f6f8b"}
_GREY = "#666666"


def overview_figure(study: CapacityStudy) -> Figure:
    """What width does to the narrow streams' gradient, to their reconstruction, and to what a probe reads."""
    figure = Figure(figsize=(12, 4.6), layout="constrained")
    shares, reconstruction, labels = figure.subplots(1, 3)
    narrow = narrow_means(study)
    _lines(shares, narrow, "gradient_share")
    _theory(shares, study, _narrow_streams(study))
    shares.yaxis.set_major_formatter(PercentFormatter(1.0))
    shares.set_ylim(bottom=0)
    shares.set_title("Narrow streams' share of the gradient\n(all of them together)", fontsize=10)
    _lines(reconstruction, narrow, "r2")
    reconstruction.axhline(0, color=_GREY, linewidth=0.6)
    count = len(_narrow_streams(study))
    reconstruction.set_title(
        f"How well narrow streams are reconstructed\n(mean R² of {count}, rows held out)", fontsize=10
    )
    _lines(labels, label_means(study), "r2")
    _widen_limits(labels, 0.2)
    count = study.labels["label"].n_unique()
    labels.set_title(f"How well a linear probe reads labels\n(mean R² of {count}, {study.plan.split})", fontsize=10)
    for axes in (shares, reconstruction, labels):
        _width_axis(axes, study)
    figure.legend(*shares.get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=9)
    figure.suptitle(_headline(study), fontsize=12)
    return figure


def streams_figure(study: CapacityStudy) -> Figure:
    """The same stream by stream: reconstruction above, share of the gradient below; triangles mark what is lost."""
    names, table, starts = study.schema.names, by_stream(study), onsets(study)
    figure = Figure(figsize=(2.05 * len(names) + 1, 5.8), layout="constrained")
    panels = figure.subplots(2, len(names), sharex=True, sharey="row", squeeze=False)
    for column, name in enumerate(names):
        above, below = panels[:, column]
        of_stream = table.filter(pl.col("stream") == name)
        _lines(above, of_stream, "r2")
        _lines(below, of_stream, "gradient_share")
        _theory(below, study, [name])
        _mark_onsets(above, of_stream, starts.filter(pl.col("stream") == name))
        above.axhline(0, color=_GREY, linewidth=0.6)
        above.set_title(_stream_title(study, name), fontsize=9)
        _width_axis(below, study)
        above.spines[["top", "right"]].set_visible(False)
        below.set_xlabel("columns of each wide stream" if column == len(names) // 2 else "")
        below.set_yscale("log")
    panels[0, 0].set_ylabel("reconstruction R²")
    panels[1, 0].set_ylabel("share of the gradient")
    panels[1, 0].yaxis.set_major_formatter(PercentFormatter(1.0, decimals=None))
    figure.legend(*panels[1, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=9)
    rule = (
        f"against CAR at {min(study.plan.widths)} columns, from here on   △ the unexplained variance is at least "
        f"{TWICE:.0f} times as large   ▲ less than {HALF:.0%} of R² is left"
    )
    figure.suptitle(f"{_headline(study)}\n{rule}", fontsize=11)
    return figure


def _lines(axes: Axes, table: pl.DataFrame, value: str) -> None:
    """A line a reconstruction, with the range of the seeds around it."""
    for kind, title in TITLES.items():
        rows = table.filter(pl.col("reconstruction") == kind).sort("width")
        axes.plot(
            rows["width"], rows[value], "o-", color=COLOURS[kind], label=title, linewidth=2.2, markersize=4, zorder=3
        )
        axes.fill_between(
            rows["width"], rows[f"{value}_low"], rows[f"{value}_high"], color=COLOURS[kind], alpha=0.2, linewidth=0
        )


def _theory(axes: Axes, study: CapacityStudy, names: Sequence[str]) -> None:
    """What some streams would get in proportion to their columns, and what they would get if all got the same."""
    widths = sorted(study.plan.widths)
    shares = [sum(columns[name] for name in names) / sum(columns.values()) for columns in map(study.columns, widths)]
    axes.plot(widths, shares, "--", color=_GREY, linewidth=1.1, label="theory, shared: in proportion to columns")
    even = len(names) / len(study.schema.names)
    axes.axhline(even, color=_GREY, linestyle=":", linewidth=1.3, label="theory, CAR: the same for every stream")


def _mark_onsets(axes: Axes, of_stream: pl.DataFrame, starts: pl.DataFrame) -> None:
    for column, face in (("crowded", False), ("onset", True)):
        for row in starts.filter(pl.col(column).is_not_null()).to_dicts():
            colour = COLOURS[row["reconstruction"]]
            at = (pl.col("reconstruction") == row["reconstruction"]) & (pl.col("width") == row[column])
            height = of_stream.filter(at)["r2"].item()
            axes.plot(
                row[column], height - 0.07, "^", color=colour, markerfacecolor=colour if face else "white",
                markersize=8, zorder=4,
            )  # fmt: skip


def _widen_limits(axes: Axes, least: float) -> None:
    """A span of so much at least, or chance would look like a trend."""
    low, high = axes.get_ylim()
    margin = max(0.0, least - (high - low)) / 2
    axes.set_ylim(low - margin, high + margin)


def _width_axis(axes: Axes, study: CapacityStudy) -> None:
    axes.set_xscale("log", base=2)
    axes.set_xticks(study.plan.widths, [str(width) for width in study.plan.widths], fontsize=8)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("columns of each wide stream")
    axes.grid(axis="y", linewidth=0.3)
    axes.spines[["top", "right"]].set_visible(False)


def _narrow_streams(study: CapacityStudy) -> list[str]:
    return [name for name in study.schema.names if name not in study.plan.wide]


def _stream_title(study: CapacityStudy, name: str) -> str:
    stream = study.schema[name]
    width = f"widened, {stream.width} by nature" if name in study.plan.wide else f"{stream.width} columns"
    return f"{textwrap.fill(stream.title, 20)}\n({width})"


def _headline(study: CapacityStudy) -> str:
    wide = " and ".join(study.schema[name].title for name in study.plan.wide)
    origin = "\nSimulated data: no result about China." if study.simulated else ""
    return f"{wide} grow wider and tell no more: what becomes of the other streams?{origin}"
