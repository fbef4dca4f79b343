"""Small tables of a knowledge base, as `codegen.knowledge.building` makes them."""

import random
from collections.abc import Iterable, Sequence

import polars as pl

from codegen.knowledge.explorer import HeadNumbers
from codegen.knowledge.explorer.head import Tables
from codegen.knowledge.operators import OPERATORS

HEAD = HeadNumbers(
    kept={"geemap": 534, "papers": 12},
    put_aside={"near duplicate": 467, "broken": 3},
    corpus_hash="0123456789abcdef",
    built="2025-11-26",
    versions={"aef-econ": "0.1.0"},
)
COLLECTION, FILTER, SELECT, DATE = (
    "ee.ImageCollection",
    "ee.ImageCollection.filter",
    "ee.ImageCollection.select",
    "ee.Filter.date",
)
UNUSED = "ee.Image.reduceRegion"


def operators(rows: Iterable[tuple[str, int, int]]) -> pl.DataFrame:
    """Operators of a name, uses and scripts."""
    parameter = {"name": "first", "type": "Image", "optional": True, "description": "What <p>comes first."}
    parts = [
        (name, name.split(".")[1] if "." in name else "", name.split(".")[-1], "method", "Image", "Image", [parameter])
        for name, _, _ in rows
    ]
    counts = [("Does <p>something &amp; more.", None, False, False, ["client"], *row[1:], 3) for row in rows]
    schema = OPERATORS | {"uses": pl.Int64, "scripts": pl.Int64, "waiting": pl.Int64}
    return pl.DataFrame([a + b for a, b in zip(parts, counts, strict=True)], schema=schema, orient="row")


def relationships(rows: Sequence[tuple[str, str, str, int, int]]) -> pl.DataFrame:
    """Relations of first, second, relation, count and scripts."""
    return pl.DataFrame(rows, schema=["first", "second", "relation", "count", "scripts"], orient="row")


def patterns(rows: Sequence[tuple[list[str], int, float, bool, bool]], names: str = "items") -> pl.DataFrame:
    """Patterns of operators, count, support, closed and maximal."""
    return pl.DataFrame(rows, schema=[names, "count", "support", "closed", "maximal"], orient="row")


def small() -> dict[str, pl.DataFrame]:
    """Five operators that four relations, three chains, some patterns and a data set hold together."""
    chain = f"{{{COLLECTION} || {DATE}}} -> {FILTER} -> {SELECT}"
    return {
        "operators": operators(
            [(COLLECTION, 90, 80), (SELECT, 60, 55), (FILTER, 40, 39), (DATE, 38, 37), (UNUSED, 0, 0)]
        ),
        "relationships": relationships(
            [
                (COLLECTION, FILTER, "sequential", 40, 31),
                (FILTER, DATE, "nested", 35, 30),
                (DATE, COLLECTION, "parallel", 22, 21),
                (FILTER, SELECT, "sequential", 7, 5),
            ]
        ),
        "chains": pl.DataFrame(
            [
                (chain, [COLLECTION, DATE, FILTER, SELECT], 6, 5, "a1"),
                (f"{COLLECTION} -> {SELECT}", [COLLECTION, SELECT], 30, 29, "b2"),
                (COLLECTION, [COLLECTION], 4, 4, "c3"),
            ],
            schema=["chain", "operators", "count", "scripts", "example"],
            orient="row",
        ),
        "patterns": patterns(
            [
                ([COLLECTION], 80, 0.8, True, False),
                ([SELECT], 50, 0.5, False, False),
                ([FILTER], 20, 0.2, False, False),
                ([COLLECTION, SELECT], 50, 0.5, True, False),
                ([FILTER, SELECT], 20, 0.2, True, True),
            ]
        ),
        "sequences": patterns([([FILTER, SELECT], 18, 0.18, False, True)], "operators"),
        "rules": pl.DataFrame(
            [([SELECT], [COLLECTION], 0.5, 1.0, 1.25), ([FILTER], [SELECT], 0.2, 0.9, 1.8)],
            schema=["antecedent", "consequent", "support", "confidence", "lift"],
            orient="row",
        ),
        "datasets": data_sets([("A/SET", "A set", 20), ("A/SECOND", "A second set", 3), ("NO/USE", "Nobody's", 0)]),
        "dataset_operators": pl.DataFrame(
            [("A/SET", COLLECTION, 20), ("A/SET/image", SELECT, 2), ("A/SECOND", COLLECTION, 3)],
            schema=["dataset", "operator", "scripts"],
            orient="row",
        ),
        "outcomes": pl.DataFrame({"calls": [200, 30], "unresolved": [1, 0]}),
    }


def data_sets(rows: Sequence[tuple[str, str, int]]) -> pl.DataFrame:
    """Data sets of an id, a title and scripts."""
    table = pl.DataFrame(rows, schema=["id", "title", "scripts"], orient="row")
    empty = ("provider", "type", "tags", "start_date", "end_date")
    return table.with_columns(pl.lit("").alias(name) for name in empty)


def functions() -> dict[str, pl.DataFrame]:
    """Two functions, and a combination that serves the first."""
    columns = ["function", "category", "name_en", "terms", "description", "operators", "scripts"]
    rows = [("mask", "preparation", "Mask pixels", ["cloud", "mask"], "pixels are hidden", [FILTER], 9)]
    rows += [("chart", "output", "Chart and print", ["chart"], "charts are drawn", [SELECT], 20)]
    return {
        "functions": pl.DataFrame(rows, schema=columns, orient="row"),
        "combinations": pl.DataFrame({"combination": ["c1"], "operators": [[FILTER, SELECT]], "count": [11]}),
        "mapping": pl.DataFrame({"combination": ["c1", "c1"], "function": ["chart", "mask"], "score": [0.1, 0.8]}),
    }


def large() -> Tables:
    """More of everything than the page holds, with names and chains as long as real ones."""
    chance = random.Random(0)
    names = [f"ee.ImageCollection.operator{number}" for number in range(1_600)]
    some = [[chance.choice(names) for _ in range(chance.randint(2, 30))] for _ in range(6_000)]
    pairs = {
        (chance.choice(names[:120]), chance.choice(names[:400]), chance.choice(("nested", "parallel")))
        for _ in range(15_000)
    }
    few = [sorted(set(operators[:6])) for operators in some]
    return {
        "operators": operators([(name, 9_000 - number, 900) for number, name in enumerate(names)]),
        "relationships": relationships([(*pair, chance.randint(1, 999), 1) for pair in sorted(pairs)]),
        "chains": pl.DataFrame(
            [(" -> ".join(operators), operators, 9, chance.randint(1, 99), "0" * 16) for operators in some],
            schema=["chain", "operators", "count", "scripts", "example"],
            orient="row",
        ),
        "patterns": patterns([(items, 9, chance.random(), True, False) for items in few]),
        "rules": pl.DataFrame(
            [(items[:-1], items[-1:], 0.1, 0.5, 2.0) for items in few if len(items) > 1],
            schema=["antecedent", "consequent", "support", "confidence", "lift"],
            orient="row",
        ),
    }
