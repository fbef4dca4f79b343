"""Distances between pixels: nearest non-zero pixels, in all directions or one; parabolas and the medial axis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]


def squared_euclidean(sources: Mask) -> Floats:
    """Squared distance to the nearest source, in pixels; infinite where there is none."""
    from scipy import ndimage

    return np.square(_transformed(sources, lambda background: ndimage.distance_transform_edt(background)))


def manhattan(sources: Mask) -> Floats:
    """Sum of the distances across and down, in pixels; infinite where there is no source."""
    from scipy import ndimage

    return _transformed(sources, lambda background: ndimage.distance_transform_cdt(background, "taxicab"))


def chebyshev(sources: Mask) -> Floats:
    """Greater of the distances across and down, in pixels; infinite where there is no source."""
    from scipy import ndimage

    return _transformed(sources, lambda background: ndimage.distance_transform_cdt(background, "chessboard"))


METRICS: dict[str, Callable[[Mask], Floats]] = {
    "squared_euclidean": squared_euclidean,
    "manhattan": manhattan,
    "chebyshev": chebyshev,
}


def _transformed(sources: Mask, transform: Callable[[Mask], NDArray[np.generic]]) -> Floats:
    if not sources.any():
        return np.full(sources.shape, np.inf)
    return np.asarray(transform(~sources), np.float64)


def euclidean_apart(sources: Mask, across: float, down: float) -> Floats:
    """Straight distance to the nearest source where a pixel is `across` wide and `down` high; infinite without one."""
    from scipy import ndimage

    return _transformed(sources, lambda zero: ndimage.distance_transform_edt(zero, sampling=(down, across)))


def manhattan_apart(sources: Mask, across: float, down: float) -> Floats:
    """Distance across plus distance down, exactly: a sweep along each axis both ways."""
    return _swept(_swept(np.where(sources, 0.0, np.inf), down, 0), across, 1)


def _swept(found: Floats, step: float, axis: int) -> Floats:
    """The least of the values along an axis, each raised by `step` for every pixel between."""
    ahead = np.expand_dims(np.arange(found.shape[axis]) * step, 1 - axis)
    before = np.minimum.accumulate(found - ahead, axis) + ahead
    after = np.flip(np.minimum.accumulate(np.flip(found + ahead, axis), axis), axis) - ahead
    return np.asarray(np.minimum(before, after), np.float64)


def chebyshev_apart(sources: Mask, across: float, down: float) -> Floats:
    """Greater of the distances across and down."""
    if np.isclose(across, down):
        return chebyshev(sources) * across
    vertical = found = _swept(np.where(sources, 0.0, np.inf), down, 0)
    for step in range(1, sources.shape[1]):
        for side in (-step, step):
            found = np.minimum(found, np.maximum(shifted(vertical, side, 0, np.inf), step * across))
        if step * across >= found.max():
            break
    return found


APART: dict[str, Callable[[Mask, float, float], Floats]] = {
    "Kernel.euclidean": euclidean_apart,
    "Kernel.manhattan": manhattan_apart,
    "Kernel.chebyshev": chebyshev_apart,
}
"""Distances by the name of the kernel that measures them."""


def shifted(values: NDArray[Any], columns: int, rows: int, fill: float) -> NDArray[Any]:
    """What stands so many columns to the right and rows below each pixel; `fill` beyond the edge."""
    answer = np.full(values.shape, fill, values.dtype)
    height, width = values.shape
    if abs(columns) >= width or abs(rows) >= height:
        return answer
    to = np.s_[max(0, -rows) : height - max(0, rows), max(0, -columns) : width - max(0, columns)]
    source = np.s_[max(0, rows) : height + min(0, rows), max(0, columns) : width + min(0, columns)]
    answer[to] = values[source]
    return answer


def ray(angle: float, length: int) -> list[tuple[int, int]]:
    """Offsets (columns, rows) of the pixels on a line from a pixel, not farther than `length` pixels.

    Args:
        angle: Degrees counter-clockwise from the right: cloud shadows are looked for at 90 less the sun's azimuth
            (developers.google.com/earth-engine/tutorials/community/sentinel-2-s2cloudless).
        length: Pixels.
    """
    x, y = np.cos(np.radians(angle)), -np.sin(np.radians(angle))
    longest = max(abs(x), abs(y))
    steps = [(round(k * x / longest), round(k * y / longest)) for k in range(1, length + 1)]
    return [(dx, dy) for dx, dy in steps if np.hypot(dx, dy) <= length + 1e-9]


def first_on_ray(sources: Mask, offsets: list[tuple[int, int]]) -> NDArray[np.int64]:
    """Position in `offsets` of the first source seen from each pixel; -1 on a source itself, -2 where none is seen."""
    seen = np.where(sources, -1, -2).astype(np.int64)
    for number, (dx, dy) in enumerate(offsets):
        if not (seen == -2).any():
            break
        hit = shifted(sources, dx, dy, False) & (seen == -2)
        seen[hit] = number
    return seen


def parabolas(heights: Floats, reach: int) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """The upper envelope of inverted parabolas: at each pixel the greatest height less the squared distance to it.

    The two axes separate (Coeurjolly and Montanvert, IEEE PAMI 29(3), 2007).

    Args:
        heights: Heights of the tops; 0 where there is none.
        reach: Pixels across and down that are looked at.

    Returns:
        The envelope (0 where no parabola is above 0), and columns and rows from each pixel to the top that is highest.
    """
    reach = min(reach, int(np.sqrt(max(float(heights.max(initial=0.0)), 0.0))))
    down, rows = _envelope(heights, reach, 0)
    envelope, columns = _envelope(down, reach, 1)
    height, width = heights.shape
    at_columns = np.clip(np.arange(width)[None, :] + columns, 0, width - 1)
    rows = rows[np.arange(height)[:, None], at_columns]
    return np.maximum(envelope, 0.0), columns, rows


def _envelope(values: Floats, reach: int, axis: int) -> tuple[Floats, NDArray[np.int64]]:
    best, offset = values.copy(), np.zeros(values.shape, np.int64)
    for distance in range(1, reach + 1):
        for step in (-distance, distance):
            moved = shifted(values, step if axis else 0, 0 if axis else step, -np.inf) - distance * distance
            higher = moved > best
            best[higher], offset[higher] = moved[higher], step
    return best, offset


def medial_axis(sources: Mask, reach: int) -> tuple[Floats, Floats, NDArray[np.int64], NDArray[np.int64]]:
    """The discrete medial axis of the pixels that are no sources.

    A pixel's disc is as large as its distance to the nearest source allows; those discs form the axis that are highest
    somewhere in the power diagram of all (Coeurjolly and Montanvert, IEEE PAMI 29(3), 2007).

    Returns:
        Squared radius of the discs on the axis and 0 elsewhere; number of pixels that each disc is highest at; columns
        and rows from each pixel to the centre of the disc that is highest there.
    """
    squared = squared_euclidean(sources)
    squared[squared > reach * reach] = 0.0
    _, columns, rows = parabolas(squared, reach)
    owned = squared > 0
    columns, rows = np.where(owned, columns, 0), np.where(owned, rows, 0)
    coverage = np.zeros(sources.shape)
    y, x = np.nonzero(owned)
    np.add.at(coverage, (y + rows[y, x], x + columns[y, x]), 1.0)
    return np.where(coverage > 0, squared, 0.0), coverage, columns, rows
