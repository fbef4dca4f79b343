"""Which functions a combination of operators stands for (Geo-FuM).

What is known of the operators and what is counted over the units must agree (the formula is ours):

    score = evidence x association x importance, divided by the sum over the functions

evidence: -ln of the chance that all of the combination's three surest distinct operators mislead (`affinity`); it adds
up over operators, and grows with how sure they are; a later one counts more. association: how much more often the units
that hold the combination serve the function than all units do (`association`). importance: what is prepared is prepared
for something else. A function that no operator of the combination has to do with gets 0, however often it stands beside
it; one that nearly all units serve, as loading images, gives way to a rarer one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from codegen.knowledge.functions.affinity import Strengths, strengths
from codegen.knowledge.functions.association import Counts, association, normalised
from codegen.knowledge.functions.combinations import combination_id
from codegen.knowledge.functions.serving import SUREST
from codegen.knowledge.functions.taxonomy import function_ids, taxonomy
from codegen.knowledge.functions.units import Units

MAPPING = pl.Schema({"combination": pl.String, "function": pl.String, "score": pl.Float64, "rank": pl.UInt32})
MOST_CALLERS = 50_000
"""Callers that combinations are looked up in; of more, a sample."""
MOST_FUNCTIONS = 5
"""Of a combination."""
LATER = 0.25
"""What an operator at the end counts more than one at the beginning: code ends at what it is for."""
_IMPORTANCE = {"data access and preparation": 0.6, "processing and analysis": 1.0, "output and interaction": 0.9}
"""Of each category of functions."""

Places = NDArray[np.int64]


def mapping_table(
    combinations: pl.DataFrame, callers: pl.DataFrame, units: Units, serves: NDArray[np.bool_], known: Strengths
) -> pl.DataFrame:
    """Combination to functions, at most `MOST_FUNCTIONS` each.

    Args:
        combinations: As `combination_table` gives them.
        callers: With the operators of each in order.
        units: Of the callers.
        serves: Which functions each document of the units serves by its operators; (documents, functions).
        known: Strengths of `units.operators`.
    """
    if combinations.is_empty() or callers.is_empty():
        return pl.DataFrame(schema=MAPPING)
    sequences = combinations["operators"].to_list()
    base = units.sizes @ serves / max(1.0, units.sizes.sum())
    serving, holding = _counted(sequences, callers, units, serves)
    by_name = dict(zip(units.operators, known, strict=True))
    told = np.array([evidence(np.array([by_name[name] for name in _once(operators)])) for operators in sequences])
    scores = normalised(told * association(serving, holding, base) * _importance())
    rows = (
        (id_, function, score, rank)
        for id_, row in zip(combinations["combination"], scores, strict=True)
        for rank, (function, score) in enumerate(_best(row)[:MOST_FUNCTIONS], 1)
    )
    return pl.DataFrame(list(rows), schema=MAPPING, orient="row")


def map_combination(
    operators: Sequence[str], tables: Mapping[str, pl.DataFrame] | None = None
) -> list[tuple[str, float]]:
    """Functions of any combination, the likeliest first; the scores sum to 1.

    Args:
        operators: In the order of the calls.
        tables: As `function_tables` gives them. A combination that they hold is looked up; of another the evidence is
            weighted by how rare functions are in these units; None: by category alone.

    Returns:
        Empty where nothing is known of any of the operators.
    """
    if tables is not None:
        id_ = combination_id(operators)
        found = tables["mapping"].filter(pl.col("combination") == id_).sort("rank")
        if found.height:
            return list(found.select("function", "score").iter_rows())
    weights = _importance()
    if tables is not None and tables["functions"]["units"].sum():
        shares = dict(tables["functions"].select("function", "share_by_operators").iter_rows())
        # a function that no unit serves is as rare as one in a thousand
        weights = weights * np.array([-np.log2(np.clip(shares[function], 1e-3, 0.99)) for function in function_ids()])
    scores = evidence(strengths(_once(operators))) * weights if operators else np.zeros(len(weights))
    return _best(normalised(scores[None])[0])


def evidence(known: Strengths) -> Counts:
    """Of distinct operators in order, for each function; (operators, functions) to (functions,)."""
    places = np.linspace(1 - LATER, 1, len(known))[:, None] if len(known) > 1 else 1.0
    nats = -np.log1p(-np.minimum(known, 0.99)) * places
    most: Counts = np.sort(nats, axis=0)[-SUREST:].sum(axis=0)
    return most


def _importance() -> Counts:
    return np.array([_IMPORTANCE[function.category] for function in taxonomy()])


def _once(operators: Sequence[str]) -> list[str]:
    """Each operator where it stands last: three times `select` is no more than one."""
    return list(dict.fromkeys(reversed(operators)))[::-1]


def _best(scores: Counts) -> list[tuple[str, float]]:
    order = np.argsort(-scores, kind="stable")
    return [(function_ids()[at], round(float(scores[at]), 4)) for at in order if scores[at] > 0]


def _counted(
    sequences: Sequence[Sequence[str]], callers: pl.DataFrame, units: Units, serves: NDArray[np.bool_]
) -> tuple[Counts, Counts]:
    """Of the units that hold each combination in order: those that serve each function, and all."""
    sample = callers.join(units.table, on=["script", "function"]).sort("draw", "script", "function").head(MOST_CALLERS)
    rows = serves[sample["document"].to_numpy()].astype(np.float64)
    serving, holding = np.zeros((len(sequences), serves.shape[1])), np.zeros(len(sequences))
    for number, held in _held(sequences, sample["operators"]):
        serving[number], holding[number] = rows[held].sum(axis=0), len(held)
    return serving, holding


def _held(sequences: Sequence[Sequence[str]], callers: pl.Series) -> Iterator[tuple[int, Places]]:
    """Number of each combination, and the callers that hold it in order.

    Combinations are gone through in alphabetical order, so that what begins alike is looked up once. A place is a
    caller's number times the longest caller's length, plus where in the caller it is.
    """
    length = int(callers.list.len().to_numpy().max(initial=1))
    places = _places(callers, length)
    nowhere = np.zeros(0, np.int64)
    starts = np.arange(len(callers), dtype=np.int64) * length - 1
    ends: list[tuple[str, Places]] = []
    for operators, number in sorted((list(operators), number) for number, operators in enumerate(sequences)):
        same = 0
        while same < min(len(ends), len(operators)) and ends[same][0] == operators[same]:
            same += 1
        del ends[same:]
        for operator in operators[same:]:
            before = ends[-1][1] if ends else starts
            ends.append((operator, _next(before, places.get(operator, nowhere), length)))
        yield number, ends[-1][1] // length


def _places(callers: pl.Series, length: int) -> dict[str, Places]:
    flat = (
        pl.DataFrame({"caller": np.arange(len(callers), dtype=np.int64), "operators": callers})
        .with_columns(at=pl.int_ranges(pl.col("operators").list.len()))
        .explode("operators", "at")
    )
    found = flat.select("operators", place=pl.col("caller") * length + pl.col("at"))
    grouped = found.group_by("operators").agg(pl.col("place").sort())
    return {name: np.asarray(at, dtype=np.int64) for name, at in grouped.iter_rows()}


def _next(before: Places, places: Places, length: int) -> Places:
    """The first place of an operator after each of others, in the same caller; where there is none, nothing."""
    at = np.searchsorted(places, before, side="right")
    is_there = at < len(places)
    following, previous = places[at[is_there]], before[is_there]
    # a start is one before its caller's first place, and counts for that caller
    found: Places = following[following // length == (previous + (previous % length == length - 1)) // length]
    return found
