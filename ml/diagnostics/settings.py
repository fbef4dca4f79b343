"""Data whose width grows while what there is to find stays the same.

The Gaussian and uniform data are after arXiv 2401.00422, which lets independent dimensions grow in number; that what is
to be predicted depends on the first five only, and how, is ours.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn.cluster import KMeans

from lake.errors import BadInputError
from ml.diagnostics.distances import Float
from ml.diagnostics.sample import Sample, draw

BLOBS = 4
"""Clusters that are looked for."""
_APART = 2.0  # distance of the blobs' centres from the middle, in standard deviations of a dimension
_WIDTHS = (8, 16, 32, 64, 128, 256, 512)
_SIGNAL = 5
_QUARTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Data:
    """One draw at one width.

    Attributes:
        points: (n, width).
        targets: Quantities to predict; (n, quantities), perhaps none.
        classes: Classes to predict: the targets' quartiles, then the table's own classes, −1 unknown; (n, classes).
        blobs: Points that have clusters; (n, width). `points` itself where the data are not made up.
        clusters: The cluster that each row of `blobs` belongs to; (n,).
        groups: Group of each row, or None.
    """

    points: Float
    targets: Float
    classes: NDArray[np.int64]
    blobs: Float
    clusters: NDArray[np.int64]
    groups: NDArray[np.int64] | None


@dataclass(frozen=True)
class Setting:
    """A kind of data at growing widths.

    Attributes:
        name: For tables and figures.
        widths: Ascending.
        make: Data of a width and a seed.
    """

    name: str
    widths: tuple[int, ...]
    make: Callable[[int, int], Data]


def quartiles(values: Float) -> NDArray[np.int64]:
    """Class 0 to 3 of each value by the quartiles of its column; (n, labels)."""
    edges = np.quantile(values, _QUARTILES, axis=0)
    return np.asarray((values[None] > edges[:, None]).sum(axis=0), np.int64)


def synthetic_settings(rows: int, widths: Sequence[int] = _WIDTHS) -> list[Setting]:
    """Independent Gaussian and uniform dimensions, of which the first five carry Friedman's function (1991).

    Raises:
        BadInputError: A width below five.
    """
    if min(widths) < _SIGNAL:
        raise BadInputError(f"The signal fills {_SIGNAL} dimensions; {min(widths)} are too few.")
    return [
        Setting("Gaussian", tuple(widths), lambda width, seed: _synthetic(_gaussian, rows, width, seed)),
        Setting("uniform", tuple(widths), lambda width, seed: _synthetic(_uniform, rows, width, seed)),
    ]


def table_settings(
    embeddings: NDArray[np.floating],
    labels: Mapping[str, NDArray[Any]],
    groups: Sequence[Any] | NDArray[Any] | None,
    rows: int,
) -> list[Setting]:
    """A table's leading dimensions, and the whole of it beside dimensions of noise.

    Each draw takes other rows. Noise has the mean variance of the table's own dimensions. The clusters to be found
    again are those of k-means on the whole table without noise: not a truth, but what width must not change (ours).

    Args:
        embeddings: (n, width).
        labels: As for `ml.diagnostics.dimensionality`; at least one. Where a quantity is unknown its mean stands.
        groups: Group of each row, or None.
        rows: Rows a draw.

    Raises:
        BadInputError: No labels.
    """
    if not labels:
        raise BadInputError("To see what width costs, the table needs a label to predict: name at least one.")
    full = embeddings.shape[1]

    def leading(width: int, seed: int) -> Data:
        sample = draw({"own": embeddings}, labels, groups, rows, seed)
        return _data(sample, sample.points["own"][:, :width])

    def beside_noise(width: int, seed: int) -> Data:
        sample = draw({"own": embeddings}, labels, groups, rows, seed)
        own = sample.points["own"]
        noise = np.random.default_rng(seed).normal(size=(len(own), width - full))
        return _data(sample, np.hstack([own, np.sqrt(own.var(axis=0).mean()) * noise]))

    narrower = [2**power for power in range(3, 12) if 2**power < full]
    return [
        Setting("leading dimensions", (*narrower, full), leading),
        Setting("beside noise", (full, 2 * full, 4 * full), beside_noise),
    ]


def _data(sample: Sample, points: Float) -> Data:
    quantities = [values for values in sample.labels.values() if values.dtype == np.float64]
    own = [values for values in sample.labels.values() if values.dtype != np.float64]
    filled = [np.where(np.isfinite(values), values, np.nanmean(values)) for values in quantities]
    empty = np.zeros((len(points), 0))
    targets = np.column_stack([empty, *filled])
    classes = np.column_stack([quartiles(targets) if filled else empty, *own]).astype(np.int64)
    clusters = KMeans(BLOBS, n_init=10, random_state=0).fit_predict(sample.points["own"])
    return Data(points, targets, classes, points, clusters.astype(np.int64), sample.groups)


def _gaussian(shape: tuple[int, int], rng: np.random.Generator) -> Float:
    return rng.normal(size=shape)


def _uniform(shape: tuple[int, int], rng: np.random.Generator) -> Float:
    return rng.uniform(-np.sqrt(3), np.sqrt(3), size=shape)  # variance 1, as the Gaussian's


def _synthetic(
    points_of: Callable[[tuple[int, int], np.random.Generator], Float], rows: int, width: int, seed: int
) -> Data:
    rng = np.random.default_rng((seed, width))
    points = points_of((rows, width), rng)
    share = norm.cdf(points[:, :_SIGNAL]) if points_of is _gaussian else points[:, :_SIGNAL] / np.sqrt(12) + 0.5
    target = 10 * np.sin(np.pi * share[:, 0] * share[:, 1]) + 20 * (share[:, 2] - 0.5) ** 2
    target += 10 * share[:, 3] + 5 * share[:, 4] + rng.normal(size=rows)
    blob = rng.integers(0, BLOBS, size=rows)
    blobs = points_of((rows, width), rng)
    # corners of a square in the first two dimensions, the same at every width
    blobs[:, 0] += _APART / np.sqrt(2) * np.where(blob % 2, 1, -1)
    blobs[:, 1] += _APART / np.sqrt(2) * np.where(blob // 2, 1, -1)
    targets = target[:, None]
    return Data(points, targets, quartiles(targets), blobs, blob.astype(np.int64), None)
