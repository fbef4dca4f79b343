"""Drafts get their answers, and what is done is not done again."""

import json
from dataclasses import replace

import pytest

from codegen.evaluation.building import finishing
from codegen.evaluation.building.finishing import JOURNAL, finish
from codegen.evaluation.cases.folders import ANSWERS, written_folder


@pytest.fixture
def tries(monkeypatch):
    """Functions that were tried, in order; they are tried as ever."""
    tried, real = [], finishing.try_draft

    def counted(draft, url):
        tried.append(draft.task.function)
        return real(draft, url)

    monkeypatch.setattr(finishing, "try_draft", counted)
    return tried


def _answers(folder):
    return {path.name: path.read_text() for path in (written_folder(folder, "unit") / ANSWERS).iterdir()}


def _named(draft, name):
    return replace(draft, task=replace(draft.task, function=name))


def test_each_case_has_its_answer_in_a_file(make, url, tmp_path):
    (finished,) = finish([make()], url, tmp_path)
    assert [case.answer for case in finished.task.cases] == ["addTask_testcase1.txt", "addTask_testcase2.txt"]
    assert _answers(tmp_path) == {"addTask_testcase1.txt": "5", "addTask_testcase2.txt": "3.5"}
    assert len(set(finished.hashes)) == 2


def test_unsound_cases_are_left_out_and_the_others_numbered_anew(make, url, tmp_path):
    (finished,) = finish([make(pairs=[(2, 0), (2, 3), (1, 6)])], url, tmp_path)
    assert [case.id for case in finished.task.cases] == ["addTask_testcase1", "addTask_testcase2"]
    assert _answers(tmp_path) == {"addTask_testcase1.txt": "5", "addTask_testcase2.txt": "7"}
    assert [str(problem) for problem in finished.problems] == ["addTask_testcase1: identity: left is the answer"]


def test_what_is_done_is_not_done_again_and_gives_the_same(make, url, tmp_path, tries):
    drafts = [make(), _named(make(pairs=[(1, 1), (5, 8)]), "otherTask")]
    once = finish(drafts, url, tmp_path)
    assert finish(drafts, url, tmp_path) == once
    assert tries == ["addTask", "otherTask"]


def test_a_task_that_changed_is_done_again(make, url, tmp_path, tries):
    finish([make()], url, tmp_path)
    finish([make(pairs=[(1, 1), (5, 8)])], url, tmp_path)
    assert tries == ["addTask", "addTask"]
    assert _answers(tmp_path) == {"addTask_testcase1.txt": "2", "addTask_testcase2.txt": "13"}


def test_a_build_that_was_ended_in_the_middle_of_a_line_goes_on(make, url, tmp_path, tries):
    drafts = [make(), _named(make(pairs=[(1, 1), (5, 8)]), "otherTask")]
    once = finish(drafts, url, tmp_path)
    journal = written_folder(tmp_path, "unit") / JOURNAL
    journal.write_text(journal.read_text()[:-40])
    assert finish(drafts, url, tmp_path) == once
    assert tries == ["addTask", "otherTask", "otherTask"]
    assert [json.loads(line)["function"] for line in journal.read_text().splitlines()] == ["addTask", "otherTask"]


def test_an_answer_that_is_gone_is_made_again_and_one_that_nobody_has_goes(make, url, tmp_path):
    finish([make()], url, tmp_path)
    folder = written_folder(tmp_path, "unit") / ANSWERS
    (folder / "addTask_testcase1.txt").rename(folder / "leftTask_testcase1.txt")
    finish([make()], url, tmp_path)
    assert sorted(_answers(tmp_path)) == ["addTask_testcase1.txt", "addTask_testcase2.txt"]
