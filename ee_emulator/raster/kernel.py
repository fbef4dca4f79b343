"""Kernels: weights around a pixel, in pixels or in metres that become pixels on a lattice.

The shapes follow the weights that the official samples print (developers.google.com/earth-engine/apidocs/ee-kernel-*).
A kernel of radius r reaches floor(r) pixels to each side of its focus.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.errors import EarthEngineError
from ee_emulator.limits import elements
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.projection import Projection, unit_metres
from ee_emulator.text import java_number

Array = NDArray[np.float64]
MAX_SIDE = 2047
"""Pixels a side that a kernel may have; larger ones are refused, whatever the lattice."""


@dataclass(frozen=True, eq=False)
class Weights:
    """A kernel on a lattice.

    Attributes:
        values: Weights, float64 (rows, columns).
        x: Column of the focus.
        y: Row of the focus.
    """

    values: Array
    x: int
    y: int

    @property
    def support(self) -> NDArray[np.bool_]:
        """Where a weight is not zero."""
        nonzero: NDArray[np.bool_] = self.values != 0
        return nonzero

    @property
    def margin(self) -> tuple[int, int]:
        """Columns and rows by which the kernel reaches beyond its focus, on the side where it reaches further."""
        rows, columns = self.values.shape
        return max(self.x, columns - 1 - self.x, 0), max(self.y, rows - 1 - self.y, 0)

    def centred(self) -> Weights:
        """The same kernel with zeros around it, so that the focus is in the middle of odd sides."""
        columns, rows = self.margin
        height, width = self.values.shape
        left, top = columns - self.x, rows - self.y
        padding = ((top, 2 * rows + 1 - height - top), (left, 2 * columns + 1 - width - left))
        return Weights(np.pad(self.values, padding), columns, rows)

    def offsets(self) -> list[tuple[int, int]]:
        """(dx, dy) of the weights that are not zero, from left to right and from top to bottom."""
        rows, columns = np.nonzero(self.values)
        return [(int(c) - self.x, int(r) - self.y) for r, c in zip(rows, columns, strict=True)]


@dataclass(frozen=True, eq=False)
class Kernel:
    """A kernel.

    Attributes:
        name: Earth Engine's name, such as `Kernel.square`.
        weigh: The weights where a pixel is so many metres wide and high.
        metric: Whether the weights depend on the size of a pixel.
        arguments: What `getInfo()` shows besides type, focus and weights.
    """

    name: str
    weigh: Callable[[float, float], Weights]
    metric: bool = False
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def on(self, grid: Grid) -> Weights:
        """The weights on a grid; metres become pixels by the grid's nominal scale.

        Raises:
            EarthEngineError: More pixels a side than `MAX_SIDE`.
        """
        if not self.metric:
            return _weights(self, 1.0, 1.0)
        t, unit = grid.transform, unit_metres(grid.crs)
        return _weights(self, math.hypot(t.a, t.d) * unit, math.hypot(t.b, t.e) * unit)

    def at(self, projection: Projection) -> Weights:
        """The weights on a projection's lattice."""
        return self.on(Grid(projection.crs, projection.transform, 1, 1))

    def describe(self) -> dict[str, Any]:
        """The JSON that `getInfo()` shows; a kernel in metres has no weights until it meets a lattice.

        Raises:
            EarthEngineError: Too many weights to print.
        """
        answer = {"type": self.name, **self.arguments}
        if self.metric:
            return answer
        made = _weights(self, 1.0, 1.0)
        elements(4 * made.values.size)
        shown = {weight: java_number(weight) for weight in np.unique(made.values).tolist()}
        rows = (", ".join(shown.get(weight, "NaN") for weight in row) for row in made.values.tolist())
        return answer | {"center": [made.x, made.y], "weights": "".join(f"\n  [{row}]" for row in rows)}


@lru_cache(maxsize=64)  # the tiles of an image ask for the same again and again
def _weights(kernel: Kernel, across: float, down: float) -> Weights:
    made = kernel.weigh(across, down)
    made.values.setflags(write=False)
    return made


# Shapes -----------------------------------------------------------------------------------------------------------

Shape = Callable[[Array, Array, float, float], Array]
"""Weights from offsets (columns, rows; broadcastable) and radii across and down, all in pixels."""


