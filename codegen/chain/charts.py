"""Values that make a chart, as a picture: nothing is asked of the program but what its `main` gives."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_LEAST, _MOST = 2, 2_000
"""Points of a chart."""
_MOST_SERIES = 8
_MOST_BARS = 24
_SIZE = (8.0, 4.5)
_CAPTION, _LEAST_WIDTH = 18, 120
"""Pixels of a line below a picture."""
_DATE = re.compile(r"\d{4}-\d\d")
_PAIR = 2


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn.

    Attributes:
        points: What stands along the axis.
        series: Values at the points, by name; NaN where there is none.
    """

    points: tuple[Any, ...]
    series: Mapping[str, tuple[float, ...]]


def chart_of(value: Any) -> Chart | None:
    """The chart that a value makes; None where it makes none.

    A dictionary of numbers, a list of numbers or of pairs, or a table: rows that are dictionaries with the same keys.
    """
    if isinstance(value, dict):
        return _of_pairs(list(value.items()))
    if not isinstance(value, list) or not _LEAST <= len(value) <= _MOST:
        return None
    if all(_is_number(one) for one in value):
        return Chart(tuple(range(1, len(value) + 1)), {"value": tuple(map(float, value))})
    if all(isinstance(one, list) and len(one) == _PAIR for one in value):
        return _of_pairs([(one[0], one[1]) for one in value])
    return _of_rows(value) if all(isinstance(one, dict) for one in value) else None


def draw(chart: Chart, title: str) -> bytes:
    """A PNG: bars for a few named values, lines for more and over time. Texts are shown as they are."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context({"text.parse_math": False}):
        figure = Figure(figsize=_SIZE, layout="constrained")
        axes = figure.add_subplot()
        _plot(axes, chart)
        axes.set_title(title, fontsize=10)
        axes.grid(alpha=0.3)
        if len(chart.series) > 1:
            axes.legend()
        _few_ticks(axes, len(chart.points))
        written = io.BytesIO()
        figure.savefig(written, format="png", dpi=110)
    return written.getvalue()


def captioned(picture: bytes, text: str) -> bytes:
    """A picture with a line below it; as it is where there is no text, or where it is none that can be read."""
    if not text:
        return picture
    from PIL import Image, ImageDraw, UnidentifiedImageError

    try:
        shown = Image.open(io.BytesIO(picture)).convert("RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError):
        return picture
    whole = Image.new("RGBA", (max(shown.width, _LEAST_WIDTH), shown.height + _CAPTION), "white")
    whole.paste(shown, (0, 0))
    ImageDraw.Draw(whole).text((4, shown.height + 3), text, fill="black")
    written = io.BytesIO()
    whole.save(written, format="png")
    return written.getvalue()


def _plot(axes: Any, chart: Chart) -> None:
    is_short = len(chart.series) == 1 and len(chart.points) <= _MOST_BARS
    as_bars = is_short and not all(_is_number(one) or _DATE.match(str(one)) for one in chart.points)
    is_named = any(isinstance(one, str) for one in chart.points)
    points = [str(one) for one in chart.points] if is_named else chart.points
    for name, values in chart.series.items():
        if as_bars:
            axes.bar(points, values, label=name)
        else:
            axes.plot(points, values, marker="o", markersize=3, label=name)


def _few_ticks(axes: Any, count: int) -> None:
    axes.tick_params(axis="x", labelrotation=45 if count > _MOST_SERIES else 0)
    if count > _MOST_BARS:
        axes.xaxis.set_major_locator(_locator())


def _locator() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(12)


def _of_pairs(pairs: Sequence[tuple[Any, Any]]) -> Chart | None:
    """Numbers by name or place; what is not known leaves a gap."""
    count = sum(_is_number(value) for _, value in pairs)
    if count < _LEAST or len(pairs) > _MOST or not all(value is None or _is_number(value) for _, value in pairs):
        return None
    values = tuple(math.nan if value is None else float(value) for _, value in pairs)
    return Chart(tuple(_point(name) for name, _ in pairs), {"value": values})


def _of_rows(rows: Sequence[Mapping[str, Any]]) -> Chart | None:
    """The first column that is no number names the points, or else the first; the other numbers are drawn."""
    names = [name for name in rows[0] if all(name in row for row in rows)]
    numeric = [name for name in names if all(row[name] is None or _is_number(row[name]) for row in rows)]
    texts = [name for name in names if name not in numeric]
    axis = texts[0] if texts else (numeric[0] if len(numeric) > 1 else None)
    drawn = [name for name in numeric if name != axis][:_MOST_SERIES]
    if not drawn:
        return None
    points = tuple(_point(row[axis]) for row in rows) if axis is not None else tuple(range(1, len(rows) + 1))
    series = {name: tuple(math.nan if row[name] is None else float(row[name]) for row in rows) for name in drawn}
    return Chart(points, series)


def _point(value: Any) -> Any:
    return value if _is_number(value) else str(value)[:40]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
