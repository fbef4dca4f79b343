"""The study's pictures: what each way of asking is worth, and how often it is right by class of problem."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from markupsafe import Markup

from codegen.evaluation.record import ERROR_CLASSES
from codegen.evaluation.scores.report import p_text, percent
from codegen.evaluation.study.analysis import HIGHER, LOWER, RATE, Analysis
from codegen.evaluation.study.costs import counted
from codegen.evaluation.study.svg import BOLD, LETTER, element, picture, told, words
from codegen.evaluation.study.tables import points, points_between

Row = Mapping[str, Any]

_ROW = 24
_HEAT = 60
_AXIS = 520


def forest(analysis: Analysis, families: Mapping[str, str]) -> Markup:
    """Differences in pass@1 with their intervals; the band is what would have been overlooked."""
    rows = [row for row in analysis.uplifts.iter_rows(named=True) if row["difference"] is not None]
    left = 20 + LETTER * max((len(_pair(row)) for row in rows), default=10)
    limit = _round_up(max((abs(row[end] or 0) for row in rows for end in ("low", "high")), default=0.1))

    def at(value: float) -> float:
        return left + _AXIS * (value + limit) / (2 * limit)

    bands, parts, y = list[Markup](), list[Markup](), 30
    for family, title in families.items():
        of_family = [row for row in rows if row["family"] == family]
        if not of_family:
            continue
        parts.append(words(8, y, title, "head"))
        parts.append(words(left + _AXIS + 16, y, "points (95 %)", "soft"))
        parts.append(words(left + _AXIS + 250, y, "p (Holm)", "soft", "end"))
        y += 8
        for row in of_family:
            bands.append(_band(row["detectable_adjusted"], limit, y, at))
            parts += _difference(row, y, at, left)
            y += _ROW
        y += 26
    top, bottom = 38, y - 26
    grid = [_tick(at(limit * step / 2), top, bottom, limit * step / 2) for step in range(-2, 3)]
    return picture(left + _AXIS + 262, y + 8, [*bands, *grid, *parts], "Differences in pass@1")


def _difference(row: Row, y: float, at: Any, left: float) -> list[Markup]:
    middle = y + _ROW / 2
    kind = {HIGHER: "up", LOWER: "down"}.get(row["finding"], "open")
    made = [words(left - 10, middle + 4, _pair(row), "", "end")]
    ends = row["low"] is not None
    if ends:
        made.append(element("line", x1=at(row["low"]), x2=at(row["high"]), y1=middle, y2=middle, class_=f"bar {kind}"))
    dot = element("circle", cx=at(row["difference"]), cy=middle, r=5, class_=f"dot {kind}")
    made.append(told(dot, f"{_pair(row)}: {row['tasks']:,} tasks, {row['cases']:,} cases. {row['hypothesis']}"))
    interval = f" ({points_between(row['low'], row['high'])})" if ends else ""
    made.append(words(left + _AXIS + 16, middle + 4, f"{points(row['difference'])}{interval}", f"number {kind}"))
    made.append(words(left + _AXIS + 250, middle + 4, p_text(row["adjusted"]), f"number {kind}", "end"))
    return made


def _band(seen: float | None, limit: float, y: float, at: Any) -> Markup:
    """What would have been overlooked, as far as the axis goes."""
    if seen is None:
        return Markup("")
    low, high = at(-min(seen, limit)), at(min(seen, limit))
    return element("rect", x=low, y=y + 3.0, width=high - low, height=_ROW - 6, class_="band")


def _tick(x: float, top: float, bottom: float, value: float) -> Markup:
    kind = "zero" if value == 0 else "grid"
    line = element("line", x1=x, x2=x, y1=top, y2=bottom + 4, class_=kind)
    return line + words(x, bottom + 20, f"{100 * value:+.3g}" if value else "0", "soft", "middle")


def bars(analysis: Analysis, titles: Mapping[str, str], family: str) -> Markup:
    """pass@1 of a family's conditions, a panel for each class of problems."""
    names = analysis.conditions.filter(pl.col("family") == family)["condition"].to_list()
    classes = [name for name in titles if (analysis.classes["problem"] == name).any()]
    label = 16 + LETTER * max(map(len, names), default=4)
    width, height, across = label + 230, 34 + 18 * len(names) + 16, 3
    cells = {(row["problem"], row["condition"]): row for row in analysis.classes.iter_rows(named=True)}
    parts = []
    for number, problem in enumerate(classes):
        x, y = (number % across) * (width + 14), (number // across) * height
        inside = [words(8, 18, _cut(titles[problem], width / BOLD - 12, f", {_tasks(analysis, problem)}"), "head")]
        for place, name in enumerate(names):
            inside += _bar(cells.get((problem, name)), name, 30 + 18 * place, label)
        group = Markup("").join(inside)
        parts.append(Markup('<g transform="translate({} {})">{}</g>').format(round(x, 1), y, group))
    shown = min(across, len(classes))
    whole = shown * width + (shown - 1) * 14 if classes else width
    return picture(whole, height * math.ceil(len(classes) / across), parts, "pass@1 by class of problems")


def _bar(row: Row | None, name: str, y: float, label: float) -> list[Markup]:
    room = 160.0
    made = [
        words(label - 8, y + 11, name, "small", "end"),
        element("rect", x=label, y=y + 2.0, width=room, height=12, class_="track"),
    ]
    if row is None or row[RATE] is None:
        return [*made, words(label + room + 6, y + 11, "–", "small")]
    made.append(element("rect", x=label, y=y + 2.0, width=room * row[RATE], height=12, class_="fill"))
    low, high = (label + room * row[f"{RATE}_{end}"] for end in ("low", "high"))
    made.append(element("line", x1=low, x2=high, y1=y + 8, y2=y + 8, class_="whisker"))
    return [*made, words(label + room + 6, y + 11, f"{percent(row[RATE])} %", "small number")]


def heat(analysis: Analysis, titles: Mapping[str, str]) -> Markup:
    """pass@1 of each condition in each class of problems."""
    names = analysis.conditions["condition"].to_list()
    classes = [name for name in titles if (analysis.classes["problem"] == name).any()]
    left, top, cell = 20 + LETTER * max(map(len, names), default=4), 150, _HEAT
    cells = {(row["problem"], row["condition"]): row[RATE] for row in analysis.classes.iter_rows(named=True)}
    whole = dict(analysis.conditions.select("condition", RATE).iter_rows())
    parts = [
        _head(left + cell * (at + 0.5), top, titles[name], _tasks(analysis, name)) for at, name in enumerate(classes)
    ]
    parts.append(_head(left + cell * (len(classes) + 0.5) + 10, top, "All", counted(analysis.tasks, "task")))
    for number, name in enumerate(names):
        y = top + 12 + _ROW * number
        parts.append(words(left - 10, y + 16, name, "", "end"))
        shown = [*(cells.get((problem, name)) for problem in classes), whole.get(name)]
        for at, value in enumerate(shown):
            x = left + cell * at + (10 if at == len(classes) else 0)
            parts.append(_cell(x, y, value, f"{name}, {titles[classes[at]] if at < len(classes) else 'all'}"))
    # Heads lean to the right, over the last column.
    width = left + cell * (len(classes) + 1) + 130
    return picture(width, top + 18 + _ROW * len(names), parts, "pass@1 by condition and class, in percent")


def _head(x: float, y: float, title: str, below: str) -> Markup:
    text = element("text", _cut(title, 27), x=0, y=0, class_="small") + element(
        "text", below, x=0, y=13, class_="soft small"
    )
    return Markup('<g transform="translate({} {}) rotate(-45)">{}</g>').format(round(x, 1), y, text)


def _cell(x: float, y: float, value: float | None, title: str) -> Markup:
    box: dict[str, Any] = {"x": x + 1, "y": y + 1, "width": _HEAT - 2, "height": _ROW - 2}
    if value is None:
        return element("rect", class_="nothing", **box) + words(x + _HEAT / 2, y + 16, "–", "soft", "middle")
    shade = element("rect", class_="cold", **box) + element("rect", class_="hot", fill_opacity=f"{value:.3f}", **box)
    text = words(x + _HEAT / 2, y + 16, f"{100 * value:.0f}", "number strong" if value > 0.5 else "number", "middle")
    return told(shade + text, f"{title}: {percent(value)} %")


def errors(analysis: Analysis) -> Markup:
    """What the verdicts of each condition are, in shares."""
    rows = list(analysis.conditions.iter_rows(named=True))
    left, room = 20 + LETTER * max((len(row["condition"]) for row in rows), default=4), 620.0
    parts = []
    for number, row in enumerate(rows):
        y = 6 + _ROW * number
        parts.append(words(left - 10, y + 14, row["condition"], "", "end"))
        x = left
        for name, share in _shares(row):
            width = room * share
            bar = element("rect", x=x, y=y + 1, width=width, height=_ROW - 6, class_=f"v-{name}")
            parts.append(told(bar, f"{row['condition']}, {name.replace('_', ' ')}: {percent(share)} %"))
            if width > 34:
                parts.append(words(x + width / 2, y + 14, f"{100 * share:.0f}", "on small number", "middle"))
            x += width
    return picture(left + room + 12, 12 + _ROW * len(rows), parts, "What became of the cases")


def _shares(row: Row) -> Sequence[tuple[str, float]]:
    """Of all verdicts: right ones, and each class of error."""
    verdicts, failures = row["verdicts"], row["failures"]
    wrong = [(name, (row[f"error_{name}"] or 0.0) * failures / verdicts) for name in ERROR_CLASSES]
    return [(name, share) for name, share in (("passed", 1 - failures / verdicts), *wrong) if share > 0]


def _pair(row: Row) -> str:
    return f"{row['condition']} − {row['against']}"


def _tasks(analysis: Analysis, problem: str) -> str:
    count = int(analysis.classes.filter(pl.col("problem") == problem)["tasks"].max() or 0)  # type: ignore[arg-type]
    return counted(count, "task")


def _cut(text: str, most: float, end: str = "") -> str:
    return (text if len(text) <= most else f"{text[: int(most) - 1].rstrip()}…") + end


def _round_up(value: float) -> float:
    """To a limit whose half reads well."""
    return next((limit for limit in (0.05, 0.1, 0.2, 0.4, 0.6, 0.8) if value <= limit), 1.0)
