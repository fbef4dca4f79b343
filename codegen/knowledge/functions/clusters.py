"""Units that are alike, without looking at functions: TF-IDF of operators and words, then k-means (Geo-FuSE).

A unit's document holds its operators, the words of their names and descriptions, and of its script's comments and
name. The paper summarises scripts by a language model first; here a model may name clusters (`Namer`), and where none
is set their first terms do. How many clusters there are is chosen by the silhouette (ours), on a sample.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from codegen.corpora.script import Script
from codegen.knowledge.functions.affinity import operator_documents, words
from codegen.knowledge.functions.units import Units

MOST_SAMPLED = 5_000
"""Units that clusters are made of; all are put into one."""
NUMBERS = range(10, 41, 5)
"""Of clusters, to choose from."""
_COMPARED = 2_000
_DIMENSIONS = 50
_FROM_COMMENTS = 600
"""Characters of the comments: what a script is for stands at its head."""
_MOST_WORDS = 3_000
_AT_ONCE = 20_000
TOLD = 10
"""Terms and operators that describe a cluster."""

CLUSTERS: dict[str, Any] = {
    "cluster": pl.UInt32, "name": pl.String, "function": pl.String, "score": pl.Float64,
    "terms": pl.List(pl.String), "operators": pl.List(pl.String), "units": pl.UInt32,
}  # fmt: skip

Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ClusterSummary:
    """What a cluster is, in short, for who names it.

    Attributes:
        terms: Words that are more frequent in it than elsewhere, the first first.
        operators: The same.
        units: That are in it.
        function: Of the taxonomy, under which it is placed.
    """

    terms: tuple[str, ...]
    operators: tuple[str, ...]
    units: int
    function: str


Namer = Callable[[ClusterSummary], str]
"""Names a cluster, by a language model or otherwise."""


def named_by_terms(summary: ClusterSummary) -> str:
    """The first three terms; where only signs in texts tell a cluster, its function."""
    return ", ".join(summary.terms[:3]) or summary.function


@dataclass(frozen=True)
class Clusters:
    """A cluster for each unit.

    Attributes:
        labels: Of the units, in their order; 0 is the largest cluster.
        number: Of clusters.
        silhouettes: Number of clusters that was tried, to its silhouette (by cosine).
        terms: Words that the units have, and how many units of each cluster have each; (clusters, terms).
    """

    labels: Labels
    number: int
    silhouettes: dict[int, float]
    terms: tuple[list[str], NDArray[np.float64]]


def clustered(units: Units, scripts: Sequence[Script]) -> Clusters:
    """Clusters units; the same units give the same clusters, in whatever order they come."""
    from sklearn.cluster import KMeans
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import Normalizer

    sample = np.sort(np.argsort(units.table["draw"].to_numpy(), kind="stable")[:MOST_SAMPLED])
    if len(sample) == 0:
        return Clusters(np.zeros(0, np.int64), 0, {}, ([], np.zeros((0, 0))))
    terms = _Terms(units, scripts, sample)
    counted = terms.rows(sample)
    dimensions = max(1, min(_DIMENSIONS, counted.shape[1] - 1, counted.shape[0]))
    space = make_pipeline(
        TfidfTransformer(sublinear_tf=True), TruncatedSVD(dimensions, random_state=0), Normalizer(copy=False)
    )
    with np.errstate(invalid="ignore"):  # it divides by the variance, which units that are all the same have not
        points = space.fit_transform(counted)
    silhouettes = dict(_silhouettes(points))
    number = max(silhouettes, key=lambda k: (silhouettes[k], -k), default=1)
    model = KMeans(number, n_init=3, random_state=0).fit(points)
    labels = np.zeros(units.table.height, np.int64)
    counts = np.zeros((number, counted.shape[1]))
    for part in np.array_split(np.arange(len(labels)), len(labels) // _AT_ONCE + 1):
        held = terms.rows(part)
        labels[part] = model.predict(space.transform(held))
        counts += csr_array((np.ones(len(part)), (labels[part], np.arange(len(part)))), (number, len(part))) @ held
    order = np.argsort(-np.bincount(labels, minlength=number), kind="stable")
    return Clusters(np.argsort(order)[labels], number, silhouettes, terms.words_of(counts[order]))


class _Terms:
    """Counts of terms (operators, words of these, words of scripts) of any units."""

    def __init__(self, units: Units, scripts: Sequence[Script], sample: Labels) -> None:
        from sklearn.feature_extraction.text import CountVectorizer

        described = operator_documents()
        # of evidence in texts, the function that it is for
        texts = [described.get(name, name.rpartition(":")[2]) for name in units.operators]
        self._of_operators = CountVectorizer(binary=True, analyzer=telling_words)
        of_operators = csr_array(self._of_operators.fit_transform([*texts, "operator"]))[:-1]
        self._by_document = csr_array(hstack([units.documents, units.documents @ of_operators]))
        self._operators = len(units.operators)
        self._document = units.of_unit
        self._said = {script.id: _said(script) for script in scripts}
        self._scripts = units.table["script"].to_list()
        self._of_scripts = CountVectorizer(binary=True, min_df=2, max_features=_MOST_WORDS, analyzer=telling_words)
        # some word twice, as none at all is an error
        self._of_scripts.fit([*self._texts(sample), "script", "script"])

    def rows(self, units: Labels) -> csr_array:
        """(units, terms): operators, words of operators, words of scripts."""
        of_scripts = csr_array(self._of_scripts.transform(self._texts(units)))
        return csr_array(hstack([self._by_document[self._document[units]], of_scripts]))

    def words_of(self, counts: NDArray[np.float64]) -> tuple[list[str], NDArray[np.float64]]:
        """The words, and the columns of counts that are theirs; one that operators and scripts have counts once."""
        names = [*self._of_operators.get_feature_names_out(), *self._of_scripts.get_feature_names_out()]
        distinct = sorted(set(names))
        at = {name: position for position, name in enumerate(distinct)}
        summed = np.zeros((len(counts), len(distinct)))
        for column, name in enumerate(names, self._operators):
            summed[:, at[name]] = np.maximum(summed[:, at[name]], counts[:, column])
        return distinct, summed

    def _texts(self, units: Labels) -> list[str]:
        return [self._said.get(self._scripts[unit], "") for unit in units]


def telling_words(text: str) -> list[str]:
    """Words that say something: neither English function words, nor of two letters, nor numbers."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return [word for word in words(text) if len(word) > 2 and word.isalpha() and word not in ENGLISH_STOP_WORDS]


