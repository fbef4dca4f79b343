"""Pictures of what grows, and what is lost, with width."""

import textwrap

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, NullLocator, ScalarFormatter

from ml.diagnostics.challenges import CHALLENGES, Challenges
from ml.diagnostics.palette import PALETTE

_PANELS = (
    ("Regression (R²)", (("regression_knn", "-"), ("regression_ridge", "--"))),
    ("Classification (skill)", (("classification_knn", "-"), ("classification_ridge", "--"))),
    ("Clustering (adjusted Rand)", (("clustering_kmeans", "-"),)),
)


def challenges_figure(study: Challenges) -> Figure:
    """The five challenges against width, a panel each, a line a setting; the band is one standard deviation."""
    figure = Figure(figsize=(14, 3.8), layout="constrained")
    for panel, (measure, title) in zip(figure.subplots(1, len(CHALLENGES)), CHALLENGES.items(), strict=True):
        _lines(panel, study, measure, "-")
        if measure == "concentration":
            panel.set_yscale("log")
            panel.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            panel.yaxis.set_major_formatter(ScalarFormatter())
            panel.yaxis.set_minor_formatter(NullFormatter())
        panel.set_title(f"{measure.capitalize()}\n{textwrap.fill(title, 34)}", fontsize=8.5)
    handles, names = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=len(names), fontsize=9)
    figure.suptitle(f"Five challenges as the width grows. Table: {study.origin}", fontsize=10)
    return figure


def tasks_figure(study: Challenges) -> Figure:
    """Scores of the three tasks against width; neighbours and k-means solid, ridge dashed."""
    figure = Figure(figsize=(11, 3.8), layout="constrained")
    for panel, (title, measures) in zip(figure.subplots(1, len(_PANELS)), _PANELS, strict=True):
        for measure, dash in measures:
            _lines(panel, study, measure, dash)
        panel.axhline(0, color="black", linewidth=0.6)
        panel.set_title(title, fontsize=9)
    names = study.table["setting"].unique(maintain_order=True).to_list()
    solid = figure.axes[2].get_lines()[: len(names)]
    figure.legend(solid, names, loc="outside lower center", ncols=len(names), fontsize=9)
    figure.suptitle(f"What width costs (solid: neighbours, k-means; dashed: ridge). Table: {study.origin}", fontsize=10)
    return figure


def _lines(panel: Axes, study: Challenges, measure: str, dash: str) -> None:
    of_measure = study.table.filter(pl.col("measure") == measure)
    for index, setting in enumerate(study.table["setting"].unique(maintain_order=True)):
        part = of_measure.filter(pl.col("setting") == setting).sort("width")
        width, mean, sd = (part[column].to_numpy() for column in ("width", "mean", "sd"))
        panel.plot(width, mean, dash, marker="o", markersize=3, color=PALETTE[index], label=setting)
        panel.fill_between(width, mean - sd, mean + sd, color=PALETTE[index], alpha=0.15, linewidth=0)
    widths = np.unique(of_measure["width"].to_numpy())
    panel.set_xscale("log")
    panel.set_xticks(widths[:: max(1, len(widths) // 5)])
    panel.xaxis.set_major_formatter(ScalarFormatter())
    panel.xaxis.set_minor_locator(NullLocator())
    panel.tick_params(labelsize=7)
    panel.set_xlabel("dimensions", fontsize=8)
    panel.grid(alpha=0.3)
