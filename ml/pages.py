"""Pages of results: one HTML file each, which needs nothing beside it, and one look for all (`page.css`)."""

import base64
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROOM = Path(__file__).parent


def render(template: str, **values: Any) -> str:
    """A page out of a template of this room.

    Args:
        template: Its file, below `ml/`.
        values: What it names; text is escaped.
    """
    from jinja2 import Environment, FileSystemLoader

    return Environment(loader=FileSystemLoader(_ROOM), autoescape=True).get_template(template).render(**values)


def inlined(png: bytes) -> str:
    """A picture as the address of itself."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def png_of(figure: "Figure", dpi: int) -> bytes:
    """A figure as a PNG picture, so many dots an inch."""
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi)
    return buffer.getvalue()
