"""Cross-city hierarchy: which cities are alike, and whether tier and region, or mere nearness, say so.

That AEF-Econ captures cross-city hierarchies is of arXiv 2606.20697 (abstract); how it is measured is ours.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.cluster.hierarchy import cophenet, fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.metrics import adjusted_rand_score, silhouette_score

from lake.aef import unit_length
from lake.cities import CITIES
from lake.errors import BadInputError
from ml.diagnostics.distances import METRICS, Float
from ml.diagnostics.markdown import markdown_table
from ml.diagnostics.permutation import PERMUTATIONS, mantel, permuted, separation

FEWEST_CITIES = 5
_LINKAGE = "average"  # on cosine distance; Ward's criterion would need Euclidean
_MOST_CLUSTERS = 8
_EARTH = 6371.0  # km, mean radius


@dataclass(frozen=True)
class Hierarchy:
    """What was measured.

    Attributes:
        cities: A row a city: `city`, `name`, `lon`, `lat`, `cluster` (from 1, largest first) and the attributes.
        distances: Cosine distance between the cities' means; (cities, cities), in the order of `cities`.
        linkage: As scipy gives it (average linkage).
        cophenetic: Correlation of the distances with those in the tree: how well a tree tells them.
        silhouette: Mean silhouette of the clusters.
        agreement: A row an attribute: `categories`; `rand` (adjusted Rand index of the tree cut into as many clusters)
            and `rand_p`; `separation` (Clarke's R) and `separation_p`; `beyond_nearness` (partial Mantel correlation of
            belonging apart with the distance, given the kilometres) and `beyond_nearness_p`.
        mantel: Correlation of the distances with the kilometres between cities.
        mantel_p: Its p-value.
        permutations: Behind each p-value.
        origin: Where the data come from.
    """

    cities: pl.DataFrame
    distances: Float
    linkage: Float
    cophenetic: float
    silhouette: float
    agreement: pl.DataFrame
    mantel: float
    mantel_p: float
    permutations: int
    origin: str

    def to_markdown(self) -> str:
        """The numbers and what they say."""
        near = "nearby cities are alike" if self.mantel_p < 0.05 else "nearness alone does not make cities alike"
        clusters = self.cities["cluster"].n_unique()
        return "\n\n".join(
            [
                f"{self.cities.height} cities, {_LINKAGE} linkage of the cosine distances of their means; the tree "
                f"keeps them with correlation {self.cophenetic:.3f}; {clusters} clusters (silhouette "
                f"{self.silhouette:.3f}). Distance against kilometres: r = {self.mantel:.3f}, p = {self.mantel_p:.4f}: "
                f"{near}. p from {self.permutations:,} permutations ({self.permutations // 10:,} for Rand's). "
                f"{self.origin}",
                markdown_table(self.agreement, dict.fromkeys(("rand_p", "separation_p", "beyond_nearness_p"), 4)),
                "\n".join(f"- {_sentence(row)}" for row in self.agreement.to_dicts()),
            ]
        )


def study_hierarchy(
    embeddings: NDArray[np.floating],
    city: Sequence[str] | NDArray[Any],
    *,
    origin: str,
    attributes: Mapping[str, Mapping[str, str]] | None = None,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> Hierarchy:
    """Clusters the cities by their mean embedding and holds the tree against what else is known of them.

    Args:
        embeddings: Unit length, NaN rows are left out; (n, d).
        city: City id of each row, of the 36.
        origin: Sentence on where the data come from.
        attributes: Name to category of each city; tier and region by default. One with a single category, or with a
            category of its own for each city, has nothing to tell and is left out.
        permutations: Behind each p-value.
        seed: Of the permutations.

    Raises:
        BadInputError: Fewer than five cities, or a city that is not among the 36.
    """
    ids, means = city_means(embeddings, city)
    known = [name for name in ids if name in CITIES]
    if len(known) < FEWEST_CITIES or len(known) < len(ids):
        strange = f"; unknown: {', '.join(sorted(set(ids) - set(known)))}" if len(known) < len(ids) else ""
        raise BadInputError(f"A hierarchy needs at least {FEWEST_CITIES} of the 36 cities, got {len(known)}{strange}.")
    distances = METRICS["cosine"](means, means)
    np.fill_diagonal(distances, 0.0)
    tree = np.asarray(linkage(squareform(distances, checks=False), _LINKAGE), np.float64)
    clusters, silhouette = _cut(tree, distances)
    places = [CITIES[name] for name in ids]
    kilometres = great_circle(np.array([c.lon for c in places]), np.array([c.lat for c in places]))
    if attributes is None:
        attributes = {kind: {c.id: getattr(c, kind) for c in places} for kind in ("tier", "region")}
    columns = {kind: [category[name] for name in ids] for kind, category in attributes.items()}
    near, near_p = mantel(distances, kilometres, permutations, seed)
    return Hierarchy(
        cities=pl.DataFrame(
            {
                "city": ids,
                "name": [c.name_en for c in places],
                "lon": [c.lon for c in places],
                "lat": [c.lat for c in places],
                "cluster": clusters,
                **columns,
            }
        ),
        distances=distances,
        linkage=tree,
        cophenetic=float(cophenet(tree, squareform(distances, checks=False))[0]),
        silhouette=silhouette,
        agreement=_agreement(columns, distances, tree, kilometres, permutations, seed),
        mantel=near,
        mantel_p=near_p,
        permutations=permutations,
        origin=origin,
    )


def city_means(embeddings: NDArray[np.floating], city: Sequence[str] | NDArray[Any]) -> tuple[list[str], Float]:
    """The mean direction of each city's rows: ids, ascending, and unit vectors (cities, d); NaN rows left out."""
    ids, index = np.unique(np.asarray(city, str), return_inverse=True)
    sums = np.zeros((len(ids), embeddings.shape[1]))
    for number in range(len(ids)):
        rows = embeddings[index == number]
        sums[number] = rows[np.isfinite(rows).all(axis=1)].sum(axis=0, dtype=np.float64)
    there = np.abs(sums).sum(axis=1) > 0
    return ids[there].tolist(), np.asarray(unit_length(sums[there]), np.float64)


