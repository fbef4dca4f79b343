"""The graph of the most used operators: which ones, where, how large, in which colour."""

import math
from collections import Counter
from typing import Any

import numpy as np

from codegen.knowledge.explorer.content import Content
from codegen.knowledge.explorer.layout import Floats, placed

NODES = 150
"""Operators that are drawn."""
COLOURS = {
    "Image": "#2e8b57",
    "ImageCollection": "#d2691e",
    "Map": "#1f6f8b",
    "FeatureCollection": "#c2417c",
    "Filter": "#8e5bb5",
    "Feature": "#a8801d",
    "ui": "#4a6fd6",
    "Geometry": "#b3372b",
    "Number": "#17948a",
    "List": "#6d4c3d",
}
"""As many classes as can be told apart have a colour, those whose operators are used most; these have their own."""
OTHERS, OTHERS_COLOUR = "other classes", "#7c8891"
_SMALLEST, _LARGEST = 4.0, 19.0
"""Radius, at the page's own scale."""
_LETTER, _LINE = 7.6, 20.0


def graph(found: Content) -> dict[str, Any]:
    """`nodes` (operator, x, y, radius, class) and `classes` (name, colour) for the page's script."""
    operators = found.data["operators"][:NODES]
    used = [number for number, row in enumerate(operators) if row[4]]
    owners = [_owner(operators[number][0]) for number in used]
    uses = Counter[str]()
    for number, owner in zip(used, owners, strict=True):
        uses[owner] += operators[number][4]
    classes = [name for name, _ in uses.most_common(len(COLOURS))]
    of_class = [classes.index(owner) if owner in classes else len(classes) for owner in owners]
    most = max((operators[number][4] for number in used), default=1)
    radii = [_radius(operators[number][4], most) for number in used]
    names = [found.data["names"][number] for number in used]
    boxes = _boxes(names, radii)
    places = placed(_counts(found, used), of_class, boxes) if used else boxes
    nodes = [
        [number, round(x - width / 2 + radius), round(y), round(radius, 1), kind]
        for number, (x, y), (width, _), radius, kind in zip(
            used, places.tolist(), boxes.tolist(), radii, of_class, strict=True
        )
    ]
    coloured = _coloured(classes)
    if len(classes) in of_class:
        coloured.append((OTHERS, OTHERS_COLOUR))
    return {"nodes": nodes, "classes": coloured}


def _owner(owner: str) -> str:
    """The class that a colour stands for: `ui.Chart.image` is `ui`; what has none is of the Code Editor."""
    return owner.split(".")[0] or "print and the like"


def _coloured(classes: list[str]) -> list[tuple[str, str]]:
    """Each with its own colour, or one that no other takes."""
    spare = iter([colour for name, colour in COLOURS.items() if name not in classes])
    return [(name, COLOURS[name] if name in COLOURS else next(spare)) for name in classes]


def _radius(uses: int, most: int) -> float:
    return _SMALLEST + (_LARGEST - _SMALLEST) * math.sqrt(uses / most)


def _counts(found: Content, used: list[int]) -> Floats:
    counts = np.zeros((len(used), len(used)))
    place = {number: at for at, number in enumerate(used)}
    for first, second, _, count, _ in found.data["relationships"]:
        if first in place and second in place:
            counts[place[first], place[second]] += count
    return counts


def _boxes(names: list[str], radii: list[float]) -> Floats:
    """Room that an operator takes with its short name to the right of it; (n, 2)."""
    sizes = [
        (2 * r + _LETTER * len(name.split(".")[-1]) + 10, max(2 * r, _LINE))
        for name, r in zip(names, radii, strict=True)
    ]
    return np.array(sizes).reshape(-1, 2)
