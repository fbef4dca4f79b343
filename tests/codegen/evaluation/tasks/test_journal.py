"""What is kept of a run, and what a process that ends in the middle of a line leaves of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen.evaluation.judging.judge import Verdict
from codegen.evaluation.tasks.journal import Answered, Journal, Judged
from lake.errors import BadInputError

ANSWERED = Answered("ask", "def f():\n    return 1", (("user", "ask"), ("assistant", "…\u2028\x85")), 3, 4, 0.5)
JUDGED = Judged({"f_testcase1": Verdict(False, "wrong_answer", "1 is not 2.", "→ int: 1", 0.02)}, 2, 1)
ASKING, JUDGING = {"model": "m", "temperature": 0.2}, {"judge": "a"}


def _filled(path: Path) -> None:
    journal = Journal(path)
    journal.begin(ASKING, JUDGING)
    journal.add_answer(("f", 1), ANSWERED)
    journal.add_verdicts(("f", 1), JUDGED)
    journal.close()


def test_what_was_kept_is_there_again(tmp_path: Path) -> None:
    _filled(tmp_path / "j")
    journal = Journal(tmp_path / "j")
    assert journal.answered(("f", 1)) == ANSWERED
    assert journal.judged(("f", 1)) == JUDGED
    assert journal.answered(("f", 2)) is None
    assert journal.finished([("f", 1), ("f", 2)]) == 1
    journal.close()


def test_half_a_line_counts_for_nothing_and_does_not_spoil_the_next(tmp_path: Path) -> None:
    path = tmp_path / "j"
    _filled(path)
    whole = path.read_bytes()
    for cut in range(1, 60, 7):
        path.write_bytes(whole[:-cut])
        journal = Journal(path)
        assert journal.answered(("f", 1)) == ANSWERED
        assert journal.judged(("f", 1)) is None
        journal.add_verdicts(("f", 1), JUDGED)
        journal.close()
        assert path.read_bytes() == whole


def test_a_line_that_a_crash_of_the_machine_spoiled_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "j"
    _filled(path)
    run, answer, verdicts = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(run + b"\0" * 40 + b"\n" + answer + b'{"kind": "verdicts"}\n' + verdicts)
    journal = Journal(path)
    assert journal.judged(("f", 1)) == JUDGED
    journal.close()


def test_two_processes_do_not_work_with_one_journal(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    with pytest.raises(BadInputError, match="Another process works on"):
        Journal(tmp_path / "j")
    journal.close()
    Journal(tmp_path / "j").close()


def test_another_question_is_refused_and_named(tmp_path: Path) -> None:
    _filled(tmp_path / "j")
    journal = Journal(tmp_path / "j")
    with pytest.raises(BadInputError, match="another temperature"):
        journal.begin({**ASKING, "temperature": 1.0}, JUDGING)
    journal.close()


def test_another_judge_voids_verdicts_and_leaves_answers(tmp_path: Path) -> None:
    _filled(tmp_path / "j")
    for judge, is_void in (("b", True), ("b", False), ("a", False)):
        journal = Journal(tmp_path / "j")
        assert journal.begin(ASKING, {"judge": judge}) is is_void
        assert journal.judged(("f", 1)) is None
        assert journal.answered(("f", 1)) == ANSWERED
        journal.close()


def test_what_is_new_among_the_conditions_changes_nothing(tmp_path: Path) -> None:
    _filled(tmp_path / "j")
    for _ in range(2):
        journal = Journal(tmp_path / "j")
        assert not journal.begin({**ASKING, "instructions (theme)": "x"}, {**JUDGING, "cases (theme)": "y"})
        assert journal.judged(("f", 1)) == JUDGED
        journal.close()
    journal = Journal(tmp_path / "j")
    with pytest.raises(BadInputError, match="theme"):
        journal.begin({"instructions (theme)": "z"}, JUDGING)
    journal.close()


def test_in_memory_it_works_likewise() -> None:
    journal = Journal()
    journal.add_answer(("f", 1), ANSWERED)
    assert journal.answered(("f", 1)) == ANSWERED
    journal.close()
