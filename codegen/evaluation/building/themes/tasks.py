"""The theme tasks: analyses of cities as studies make them. The data lie in `tasks/*.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from codegen.evaluation.building.combinations.written import Written, read_written

_FOLDER = Path(__file__).with_name("tasks")


@cache
def theme_tasks() -> tuple[Written, ...]:
    """All theme tasks, without answers."""
    return read_written(_FOLDER, "theme")
