"""Pictures of a place and its look-alikes."""

import numpy as np
from matplotlib.figure import Figure

from lake.cities import city as find_city
from ml.diagnostics.look_alikes import LookAlikes
from ml.diagnostics.palette import PALETTE


def look_alikes_figure(study: LookAlikes) -> Figure:
    """Where the best of each city stands (left) and what the look-alikes have in common with the place (right)."""
    known = study.values.height
    figure = Figure(figsize=(12, 1.6 + 0.19 * max(known, study.by_city.height, 12)), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.3)) if known else (figure.subplots(), None)
    cities = study.by_city.to_dicts()
    compared = len(study.percentiles)
    for height, row in enumerate(cities):
        left.barh(height, row["similarity"], color=PALETTE[0] if height < compared else "#b8d4e6")
    left.axvline(study.typical, color="black", linestyle=":", linewidth=1)
    left.set_yticks(range(len(cities)), [row["name"] for row in cities], fontsize=7.5)
    left.invert_yaxis()
    left.set_xlabel("cosine similarity (dotted: median of all pixels)", fontsize=8)
    left.set_title(f"The most similar pixel of each city\n(dark: the {compared} that are compared)", fontsize=9)
    left.set_ylim(len(cities) - 0.4, -0.6)
    if right is not None:
        heights = np.arange(known)
        for column in heights:
            right.hlines(column, 0, 100, color="#eeeeee", linewidth=1, zorder=0)
        spots = study.percentiles
        jitter = np.linspace(-0.18, 0.18, len(spots))[:, None] + heights
        right.scatter(spots, jitter, s=14, color=PALETTE[0], alpha=0.7, label="look-alikes", linewidths=0)
        right.scatter(study.values["own_percentile"], heights, s=70, marker="D", color=PALETTE[4], label="the place")
        names = [
            f"{row['column']} ({row['apart']:.0f} : {row['by_chance']:.0f})"
            for row in study.values.fill_null(np.nan).to_dicts()
        ]
        right.set_yticks(heights, names, fontsize=7.5)
        right.set_ylim(known - 0.4, -0.6)
        right.set_xlim(-2, 102)
        right.set_xlabel("percentile among the pixels of other cities", fontsize=8)
        right.set_title("What is known of them\n(mean difference of percentiles : what chance gives)", fontsize=9)
        figure.legend(fontsize=8, loc="outside lower right", ncols=2)
    place = study.place
    name = find_city(place.city).name_en
    figure.suptitle(f"Look-alikes of {name}, pixel {place.pixel}, {place.year}. {study.origin}", fontsize=10)
    return figure
