"""Writing the page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from codegen.evaluation.leaderboard.rendering import MOST_BYTES, page
from codegen.evaluation.scores.intervals import Drawing
from lake.atomic import replacing


def write(
    records: pl.DataFrame,
    path: Path,
    about: Mapping[str, Any],
    answers: Mapping[str, str] | None = None,
    most_bytes: int = MOST_BYTES,
    drawing: Drawing | None = None,
) -> None:
    """Writes the leaderboard, whole or not at all.

    Args:
        records: A table with the columns of `Record`, of one or many runs.
        path: Of the HTML file.
        about: See `rendering.page`.
        answers: See `rendering.page`; `expected.expected_answers` reads them from a benchmark.
        most_bytes: Of the page.
        drawing: How intervals are drawn.

    Raises:
        BadInputError: See `rendering.page`.
    """
    text = page(records, about, answers, most_bytes, drawing)
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
