"""Lines of programs, and records of what failed."""

from __future__ import annotations

import pytest

from codegen.evaluation.tasks.records import NOTHING, failure, lines_of, records
from tests.codegen.evaluation.tasks.tiny import TASKS


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("", 0),
        ("x = 1\n\n# a comment\ny = 2  # another\n", 2),
        ('def f():\n    """Says\n\n    much."""\n    return (\n        1\n    )\n', 7),
        ("def f(:\n\n    broken '''\n", 2),
        ("\tx = 1\n  y = 2\n", 2),
    ],
)
def test_lines_are_those_with_code(code: str, lines: int) -> None:
    assert lines_of(code) == lines


def test_a_program_that_was_not_judged_failed_by_the_network_in_each_case() -> None:
    made = list(records("m", "bare", TASKS[0], 2, NOTHING, failure(TASKS[0], "no answer")))
    assert [(one.case, one.section, one.passed, one.error, one.reason, one.epoch) for one in made] == [
        ("numberAddTask_testcase1", "unit", False, "network", "no answer", 2),
        ("numberAddTask_testcase2", "boundary", False, "network", "no answer", 2),
    ]
