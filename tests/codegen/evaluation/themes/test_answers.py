"""Both solutions of a task agree, the same each time, and neither a constant nor a parameter passes.

A sample of the tasks: all of them are tried when the benchmark is built.
"""

from collections.abc import Iterator

import pytest

from codegen.evaluation.building.combinations.tasks import combination_tasks
from codegen.evaluation.building.combinations.written import Written
from codegen.evaluation.building.themes.tasks import theme_tasks
from codegen.evaluation.building.trying import try_draft
from ee_emulator.client import initialise
from ee_emulator.process import start_emulator

SAMPLE = combination_tasks()[4::10] + theme_tasks()[2::7]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with start_emulator() as server:
        initialise(server.url)
        yield server.url


@pytest.mark.parametrize("written", SAMPLE, ids=lambda written: written.draft.task.function)
def test_the_solutions_agree_and_nothing_else_passes(written: Written, url: str) -> None:
    tried = try_draft(written.draft, url)
    assert tried.problems == ()
    assert len(tried.answers) == len(written.draft.task.cases)
