"""The tables of the functions that scripts serve, made in one go from callers, patterns and scripts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from scipy.sparse import csr_array

from codegen.corpora.script import Script
from codegen.knowledge.functions.affinity import Strengths, operator_documents, strengths
from codegen.knowledge.functions.association import Counts, association, normalised
from codegen.knowledge.functions.clusters import (
    Clusters,
    ClusterSummary,
    Namer,
    cluster_rows,
    clustered,
    named_by_terms,
    telling,
    telling_words,
)
from codegen.knowledge.functions.combinations import combination_table
from codegen.knowledge.functions.mapping import mapping_table
from codegen.knowledge.functions.seeds import SIGN, WORD
from codegen.knowledge.functions.serving import THRESHOLD, Scores, adjusted, surest, unit_functions
from codegen.knowledge.functions.taxonomy import function_ids, taxonomy
from codegen.knowledge.functions.units import Units, units_of

FUNCTIONS: dict[str, Any] = {
    "function": pl.String,
    "category": pl.String,
    "name_en": pl.String,
    "name_zh": pl.String,
    "description": pl.String,
    "terms": pl.List(pl.String),
    "operators": pl.List(pl.String),
    "units": pl.UInt32,
    "scripts": pl.UInt32,
    "share_by_operators": pl.Float64,
}
"""`share_by_operators`: of all units, those that serve it whatever signs there are in the text."""


def function_tables(
    callers: pl.DataFrame,
    patterns: pl.DataFrame,
    scripts: Sequence[Script],
    related: pl.DataFrame | None = None,
    namer: Namer = named_by_terms,
) -> dict[str, pl.DataFrame]:
    """Functions, clusters, what units serve, combinations, and what these map to.

    Args:
        callers: `script`, `function`, `operators`, as `codegen.knowledge.usage.transactions` gives them.
        patterns: Frequent sequences of the callers.
        scripts: Whose callers they are; of a caller without its script only the operators tell.
        related: Counted relations of operators; see `combination_table`.
        namer: Names clusters.

    Returns:
        `functions` (all 21, also those that nothing serves), `clusters`, `unit_functions` (column `unit`: the function
        in the script, empty for its top level), `combinations`, `mapping`. The order of the callers changes nothing.
    """
    units = units_of(callers, scripts)
    clusters = clustered(units, scripts)
    before = strengths(units.operators)
    placed = _Placed(units, clusters, surest(units.documents, before))
    known = placed.learnt(before)
    scores = surest(units.documents, known)
    # a combination is of operators: that nearly every script shows a map says nothing of them
    is_sign = np.array([name.startswith(SIGN) for name in units.operators], dtype=bool)
    serves = surest(units.documents, np.where(is_sign[:, None], 0.0, known)) >= THRESHOLD
    by_operators = units.sizes @ serves / max(1.0, units.sizes.sum())
    combinations = combination_table(patterns, related)
    return {
        "functions": _function_table(units, scores, by_operators),
        "clusters": placed.table(namer),
        "unit_functions": unit_functions(units, scores),
        "combinations": combinations,
        "mapping": mapping_table(combinations, callers, units, serves, known),
    }


class _Placed:
    """Clusters, each under the function that its units serve most beyond the base rate."""

    def __init__(self, units: Units, clusters: Clusters, scores: Scores) -> None:
        self._units, self._clusters = units, clusters
        shape = clusters.number, len(units.sizes)
        self._documents = csr_array((np.ones(len(clusters.labels)), (clusters.labels, units.of_unit)), shape=shape)
        self._sizes = np.bincount(clusters.labels, minlength=clusters.number).astype(np.float64)
        serves = (scores >= THRESHOLD).astype(np.float64)
        base = units.sizes @ serves / max(1.0, units.sizes.sum())
        self._scores = normalised(association(self._documents @ serves, self._sizes, base))
        self._function = self._scores.argmax(axis=1)

    def learnt(self, known: Strengths) -> Strengths:
        """Strengths of the units' operators, adjusted by the clusters that they stand in."""
        of_clusters = (self._documents @ self._units.documents).toarray()
        under = np.eye(len(function_ids()))[self._function]
        return adjusted(known, of_clusters.T @ under, of_clusters.sum(axis=0), self._sizes @ under)

    def table(self, namer: Namer) -> pl.DataFrame:
        """See `cluster_rows`."""
        functions = [function_ids()[at] for at in self._function]
        names, counts = self._clusters.terms
        terms = telling(counts, names, self._sizes)
        operators = _operators_of(self._units, (self._documents @ self._units.documents).toarray(), self._sizes)
        summaries = [
            ClusterSummary(tuple(terms[number]), tuple(operators[number]), int(self._sizes[number]), function)
            for number, function in enumerate(functions)
        ]
        return cluster_rows(self._clusters, functions, self._scores.max(axis=1).round(4).tolist(), summaries, namer)


def _operators_of(units: Units, counts: Counts, groups: Counts) -> list[list[str]]:
    """Operators that tell groups of units from the others."""
    is_operator = np.array([not name.startswith((SIGN, WORD)) for name in units.operators], dtype=bool)
    names = [name for name, is_one in zip(units.operators, is_operator, strict=True) if is_one]
    return telling(counts[:, is_operator], names, groups)


def _terms_of(units: Units, counts: Counts, groups: Counts) -> list[list[str]]:
    """Words of the names and descriptions of operators that tell groups of units from the others."""
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(binary=True, analyzer=telling_words)
    documents = [operator_documents().get(name, "") for name in units.operators]
    counted = counter.fit_transform([*documents, "operator"])[:-1]
    return telling(counts @ counted, list(counter.get_feature_names_out()), groups)


def _function_table(units: Units, scores: Scores, by_operators: Counts) -> pl.DataFrame:
    weighted = (scores >= THRESHOLD).T * units.sizes
    counts = weighted.sum(axis=1)
    held = np.asarray(weighted @ units.documents)
    terms, operators = _terms_of(units, held, counts), _operators_of(units, held, counts)
    of_scripts = unit_functions(units, scores).group_by("function").agg(pl.col("script").n_unique())
    scripts = dict(of_scripts.iter_rows())
    rows = [
        (f.id, f.category, f.name_en, f.name_zh, f.told, terms[at], operators[at], int(counts[at]),
         scripts.get(f.id, 0), float(by_operators[at]))
        for at, f in enumerate(taxonomy())
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=FUNCTIONS, orient="row")
