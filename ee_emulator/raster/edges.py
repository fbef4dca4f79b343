"""Edges: gradients, Canny's detector, zero crossings. Functions of pixels that are larger than their answer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ee_emulator.catalog.base import Pixels
from ee_emulator.raster.kernel import Weights
from ee_emulator.raster.neighbourhood import filled, inner
from ee_emulator.raster.windows import flat_extreme, weighted_sum

Array = NDArray[np.float64]

PLUS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], bool)


def differences(values: Array) -> tuple[Array, Array]:
    """Half the difference of the neighbours to the right and left, and of those below and above, without a margin."""
    return (values[1:-1, 2:] - values[1:-1, :-2]) / 2.0, (values[2:, 1:-1] - values[:-2, 1:-1]) / 2.0


def complete(mask: NDArray[np.bool_], support: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where all pixels under a kernel are unmasked."""
    return np.asarray(flat_extreme(mask, support, largest=False), bool)


def canny(pixels: Pixels, smoothing: Weights | None, threshold: float) -> Pixels:
    """Magnitude of the gradient on edges, 0 elsewhere; pixels have a margin of the smoothing's and two more.

    Canny (1986) without hysteresis, which the one threshold leaves no room for: smooth, take central differences, and
    keep a pixel whose gradient is above the threshold and the largest of three across the edge, the direction being
    rounded to a multiple of 45 degrees.
    """
    values, mask = filled(pixels), pixels.mask
    if smoothing is not None:
        values, mask = weighted_sum(values, smoothing.values), complete(mask, smoothing.support)
    across, down = differences(values)
    mask = complete(mask, PLUS)
    size = np.where(mask, np.hypot(across, down), 0.0)
    centre = inner(size, (1, 1))
    keep = _largest_across(size, inner(across, (1, 1)), inner(down, (1, 1))) & (centre > threshold)
    return Pixels(np.where(keep, centre, 0.0), inner(mask, (1, 1)))


def _largest_across(size: Array, across: Array, down: Array) -> NDArray[np.bool_]:
    height, width = across.shape
    eighth = np.round(np.arctan2(down, across) / (np.pi / 4)).astype(np.int64) % 4
    centre = inner(size, (1, 1))
    keep = np.zeros(across.shape, bool)
    for direction, (x, y) in enumerate(((1, 0), (1, 1), (0, 1), (-1, 1))):
        ahead = size[1 + y : 1 + y + height, 1 + x : 1 + x + width]
        behind = size[1 - y : 1 - y + height, 1 - x : 1 - x + width]
        # Of two that are equally large the first is kept, so that an edge is one pixel wide.
        keep |= (eighth == direction) & (centre > behind) & (centre >= ahead)
    return keep


def zero_crossings(pixels: Pixels) -> NDArray[np.bool_]:
    """Where the pixel to the right, below or below to the right has the other sign; there is a margin of one.

    Zero counts as positive; masked neighbours have no sign.
    """
    positive, mask = pixels.values >= 0, pixels.mask
    height, width = positive.shape[0] - 2, positive.shape[1] - 2
    here = positive[1:-1, 1:-1]
    crossing = np.zeros(here.shape, bool)
    for x, y in ((1, 0), (0, 1), (1, 1)):
        place = np.s_[1 + y : 1 + y + height, 1 + x : 1 + x + width]
        crossing |= (positive[place] != here) & mask[place]
    return crossing


def lines(active: NDArray[np.bool_], threshold: float, smooth: bool) -> NDArray[np.bool_]:
    """Pixels on straight lines of a square block, by the Hough transform (Duda and Hart 1972).

    Args:
        active: The pixels that vote, (side, side).
        threshold: Votes from which a line counts as found.
        smooth: Whether votes are averaged over 3 x 3 lines that are nearly the same.
    """
    from scipy.ndimage import uniform_filter
    from skimage.transform import hough_line

    found = np.zeros(active.shape, bool)
    if not active.any():
        return found
    theta = np.linspace(-np.pi / 2, np.pi / 2, 180, endpoint=False)
    votes, angles, distances = hough_line(active, theta=theta)  # type: ignore[no-untyped-call]
    counts = votes.astype(np.float64)
    if smooth:
        counts = uniform_filter(counts, 3, mode="constant")
    rows, columns = np.indices(active.shape)
    for k in np.unique(np.nonzero(counts >= threshold)[1]):
        # Each pixel lies on one line of an angle: look its votes up.
        distance = columns * np.cos(angles[k]) + rows * np.sin(angles[k])
        at = np.round(distance - distances[0]).astype(np.int64)
        found |= counts[at, k] >= threshold
    return found
