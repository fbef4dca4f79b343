"""Solutions pass; mutants fail with the class that was decided before the judge was tried on them."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from codegen.evaluation.building.build import part_drafts
from codegen.evaluation.building.finishing import finish
from codegen.evaluation.cases.case import PARTS, Task
from codegen.evaluation.cases.writing import write_part
from codegen.evaluation.judging.judge import Judge
from codegen.evaluation.judging.pool import Job, judge_all
from codegen.sandbox.sandbox import Sandbox
from tests.codegen.evaluation import mutants

STEP = 1 if os.environ.get("AEF_ECON_ALL_MUTANTS") else 4
RIGHT = 0.99
"""Share of the mutants that have to fail, with the right class."""

Mutant = dict[str, Any]


@pytest.fixture(scope="module")
def every_fourth() -> list[Mutant]:
    """Of the 300 mutants, unless `AEF_ECON_ALL_MUTANTS` is set."""
    listed = Path(mutants.__file__).with_name("mutants.yaml").read_text(encoding="utf-8")
    read: list[Mutant] = yaml.load(listed, Loader=yaml.CSafeLoader)
    return read[::STEP]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("benchmark")


@pytest.fixture(scope="module")
def tasks(every_fourth: list[Mutant], folder: Path, url: str) -> dict[str, Task]:
    """The tasks whose solutions were changed, with their answers."""
    wanted = {mutant["function"] for mutant in every_fourth}
    made: list[Task] = []
    for part in PARTS:
        drafts = [draft for draft in part_drafts(part) if draft.task.function in wanted]
        made += (found := [one.task for one in finish(drafts, url, folder)])
        write_part(folder, part, found)
    return {task.function: task for task in made}


@pytest.fixture
def judge(sandbox: Sandbox, url: str, folder: Path) -> Judge:
    return Judge(sandbox, url, folder)


def verdicts(jobs: Iterable[Job], judge: Judge) -> dict[Any, tuple[bool, str | None]]:
    return {job.key: (verdict.passed, verdict.error) for job, verdict in judge_all(list(jobs), judge, 2)}


def test_every_solution_passes_every_case(tasks: dict[str, Task], judge: Judge) -> None:
    jobs = [Job(task, case, task.reference or "", case.id) for task in tasks.values() for case in task.cases]
    assert {key for key, verdict in verdicts(jobs, judge).items() if verdict != (True, None)} == set()


def test_mutants_fail_with_the_class_that_is_right_for_them(
    every_fourth: list[Mutant], tasks: dict[str, Task], judge: Judge
) -> None:
    def job(number: int, mutant: Mutant) -> Job:
        task = tasks[mutant["function"]]
        case = next(case for case in task.cases if mutant["case"] in (case.id, case.number))
        return Job(task, case, mutant["code"], number)

    found = verdicts((job(number, mutant) for number, mutant in enumerate(every_fourth)), judge)
    wrong = {n: found[n] for n, mutant in enumerate(every_fourth) if found[n] != (False, mutant["class"])}
    assert len(wrong) <= (1 - RIGHT) * len(every_fourth), wrong
