"""Numbers that tell how a cloud of points fills its space; formulas and their sources."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import skew

from ml.diagnostics.distances import Float, Neighbourhoods

_DISCARDED = 0.1  # share of the largest ratios that TwoNN leaves out (Facco et al. 2017)


def relative_contrast(around: Neighbourhoods) -> float:
    """Median over the rows of (Dmax − Dmin) / Dmin (arXiv 2401.00422; Beyer et al. 1999); NaN if all have a twin.

    It goes to 0 as distances concentrate. Rows at distance 0 from their nearest are left out.
    """
    smallest = around.distance[:, 0]
    apart = smallest > 0
    if not apart.any():
        return float("nan")
    return float(np.median((around.farthest[apart] - smallest[apart]) / smallest[apart]))


def spread(around: Neighbourhoods) -> float:
    """Median over the rows of (Dmax − Dmin) / Dmax: the contrast on a scale from 0 to 1, which twins cannot burst."""
    farthest = np.maximum(around.farthest, 1e-300)
    return float(np.median((around.farthest - around.distance[:, 0]) / farthest))


def variation(around: Neighbourhoods) -> float:
    """Standard deviation over mean of all distances between different rows."""
    mean = around.mean.mean()
    variance = max(float(around.square.mean() - mean**2), 0.0)
    return float(np.sqrt(variance) / mean) if mean > 0 else float("nan")


def occurrences(around: Neighbourhoods) -> NDArray[np.int64]:
    """How often each row is among the k nearest of others; (n,). Its mean is k."""
    return np.bincount(around.nearest.ravel(), minlength=len(around.nearest)).astype(np.int64)


def hub_skewness(around: Neighbourhoods) -> float:
    """Skewness of the k-occurrences (Radovanović et al. 2010): large where a few rows are everybody's neighbours."""
    counts = occurrences(around)
    return 0.0 if counts.min() == counts.max() else float(skew(counts))


def antihub_share(around: Neighbourhoods) -> float:
    """Share of rows that are nobody's neighbour (Radovanović et al. 2010)."""
    return float((occurrences(around) == 0).mean())


def variance_shares(points: Float) -> Float:
    """Share of each principal component in the variance, largest first; (min(n, d),). Zeros if nothing varies."""
    singular = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    squares = np.asarray(singular**2, np.float64)
    return squares / max(float(squares.sum()), 1e-300)


def participation_ratio(shares: Float) -> float:
    """(Σλ)² / Σλ²: the number of components that carry the variance, were it shared evenly among so many."""
    square = float((shares**2).sum())
    return float(shares.sum()) ** 2 / square if square > 0 else 0.0


def components_for(shares: Float, share: float) -> int:
    """The fewest leading components that hold at least this share of the variance."""
    return min(int((np.cumsum(shares) < share - 1e-9).sum()) + 1, len(shares))


def two_nn(around: Neighbourhoods, groups: NDArray[np.int64] | None = None) -> float:
    """Intrinsic dimension from the ratio μ of the second to the nearest distance (Facco et al. 2017, equation 3).

    −ln(1 − F(μ)) = d ln μ: d is the slope through the origin, fitted without the largest tenth of the ratios. Rows with
    a twin have no ratio. NaN where fewer than 10 rows are left.

    Args:
        around: Neighbours of each row.
        groups: Where given, the second neighbour is the nearest of another group than the first's: a pixel and the one
            next door are hardly two points, their distances from elsewhere are equal, and d came out twice too large
            (measured on ten factors; this is ours). Rows whose k neighbours are all of one group are left out.
    """
    first = around.distance[:, 0]
    second = around.distance[:, 1]
    if groups is not None:
        other = groups[around.nearest] != groups[around.nearest[:, :1]]
        second = np.take_along_axis(around.distance, other.argmax(axis=1)[:, None], axis=1)[:, 0]
        first = np.where(other.any(axis=1), first, 0.0)
    ratio = np.sort(second[first > 0] / first[first > 0])
    kept = int(len(ratio) * (1 - _DISCARDED))
    if kept < 10 or ratio[kept - 1] <= 1:
        return float("nan")
    log = np.log(ratio[:kept])
    survived = -np.log1p(-np.arange(1, kept + 1) / len(ratio))
    return float((log @ survived) / (log @ log))


def maximum_likelihood(around: Neighbourhoods) -> float:
    """Intrinsic dimension from how the count of neighbours grows with distance (Levina and Bickel 2004, equation 8).

    The rows' inverse estimates are averaged (MacKay and Ghahramani 2005). NaN where no row has distinct distances.
    """
    last = around.distance[:, -1:]
    usable = (around.distance[:, 0] > 0) & (around.distance[:, 0] < around.distance[:, -1])
    if not usable.any():
        return float("nan")
    inverse = np.log(last[usable] / around.distance[usable, :-1]).mean(axis=1)
    return float(1 / inverse.mean())
