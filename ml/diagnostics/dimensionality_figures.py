"""Pictures of a dimensionality study."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

from ml.diagnostics.dimensionality import Dimensionality
from ml.diagnostics.palette import MARKERS, PALETTE

_PANELS = (  # column, title, colour map
    ("skill", "kNN skill on the labels\n(1 perfect, 0 useless)", "Blues"),
    ("contrast", "relative contrast\n(Dmax − Dmin) / Dmin", "Greens"),
    ("shuffled", "for reference: the same,\ncolumns shuffled", "Greys"),
    ("hub_skewness", "hubs: skewness of\nk-occurrence", "Oranges_r"),
    ("antihubs", "anti-hubs: share of rows\nnobody is near to", "Oranges_r"),
)


def measures_figure(study: Dimensionality) -> Figure:
    """Every measure of every representation (rows) and metric (columns), a panel a measure, numbers written in."""
    names = study.shapes["representation"].to_list()
    metrics = study.metrics["metric"].unique(maintain_order=True).to_list()
    figure = Figure(figsize=(3 + 2.5 * len(_PANELS), 1.9 + 0.34 * len(names)), layout="constrained")
    cells = {(row["representation"], row["metric"]): row for row in study.metrics.to_dicts()}
    for panel, (column, title, colours) in zip(figure.subplots(1, len(_PANELS), sharey=True), _PANELS, strict=True):
        grid = np.array([[cells[name, metric][column] for metric in metrics] for name in names], np.float64)
        shade = np.log(np.maximum(grid, 1e-3)) if column in {"contrast", "shuffled"} else grid
        image = panel.imshow(shade, cmap=colours, aspect="auto")
        for (row, place), value in np.ndenumerate(grid):
            if np.isfinite(value):
                red, green, blue, _ = image.cmap(image.norm(shade[row, place]))
                ink = "white" if 0.3 * red + 0.59 * green + 0.11 * blue < 0.5 else "black"
                text = f"{value:.1%}" if column == "antihubs" else f"{value:.2f}"
                panel.text(place, row, text, ha="center", va="center", fontsize=7, color=ink)
        panel.set_title(title, fontsize=9)
        panel.set_xticks(range(len(metrics)), metrics, rotation=50, ha="right", fontsize=8)
        panel.set_yticks(range(len(names)), names, fontsize=8)
    figure.suptitle(
        f"Distances in each representation (darker is better; grey is for reference). {study.origin}", fontsize=10
    )
    return figure


def contrast_and_skill_figure(study: Dimensionality) -> Figure:
    """Skill against contrast, a point a representation and metric: whether more contrast means better neighbours."""
    figure = Figure(figsize=(8.5, 4.8), layout="constrained")
    axes = figure.subplots()
    names = study.shapes["representation"].to_list()
    metrics = study.metrics["metric"].unique(maintain_order=True).to_list()
    for row in study.metrics.drop_nulls("skill").to_dicts():
        axes.plot(
            row["contrast"],
            row["skill"],
            MARKERS[names.index(row["representation"]) % len(MARKERS)],
            color=PALETTE[metrics.index(row["metric"]) % len(PALETTE)],
            markersize=8,
            alpha=0.85,
        )
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("relative contrast (Dmax − Dmin) / Dmin")
    axes.set_ylabel("kNN skill on the labels")
    axes.grid(alpha=0.3)
    by_metric = {name: Line2D([], [], marker="s", linestyle="", color=PALETTE[i]) for i, name in enumerate(metrics)}
    by_name = {
        name: Line2D([], [], marker=MARKERS[i % len(MARKERS)], linestyle="", color="grey")
        for i, name in enumerate(names)
    }
    handles: Mapping[str, Line2D] = by_metric | by_name
    figure.legend(list(handles.values()), list(handles), loc="outside right center", fontsize=8)
    axes.set_title(
        f"More contrast, better neighbours? Rank correlation {study.agreement:.2f}. {study.origin}", fontsize=10
    )
    return figure


def spectrum_figure(study: Dimensionality) -> Figure:
    """How few dimensions hold the variance (left), and estimates of how many there are beside the width (right)."""
    figure = Figure(figsize=(11, 4.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    names = study.shapes["representation"].to_list()
    for index, name in enumerate(names):
        shares = study.spectra[name]
        dash = "-" if index < len(PALETTE) else "--"
        left.plot(
            np.arange(1, len(shares) + 1), np.cumsum(shares), dash, color=PALETTE[index % len(PALETTE)], label=name
        )
    left.axhline(0.9, color="grey", linestyle=":", linewidth=1)
    left.text(1, 0.905, "90 %", fontsize=8, color="grey")
    left.set_xscale("log")
    left.xaxis.set_major_formatter(ScalarFormatter())
    left.set_xlabel("leading principal components")
    left.set_ylabel("share of the variance")
    left.legend(fontsize=7)
    columns = {
        "width": "width",
        "for_90": "components for 90 %",
        "participation": "participation ratio",
        "two_nn": "TwoNN",
        "mle": "Levina–Bickel",
    }
    for index, (column, label) in enumerate(columns.items()):
        right.plot(
            study.shapes[column].cast(float).to_numpy(),
            np.arange(len(names)),
            MARKERS[index],
            color="black" if column == "width" else PALETTE[index],
            label=label,
        )
    right.set_yticks(range(len(names)), names, fontsize=8)
    right.invert_yaxis()
    right.set_xscale("log")
    right.xaxis.set_major_formatter(ScalarFormatter())
    right.set_xlabel("dimensions")
    right.grid(alpha=0.3)
    right.legend(fontsize=7)
    figure.suptitle(f"How many dimensions are used. {study.origin}", fontsize=10)
    return figure
