"""Registration: how far each part of an image is from where a reference has it, by correlation of patches.

Earth Engine says what its algorithm takes and gives and that it correlates patches, coarse to fine, rejecting outliers
(developers.google.com/earth-engine/guides/register); how is not published. Here patches around points that lie fast on
the working lattice are correlated at all offsets up to the largest, the best one is refined by parabolas, and points
that disagree with their neighbours give way to them, the more the stiffer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ee_emulator.catalog.base import Pixels
from ee_emulator.raster.blocks import lattice_place
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.neighbourhood import filled
from ee_emulator.raster.projection import unit_metres
from ee_emulator.raster.values import Band, Node, Request

if TYPE_CHECKING:
    from ee_emulator.registry import Context

Array = NDArray[np.float64]
AROUND = 2
"""Points to each side whose offsets a point is compared with."""


@dataclass(frozen=True)
class Matching:
    """How patches are matched, in pixels.

    Attributes:
        reach: Largest offset.
        patch: Pixels from the middle of a patch to its edge.
        stiffness: 0 (each point for itself) to 10 (all points like their neighbours).
    """

    reach: int
    patch: int
    stiffness: float

    @property
    def spacing(self) -> int:
        """Pixels from point to point: patches overlap by half."""
        return max(1, self.patch)

    @property
    def margin(self) -> int:
        """Pixels around a grid that its offsets depend on."""
        return (AROUND + 2) * self.spacing + self.patch + self.reach + 1


class Displacements(Node):
    """Metres to the right and up from a pixel of the reference to its match, and the confidence, as three outputs."""

    def __init__(self, image: Sequence[Band], reference: Sequence[Band], matching: Matching) -> None:
        self.image = tuple(image)
        self.reference = tuple(reference)
        self.matching = matching

    def requests(self, grid: Grid) -> Sequence[Request]:
        """Both images with the margin."""
        grown = grid.grown(self.matching.margin, self.matching.margin)
        return [(band, grown) for band in (*self.image, *self.reference)]

    def scratch(self, grid: Grid) -> int:
        """Both images as double."""
        grown = grid.grown(self.matching.margin, self.matching.margin)
        return 18 * (len(self.image) + len(self.reference)) * grown.width * grown.height

    def compute(
        self, grid: Grid, inputs: Sequence[Pixels], outputs: Sequence[int], context: Context
    ) -> Mapping[int, Pixels]:
        """Offsets at the points, smoothed, and interpolated between them."""
        spacing, half = self.matching.spacing, len(self.image)
        column, row = lattice_place(grid)
        first = (column // spacing - AROUND, row // spacing - AROUND)
        last = ((column + grid.width) // spacing + AROUND + 1, (row + grid.height) // spacing + AROUND + 1)
        origin = (column - self.matching.margin, row - self.matching.margin)
        shape = (last[1] - first[1] + 1, last[0] - first[0] + 1)
        found = np.zeros((3, *shape))
        for i, j in np.ndindex(shape):
            context.budget.check_time()
            at = ((first[0] + j) * spacing - origin[0], (first[1] + i) * spacing - origin[1])
            found[:, i, j] = _match(inputs[:half], inputs[half:], at, self.matching)
        smooth = _smoothed(found, self.matching.stiffness)
        x = (np.arange(grid.width) + 0.5 + column) / spacing - first[0] - AROUND
        y = (np.arange(grid.height) + 0.5 + row) / spacing - first[1] - AROUND
        unit = unit_metres(grid.crs)
        scale = (grid.transform.a * unit, grid.transform.e * unit, 1.0)
        mask = np.ones(grid.shape, bool)
        return {k: Pixels(_between(smooth[k], x, y) * scale[k], mask) for k in range(3)}


def _match(
    image: Sequence[Pixels], reference: Sequence[Pixels], at: tuple[int, int], matching: Matching
) -> tuple[float, float, float]:
    """Columns and rows from a point of the reference to its match in the image, and the correlation there (or 0)."""
    from skimage.feature import match_template

    column, row = at
    patch, reach = matching.patch, matching.patch + matching.reach
    here = np.s_[row - patch : row + patch + 1, column - patch : column + patch + 1]
    there = np.s_[row - reach : row + reach + 1, column - reach : column + reach + 1]
    scores = np.zeros((2 * matching.reach + 1, 2 * matching.reach + 1))
    for one, other in zip(image, reference, strict=True):
        if not (one.mask[there].all() and other.mask[here].all()) or np.ptp(other.values[here]) == 0:
            return 0.0, 0.0, 0.0
        scores += match_template(filled(one)[there], filled(other)[here])  # type: ignore[no-untyped-call]
    scores /= len(image)
    top, left = np.unravel_index(scores.argmax(), scores.shape)
    confidence = float(np.clip(scores[top, left], 0.0, 1.0))
    across = left + _vertex(scores[top], int(left)) - matching.reach
    down = top + _vertex(scores[:, left], int(top)) - matching.reach
    return float(across), float(down), confidence


def _vertex(scores: Array, peak: int) -> float:
    """Where between its neighbours the parabola through a peak is highest, -0.5 to 0.5."""
    if not 0 < peak < len(scores) - 1:
        return 0.0
    before, best, after = scores[peak - 1 : peak + 2]
    curve = before - 2.0 * best + after
    return float(np.clip((before - after) / (2.0 * curve), -0.5, 0.5)) if curve < 0 else 0.0


def _smoothed(found: Array, stiffness: float) -> Array:
    """Offsets drawn towards those around them, without the outermost `AROUND` points.

    Neighbours count by their confidence and a bell over the distance. A point without a match takes what they say; so
    does one that is further from them than the stiffness tolerates, from anything (0) to half a pixel (10).
    """
    side = 2 * AROUND + 1
    steps = np.arange(-AROUND, AROUND + 1.0)
    bell = np.exp(-(steps[:, None] ** 2 + steps[None, :] ** 2) / 2.0)
    windows = np.lib.stride_tricks.sliding_window_view(found, (side, side), axis=(1, 2))
    weights = windows[2] ** 2 * bell
    total = weights.sum(axis=(2, 3))
    mean = (windows * weights).sum(axis=(3, 4)) / np.maximum(total, 1e-12)
    own = found[:, AROUND:-AROUND, AROUND:-AROUND]
    away = np.hypot(own[0] - mean[0], own[1] - mean[1])
    tolerance = math.inf if stiffness <= 0 else 5.0 / stiffness
    gives_way = (own[2] <= 0) | (away > tolerance)
    pull = np.where(gives_way, 1.0, stiffness / 10.0)
    offsets = own[:2] + pull * (mean[:2] - own[:2])
    return np.concatenate([offsets, np.where(own[2] > 0, own[2], mean[2])[None]])


def _between(points: Array, x: Array, y: Array) -> Array:
    """Bilinear interpolation at columns `x` and rows `y` of points."""
    left, top = np.floor(x).astype(np.intp), np.floor(y).astype(np.intp)
    fx, fy = x - left, (y - top)[:, None]
    upper = points[np.ix_(top, left)] * (1 - fx) + points[np.ix_(top, left + 1)] * fx
    lower = points[np.ix_(top + 1, left)] * (1 - fx) + points[np.ix_(top + 1, left + 1)] * fx
    return np.asarray(upper * (1 - fy) + lower * fy)


# Correlation pixel by pixel ---------------------------------------------------------------------------------------


def best_shift(
    first: Sequence[Pixels], second: Sequence[Pixels], gap: int, window: int, masked_share: float
) -> tuple[list[Array], NDArray[np.bool_]]:
    """For each pixel the shift of the second image that correlates best with the first in a window around it.

    Args:
        first: Bands with a margin of `gap` + `window` // 2.
        second: As many bands, with the same margin.
        gap: Largest shift in columns and in rows.
        window: Pixels a side of the window.
        masked_share: Share of a window's pixels that may be masked; one window with more masks the answer.

    Returns:
        Columns, rows, their distance and the correlation, and the mask; of equals the shortest shift is taken.
    """
    margin = gap + window // 2
    height, width = (n - 2 * margin for n in first[0].values.shape)
    best = [np.zeros((height, width)) for _ in range(3)] + [np.full((height, width), -np.inf)]
    valid = np.ones((height, width), bool)
    shifts = [(x, y) for y in range(-gap, gap + 1) for x in range(-gap, gap + 1)]
    for x, y in sorted(shifts, key=lambda shift: math.hypot(*shift)):
        score, enough = _correlation(first, second, (x, y), gap, window, masked_share)
        valid &= enough
        better = score > best[3] + 1e-12
        for part, value in zip(best[:3], (x, y, math.hypot(x, y)), strict=True):
            part[better] = value
        best[3][better] = score[better]
    return best, valid


def _correlation(
    first: Sequence[Pixels],
    second: Sequence[Pixels],
    shift: tuple[int, int],
    gap: int,
    window: int,
    masked_share: float,
) -> tuple[Array, NDArray[np.bool_]]:
    """Pearson's correlation over the windows of all bands, 0 where one side is flat, and where pixels suffice."""
    from ee_emulator.raster.windows import flat_sum

    support = np.ones((window, window), bool)
    height, width = (n - 2 * gap for n in first[0].values.shape)
    here = np.s_[gap : gap + height, gap : gap + width]
    there = np.s_[gap + shift[1] : gap + shift[1] + height, gap + shift[0] : gap + shift[0] + width]
    sums = []
    for one, other in zip(first, second, strict=True):
        both = one.mask[here] & other.mask[there]
        a, b = np.where(both, one.values[here], 0.0), np.where(both, other.values[there], 0.0)
        sums.append([flat_sum(part, support) for part in (both.astype(np.float64), a, b, a * a, b * b, a * b)])
    # An even window has its focus right of and below the middle: the last row and column have no window of their own.
    inside = np.s_[: height - 2 * (window // 2), : width - 2 * (window // 2)]
    n, a, b, aa, bb, ab = (np.sum(part, axis=0)[inside] for part in zip(*sums, strict=True))
    count = np.maximum(n, 1.0)
    spread = (aa - a * a / count) * (bb - b * b / count)
    flat = spread <= 1e-12 * np.maximum(aa * bb, 1e-300)
    score = np.where(flat, 0.0, (ab - a * b / count) / np.sqrt(np.where(flat, 1.0, spread)))
    enough = (1.0 - n / (window * window * len(first)) <= masked_share) & (n > 0)
    return np.clip(score, -1.0, 1.0), enough