def _boolean(inside: Callable[[Array, Array, float], NDArray[np.bool_]]) -> Shape:
    """A shape of zeros and ones that is measured in radii of 1: offsets are divided by the radii."""

    def shape(x: Array, y: Array, across: float, down: float) -> Array:
        # A radius below one pixel leaves the focus alone. The slack forgives rounding on the edge of the shape.
        return inside(x / max(across, 1e-9), y / max(down, 1e-9), 1.0 + 1e-9).astype(np.float64)

    return shape


def _lines(inside: Callable[[Array, Array], NDArray[np.bool_]]) -> Shape:
    return lambda x, y, across, down: inside(x, y).astype(np.float64)


BOOLEAN: Mapping[str, Shape] = {
    "square": _boolean(lambda x, y, one: np.maximum(np.abs(x), np.abs(y)) <= one),
    "rectangle": _boolean(lambda x, y, one: np.maximum(np.abs(x), np.abs(y)) <= one),
    "circle": _boolean(lambda x, y, one: np.hypot(x, y) <= one),
    "diamond": _boolean(lambda x, y, one: np.abs(x) + np.abs(y) <= one),
    # A regular octagon whose inner circle has the radius; the samples print radius 3 only.
    "octagon": _boolean(lambda x, y, one: np.abs(x) + np.abs(y) <= one * math.sqrt(2.0)),
    "plus": _lines(lambda x, y: (x == 0) | (y == 0)),
    "cross": _lines(lambda x, y: np.abs(x) == np.abs(y)),
}

DISTANCES: Mapping[str, Callable[[Array, Array], Array]] = {
    "euclidean": np.hypot,
    "manhattan": lambda x, y: np.abs(x) + np.abs(y),
    "chebyshev": lambda x, y: np.maximum(np.abs(x), np.abs(y)),
}

FIXED: Mapping[str, Sequence[Sequence[float]]] = {
    "laplacian4": ((0, 1, 0), (1, -4, 1), (0, 1, 0)),
    "laplacian8": ((1, 1, 1), (1, -8, 1), (1, 1, 1)),
    "sobel": ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    "prewitt": ((1, 0, -1), (1, 0, -1), (1, 0, -1)),
    "roberts": ((1, 0), (0, -1)),
    "compass": ((1, 1, -1), (1, -2, -1), (1, 1, -1)),
    "kirsch": ((5, -3, -3), (5, 0, -3), (5, -3, -3)),
}


def shaped(
    name: str, radii: tuple[float, float], units: str, normalize: bool, magnitude: float, shown: Mapping[str, Any]
) -> Kernel:
    """A kernel of ones in a shape of `BOOLEAN`."""
    return _drawn(name, radii, units, (normalize, magnitude), shown, lambda x, y, a, d, _: BOOLEAN[name](x, y, a, d))


def distances(
    name: str, radius: float, units: str, normalize: bool, magnitude: float, shown: Mapping[str, Any]
) -> Kernel:
    """A square kernel of distances from the focus, in the units of the radius."""

    def draw(x: Array, y: Array, across: float, down: float, pixel: tuple[float, float]) -> Array:
        return DISTANCES[name](x * pixel[0], y * pixel[1])

    return _drawn(name, (radius, radius), units, (normalize, magnitude), shown, draw)


def gaussian(
    radius: float, sigma: float, units: str, normalize: bool, magnitude: float, shown: Mapping[str, Any]
) -> Kernel:
    """The density of the normal distribution at the pixels' centres.

    Raises:
        EarthEngineError: A standard deviation that is not positive.
    """
    if not sigma > 0:
        raise EarthEngineError(f"Kernel.gaussian: sigma must be positive, got {sigma}.")

    def draw(x: Array, y: Array, across: float, down: float, pixel: tuple[float, float]) -> Array:
        squares = (x * pixel[0]) ** 2 + (y * pixel[1]) ** 2
        # Factor first: in this order the last digits are Earth Engine's.
        density: Array = (1.0 / (2.0 * math.pi * sigma * sigma)) * np.exp(-squares / (2.0 * sigma * sigma))
        return density

    return _drawn("gaussian", (radius, radius), units, (normalize, magnitude), shown, draw)


