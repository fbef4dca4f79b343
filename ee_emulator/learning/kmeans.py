"""k-means as Weka's SimpleKMeans does it, and the choices of k that stand on it.

Attributes are scaled to the range of the training, the initial centres come from Java's generator and clusters are
numbered in the order in which their centres were drawn, so that the same rows in the same order give Weka's numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.errors import EarthEngineError
from ee_emulator.learning.java_random import JavaRandom
from ee_emulator.learning.table import CLASS, Fitted, Matrix, affordable, single

MAX_ITERATIONS = 500
RANDOM, PLUS_PLUS, CANOPY, FARTHEST_FIRST = range(4)


@dataclass(frozen=True, eq=False)
class Scale:
    """Inputs brought to [0, 1]; one that does not vary counts for nothing."""

    low: Matrix
    width: Matrix

    def __call__(self, rows: Matrix) -> Matrix:
        """The rows on the scale."""
        scaled: Matrix = np.where(self.width > 0, (rows - self.low) / np.where(self.width > 0, self.width, 1), 0.0)
        return scaled


def scale_of(rows: Matrix) -> Scale:
    """The scale of a table."""
    low = rows.min(axis=0)
    return Scale(low, rows.max(axis=0) - low)


def distances(rows: Matrix, centre: Matrix, metric: str) -> Matrix:
    """From rows to one centre, (rows,).

    Raises:
        EarthEngineError: An unknown metric.
    """
    apart: Matrix = np.abs(rows - centre)
    if metric == "Euclidean":
        return np.asarray(np.linalg.norm(apart, axis=1))
    if metric == "Manhattan":
        return np.asarray(apart.sum(axis=1))
    if metric == "Chebyshev":
        return np.asarray(apart.max(axis=1))
    raise EarthEngineError(f"Unknown distance function '{metric}'.")


def nearest(rows: Matrix, centres: Matrix, metric: str) -> NDArray[np.int64]:
    """The nearest centre of each row, the first of equals."""
    each = np.column_stack([distances(rows, centre, metric) for centre in centres])
    answer: NDArray[np.int64] = np.argmin(each, axis=1)
    return answer


def by_centres(centres: Matrix, scale: Scale, metric: str) -> Fitted:
    """The clusterer of given centres."""
    return single(lambda rows: nearest(scale(rows), centres, metric), CLASS, {})


def lloyd(rows: Matrix, centres: Matrix, metric: str, iterations: int) -> tuple[Matrix, NDArray[np.int64]]:
    """Moves centres to the mean (Manhattan: the median) of their rows until no row changes; empty ones go."""
    assigned = np.zeros(len(rows), np.int64)
    middle = np.median if metric == "Manhattan" else np.mean
    for _ in range(iterations):
        found = nearest(rows, centres, metric)
        settled = np.array_equal(found, assigned)
        assigned = found
        kept = [k for k in range(len(centres)) if np.any(assigned == k)]
        centres = np.array([middle(rows[assigned == k], axis=0) for k in kept])
        assigned = np.searchsorted(kept, assigned)
        if settled:
            break
    return centres, assigned


def k_means(rows: Matrix, clusters: int, init: int, metric: str, iterations: int | None, seed: int) -> Fitted:
    """Weka's SimpleKMeans.

    Raises:
        EarthEngineError: Fewer than one cluster, or an unknown start or metric.
    """
    if clusters < 1:
        raise EarthEngineError("Number of clusters must be greater than zero.")
    if metric not in ("Euclidean", "Manhattan"):
        raise EarthEngineError(f"Unknown distance function '{metric}'; known: Euclidean, Manhattan.")
    affordable(min(clusters, len(rows)) * rows.size, 1e6)
    scale = scale_of(rows)
    scaled = scale(rows)
    centres = start(scaled, clusters, init, metric, seed)
    centres, _ = lloyd(scaled, centres, metric, iterations or MAX_ITERATIONS)
    return by_centres(centres, scale, metric)


def start(rows: Matrix, clusters: int, init: int, metric: str, seed: int) -> Matrix:
    """The first centres.

    Raises:
        EarthEngineError: An unknown method.
    """
    starts: dict[int, Callable[[], list[int]]] = {
        RANDOM: lambda: _random(rows, clusters, seed),
        PLUS_PLUS: lambda: _plus_plus(rows, clusters, metric, seed),
        CANOPY: lambda: _canopies(rows, clusters, metric, seed),
        FARTHEST_FIRST: lambda: _farthest_first(rows, clusters, JavaRandom(1)),
    }
    if init not in starts:
        raise EarthEngineError("init must be 0 (random), 1 (k-means++), 2 (canopy) or 3 (farthest first).")
    return rows[starts[init]()]


def _random(rows: Matrix, clusters: int, seed: int) -> list[int]:
    """Rows drawn without repetition; those equal to one drawn before are passed over."""
    generator, order = JavaRandom(seed), list(range(len(rows)))
    chosen: list[int] = []
    known: set[bytes] = set()
    for last in range(len(rows) - 1, -1, -1):
        drawn = generator.below(last + 1)
        row = order[drawn]
        if rows[row].tobytes() not in known:
            known.add(rows[row].tobytes())
            chosen.append(row)
        order[last], order[drawn] = order[drawn], order[last]
        if len(chosen) == clusters:
            break
    return chosen


def _plus_plus(rows: Matrix, clusters: int, metric: str, seed: int) -> list[int]:
    """Rows drawn with a probability that grows with the distance from those drawn before."""
    generator = JavaRandom(seed)
    chosen = [generator.below(len(rows))]
    away = distances(rows, rows[chosen[0]], metric)
    while len(chosen) < min(clusters, len(rows)) and away.sum() > 0:
        reached = np.cumsum(away / away.sum())
        reached[-1] = 1.0
        drawn = int(np.searchsorted(reached, generator.fraction(), side="right"))
        chosen.append(drawn)
        away = np.minimum(away, distances(rows, rows[drawn], metric))
    return chosen


def _farthest_first(rows: Matrix, clusters: int, generator: JavaRandom) -> list[int]:
    """A random row, then always the one farthest from those chosen."""
    chosen = [generator.below(len(rows))]
    away = distances(rows, rows[chosen[0]], "Euclidean")
    while len(chosen) < min(clusters, len(rows)) and away.max() > 0:
        chosen.append(int(np.argmax(away)))
        away = np.minimum(away, distances(rows, rows[chosen[-1]], "Euclidean"))
    return chosen


def _canopies(rows: Matrix, clusters: int, metric: str, seed: int) -> list[int]:
    """The densest canopies (McCallum, Nigam and Ungar 2000), by the radius that Weka takes from the deviations.

    Canopies that are lacking are filled up by the farthest rows.
    """
    radius = float(np.sqrt(np.sum(0.5 * rows.std(axis=0, ddof=1)))) if len(rows) > 1 else 0.0
    centres: list[int] = []
    density: list[int] = []
    for row in range(len(rows)):
        near = [k for k, c in enumerate(centres) if distances(rows[row : row + 1], rows[c], metric)[0] < radius]
        for k in near:
            density[k] += 1
        if not near:
            centres.append(row)
            density.append(1)
    chosen = [centres[k] for k in np.argsort(-np.array(density), kind="stable")[:clusters]]
    missing = clusters - len(chosen)
    return chosen + [k for k in _farthest_first(rows, clusters, JavaRandom(seed)) if k not in chosen][:missing]


# How many clusters ------------------------------------------------------------------------------------------------


def cascade(rows: Matrix, settings: dict[str, Any]) -> Fitted:
    """The number of clusters of the greatest Calinski–Harabasz criterion, over several starts of each.

    Raises:
        EarthEngineError: Fewer than two clusters, or a range without numbers.
    """
    low, high = settings["min_clusters"], settings["max_clusters"]
    _check_range(low, high)
    affordable(settings["restarts"] * (min(high, len(rows)) - low + 1) * high * rows.size, 1e6)
    metric = settings["distance_function"]
    scale = scale_of(rows)
    scaled = scale(rows)
    generator = JavaRandom(10)
    best: tuple[float, Matrix] | None = None
    for clusters in range(low, min(high, len(rows) - 1) + 1):
        for _ in range(max(1, settings["restarts"])):
            init = PLUS_PLUS if settings["init"] else RANDOM
            centres = start(scaled, clusters, init, metric, generator.integer())
            centres, assigned = lloyd(scaled, centres, metric, settings["max_iterations"] or MAX_ITERATIONS)
            score = calinski_harabasz(scaled, centres, assigned)
            if best is None or score > best[0]:
                best = score, centres
    if best is None:
        raise EarthEngineError(f"{len(rows)} rows are too few for {low} clusters.")
    return by_centres(best[1], scale, metric)


def _check_range(low: int, high: int) -> None:
    if low < 2 or high < low:
        raise EarthEngineError(f"minClusters must be 2 or more and not above maxClusters; got {low} and {high}.")


def calinski_harabasz(rows: Matrix, centres: Matrix, assigned: NDArray[np.int64]) -> float:
    """Dispersion between clusters over that within, each by its degrees of freedom."""
    clusters, count = len(centres), len(rows)
    if clusters < 2 or count <= clusters:
        return -np.inf
    within = float(((rows - centres[assigned]) ** 2).sum())
    sizes = np.bincount(assigned, minlength=clusters)
    between = float((sizes[:, None] * (centres - rows.mean(axis=0)) ** 2).sum())
    return np.inf if within == 0 else between / (clusters - 1) / (within / (count - clusters))


def x_means(rows: Matrix, settings: dict[str, Any]) -> Fitted:
    """k-means whose clusters are split in two where that improves the Bayesian information criterion.

    Raises:
        EarthEngineError: An impossible range of clusters.
    """
    low, high = settings["min_clusters"], settings["max_clusters"]
    if low < 1 or high < low:
        raise EarthEngineError(f"minClusters must be 1 or more and not above maxClusters; got {low} and {high}.")
    metric, generator = settings["distance_function"], JavaRandom(settings["seed"])
    scale = scale_of(rows)
    scaled = scale(rows)
    centres = start(scaled, low, RANDOM, "Euclidean", settings["seed"])
    for _ in range(max(1, settings["max_iterations"])):
        centres, assigned = lloyd(scaled, centres, metric, settings["max_kmeans"])
        split = _split(scaled, centres, assigned, settings, generator)
        if len(split) == len(centres):
            break
        centres = split
    centres, _ = lloyd(scaled, centres, metric, settings["max_kmeans"])
    return by_centres(centres, scale, metric)


def _split(
    rows: Matrix, centres: Matrix, assigned: NDArray[np.int64], settings: dict[str, Any], generator: JavaRandom
) -> Matrix:
    """Each centre, or the two that explain its rows better, as long as there are not too many."""
    gains: list[tuple[float, int, Matrix]] = []
    for k in range(len(centres)):
        own = rows[assigned == k]
        if len(np.unique(own, axis=0)) < 3:
            continue
        pair = start(own, 2, RANDOM, "Euclidean", generator.integer())
        pair, halves = lloyd(own, pair, settings["distance_function"], settings["max_for_children"])
        gain = bic(own, pair, halves) - bic(own, own.mean(axis=0)[None], np.zeros(len(own), np.int64))
        gains.append((gain, k, pair))
    gains.sort(key=lambda item: -item[0])
    better = [item for item in gains if item[0] > 0]
    if not better:  # none of the children wins: a share of the best may still be taken
        better = gains[: int(len(centres) * settings["cutoff_factor"])]
    chosen = {k: pair for _, k, pair in better[: settings["max_clusters"] - len(centres)]}
    return np.concatenate([chosen.get(k, centres[k : k + 1]) for k in range(len(centres))])


def bic(rows: Matrix, centres: Matrix, assigned: NDArray[np.int64]) -> float:
    """The criterion of Pelleg and Moore 2000, section 3.2: spherical clusters of one variance."""
    count, inputs = rows.shape
    clusters = len(centres)
    if count <= clusters:
        return -np.inf
    variance = max(float(((rows - centres[assigned]) ** 2).sum()) / (inputs * (count - clusters)), 1e-12)
    sizes = np.bincount(assigned, minlength=clusters)
    sizes = sizes[sizes > 0]
    likelihood = float(np.sum(sizes * np.log(sizes / count)))
    likelihood -= count * inputs / 2 * np.log(2 * np.pi * variance) + inputs * (count - clusters) / 2
    return float(likelihood - (clusters - 1 + inputs * clusters + 1) / 2 * np.log(count))
