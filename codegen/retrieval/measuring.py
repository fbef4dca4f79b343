"""How well operators are found: recall and mean reciprocal rank over questions whose operators are known.

An expected operator counts as found at k where it is among the first k of a ranking. Percentile bootstrap over the
questions: all settings meet the same draws, so that the difference from the fused search is judged on its own.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from codegen.retrieval.documents import Kind
from codegen.retrieval.fusion import MODES, Mode
from codegen.retrieval.index import Hit, Index
from lake.errors import BadInputError

HITS = 50
"""Documents of a search that are made into a ranking of operators."""
DRAWS = 2_000
LEVEL = 0.95

_Float = NDArray[np.float64]
SCHEMA = {
    "setting": pl.String, "metric": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64,
    "difference": pl.Float64, "difference_low": pl.Float64, "difference_high": pl.Float64, "questions": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """A text and the operators that it should lead to."""

    text: str
    expected: frozenset[str]


@dataclass(frozen=True, slots=True)
class Setting:
    """A way to search."""

    name: str
    mode: Mode
    kinds: tuple[Kind, ...]


def settings(index: Index) -> list[Setting]:
    """Words, meaning and both, with all kinds of documents that there are; and both without each of them."""
    there = index.kinds
    whole = [Setting(mode, mode, there) for mode in MODES]
    left = [Setting(f"fused without {kind}", "fused", tuple(k for k in there if k != kind)) for kind in there]
    return whole + [setting for setting in left if setting.kinds]


def rank_operators(hits: Sequence[Hit]) -> list[str]:
    """Operators that hits speak of, the best first: each hit gives 1 / its rank to each of its operators (ours).

    An operator gains by being named again, but not much by what is named everywhere further down: with 1 / (60 + rank),
    as the fusion has it, the common operators came first whatever was asked (mean reciprocal rank 0.37 instead of 0.62
    on the 46 questions of `Document.meanings`).
    """
    scores: dict[str, float] = {}
    for rank, hit in enumerate(hits, 1):
        for operator in hit.document.operators:
            scores[operator] = scores.get(operator, 0.0) + 1 / rank
    return sorted(scores, key=lambda operator: -scores[operator])  # stable: of equal ones the one that came first


def recall_at(ranking: Sequence[str], expected: Collection[str], k: int) -> float:
    """Share of the expected operators that are among the first k."""
    return len(set(ranking[:k]) & set(expected)) / len(set(expected))


def reciprocal_rank(ranking: Sequence[str], expected: Collection[str]) -> float:
    """1 / rank of the first that was expected; 0 where there is none."""
    return next((1 / rank for rank, operator in enumerate(ranking, 1) if operator in expected), 0.0)


def measure(
    index: Index,
    questions: Sequence[Question],
    ks: Sequence[int] = (5, 10, 20),
    draws: int = DRAWS,
    seed: int = 0,
) -> pl.DataFrame:
    """Recall and mean reciprocal rank of every setting.

    Args:
        index: What is searched.
        questions: Of scripts that are not in the index.
        ks: Of the recall.
        draws: Resamples of the questions.
        seed: Of the resamples.

    Returns:
        One row a `setting` and `metric` (`recall@k`, `mrr`): `value` with its interval `low` to `high`, `difference`
        from the fused search with its own, and the number of `questions`.

    Raises:
        BadInputError: There are no questions, or one that expects nothing.
    """
    if not questions or not all(question.expected for question in questions):
        raise BadInputError("There is nothing to measure: give questions, each with the operators that it expects.")
    count = len(questions)
    weights = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=draws) / count
    names = [*(f"recall@{k}" for k in ks), "mrr"]
    scored = {setting.name: _scores(index, questions, setting, ks) for setting in settings(index)}
    rows = []
    for name, scores in scored.items():
        for metric, own, fused in zip(names, scores, scored["fused"], strict=True):
            value, difference = own.mean(), (own - fused).mean()
            rows.append(
                (name, metric, value, *_ends(weights @ own), difference, *_ends(weights @ (own - fused)), count)
            )
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _scores(index: Index, questions: Sequence[Question], setting: Setting, ks: Sequence[int]) -> _Float:
    """Of each metric and question, (metrics, questions)."""
    columns = []
    for question in questions:
        ranking = rank_operators(index.search(question.text, setting.kinds, HITS, setting.mode))
        recalls = [recall_at(ranking, question.expected, k) for k in ks]
        columns.append([*recalls, reciprocal_rank(ranking, question.expected)])
    return np.array(columns, np.float64).T


def _ends(drawn: _Float) -> tuple[float, float]:
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
