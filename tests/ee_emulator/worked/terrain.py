"""Worked values of terrain and edges on planes, steps and towers of pixel coordinates (see `image_neighbourhood`)."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked
from tests.ee_emulator.worked.image_neighbourhood import at, coordinates, spike, x

FORMULA = "reference: by hand from the definition, on a lattice of 10 m"


def western_slope(ee: ModuleType) -> Any:
    """Ground that rises 10 m a pixel of 10 m to the east: 45 degrees, facing west."""
    return x(ee).multiply(10).rename("elevation")


def tower(ee: ModuleType) -> Any:
    """A tower of 27 m in the pixel (4, 4) on flat ground."""
    return spike(ee).multiply(3)


def pit(ee: ModuleType) -> Any:
    """Ground of 9 m with a hole down to 0 in the pixel (4, 4)."""
    return spike(ee).multiply(-1).add(9).toInt()


def signs(ee: ModuleType) -> Any:
    """-1 up to column 4, 1 beyond."""
    return x(ee).gt(5).multiply(2).subtract(1)


def shadow(ee: ModuleType, name: str, column: float) -> Any:
    """Light beside the tower under a sun in the west at 45 degrees."""
    options = {"image": tower(ee), "azimuth": 270, "zenith": 45, "neighborhoodSize": 5}
    return at(ee, ee.apply(name, options), column)


WORKED = [
    Worked(
        "Terrain.slope",
        lambda ee: at(ee, ee.Terrain.slope(western_slope(ee))),
        {"slope": 45.0},
        "documentation: degrees in [0, 90), by the four neighbours; the arctangent of 1",
    ),
    Worked(
        "Terrain.aspect",
        lambda ee: at(ee, ee.Terrain.aspect(western_slope(ee))),
        {"aspect": 270.0},
        "documentation: google/earthengine-community, ee-terrain-aspect.js: 0 is north, 90 east, 180 south, 270 west",
    ),
    Worked(
        "Terrain.hillshade",
        lambda ee: at(ee, ee.Terrain.hillshade(western_slope(ee), 270, 45)),
        {"hillshade": 255},
        "reference: by hand, the sun stands at a right angle to the ground",
    ),
    *(
        Worked(
            name,
            lambda ee, name=name: at(ee, ee.apply(name, {"input": western_slope(ee)})),
            {"elevation": 45.0, "slope": 45.0, "aspect": 270.0, "hillshade": 255},
            "documentation: slope, aspect and hillshade are added to the bands of the input",
        )
        for name in ("Terrain", "Terrain.products")
    ),
    *(
        Worked(name, lambda ee, name=name, at=place: shadow(ee, name, at), {"shadow": lit}, FORMULA)
        for name in ("HillShadow", "Terrain.hillShadow")
        for place, lit in ((6.5, 0), (7.5, 1), (3.5, 1))
    ),
    Worked(
        "Terrain.fillMinima",
        lambda ee: at(ee, ee.apply("Terrain.fillMinima", {"image": pit(ee)})),
        {"s": 9},
        "documentation: fills local minima; the only way out of the pit is at 9",
    ),
    Worked(
        "Image.gradient",
        lambda ee: at(ee, coordinates(ee).expression("3 * b('x') - 20 * b('y')").gradient()),
        {"x": 0.3, "y": 2.0},
        FORMULA,
    ),
    Worked(
        "Image.derivative",
        lambda ee: at(ee, coordinates(ee).pow(2).derivative()),
        {"x_x": 9.0, "x_y": 0.0, "y_x": 0.0, "y_y": 9.0},
        "documentation: bands x and y a band in pixel coordinates; the derivative of v² at 4.5",
    ),
    Worked("Image.zeroCrossing", lambda ee: at(ee, signs(ee).zeroCrossing()), {"x": 1}, FORMULA),
    Worked("Image.zeroCrossing", lambda ee: at(ee, signs(ee).zeroCrossing(), 3.5), {"x": 0}, FORMULA),
    Worked(
        "CannyEdgeDetector",
        lambda ee: at(ee, ee.Algorithms.CannyEdgeDetector(signs(ee).multiply(50), 10, 0)),
        {"x": 50.0},
        "reference: by hand, half the difference of the neighbours across a step of 100",
    ),
    Worked(
        "HoughTransform",
        lambda ee: at(ee, ee.Algorithms.HoughTransform(x(ee).floor().eq(4).multiply(255).toByte(), 50, 100, 40, False)),
        {"x_lines": 1},
        "documentation: lines of pixels of at least the input threshold; a column of 50 votes for itself",
    ),
]
