"""The combination tasks: one for each chain of `chains.yaml`. The data lie in `tasks/*.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from codegen.evaluation.building.combinations.written import Written, read_written

_FOLDER = Path(__file__).with_name("tasks")


@cache
def combination_tasks() -> tuple[Written, ...]:
    """All combination tasks, without answers."""
    return read_written(_FOLDER, "combination")
