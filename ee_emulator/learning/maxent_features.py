"""Maxent's features: functions of the inputs that the exponential model weights, with their regularisation.

Linear, quadratic, product, threshold, hinge and categorical features and the table of regularisation by the number of
presences follow Phillips and Dudík 2008 (Modeling of species distributions with Maxent, Ecography 31), sections
"Feature types" and "Regularization"; the tables are those of the program Maxent 3.4 and its port `maxnet`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.learning.table import Matrix

KNOTS = 50
"""Hinges and thresholds an input, in each direction."""

Feature = Callable[[Matrix], Matrix]
"""Scaled inputs (rows, inputs) to the feature's values (rows,), within [0, 1]."""


@dataclass(frozen=True)
class Family:
    """Features of one type.

    Attributes:
        kind: `lqp`, `threshold`, `hinge` or `categorical`.
        features: The functions.
    """

    kind: str
    features: list[Feature]


def chosen_types(presences: int, settings: dict[str, Any]) -> set[str]:
    """The types of features in use: by the number of presences, or as asked for where `autoFeature` is off."""
    if not settings["auto_feature"]:
        return {name for name in ("linear", "quadratic", "product", "threshold", "hinge") if settings[name]}
    types = {"linear"}
    if presences >= settings["l2lq_threshold"]:
        types.add("quadratic")
    if presences >= settings["hinge_threshold"]:
        types.add("hinge")
    if presences >= settings["lq2lqpt_threshold"]:
        types |= {"product", "threshold"}
    return types


def families(types: set[str], continuous: Sequence[int], categorical: dict[int, NDArray[Any]]) -> list[Family]:
    """The features of the types over the continuous inputs, and an indicator a category of each other input."""
    lqp: list[Feature] = []
    if "linear" in types:
        lqp += [_power(k, 1) for k in continuous]
    if "quadratic" in types:
        lqp += [_power(k, 2) for k in continuous]
    if "product" in types:
        lqp += [_product(a, b) for n, a in enumerate(continuous) for b in continuous[n + 1 :]]
    made = [Family("lqp", lqp)]
    if "threshold" in types:
        steps = np.linspace(0, 1, KNOTS + 2)[1:-1]
        made.append(Family("threshold", [_step(k, float(t)) for k in continuous for t in steps]))
    if "hinge" in types:
        knots = np.linspace(0, 1, KNOTS)
        forward = [_hinge(k, float(t), 1.0) for k in continuous for t in knots[:-1]]
        backward = [_hinge(k, 0.0, float(t)) for k in continuous for t in knots[1:]]
        made.append(Family("hinge", forward + [_reversed(f) for f in backward]))
    indicators = [_category(k, float(value)) for k, values in categorical.items() for value in values]
    return [family for family in [*made, Family("categorical", indicators)] if family.features]


def _power(k: int, exponent: int) -> Feature:
    return lambda rows: rows[:, k] ** exponent


def _product(a: int, b: int) -> Feature:
    return lambda rows: rows[:, a] * rows[:, b]


def _step(k: int, at: float) -> Feature:
    return lambda rows: (rows[:, k] > at).astype(np.float64)


def _hinge(k: int, low: float, high: float) -> Feature:
    return lambda rows: np.clip((rows[:, k] - low) / (high - low), 0, 1)


def _reversed(feature: Feature) -> Feature:
    return lambda rows: 1 - feature(rows)


def _category(k: int, value: float) -> Feature:
    return lambda rows: (rows[:, k] == value).astype(np.float64)


# Number of presences and multiplier, interpolated between.
_LINEAR = ([10, 30, 100], [1.0, 0.2, 0.05])
_QUADRATIC = ([0, 10, 17, 30, 100], [1.3, 0.8, 0.5, 0.25, 0.05])
_PRODUCT = ([0, 10, 17, 30, 100], [2.6, 1.6, 0.9, 0.55, 0.05])
_OTHERS = {
    "threshold": ([0, 100], [2.0, 1.0]),
    "hinge": ([0, 1], [0.5, 0.5]),
    "categorical": ([0, 10, 17], [0.65, 0.5, 0.25]),
}


def regularisation(kind: str, types: set[str], presences: int, settings: dict[str, Any]) -> float:
    """The multiplier of one type of feature: the one asked for, or by the number of presences."""
    given: float = settings[{"lqp": "beta_lqp"}.get(kind, f"beta_{kind}")]
    if given >= 0:
        return given
    if kind == "lqp":
        table = _PRODUCT if "product" in types else _QUADRATIC if "quadratic" in types else _LINEAR
    else:
        table = _OTHERS[kind]
    return float(np.interp(presences, *table))
