"""The mutants are what their rules say: many, of all kinds and types, each really other than its reference.

Whether the judge finds them is tested with the judge.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from codegen.evaluation.building.combinations.tasks import combination_tasks
from codegen.evaluation.building.drafting import draft
from codegen.evaluation.building.families import family_specs
from codegen.evaluation.building.spec import specs
from codegen.evaluation.building.themes.tasks import theme_tasks
from codegen.evaluation.cases.case import PARTS, Case, Task
from codegen.evaluation.record import ERROR_CLASSES
from ee_emulator.client import initialise
from ee_emulator.process import start_emulator
from tests.codegen.evaluation.mutants.edits import KINDS
from tests.codegen.evaluation.mutants.make_mutants import FILE, is_ordinary, label_of
from tests.codegen.evaluation.mutants.plain import differ, outcome

MUTANTS: list[dict[str, Any]] = yaml.safe_load(FILE.read_text("utf-8"))
RULES: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("rules.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def tasks() -> dict[str, Task]:
    drafts = [draft(spec) for spec in specs() + family_specs()]
    drafts += [written.draft for written in combination_tasks() + theme_tasks()]
    return {one.task.function: one.task for one in drafts}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with start_emulator() as server:
        initialise(server.url)
        yield server.url


def test_there_are_three_hundred_of_all_kinds() -> None:
    assert len(MUTANTS) == 300
    assert len({mutant["code"] for mutant in MUTANTS}) == 300
    counted = Counter(mutant["kind"] for mutant in MUTANTS)
    assert set(counted) == set(KINDS) == set(RULES["kinds"])
    assert min(counted.values()) >= 45


def test_they_are_of_all_parts_and_of_many_types(tasks: dict[str, Task]) -> None:
    mutated = [tasks[mutant["function"]] for mutant in MUTANTS]
    parts = Counter(task.part for task in mutated)
    assert set(parts) == set(PARTS)
    assert min(parts.values()) >= 30
    assert len({task.type for task in mutated}) >= 24


def test_labels_are_classes_that_the_rules_name() -> None:
    assert set(RULES["classes"]) == set(ERROR_CLASSES)
    for mutant in MUTANTS:
        assert mutant["class"] in RULES["kinds"][mutant["kind"]]["leads_to"], mutant["note"]


def test_each_is_of_an_ordinary_case_and_other_than_its_reference(tasks: dict[str, Task]) -> None:
    for mutant in MUTANTS:
        assert is_ordinary(_case(tasks, mutant))
        assert mutant["code"] != tasks[mutant["function"]].reference


def test_only_faults_of_syntax_cannot_be_compiled() -> None:
    for mutant in MUTANTS:
        assert _compiles(mutant["code"]) is (mutant["class"] != "syntax"), mutant["function"]


@pytest.mark.parametrize("mutant", MUTANTS[7::20], ids=lambda mutant: f"{mutant['function']}-{mutant['kind']}")
def test_the_plain_client_shows_what_the_label_says(mutant: dict[str, Any], tasks: dict[str, Task], url: str) -> None:
    task, case = tasks[mutant["function"]], _case(tasks, mutant)
    assert task.reference is not None
    expected = outcome(task.reference, case)
    assert expected.found == "value"
    assert label_of(outcome(mutant["code"], case), expected, case) == mutant["class"]


@pytest.mark.parametrize(
    ("one", "other", "is_other"),
    [
        (1.0, 1.0004, False),
        (1.0, 1.01, True),
        (1000.0, 1000.5, False),
        ("a", "a", False),
        ([1, 2], [1], True),
        ({"a": 1}, {"b": 1}, True),
        (None, 0, True),
        ({"type": "Point", "coordinates": [1.0, 2.0]}, {"type": "Point", "coordinates": [1.00001, 2.0]}, False),
        ({"type": "Point", "coordinates": [1.0, 2.0]}, {"type": "Point", "coordinates": [1.1, 2.0]}, True),
    ],
)
def test_only_clear_differences_count(one: Any, other: Any, is_other: bool) -> None:
    assert differ(one, other) is is_other


def _case(tasks: dict[str, Task], mutant: dict[str, Any]) -> Case:
    return next(case for case in tasks[mutant["function"]].cases if case.number == mutant["case"])


def _compiles(code: str) -> bool:
    try:
        compile(code, "<mutant>", "exec")
    except SyntaxError:
        return False
    return True
