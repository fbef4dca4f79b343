"""A page as a list of parts, written as Markdown with pictures beside it, or as one HTML file that holds them."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ml.pages import inlined


@dataclass(frozen=True)
class Heading:
    """A heading.

    Attributes:
        text: What it says.
        level: From 1.
    """

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """Plain text."""

    text: str


@dataclass(frozen=True)
class Items:
    """A list."""

    texts: Sequence[str]


@dataclass(frozen=True)
class Table:
    """A table of text; the first column is read from the left, the others are numbers."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Picture:
    """A PNG.

    Attributes:
        file: Where it lies, below the page's folder.
        caption: What it shows.
    """

    file: str
    caption: str


Part = Heading | Paragraph | Items | Table | Picture

_STYLE = """
:root { color-scheme: light dark }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; display: block; overflow-x: auto; font-size: .92rem; margin: 1rem 0 }
th, td { padding: .25rem .7rem; border-bottom: 1px solid #8884; text-align: right; white-space: nowrap }
th { white-space: normal; vertical-align: bottom; max-width: 10rem }
th:first-child, td:first-child { text-align: left }
figure { margin: 1.5rem 0 } figcaption { font-size: .9rem; opacity: .8 }
img { max-width: 100%; background: white }
"""


def markdown(parts: Sequence[Part]) -> str:
    """The page as Markdown."""
    return "\n\n".join(_markdown(part) for part in parts) + "\n"


def html_page(title: str, parts: Sequence[Part], folder: Path) -> str:
    """The page as HTML, its pictures inside.

    Args:
        title: Of the window.
        parts: The page.
        folder: Where its pictures lie.
    """
    body = "\n".join(_html(part, folder) for part in parts)
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>{_STYLE}</style>\n{body}\n</html>\n"
    )


def _markdown(part: Part) -> str:
    match part:
        case Heading(text, level):
            return f"{'#' * level} {text}"
        case Paragraph(text):
            return text
        case Items(texts):
            return "\n".join(f"- {text}" for text in texts)
        case Table(head, rows):
            lines = ["| " + " | ".join(_cell(text) for text in row) + " |" for row in (head, *rows)]
            return "\n".join([lines[0], "|---|" + "---:|" * (len(head) - 1), *lines[1:]])
        case Picture(file, caption):
            return f"![{caption}]({file})"


def _html(part: Part, folder: Path) -> str:
    match part:
        case Heading(text, level):
            return f"<h{level}>{html.escape(text)}</h{level}>"
        case Paragraph(text):
            return f"<p>{html.escape(text)}</p>"
        case Items(texts):
            return "<ul>" + "".join(f"<li>{html.escape(text)}</li>" for text in texts) + "</ul>"
        case Table(head, rows):
            top = "".join(f"<th>{html.escape(text)}</th>" for text in head)
            body = "".join("<tr>" + "".join(f"<td>{html.escape(text)}</td>" for text in row) + "</tr>" for row in rows)
            return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
        case Picture(file, caption):
            said = html.escape(caption)
            picture = f'<img alt="{said}" src="{inlined((folder / file).read_bytes())}">'
            return f"<figure>{picture}<figcaption>{said}</figcaption></figure>"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
