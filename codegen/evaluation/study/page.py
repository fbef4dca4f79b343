"""The study's page: one HTML file without a script, which loads nothing; and the same as Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
import polars as pl
from markupsafe import Markup

from codegen.evaluation.record import ERROR_CLASSES
from codegen.evaluation.study import figures, tables
from codegen.evaluation.study.analysis import RATE, Analysis
from codegen.evaluation.study.costs import counted
from codegen.evaluation.study.findings import findings, limits
from codegen.evaluation.study.problems import definitions, titles
from codegen.evaluation.study.reading import Study
from codegen.pages.inlined import digest, text_of
from lake.atomic import replacing

_PACKAGE = "codegen.evaluation.study"
TITLE = "What is a way of asking worth?"
HTML, MARKDOWN, TABLES = "report.html", "report.md", "tables"


def page(study: Study, analysis: Analysis) -> str:
    """The page as HTML."""
    families, named = study.state.conditions.families, titles()
    style = text_of(_PACKAGE, "study.css")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.from_string(text_of(_PACKAGE, "study.html.jinja")).render(
        title=TITLE,
        model=analysis.model,
        asked=analysis.conditions.height,
        benchmark=_plain(study.state.fixed.get("benchmark", "")),
        simulated=bool(study.about.get("simulated")),
        cards=_cards(study, analysis),
        findings=findings(analysis, families),
        limits=limits(study, analysis),
        forest=figures.forest(analysis, families),
        heat=figures.heat(analysis, named),
        bars=figures.bars(analysis, named, next(iter(families))),
        errors=figures.errors(analysis),
        classes_of_errors=("passed", *ERROR_CLASSES),
        tables={
            "conditions": tables.conditions(analysis, families),
            "hypotheses": tables.hypotheses(analysis, families),
            "validity": tables.validity(analysis, families),
            "costs": tables.costs(analysis, families),
        },
        definitions=[(named[name], text) for name, text in definitions().items() if name in _met(analysis)],
        provenance=list(_provenance(study).items()),
        style=Markup(style),  # noqa: S704  the project's own file
        style_digest=digest(style),
    )


def markdown(study: Study, analysis: Analysis) -> str:
    """The same in Markdown, without pictures."""
    families, table = study.state.conditions.families, analysis.conditions
    shown = [
        ("How often each is right", tables.conditions(analysis, families)),
        ("What was expected, and what was found", tables.hypotheses(analysis, families)),
        ("pass@1 by class of problem, %", tables.classes(analysis, titles())),
        ("What is made up", tables.validity(analysis, families)),
        ("What a program takes", tables.costs(analysis, families)),
        ("Where it comes from", tables.Table(("what", "value"), tuple(_provenance(study).items()))),
    ]
    simulated = " **SIMULATED planet.**" if study.about.get("simulated") else ""
    parts = [
        f"# {TITLE}",
        f"`{_cell(analysis.model)}`, {counted(analysis.tasks, 'task')}, {table.height:,} ways of asking.{simulated}",
        "## What it says\n\n" + _list(findings(analysis, families)),
        "## What cannot be concluded\n\n" + _list(limits(study, analysis)),
        *(f"## {title}\n\n{_markdown(one)}" for title, one in shown),
    ]
    return "\n\n".join(parts) + "\n"


def write(study: Study, analysis: Analysis, out: Path) -> Path:
    """Writes page, Markdown and tables, each whole or not at all.

    Returns:
        The page.
    """
    for name, table in analysis.tables().items():
        for ending, save in (("parquet", table.write_parquet), ("csv", table.write_csv)):
            with replacing(out / TABLES / f"{name}.{ending}") as temporary:
                save(temporary)
    for name, text in ((MARKDOWN, markdown(study, analysis)), (HTML, page(study, analysis))):
        with replacing(out / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
    return out / HTML


def _cards(study: Study, analysis: Analysis) -> list[tuple[str, str, str]]:
    """The head numbers."""
    table = analysis.conditions
    best = table.sort(RATE, descending=True, nulls_last=True).row(0, named=True)
    shown = "–" if best[RATE] is None else f"{100 * best[RATE]:.1f} %"
    same = table.filter(pl.col(RATE) == best[RATE]).height
    whom = "no condition" if not best[RATE] else best["condition"] if same == 1 else f"{same} conditions"
    epochs = max(table["epochs"].to_list())
    tokens = float((study.programs["prompt_tokens"] + study.programs["completion_tokens"]).sum())
    return [
        (f"{table.height:,}", "ways of asking", f"{analysis.uplifts.height:,} comparisons"),
        (f"{analysis.tasks:,}", "tasks", f"of {len(_met(analysis)):,} classes of problems"),
        (f"{max(table['cases'].to_list()):,}", "cases", counted(epochs, "time")),
        (f"{study.records.height:,}", "verdicts", f"{tokens:,.0f} tokens"),
        (shown, "best pass@1", whom),
    ]


def _met(analysis: Analysis) -> set[str]:
    return set(analysis.classes["problem"])


def _provenance(study: Study) -> dict[str, str]:
    """What it depends on, flat."""
    state = study.state
    told: dict[str, Any] = {
        **state.fixed,
        "epochs": state.epochs,
        **state.told,
        "prompts and chain": ", ".join(dict.fromkeys(step.code for step in state.steps)),
        "judge": study.about.get("judging", {}).get("judge", ""),
    }
    flat: dict[str, str] = {}
    for name, value in told.items():
        if isinstance(value, Mapping):
            flat |= {f"{name}: {key}": _plain(inner) for key, inner in value.items()}
        else:
            flat[name] = _plain(", ".join(map(str, value)) if isinstance(value, list) else value)
    return flat


def _markdown(table: tables.Table) -> str:
    width = len(table.heads)
    lines = [f"| {' | '.join(map(_cell, table.heads))} |", "|" + "---|" * width]
    for row in table.rows:
        cells = [f"**{_cell(row[0])}**", *[""] * (width - 1)] if len(row) == 1 else [_cell(cell) for cell in row]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _list(sentences: list[str]) -> str:
    return "\n".join(f"- {' '.join(one.split())}" for one in sentences)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("`", "'")


def _plain(value: object) -> str:
    """As text that UTF-8 has."""
    return str(value).encode("utf-8", "replace").decode()
