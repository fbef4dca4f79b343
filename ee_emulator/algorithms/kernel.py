"""Kernel: weights around a pixel."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ee_emulator.algorithms.coercions import refusal
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster import kernel as shapes
from ee_emulator.raster.kernel import Kernel
from ee_emulator.registry import Context, algorithm, coercion


@coercion("Kernel")
def to_kernel(value: Any, _: Context) -> Kernel:
    """Kernels."""
    if isinstance(value, Kernel):
        return value
    raise refusal(value, "Kernel")


def _shown(defaults: dict[str, Any], **arguments: Any) -> dict[str, Any]:
    """The arguments that `getInfo()` shows: those that are not the default; whole numbers without a fraction."""
    return {
        name: int(value) if isinstance(value, float) and value.is_integer() else value
        for name, value in arguments.items()
        if name not in defaults or value != defaults[name]
    }


_ONES = {"units": "pixels", "normalize": True, "magnitude": 1.0}
_AS_IS = _ONES | {"normalize": False}


def _boolean(name: str) -> Callable[..., Kernel]:
    def make(radius: float, units: str, normalize: bool, magnitude: float) -> Kernel:
        shown = _shown(_ONES, radius=radius, units=units, normalize=normalize, magnitude=magnitude)
        return shapes.shaped(name, (radius, radius), units, normalize, magnitude, shown)

    return make


def _distance(name: str) -> Callable[..., Kernel]:
    def make(radius: float, units: str, normalize: bool, magnitude: float) -> Kernel:
        shown = _shown(_AS_IS, radius=radius, units=units, normalize=normalize, magnitude=magnitude)
        return shapes.distances(name, radius, units, normalize, magnitude, shown)

    return make


def _edge(name: str) -> Callable[..., Kernel]:
    def make(magnitude: float, normalize: bool) -> Kernel:
        weights = np.array(shapes.FIXED[name], np.float64)
        shown = _shown(_AS_IS, magnitude=magnitude, normalize=normalize)
        return shapes.constant(name, shapes.scaled(weights, normalize, magnitude), (1, 1), shown)

    return make


def _register() -> None:
    for name in shapes.BOOLEAN:
        if name != "rectangle":
            algorithm(f"Kernel.{name}")(_boolean(name))
    for name in shapes.DISTANCES:
        algorithm(f"Kernel.{name}")(_distance(name))
    for name in shapes.FIXED:
        algorithm(f"Kernel.{name}")(_edge(name))


_register()


@algorithm("Kernel.rectangle")
def rectangle(x_radius: float, y_radius: float, units: str, normalize: bool, magnitude: float) -> Kernel:
    """A rectangle of ones."""
    shown = _shown(_ONES, xRadius=x_radius, yRadius=y_radius, units=units, normalize=normalize, magnitude=magnitude)
    return shapes.shaped("rectangle", (x_radius, y_radius), units, normalize, magnitude, shown)


@algorithm("Kernel.gaussian")
def gaussian(radius: float, sigma: float, units: str, normalize: bool, magnitude: float) -> Kernel:
    """A bell, cut off at the radius."""
    defaults = _ONES | {"sigma": 1.0}
    shown = _shown(defaults, radius=radius, sigma=sigma, units=units, normalize=normalize, magnitude=magnitude)
    return shapes.gaussian(radius, sigma, units, normalize, magnitude, shown)


@algorithm("Kernel.fixed")
def fixed(width: int, height: int, weights: list[Any], x: int, y: int, normalize: bool) -> Kernel:
    """Given weights; a negative size follows from them, a negative focus is the middle.

    Raises:
        EarthEngineError: Rows of different length, something that is no number, or another size than is given.
    """
    if not weights or any(not isinstance(row, list) or len(row) != len(weights[0]) for row in weights):
        raise EarthEngineError("Kernel.fixed: The weights must be rows of one length.")
    if not weights[0] or not all(isinstance(weight, int | float) for row in weights for weight in row):
        raise EarthEngineError("Kernel.fixed: The weights must be numbers.")
    rows, columns = len(weights), len(weights[0])
    if (width >= 0 and width != columns) or (height >= 0 and height != rows):
        raise EarthEngineError(
            f"Kernel.fixed: The weights are {columns}x{rows}; the kernel was said to be {width}x{height}."
        )
    focus = (columns // 2 if x < 0 else x, rows // 2 if y < 0 else y)
    if focus[0] >= columns or focus[1] >= rows:
        raise EarthEngineError(f"Kernel.fixed: The focus {list(focus)} lies outside of {columns}x{rows} weights.")
    shown = {"width": columns, "height": rows, "x": focus[0], "y": focus[1]} | (
        {"normalize": True} if normalize else {}
    )
    return shapes.constant("fixed", shapes.scaled(np.array(weights, np.float64), normalize, 1.0), focus, shown)


@algorithm("Kernel.rotate")
def rotate(kernel: Kernel, rotations: int) -> Kernel:
    """Turned clockwise by so many quarters."""
    return shapes.rotated(kernel, rotations)


@algorithm("Kernel.add")
def add(kernel1: Kernel, kernel2: Kernel, normalize: bool) -> Kernel:
    """The sum of two kernels, focus on focus."""
    return shapes.added(kernel1, kernel2, normalize)


@algorithm("Kernel.inverse")
def inverse(kernel: Kernel) -> Kernel:
    """One over each weight; zeros stay."""
    return shapes.inverted(kernel)
