"""Worked values of moved, displaced and random pixels (the lattice is that of `image_neighbourhood`)."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked
from tests.ee_emulator.worked.image_neighbourhood import LATTICE, UTM, at, coordinates, spike, x

NOT_PUBLISHED = "Earth Engine's generator is not published"


def scene(ee: ModuleType) -> Any:
    """Waves of two lengths that correlate with nothing nearby but themselves."""
    lattice = ee.Projection(UTM, LATTICE)
    waves = coordinates(ee).expression(
        "sin(b('x') * 0.9) + cos(b('y') * 1.1 + b('x') * 0.3) + sin(b('x') * b('y') * 0.13)"
    )
    return waves.rename("w").setDefaultProjection(lattice)


def moved(ee: ModuleType) -> Any:
    """The scene 20 m further east and 10 m further south."""
    return scene(ee).translate(20, -10).setDefaultProjection(ee.Projection(UTM, LATTICE))


def registered(ee: ModuleType) -> Any:
    """By how much the moved scene, laid back on the scene, differs from it."""
    laid = moved(ee).register(scene(ee), 40, 160)
    return at(ee, laid.subtract(scene(ee)).abs().lt(0.1))


WORKED = [
    Worked(
        "Image.translate",
        lambda ee: at(ee, x(ee).translate(20, 0, "meters", ee.Projection(UTM))),
        {"x": 2.5},
        "reference: by hand, what was two pixels of 10 m to the west",
    ),
    Worked(
        "Image.changeProj",
        lambda ee: at(
            ee, x(ee).changeProj(ee.Projection(UTM, LATTICE), ee.Projection(UTM, [20, 0, 500_000, 0, -20, 3_400_000]))
        ),
        {"x": 2.25},
        "documentation: each pixel keeps its coordinates; in pixels twice as large 45 m are 2.25",
    ),
    Worked(
        "Image.displace",
        lambda ee: at(ee, x(ee).displace(ee.Image([10, 0]).setDefaultProjection(ee.Projection(UTM, LATTICE)))),
        {"x": 5.5},
        "documentation: the vector in metres is added to a pixel's place to find where it is taken from",
    ),
    Worked(
        "Image.displacement",
        lambda ee: at(
            ee, moved(ee).displacement(scene(ee), 40, None, 160).expression("round(b('dx')) * 100 - round(b('dy'))")
        ),
        {"dx": 2010.0},
        "documentation: developers.google.com/earth-engine/guides/register, metres from the reference to its match",
        0.02,
    ),
    Worked(
        "Image.register",
        registered,
        {"w": 1},
        "documentation: the image is displaced so that it lies on the reference",
    ),
    Worked(
        "CrossCorrelation",
        lambda ee: at(
            ee,
            ee.Algorithms.CrossCorrelation(spike(ee), spike(ee).translate(-10, 20, "meters", ee.Projection(UTM)), 3, 3),
        ),
        {"deltaX": -1.0, "deltaY": -2.0, "distance": 5**0.5, "correlation": 1.0},
        "documentation: distances to the pixel of the second image with the highest correlation, and that",
    ),
    Worked(
        "Image.random",
        lambda ee: at(ee, ee.Image.random(5).floor()),
        {"random": 0.0},
        "documentation: in the range of [0, 1)",
    ),
    Worked(
        "Image.randomVisualizer",
        lambda ee: ee.Image(7).randomVisualizer().bandNames(),
        ["viz-red", "viz-green", "viz-blue", "constant"],
        f"own: names as the Code Editor shows them; the colours cannot be compared, {NOT_PUBLISHED}",
    ),
    Worked(
        "Image.retile",
        lambda ee: at(ee, ee.Image(ee.apply("Image.retile", {"image": x(ee), "size": 64}))),
        {"x": 4.5},
        "documentation: the result has the same bands and properties",
    ),
]
