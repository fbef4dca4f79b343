"""The page: one HTML file that needs nothing beside it and asks nothing of the network."""

import json
from typing import Any

import jinja2
from markupsafe import Markup

from codegen.knowledge.explorer.content import content
from codegen.knowledge.explorer.graph import NODES, graph
from codegen.knowledge.explorer.head import HeadNumbers, Tables, cards
from codegen.pages.inlined import digest, script_of, text_of

_PACKAGE = "codegen.knowledge.explorer"
_SCRIPTS = "elements.js", "tables.js", "panels.js", "labels.js", "graph.js", "moving.js", "card.js", "explorer.js"
"""In the order in which they stand in the page; each uses what the ones before it define."""


def page(tables: Tables, head: HeadNumbers, title: str = "Earth Engine operators: how scripts use them") -> str:
    """The page with which a person explores a knowledge base.

    Args:
        tables: By name, as `codegen.knowledge.building` makes them: `operators`, `relationships`, `chains`, `datasets`,
            `dataset_operators`, `outcomes`, `patterns`, `sequences`, `rules`, `functions`, `combinations`, `mapping`;
            those that are not there are left out, others are not looked at.
        head: What the tables do not tell.
        title: Of the page.

    Returns:
        HTML, which lets nothing run but its own script and nothing be loaded.
    """
    found = content(tables)
    style, script = text_of(_PACKAGE, "explorer.css"), script_of(_PACKAGE, _SCRIPTS)
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.from_string(text_of(_PACKAGE, "explorer.html.jinja")).render(
        title=title,
        style=Markup(style),  # noqa: S704  the project's own file
        script=Markup(script),  # noqa: S704  the project's own file
        style_digest=digest(style),
        script_digest=digest(script),
        data=_json(dict(found.data) | {"graph": graph(found)}),
        cards=cards(tables, head),
        head=head,
        cuts=found.cuts,
        totals=found.totals,
        node_limit=NODES,
    )


def _json(data: dict[str, Any]) -> Markup:
    """JSON that no name in it can end, whatever stands in the name."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    escaped = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(escaped)  # noqa: S704  escaped in the line above
