"""Which functions are asked for."""

from __future__ import annotations

from collections import Counter

import pytest

from codegen.evaluation.cases.case import Task
from codegen.evaluation.tasks.choosing import choose
from lake.errors import BadInputError

TASKS = [Task(f"f{number:02}", "unit", "", (), type=("a", "a", "a", "b", "c")[number % 5]) for number in range(40)]


def test_a_sample_has_each_types_share_and_is_the_same_for_a_seed() -> None:
    drawn = choose(TASKS, sample=20, seed=1)
    assert Counter(task.type for task in drawn) == {"a": 12, "b": 4, "c": 4}
    assert drawn == choose(TASKS, sample=20, seed=1) != choose(TASKS, sample=20, seed=2)
    assert [task.function for task in drawn] == sorted(task.function for task in drawn)


def test_shares_that_are_not_whole_make_the_number_that_was_asked_for() -> None:
    for sample in range(1, 45):
        assert len(choose(TASKS, sample=sample)) == min(sample, 40)


def test_the_first_functions_or_all() -> None:
    assert choose(TASKS, limit=3) == TASKS[:3]
    assert choose(TASKS) == TASKS


@pytest.mark.parametrize(("limit", "sample"), [(1, 1), (0, None), (None, -1)])
def test_what_cannot_be_chosen_is_refused(limit: int | None, sample: int | None) -> None:
    with pytest.raises(BadInputError, match="--sample"):
        choose(TASKS, limit, sample)
