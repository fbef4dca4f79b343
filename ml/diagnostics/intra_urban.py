"""Order within a city: clusters of its pixels, the gradient from core to periphery, and change between two years.

That AEF-Econ captures intra-urban organisation is of arXiv 2606.20697 (abstract); how it is measured is ours. Pixels
next to one another are no independent witnesses: intervals are bootstrapped over blocks of 1 km.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import pyproj
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from lake.aef import unit_length
from lake.cities import city as find_city
from lake.errors import BadInputError
from lake.grid import BLOCK, CityGrid
from ml.diagnostics.distances import Float
from ml.diagnostics.markdown import markdown_table
from ml.diagnostics.sample import FEWEST_ROWS, sample_rows

_MOST_CLUSTERS = 8
_SILHOUETTE_ROWS = 2_000
_CORE_PIXELS = 25  # the nearest pixels to the centre, whose mean is the centre's embedding
_RINGS = 10  # at most, and only so many that a ring holds four blocks on average, or its interval means little
_DRAWS = 1_000
_UNUSUAL = 0.95  # a change is one that is larger than this share of differences between neighbours


@dataclass(frozen=True)
class Change:
    """How far pixels moved between two years.

    Attributes:
        first: Earlier year.
        last: Later year.
        distance: Cosine distance of each pixel to its earlier self, what all pixels share taken away; (pixels,).
        drift: Cosine distance of the city's means of the two years: sensors, seasons or growth that all pixels share.
        usual: Difference that 95 % of adjacent pixels stay below in the first year: the baseline.
        share: Share of pixels that changed by more, `share_low` to `share_high` (95 %).
        share_low: Lower end.
        share_high: Upper end.
    """

    first: int
    last: int
    distance: Float
    drift: float
    usual: float
    share: float
    share_low: float
    share_high: float


@dataclass(frozen=True)
class CityOrder:
    """What was measured in one city.

    Attributes:
        city: City id.
        grid: The pixels, in whose order the arrays are.
        year: Year of clusters and rings.
        clusters: Cluster of each pixel, from 0, that whose pixels lie nearest to the centre first; −1 no embedding.
        silhouette: Mean silhouette of the clusters.
        together: Share of adjacent pixels that are of one cluster.
        by_chance: The same, were clusters dealt at random.
        similarity: Cosine similarity of each pixel to the centre's embedding; NaN in the centre and where missing.
        core_km: Distance of the farthest of the 25 pixels whose mean is the centre's embedding.
        rings: A row a ring and `quantity` (`similarity` and each label): `ring`, `km` (mean distance), `pixels`,
            `mean`, `low`, `high` (95 %).
        gradients: A row a quantity: `per_km` (slope), `low`, `high`.
        change: Between the first and the last year; None where there is one year, or no pixels are adjacent.
        origin: Where the data come from.
    """

    city: str
    grid: CityGrid
    year: int
    clusters: NDArray[np.int64]
    silhouette: float
    together: float
    by_chance: float
    similarity: Float
    core_km: float
    rings: pl.DataFrame
    gradients: pl.DataFrame
    change: Change | None
    origin: str

    def on_clusters(self) -> str:
        """What the clusters are, in two sentences."""
        return (
            f"**{find_city(self.city).name_en}, {self.year}**: {len(self.clusters):,} pixels in "
            f"{int(self.clusters.max()) + 1} clusters (silhouette {self.silhouette:.3f}); adjacent pixels share one in "
            f"{self.together:.1%} of cases, by chance in {self.by_chance:.1%}. The centre's "
            f"embedding is that of its {_CORE_PIXELS} nearest pixels, within {self.core_km:.1f} km. {self.origin}"
        )

    def on_gradients(self) -> str:
        """The slopes from the centre outwards: a table, and a sentence each."""
        sentences = "\n".join(f"- {_sentence(row)}" for row in self.gradients.to_dicts())
        return f"{markdown_table(self.gradients, dict.fromkeys(('per_km', 'low', 'high'), 4))}\n\n{sentences}"

    def on_change(self) -> str:
        """How much changed; empty where that was not measured."""
        if self.change is None:
            return ""
        c = self.change
        return (
            f"From {c.first} to {c.last}, {c.share:.1%} of the pixels ({c.share_low:.1%} to {c.share_high:.1%}) "
            f"moved by more than 95 % of adjacent pixels differed in {c.first} (cosine distance {c.usual:.4f}); "
            f"the whole city moved by {c.drift:.4f}, which is taken away first."
        )

    def to_markdown(self) -> str:
        """The numbers and what they say."""
        return "\n\n".join(filter(None, [self.on_clusters(), self.on_gradients(), self.on_change()]))


def study_city(
    grid: CityGrid,
    embeddings: Mapping[int, NDArray[np.floating]],
    labels: Mapping[str, NDArray[np.floating]] | None = None,
    *,
    origin: str,
    seed: int = 0,
) -> CityOrder:
    """Clusters, rings and change of one city. Its pixels may lie together or be spread over it.

    Args:
        grid: The city's pixels.
        embeddings: Year to unit-length embeddings of the pixels in the grid's order, NaN where there is none; (n, d).
            Clusters and rings are of the last year.
        labels: Name to values of the last year, NaN where unknown; (n,).
        origin: Sentence on where the data come from.
        seed: Of k-means and the bootstrap.

    Raises:
        BadInputError: No year, arrays of another length than the grid, or too few pixels with an embedding.
    """
    values = dict(sorted(embeddings.items()))
    _checked(grid, values, labels or {})
    last = max(values)
    X = values[last].astype(np.float64)
    there = _complete(X)
    km = centre_distances(grid)
    clusters = np.full(len(X), -1, np.int64)
    clusters[there], silhouette = _clusters(X[there], km[there], seed)
    similarity, core_km = _similarity(X, there, km)
    pairs = adjacent(grid)
    pairs = pairs[there[pairs].all(axis=1)]
    share = np.bincount(clusters[there]) / there.sum()
    quantities = {"similarity": similarity, **{name: np.asarray(v, np.float64) for name, v in (labels or {}).items()}}
    rings, gradients = _rings(quantities, km, blocks(grid), seed)
    together = float((clusters[pairs[:, 0]] == clusters[pairs[:, 1]]).mean()) if len(pairs) else float("nan")
    change = None
    if len(values) > 1 and len(pairs):
        change = change_between(grid, (min(values), last), values[min(values)].astype(np.float64), X, pairs, seed)
    return CityOrder(
        city=grid.city,
        grid=grid,
        year=last,
        clusters=clusters,
        silhouette=silhouette,
        together=together,
        by_chance=float((share**2).sum()),
        similarity=similarity,
        core_km=core_km,
        rings=rings,
        gradients=gradients,
        change=change,
        origin=origin,
    )


def centre_distances(grid: CityGrid) -> Float:
    """Kilometres from each pixel to the city's centre; (pixels,)."""
    return np.asarray(np.hypot(*from_centre(grid)), np.float64)


