"""Image: distances and costs to the nearest pixels of a sort."""

import math
from collections.abc import Sequence

import numpy as np

from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster import cost as costs
from ee_emulator.raster import distance as distances
from ee_emulator.raster.arithmetic import computed_image
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.kernel import Kernel, Weights
from ee_emulator.raster.kernel import distances as distance_kernel
from ee_emulator.raster.pixel_type import DOUBLE, FLOAT, NAMED
from ee_emulator.raster.surrounding_nodes import TILE_SIDE, Cells, Surrounded
from ee_emulator.raster.values import Band, Image
from ee_emulator.registry import algorithm


def _first(image: Image) -> Band:
    """The band that is looked at where an algorithm looks at one.

    Raises:
        EarthEngineError: There is none.
    """
    band = next(iter(image.bands.values()), None)
    if band is None:
        raise EarthEngineError("The input image has no bands.")
    return band


def _sources(pixels: Pixels) -> distances.Mask:
    return np.asarray(pixels.mask & (pixels.values != 0))


def _in_pixels(neighborhood: int, units: str) -> int:
    if units != "pixels":
        raise EarthEngineError(f"Unknown units '{units}'; only 'pixels' are supported.")
    if neighborhood < 1:
        raise EarthEngineError(f"The neighborhood must be at least 1, got {neighborhood}.")
    return neighborhood


@algorithm("Image.fastDistanceTransform")
def fast_distance_transform(image: Image, neighborhood: int, units: str, metric: str) -> Image:
    """Distance to the nearest non-zero pixel of the first band.

    No pixel is masked, and none is farther than the corner of its neighbourhood: openet-core's `test_erode_pixels` and
    `test_dilate_pixels` have distances greater than the neighbourhood next to it, Google's guide to best practices
    erodes by `gt(3)` in the middle of anything. What Earth Engine gives farther away is nowhere printed.

    Raises:
        EarthEngineError: Unknown units or metric.
    """
    reach = _in_pixels(neighborhood, units)
    if metric not in distances.METRICS:
        raise EarthEngineError(f"Unknown metric '{metric}'; known: {', '.join(distances.METRICS)}.")
    farthest = {"squared_euclidean": 2 * reach**2, "manhattan": 2 * reach, "chebyshev": reach + 1}[metric]
    margin = math.isqrt(farthest) + 1 if metric == "squared_euclidean" else farthest

    def compute(grid: Grid, inputs: Sequence[Pixels]) -> list[Pixels]:
        found = np.minimum(np.rint(distances.METRICS[metric](_sources(inputs[0]))), farthest)
        return [Pixels(found.astype(np.float32), np.ones(grid.shape, bool))]

    band = _first(image)
    node = Surrounded([band], margin, compute)
    return computed_image(image, {"distance": Band(node, FLOAT, band.projection)})


@algorithm("Image.directionalDistanceTransform")
def directional_distance_transform(source: Image, angle: float, max_distance: int, label_band: str | None) -> Image:
    """Pixels to the nearest non-zero pixel in one direction, and with `labelBand` the other bands' values there.

    Masked where nothing is found; 0 on non-zero pixels themselves.

    Raises:
        EarthEngineError: Several bands without a `labelBand`, or no band of that name.
    """
    if label_band is None and len(source.bands) != 1:
        raise EarthEngineError(f"A labelBand is needed where the image has several bands; it has {len(source.bands)}.")
    label = _first(source) if label_band is None else source.band(label_band)
    others = {name: band for name, band in source.bands.items() if band is not label}
    offsets = distances.ray(angle, max_distance)
    margin = max((max(abs(dx), abs(dy)) for dx, dy in offsets), default=0)
    columns, rows = np.array([*offsets, (0, 0)]).T
    lengths = np.hypot(columns, rows)

    def compute(grid: Grid, inputs: Sequence[Pixels]) -> list[Pixels]:
        seen = distances.first_on_ray(_sources(inputs[0]), offsets)
        number = np.where(seen < 0, len(offsets), seen)
        y, x = np.indices(grid.shape)
        y = np.clip(y + rows[number], 0, grid.height - 1)
        x = np.clip(x + columns[number], 0, grid.width - 1)
        found = seen > -2
        answer = [Pixels(np.where(found, lengths[number], 0.0).astype(np.float32), found)]
        return answer + [Pixels(p.values[y, x], p.mask[y, x] & found) for p in inputs[1:]]

    node = Surrounded([label, *others.values()], margin, compute)
    bands = {"distance": Band(node, FLOAT, label.projection)}
    for k, (name, band) in enumerate(others.items(), 1):
        bands[name] = Band(node, band.type, band.projection, k)
    return computed_image(source, bands)


@algorithm("Image.rsedTransform")
def rsed_transform(image: Image, neighborhood: int, units: str) -> Image:
    """The highest of inverted parabolas over non-zero pixels, whose values are the heights; 0 beyond all of them.

    Raises:
        EarthEngineError: Unknown units.
    """
    reach = _in_pixels(neighborhood, units)

    def compute(grid: Grid, inputs: Sequence[Pixels]) -> list[Pixels]:
        heights = np.where(_sources(inputs[0]), inputs[0].values.astype(np.float64), 0.0)
        envelope, _, _ = distances.parabolas(heights, reach)
        return [Pixels(envelope.astype(np.float32), np.ones(grid.shape, bool))]

    band = _first(image)
    node = Surrounded([band], reach, compute)
    return computed_image(image, {"distance": Band(node, FLOAT, band.projection)})


