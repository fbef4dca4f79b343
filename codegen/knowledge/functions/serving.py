"""Which functions a unit serves: as sure as its three surest operators make it, taken as independent evidence (ours).

Three, not all: many weak hints in a long script are no proof.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_array

from codegen.knowledge.functions.affinity import Strengths
from codegen.knowledge.functions.association import Counts
from codegen.knowledge.functions.taxonomy import function_ids
from codegen.knowledge.functions.units import Units

THRESHOLD = 0.5
"""More likely than not; chosen for that, and not by trying."""
SUREST = 3
BY_DATA = 0.2
"""What data alone can make of an operator that is known to serve nothing: three of them stay below the threshold."""

Scores = NDArray[np.float64]
"""(documents or units, functions), each in [0, 1]."""


def surest(documents: csr_array, strengths: Strengths) -> Scores:
    """Score of each document and function: 1 less the chance that each of the surest operators misleads."""
    scores = np.zeros((documents.shape[0], strengths.shape[1]))
    for function in range(strengths.shape[1]):
        held = strengths[documents.indices, function]
        told = csr_array((held, documents.indices.copy(), documents.indptr.copy()), shape=documents.shape)
        told.eliminate_zeros()
        scores[:, function] = _noisy_or(told)
    return scores


def _noisy_or(told: csr_array) -> Scores:
    """Of the largest values of each row."""
    rows = np.repeat(np.arange(told.shape[0]), np.diff(told.indptr))
    order = np.lexsort((-told.data, rows))
    rank = np.arange(len(rows)) - told.indptr[rows]
    kept = order[rank < SUREST]
    misled = np.ones(told.shape[0])
    np.multiply.at(misled, rows[kept], 1.0 - told.data[kept])
    return 1.0 - misled


def adjusted(strengths: Strengths, together: Counts, units: Counts, functions: Counts) -> Strengths:
    """Strengths, raised where an operator stands in clusters of a function more often than by chance.

    Args:
        strengths: Before.
        together: Units that hold an operator and are in a cluster of a function; (operators, functions).
        units: That hold each operator; (operators,).
        functions: Units in clusters of each function; (functions,).

    Returns:
        Strengths, each raised by at most `BY_DATA` of what it lacks to 1: by the normalised pointwise mutual
        information (G. Bouma, GSCL 2009), where that is above 0.
    """
    total = max(1.0, functions.sum())
    share = np.clip(together / total, 1e-12, 1 - 1e-12)
    by_chance = np.clip(np.outer(units, functions) / total**2, 1e-12, None)
    information = np.clip(np.log(share / by_chance) / -np.log(share), 0.0, 1.0)
    raised: Strengths = strengths + BY_DATA * np.where(together >= SEEN, information, 0.0) * (1.0 - strengths)
    return raised


SEEN = 5
"""Units in which an operator must have been seen with a function."""


def unit_functions(units: Units, scores: Scores) -> pl.DataFrame:
    """A row per unit and function that it serves: `script`, `unit`, `function`, `score`."""
    documents, functions = np.nonzero(scores >= THRESHOLD)
    names = pl.Series(function_ids(), dtype=pl.String)
    served = pl.DataFrame(
        {
            "document": pl.Series(documents, dtype=pl.UInt32),
            "function": names.gather(functions),
            "score": scores[documents, functions].round(4),
        }
    )
    of_units = units.table.select("script", "document", unit="function").join(served, on="document")
    return of_units.select("script", "unit", "function", "score").sort(
        ["script", "unit", "score", "function"], descending=[False, False, True, False]
    )