def from_centre(grid: CityGrid) -> tuple[Float, Float]:
    """Kilometres east and north of the city's centre of each pixel; (pixels,) each."""
    city = find_city(grid.city)
    x, y = pyproj.Transformer.from_crs("EPSG:4326", grid.crs, always_xy=True).transform(city.lon, city.lat)
    east, north = grid.centres()
    return (east - x) / 1_000, (north - y) / 1_000


def blocks(grid: CityGrid) -> NDArray[np.int64]:
    """Number of the 1 km block of each pixel, counted from the corner of the whole core; (pixels,)."""
    number = grid.rows // BLOCK * (grid.ncols // BLOCK + 1) + grid.columns // BLOCK
    return np.asarray(np.unique(number, return_inverse=True)[1], np.int64)


def adjacent(grid: CityGrid) -> NDArray[np.int64]:
    """Pairs of pixels that share an edge, as positions in the grid; (pairs, 2)."""
    pixel = grid.pixel.astype(np.int64)
    found = []
    for step, inside in ((1, grid.columns < grid.ncols - 1), (grid.ncols, np.ones(len(pixel), bool))):
        place = np.minimum(np.searchsorted(pixel, pixel + step), len(pixel) - 1)
        hit = inside & (pixel[place] == pixel + step)
        found.append(np.column_stack([np.flatnonzero(hit), place[hit]]))
    return np.concatenate(found).astype(np.int64)


def change_between(
    grid: CityGrid, years: tuple[int, int], before: Float, after: Float, pairs: NDArray[np.int64], seed: int = 0
) -> Change | None:
    """How far a city's pixels moved between two years; None where none has both, or no two of them are adjacent.

    Args:
        grid: The city's pixels.
        years: Earlier and later.
        before: Unit-length embeddings of the pixels in the earlier year, NaN where there is none; (n, d).
        after: The same of the later year.
        pairs: See `adjacent`.
        seed: Of the bootstrap.
    """
    both = _complete(np.hstack([before, after]))
    pairs = pairs[both[pairs].all(axis=1)]
    if not both.any() or not len(pairs):
        return None
    shift = after[both].mean(axis=0) - before[both].mean(axis=0)
    distance = 1 - np.einsum("ij,ij->i", before, np.asarray(unit_length(after - shift), np.float64))
    usual = float(np.quantile(1 - np.einsum("ij,ij->i", before[pairs[:, 0]], before[pairs[:, 1]]), _UNUSUAL))
    changed, block = (distance[both] > usual).astype(np.float64), blocks(grid)[both]
    count = int(block.max()) + 1
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=_DRAWS).astype(np.float64)
    low, high = _interval(drawn @ np.bincount(block, changed, count), drawn @ np.bincount(block, minlength=count))
    means = unit_length(np.stack([before[both].mean(axis=0), after[both].mean(axis=0)]))
    drift = float(max(1 - means[0] @ means[1], 0.0))
    return Change(*years, distance, drift, usual, float(changed.mean()), low, high)


