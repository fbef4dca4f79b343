"""The page: one HTML file that needs nothing beside it and asks nothing of the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jinja2
import polars as pl
from markupsafe import Markup

from codegen.evaluation.leaderboard.content import MOST_COMPARED, REASON, content
from codegen.evaluation.leaderboard.texts import MOST, Kept, packed_text
from codegen.evaluation.scores.frame import REFERENCE, checked
from codegen.evaluation.scores.intervals import Drawing
from codegen.pages.inlined import digest, script_of, text_of
from lake.errors import BadInputError

MOST_BYTES = 32 * 2**20
TITLE = "Who writes Earth Engine code that runs?"
_PACKAGE = "codegen.evaluation.leaderboard"
_SCRIPTS = (
    "elements.js", "data.js", "tables.js", "state.js", "board.js", "failures.js", "resources.js", "groups.js",
    "differences.js", "coloured.js", "cases.js", "case.js", "leaderboard.js",
)  # fmt: skip
"""In the order in which they stand in the page; each uses what the ones before it define."""


@dataclass(frozen=True, slots=True)
class Card:
    """A number, what it counts, and a remark."""

    number: str
    what: str
    remark: str = ""


def page(
    records: pl.DataFrame,
    about: Mapping[str, Any],
    answers: Mapping[str, str] | None = None,
    most_bytes: int = MOST_BYTES,
    drawing: Drawing | None = None,
) -> str:
    """The page on which systems are compared and cases are read.

    Args:
        records: A table with the columns of `Record`.
        about: What is told of them. `title`, `benchmark`, `benchmark_hash`, `date`, `versions` (name and version of
            each thing) and `simulated` (whether answers are of the simulated planet) have their places in the head;
            anything else is listed.
        answers: By id of a case: what it is called with and what is expected, in a few lines.
        most_bytes: Of the page. Verdicts and scores are always there; long texts are left out by `texts.KINDS`.
        drawing: How intervals are drawn.

    Returns:
        HTML, which lets nothing run but its own script and nothing be loaded.

    Raises:
        BadInputError: The records are not such, or their verdicts alone need more bytes.
    """
    table = checked(records)
    found = content(table, answers or {}, drawing)
    style, script = text_of(_PACKAGE, "leaderboard.css"), script_of(_PACKAGE, _SCRIPTS)
    core = packed_text(found.core)
    room = most_bytes - len(core) - len(style.encode()) - len(script.encode()) - _AROUND
    if room < 0:
        raise BadInputError(
            f"The verdicts of {table.height:,} records need {(most_bytes - room) / 2**20:.1f} MB, more than the "
            f"{most_bytes / 2**20:.1f} MB that the page may have: allow more, or show fewer runs."
        )
    packed = found.texts.packed(room)
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.from_string(text_of(_PACKAGE, "leaderboard.html.jinja")).render(
        title=_plain(about.get("title", TITLE)),
        head={name: _plain(about.get(name) or "") for name in ("benchmark", "benchmark_hash", "date")},
        simulated=bool(about.get("simulated")),
        provenance=_provenance(about),
        cards=_cards(table, found.overall),
        style=Markup(style),  # noqa: S704  the project's own file
        script=Markup(script),  # noqa: S704  the project's own file
        style_digest=digest(style),
        script_digest=digest(script),
        core=core,
        chunks=packed.chunks,
        sizes=",".join(map(str, packed.sizes)),
        kept=packed.kept,
        cuts=_cuts(packed.cut, packed.kept, most_bytes),
        most_compared=MOST_COMPARED,
    )


_TOLD = 300
"""Characters of a thing that is told of the runs."""
_AROUND = 40_000
"""Bytes for the markup around scripts and data."""


def _cards(table: pl.DataFrame, overall: pl.DataFrame) -> list[Card]:
    """The head numbers."""
    if not table.height:
        return [Card("0", "verdicts")]
    cases = table.select("section", "function", "case").n_unique()
    models = table["model"].n_unique()
    cards = [
        Card(f"{overall.height:,}", "systems", f"{models:,} {'model' if models == 1 else 'models'}"),
        Card(f"{table['function'].n_unique():,}", "tasks", f"of {table['type'].n_unique():,} types"),
        Card(f"{cases:,}", "cases", f"{table['epoch'].n_unique():,} epochs"),
        Card(f"{table.height:,}", "verdicts", f"{100 * float(overall['coverage'].min()):.1f} % coverage at least"),  # type: ignore[arg-type]
    ]
    best = overall.filter(pl.col("model") != REFERENCE).sort("unbiased_1", descending=True, nulls_last=True).head(1)
    for model, solver, rate in best.select("model", "solver", "unbiased_1").iter_rows():
        cards.append(Card("–" if rate is None else f"{100 * rate:.1f} %", "best pass@1", f"{model}, {solver}"))
    return cards


def _provenance(about: Mapping[str, Any]) -> dict[str, str]:
    """What else is told, flat."""
    told: dict[str, str] = {}
    for name, value in about.items():
        if isinstance(value, Mapping):
            told |= {f"{name}: {key}": _plain(inner) for key, inner in value.items()}
        elif name not in ("title", "simulated"):
            told[name] = _plain(value)
    return {_plain(name): value for name, value in told.items() if value}


def _plain(value: object) -> str:
    """As text, not too long, that UTF-8 has: JSON may hold half of a surrogate pair."""
    text = "" if value is None else str(value)
    return (text if len(text) <= _TOLD else text[:_TOLD] + "…").encode("utf-8", "replace").decode()


def _cuts(cut: int, kept: tuple[Kept, ...], most_bytes: int) -> list[str]:
    """A sentence for everything that was left out."""
    told = [
        f"{one.total - one.kept:,} of {one.total:,} texts ({one.kind}) are not on this page, to keep it under "
        f"{most_bytes / 2**20:,.0f} MB; the records have them."
        for one in kept
        if one.kept < one.total
    ]
    if cut:
        told.append(f"{cut:,} texts are cut off after {MOST:,} characters.")
    return [*told, f"Reasons are cut off after {REASON:,} characters."]