def _said(script: Script) -> str:
    return f"{PurePosixPath(script.origin).stem} {script.comments[:_FROM_COMMENTS]}"


def _silhouettes(points: NDArray[np.float64]) -> Iterator[tuple[int, float]]:
    """Of each number of clusters that there are points enough for."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    distinct = len(np.unique(points.round(9), axis=0))
    # in a small corpus two distinct units a cluster
    for number in [n for n in NUMBERS if 2 * n <= distinct] or [distinct // 2] * (distinct >= 4):
        labels = KMeans(number, n_init=1, random_state=0).fit_predict(points)
        compared = min(_COMPARED, len(points))
        yield number, float(silhouette_score(points, labels, sample_size=compared, random_state=0))


def telling(counts: NDArray[np.float64], names: Sequence[str], groups: NDArray[np.float64]) -> list[list[str]]:
    """For each group the things that tell it from the others: frequent in it, and rarer elsewhere.

    Args:
        counts: Units of each group that have each thing; (groups, things).
        names: Of the things.
        groups: Units of each group.
    """
    share = counts / np.maximum(1.0, groups)[:, None]
    overall = counts.sum(axis=0) / max(1.0, groups.sum())
    # of a single group, what is frequent
    weight = share * np.log((share + 1e-9) / (overall + 1e-9)) if len(groups) > 1 else share
    best = np.argsort(-weight, axis=1, kind="stable")[:, :TOLD]
    return [[names[at] for at in row if weight[group, at] > 0] for group, row in enumerate(best)]


def cluster_rows(
    clusters: Clusters, functions: Sequence[str], scores: Sequence[float], told: Sequence[ClusterSummary], namer: Namer
) -> pl.DataFrame:
    """The table: `cluster`, `name`, `function`, `score`, `terms`, `operators`, `units`."""
    rows = [
        (number, namer(summary), functions[number], scores[number], summary.terms, summary.operators, summary.units)
        for number, summary in enumerate(told)
    ]
    return pl.DataFrame(rows[: clusters.number], schema=CLUSTERS, orient="row")
