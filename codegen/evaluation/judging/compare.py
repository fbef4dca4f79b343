"""Whether a result is the expected one: by type, as METHODS (7) tells, and with tolerances that are said here.

| what | equal where | source |
|---|---|---|
| pixels, arrays | of one shape, and no number is more than 0.001 off | 3 decimals: METHODS, 7 |
| large ones | or four units in the last place of the coarser number | ours: rounding to decimals moves them |
| masks | the same pixels are masked | ours, where the file tells; published ones hold no mask |
| a masked pixel | against a file without mask: 0, no number, infinite, or the least of its type | ours: the GeoTIFF's |
| geometries | the same points, but for what is thinner than 1e-8° (1 mm) or as many metres | `equals`; tolerance ours |
| their edges | both geodesic or both planar, unless all are points | ours |
| numbers | whole ones exactly, others to 1e-9 of their size or 1e-12 | METHODS: exact; floating-point noise is ours |
| texts, dates | exactly | METHODS, 7 |
| lists, dictionaries, descriptions | by element, as numbers and texts; `updateTime` counts nowhere | AutoGEEval++ |
| facts | as dictionaries, those that the expected answer has | ours |

A boolean equals its number, as in AutoGEEval++ (and in Python). What is not a number equals itself.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codegen.evaluation.judging.answers import Answer, form_of
from codegen.evaluation.judging.geometries import geometry_difference
from codegen.evaluation.judging.values import shortened, value_difference

TOLERANCE = 0.001
"""Of pixels and arrays: half a unit of the third decimal, and as much for the rounding of the file."""
LAST_PLACES = 4
"""Units in the last place by which large numbers may differ: single precision has 7 digits, double has 16."""


def compare(expected: Answer, got: Answer) -> str | None:
    """Compares a result with the expected answer.

    Args:
        expected: What a file holds.
        got: What came, evaluated as of the same type.

    Returns:
        None where they are equal; else the first difference, in a sentence.
    """
    form = form_of(expected.out_type)
    if form in ("pixels", "array"):
        difference = _array_difference(expected, got)
    elif form == "geometry":
        difference = geometry_difference(expected.value, got.value)
    else:
        difference = value_difference(expected.value, got.value)
    return difference or _fact_difference(expected, got)


def _fact_difference(expected: Answer, got: Answer) -> str | None:
    for name, fact in expected.facts.items():
        if name not in got.facts:
            return f"Of its {name} nothing is known; expected {shortened(fact)}."
        difference = value_difference(fact, got.facts[name], name)
        if difference:
            return difference
    return None


def _array_difference(expected: Answer, got: Answer) -> str | None:
    wanted, came = np.asarray(expected.value), np.asarray(got.value)
    if wanted.shape != came.shape:
        return f"Expected an array of shape {_shape(wanted)}, got {_shape(came)}."
    numbers = all(array.dtype.kind in "biuf" for array in (wanted, came))
    if not numbers:
        return value_difference(wanted.tolist(), came.tolist())
    differs = ~_near(wanted, came)
    if expected.valid is not None and got.valid is not None:
        differs = np.where(expected.valid & got.valid, differs, expected.valid != got.valid)
    elif got.valid is not None or expected.valid is not None:
        silent = wanted if expected.valid is None else came
        masked = ~(got.valid if got.valid is not None else expected.valid)  # type: ignore[operator]
        differs = np.where(masked, ~_stands_for_masked(silent), differs)
    return _told(differs, expected, got) if differs.any() else None


def _near(left: NDArray[Any], right: NDArray[Any]) -> NDArray[np.bool_]:
    """Where numbers are equal within the tolerance; what is no number equals itself."""
    precision = np.finfo(np.float32 if np.float32 in (left.dtype, right.dtype) else np.float64).eps
    a, b = left.astype(np.float64), right.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):  # infinities less infinities
        last_places = LAST_PLACES * precision * np.maximum(np.abs(a), np.abs(b))
        allowed = np.maximum(TOLERANCE * (1 + 1e-9), last_places)  # decimals have no exact binary form
        near = np.isfinite(a) & np.isfinite(b) & (np.abs(a - b) <= allowed)
    return np.asarray(near | (a == b) | (np.isnan(a) & np.isnan(b)))


def _stands_for_masked(values: NDArray[Any]) -> NDArray[np.bool_]:
    """What may stand where a pixel is masked, in a file that does not say which are."""
    if values.dtype.kind == "f":
        return np.asarray((values == 0) | ~np.isfinite(values))
    if values.dtype.kind == "b":
        return np.asarray(~values)
    return np.asarray((values == 0) | (values == np.iinfo(values.dtype).min))


def _told(differs: NDArray[np.bool_], expected: Answer, got: Answer) -> str:
    """The first difference, and how many there are."""
    place = tuple(int(i) for i in np.argwhere(differs)[0])
    one, other = (_entry(answer, place) for answer in (expected, got))
    where = f"Element {list(place)}"
    if form_of(expected.out_type) == "pixels" and len(place) == 3:
        names = expected.facts.get("bands") or got.facts.get("bands")
        band = repr(names[place[2]]) if names and len(names) > place[2] else f"number {place[2] + 1}"
        where = f"Pixel in row {place[0] + 1}, column {place[1] + 1} of band {band}"
    if not place:
        return f"Expected {one}, got {other}."
    return f"{where}: expected {one}, got {other}; {int(differs.sum())} of {differs.size} numbers differ."


def _entry(answer: Answer, place: tuple[int, ...]) -> str:
    if answer.valid is not None and not answer.valid[place]:
        return "a masked pixel"
    value = float(np.asarray(answer.value)[place])
    if not math.isfinite(value):
        return str(value)
    return f"{value:.10g}"


def _shape(array: NDArray[Any]) -> str:
    return "×".join(str(size) for size in array.shape) or "a single number"
