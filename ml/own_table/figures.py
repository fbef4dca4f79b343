"""Figures of a user's table; every title says where the data come from."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from ml.own_table.scoring import ALL_ROWS, EMBEDDING, FEATURES, MAJORITY, PCA, RAW, TITLES, order

_COLOURS = {
    EMBEDDING: "#1f6f8b",
    ALL_ROWS: "#86bccd",
    RAW: "#6b6b6b",
    PCA: "#d99a1c",
    MAJORITY: "#b9b9b9",
    FEATURES: "#1f6f8b",
}
_MARKERS = {EMBEDDING: "o", ALL_ROWS: "D", RAW: "s", PCA: "^", MAJORITY: "|"}
_MEASURES = {"r2": "R² on rows held out", "accuracy": "share of held-out rows told right"}
_FLOOR = -1.0
_MOST_CLASSES = 10
_MOST_LABELS = 40


def scores_figure(scores: pl.DataFrame, origin: str) -> Figure:
    """Each label's score for each representation with its interval, a column of panels a split.

    Args:
        scores: `split`, `representation`, `label`, `measure`, `value`, `low`, `high`.
        origin: Where the data come from.
    """
    splits = scores["split"].unique(maintain_order=True).to_list()
    measures = [measure for measure in _MEASURES if measure in set(scores["measure"])]
    labels = {m: scores.filter(measure=m)["label"].unique(maintain_order=True).to_list() for m in measures}
    heights = [0.9 + 0.55 * min(len(labels[measure]), _MOST_LABELS) for measure in measures]
    figure = Figure(figsize=(3.2 + 3.6 * len(splits), 1.5 + sum(heights)), layout="constrained")
    grid = figure.subplots(len(measures), len(splits), squeeze=False, height_ratios=heights, sharey="row")
    for row, measure in enumerate(measures):
        for column, split in enumerate(splits):
            table = scores.filter(measure=measure, split=split)
            _score_panel(grid[row, column], table, labels[measure][:_MOST_LABELS])
            grid[row, column].set_xlabel(_MEASURES[measure])
            grid[row, column].set_title(split)
            if measure == "accuracy":
                grid[row, column].set_xlim(0.0, 1.02)
    drawn = order(scores["representation"].unique().to_list())
    handles = [
        grid[0, 0].plot([], [], _MARKERS.get(n, "o"), color=_COLOURS.get(n), label=TITLES.get(n, n))[0] for n in drawn
    ]
    figure.legend(
        handles=handles, loc="outside lower center", ncols=1 if len(splits) == 1 else 2, fontsize=8, frameon=False
    )
    figure.suptitle(f"How well each label is told from held-out rows. {origin}", fontsize=10, wrap=True)
    return figure


def _score_panel(axes: Axes, table: pl.DataFrame, labels: Sequence[str]) -> None:
    names = order(table["representation"].unique().to_list())
    for index, name in enumerate(names):
        rows = {row["label"]: row for row in table.filter(representation=name).to_dicts()}
        offset = (index - (len(names) - 1) / 2) * 0.7 / max(len(names), 1)
        for place, label in enumerate(labels):
            if label in rows:
                _dot(axes, rows[label], place + offset, name)
    axes.set_yticks(range(len(labels)), [textwrap.shorten(label, 28, placeholder="…") for label in labels])
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.grid(axis="x", color="#0002")
    if axes.get_xlim()[0] < 0:
        axes.axvline(0, color="black", linewidth=0.8)


def _dot(axes: Axes, row: Mapping[str, Any], y: float, name: str) -> None:
    value = max(row["value"], _FLOOR)
    axes.plot(value, y, _MARKERS.get(name, "o"), color=_COLOURS.get(name), markersize=6 if name != MAJORITY else 12)
    if row["low"] is not None and name != MAJORITY:
        axes.plot([max(row["low"], _FLOOR), max(row["high"], _FLOOR)], [y, y], color=_COLOURS.get(name), linewidth=1.4)
    if row["value"] < _FLOOR:
        axes.annotate(f"{row['value']:.1f} ◂", (_FLOOR, y), xytext=(8, -3), textcoords="offset points", fontsize=7)


def streams_figure(streams: Sequence[Mapping[str, Any]], origin: str) -> Figure:
    """Columns, gradient share and reconstruction R² of each stream, side by side.

    Args:
        streams: `title`, `width`, `gradient_share`, `reconstruction_r2` and `held_out_r2` (None where not known).
        origin: Where the data come from.
    """
    figure = Figure(figsize=(9.5, 1.7 + 0.5 * len(streams)), layout="constrained")
    panels = figure.subplots(1, 3, sharey=True)
    places = np.arange(len(streams))
    whole = sum(stream["width"] for stream in streams)
    panels[0].barh(places, [stream["width"] / whole for stream in streams], color="#b9b9b9")
    for place, stream in zip(places, streams, strict=True):
        panels[0].annotate(f" {stream['width']}", (stream["width"] / whole, place), va="center", fontsize=8)
    panels[0].set_xlabel("share of the columns (and how many)")
    panels[0].margins(x=0.15)
    panels[1].barh(places, [stream["gradient_share"] or 0.0 for stream in streams], color="#1f6f8b")
    panels[1].axvline(1 / len(streams), color="black", linestyle=":", linewidth=1)
    panels[1].set_xlabel("share of the gradient (dotted: even)")
    for key, colour, marker, said in (
        ("reconstruction_r2", "#86bccd", "D", "rows trained on"),
        ("held_out_r2", "#1f6f8b", "o", "rows held out"),
    ):
        known = [(max(s[key], _FLOOR), p) for p, s in zip(places, streams, strict=True) if s[key] is not None]
        if known:
            panels[2].plot(*zip(*known, strict=True), marker, color=colour, label=said)
    panels[2].set_xlim(min(0.0, panels[2].get_xlim()[0]), 1.02)
    panels[2].set_xlabel("R² of the reconstruction")
    panels[2].grid(axis="x", color="#0002")
    if panels[2].get_legend_handles_labels()[0]:
        panels[2].legend(fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False)
    panels[0].set_yticks(places, [textwrap.fill(stream["title"], 24) for stream in streams])
    panels[0].invert_yaxis()
    figure.suptitle(f"What each stream gets of the embedding. {origin}", fontsize=10, wrap=True)
    return figure


def training_figure(history: Sequence[Mapping[str, Any]], origin: str) -> Figure:
    """Loss by epoch: the total, and each stream's own."""
    figure = Figure(figsize=(7.5, 3.4), layout="constrained")
    axes = figure.subplots()
    epochs = [epoch["number"] for epoch in history]
    for name in history[0]["stream_loss"]:
        axes.plot(epochs, [epoch["stream_loss"][name] for epoch in history], linewidth=1.2, label=name)
    if history[0]["validation_loss"] is not None:
        held = [epoch["validation_loss"] for epoch in history]
        axes.plot(epochs, held, color="black", linestyle="--", label="total, held out")
    axes.plot(epochs, [epoch["loss"] for epoch in history], color="black", linewidth=1.8, label="total")
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylabel("loss")
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
    axes.set_title(f"Training on all rows. {origin}", fontsize=10, wrap=True)
    return figure


