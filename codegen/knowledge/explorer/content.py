"""What the page holds: the most frequent rows of each table, short enough to be sent along, and what was left out.

Operators are numbered in the order of their uses; everything else names them by number.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from codegen.knowledge.explorer.head import Tables
from codegen.knowledge.explorer.patterns import pattern_rows, rounded, rule_rows
from codegen.knowledge.operators import OPERATORS

Rows = list[list[Any]]

MOST = {
    "relationships": 10_000,
    "chains": 5_000,
    "patterns": 5_000,
    "rules": 5_000,
    "datasets": 2_000,
    "dataset_operators": 10_000,
    "functions": 500,
    "combinations": 5_000,
}
"""Rows of each table that the page holds."""
_TITLES = {
    "relationships": "relations of two operators",
    "chains": "chains",
    "patterns": "patterns",
    "rules": "rules",
    "datasets": "data sets that scripts load",
    "dataset_operators": "pairs of a data set and an operator",
    "functions": "functions",
    "combinations": "combinations of operators",
}
_CHAIN = 400
"""Characters of a chain that are shown."""
_TEXT = 700
"""Characters of a description that are shown."""
_PARAMETER_TEXT = 240


@dataclass(frozen=True)
class Content:
    """What the page's script reads, as JSON.

    Attributes:
        data: `names` of operators by number, and tables as lists of rows.
        totals: Rows of each table before any were left out.
        cuts: A sentence for everything that was left out.
    """

    data: Mapping[str, Any]
    totals: Mapping[str, int]
    cuts: tuple[str, ...]


def content(tables: Tables) -> Content:
    """Rows of all tables; a table that is not there has none."""
    operators = _operators(tables.get("operators"))
    known = Numbers(operators["name"])
    data: dict[str, Any] = {"operators": [_operator(row) for row in operators.iter_rows(named=True)]}
    data |= dict(_others(tables, known))
    totals = _totals(tables)
    cuts = [
        f"Of {totals[name]:,} {_TITLES[name]} the {most:,} most frequent are on this page."
        for name, most in MOST.items()
        if totals[name] > most
    ]
    cuts += [*_cut_chains(data["chains"]), *_unused_data_sets(tables)]
    data["chains"] = [[_cut(text, _CHAIN), *rest] for text, *rest in data["chains"]]
    return Content(data | {"names": known.names, "totals": totals}, totals, tuple(cuts))


class Numbers:
    """Numbers of names; one that is not known gets the next.

    Attributes:
        names: By number.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = list(names)
        self._number = {name: number for number, name in enumerate(self.names)}

    def of(self, name: str) -> int:
        """Number of a name."""
        if name not in self._number:
            self._number[name] = len(self.names)
            self.names.append(name)
        return self._number[name]

    def all(self, names: Iterable[str]) -> list[int]:
        """Number of each."""
        return [self.of(name) for name in names]


def _operators(table: pl.DataFrame | None) -> pl.DataFrame:
    """By uses; a column that is not there is empty."""
    counts = {"uses": pl.Int64, "scripts": pl.Int64, "waiting": pl.Int64}
    schema = OPERATORS | counts
    if table is None or not table.height:
        return pl.DataFrame(schema=schema)
    lacking = [pl.lit(None, kind).alias(name) for name, kind in schema.items() if name not in table.columns]
    whole = table.with_columns(lacking).with_columns(pl.col(*counts).fill_null(0))
    return whole.sort(["uses", "scripts", "name"], descending=[True, True, False])


def _operator(row: Mapping[str, Any]) -> list[object]:
    parameters = [
        [p["name"], p["type"] or "", bool(p["optional"]), _plain(p["description"], _PARAMETER_TEXT)]
        for p in row["parameters"] or ()
    ]
    marks = [mark for mark in ("deprecated", "hidden") if row[mark]]
    told = row["documented_returns"] or ""
    return [
        row["owner"] or "", row["kind"] or "", row["returns"] or "", told, row["uses"], row["scripts"], row["waiting"],
        marks, _plain(row["description"], _TEXT), parameters,
    ]  # fmt: skip