@algorithm("Image.medialAxis")
def medial_axis(image: Image, neighborhood: int, units: str) -> Image:
    """The medial axis of the zero pixels of the first band.

    Bands: `medial`, the squared distance to the nearest non-zero pixel on the axis, 0 elsewhere; `coverage`, the number
    of pixels that a point of the axis supports; `xlabel` and `ylabel`, pixels across and down to the supporting point.

    Raises:
        EarthEngineError: Unknown units.
    """
    reach = _in_pixels(neighborhood, units)

    def compute(grid: Grid, inputs: Sequence[Pixels]) -> list[Pixels]:
        layers = distances.medial_axis(_sources(inputs[0]), reach)
        whole = np.ones(grid.shape, bool)
        kinds = (np.float32, np.float32, np.int16, np.int16)
        return [Pixels(layer.astype(kind), whole) for layer, kind in zip(layers, kinds, strict=True)]

    band = _first(image)
    # A disc on the axis within reach of a pixel, what supports it, and the sources that make them.
    node = Surrounded([band], 3 * reach, compute)
    types = {"medial": FLOAT, "coverage": FLOAT, "xlabel": NAMED["int16"], "ylabel": NAMED["int16"]}
    bands = {name: Band(node, kind, band.projection, k) for k, (name, kind) in enumerate(types.items())}
    return computed_image(image, bands)


DEFAULT_KERNEL = distance_kernel("euclidean", 100.0, "pixels", False, 1.0, {})


@algorithm("Image.distance")
def distance(image: Image, kernel: Kernel | None, skip_masked: bool) -> Image:
    """Distance to the nearest non-zero pixel of each band, in the kernel's units; masked beyond the kernel's radius.

    Raises:
        EarthEngineError: A kernel that measures no distance.
    """
    measure = kernel or DEFAULT_KERNEL
    apart = distances.APART.get(measure.name)
    if apart is None:
        raise EarthEngineError(f"The kernel must be one of {', '.join(distances.APART)}; got {measure.name}.")

    def reach(grid: Grid) -> int:
        return max(measure.on(grid).margin)

    def compute(grid: Grid, inputs: Sequence[Pixels]) -> list[Pixels]:
        across, down, limit = _steps(measure.on(grid))
        found = apart(_sources(inputs[0]), across, down)
        near = found <= limit * (1 + 1e-12)
        mask = near & inputs[0].mask if skip_masked else near
        return [Pixels(np.where(near, found, 0.0).astype(np.float32), mask)]

    def measured(band: Band) -> Band:
        return Band(Surrounded([band], reach, compute), FLOAT, band.projection)

    return computed_image(image, {name: measured(band) for name, band in image.bands.items()})


def _steps(weights: Weights) -> tuple[float, float, float]:
    """The kernel's distance to the next pixel across and down, and to the farthest on either axis."""
    row, column = weights.values[weights.y, weights.x :], weights.values[weights.y :, weights.x]
    if len(row) < 2 or len(column) < 2:
        raise EarthEngineError("The kernel's radius is less than a pixel; ask for a finer scale or a larger radius.")
    return float(row[1]), float(column[1]), float(max(row[-1], column[-1]))


BYTES_A_PIXEL_OF_A_GRAPH = 500
"""Eight steps with their ends and weights, sorted once, and what the search keeps."""


@algorithm("Image.cumulativeCost")
def cumulative_cost(cost: Image, source: Image, max_distance: float, geodetic_distance: bool) -> Image:
    """Cost of the cheapest path from any source pixel; masked where it is longer than the distance, or there is none.

    Raises:
        EarthEngineError: No cost band, or not one band of sources.
    """
    if len(source.bands) != 1:
        raise EarthEngineError(f"The source must have exactly one band, but has {len(source.bands)}.")
    first = _first(cost)

    def reach(grid: Grid) -> int:
        return int(np.ceil(max_distance / costs.pixel_metres(grid, geodetic_distance)))

    def side(grid: Grid) -> int:
        return TILE_SIDE * int(2 ** np.ceil(np.log2(max(reach(grid) / TILE_SIDE, 1.0))))

    def compute(grid: Grid, inputs: Sequence[Pixels]) -> list[Pixels]:
        *layers, sources = inputs
        passable = np.logical_and.reduce([p.mask & (p.values >= 0) for p in layers])
        values = [np.where(passable, p.values, 0.0).astype(np.float64) for p in layers]
        *found, length = costs.cheapest_on(grid, values, passable, _sources(sources), geodetic_distance)
        near = length <= max_distance
        return [Pixels(np.where(near, layer, 0.0), near) for layer in found]

    node = Cells([*cost.bands.values(), _first(source)], side, reach, compute, BYTES_A_PIXEL_OF_A_GRAPH)
    single = len(cost.bands) == 1
    bands = {
        "cumulative_cost" if single else name: Band(node, DOUBLE, first.projection, k)
        for k, name in enumerate(cost.bands)
    }
    return computed_image(cost, bands)
