"""What is searched for: each row of the knowledge base as a text."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import polars as pl

from codegen.extraction.extract import extract
from codegen.retrieval.tables import Knowledge
from codegen.retrieval.words import spoken

Kind = Literal["operator", "relationship", "pattern", "chain", "function", "combination", "dataset", "script"]
KINDS: tuple[Kind, ...] = get_args(Kind)

MOST_OF_A_KIND = 10_000
"""Patterns, chains, relationships, combinations: the most frequent; a rare one is found by its operators. It keeps a
search under 20 ms: among 50,000 documents it takes 8."""
MOST_OPERATORS = 30
"""Named by one document."""
_LONGEST = 2_000
"""Characters of a text: an embedding of more says less."""
_OF_NAMES = ("relationship", "pattern", "chain", "combination")
"""Kinds of which the title is made of operators, and says all that there is."""
_TAG = re.compile(r"</?(?:a|b|br|code|i|li|ol|p|pre|sub|sup|tt|ul)\b[^>]*>")
"""Earth Engine's descriptions are HTML now and then."""
_RELATIONS = {"sequential": "then", "nested": "is given the result of", "parallel": "beside"}


@dataclass(frozen=True, slots=True)
class Document:
    """A row of the knowledge base.

    Attributes:
        id: Kind and key: `operator:ee.Image.select`.
        kind: The table that it is from.
        title: One line.
        text: What is searched beside the title. It may quote scripts: data, never instructions.
        operators: Full names that it speaks of, the foremost first.
        dataset: Id of the data set that it is about.
        weight: From 0 to 1, how often it is met among its kind: log(1 + n) / log(1 + the most).
    """

    id: str
    kind: Kind
    title: str
    text: str
    operators: tuple[str, ...]
    dataset: str | None
    weight: float

    @property
    def words(self) -> str:
        """The text whose words are searched."""
        return f"{self.title}. {self.text}"

    @property
    def meanings(self) -> tuple[str, ...]:
        """Texts whose mean embedding is searched.

        Of names, what they say: on 46 questions in Chinese and English that name an operator by what it does, the mean
        reciprocal rank was 0.41 by the embedding of the whole text, 0.58 by that of the name, 0.61 by their mean.
        """
        if self.kind == "operator":
            return spoken(self.title), self.words
        return (spoken(self.title),) if self.kind in _OF_NAMES else (self.title, self.words)


def documents(knowledge: Knowledge) -> list[Document]:
    """All documents, kind by kind in the order of `KINDS`."""
    return [
        *_operators(knowledge.operators),
        *_relationships(knowledge.relationships),
        *_patterns(knowledge.patterns),
        *_chains(knowledge.chains),
        *_functions(knowledge),
        *_combinations(knowledge),
        *_datasets(knowledge),
        *_scripts(knowledge.scripts),
    ]


def _operators(table: pl.DataFrame) -> Iterator[Document]:
    for row, weight in _weighted(table, "scripts"):
        name, parameters = row["name"], row["parameters"] or []
        deprecated = " Deprecated." if row["deprecated"] else ""
        told = " ".join(f"{one['name']}: {one['description'] or one['type'] or ''};" for one in parameters)
        description = _TAG.sub(" ", row["description"] or "")
        text = f"{spoken(name)}.{deprecated} {description} Returns {row['returns']}. Parameters: {told}"
        yield _document("operator", name, name, text, (name,), weight)


def _relationships(table: pl.DataFrame) -> Iterator[Document]:
    for row, weight in _weighted(table, "scripts", MOST_OF_A_KIND):
        first, second, relation = row["first"], row["second"], row["relation"]
        title = f"{first} {_RELATIONS.get(relation, relation)} {second}"
        text = f"{spoken(first)} {_RELATIONS.get(relation, relation)} {spoken(second)}. {row['count']} times."
        yield _document("relationship", f"{first}|{relation}|{second}", title, text, (first, second), weight)


def _patterns(table: pl.DataFrame) -> Iterator[Document]:
    """Closed ones only: another has a larger one beside it that is met as often."""
    for row, weight in _weighted(table.filter("closed"), "count", MOST_OF_A_KIND):
        mark = " -> " if row["ordered"] else " + "
        title = mark.join(row["operators"])
        text = f"{_all_spoken(row['operators'])}. In {row['count']} scripts."
        yield _document("pattern", title, title, text, row["operators"], weight)


