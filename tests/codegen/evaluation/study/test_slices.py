"""The order of tasks, their classes, and what the next slice may cost."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen.evaluation.building.combinations.tasks import combination_tasks
from codegen.evaluation.building.themes.classification import problem_classes
from codegen.evaluation.building.themes.tasks import theme_tasks
from codegen.evaluation.cases.case import Task
from codegen.evaluation.cases.reading import missing_answers, read_benchmark
from codegen.evaluation.study.conditions import only, read_conditions
from codegen.evaluation.study.costs import Clock, duration, next_size, rest
from codegen.evaluation.study.problems import NOT_TOLD, SINGLE, problems_of
from codegen.evaluation.study.slices import in_order, write_slice
from codegen.evaluation.study.state import State, Step, begun, read_state
from lake.errors import BadInputError

TABLE = only(read_conditions(), ["bare", "direct"])


def _task(name: str, part: str = "theme") -> Task:
    return Task(name, part, "", ())  # type: ignore[arg-type]


@given(st.dictionaries(st.sampled_from("abcde"), st.integers(1, 30), min_size=1), st.integers(0, 9))
def test_every_beginning_has_of_each_class_its_share(sizes: dict[str, int], seed: int) -> None:
    tasks = [_task(f"{name}{number}") for name, size in sizes.items() for number in range(size)]
    order = in_order(tasks, {task.function: task.function[0] for task in tasks}, seed)
    assert sorted(task.function for task in order) == sorted(task.function for task in tasks)
    for count in range(1, len(order) + 1):
        met = Counter(task.function[0] for task in order[:count])
        for name, size in sizes.items():
            assert abs(met[name] - count * size / len(tasks)) < len(sizes)


def test_another_seed_is_another_order_and_the_same_seed_the_same() -> None:
    tasks = [_task(f"t{number}") for number in range(20)]
    problems = dict.fromkeys((task.function for task in tasks), "a")
    assert in_order(tasks, problems, 1) == in_order(tasks, problems, 1)
    assert in_order(tasks, problems, 1) != in_order(tasks, problems, 2)


def test_our_tasks_have_classes_and_units_none(tmp_path: Path) -> None:
    ours = [one.draft.task for one in (*theme_tasks(), *combination_tasks())]
    told = problems_of([*ours, _task("imageAddTask", "unit"), _task("unheardOf")], tmp_path)
    assert {told[task.function] for task in ours} <= set(problem_classes())
    assert (told["imageAddTask"], told["unheardOf"]) == (SINGLE, NOT_TOLD)


def test_a_benchmark_of_your_own_says_its_classes(tmp_path: Path) -> None:
    (tmp_path / "problems.yaml").write_text("mine: time_series\n")
    assert problems_of([_task("mine")], tmp_path) == {"mine": "time_series"}
    (tmp_path / "problems.yaml").write_text("mine: alchemy\n")
    with pytest.raises(BadInputError, match=r"no class alchemy\. There are: data_access"):
        problems_of([_task("mine")], tmp_path)


def test_a_slice_is_a_benchmark_with_its_answers(benchmark: Path, tmp_path: Path) -> None:
    whole = read_benchmark(benchmark)
    chosen = [whole.tasks[1], whole.tasks[4]]
    write_slice(whole, chosen, tmp_path)
    written = read_benchmark(tmp_path)
    assert list(written.tasks) == chosen
    assert missing_answers(written) == []
    answer = tmp_path / "theme_code" / "ref_answer" / chosen[1].cases[0].answer
    answer.write_text("another")
    write_slice(whole, chosen, tmp_path)
    assert answer.read_text() != "another"


def _state(**seconds: float) -> State:
    steps = [Step(name, 1, 2, 2 * value, "code") for name, value in seconds.items()]
    return State({"model": "m"}, {}, TABLE, 1, 100, [{"a": SINGLE, "b": SINGLE}], steps)


def test_a_slice_is_as_large_as_time_and_the_slowest_condition_allow() -> None:
    assert next_size(_state(bare=1.0), 98, None) == 2  # nothing is known of `direct`
    assert next_size(_state(bare=1.0, direct=10.0), 98, None) == 30  # 300 s of the slowest
    assert next_size(_state(bare=1.0, direct=10.0), 98, 60.0) == 5  # 11 s a task
    assert next_size(_state(bare=1.0, direct=10.0), 98, 10.0) == 0
    assert next_size(_state(bare=1.0, direct=10.0), 3, None) == 3
    assert next_size(replace(_state(bare=1.0, direct=10.0), epochs=2), 98, 60.0) == 2


def test_the_rest_costs_what_the_first_ones_did() -> None:
    programs = pl.DataFrame(
        {
            "solver": ["bare", "direct", "direct"],
            "calls": [1, 1, 3],
            "prompt_tokens": [100, 50, 70],
            "completion_tokens": [10, 20, 20],
        }
    )
    found = rest(_state(bare=1.0, direct=10.0), programs, {"bare": 10, "direct": 5})
    assert (found.programs, found.calls, found.tokens, found.seconds) == (15, 20, 1500, 60)


def test_a_clock_without_a_limit_has_all_the_time() -> None:
    assert Clock(None).has(1e9)
    assert Clock(1).has(10)
    assert not Clock(1).has(61)
    assert not Clock(0).has(0)
    assert [duration(seconds) for seconds in (3, 300, 9000)] == ["3 s", "5 min", "2.5 h"]


def test_a_study_is_found_again_and_another_is_refused(tmp_path: Path) -> None:
    old = _state(bare=1.0)
    assert begun(tmp_path, old) is old
    old.save(tmp_path)
    assert read_state(tmp_path) == old
    new = State({"model": "m"}, {}, TABLE, 3, 200)
    again = begun(tmp_path, new)
    assert (again.slices, again.steps, again.epochs, again.planned) == (old.slices, old.steps, 3, 200)
    with pytest.raises(BadInputError, match="another model"):
        begun(tmp_path, State({"model": "n"}, {}, TABLE, 1, 100))
    (tmp_path / "study.json").write_text("{}")
    with pytest.raises(BadInputError, match="no study of this version"):
        read_state(tmp_path)
    with pytest.raises(BadInputError, match="no study in"):
        read_state(tmp_path / "elsewhere")
