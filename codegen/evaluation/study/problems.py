"""Which class of geospatial problems a task belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import yaml

from codegen.evaluation.building.combinations.tasks import combination_tasks
from codegen.evaluation.building.themes.classification import problem_classes, problems
from codegen.evaluation.building.themes.tasks import theme_tasks
from codegen.evaluation.cases.case import Task
from codegen.evaluation.scores.frame import NOT_TOLD
from lake.errors import BadInputError

SINGLE = "single_operator"
"""Of unit tasks: an operator, but no problem."""
FILE = "problems.yaml"
"""In the folder of a benchmark of your own: the class of each function, by its name."""


def titles() -> dict[str, str]:
    """What classes are called, in the order in which they are told."""
    named = {name: one.title for name, one in problem_classes().items()}
    return {**named, SINGLE: "Single operators", NOT_TOLD: "Not classified"}


def definitions() -> dict[str, str]:
    """What belongs to each class."""
    told = {name: one.definition for name, one in problem_classes().items()}
    return {
        **told,
        SINGLE: "A call of one operator, as unit tasks ask for: no problem of its own.",
        NOT_TOLD: "Tasks of a benchmark that does not say.",
    }


def problems_of(tasks: Sequence[Task], folder: Path) -> dict[str, str]:
    """The class of each function's problem.

    Args:
        tasks: Of a benchmark.
        folder: Of the benchmark, with `problems.yaml` where it is not ours.

    Raises:
        BadInputError: The file is broken, or names a class that there is not.
    """
    told = {**_ours(), **_theirs(folder / FILE)}
    return {task.function: told.get(task.function) or (SINGLE if task.part == "unit" else NOT_TOLD) for task in tasks}


@cache
def _ours() -> Mapping[str, str]:
    return problems((*theme_tasks(), *combination_tasks()))


def _theirs(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path} is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(told, dict):
        raise BadInputError(f"{path}: `function: class` is wanted, there is a {type(told).__name__}.")
    known = titles()
    for function, name in told.items():
        if name not in known:
            raise BadInputError(f"{path}, {function}: there is no class {name}. There are: {', '.join(known)}.")
    return {str(function): str(name) for function, name in told.items()}