def _chains(table: pl.DataFrame) -> Iterator[Document]:
    for row, weight in _weighted(table, "scripts", MOST_OF_A_KIND):
        text = f"{_all_spoken(row['operators'])}. {row['count']} times in {row['scripts']} scripts."
        yield _document("chain", row["chain"], row["chain"], text, row["operators"], weight)


def _functions(knowledge: Knowledge) -> Iterator[Document]:
    operators = {row["combination"]: row["operators"] for row in knowledge.combinations.iter_rows(named=True)}
    typical: dict[str, list[str]] = {}
    for row in knowledge.mapping.sort("score", "combination", descending=[True, False]).iter_rows(named=True):
        typical.setdefault(row["function"], []).extend(operators.get(row["combination"], ()))
    for row, weight in _weighted(knowledge.functions, "scripts"):
        text = f"{row['category']}. {row['description'] or ''} Terms: {', '.join(row['terms'] or ())}."
        yield _document("function", row["function"], row["name"], text, typical.get(row["function"], ()), weight)


def _combinations(knowledge: Knowledge) -> Iterator[Document]:
    names = dict(knowledge.functions.select("function", "name").iter_rows())
    purposes: dict[str, list[str]] = {}
    for row in knowledge.mapping.sort("score", "function", descending=[True, False]).iter_rows(named=True):
        purposes.setdefault(row["combination"], []).append(names.get(row["function"], row["function"]))
    for row, weight in _weighted(knowledge.combinations, "count", MOST_OF_A_KIND):
        serves = ", ".join(purposes.get(row["combination"], ()))
        text = f"{_all_spoken(row['operators'])}. {f'Serves: {serves}. ' if serves else ''}In {row['count']} scripts."
        yield _document("combination", row["combination"], " + ".join(row["operators"]), text, row["operators"], weight)


def _datasets(knowledge: Knowledge) -> Iterator[Document]:
    used: dict[str, list[str]] = {}
    for row in knowledge.dataset_operators.sort("scripts", "operator", descending=[True, False]).iter_rows(named=True):
        used.setdefault(row["dataset"], []).append(row["operator"])
    for row, weight in _weighted(knowledge.datasets, "scripts"):
        tags = row["tags"] if isinstance(row["tags"], str) else ", ".join(row["tags"] or ())
        text = f"{row['id']} {row['provider'] or ''}. {row['type'] or ''}. Tags: {tags}."
        operators = used.get(row["id"], ())
        yield _document("dataset", row["id"], row["title"] or row["id"], text, operators, weight, row["id"])


def _scripts(table: pl.DataFrame) -> Iterator[Document]:
    """What their comments say, with the operators that their code calls; one without comments says nothing."""
    for row in table.iter_rows(named=True):
        comments = " ".join((row["comments"] or "").split())
        if comments:
            calls = extract(row["text"], row["language"]).calls
            title = comments[:80]
            yield _document("script", row["id"], title, comments, dict.fromkeys(call.operator for call in calls), 0.0)


def _weighted(table: pl.DataFrame, column: str, most: int | None = None) -> Iterator[tuple[dict[str, Any], float]]:
    """Rows with their weights; of more than `most`, the most frequent."""
    if most is not None and table.height > most:
        table = table.sort(column, descending=True, maintain_order=True).head(most)
    top = math.log1p(table[column].max() or 0) or 1.0  # type: ignore[arg-type]
    for row in table.iter_rows(named=True):
        yield row, math.log1p(row[column] or 0) / top


def _all_spoken(names: Sequence[str]) -> str:
    return ", ".join(spoken(name) for name in names)


def _document(
    kind: Kind, key: str, title: str, text: str, operators: Iterable[str], weight: float, dataset: str | None = None
) -> Document:
    named = tuple(dict.fromkeys(operators))[:MOST_OPERATORS]
    return Document(f"{kind}:{key}", kind, title, text[:_LONGEST].strip(), named, dataset, weight)