def map_figure(points: NDArray[np.float32], title: str, values: NDArray[Any], origin: str) -> Figure:
    """Embeddings on their two leading principal components, coloured by a label or a group.

    Args:
        points: Embeddings of some rows; (rows, width).
        title: Of what colours them.
        values: Float64 (rows,), NaN where unknown, or text.
        origin: Where the data come from.
    """
    centred = points - points.mean(axis=0)
    axes_of, shares = _leading(centred)
    places = centred @ axes_of
    figure = Figure(figsize=(6.6, 5.0), layout="constrained")
    axes = figure.subplots()
    if values.dtype.kind == "f":
        low, high = np.nanquantile(values, (0.02, 0.98))
        dots = axes.scatter(
            places[:, 0], places[:, 1], c=values, s=8, cmap="viridis", vmin=low, vmax=high, linewidths=0
        )
        figure.colorbar(dots, ax=axes, label=title)
    else:
        _classes(axes, places, values.astype(str), title)
    axes.set_xlabel(f"first principal component ({shares[0]:.0%} of the variance)")
    axes.set_ylabel(f"second ({shares[1]:.0%})")
    axes.set_title(f"{len(points):,} rows by their embeddings. {origin}", fontsize=10, wrap=True)
    return figure


def _classes(axes: Axes, places: NDArray[np.float32], values: NDArray[np.str_], title: str) -> None:
    names, counts = np.unique(values, return_counts=True)
    shown = names[np.sort(np.argsort(-counts, kind="stable")[:_MOST_CLASSES])]
    others = ~np.isin(values, shown)
    axes.scatter(
        places[others, 0],
        places[others, 1],
        s=8,
        color="#d0d0d0",
        linewidths=0,
        label="others" if others.any() else None,
    )
    for number, name in enumerate(shown):
        chosen = places[values == name]
        axes.scatter(chosen[:, 0], chosen[:, 1], s=8, color=f"C{number}", linewidths=0, label=name)
    axes.legend(title=title, fontsize=8, markerscale=2, loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)


def _leading(centred: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    values, vectors = np.linalg.eigh(centred.T.astype(np.float64) @ centred)
    return vectors[:, ::-1][:, :2], values[::-1][:2] / max(float(values.sum()), 1e-30)
