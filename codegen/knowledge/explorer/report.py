"""The head numbers and the most frequent of everything as Markdown, for the terminal and for Dagster."""

import re
from collections.abc import Iterable, Sequence

import polars as pl

from codegen.knowledge.explorer.head import HeadNumbers, Tables, cards
from codegen.knowledge.explorer.patterns import pattern_rows, rule_rows

_ROWS = 10
_LONGEST = 160
"""Characters of a cell."""


def report_markdown(tables: Tables, head: HeadNumbers) -> str:
    """The report.

    Args:
        tables: As `page` takes them.
        head: As `page` takes it.

    Returns:
        Markdown; every name stands as code, so that nothing in it is taken for a mark.
    """
    sections = [
        _table(
            "Head numbers", ("what", "number", ""), [(c.what, c.number, _plain(c.remark)) for c in cards(tables, head)]
        ),
        _table("Made of", ("what", "value"), [(_code(k), _code(v)) for k, v in head.provenance().items()]),
        _table("Scripts put aside", ("reason", "scripts"), [(_code(k), f"{v:,}") for k, v in head.put_aside.items()]),
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
    return _table("Operators that are used most", ("operator", "uses", "scripts"), rows)


def _relations(tables: Tables, relation: str) -> str:
    found = tables.get("relationships", pl.DataFrame())
    if not found.height:
        return ""
    first = _first({"of": found.filter(pl.col("relation") == relation)}, "of", "count")
    columns = first.select("first", "second", "count", "scripts")
    rows = [(_code(a), _code(b), f"{n:,}", f"{scripts:,}") for a, b, n, scripts in columns.iter_rows()]
    return _table(f"Relations: {relation}", ("first", "second", "places", "scripts"), rows)


def _chains(tables: Tables) -> str:
    found = _first(tables, "chains", "scripts")
    rows = [(_code(row["chain"]), f"{row['scripts']:,}", f"{row['count']:,}") for row in found.iter_rows(named=True)]
    return _table("Chains", ("chain", "scripts", "places"), rows)


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
    return _table("Patterns of two and more operators", ("pattern", "support", "callers"), rows)


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
    return _table("Rules", ("who uses", "uses too", "support", "confidence", "lift"), rows)


def _data_sets(tables: Tables) -> str:
    found = _first(tables, "datasets", "scripts")
    rows = [
        (_code(r["id"]), _code(r["title"]), f"{r['scripts']:,}") for r in found.iter_rows(named=True) if r["scripts"]
    ]
    return _table("Data sets", ("data set", "title", "scripts"), rows)


def _functions(tables: Tables) -> str:
    found = tables.get("functions", pl.DataFrame())
    if not found.height:
        return ""
    ordered = found.sort("scripts", descending=True, maintain_order=True).select("name_en", "category", "scripts")
    rows = [(_code(name), _code(category), f"{scripts:,}") for name, category, scripts in ordered.iter_rows()]
    return _table("Functions", ("function", "category", "scripts"), rows)


def _first(tables: Tables, name: str, by: str) -> pl.DataFrame:
    table = tables.get(name, pl.DataFrame())
    return table.sort(by, descending=True, maintain_order=True).head(_ROWS) if table.height else table


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A section with a table; nothing where there are no rows."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if not lines:
        return ""
    return "\n".join([f"### {title}", "", f"| {' | '.join(columns)} |", "|" + "---|" * len(columns), *lines])


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _plain(text: str) -> str:
    """Words in which nothing is taken for a mark."""
    return re.sub(r"([\\`*_{}\[\]<>|#&~])", r"\\\1", " ".join(text.split()))


def _code(text: str) -> str:
    """A name as code, on one line, in a cell."""
    line = " ".join(text.replace("`", "'").replace("\\", "∖").split())
    shown = line if len(line) <= _LONGEST else line[:_LONGEST] + "…"
    return f"`{shown}`".replace("|", "\\|") if shown else ""
