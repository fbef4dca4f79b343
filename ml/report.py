"""Score tables and figures of a training run; every title says where the data are simulated."""

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from matplotlib.figure import Figure
from numpy.typing import NDArray

from lake.streams import STREAMS

ORDER = ("car_256", "car_256_all", "car_128", "car_64", "shared_256", "shared_256_all", "raw_concat", "aef")
TITLES = {
    "car_256": "CAR, 256-d",
    "car_256_all": "CAR, 256-d, as released",
    "car_128": "CAR, 128-d",
    "car_64": "CAR, 64-d",
    "shared_256": "Shared reconstruction, 256-d",
    "shared_256_all": "Shared, 256-d, as released",
    "raw_concat": "Raw concatenation",
    "aef": "AEF alone, 64-d",
}
_COLOURS = {
    "car": "#1f6f8b",
    "car_256": "#1f6f8b",
    "car_256_all": "#4f9bb5",
    "car_128": "#86bccd",
    "car_64": "#bcdce5",
    "shared": "#c8553d",
    "shared_256": "#c8553d",
    "shared_256_all": "#de8a78",
    "raw_concat": "#8d8d8d",
    "aef": "#e0b13c",
}
_CLIP = 1.0  # R² below −1 is drawn as −1; its number is written


def score_means(summary: pl.DataFrame) -> pl.DataFrame:
    """Mean R² over the labels and the number of labels with R² < 0, one row a `representation` and `split`."""
    return (
        summary.group_by("representation", "split")
        .agg(pl.col("r2").mean().alias("mean_r2"), (pl.col("r2") < 0).sum().cast(pl.Int64).alias("collapsed"))
        .sort("representation", "split")
    )


def score_table(summary: pl.DataFrame, simulated: bool) -> str:
    """Mean R² of each representation under each split, with the number of collapsed labels, as Markdown."""
    means = {(row["representation"], row["split"]): row for row in score_means(summary).to_dicts()}
    splits = sorted({split for _, split in means})
    lines = ["| representation | " + " | ".join(splits) + " |", "|---|" + "---:|" * len(splits)]
    for name in _present(summary):
        cells = [_cell(means[name, split]) if (name, split) in means else "–" for split in splits]
        lines.append(f"| {TITLES.get(name, name)} | " + " | ".join(cells) + " |")
    note = "Mean R² over the labels; in brackets the labels with R² < 0."
    return "\n".join([*lines, "", f"{note} {_origin(simulated)}"])


def score_heatmap(summary: pl.DataFrame, simulated: bool) -> Figure:
    """R² of every label (rows) for every representation (columns), a panel a split."""
    labels = summary["label"].unique().sort().to_list()
    splits = summary["split"].unique().sort().to_list()
    figure = Figure(figsize=(2.2 + 3.4 * len(splits), 6.4), layout="constrained")
    panels = figure.subplots(1, len(splits), sharey=True, squeeze=False)[0]
    for panel, split in zip(panels, splits, strict=True):
        of_split = summary.filter(pl.col("split") == split)
        names = _present(of_split)
        grid = _grid(of_split, labels, names)
        image = panel.imshow(np.clip(grid, -_CLIP, _CLIP), cmap="RdBu", vmin=-_CLIP, vmax=_CLIP, aspect="auto")
        for (row, column), value in np.ndenumerate(grid):
            if np.isfinite(value):
                colour = "white" if abs(value) > 0.65 else "black"
                panel.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=7, color=colour)
        panel.set_title(split)
        panel.set_xticks(range(len(names)), [TITLES.get(name, name) for name in names], rotation=60, ha="right")
        panel.set_yticks(range(len(labels)), labels)
    figure.colorbar(image, ax=panels, label="R² (cut at ±1)", shrink=0.6)
    figure.suptitle(f"CHN-Econ linear probes. {_origin(simulated)}")
    return figure


def score_bars(summary: pl.DataFrame, simulated: bool) -> Figure:
    """Mean R² over the labels, a group of bars a split."""
    means = {(row["representation"], row["split"]): row["mean_r2"] for row in score_means(summary).to_dicts()}
    splits, names = sorted({split for _, split in means}), _present(summary)
    figure = Figure(figsize=(9, 4), layout="constrained")
    axes = figure.subplots()
    width = 0.8 / len(names)
    for index, name in enumerate(names):
        heights = [means.get((name, split), np.nan) for split in splits]
        places = np.arange(len(splits)) + (index + 0.5) * width - 0.4
        axes.bar(places, heights, width, label=TITLES.get(name, name), color=_COLOURS.get(name))
    axes.axhline(0, color="black", linewidth=0.6)
    axes.set_xticks(range(len(splits)), splits)
    axes.set_ylabel("mean R² over labels")
    figure.legend(fontsize=8, loc="outside right center")
    axes.set_title(f"CHN-Econ linear probes. {_origin(simulated)}", fontsize=10)
    return figure


def gradient_figure(shares: Mapping[str, Mapping[str, float]], simulated: bool) -> Figure:
    """Share of each stream in the gradient that reaches the embedding, under `car` and under `shared`."""
    figure = _stream_bars(shares, "share of the gradient norm")
    even = 1 / len(STREAMS)
    figure.axes[0].axhline(even, color="grey", linestyle=":", linewidth=0.8)
    figure.axes[0].set_title(f"Gradient share by stream (dotted: even). {_origin(simulated)}", fontsize=10)
    return figure


def reconstruction_figure(scores: Mapping[str, Mapping[str, float]], simulated: bool) -> Figure:
    """R² of each stream's reconstruction, under `car` and under `shared`."""
    figure = _stream_bars(scores, "reconstruction R²")
    figure.axes[0].set_title(f"Reconstruction by stream. {_origin(simulated)}", fontsize=10)
    return figure


def _stream_bars(bars: Mapping[str, Mapping[str, float]], label: str) -> Figure:
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    places = np.arange(len(STREAMS))
    for offset, (name, values) in zip((-0.2, 0.2), bars.items(), strict=True):
        heights = [values[stream] for stream in STREAMS]
        axes.bar(places + offset, heights, 0.4, label={"car": "CAR", "shared": "shared"}[name], color=_COLOURS[name])
    titles = [f"{textwrap.fill(stream.title, 14)}\n({stream.width})" for stream in STREAMS.values()]
    axes.set_xticks(places, titles, fontsize=8)
    axes.set_ylabel(label)
    axes.legend()
    return figure


def _grid(summary: pl.DataFrame, labels: Sequence[str], names: Sequence[str]) -> NDArray[np.float64]:
    found = {(row["label"], row["representation"]): row["r2"] for row in summary.to_dicts()}
    return np.array([[found.get((label, name), np.nan) for name in names] for label in labels])


def _present(summary: pl.DataFrame) -> list[str]:
    """Representations in the order of the report; ones that it does not know come last."""
    names = summary["representation"].unique().sort().to_list()
    return [name for name in ORDER if name in names] + [name for name in names if name not in ORDER]


def _cell(row: Mapping[str, float]) -> str:
    return f"{row['mean_r2']:.3f} ({row['collapsed']:.0f})"


def _origin(simulated: bool) -> str:
    return "Simulated data: no result about China." if simulated else "Data from Earth Engine."