def _others(tables: Tables, known: Numbers) -> Iterator[tuple[str, Rows]]:
    """Name and rows of each table but that of operators, the most frequent rows first."""
    relations = _rows(tables, "relationships", "count", "first", "second", "relation", "count", "scripts")
    yield "relationships", [[known.of(a), known.of(b), *rest] for a, b, *rest in relations]
    chains = _rows(tables, "chains", "scripts", "chain", "operators", "count", "scripts", "example")
    yield "chains", [[text, known.all(operators), *rest] for text, operators, *rest in chains]
    yield "patterns", [[known.all(names), *rest] for names, *rest in pattern_rows(tables, MOST["patterns"])]
    yield "rules", [[known.all(a), known.all(b), *rest] for a, b, *rest in rule_rows(tables, MOST["rules"])]
    columns = "id", "title", "provider", "type", "start_date", "end_date", "scripts"
    data_sets = [row for row in _rows(tables, "datasets", "scripts", *columns) if row[-1]]
    yield "datasets", data_sets
    yield "dataset_operators", _of_data_sets(tables, [row[0] for row in data_sets], known)
    told = "function", "category", "name_en", "terms", "description", "scripts", "operators"
    functions = _rows(tables, "functions", "scripts", *told)
    yield "functions", [[*rest, known.all(operators or ())] for *rest, operators in functions]
    yield "combinations", _combinations(tables, known)


def _rows(tables: Tables, name: str, by: str, *columns: str) -> Rows:
    """The first rows of a table by a count, those alike as they were; a column that is not there is None."""
    table = tables.get(name, pl.DataFrame())
    if not table.height:
        return []
    ordered = table.sort(by, descending=True, maintain_order=True) if by in table.columns else table
    lacking = [pl.lit(None).alias(column) for column in columns if column not in table.columns]
    return [list(row) for row in ordered.head(MOST[name]).with_columns(lacking).select(columns).iter_rows()]


def _of_data_sets(tables: Tables, ids: list[str], known: Numbers) -> Rows:
    """Data set (by its place), operator and scripts; an image counts for the set that it lies in."""
    place = {id_: number for number, id_ in enumerate(ids)}
    counted: dict[tuple[int, int], int] = {}
    pairs = _rows(tables, "dataset_operators", "scripts", "dataset", "operator", "scripts")
    for data_set, operator, scripts in pairs:
        number = next((place[above] for above in _above(data_set) if above in place), None)
        if number is not None:
            key = number, known.of(operator)
            counted[key] = counted.get(key, 0) + scripts
    return [[*key, scripts] for key, scripts in sorted(counted.items(), key=lambda item: -item[1])]


def _above(data_set: str) -> Iterator[str]:
    parts = data_set.split("/")
    return ("/".join(parts[:end]) for end in range(len(parts), 0, -1))


def _combinations(tables: Tables, known: Numbers) -> Rows:
    """Operators, count, and the functions that they serve, each with its score; the highest first."""
    mapping = tables.get("mapping", pl.DataFrame())
    serves: dict[str, Rows] = {}
    if mapping.height:
        ordered = mapping.sort("score", descending=True, maintain_order=True)
        for combination, function, score in ordered.select("combination", "function", "score").iter_rows():
            serves.setdefault(combination, []).append([function, rounded(score)])
    found = _rows(tables, "combinations", "count", "combination", "operators", "count")
    return [[known.all(operators), count, serves.get(name, [])] for name, operators, count in found]


def _totals(tables: Tables) -> dict[str, int]:
    heights = {name: tables.get(name, pl.DataFrame()).height for name in MOST}
    heights["patterns"] += tables.get("sequences", pl.DataFrame()).height
    if heights["datasets"]:
        heights["datasets"] -= _unused(tables)
    return heights


def _unused(tables: Tables) -> int:
    data_sets = tables.get("datasets", pl.DataFrame())
    return data_sets.filter(pl.col("scripts") == 0).height if data_sets.height else 0


def _unused_data_sets(tables: Tables) -> list[str]:
    unused = _unused(tables)
    return [f"{unused:,} data sets of the catalogue that no script loads are not listed."] if unused else []


def _cut_chains(chains: Rows) -> list[str]:
    long = sum(len(row[0]) > _CHAIN for row in chains)
    return [f"{long:,} chains are cut off after {_CHAIN} characters."] if long else []


def _plain(text: str | None, longest: int) -> str:
    """A description without its marks: paragraphs stay."""
    paragraphs = re.sub(r"\s*<(/?p|br|li|/?ul)\b[^>]*>\s*", "\n", text or "")
    return _cut(html.unescape(re.sub(r"</?[a-zA-Z][^<>]*>", "", paragraphs)).strip(), longest)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[:longest].rstrip() + "…"
