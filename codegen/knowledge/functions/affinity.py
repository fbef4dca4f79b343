"""How surely who calls an operator serves a function: from seeds, and for what stands in none, from its description.

An operator without a seed is like those with one whose documents (the words of its name, of its parameters and of its
description) are nearest by TF-IDF; a function's definition counts as a document too. All of this is ours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from codegen.knowledge.functions.seeds import SIGN, WORD, seeds
from codegen.knowledge.functions.taxonomy import function_ids, taxonomy
from codegen.knowledge.operators import operator_table

Strengths = NDArray[np.float64]
"""(operators, functions), each in [0, 1)."""

NEIGHBOURS = 5
BY_TEXT = 0.6
"""A description tells at most as much as the grade `usual`."""
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


def words(text: str) -> list[str]:
    """Lower-case words of two letters and more; `reduceRegion` is two."""
    return [word.lower() for word in _WORD.findall(text) if len(word) > 1]


def strengths(operators: Sequence[str]) -> Strengths:
    """Of any operators, and of the evidence in texts that stands for one; a row each, zeros where nothing is known."""
    known = _strengths()
    nothing = np.zeros(len(function_ids()))
    rows = [known[name] if name in known else _row(seeds().strengths(name)) for name in operators]
    return np.array(rows) if rows else nothing[:0].reshape(0, len(nothing))


def affinity_table() -> pl.DataFrame:
    """A row per operator and function: `operator`, `function`, `strength`, `by` (`seed` or `text`)."""
    rows = [
        (name, function, float(strength), "seed" if seeds().strengths(name) else "text")
        for name, row in _strengths().items()
        for function, strength in zip(function_ids(), row, strict=True)
        if strength > 0 and not name.startswith((SIGN, WORD))
    ]
    schema = {"operator": pl.String, "function": pl.String, "strength": pl.Float64, "by": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


@cache
def operator_documents() -> dict[str, str]:
    """Operator to the words of its name, its parameters and its description."""
    return {
        name: " ".join(words(" ".join((owner, short, short, description or "", *(p["name"] for p in parameters)))))
        for name, owner, short, description, parameters in operator_table()
        .select("name", "owner", "short", "description", "parameters")
        .iter_rows()
    }


def by_text(names: Sequence[str], like: Sequence[str], is_one: bool = False) -> Strengths:
    """Strengths of operators as their nearest neighbours among others, and the definitions, have them.

    Args:
        names: Operators to place.
        like: Operators whose strengths are known from seeds.
        is_one: Leaves an operator out of its own neighbours: how well texts tell what seeds tell is measured so.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    documents = operator_documents()
    definitions = [" ".join(words(f"{f.name_en} {f.id.replace('_', ' ')} {f.told}")) for f in taxonomy()]
    vectors = TfidfVectorizer(sublinear_tf=True, stop_words="english")
    reference = vectors.fit_transform([*(documents[name] for name in like), *definitions])
    likeness = (vectors.transform([documents[name] for name in names]) @ reference.T).toarray()
    if is_one:
        at = {name: position for position, name in enumerate(like)}
        for row, name in enumerate(names):
            likeness[row, at[name]] = 0.0
    known = np.vstack([[_row(seeds().strengths(name)) for name in like], np.eye(len(definitions))])
    nearest = np.argsort(-likeness, axis=1, kind="stable")[:, :NEIGHBOURS]
    weights = np.take_along_axis(likeness, nearest, axis=1)
    placed: Strengths = BY_TEXT * np.einsum("ok,okf->of", weights, known[nearest]) / NEIGHBOURS
    return placed


@cache
def _strengths() -> dict[str, Strengths]:
    table = {name: seeds().strengths(name) for name in operator_documents()}
    seeded = [name for name, found in table.items() if found]
    others = [name for name, found in table.items() if not found and not seeds().is_nothing(name)]
    placed = {name: _row(found) for name, found in table.items()}
    placed |= dict(zip(others, by_text(others, seeded), strict=True))
    placed |= {SIGN + function: _row({function: seeds().grades["certain"]}) for function in seeds().signs}
    placed |= {WORD + function: _row({function: word.strength}) for function, word in seeds().words.items()}
    return placed


def _row(found: dict[str, float]) -> Strengths:
    return np.array([found.get(function, 0.0) for function in function_ids()])