def _drawn(
    name: str,
    radii: tuple[float, float],
    units: str,
    scaling: tuple[bool, float],
    shown: Mapping[str, Any],
    draw: Callable[[Array, Array, float, float, tuple[float, float]], Array],
) -> Kernel:
    if units not in ("pixels", "meters"):
        raise EarthEngineError(f"Kernel.{name}: Units must be 'pixels' or 'meters', got '{units}'.")
    if not all(0 <= radius < math.inf for radius in radii):
        raise EarthEngineError(f"Kernel.{name}: The radius must be finite and not negative, got {min(radii)}.")
    metric = units == "meters"

    def weigh(width: float, height: float) -> Weights:
        pixel = (width, height) if metric else (1.0, 1.0)
        across, down = radii[0] / pixel[0], radii[1] / pixel[1]
        # A radius that is whole up to rounding reaches the pixel at its end.
        columns, rows = math.floor(across + 1e-6), math.floor(down + 1e-6)
        _refuse_large(name, 2 * columns + 1, 2 * rows + 1)
        x, y = np.arange(-columns, columns + 1.0)[None, :], np.arange(-rows, rows + 1.0)[:, None]
        return Weights(scaled(draw(x, y, across, down, pixel), *scaling), columns, rows)

    return Kernel(f"Kernel.{name}", weigh, metric, shown)


def _refuse_large(name: str, columns: int, rows: int) -> None:
    if max(columns, rows) > MAX_SIDE:
        raise EarthEngineError(
            f"Kernel.{name}: The kernel has {columns}x{rows} pixels; at most {MAX_SIDE} a side are allowed. "
            "Use a smaller radius or a coarser scale."
        )


def scaled(weights: Array, normalize: bool, magnitude: float) -> Array:
    """Weights that sum to `magnitude`, or are multiplied by it; those that sum to zero cannot be normalised.

    Raises:
        EarthEngineError: A magnitude or weights that are not finite.
    """
    if not (math.isfinite(magnitude) and np.isfinite(weights).all()):
        raise EarthEngineError("Kernel: The weights and the magnitude must be finite.")
    if normalize:
        total = sum(weights.ravel().tolist())  # in Earth Engine's order, for its last digits
        weights = weights / total if abs(total) > 1e-12 else weights
    answer: Array = weights * magnitude
    return answer


def constant(name: str, weights: Array, focus: tuple[int, int], shown: Mapping[str, Any]) -> Kernel:
    """A kernel of given weights.

    Raises:
        EarthEngineError: More pixels a side than `MAX_SIDE`.
    """
    rows, columns = weights.shape
    _refuse_large(name, columns, rows)
    made = Weights(weights.copy(), *focus)
    return Kernel(f"Kernel.{name}", lambda across, down: made, False, shown)


# Combinations -----------------------------------------------------------------------------------------------------


def rotated(kernel: Kernel, rotations: int) -> Kernel:
    """Turned clockwise by quarters, focus and all."""
    quarters = rotations % 4

    def weigh(across: float, down: float) -> Weights:
        made = kernel.weigh(across, down) if quarters % 2 == 0 else kernel.weigh(down, across)
        values, x, y = made.values, made.x, made.y
        for _ in range(quarters):
            x, y = values.shape[0] - 1 - y, x
            values = np.rot90(values, -1)
        return Weights(np.ascontiguousarray(values), x, y)

    return Kernel("Kernel.rotate", weigh, kernel.metric, {"rotations": rotations})


def added(first: Kernel, second: Kernel, normalize: bool) -> Kernel:
    """The sum of two kernels whose foci lie on each other."""

    def weigh(across: float, down: float) -> Weights:
        left, right = first.weigh(across, down).centred(), second.weigh(across, down).centred()
        x, y = max(left.x, right.x), max(left.y, right.y)
        total = np.zeros((2 * y + 1, 2 * x + 1))
        for part in (left, right):
            total[y - part.y : y + part.y + 1, x - part.x : x + part.x + 1] += part.values
        return Weights(scaled(total, normalize, 1.0), x, y)

    shown: dict[str, Any] = {"normalize": True} if normalize else {}
    return Kernel("Kernel.add", weigh, first.metric or second.metric, shown)


def inverted(kernel: Kernel) -> Kernel:
    """One over each weight; zeros stay."""

    def weigh(across: float, down: float) -> Weights:
        made = kernel.weigh(across, down)
        with np.errstate(divide="ignore"):
            values = np.where(made.values == 0, 0.0, 1.0 / made.values)
        return Weights(values, made.x, made.y)

    return Kernel("Kernel.inverse", weigh, kernel.metric, {})