def _checked(grid: CityGrid, values: Mapping[int, NDArray[Any]], labels: Mapping[str, NDArray[Any]]) -> None:
    if not values:
        raise BadInputError(f"No year of embeddings was given for {grid.city}.")
    for name, column in (*values.items(), *labels.items()):
        if len(column) != len(grid.pixel):
            raise BadInputError(f"{grid.city}: {name} has {len(column):,} rows, the grid {len(grid.pixel):,} pixels.")
    there = int(np.isfinite(values[max(values)]).all(axis=1).sum())
    if there < FEWEST_ROWS:
        raise BadInputError(
            f"{grid.city}: {there} pixels have an embedding in {max(values)}; {FEWEST_ROWS} are needed."
        )


def _complete(values: NDArray[Any]) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(values).all(axis=1), np.bool_)


def _clusters(X: Float, km: Float, seed: int) -> tuple[NDArray[np.int64], float]:
    """k-means with the k of 2 to 8 that has the largest mean silhouette on a sample; of equals the smallest."""
    looked_at = sample_rows(len(X), _SILHOUETTE_ROWS, seed)
    tried = []
    for count in range(2, _MOST_CLUSTERS + 1):
        labels = KMeans(count, n_init=5, random_state=seed).fit_predict(X[looked_at])
        tried.append(float(silhouette_score(X[looked_at], labels)) if len(np.unique(labels)) > 1 else -1.0)
    count = int(np.argmax(np.round(tried, 9))) + 2
    found = KMeans(count, n_init=5, random_state=seed).fit_predict(X)
    size = np.maximum(np.bincount(found, minlength=count), 1)
    order = np.argsort(np.bincount(found, km, minlength=count) / size, kind="stable")
    return np.asarray(np.argsort(order)[found], np.int64), max(tried)


def _similarity(X: Float, there: NDArray[np.bool_], km: Float) -> tuple[Float, float]:
    nearest = np.flatnonzero(there)[np.argsort(km[there], kind="stable")[:_CORE_PIXELS]]
    similarity = np.asarray(X @ unit_length(X[nearest].mean(axis=0)), np.float64)
    similarity[nearest] = np.nan  # they made the centre's embedding and are like it for that
    return similarity, float(km[nearest].max())


def _rings(
    quantities: Mapping[str, Float], km: Float, block: NDArray[np.int64], seed: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Means of rings of equally many pixels, and slopes per kilometre, with intervals over blocks."""
    count = int(block.max()) + 1
    rings_there = int(np.clip(count // 4, 2, _RINGS))
    ring = np.argsort(np.argsort(km, kind="stable")) * rings_there // len(km)
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=_DRAWS).astype(np.float64)
    rings, gradients = [], []
    for name, values in quantities.items():
        known = np.isfinite(values)
        v, k, b = values[known], km[known], block[known]
        for number in range(rings_there):
            inside = ring[known] == number
            if inside.any():
                sums = np.stack([np.bincount(b[inside], part, count) for part in (np.ones(inside.sum()), v[inside])])
                low, high = _interval(drawn @ sums[1], drawn @ sums[0])
                rings.append({
                    "ring": number, "quantity": name, "km": float(k[inside].mean()), "pixels": int(inside.sum()),
                    "mean": float(v[inside].mean()), "low": low, "high": high,
                })  # fmt: skip
        if known.sum() > 2:
            parts = [drawn @ np.bincount(b, part, count) for part in (np.ones(len(v)), k, v, k * k, k * v)]
            n, sk, sv, skk, skv = parts
            low, high = _interval(n * skv - sk * sv, n * skk - sk * sk)
            gradients.append({"quantity": name, "per_km": float(np.polyfit(k, v, 1)[0]), "low": low, "high": high})
    return pl.DataFrame(rings), pl.DataFrame(gradients)


def _interval(above: Float, below: Float) -> tuple[float, float]:
    drawn = below > 0
    low, high = np.quantile(above[drawn] / below[drawn], (0.025, 0.975))
    return float(low), float(high)


def _sentence(row: Mapping[str, Any]) -> str:
    way = "falls" if row["high"] < 0 else "rises" if row["low"] > 0 else None
    name = "Similarity to the centre" if row["quantity"] == "similarity" else row["quantity"]
    if way is None:
        return f"{name} has no gradient that can be told from none ({row['low']:.4f} to {row['high']:.4f} per km)."
    return f"{name} {way} outwards by {abs(row['per_km']):.4f} per km ({row['low']:.4f} to {row['high']:.4f})."
