"""Classifiers by distance: to class means, to neighbours, and being inside a polygon."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.errors import EarthEngineError
from ee_emulator.learning.table import (
    CLASS,
    NUMBERS,
    VOTES,
    Fitted,
    Matrix,
    Training,
    from_shares,
    quantity,
    single,
)

Distance = Callable[[Matrix], Matrix]
"""From rows (rows, inputs) to one centre: (rows,)."""


def minimum_distance(training: Training, mode: str, metric: str, k_nearest: int) -> Fitted:
    """The class whose mean is nearest; REGRESSION gives the distance to it, RAW those to all means.

    With `k_nearest` above 1 the first two give arrays, nearest first. The Mahalanobis distance uses the covariance of
    the class itself.

    Raises:
        EarthEngineError: An unknown metric.
    """
    distances = [_from_mean(training.of_class(code), metric) for code in range(len(training.labels))]
    count = min(max(1, k_nearest), len(distances))
    explanation = {"classes": training.labels.tolist(), "metric": metric, "means": _means(training)}

    def each(inputs: Matrix) -> Matrix:
        return np.column_stack([distance(inputs) for distance in distances])

    def order(inputs: Matrix) -> NDArray[np.int64]:
        return np.argsort(each(inputs), axis=1, kind="stable")[:, :count]

    def nearest(inputs: Matrix) -> Matrix:
        return np.sort(each(inputs), axis=1)[:, :count]

    if mode == "RAW":
        return single(each, NUMBERS, explanation)
    if mode == "REGRESSION":
        if k_nearest > 1:
            return single(nearest, NUMBERS, explanation)
        return quantity(lambda inputs: nearest(inputs)[:, 0], explanation)
    if k_nearest > 1:
        return single(lambda inputs: training.labels[order(inputs)], VOTES, explanation)
    return single(lambda inputs: training.labels[order(inputs)[:, 0]], CLASS, explanation)


def _means(training: Training) -> list[list[float]]:
    return [training.of_class(code).mean(axis=0).tolist() for code in range(len(training.labels))]


def _from_mean(members: Matrix, metric: str) -> Distance:
    mean = members.mean(axis=0)
    if metric == "euclidean":
        return lambda rows: np.linalg.norm(rows - mean, axis=1)
    if metric == "manhattan":
        return lambda rows: np.abs(rows - mean).sum(axis=1)
    if metric == "cosine":
        return lambda rows: _angle(rows, mean)
    if metric == "mahalanobis":
        inverse = _inverse_covariance(members)
        return lambda rows: np.sqrt(np.einsum("ij,jk,ik->i", rows - mean, inverse, rows - mean).clip(min=0))
    raise EarthEngineError(f"Unknown distance metric '{metric}'; known: euclidean, cosine, mahalanobis, manhattan.")


def _angle(rows: Matrix, mean: Matrix) -> Matrix:
    """The spectral angle, radians."""
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(mean)
    cosine = np.divide(rows @ mean, lengths, out=np.zeros(len(rows)), where=lengths > 0)
    angle: Matrix = np.arccos(np.clip(cosine, -1, 1))
    return angle


def _inverse_covariance(members: Matrix) -> Matrix:
    """The pseudo-inverse: inputs that do not vary within the class are left out of account."""
    if len(members) < 2:
        return np.eye(members.shape[1])
    inverse: Matrix = np.linalg.pinv(np.atleast_2d(np.cov(members, rowvar=False)))
    return inverse


_KD_TREE_BELOW = 10
"""With fewer inputs AUTO searches a k-d tree, which knows the Euclidean distance only (Earth Engine's description)."""
_SEARCHES = ("AUTO", "LINEAR_SEARCH", "KD_TREE", "COVER_TREE")
_METRICS = {
    "EUCLIDEAN": "euclidean",
    "MANHATTAN": "manhattan",
    "BRAYCURTIS": "braycurtis",
    "MAHALANOBIS": "mahalanobis",
}


def nearest_neighbours(training: Training, mode: str, k: int, search_method: str, metric: str) -> Fitted:
    """The most frequent class among the k nearest rows of the training, the smaller one of equals; or their mean.

    Raises:
        EarthEngineError: An unknown method or metric, or not enough rows.
    """
    from sklearn.neighbors import NearestNeighbors

    if search_method not in _SEARCHES:
        raise EarthEngineError(f"Unknown search method '{search_method}'; known: {', '.join(_SEARCHES)}.")
    if metric not in _METRICS:
        raise EarthEngineError(f"Unknown distance metric '{metric}'; known: {', '.join(_METRICS)}.")
    if not 1 <= k <= len(training.target):
        raise EarthEngineError(f"Invalid k = {k}: there are {len(training.target)} rows to learn from.")
    tree = search_method == "KD_TREE" or (search_method == "AUTO" and len(training.names) < _KD_TREE_BELOW)
    used = "EUCLIDEAN" if tree else metric
    parameters = {"VI": _inverse_covariance(training.inputs)} if used == "MAHALANOBIS" else None
    search = NearestNeighbors(
        n_neighbors=k,
        algorithm="kd_tree" if tree else "brute",
        metric=_METRICS[used],
        metric_params=parameters,
    ).fit(training.inputs)

    def neighbours(inputs: Matrix) -> NDArray[np.int64]:
        found: NDArray[np.int64] = search.kneighbors(inputs, return_distance=False)
        return found

    def shares(inputs: Matrix) -> Matrix:
        codes = training.codes[neighbours(inputs)]
        answer: Matrix = np.mean(codes[:, :, None] == np.arange(len(training.labels)), axis=1)
        return answer

    if mode == "REGRESSION":
        return quantity(lambda inputs: training.target[neighbours(inputs)].mean(axis=1), {})
    return from_shares(shares, training.labels, mode, {"classes": training.labels.tolist()})


def spectral_region(rings: Sequence[Sequence[float]]) -> Fitted:
    """1 where two inputs lie inside a polygon, by the number of edges that have to be crossed; else 0.

    Raises:
        EarthEngineError: A ring of fewer than three points, or of an odd number of coordinates.
    """
    import shapely

    inside: Any = shapely.Polygon()
    for ring in rings:
        if len(ring) < 6 or len(ring) % 2:
            raise EarthEngineError("Each ring needs three or more pairs of coordinates: [u1, v1, u2, v2, …].")
        inside = inside.symmetric_difference(shapely.Polygon(np.reshape(ring, (-1, 2))))

    def hit(inputs: Matrix) -> NDArray[np.int64]:
        answer: NDArray[np.int64] = shapely.intersects_xy(inside, inputs[:, 0], inputs[:, 1]).astype(np.int64)
        return answer

    return single(hit, CLASS, {"coordinates": [list(ring) for ring in rings]})
