"""How far a stream of a city moved between two years."""

import numpy as np
from numpy.typing import NDArray

from lake.aef import dequantise
from lake.streams import AEF_NODATA, Stream
from quality.outcome import Metric, enumerate_names
from quality.vectors import row_cosines

MOST_PSI = 0.25
"""Population stability index from which a shift counts as major (the usual mark in credit scoring)."""
LEAST_SHIFT = 0.5
"""How far mean or spread must have moved as well, in standard deviations or halves of the mean, whichever is larger: in
an even city centre the index jumps on a growth of 2 %, and on a warm spring (ours)."""
LEAST_COSINE = 0.5
"""Mean cosine between a pixel's embeddings in the two years (ours)."""

_FEWEST_PIXELS = 100  # fewer give an index by chance alone
_BINS = 10
_FLOOR = 1e-4  # an empty bin would make the index infinite
_SEEN_ANEW_EACH_YEAR = ("aef", "nightlights", "indices")


def drift_problems(
    stream: Stream, values: NDArray[np.float32], other: NDArray[np.float32]
) -> tuple[list[str], dict[str, Metric]]:
    """Compares two years of the same pixels.

    Args:
        stream: Its contract.
        values: This year, as stored, (n, width), NaN where missing.
        other: The other year, the same pixels in the same order.

    Returns:
        A sentence a problem, and the numbers compared.
    """
    metrics: dict[str, Metric] = {"compared_pixels": len(values)}
    if len(values) < _FEWEST_PIXELS:
        return [], metrics
    problems = []
    if stream.name in _SEEN_ANEW_EACH_YEAR and np.array_equal(values, other, equal_nan=True):
        problems.append("Every value is that of the other year: was one year's data taken for the other's?")
    measure = _turned if stream.kind == "direction" else _moved
    found, numbers = measure(stream, values, other)
    return problems + found, metrics | numbers


def stability_index(values: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """Population stability index Σ (p − q)·ln(p/q) over the deciles of `other`; both (n,), finite, not empty."""
    edges = np.unique(np.quantile(other, np.arange(1, _BINS) / _BINS))
    p, q = (
        np.maximum(np.bincount(np.searchsorted(edges, sample), minlength=len(edges) + 1) / len(sample), _FLOOR)
        for sample in (values, other)
    )
    return float(np.sum((p - q) * np.log(p / q)))


def _moved(
    stream: Stream, values: NDArray[np.float32], other: NDArray[np.float32]
) -> tuple[list[str], dict[str, Metric]]:
    """Bands whose distribution moved."""
    moved: list[str] = []
    highest, furthest = 0.0, 0.0
    for index, name in enumerate(stream.columns):
        now, then = (column[np.isfinite(column)].astype(np.float64) for column in (values[:, index], other[:, index]))
        if min(len(now), len(then)) < _FEWEST_PIXELS:
            continue
        psi, shift = stability_index(now, then), _shift(now, then)
        highest, furthest = max(highest, psi), max(furthest, shift)
        if psi > MOST_PSI and shift > LEAST_SHIFT:
            moved.append(f"{name} (stability index {psi:.2f}, mean {then.mean():.4g} → {now.mean():.4g})")
    metrics: dict[str, Metric] = {"highest_psi": highest, "furthest_shift": min(furthest, 1e9)}
    if not moved:
        return [], metrics
    return [
        f"Distributions moved since the other year: {enumerate_names(moved)}. Look whether the city changed, or the "
        "source, its unit or its epoch did."
    ], metrics


def _shift(now: NDArray[np.float64], then: NDArray[np.float64]) -> float:
    """Change of the mean or of the standard deviation, whichever is larger, on the scale of `LEAST_SHIFT`."""
    change = max(abs(now.mean() - then.mean()), abs(now.std() - then.std()))
    return float(change / max(then.std(), abs(then.mean()) / 2, 1e-9))


def _turned(
    stream: Stream, values: NDArray[np.float32], other: NDArray[np.float32]
) -> tuple[list[str], dict[str, Metric]]:
    """Whether embeddings of the same places still point the same way."""
    whole = np.isfinite(values).all(axis=1) & np.isfinite(other).all(axis=1)
    now, then = _directions(stream, values[whole]), _directions(stream, other[whole])
    cosines = row_cosines(now, then)
    cosines = cosines[np.isfinite(cosines)]
    if len(cosines) < _FEWEST_PIXELS:
        return [], {}
    mean = float(cosines.mean())
    if mean >= LEAST_COSINE:
        return [], {"mean_cosine": mean}
    return [
        f"A pixel's mean cosine to the other year is {mean:.2f}, below {LEAST_COSINE}: embeddings of two models, or of "
        "two places? Look at the source's version in the metadata of both partitions."
    ], {"mean_cosine": mean}


def _directions(stream: Stream, values: NDArray[np.float32]) -> NDArray[np.float32]:
    if stream.dtype != "Int8":
        return values
    return dequantise(np.where(np.isfinite(values), values, AEF_NODATA).astype(np.int8))
