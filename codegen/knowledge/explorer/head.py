"""The head numbers of a knowledge base: what it was made of, and how much of each table there is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

Tables = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class HeadNumbers:
    """What the tables do not tell themselves.

    Attributes:
        kept: Scripts of each corpus.
        put_aside: Scripts that were put aside, for each reason; see `put_aside`.
        corpus_hash: Digest of which scripts there are.
        built: When it was built, as it shall be shown.
        versions: Name and version of what made it.
    """

    kept: Mapping[str, int] = field(default_factory=dict)
    put_aside: Mapping[str, int] = field(default_factory=dict)
    corpus_hash: str = ""
    built: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def scripts(self) -> int:
        """Scripts that were kept, in all."""
        return sum(self.kept.values())

    @property
    def aside(self) -> int:
        """Scripts that were put aside, in all."""
        return sum(self.put_aside.values())

    def provenance(self) -> dict[str, str]:
        """What is told of where the numbers come from, with the name of each; what is not known is left out."""
        corpora = {f"corpus {name}": f"{count:,} scripts" for name, count in self.kept.items()}
        told = corpora | {"corpus hash": self.corpus_hash, "built": self.built} | dict(self.versions)
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True)
class Card:
    """A number, what it counts, a remark, and what is told besides."""

    number: str
    what: str
    remark: str = ""
    more: str = ""


def put_aside(dropped: pl.DataFrame) -> dict[str, int]:
    """Scripts of a table `dropped` for each reason, the most frequent first."""
    counted = dropped.group_by("reason").len().sort(["len", "reason"], descending=[True, False])
    return {str(reason): int(count) for reason, count in counted.iter_rows()}


def cards(tables: Tables, head: HeadNumbers) -> list[Card]:
    """The head numbers, in the order in which they are shown."""
    return [
        Card(f"{head.scripts:,}", "scripts", _corpora(head.kept), _told(head.kept)),
        Card(f"{head.aside:,}", "put aside", _first_reason(head.put_aside), _told(head.put_aside)),
        _operators(_of(tables, "operators")),
        *_calls(_of(tables, "outcomes")),
        _relations(_of(tables, "relationships")),
        Card(f"{_of(tables, 'chains').height:,}", "chains", _chain_places(_of(tables, "chains"))),
        _patterns(tables),
        _data_sets(_of(tables, "datasets")),
    ]


def _of(tables: Tables, name: str) -> pl.DataFrame:
    return tables.get(name, pl.DataFrame())


def _corpora(kept: Mapping[str, int]) -> str:
    return f"kept, of {next(iter(kept)) if len(kept) == 1 else f'{len(kept):,} corpora'}"


def _first_reason(aside: Mapping[str, int]) -> str:
    """What most scripts were put aside for."""
    reason = max(aside, key=aside.__getitem__, default="")
    return f"{aside[reason]:,} {reason}" if reason else ""


def _told(counts: Mapping[str, int]) -> str:
    return "; ".join(f"{name}: {count:,}" for name, count in counts.items())


def _operators(operators: pl.DataFrame) -> Card:
    used = operators.filter(pl.col("uses") > 0).height if operators.height else 0
    share = f"used, {100 * used / operators.height:.0f} % of {operators.height:,}" if operators.height else "used"
    return Card(f"{used:,}", "operators", share)


def _calls(outcomes: pl.DataFrame) -> list[Card]:
    if not outcomes.height:
        return []
    calls, unresolved = (int(outcomes[name].sum()) for name in ("calls", "unresolved"))
    return [Card(f"{calls:,}", "calls", f"{unresolved:,} unknown names", "names below ee that are no operators")]


def _relations(relations: pl.DataFrame) -> Card:
    places = f"at {relations['count'].sum():,} places" if relations.height else ""
    return Card(f"{relations.height:,}", "relations", places)


def _chain_places(chains: pl.DataFrame) -> str:
    return f"{chains['count'].sum():,} in all" if chains.height else ""


def _patterns(tables: Tables) -> Card:
    sequences, rules = (_of(tables, name).height for name in ("sequences", "rules"))
    found = _of(tables, "patterns")
    in_order = int(found["ordered"].sum()) if "ordered" in found.columns else 0
    sets, sequences = found.height - in_order, sequences + in_order
    told = f"sets of operators: {sets:,}; sequences of operators: {sequences:,}"
    return Card(f"{sets + sequences:,}", "patterns", f"and {rules:,} rules" if rules else "", told)


def _data_sets(data_sets: pl.DataFrame) -> Card:
    if not data_sets.height:
        return Card("0", "data sets")
    used, known = pl.col("scripts") > 0, pl.col("title") != ""
    both, catalogued = data_sets.filter(used & known).height, data_sets.filter(known).height
    remark = f"{both:,} of {catalogued:,} catalogued"
    return Card(f"{data_sets.filter(used).height:,}", "data sets", remark, "that scripts load, in the catalogue or not")
