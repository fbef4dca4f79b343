"""Where the operators of the graph stand: a force layout, worked out once, so that the page opens at once.

Operators that belong together attract each other, all push each other away (T. Fruchterman and E. Reingold, "Graph
Drawing by Force-directed Placement", 1991). The strength of a pair is its count over what both have in all, so that an
operator that goes with everything does not draw all into one heap (N. J. van Eck and L. Waltman, "VOS: a new method
for visualizing similarities", 2007). In the end labels that overlap are pushed apart.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WIDTH, HEIGHT = 1000.0, 640.0
"""The frame; the page stretches it to the room that there is."""
_STEPS = 500
_PUSHES = 400
_TOGETHER = 0.25
"""Attraction among operators of one class, to an average relation."""
_GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))


def placed(counts: Floats, classes: Sequence[int], boxes: Floats) -> Floats:
    """Places in the frame, the same for the same input.

    Args:
        counts: How often each two are related; (n, n), not negative.
        classes: Number of the class of each; (n,).
        boxes: Width and height of each with its label; (n, 2).

    Returns:
        x and y of the middle of each box, in [0, WIDTH] and [0, HEIGHT]; (n, 2).
    """
    attraction = _attraction(counts, np.array(classes, np.int64))
    return _apart(_framed(_forced(_spiral(np.array(classes, np.int64)), attraction)), boxes)


def _attraction(counts: Floats, classes: NDArray[np.int64]) -> Floats:
    both = counts + counts.T
    np.fill_diagonal(both, 0)
    total = np.sqrt(both.sum(axis=1) + 1)
    strength = np.sqrt(both / (total[:, None] * total[None, :]))
    average = strength[strength > 0].mean() if (strength > 0).any() else 1.0
    alike = (classes[:, None] == classes[None, :]) / np.maximum(np.bincount(classes)[classes], 1)[:, None]
    together: Floats = strength / average + _TOGETHER * 10 * (alike + alike.T) / 2
    np.fill_diagonal(together, 0)
    return together


def _spiral(classes: NDArray[np.int64]) -> Floats:
    """A sunflower, class after class along its turns."""
    rank = np.empty(len(classes))
    rank[np.argsort(classes, kind="stable")] = np.arange(len(classes))
    turn = 2 * np.pi * rank / max(len(classes), 1)
    radius = np.sqrt((np.arange(len(classes)) * _GOLDEN_ANGLE) % 1.0 + 0.05)
    return np.stack([radius * np.cos(turn), radius * np.sin(turn)], axis=1)


def _forced(places: Floats, attraction: Floats) -> Floats:
    """Fruchterman and Reingold, with a pull to the middle for what has no relation."""
    ideal = np.sqrt(4.0 / max(len(places), 1))
    for step in range(_STEPS):
        between = places[:, None, :] - places[None, :, :]
        distance = np.sqrt((between**2).sum(axis=2)) + 1e-6
        push = ideal**2 / distance**2
        np.fill_diagonal(push, 0)
        pull = attraction * distance / ideal * 0.06
        force = (between * (push - pull)[:, :, None]).sum(axis=1) - 0.6 * places
        length = np.sqrt((force**2).sum(axis=1, keepdims=True)) + 1e-9
        places = places + force / length * np.minimum(length, 0.12 * (1 - step / _STEPS) ** 1.5)
    return places


def _framed(places: Floats) -> Floats:
    """Stretched over the frame; half by rank, which spreads what is crowded."""
    if len(places) < 2:
        return np.full((len(places), 2), (WIDTH / 2, HEIGHT / 2))
    low, high = places.min(axis=0), places.max(axis=0)
    linear = (places - low) / np.maximum(high - low, 1e-9)
    ranks = np.argsort(np.argsort(places, axis=0, kind="stable"), axis=0) / (len(places) - 1)
    framed: Floats = (0.45 * linear + 0.55 * ranks) * (WIDTH, HEIGHT)
    return framed


def _apart(places: Floats, boxes: Floats) -> Floats:
    """Boxes that overlap are pushed apart along the axis on which they overlap less."""
    frame = np.array([WIDTH, HEIGHT])
    half = np.minimum(boxes / 2, frame / 2)
    places = np.clip(places, half, frame - half)
    for _ in range(_PUSHES if len(places) > 1 else 0):
        between = places[:, None, :] - places[None, :, :]
        overlap = (boxes[:, None, :] + boxes[None, :, :]) / 2 - np.abs(between)
        touching: NDArray[np.bool_] = (overlap > 0).min(axis=2)
        np.fill_diagonal(touching, False)
        if not touching.any():
            break
        along_x = overlap[:, :, 0] < overlap[:, :, 1]
        axis = np.stack([along_x, ~along_x], axis=2) & touching[:, :, None]
        order = np.sign(np.arange(len(places))[:, None] - np.arange(len(places))[None, :])
        sign = np.where(between == 0, order[:, :, None], np.sign(between))
        shift = (np.where(axis, overlap, 0) * sign).sum(axis=1) * 0.3
        places = np.clip(places + shift, half, frame - half)
    return places
