"""The study in pictures, each to be understood without its text."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lake.streams import STREAMS
from ml.experiments.scores import ACROSS, Ablation
from ml.experiments.table import AXES, CAR, REFERENCE, Axis, Experiment

AXIS_TITLES: Mapping[Axis, str] = {
    "reference": "Reference",
    "fusion": "Fusion",
    "objective": "Objective",
    "text": "Text",
    "dimension": "Dimensions",
    "normalisation": "Normalisation",
    "baseline": "Baselines",
    "car": "CAR",
}
# Okabe and Ito (2008), told apart under any colour vision
_COLOURS: Mapping[Axis, str] = {
    "reference": "#000000",
    "fusion": "#0072B2",
    "objective": "#D55E00",
    "text": "#009E73",
    "dimension": "#CC79A7",
    "normalisation": "#9A7D00",
    "baseline": "#777777",
    "car": "#1f6f8b",
}
_CHANGES: Sequence[tuple[str, str]] = (("E2", "o"), ("E3", "s"))
_CUT = 1.0  # R² below −1 is drawn as −1; its number is written


def origin(simulated: bool) -> str:
    """Said in every picture."""
    return "Simulated planet: no result about China." if simulated else "Data from Earth Engine."


def forest_figure(found: Ablation, experiments: Sequence[Experiment]) -> Figure:
    """Mean R² of every row with its interval over cities, by axis, against the reference; a panel a split."""
    rows = _by_axis(experiments)
    figure = Figure(figsize=(14, 1.6 + 0.27 * (len(rows) + len(AXES))), layout="constrained")
    panels = figure.subplots(1, 3, sharey=True)
    places = _places(rows)
    for axes, split in zip(panels, ("E1", "E2", "E3"), strict=True):
        values = _of(found.table, split)
        if REFERENCE in values:
            axes.axvline(values[REFERENCE]["mean_r2"], color="black", linewidth=0.8, linestyle=":")
        for row in rows:
            if row.name in values:
                _interval(axes, values[row.name], "mean_r2", "low", "high", places[row.name], _COLOURS[row.axis])
        axes.set_title(_SPLITS[split], fontsize=10)
        axes.set_xlabel("mean R² over labels (95 % over cities)")
        axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    _label_rows(panels[0], rows, places)
    figure.suptitle(f"Every experiment; dotted: the reference. {origin(found.simulated)}", fontsize=12)
    return figure


def difference_figure(found: Ablation, experiments: Sequence[Experiment]) -> Figure:
    """What each single change is worth: difference to the reference in mean R² where cities are held out."""
    rows = [row for row in _by_axis(experiments) if row.name != REFERENCE]
    figure = Figure(figsize=(10, 1.6 + 0.27 * (len(rows) + len(AXES))), layout="constrained")
    axes = figure.subplots()
    places = _places(rows)
    axes.axvline(0, color="black", linewidth=0.8)
    for (split, marker), shift in zip(_CHANGES, (-0.17, 0.17), strict=True):
        values = _of(found.table, split)
        for row in rows:
            if row.name in values:
                told, place = values[row.name], places[row.name] + shift
                ends = ("difference", "difference_low", "difference_high")
                _interval(axes, told, *ends, place, _COLOURS[row.axis], marker, hollow=split == "E3")
        axes.plot([], [], marker, color="#333333", mfc="white" if split == "E3" else "#333333", label=_SPLITS[split])
    axes.set_xlabel("difference in mean R² to the reference: better to the right (95 %, paired over cities)")
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    _label_rows(axes, rows, places)
    figure.legend(loc="outside lower right", ncols=2, fontsize=9, frameon=False)
    figure.suptitle(f"What one change is worth. {origin(found.simulated)}", fontsize=12)
    return figure


def label_figure(found: Ablation, experiments: Sequence[Experiment], categories: Mapping[str, str]) -> Figure:
    """R² of every label under E2, a row an experiment: red cells are labels that collapsed."""
    rows = _by_axis(experiments)
    of_split = found.labels.filter(split="E2")
    labels = sorted(of_split["label"].unique(), key=lambda label: (categories.get(label, ""), label))
    cells = {(row["experiment"], row["label"]): row["r2"] for row in of_split.to_dicts()}
    grid = np.array([[cells.get((row.name, label), np.nan) for label in labels] for row in rows])
    figure = Figure(figsize=(4.5 + 0.62 * len(labels), 2.2 + 0.26 * len(rows)), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(np.clip(grid, -_CUT, _CUT), cmap="RdBu", vmin=-_CUT, vmax=_CUT, aspect="auto")
    for (y, x), value in np.ndenumerate(grid):
        if np.isfinite(value):
            dark = "white" if abs(value) > 0.65 else "black"
            axes.text(x, y, f"{value:.2f}", ha="center", va="center", fontsize=6.5, color=dark)
    axes.set_yticks(range(len(rows)), [row.title for row in rows], fontsize=8)
    for tick, row in zip(axes.get_yticklabels(), rows, strict=True):
        tick.set_color(_COLOURS[row.axis])
    axes.set_xticks(range(len(labels)), [label.replace("_", " ") for label in labels], rotation=45, ha="right")
    for place in range(1, len(labels)):
        if categories.get(labels[place]) != categories.get(labels[place - 1]):
            axes.axvline(place - 0.5, color="black", linewidth=1.2)
    for place in range(1, len(rows)):
        if rows[place].axis != rows[place - 1].axis:
            axes.axhline(place - 0.5, color="white", linewidth=3)
    figure.colorbar(image, ax=axes, label="R², regions held out (cut at ±1)", shrink=0.5)
    named = ", ".join(dict.fromkeys(categories.get(label, "") for label in labels))
    axes.set_title(f"Which labels can be read ({named}); red: worse than the mean. {origin(found.simulated)}")
    return figure


def stream_figure(found: Ablation, experiments: Sequence[Experiment]) -> Figure:
    """How much of each stream is left in embeddings of unseen cities, and who got the gradient."""
    shown = [name for name in (REFERENCE, found.best_shared, CAR) if name in {row.name for row in experiments}]
    shown = list(dict.fromkeys(shown))
    titles = {row.name: row.title for row in experiments}
    colours = {found.best_shared: "#e0b13c", REFERENCE: "#c8553d", CAR: "#1f6f8b"}
    streams = sorted(STREAMS.values(), key=lambda stream: stream.width)
    figure = Figure(figsize=(13, 5), layout="constrained")
    panels = figure.subplots(1, 2)
    measures = (
        ("readable", "R² of a stream's columns, read linearly from the embedding"),
        ("gradient_share", "share of the gradient that reaches the embedding"),
    )
    for axes, (measure, title) in zip(panels, measures, strict=True):
        values = {(row["experiment"], row["stream"]): row[measure] for row in found.streams.to_dicts()}
        for number, name in enumerate(shown):
            heights = [values.get((name, stream.name)) for stream in streams]
            places = np.arange(len(streams)) + (number - (len(shown) - 1) / 2) * 0.8 / len(shown)
            bars = axes.bar(places, [h if h is not None else np.nan for h in heights], 0.8 / len(shown))
            for bar in bars:
                bar.set_color(colours[name])
            bars.set_label(titles[name])
            axes.bar_label(bars, fmt="%.2f", fontsize=6.5)
        axes.axhline(0, color="black", linewidth=0.6)
        names = [f"{stream.title}\n{stream.width} columns" for stream in streams]
        axes.set_xticks(range(len(streams)), names, rotation=35, ha="right", fontsize=8)
        axes.set_title(title, fontsize=10)
    panels[1].axhline(1 / len(streams), color="grey", linestyle=":", linewidth=0.9)
    panels[1].text(len(streams) - 0.5, 1 / len(streams), "even", fontsize=8, color="grey", va="bottom", ha="right")
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=len(shown), fontsize=9, frameon=False)
    figure.suptitle(f"Streams from narrow to wide, in cities not seen (E2). {origin(found.simulated)}", fontsize=12)
    return figure


def car_figure(found: Ablation, experiments: Sequence[Experiment]) -> Figure:
    """The ablation of CAR: what each single change does to it, by scores and by narrow streams."""
    rows = [row for row in experiments if row.axis == "car" or row.name in (REFERENCE, found.best_shared)]
    figure = Figure(figsize=(13, 1.8 + 0.38 * len(rows)), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(1, 1.15))
    values = _of(found.table, ACROSS) or _of(found.table, "E2")
    places = {row.name: -place for place, row in enumerate(rows)}
    for row in rows:
        _interval(left, values[row.name], "mean_r2", "low", "high", places[row.name], _COLOURS[row.axis])
    if CAR in values:
        left.axvline(values[CAR]["mean_r2"], color=_COLOURS["car"], linewidth=0.8, linestyle=":")
    left.set_yticks(list(places.values()), [row.title for row in rows], fontsize=9)
    left.set_xlabel("mean R² over labels, E2 and E3 (95 % over cities)")
    left.grid(axis="x", color="#dddddd", linewidth=0.6)
    streams = sorted(STREAMS.values(), key=lambda stream: stream.width)
    kept = {(row["experiment"], row["stream"]): row["readable"] for row in found.streams.to_dicts()}
    grid = np.array([[kept.get((row.name, stream.name), np.nan) for stream in streams] for row in rows])
    image = right.imshow(
        grid, cmap="viridis", vmin=0, vmax=1, aspect="auto", extent=(-0.5, len(streams) - 0.5, 0.5 - len(rows), 0.5)
    )
    for (y, x), value in np.ndenumerate(grid):
        colour = "black" if value > 0.6 else "white"
        right.text(x, -y, f"{value:.2f}", ha="center", va="center", fontsize=8, color=colour)
    right.set_xticks(range(len(streams)), [f"{s.title} ({s.width})" for s in streams], rotation=30, ha="right")
    figure.colorbar(image, ax=right, label="R² of the stream, read from the embedding (E2)")
    figure.suptitle(f"What makes CAR. {origin(found.simulated)}", fontsize=12)
    return figure


def loss_figure(curves: pl.DataFrame, experiments: Sequence[Experiment], simulated: bool) -> Figure:
    """Loss by epoch of every trained row, relative to its first epoch: what the budget was chosen by."""
    trained = [row for row in experiments if row.training is not None]
    mean = curves.group_by("experiment", "epoch").agg(pl.col("loss").mean()).sort("epoch")
    figure = Figure(figsize=(13, 4.2), layout="constrained")
    groups = [axis for axis in AXES if any(row.axis == axis for row in trained) and axis != "reference"]
    panels = figure.subplots(1, max(1, len(groups)), sharey=True, squeeze=False)[0]
    for axes, axis in zip(panels, groups, strict=False):
        for row in trained:
            losses = mean.filter(experiment=row.name)
            if row.axis == axis or row.name == REFERENCE:
                style = {"color": "black", "linestyle": ":"} if row.name == REFERENCE else {}
                first = losses["loss"][0]
                axes.plot(losses["epoch"], (losses["loss"] - first) / abs(first), label=row.name, **style)
        axes.set_title(AXIS_TITLES[axis], fontsize=10)
        axes.set_xlabel("epoch")
        axes.legend(fontsize=6)
    panels[0].set_ylabel("change of the loss since epoch 1")
    figure.suptitle(f"Losses while training, mean over folds. {origin(simulated)}", fontsize=12)
    return figure


_SPLITS = {"E1": "E1: within cities", "E2": "E2: regions held out", "E3": "E3: tiers held out"}


def _interval(
    axes: Axes,
    told: Mapping[str, float],
    middle: str,
    low: str,
    high: str,
    place: float,
    colour: str,
    marker: str = "o",
    hollow: bool = False,
) -> None:
    axes.plot([told[low], told[high]], [place, place], color=colour, linewidth=1.6, alpha=0.55)
    axes.plot(told[middle], place, marker, color=colour, markersize=5, mfc="white" if hollow else colour)


def _by_axis(experiments: Sequence[Experiment]) -> list[Experiment]:
    return sorted(experiments, key=lambda row: AXES.index(row.axis))


def _places(rows: Sequence[Experiment]) -> dict[str, float]:
    """From top to bottom, with a gap between axes."""
    places, place = {}, 0.0
    for before, row in zip([None, *rows[:-1]], rows, strict=True):
        place -= 1.0 if before is None or before.axis == row.axis else 1.6
        places[row.name] = place
    return places


def _label_rows(axes: Axes, rows: Sequence[Experiment], places: Mapping[str, float]) -> None:
    axes.set_yticks([places[row.name] for row in rows], [row.title for row in rows], fontsize=8.5)
    for tick, row in zip(axes.get_yticklabels(), rows, strict=True):
        tick.set_color(_COLOURS[row.axis])
    axes.set_ylim(min(places.values()) - 0.8, max(places.values()) + 0.8)


def _of(table: pl.DataFrame, split: str) -> dict[str, dict[str, float]]:
    return {row["experiment"]: row for row in table.filter(split=split).to_dicts()}
