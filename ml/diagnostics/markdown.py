"""Tables of numbers as Markdown."""

from collections.abc import Mapping

import polars as pl


def markdown_table(table: pl.DataFrame, digits: Mapping[str, int] | None = None) -> str:
    """A table with one line a row: numbers to three digits behind the point, or as told by column; unknown as –."""
    digits = digits or {}
    numeric = [dtype.is_numeric() for dtype in table.dtypes]
    lines = [
        "| " + " | ".join(table.columns) + " |",
        "|" + "".join("---:|" if right else "---|" for right in numeric),
    ]
    rows = ([_cell(value, digits.get(name, 3)) for name, value in row.items()] for row in table.iter_rows(named=True))
    return "\n".join([*lines, *("| " + " | ".join(cells) + " |" for cells in rows)])


def _cell(value: object, digits: int) -> str:
    if value is None or value != value:  # NaN differs from itself
        return "–"
    return f"{value:,.{digits}f}" if isinstance(value, float) else str(value)
