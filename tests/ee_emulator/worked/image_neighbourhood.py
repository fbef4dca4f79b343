"""Worked values of what a kernel does to an image, on ramps and steps that can be followed by hand.

The images are made of pixel coordinates: x and y are 0.5 in the middle of the first pixel of a lattice of 10 m in
UTM zone 50 north, and grow by one a pixel to the east and to the south.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked

LATTICE = [10, 0, 500_000, 0, -10, 3_400_000]
UTM = "EPSG:32650"


def coordinates(ee: ModuleType) -> Any:
    """Column and row as bands `x` and `y`, half a pixel in the middle of the first one."""
    return ee.Image.pixelCoordinates(ee.Projection(UTM, LATTICE))


def x(ee: ModuleType) -> Any:
    """The column as band `x`."""
    return coordinates(ee).select("x")


def at(ee: ModuleType, image: Any, column: float = 4.5, row: float = 4.5) -> Any:
    """The bands' values in one pixel of the lattice."""
    point = ee.Geometry.Point([500_000 + 10 * column, 3_400_000 - 10 * row], UTM)
    return image.reduceRegion(ee.Reducer.first(), point, None, UTM, LATTICE)


def spike(ee: ModuleType) -> Any:
    """9 in the pixel (4, 4), 0 elsewhere, as band `s`."""
    place = coordinates(ee).floor()
    return place.select("x").eq(4).And(place.select("y").eq(4)).multiply(9).rename("s")


def checked(ee: ModuleType) -> Any:
    """Band `c`: 1 where column + row is odd, else 0."""
    return coordinates(ee).floor().reduce(ee.Reducer.sum()).mod(2).rename("c").int()


def _focal(name: str, expected: float, image: Any, **options: Any) -> list[Worked]:
    """The algorithm and its two hidden spellings."""
    source = "reference: by hand, the reducer over the pixels under the kernel"
    return [
        Worked(
            f"Image.focal{name.capitalize()}",
            lambda ee: at(ee, getattr(image(ee), f"focal{name.capitalize()}")(**options), 3.5),
            {image.__name__[0]: expected},
            source,
        ),
        *(
            Worked(
                hidden,
                lambda ee, hidden=hidden: at(ee, ee.apply(hidden, {"image": image(ee), **options}), 3.5),
                {image.__name__[0]: expected},
                source,
            )
            for hidden in (f"Image.focal_{name}", f"Window.{name}")
        ),
    ]


WORKED = [
    Worked(
        "Image.convolve",
        lambda ee: at(ee, x(ee).convolve(ee.Kernel.sobel())),
        {"x": 8.0},
        "reference: by hand, Sobel's weights on a ramp of one a pixel: 2 (1 + 2 + 1)",
    ),
    Worked(
        "Image.convolve",
        lambda ee: at(ee, spike(ee).convolve(ee.Kernel.fixed(weights=[[1, 2, 3], [4, 5, 6], [7, 8, 9]])), 3.5, 4.5),
        {"s": 54.0},
        "reference: by hand, the weight right of the focus meets the eastern neighbour (so uses TAGEE, Safanelli 2020)",
    ),
    Worked(
        "Image.reduceNeighborhood",
        lambda ee: at(ee, x(ee).reduceNeighborhood(ee.Reducer.minMax(), ee.Kernel.square(2))),
        {"x_min": 2.5, "x_max": 6.5},
        "documentation: outputs are named input band _ output; radius 2 reaches two pixels to each side",
    ),
    Worked(
        "Image.reduceNeighborhood",
        lambda ee: at(ee, spike(ee).reduceNeighborhood(ee.Reducer.sum(), ee.Kernel.square(1, "pixels", True))),
        {"s_sum": 1.0},
        "documentation: inputs are weighted by the kernel, whose nine weights are 1/9 each",
    ),
    *_focal("mean", 1.0, spike, radius=1, kernelType="square"),
    *_focal("median", 0.0, spike, radius=1, kernelType="square"),
    *_focal("mode", 1, checked, radius=1, kernelType="square"),
    *_focal("min", 0, checked, radius=1),
    *_focal("max", 9, spike, radius=1, kernelType="plus"),
    Worked(
        "Image.neighborhoodToBands",
        lambda ee: at(ee, x(ee).neighborhoodToBands(ee.Kernel.plus(1))),
        {"x_0_-1": 4.5, "x_-1_0": 3.5, "x_0_0": 4.5, "x_1_0": 5.5, "x_0_1": 4.5},
        "documentation: bands are named input_x_y by the place in the kernel; zero weights are ignored",
    ),
    Worked(
        "Image.neighborhoodToArray",
        lambda ee: at(
            ee, x(ee).add(coordinates(ee).select("y").multiply(10)).neighborhoodToArray(ee.Kernel.rectangle(1, 1))
        ),
        {"x": [[38.5, 39.5, 40.5], [48.5, 49.5, 50.5], [58.5, 59.5, 60.5]]},
        "documentation: axes 0 and 1 of the array are Y and X of the image",
    ),
]
