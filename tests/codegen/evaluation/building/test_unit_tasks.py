"""The unit tasks: how many there are, what they look like, and that all their answers are the locked ones."""

import ast
import json
from collections import Counter

import pytest

from codegen.evaluation.building.build import unit_drafts
from codegen.evaluation.building.digest import digest
from codegen.evaluation.building.executing import call, make_params, returned
from codegen.evaluation.building.lock import moved, read_lock
from codegen.evaluation.building.operators import find
from codegen.evaluation.building.trying import try_draft
from codegen.evaluation.cases.case import PythonSource, section
from codegen.evaluation.cases.types import TYPES
from codegen.evaluation.judging.evaluate import evaluate
from ee_emulator import algorithms
from ee_emulator.registry import IMPLEMENTATIONS, signatures

DRAFTS = unit_drafts()
TASKS = [draft.task for draft in DRAFTS]
SAMPLE = DRAFTS[3::18]


def test_there_are_at_least_as_many_cases_as_asked_for():
    counted = Counter(section(task, case) for task in TASKS for case in task.cases)
    assert counted["unit"] >= 1325
    assert counted["boundary"] >= 500


def test_all_26_types_have_ordinary_and_boundary_cases():
    for is_edge in (False, True):
        assert {task.type for task in TASKS for case in task.cases if case.edge_test is is_edge} == set(TYPES)


def test_most_second_solutions_are_independent():
    counted = Counter(draft.independence for draft in DRAFTS)
    assert counted["independent"] + counted["documented"] >= 0.75 * len(DRAFTS)


def test_nine_in_ten_documented_algorithms_have_a_task():
    algorithms.load()
    documented = {name for name, told in signatures().items() if told.documented and name in IMPLEMENTATIONS}
    asked = {find(name.removeprefix("ee.")).algorithm for task in TASKS for name in task.operators}
    assert len(documented & asked) >= 0.9 * len(documented)


def test_no_task_is_about_what_earth_engine_advises_against_or_does_not_document():
    asked = {find(task.operators[0].removeprefix("ee.")).algorithm for task in TASKS}
    assert {name for name in asked if name and not signatures()[name].documented} == set()


def test_names_are_unlike_each_other_and_end_as_published():
    names = [task.function for task in TASKS]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() and name.endswith("Task") for name in names)


@pytest.mark.parametrize("which", ["instruction", "reference", "second"])
def test_texts_are_functions_with_the_parameters_of_the_cases(which):
    for task in TASKS:
        (function,) = ast.parse(getattr(task, which)).body
        assert isinstance(function, ast.FunctionDef)
        assert function.name == task.function
        given = [argument.arg for argument in function.args.args]
        needed = given[: len(given) - len(function.args.defaults)]
        for case in task.cases:
            assert set(needed) <= set(case.params) <= set(given), case.id


def test_instructions_tell_what_to_do_of_each_parameter_and_of_the_result():
    for task in TASKS:
        (function,) = ast.parse(task.instruction).body
        told = ast.get_docstring(function)
        assert len(told.split("\n", 1)[0]) > 10, task.function
        assert all(f"{argument.arg} (" in told for argument in function.args.args), task.function
        assert "Returns:" in told


def test_difficulties_are_spread():
    counted = Counter(task.difficulty for task in TASKS)
    assert set(counted) == {"easy", "medium", "hard"}
    assert min(counted.values()) >= 0.1 * len(TASKS)


def test_parameters_are_plain_or_source():
    for task in TASKS:
        for case in task.cases:
            plain = {name: value for name, value in case.params.items() if not isinstance(value, PythonSource)}
            assert json.loads(json.dumps(plain)) == plain


@pytest.mark.parametrize("draft", SAMPLE, ids=lambda draft: draft.task.function)
def test_a_sample_is_sound(draft, url):
    """All of them are tried by `eecode eval build --validate`."""
    assert try_draft(draft, url).problems == ()


def test_every_answer_is_the_locked_one(url):
    found = {}
    for task in TASKS:
        results = [(returned(call(task.reference, make_params(case.params))), case.out_type) for case in task.cases]
        found[task.function] = tuple(digest(evaluate(result, out_type, url)) for result, out_type in results)
    locked = read_lock()
    assert set(found) <= set(locked)
    assert moved(found, locked) == []
