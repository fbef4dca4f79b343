"""Tables and words of reports in Markdown; names come from strangers and are only ever shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def table_section(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A section with a table; nothing where there are no rows."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if not lines:
        return ""
    return "\n".join([f"### {title}", "", f"| {' | '.join(heads)} |", "|" + "---|" * len(heads), *lines])


def plain_words(text: str) -> str:
    """Words in which nothing is taken for a mark."""
    return re.sub(r"([\\`*_{}\[\]<>|#&~])", r"\\\1", " ".join(text.split()))


def as_code(text: str, longest: int) -> str:
    """A name as code, on one line, in a cell.

    Args:
        text: The name.
        longest: Characters that are shown.
    """
    line = " ".join(text.replace("`", "'").replace("\\", "∖").split())
    shown = line if len(line) <= longest else line[:longest] + "…"
    return f"`{shown}`".replace("|", "\\|") if shown else ""
