"""The head numbers and the most frequent of everything as Markdown, for the terminal and for Dagster."""

from functools import partial

import polars as pl

from codegen.knowledge.explorer.head import HeadNumbers, Tables, cards
from codegen.knowledge.explorer.patterns import pattern_rows, rule_rows
from codegen.pages.markdown import as_code, plain_words, table_section

_ROWS = 10
_code = partial(as_code, longest=160)


def report_markdown(tables: Tables, head: HeadNumbers) -> str:
    """The report.

    Args:
        tables: As `page` takes them.
        head: As `page` takes it.

    Returns:
        Markdown; every name stands as code, so that nothing in it is taken for a mark.
    """
    sections = [
        table_section(
            "Head numbers",
            ("what", "number", ""),
            [(c.what, c.number, plain_words(c.remark)) for c in cards(tables, head)],
        ),
        table_section("Made of", ("what", "value"), [(_code(k), _code(v)) for k, v in head.provenance().items()]),
        table_section(
            "Scripts put aside", ("reason", "scripts"), [(_code(k), f"{v:,}") for k, v in head.put_aside.items()]
        ),
        _operators(tables),
        *(_relations(tables, relation) for relation in ("sequential", "nested", "parallel")),
        _chains(tables),
        _patterns(tables),
        _rules(tables),
        _data_sets(tables),
        _functions(tables),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _operators(tables: Tables) -> str:
    found = _first(tables, "operators", "uses")
    rows = [(_code(r["name"]), f"{r['uses']:,}", f"{r['scripts']:,}") for r in found.iter_rows(named=True) if r["uses"]]
    return table_section("Operators that are used most", ("operator", "uses", "scripts"), rows)


def _relations(tables: Tables, relation: str) -> str:
    found = tables.get("relationships", pl.DataFrame())
    if not found.height:
        return ""
    first = _first({"of": found.filter(pl.col("relation") == relation)}, "of", "count")
    columns = first.select("first", "second", "count", "scripts")
    rows = [(_code(a), _code(b), f"{n:,}", f"{scripts:,}") for a, b, n, scripts in columns.iter_rows()]
    return table_section(f"Relations: {relation}", ("first", "second", "places", "scripts"), rows)


def _chains(tables: Tables) -> str:
    found = _first(tables, "chains", "scripts")
    rows = [(_code(row["chain"]), f"{row['scripts']:,}", f"{row['count']:,}") for row in found.iter_rows(named=True)]
    return table_section("Chains", ("chain", "scripts", "places"), rows)


def _patterns(tables: Tables) -> str:
    several = {
        name: table.filter(pl.col("items" if "items" in table.columns else "operators").list.len() > 1)
        for name, table in tables.items()
        if name in ("patterns", "sequences") and table.height
    }
    rows = [
        (_code((" → " if ordered else " + ").join(names)), _share(support), f"{count:,}")
        for names, ordered, count, support, *_ in pattern_rows(several, _ROWS)
    ]
    return table_section("Patterns of two and more operators", ("pattern", "support", "callers"), rows)


def _rules(tables: Tables) -> str:
    rows = [
        (
            _code(" + ".join(a)),
            _code(" + ".join(b)),
            _share(support),
            _share(confidence),
            "–" if lift is None else f"{lift:.2f}",
        )
        for a, b, support, confidence, lift in rule_rows(tables, _ROWS)
    ]
    return table_section("Rules", ("who uses", "uses too", "support", "confidence", "lift"), rows)


def _data_sets(tables: Tables) -> str:
    found = _first(tables, "datasets", "scripts")
    rows = [
        (_code(r["id"]), _code(r["title"]), f"{r['scripts']:,}") for r in found.iter_rows(named=True) if r["scripts"]
    ]
    return table_section("Data sets", ("data set", "title", "scripts"), rows)


def _functions(tables: Tables) -> str:
    found = tables.get("functions", pl.DataFrame())
    if not found.height:
        return ""
    ordered = found.sort("scripts", descending=True, maintain_order=True).select("name_en", "category", "scripts")
    rows = [(_code(name), _code(category), f"{scripts:,}") for name, category, scripts in ordered.iter_rows()]
    return table_section("Functions", ("function", "category", "scripts"), rows)


def _first(tables: Tables, name: str, by: str) -> pl.DataFrame:
    table = tables.get(name, pl.DataFrame())
    return table.sort(by, descending=True, maintain_order=True).head(_ROWS) if table.height else table


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"
