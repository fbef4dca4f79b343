"""Frequent chains of operators in the scripts of a knowledge base: what combination tasks are made of.

The choice is a function of the scripts (METHODS, 7: PrefixSpan over operators), in five steps:

1. A script is the sequence of the operators that run, in the order in which it comes to them; what a function that is
   given to `map` does stands behind the `map`. What only shows, exports or fetches (`_SHOWS`) is left out, and of an
   operator that is called several times in a row one call stays.
2. Frequent: closed sequences of 3 to 8 operators, others between them or not, in at least 3 scripts.
3. Executable: every operator is one that the local Earth Engine has; each result but the last can enter an operator
   behind it, as its receiver or as an argument, or is what the function of a `map` before it gives (`connected`).
4. No drill: three operators differ, and none stands there more than twice.
5. Diverse: taken in the order of scripts × (length − 1), the links that a chain explains, a chain is chosen where at
   least a third of its neighbouring pairs stand in no chain chosen before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby, pairwise

import polars as pl

from codegen.extraction.signatures import UNTYPED, Operator, signatures
from codegen.knowledge.extracted import Extracted
from codegen.knowledge.patterns.sequences import frequent_sequences

LEAST_SCRIPTS = 3
SHORTEST, LONGEST = 3, 8
_MOST_TIMES = 2
_NEW_SHARE = 1 / 3
_SHOWS = (
    r"^(Map|ui|Chart|Export|print|alert|ee\.data|ee\.batch|ee\.ComputedObject)\b"
    r"|\.(getInfo|evaluate|paint|draw|style|sldStyle|visualize|getMap\w*|getThumb\w*|getDownloadURL|aside)$"
)
_ABOVE: Mapping[str, frozenset[str]] = {
    "Image": frozenset({"Image", "Element"}),
    "Feature": frozenset({"Feature", "Element"}),
    "FeatureCollection": frozenset({"FeatureCollection", "Collection"}),
    "ImageCollection": frozenset({"ImageCollection", "Collection"}),
}
"""A class and those that it is one of."""
_ENTERS = frozenset(
    {
        ("Date", "filterDate"), ("DateRange", "filterDate"), ("Feature", "FeatureCollection"), ("Filter", "and"),
        ("Filter", "apply"), ("Filter", "filter"), ("Filter", "not"), ("Filter", "or"), ("Geometry", "Feature"),
        ("Geometry", "FeatureCollection"), ("Geometry", "filterBounds"), ("FeatureCollection", "apply"),
        ("FeatureCollection", "filterBounds"), ("Image", "ImageCollection"), ("Image", "cat"),
        ("ImageCollection", "apply"), ("List", "FeatureCollection"), ("List", "ImageCollection"), ("Number", "Date"),
        ("Number", "Image"), ("Number", "List"), ("Number", "set"), ("String", "List"),
    }
)  # fmt: skip
"""A result and the short name of what takes it, where the client's signature says only that it takes something."""
_GIVEN_BACK = {"ee.ImageCollection.map": "Image", "ee.FeatureCollection.map": "Feature", "ee.List.map": None}
"""What the function of a `map` gives; None for anything."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Operators that scripts call one after the other.

    Attributes:
        operators: By the JavaScript client's names, which the knowledge base uses: `ee.Image.and`.
        scripts: In which they are.
        support: Share of all scripts that call anything.
    """

    operators: tuple[str, ...]
    scripts: int
    support: float


def sequences(extracted: Extracted) -> list[list[str]]:
    """Step 1: the operators of each script that calls anything else than what shows."""
    calls = extracted.scan("calls").filter(pl.col("reached") == "runs", ~pl.col("operator").str.contains(_SHOWS))
    rows = calls.sort("script", "number").group_by("script", maintain_order=True).agg("operator").collect()
    return [[operator for operator, _ in groupby(row)] for row in rows["operator"].to_list()]


def mined_chains(called: Sequence[Sequence[str]]) -> tuple[Chain, ...]:
    """Steps 2 to 5: the chosen chains, those that explain the most links first."""
    found = frequent_sequences(called, LEAST_SCRIPTS / len(called), LONGEST)
    long_enough = found.filter(pl.col("closed"), pl.col("length") >= SHORTEST)
    chains = [
        Chain(tuple(row["operators"]), row["count"], round(row["support"], 4))
        for row in long_enough.iter_rows(named=True)
    ]
    return _diverse(chain for chain in chains if _varied(chain.operators) and connected(chain.operators))


def connected(operators: Sequence[str]) -> bool:
    """Step 3, without looking at values: whether one expression can hold these operators in this order."""
    known = _operators()
    if not all(name in known and _served(known[name]) for name in operators):
        return False
    return all(_goes_on(operators, place) for place in range(len(operators) - 1))


def _goes_on(operators: Sequence[str], place: int) -> bool:
    """Whether a result enters what stands behind it, or is given back to a `map` before it."""
    result = _operators()[operators[place]]
    if any(_enters(result, _operators()[later]) for later in operators[place + 1 :]):
        return True
    return any(_GIVEN_BACK.get(earlier, "") in (None, result.returns) for earlier in operators[:place])


def _enters(first: Operator, second: Operator) -> bool:
    if first.returns == UNTYPED:
        return True
    classes = _ABOVE.get(first.returns, frozenset({first.returns}))
    if second.kind == "method" and second.owner in classes:
        return True
    taken = {word for parameter in second.parameters for word in re.findall(r"[A-Z]\w+", parameter.type)}
    return bool(classes - {"Collection"} & taken) or (first.returns, second.short) in _ENTERS


def _served(operator: Operator) -> bool:
    """Whether the local Earth Engine has it; what has no algorithm the client does by itself."""
    from ee_emulator import algorithms
    from ee_emulator.registry import IMPLEMENTATIONS

    algorithms.load()
    return operator.algorithm is None or operator.algorithm in IMPLEMENTATIONS


@cache
def _operators() -> Mapping[str, Operator]:
    return {operator.name: operator for operator in signatures().all()}


def _varied(operators: Sequence[str]) -> bool:
    """Step 4."""
    times = Counter(operators)
    return len(times) >= SHORTEST and max(times.values()) <= _MOST_TIMES


def _diverse(chains: Iterable[Chain]) -> tuple[Chain, ...]:
    """Step 5."""
    ranked = sorted(chains, key=lambda c: (-c.scripts * (len(c.operators) - 1), -len(c.operators), c.operators))
    seen: set[tuple[str, str]] = set()
    chosen: list[Chain] = []
    for chain in ranked:
        pairs = set(pairwise(chain.operators))
        if len(pairs - seen) >= _NEW_SHARE * len(pairs):
            chosen.append(chain)
            seen |= pairs
    return tuple(chosen)
