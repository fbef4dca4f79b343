"""Pictures of the cross-city hierarchy."""

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from scipy.cluster.hierarchy import dendrogram

from ml.diagnostics.distances import Float
from ml.diagnostics.hierarchy import Hierarchy
from ml.diagnostics.palette import PALETTE

_FIXED = ("city", "name", "lon", "lat", "cluster")
_ORDER = {"1": 0, "new1": 1, "2": 2, "3": 3}  # tiers are no alphabet
_SHADES = {0: "Blues", 1: "Set2"}  # of the first attribute (tier, which has an order) and of the others


def dendrogram_figure(study: Hierarchy) -> Figure:
    """The tree of the cities, with a strip of colour for the cluster and for each attribute beside the names."""
    kinds = [column for column in study.cities.columns if column not in _FIXED]
    figure = Figure(figsize=(10, 1.8 + 0.2 * study.cities.height), layout="constrained")
    tree, strips = figure.subplots(1, 2, width_ratios=(4.5, 0.45 * (len(kinds) + 1)))
    drawn = dendrogram(study.linkage, orientation="left", ax=tree, link_color_func=lambda _: "#555555", no_labels=True)
    order = drawn["leaves"]
    tree.set_xlabel("cosine distance at which two groups join (average linkage)")
    tree.spines[["top", "left", "right"]].set_visible(False)
    columns = ["cluster", *kinds]
    handles = []
    for place, kind in enumerate(columns):
        colours = _colours(study, kind, place)
        for height, row in enumerate(order):
            strips.barh(height, 0.9, left=place, height=0.9, color=colours[str(study.cities[kind][row])])
        if kind != "cluster":
            handles += [Patch(color=colour, label=f"{kind} {name}") for name, colour in colours.items()]
    names = [study.cities["name"][row] for row in order]
    strips.set_yticks(range(len(order)), names, fontsize=8)
    strips.set_xticks([place + 0.45 for place in range(len(columns))], columns, rotation=60, ha="right", fontsize=8)
    strips.set_ylim(-0.5, len(order) - 0.5)
    strips.tick_params(length=0)
    strips.spines[:].set_visible(False)
    figure.legend(handles=handles, loc="outside right center", fontsize=8)
    figure.suptitle(f"Cities by their mean embedding. {study.origin}", fontsize=10)
    return figure


def map_figure(study: Hierarchy) -> Figure:
    """The cities where they lie, coloured by cluster."""
    figure = Figure(figsize=(9, 7.2), layout="constrained")
    axes = figure.subplots()
    colours = _colours(study, "cluster", 0)
    lon, lat = study.cities["lon"].to_numpy(), study.cities["lat"].to_numpy()
    for row in study.cities.to_dicts():
        axes.plot(
            row["lon"], row["lat"], "o", markersize=9, color=colours[str(row["cluster"])], markeredgecolor="white"
        )
    axes.set_aspect(1 / np.cos(np.radians(lat.mean())))
    axes.set_xlim(lon.min() - 3, lon.max() + 5)
    axes.set_ylim(lat.min() - 2, lat.max() + 2)
    corners = _label_places(lon, lat)
    for row, (right, up) in zip(study.cities.to_dicts(), corners, strict=True):
        axes.annotate(
            row["name"],
            (row["lon"], row["lat"]),
            (7 * right, 7 * up),
            textcoords="offset points",
            ha={-1: "right", 0: "center", 1: "left"}[right],
            va={-1: "top", 0: "center", 1: "bottom"}[up],
            fontsize=7.5,
        )
    axes.grid(alpha=0.4, linestyle=":")
    axes.set_xlabel("longitude, °E")
    axes.set_ylabel("latitude, °N")
    marks = [Line2D([], [], marker="o", linestyle="", color=colour, label=name) for name, colour in colours.items()]
    axes.legend(handles=marks, title="cluster", loc="lower left")
    axes.set_title(
        f"Cities by cluster of their mean embedding. Distance of means against kilometres: r = {study.mantel:.2f} "
        f"(p = {study.mantel_p:.4f}).\n{study.origin}",
        fontsize=9,
    )
    return figure


def _colours(study: Hierarchy, kind: str, place: int) -> dict[str, str]:
    names = sorted(map(str, study.cities[kind].unique()), key=lambda name: (_ORDER.get(name, 0), name))
    if kind == "cluster":
        return {name: PALETTE[index % len(PALETTE)] for index, name in enumerate(names)}
    shade = colormaps[_SHADES[0 if place == 1 else 1]]
    if place == 1:
        return {name: to_hex(shade(1.0 - 0.8 * index / max(len(names) - 1, 1))) for index, name in enumerate(names)}
    return {name: to_hex(shade(index % shade.N)) for index, name in enumerate(names)}


def _label_places(lon: Float, lat: Float) -> list[tuple[int, int]]:
    """For each name the corner of its mark where fewest marks and names stand already, in degrees of the map."""
    corners = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))
    taken = [(x, y) for x, y in zip(lon, lat, strict=True)]
    chosen = []
    for x, y in zip(lon, lat, strict=True):
        others = [place for place in taken if place != (x, y)]
        crowd = [_crowd(x + 1.7 * right, y + 0.6 * up, others) for right, up in corners]
        right, up = corners[int(np.argmin(np.round(crowd, 6)))]
        chosen.append((right, up))
        taken += [(x + step * right, y + 0.6 * up) for step in (0.8, 1.7, 2.6)]
    return chosen


def _crowd(x: float, y: float, taken: list[tuple[float, float]]) -> float:
    return sum(max(0.0, 1 - abs(x - a) / 2.4) * max(0.0, 1 - abs(y - b) / 0.8) for a, b in taken)
