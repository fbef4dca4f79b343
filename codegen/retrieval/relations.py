"""What goes with an operator or a data set, from the counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from codegen.retrieval.tables import Knowledge

Side = Literal["follows", "precedes", "arguments", "argument_of", "beside"]
"""`follows`: called on its result. `precedes`: on whose result it is called. `arguments`: whose results it is given.
`argument_of`: which is given its result. `beside`: given to the same call."""

_SIDES: Mapping[Side, tuple[str, tuple[tuple[str, str], ...]]] = {
    "follows": ("sequential", (("first", "second"),)),
    "precedes": ("sequential", (("second", "first"),)),
    "arguments": ("nested", (("first", "second"),)),
    "argument_of": ("nested", (("second", "first"),)),
    "beside": ("parallel", (("first", "second"), ("second", "first"))),
}
"""The relation, and which column holds the operator asked for and which the other."""


@dataclass(frozen=True, slots=True)
class Counted:
    """An operator with how often it is met where it was asked for.

    Attributes:
        operator: Full name.
        count: Times.
        scripts: Scripts.
    """

    operator: str
    count: int
    scripts: int


@dataclass(frozen=True, slots=True)
class Group:
    """Operators that go together: a pattern or a chain.

    Attributes:
        operators: Full names; of a chain, and of a pattern that is ordered, in the order of their calls.
        ordered: Whether the order counts.
        count: Times (a chain), or scripts (a pattern).
    """

    operators: tuple[str, ...]
    ordered: bool
    count: int


class Relations:
    """The counts of a knowledge base, to be asked."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        names: dict[str, list[str]] = {}
        for name in _names(knowledge):
            for end in _endings(name):
                names.setdefault(end.lower(), []).append(name)
        self._names = names

    def resolve(self, name: str) -> list[str]:
        """Operators that a name may mean: `ee.Image.select`, `Image.select` or `select`; the most used first."""
        return list(self._names.get(name.lower(), ()))

    def at(self, operator: str, side: Side, k: int) -> tuple[Counted, ...]:
        """Operators on a side of one, the most frequent first."""
        relation, ways = _SIDES[side]
        table = self._knowledge.relationships.filter(relation=relation)
        found = pl.concat(
            table.filter(pl.col(own) == operator).select(pl.col(other).alias("operator"), "count", "scripts")
            for own, other in ways
        )
        return _most(found, k)

    def of_data_set(self, dataset: str, k: int) -> tuple[Counted, ...]:
        """Operators of the scripts that use a data set, those of the most scripts first."""
        table = self._knowledge.dataset_operators.filter(dataset=dataset)
        rows = table.sort("scripts", "count", "operator", descending=[True, True, False]).head(k)
        return tuple(Counted(*row) for row in rows.select("operator", "count", "scripts").iter_rows())

    def patterns(self, operator: str, k: int) -> tuple[Group, ...]:
        """Closed patterns with an operator, the most frequent first."""
        table = self._knowledge.patterns.filter(pl.col("closed") & pl.col("operators").list.contains(operator))
        rows = table.sort("count", descending=True, maintain_order=True).head(k)
        return tuple(
            Group(tuple(row[0]), row[1], row[2]) for row in rows.select("operators", "ordered", "count").rows()
        )

    def chains(self, operator: str, k: int) -> tuple[Group, ...]:
        """Chains with an operator, the most frequent first."""
        table = self._knowledge.chains.filter(pl.col("operators").list.contains(operator))
        rows = table.sort("count", descending=True, maintain_order=True).head(k)
        return tuple(Group(tuple(row[0]), True, row[1]) for row in rows.select("operators", "count").rows())

    def methods(self, owner: str) -> tuple[Counted, ...]:
        """Methods of a class, the most used first."""
        table = self._knowledge.operators.filter(owner=owner, kind="method")
        rows = table.sort("uses", "name", descending=[True, False]).select("name", "uses", "scripts")
        return tuple(Counted(*row) for row in rows.iter_rows())


def _names(knowledge: Knowledge) -> Iterable[str]:
    """Operators, the most used first, and then those that only relationships name (`Map.addLayer`)."""
    known = knowledge.operators.sort("scripts", "name", descending=[True, False], nulls_last=True)["name"].to_list()
    related = knowledge.relationships.select(pl.col("first").append(pl.col("second")).unique().sort()).to_series()
    return dict.fromkeys([*known, *related])


def _endings(name: str) -> list[str]:
    """What a name may be called by: itself, and each end of it."""
    parts = name.split(".")
    return [".".join(parts[start:]) for start in range(len(parts))]


def _most(found: pl.DataFrame, k: int) -> tuple[Counted, ...]:
    summed = found.group_by("operator").agg(pl.col("count").sum(), pl.col("scripts").sum())
    rows = summed.sort("count", "scripts", "operator", descending=[True, True, False]).head(k)
    return tuple(Counted(*row) for row in rows.iter_rows())
