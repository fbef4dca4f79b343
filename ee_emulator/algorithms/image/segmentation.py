"""Image.Segmentation: superpixels and clusters of pixels, tile by tile or cell by cell."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster import segments, superpixels
from ee_emulator.raster.arithmetic import computed_image
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.nodes import Generated
from ee_emulator.raster.objects import EIGHT, FOUR, LABEL_COLUMNS, connected
from ee_emulator.raster.pixel_type import BOOLEAN, DOUBLE, FLOAT, NAMED
from ee_emulator.raster.surrounding_nodes import TILE_SIDE, Cells, corner
from ee_emulator.raster.values import Band, Image
from ee_emulator.registry import algorithm

LONG = NAMED["int64"]
BYTES_A_PIXEL = 400
"""Colours, and the queue in which a pixel stands once for each of its neighbours."""

IDS_A_CELL = 2**20
"""More than the clusters of a cell."""

CELLS = 2**16
"""Cells across and down after which numbers repeat: those of all their clusters are whole as doubles, too."""


@algorithm("Image.Segmentation.seedGrid")
def seed_grid(size: int, grid_type: str) -> Image:
    """A band `seeds`: 1 at points of a grid that is laid over the whole lattice, 0 between.

    Raises:
        EarthEngineError: An unknown type of grid, or a size below 1.
    """
    if grid_type not in ("square", "hex"):
        raise EarthEngineError(f"Unknown gridType '{grid_type}'; known: square, hex.")
    _positive(size, "size")

    def generate(grid: Grid) -> list[Pixels]:
        seeds = segments.seed_grid(grid, size, grid_type == "hex")
        return [Pixels(seeds.astype(np.uint8), np.ones(grid.shape, bool))]

    return Image({"seeds": Band(Generated(generate), BOOLEAN)})


def _positive(value: int, name: str) -> None:
    if value < 1:
        raise EarthEngineError(f"'{name}' must be at least 1, got {value}.")


@algorithm("Image.Segmentation.SNIC")
def snic(
    image: Image, size: int, compactness: float, connectivity: int, neighborhood_size: int | None, seeds: Image | None
) -> Image:
    """Bands `clusters`, `seeds` where none are given, and for each band its mean over the cluster, `BAND_mean`.

    Raises:
        EarthEngineError: No bands, a connectivity other than 4 and 8, a size below 1, or not one band of seeds.
    """
    if connectivity not in (4, 8):
        raise EarthEngineError(f"Connectivity must be 4 or 8, got {connectivity}.")
    if not image.bands or (seeds is not None and len(seeds.bands) != 1):
        raise EarthEngineError("The image must have at least one band, and the seeds exactly one.")
    _positive(size, "size")
    bands = list(image.bands.values())
    given = [] if seeds is None else list(seeds.bands.values())
    offsets = superpixels.FOUR if connectivity == 4 else superpixels.EIGHT
    touching = FOUR if connectivity == 4 else EIGHT

    def compute(grid: Grid, inputs: Sequence[Pixels]) -> list[Pixels]:
        valid = _usable(inputs[: len(bands)])
        layers = np.stack([np.where(valid, p.values, 0.0).astype(np.float64) for p in inputs[: len(bands)]])
        starts = inputs[len(bands)] if given else _seeds_on(grid, size)
        chosen = Pixels(np.ones(grid.shape, np.uint8), starts.mask & (starts.values != 0) & valid)
        groups = connected(chosen, touching) if given else connected(chosen, ())
        found = superpixels.snic(layers, valid, groups.number, float(size), compactness, offsets)
        ids = _ids(grid, groups.first_pixels()) if len(groups.sizes) else np.zeros(1, np.int64)
        mask = found >= 0
        clusters = Pixels(np.where(mask, ids[np.maximum(found, 0)], 0), mask)
        return [clusters, starts, *(Pixels(_mean(layer, found), mask) for layer in layers)]

    margin = 2 * size if neighborhood_size is None else neighborhood_size
    node = Cells([*bands, *given], TILE_SIDE, margin, compute, BYTES_A_PIXEL)
    first = bands[0].projection
    made = {"clusters": Band(node, LONG, first)} | ({} if given else {"seeds": Band(node, BOOLEAN, first, 1)})
    for k, (name, band) in enumerate(image.bands.items(), 2):
        made[f"{name}_mean"] = Band(node, FLOAT if band.type == FLOAT else DOUBLE, band.projection, k)
    return computed_image(image, made)


def _usable(inputs: Sequence[Pixels]) -> NDArray[np.bool_]:
    """Pixels that are numbers in every band."""
    return np.asarray(np.logical_and.reduce([p.mask & np.isfinite(p.values) for p in inputs]))


def _seeds_on(grid: Grid, size: int) -> Pixels:
    return Pixels(segments.seed_grid(grid, size, False).astype(np.uint8), np.ones(grid.shape, bool))


def _ids(grid: Grid, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers of clusters that are their own on the whole lattice: the places of their first seeds."""
    column, row = corner(grid)
    rows, columns = np.divmod(places, grid.width)
    ids = (rows + row) % LABEL_COLUMNS * LABEL_COLUMNS + (columns + column) % LABEL_COLUMNS
    return np.asarray(ids, np.int64)


