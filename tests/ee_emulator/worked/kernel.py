"""Worked values of Kernel's algorithms: the weights that the samples of the reference print."""

import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked

SAMPLE = "earth engine: google/earthengine-community, samples/javascript/apidocs/ee-kernel-{}.js"


def text(*rows: list[float]) -> str:
    """Rows of weights as `getInfo()` shows them."""
    return "".join(f"\n  [{', '.join(str(float(weight)) for weight in row)}]" for row in rows)


def shape(*rows: str) -> str:
    """Normalised weights of a shape that is drawn with 1 and 0."""
    share = 1 / sum(row.count("1") for row in rows)
    return text(*([share * int(mark) for mark in row] for row in rows))


def sampled(name: str, call: Callable[[ModuleType], Any], weights: str, **more: Any) -> Worked:
    """A kernel with the weights of the official sample."""
    return Worked(f"Kernel.{name}", call, {"weights": weights, **more}, SAMPLE.format(name))


SOBEL = ([-1, 0, 1], [-2, 0, 2], [-1, 0, 1])
CHEBYSHEV = [[max(abs(x), abs(y)) for x in range(-3, 4)] for y in range(-3, 4)]
EUCLIDEAN = [[math.hypot(x, y) for x in range(-3, 4)] for y in range(-3, 4)]
MANHATTAN = [[abs(x) + abs(y) for x in range(-3, 4)] for y in range(-3, 4)]
SUM = [
    [w + (100 if abs(x - 3) < 2 and abs(y - 3) < 2 else 0) for x, w in enumerate(row)]
    for y, row in enumerate(CHEBYSHEV)
]

_FAR = "[1.9651916124031917E-5, 2.3940934949727E-4, 0.001072958264978661, 0.0017690091140438226, 0.001072958264978661"
_TWO = "[2.3940934949727E-4, 0.0029166029543864387, 0.013071307583189414, 0.02155094284826827, 0.013071307583189414"
_ONE = "[0.001072958264978661, 0.013071307583189414, 0.05858153633060706, 0.09658462501856419, 0.05858153633060706"
_MID = "[0.0017690091140438226, 0.02155094284826827, 0.09658462501856419, 0.15924112569070253, 0.09658462501856419"
_ROWS = (
    f"{_FAR}, 2.3940934949727E-4, 1.9651916124031917E-5]",
    f"{_TWO}, 0.0029166029543864387, 2.3940934949727E-4]",
    f"{_ONE}, 0.013071307583189414, 0.001072958264978661]",
    f"{_MID}, 0.02155094284826827, 0.0017690091140438226]",
)
GAUSSIAN = "".join(f"\n  {row}" for row in (*_ROWS, *_ROWS[2::-1]))

WORKED = [
    sampled("square", lambda ee: ee.Kernel.square(3), shape(*["1111111"] * 7), center=[3, 3], type="Kernel.square"),
    sampled("rectangle", lambda ee: ee.Kernel.rectangle(2, 1), shape(*["11111"] * 3), center=[2, 1]),
    sampled(
        "circle",
        lambda ee: ee.Kernel.circle(3),
        shape("0001000", "0111110", "0111110", "1111111", "0111110", "0111110", "0001000"),
        radius=3,
    ),
    sampled(
        "octagon",
        lambda ee: ee.Kernel.octagon(3),
        shape("0011100", "0111110", "1111111", "1111111", "1111111", "0111110", "0011100"),
    ),
    sampled(
        "diamond",
        lambda ee: ee.Kernel.diamond(3),
        shape("0001000", "0011100", "0111110", "1111111", "0111110", "0011100", "0001000"),
    ),
    sampled(
        "plus",
        lambda ee: ee.Kernel.plus(3),
        shape("0001000", "0001000", "0001000", "1111111", "0001000", "0001000", "0001000"),
    ),
    sampled(
        "cross",
        lambda ee: ee.Kernel.cross(3),
        shape("1000001", "0100010", "0010100", "0001000", "0010100", "0100010", "1000001"),
    ),
    sampled("chebyshev", lambda ee: ee.Kernel.chebyshev(3), text(*CHEBYSHEV)),
    sampled("manhattan", lambda ee: ee.Kernel.manhattan(3), text(*MANHATTAN)),
    sampled("euclidean", lambda ee: ee.Kernel.euclidean(3), text(*EUCLIDEAN)),
    Worked(
        "Kernel.gaussian",
        lambda ee: ee.Kernel.gaussian(3),
        {"type": "Kernel.gaussian", "center": [3, 3], "radius": 3, "weights": GAUSSIAN},
        "earth engine: aazuspan/eerepr, tests/data/test_regression_objects_kernel_.yml",
    ),
    sampled("laplacian4", lambda ee: ee.Kernel.laplacian4(), text([0, 1, 0], [1, -4, 1], [0, 1, 0])),
    sampled("laplacian8", lambda ee: ee.Kernel.laplacian8(), text([1, 1, 1], [1, -8, 1], [1, 1, 1])),
    sampled("sobel", lambda ee: ee.Kernel.sobel(), text(*SOBEL)),
    sampled("prewitt", lambda ee: ee.Kernel.prewitt(), text([1, 0, -1], [1, 0, -1], [1, 0, -1])),
    sampled("roberts", lambda ee: ee.Kernel.roberts(), text([1, 0], [0, -1]), center=[1, 1]),
    sampled("compass", lambda ee: ee.Kernel.compass(), text([1, 1, -1], [1, -2, -1], [1, 1, -1])),
    sampled("kirsch", lambda ee: ee.Kernel.kirsch(), text([5, -3, -3], [5, 0, -3], [5, -3, -3])),
    sampled(
        "fixed", lambda ee: ee.Kernel.fixed(weights=[[4, 3, 2, 1, 2, 3, 4]] * 3), text(*[[4, 3, 2, 1, 2, 3, 4]] * 3)
    ),
    Worked(
        "Kernel.fixed",
        lambda ee: ee.Kernel.fixed(3, 1, [[1, 0, 1]], -4, -4, False),
        {"center": [1, 0], "width": 3, "height": 1, "x": 1, "y": 0, "type": "Kernel.fixed"},
        "earth engine: EEwPython, 2_eeImage.ipynb, prints 4 for a focus of -4 in nine columns",
    ),
    sampled("rotate", lambda ee: ee.Kernel.sobel().rotate(1), text([-1, -2, -1], [0, 0, 0], [1, 2, 1])),
    sampled("rotate", lambda ee: ee.Kernel.sobel().rotate(-2), text([1, 0, -1], [2, 0, -2], [1, 0, -1])),
    sampled("inverse", lambda ee: ee.Kernel.sobel().inverse(), text([-1, 0, 1], [-0.5, 0, 0.5], [-1, 0, 1])),
    sampled("add", lambda ee: ee.Kernel.chebyshev(3).add(ee.Kernel.square(1, "pixels", False, 100)), text(*SUM)),
]
