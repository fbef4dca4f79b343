"""Each mined chain has a task whose reference calls its operators in their order; what a task says fits its cases."""

import ast

import pytest

from codegen.checking.check import check
from codegen.evaluation.building.combinations.chains import read_chains
from codegen.evaluation.building.combinations.tasks import combination_tasks
from codegen.evaluation.building.combinations.written import Written, calls_of, follows
from codegen.evaluation.building.themes.tasks import theme_tasks
from codegen.evaluation.cases.case import PythonSource

ALL = combination_tasks() + theme_tasks()
EVERY = pytest.mark.parametrize("written", ALL, ids=lambda written: written.draft.task.function)


def test_every_chain_has_one_task() -> None:
    assert sorted(w.chain for w in combination_tasks()) == sorted(chain.operators for chain in read_chains().chains)


def test_there_are_enough_cases() -> None:
    assert sum(len(w.draft.task.cases) for w in combination_tasks()) >= 150
    assert len({w.draft.task.function for w in ALL}) == len(ALL)
    assert all(len(w.draft.task.cases) >= 2 for w in ALL)


def test_references_call_the_operators_of_their_chain_in_their_order() -> None:
    for written in combination_tasks():
        task = written.draft.task
        assert task.reference is not None
        assert follows(written.chain, calls_of(task.reference, task.cases[0])), task.function


def test_hardly_any_second_solution_goes_the_way_of_the_chain() -> None:
    same = [w.draft.task.function for w in combination_tasks() if follows(w.chain, _calls_of_second(w))]
    assert same == ["cloud_of_window", "simple_composite"]  # one has no other name, the other no other way


def _calls_of_second(written: Written) -> tuple[str, ...]:
    task = written.draft.task
    assert task.second is not None
    return calls_of(task.second, task.cases[0])


@EVERY
def test_both_solutions_are_whole_and_pass_the_static_check(written: Written) -> None:
    task = written.draft.task
    assert task.reference is not None
    assert task.second is not None
    assert task.reference != task.second
    for code in (task.reference, task.second):
        assert [node.name for node in ast.parse(code).body if isinstance(node, ast.FunctionDef)] == [task.function]
        assert check(code, "python") == ()


@EVERY
def test_an_instruction_tells_each_parameter_and_each_case_gives_it(written: Written) -> None:
    task = written.draft.task
    function = ast.parse(task.instruction).body[0]
    assert isinstance(function, ast.FunctionDef)
    names = [argument.arg for argument in function.args.args]
    told = ast.get_docstring(function)
    assert told is not None
    assert all(f"\n    {name}: " in told for name in names)
    assert "\nReturns:\n" in told
    assert all(list(case.params) == names for case in task.cases)


@EVERY
def test_a_parameter_of_earth_engine_is_made_by_a_source_and_a_plain_one_is_plain(written: Written) -> None:
    task = written.draft.task
    function = ast.parse(task.instruction).body[0]
    assert isinstance(function, ast.FunctionDef)
    for argument in function.args.args:
        assert argument.annotation is not None
        is_made = ast.unparse(argument.annotation).startswith("ee.")
        for case in task.cases:
            assert isinstance(case.params[argument.arg], PythonSource) is is_made