def great_circle(lon: Float, lat: Float) -> Float:
    """Kilometres between places given in degrees, on a sphere; (n,) each → (n, n)."""
    x, y = np.radians(lon), np.radians(lat)
    chord = np.sin((y[:, None] - y) / 2) ** 2 + np.cos(y)[:, None] * np.cos(y) * np.sin((x[:, None] - x) / 2) ** 2
    return np.asarray(2 * _EARTH * np.arcsin(np.sqrt(np.clip(chord, 0, 1))), np.float64)


def _cut(tree: Float, distances: Float) -> tuple[NDArray[np.int64], float]:
    """The cut of two to eight clusters with the largest mean silhouette; of equals the fewest."""
    best: tuple[float, NDArray[np.int64]] | None = None
    for count in range(2, min(_MOST_CLUSTERS, len(distances) - 1) + 1):
        clusters = np.asarray(fcluster(tree, count, "maxclust"), np.int64)
        if len(np.unique(clusters)) == count:
            score = float(silhouette_score(distances, clusters, metric="precomputed"))
            if best is None or score > best[0] + 1e-12:
                best = score, clusters
    if best is None:
        return np.ones(len(distances), np.int64), float("nan")
    by_size = np.argsort(-np.bincount(best[1])[1:], kind="stable")
    return np.argsort(by_size)[best[1] - 1] + 1, best[0]


def _agreement(
    columns: Mapping[str, Sequence[str]], distances: Float, tree: Float, kilometres: Float, permutations: int, seed: int
) -> pl.DataFrame:
    rows = []
    for kind, categories in columns.items():
        labels = np.unique(np.asarray(categories, str), return_inverse=True)[1].astype(np.int64)
        count = int(labels.max()) + 1
        if 1 < count < len(labels):
            clusters = fcluster(tree, count, "maxclust")
            rand, rand_p = permuted(_rand(labels, clusters), len(labels), permutations // 10, seed)
            apart = (labels[:, None] != labels[None, :]).astype(np.float64)
            ratio, ratio_p = separation(distances, labels, permutations, seed)
            beyond, beyond_p = mantel(distances, apart, permutations, seed, given=kilometres)
            rows.append({
                "attribute": kind, "categories": count, "rand": rand, "rand_p": rand_p, "separation": ratio,
                "separation_p": ratio_p, "beyond_nearness": beyond, "beyond_nearness_p": beyond_p,
            })  # fmt: skip
    return pl.DataFrame(rows)


def _rand(labels: NDArray[np.int64], clusters: NDArray[np.int64]) -> Callable[[NDArray[np.int64]], float]:
    return lambda order: float(adjusted_rand_score(labels[order], clusters))


def _sentence(row: Mapping[str, Any]) -> str:
    if row["separation_p"] >= 0.05:
        return (
            f"Cities of one {row['attribute']} are no more alike than cities at random (p = {row['separation_p']:.3f})."
        )
    said = f"Cities of one {row['attribute']} are more alike than cities at random (p = {row['separation_p']:.4f})"
    if row["beyond_nearness_p"] < 0.05:
        return f"{said}, and not merely for lying near one another (p = {row['beyond_nearness_p']:.4f})."
    return f"{said}, but nearness may account for it (p = {row['beyond_nearness_p']:.3f} once kilometres are given)."
