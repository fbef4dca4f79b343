"""The classes of geospatial problems under which results are told; their definitions lie in `classification.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from codegen.evaluation.building.combinations.written import Written
from codegen.evaluation.cases.yaml_form import load

_FILE = Path(__file__).with_name("classification.yaml")


@dataclass(frozen=True, slots=True)
class ProblemClass:
    """A class of geospatial problems.

    Attributes:
        name: `time_series`.
        title: As in a table's head.
        definition: What belongs to it.
    """

    name: str
    title: str
    definition: str


@cache
def problem_classes() -> Mapping[str, ProblemClass]:
    """All classes by name, each building on those before it."""
    return {name: ProblemClass(name, told["title"], told["definition"]) for name, told in load(_FILE).items()}


def problems(written: Iterable[Written]) -> dict[str, str]:
    """From the function of each task to the class of its problem."""
    return {one.draft.task.function: one.problem for one in written}
