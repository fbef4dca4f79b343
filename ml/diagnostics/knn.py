"""How well the neighbours of a row tell its labels: what a metric is good for, whatever its contrast."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.diagnostics.distances import Float

Labels = Mapping[str, NDArray[Any]]
"""Name to values: quantities (float64, NaN unknown) and classes (int64, −1 unknown); (n,) each."""


def predictions(neighbours: NDArray[np.int64], labels: Labels) -> dict[str, NDArray[Any]]:
    """Each row's labels as its neighbours tell them: their mean, or their vote, of equals the nearer one's.

    Args:
        neighbours: Rows that are asked, nearest first; (n, k).
        labels: Of all rows.

    Returns:
        As `labels`; unknown where no neighbour knows.
    """
    return {
        name: _mean(values[neighbours]) if values.dtype == np.float64 else _vote(values[neighbours])
        for name, values in labels.items()
    }


def losses(predicted: Labels, labels: Labels, groups: NDArray[np.int64] | None) -> tuple[Float, Float]:
    """What a prediction of each label costs in each row, and what the cost is held against.

    A quantity costs the squared error, held against the squared deviation from the row's group mean, so that telling
    groups apart earns nothing (as in `ml.probes`). A wrong class costs 1, held against the error of always saying the
    most frequent class.

    Args:
        predicted: Of each label.
        labels: What they are.
        groups: Group of each row, or None for one.

    Returns:
        Cost and scale, (n, labels) each; 0 in both where either is unknown. 1 − Σcost/Σscale is `skill`.
    """
    if not labels:
        empty = np.zeros((0 if groups is None else len(groups), 0))
        return empty, empty
    pairs = [
        _of_quantity(values, predicted[name], groups)
        if values.dtype == np.float64
        else _of_class(values, predicted[name])
        for name, values in labels.items()
    ]
    return np.column_stack([cost for cost, _ in pairs]), np.column_stack([scale for _, scale in pairs])


def skill(cost: Float, scale: Float) -> Float:
    """R² of quantities; of classes, the share of the most frequent class's errors that is avoided; (labels,).

    1 is perfect and 0 no better than knowing nothing, for both. NaN for a label that does not vary within groups.
    """
    total = scale.sum(axis=0)
    return np.where(total > 1e-12, 1 - cost.sum(axis=0) / np.maximum(total, 1e-300), np.nan)


def skill_draws(cost: Float, scale: Float, weights: Float) -> Float:
    """Mean skill over the labels under each draw of a bootstrap; (draws,).

    Args:
        cost: Summed over each unit that is drawn (a group, or a row); (units, labels).
        scale: The same.
        weights: How often each draw has each unit; (draws, units).
    """
    varying = scale.sum(axis=0) > 1e-12
    each = 1 - (weights @ cost[:, varying]) / np.maximum(weights @ scale[:, varying], 1e-12)
    return np.asarray(each.mean(axis=1), np.float64)


def _mean(around: Float) -> Float:
    known = np.isfinite(around)
    count = known.sum(axis=1)
    mean = np.where(known, around, 0.0).sum(axis=1) / np.maximum(count, 1)
    return np.where(count > 0, mean, np.nan)


def _vote(around: NDArray[np.int64]) -> NDArray[np.int64]:
    n, k = around.shape
    weight = 1 + np.arange(k, 0, -1) / k**2 / 2  # ties go to the nearer; all extras together stay below one vote
    votes = np.zeros((n, int(around.max(initial=0)) + 1))
    known = around.ravel() >= 0
    np.add.at(votes, (np.repeat(np.arange(n), k)[known], around.ravel()[known]), np.tile(weight, n)[known])
    return np.where(votes.max(axis=1) > 0, votes.argmax(axis=1), -1)


def _of_quantity(values: Float, predicted: Float, groups: NDArray[np.int64] | None) -> tuple[Float, Float]:
    group = np.zeros(len(values), np.int64) if groups is None else groups
    usable = np.isfinite(values) & np.isfinite(predicted)
    count = np.maximum(np.bincount(group, usable), 1)
    middle = np.bincount(group, np.where(usable, values, 0.0)) / count
    return (
        np.where(usable, (values - predicted) ** 2, 0.0),
        np.where(usable, (values - middle[group]) ** 2, 0.0),
    )


def _of_class(values: NDArray[np.int64], predicted: NDArray[np.int64]) -> tuple[Float, Float]:
    usable = (values >= 0) & (predicted >= 0)
    most = np.bincount(values[usable]).argmax() if usable.any() else -1
    wrong = usable & (predicted != values)
    return wrong.astype(np.float64), (usable & (values != most)).astype(np.float64)
