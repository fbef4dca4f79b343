"""Pictures of the order within a city."""

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm, ListedColormap, Normalize
from matplotlib.figure import Figure

from lake.cities import city as find_city
from lake.grid import CityGrid
from ml.diagnostics.distances import Float
from ml.diagnostics.intra_urban import CityOrder, from_centre
from ml.diagnostics.palette import PALETTE

_SPARSE = 0.4  # of the window that is covered; below, pixels are drawn larger than they are
_COLUMNS = 5  # of panels at most
_GREY = "#eeeeee"


def city_figure(study: CityOrder) -> Figure:
    """Maps of clusters, of similarity to the centre, and of change where there are two years."""
    maps = 2 if study.change is None else 3
    figure = Figure(figsize=(4.7 * maps, 4.9), layout="constrained")
    panels = figure.subplots(1, maps, squeeze=False)[0]
    count = int(study.clusters.max()) + 1
    colours = ListedColormap(PALETTE[:count])
    clusters = np.where(study.clusters < 0, np.nan, study.clusters.astype(np.float64))
    shown = _draw(panels[0], study.grid, clusters, colours, BoundaryNorm(np.arange(count + 1) - 0.5, count))
    bar = figure.colorbar(shown, ax=panels[0], ticks=range(count), shrink=0.7)
    bar.set_ticklabels([str(number + 1) for number in range(count)])
    panels[0].set_title(f"Clusters (1 nearest to the centre); adjacent\nalike {study.together:.0%}, by chance "
                        f"{study.by_chance:.0%}", fontsize=9)  # fmt: skip
    shown = _draw(panels[1], study.grid, study.similarity, "viridis", _norm(study.similarity))
    figure.colorbar(shown, ax=panels[1], shrink=0.7)
    panels[1].set_title("Cosine similarity to the centre's embedding\n(its own pixels left out)", fontsize=9)
    if study.change is not None:
        change = study.change
        top = max(float(np.nanquantile(change.distance, 0.99)), 2 * change.usual)
        shown = _draw(panels[2], study.grid, change.distance, "magma_r", Normalize(0, top))
        figure.colorbar(shown, ax=panels[2], shrink=0.7).ax.axhline(change.usual, color="#0072B2", linewidth=2)
        panels[2].set_title(
            f"Change {change.first}–{change.last}, cosine distance;\n{change.share:.1%} beyond the blue mark",
            fontsize=9,
        )
    sparse = " Pixels are drawn larger than they are." if _coverage(study.grid) < _SPARSE else ""
    name = find_city(study.city).name_en
    figure.suptitle(f"{name}, {study.year}; + is the centre.{sparse} {study.origin}", fontsize=10)
    return figure


def gradient_figure(study: CityOrder) -> Figure:
    """Mean of each quantity by ring, from the centre outwards, with intervals; a panel a quantity."""
    quantities = study.gradients["quantity"].to_list()
    rows = -(-len(quantities) // _COLUMNS)
    columns = -(-len(quantities) // rows)
    figure = Figure(figsize=(3.6 * columns, 0.6 + 2.7 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel, name in zip(panels, quantities, strict=False):
        part = study.rings.filter(pl.col("quantity") == name)
        km, mean, low, high = (part[column].to_numpy() for column in ("km", "mean", "low", "high"))
        panel.fill_between(km, low, high, color=PALETTE[0], alpha=0.2, linewidth=0)
        panel.plot(km, mean, "o-", color=PALETTE[0], markersize=4)
        panel.set_title("similarity to the centre's embedding" if name == "similarity" else name, fontsize=9)
        panel.set_xlabel("km from the centre", fontsize=8)
        panel.set_xlim(left=0)
        panel.grid(alpha=0.3)
        panel.tick_params(labelsize=8)
    for panel in panels[len(quantities) :]:
        panel.set_visible(False)
    name = find_city(study.city).name_en
    figure.suptitle(f"{name}, {study.year}: from core to periphery (band: 95 %). {study.origin}", fontsize=10)
    return figure


def _draw(axes: Axes, grid: CityGrid, values: Float, colours: ListedColormap | str, norm: Normalize) -> ScalarMappable:
    """Values of the pixels in kilometres east and north of the centre: a raster, or marks where pixels are sparse."""
    east, north = from_centre(grid)
    half = 0.05  # km from the middle of a pixel to its edge
    extent = (east.min() - half, east.max() + half, north.min() - half, north.max() + half)
    axes.set_facecolor(_GREY)
    shown: ScalarMappable
    if _coverage(grid) >= _SPARSE:
        raster = grid.scatter(values, np.nan)
        shown = axes.imshow(raster, cmap=colours, norm=norm, extent=extent, interpolation="nearest")
    else:
        shown = axes.scatter(east, north, c=values, cmap=colours, norm=norm, s=9, marker="s", linewidths=0)
        reach = 1.03 * max(map(abs, extent))
        axes.set(aspect="equal", xlim=(-reach, reach), ylim=(-reach, reach))
    axes.plot(0, 0, "+", color="black", markersize=10, markeredgewidth=1.5)
    axes.set_xlabel("km east of the centre", fontsize=8)
    axes.set_ylabel("km north", fontsize=8)
    axes.tick_params(labelsize=8)
    return shown


def _coverage(grid: CityGrid) -> float:
    return len(grid.pixel) / (grid.window.width * grid.window.height)


def _norm(values: Float) -> Normalize:
    low, high = np.nanquantile(values, (0.01, 0.99))
    return Normalize(float(low), float(high))
