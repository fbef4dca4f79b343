"""Whatever is wrong with a task is found."""

import pytest

from codegen.evaluation.building.trying import sound, try_draft


def _faults(tried):
    return {(problem.number, problem.fault) for problem in tried.problems}


def test_a_sound_task_has_an_answer_for_each_case(make, url):
    draft = make(values={1: 5, 2: 3.5})
    tried = try_draft(draft, url)
    assert tried.problems == ()
    assert [answer.value for answer in tried.answers.values()] == [5, 3.5]
    assert sound(draft, tried) == list(draft.task.cases)


@pytest.mark.parametrize("side", ["reference", "second"])
@pytest.mark.parametrize("code", ["left.plus(right)", "ee.String('x')", "ee.Number(left.divide('x'))"])
def test_a_solution_that_fails(make, url, side, code):
    tried = try_draft(make(**{side: code}), url)
    assert {(1, "fails"), (2, "fails")} <= _faults(tried)
    assert side.split("_")[0] in str(tried.problems[0])


def test_solutions_that_differ(make, url):
    tried = try_draft(make(second="left.subtract(right)"), url)
    assert {(1, "disagrees"), (2, "disagrees")} <= _faults(tried)


def test_a_documented_value_that_is_another_one(make, url):
    tried = try_draft(make(values={1: 5, 2: 3.25}), url)
    assert _faults(tried) == {(2, "undocumented"), (0, "constant")}
    assert "3.25" in str(tried.problems[0])


def test_an_answer_that_changes_from_run_to_run(make, url):
    code = "left.add(right).add(__import__('random').random())"
    assert (1, "unstable") in _faults(try_draft(make(reference=code, second=code, independence="route"), url))


def test_a_case_that_is_passed_by_giving_a_parameter_back(make, url):
    tried = try_draft(make(pairs=[(2, 3), (4, 0), (7, 1)]), url)
    assert _faults(tried) == {(2, "identity")}
    assert "left is the answer" in str(tried.problems[0])


def test_a_task_that_chooses_among_its_parameters_may_have_such_cases_but_not_only_those(make, url):
    larger = {"reference": "left.max(right)", "second": "ee.Number(ee.List([left, right]).reduce('max'))"}
    assert try_draft(make(pairs=[(2, 3), (9, 4)], chooses=True, **larger), url).problems == ()
    tried = try_draft(make(pairs=[(3, 2), (9, 4)], chooses=True, **larger), url)
    assert _faults(tried) == {(0, "identity")}


def test_a_case_whose_answer_needs_no_thought(make, url):
    tried = try_draft(
        make(
            reference="left.format('%d').slice(0, right)",
            second="left.format('%d').split('').slice(0, right).join('')",
            pairs=[(27, 1), (31, 0)],
            out_type="ee.String",
        ),
        url,
    )
    assert _faults(tried) == {(2, "trivial"), (0, "constant")}


def test_two_cases_with_one_answer(make, url):
    assert _faults(try_draft(make(pairs=[(2, 3), (1, 4), (7, 7)]), url)) == {(2, "repeats")}


def test_a_task_that_a_constant_passes(make, url):
    tried = try_draft(make(reference="left.gt(right)", second="left.lte(right).Not()", pairs=[(5, 4), (9, 3)]), url)
    assert _faults(tried) == {(0, "constant")}
    assert sound(make(), tried) == ()


def test_comparisons_may_repeat_their_two_answers(make, url):
    pairs = [(5, 4), (9, 3), (2, 6)]
    assert try_draft(make(reference="left.gt(right)", second="left.lte(right).Not()", pairs=pairs), url).problems == ()


def test_a_second_solution_that_calls_the_algorithm_itself_is_not_independent(make, url):
    again = "ee.Number(ee.apply('Number.add', {'left': left, 'right': right}))"
    assert (1, "route") in _faults(try_draft(make(second=again), url))
    assert try_draft(make(second=again, independence="route"), url).problems == ()
