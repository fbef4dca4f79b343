"""Pictures as SVG that stands in a page and takes its colours and type from there."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

LETTER = 6.6
"""Width of a letter at 12 px, about."""
BOLD = 7.4
"""Of one in a heading."""


def element(name: str, text: str | None = None, /, **attributes: object) -> Markup:
    """An element; `class_` becomes `class`, and `_` becomes `-`."""
    told = Markup(" ").join(
        Markup('{}="{}"').format(key.rstrip("_").replace("_", "-"), _plain(value)) for key, value in attributes.items()
    )
    if text is None:
        return Markup("<{} {}/>").format(Markup(name), told)  # noqa: S704  names are the project's own
    return Markup("<{0} {1}>{2}</{0}>").format(Markup(name), told, text)  # noqa: S704


def words(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> Markup:
    """A line of text."""
    return element("text", text, x=x, y=y, class_=kind, text_anchor=anchor)


def told(shape: Markup, title: str) -> Markup:
    """A shape that says something where it is pointed at."""
    return Markup("<g>{}<title>{}</title></g>").format(shape, title)


def picture(width: float, height: float, parts: Iterable[Markup], name: str) -> Markup:
    """The whole picture, as wide as there is room."""
    inner = Markup("\n").join(parts)
    return Markup('<svg viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}">\n{}\n</svg>').format(
        _plain(width), _plain(height), _plain(width), _plain(height), escape(name), inner
    )


def _plain(value: object) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