def _mean(layer: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Each pixel's cluster's mean; 0 without a cluster."""
    inside = labels >= 0
    answer = np.zeros(layer.shape)
    totals = np.bincount(labels[inside], layer[inside])
    counts = np.bincount(labels[inside])
    answer[inside] = (totals / np.maximum(counts, 1))[labels[inside]]
    return answer


Cluster = Callable[[NDArray[np.float64]], NDArray[np.int64]]


def _clustered(image: Image, cluster: Cluster, neighborhood: int, grid_size: int | None, unique: bool) -> Image:
    """A band `clusters`, computed for each cell of a grid, or for each tile with what is around it."""
    segments.refuse_both(neighborhood, grid_size)
    bands = list(image.bands.values())
    if not bands:
        raise EarthEngineError("The image must have at least one band.")
    side, margin = (grid_size, 0) if grid_size and grid_size > 0 else (TILE_SIDE, max(neighborhood, 0))

    def compute(grid: Grid, inputs: Sequence[Pixels]) -> list[Pixels]:
        mask = _usable(inputs)
        ids = np.zeros(grid.shape, np.int64)
        if mask.any():
            points = np.stack([p.values[mask].astype(np.float64) for p in inputs], axis=1)
            ids[mask] = cluster(points)
        if unique:
            column, row = (place // side for place in corner(grid.grown(-margin, -margin)))
            ids += (row % CELLS * CELLS + column % CELLS) * IDS_A_CELL
        return [Pixels(ids, mask)]

    node = Cells(bands, side, margin, compute, BYTES_A_PIXEL)
    return computed_image(image, {"clusters": Band(node, LONG, bands[0].projection)})


@algorithm("Image.Segmentation.KMeans")
def k_means(
    image: Image,
    num_clusters: int,
    num_iterations: int,
    neighborhood_size: int,
    grid_size: int | None,
    force_convergence: bool,
    unique_labels: bool,
) -> Image:
    """Clusters of pixels about as many means as asked for.

    Raises:
        EarthEngineError: Both a neighbourhood and a grid, or, where it is forced, no convergence.
    """
    _positive(num_clusters, "numClusters")
    _positive(num_iterations, "numIterations")

    def cluster(points: NDArray[np.float64]) -> NDArray[np.int64]:
        labels, converged = segments.k_means(points, num_clusters, num_iterations)
        if force_convergence and not converged:
            raise EarthEngineError(f"K-Means did not converge in {num_iterations} iterations.")
        return labels

    return _clustered(image, cluster, neighborhood_size, grid_size, unique_labels)


@algorithm("Image.Segmentation.GMeans")
def g_means(
    image: Image,
    num_iterations: int,
    p_value: float,
    neighborhood_size: int,
    grid_size: int | None,
    unique_labels: bool,
) -> Image:
    """Clusters of pixels about as many means as a test of normality asks for.

    `pValue` is the Anderson-Darling statistic from which a cluster is split: its default of 50 is no probability.

    Raises:
        EarthEngineError: Both a neighbourhood and a grid.
    """
    _positive(num_iterations, "numIterations")

    def cluster(points: NDArray[np.float64]) -> NDArray[np.int64]:
        return segments.g_means(points, num_iterations, p_value)

    return _clustered(image, cluster, neighborhood_size, grid_size, unique_labels)
