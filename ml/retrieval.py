"""Retrieval by cosine: whether what lies nearest in a representation is alike on the ground.

arXiv 2606.20697 retrieves by cosine; what is counted here is ours. Pixels of held-out cities ask among pixels of the
training cities: are the nearest of the same class, or near in a label's value, more than chance would have it? And a
place asks among all places of another year: is the nearest the place itself?

Search is exact: rows are brought to unit length, where the order by Euclidean distance is the order by cosine, and
scikit-learn's brute-force search multiplies them block by block and keeps the k best, in memory bounded by the block.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from lake.errors import BadInputError
from ml.class_probes import quantile_classes
from ml.probes import FEWEST_ROWS, Benchmark, Fold
from ml.sampling import drawn

NEAREST = 10
QUERIES = 2_000
CORPUS = 20_000
"""Rows drawn of the training cities of a fold."""
PLACES = 5_000
"""Places drawn for the search across years; recall falls as they grow in number, so that it is told beside it."""

_LABEL_SCHEMA = {
    "split": pl.String, "fold": pl.String, "label": pl.String, "representation": pl.String, "k": pl.Int64,
    "precision": pl.Float64, "precision_by_chance": pl.Float64, "difference": pl.Float64,
    "difference_by_chance": pl.Float64, "queries": pl.Int64, "corpus": pl.Int64,
}  # fmt: skip
PLACE_SCHEMA = {
    "representation": pl.String, "k": pl.Int64, "recall": pl.Float64, "recall_by_chance": pl.Float64,
    "places": pl.Int64,
}  # fmt: skip
_Int = NDArray[np.int64]


def nearest(queries: NDArray[Any], corpus: NDArray[Any], k: int) -> tuple[_Int, NDArray[np.float64]]:
    """The k rows of the corpus with the largest cosine to each query, the closest first.

    Args:
        queries: (q, d); a missing value counts as 0.
        corpus: (n, d), n ≥ k.
        k: How many.

    Returns:
        Rows of the corpus (q, k), and their cosines (q, k).

    Raises:
        BadInputError: The corpus has fewer than k rows.
    """
    from sklearn.neighbors import NearestNeighbors

    if len(corpus) < k:
        raise BadInputError(f"{k} nearest are asked for among {len(corpus)} rows: ask for fewer, or give more rows.")
    search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(_unit(corpus))
    distances, rows = search.kneighbors(_unit(queries))
    return rows.astype(np.int64), 1 - distances.astype(np.float64) ** 2 / 2


def retrieve_labels(
    representations: Mapping[str, NDArray[Any]],
    data: Benchmark,
    folds: Sequence[Fold],
    classes: Mapping[str, ArrayLike] | None = None,
    k: int = NEAREST,
    seed: int = 0,
) -> pl.DataFrame:
    """How alike the nearest training rows of held-out rows are, by label and by class.

    Args:
        representations: Name to features of the benchmark's rows.
        data: Labels. A label's classes are fifths of its training values.
        folds: Of the benchmark; under E2 and E3 the corpus is of other cities.
        classes: More classes by name, such as the tier of each row's city; (rows,) each. One that cannot be
            told in a fold, as its region is held out or all that is left, is left out there.
        k: Number of nearest rows.
        seed: Of the rows drawn, `QUERIES` of those held out and `CORPUS` of those trained on.

    Returns:
        One row a `split`, `fold`, `label` (or class) and `representation`: `precision`, the share of the k nearest that
        are of the query's class, and `difference`, the mean absolute difference of the label (null for a class), each
        beside what rows drawn by chance would have, which is reckoned over the whole corpus; and `queries`, `corpus`.
    """
    rows: list[tuple[Any, ...]] = []
    for fold in folds:
        train, held_out = data.rows_of(fold)
        queries, corpus = drawn(held_out, QUERIES, seed), drawn(train, CORPUS, seed)
        if len(queries) < FEWEST_ROWS or len(corpus) < k:
            continue
        for name, matrix in representations.items():
            found = corpus[nearest(matrix[queries], matrix[corpus], k)[0]]
            measured = [
                *_of_labels(data, train, queries, corpus, found),
                *_of_classes(classes or {}, queries, corpus, found),
            ]
            rows += [(fold.split, fold.name, label, name, k, *values, len(corpus)) for label, *values in measured]
    return pl.DataFrame(rows, schema=_LABEL_SCHEMA, orient="row").sort("split", "representation", "label", "fold")


def same_place_recall(
    representations: Mapping[str, NDArray[Any]],
    place: ArrayLike,
    year: ArrayLike,
    ks: Sequence[int] = (1, 10),
    seed: int = 0,
) -> pl.DataFrame:
    """Whether a place of the first year finds itself among the places of the last.

    Args:
        representations: Name to features, a row a place and year.
        place: Of each row, such as city and pixel in one number or text; (rows,).
        year: Of each row; (rows,).
        ks: A hit is a place among its k nearest.
        seed: Of the places drawn, at most `PLACES`.

    Returns:
        One row a `representation` and `k`: `recall`, `recall_by_chance` and the number of `places`.

    Raises:
        BadInputError: There is one year only, a place stands twice in a year, or too few places are in both years.
    """
    keys = pl.DataFrame({"place": np.asarray(place), "year": np.asarray(year)}).with_row_index("row")
    years = keys["year"].unique().sort()
    first, last = years[0], years[-1]
    if first == last:
        raise BadInputError(f"All rows are of the year {first}: a search across years needs two.")
    if keys.select("place", "year").is_duplicated().any():
        raise BadInputError("A place stands twice in one year: give each place one row a year.")
    both = keys.filter(year=first).join(keys.filter(year=last), on="place", suffix="_last").sort("row")
    if both.height < max(*ks, FEWEST_ROWS):
        raise BadInputError(f"{both.height} places are in both {first} and {last}: too few to search among.")
    chosen = drawn(np.arange(both.height), PLACES, seed)
    queries, corpus = both["row"].to_numpy()[chosen], both["row_last"].to_numpy()[chosen]
    rows = []
    for name, matrix in representations.items():
        found, _ = nearest(matrix[queries], matrix[corpus], max(ks))
        hits = found == np.arange(len(chosen))[:, None]
        rows += [(name, k, float(hits[:, :k].any(axis=1).mean()), k / len(chosen), len(chosen)) for k in ks]
    return pl.DataFrame(rows, schema=PLACE_SCHEMA, orient="row")


def _of_labels(
    data: Benchmark, train: _Int, queries: _Int, corpus: _Int, found: _Int
) -> Iterator[tuple[str, float, float, float, float, int]]:
    """Label, precision and difference, each beside chance, and queries; of the rows for which the label is known."""
    for name, values in zip(data.labels, data.values.T, strict=True):
        known = np.isfinite(values)
        asked = known[queries] & known[found].any(axis=1)
        if asked.sum() < FEWEST_ROWS or known[corpus].sum() < FEWEST_ROWS:
            continue
        classes = quantile_classes(values, train[known[train]])
        rows, nearby = queries[asked], found[asked]
        differences = np.nanmean(np.abs(values[nearby] - values[rows, None]), axis=1)
        by_chance = _mean_difference(values[rows], values[corpus][known[corpus]])
        precision = _precision(classes, rows, corpus[known[corpus]], nearby)
        yield name, *precision, float(differences.mean()), by_chance, len(rows)


def _of_classes(
    classes: Mapping[str, ArrayLike], queries: _Int, corpus: _Int, found: _Int
) -> Iterator[tuple[str, float, float, None, None, int]]:
    for name, column in classes.items():
        _, codes = np.unique(np.asarray(column).astype(str), return_inverse=True)
        if len(np.unique(codes[corpus])) > 1 and np.isin(codes[queries], codes[corpus]).any():
            yield name, *_precision(codes, queries, corpus, found), None, None, len(queries)


def _precision(classes: _Int, queries: _Int, corpus: _Int, found: _Int) -> tuple[float, float]:
    """Share of what was found that is of the query's class, and the share of the corpus that is; unknown is −1."""
    known = classes[found] >= 0
    hits = (classes[found] == classes[queries, None]) & known
    shares = np.bincount(classes[corpus], minlength=classes.max() + 1) / len(corpus)
    return float((hits.sum(axis=1) / known.sum(axis=1)).mean()), float(shares[classes[queries]].mean())


def _mean_difference(queries: NDArray[np.float64], corpus: NDArray[np.float64]) -> float:
    """Mean absolute difference between every query and every row of the corpus, by one sort."""
    ordered = np.sort(corpus)
    sums = np.concatenate([[0.0], np.cumsum(ordered)])
    below = np.searchsorted(ordered, queries)
    total = queries * below - sums[below] + (sums[-1] - sums[below]) - queries * (len(ordered) - below)
    return float((total / len(ordered)).mean())


def _unit(matrix: NDArray[Any]) -> NDArray[np.float32]:
    """Rows at unit length; float32. A row of nothing stays at 0."""
    values = np.nan_to_num(np.asarray(matrix, np.float32), copy=True, nan=0.0)
    return np.asarray(values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-12), np.float32)
