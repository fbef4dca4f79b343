"""Segments between given years: what LandTrendr's vertices say about another band ("fit to vertices")."""

import numpy as np

from ee_emulator.series.landtrendr import Flags, Numbers, dampen


def fit_to_vertices(
    years: Numbers, values: Numbers, valid: Flags, vertices: Numbers, spike_threshold: float, least: int
) -> Numbers:
    """Segments between given vertex years, fitted to the series of one pixel ("fit to vertices").

    The years before the first and after the last vertex take its value. Vertices that lie outside of the series are
    replaced by its ends, and one that shares its year with another is dropped.

    Args:
        years: Shape (n,), ascending.
        values: Shape (n,).
        valid: Shape (n,).
        vertices: Years of the vertices.
        spike_threshold: As in `segment`.
        least: Fewest valid years.

    Returns:
        Shape (n,); NaN where there are too few valid years or no two vertices within the series.
    """
    x, y = years[valid], values[valid].astype(np.float64)
    nothing = np.full(len(years), np.nan)
    if len(x) < least:
        return nothing
    inside = np.unique(np.clip(vertices, years[0], years[-1]))
    if len(inside) < 2 or vertices.min() >= years[-1] or vertices.max() <= years[0]:
        return nothing
    dampen(y, spike_threshold)
    heights = _chain(x, y, inside)
    return np.asarray(np.interp(years, inside, heights))


def _chain(x: Numbers, y: Numbers, vertices: Numbers) -> Numbers:
    """Heights of vertices, segment after segment: a free line first, then lines that start where the last one ends."""
    heights = np.zeros(len(vertices))
    first = (x >= vertices[0]) & (x <= vertices[1])
    heights[0], heights[1] = _free_line(x[first], y[first], vertices[0], vertices[1], float(y.mean()))
    for k in range(1, len(vertices) - 1):
        part = (x >= vertices[k]) & (x <= vertices[k + 1])
        run = x[part] - vertices[k]
        rise = y[part] - heights[k]
        length = vertices[k + 1] - vertices[k]
        square = float(run @ run)
        slope = float(run @ rise) / square if square else 0.0
        heights[k + 1] = heights[k] + slope * length
        at = np.flatnonzero(x[part] == vertices[k + 1])
        if len(at):  # straight to the observation, where that fits better
            direct = float(rise[at[0]]) / length
            if float(((rise - direct * run) ** 2).sum()) <= float(((rise - slope * run) ** 2).sum()):
                heights[k + 1] = heights[k] + direct * length
    return heights


def _free_line(x: Numbers, y: Numbers, start: float, end: float, otherwise: float) -> tuple[float, float]:
    if len(x) == 0:
        return otherwise, otherwise
    if len(x) == 1 or x[0] == x[-1]:
        return float(y[0]), float(y[0])
    apart = x - x.mean()
    slope = float(apart @ y) / float(apart @ apart)
    middle = float(y.mean())
    return middle + slope * (start - x.mean()), middle + slope * (end - x.mean())
