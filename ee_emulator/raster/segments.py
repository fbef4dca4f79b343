"""Clusters of pixels: seeds, and k-means with a given or a tested number of means.

G. Hamerly and C. Elkan, "Learning the k in k-means", NIPS 2003.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.surrounding_nodes import corner

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]


def seed_grid(grid: Grid, size: int, hexagonal: bool) -> Mask:
    """Seeds `size` pixels apart on the whole lattice; every other row of a hexagonal grid is set off by half."""
    column, row = corner(grid)
    columns, rows = np.arange(grid.width)[None, :] + column, np.arange(grid.height)[:, None] + row
    half = size // 2
    shift = np.where((rows // size) % 2 == 1, half, 0) if hexagonal else 0
    return np.asarray(((rows - half) % size == 0) & ((columns - half - shift) % size == 0))


def k_means(points: Floats, count: int, iterations: int) -> tuple[Integers, bool]:
    """The cluster of each of N points (N, bands), and whether the means came to rest."""
    from sklearn.cluster import KMeans

    count = min(count, len(np.unique(points, axis=0)))
    made = KMeans(count, n_init=1, max_iter=iterations, random_state=0, algorithm="lloyd", tol=0.0).fit(points)
    return np.asarray(made.labels_, np.int64), made.n_iter_ < iterations


def g_means(points: Floats, iterations: int, critical: float) -> Integers:
    """The cluster of each of N points, split for as long as a cluster is not normal along the line of its halves.

    Args:
        points: (N, bands).
        iterations: Rounds of splitting, and of k-means within each.
        critical: The Anderson-Darling statistic from which a cluster is split.
    """
    labels = np.zeros(len(points), np.int64)
    finished: set[int] = set()
    for _ in range(iterations):
        count = int(labels.max()) + 1
        for cluster in range(count):
            members = np.flatnonzero(labels == cluster)
            if cluster in finished or not _splits(points[members], labels, members, iterations, critical):
                finished.add(cluster)
        if int(labels.max()) + 1 == count:
            break
    return labels


def _splits(points: Floats, labels: Integers, members: Integers, iterations: int, critical: float) -> bool:
    """Splits a cluster in two where it is not normal; says whether it did."""
    if len(points) < 8 or (points == points[0]).all():
        return False
    halves, _ = k_means(points, 2, iterations)
    direction = points[halves == 0].mean(axis=0) - points[halves == 1].mean(axis=0)
    if anderson_darling(points @ direction) <= critical:
        return False
    labels[members[halves == 1]] = labels.max() + 1
    return True


def anderson_darling(values: Floats) -> float:
    """The statistic A*² of normality with mean and variance estimated (Stephens 1974; Hamerly and Elkan, section 2)."""
    from scipy import stats

    spread = values.std(ddof=1)
    if spread == 0:
        return 0.0
    count = len(values)
    ordered = np.sort((values - values.mean()) / spread)
    below, above = stats.norm.logcdf(ordered), stats.norm.logsf(ordered[::-1])
    odd = 2 * np.arange(1, count + 1) - 1
    statistic = -count - np.mean(odd * (below + above))
    return float(statistic * (1 + 4 / count - 25 / count**2))


def refuse_both(neighborhood: int, grid_size: int | None) -> None:
    """Refuses a neighbourhood beside a grid of cells.

    Raises:
        EarthEngineError: Both are given.
    """
    if neighborhood > 0 and (grid_size or 0) > 0:
        raise EarthEngineError("Only one of 'neighborhoodSize' and 'gridSize' may be given.")
