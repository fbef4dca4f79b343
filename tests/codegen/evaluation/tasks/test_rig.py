"""Where programs are judged, and what is said where Earth Engine is not."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from codegen.evaluation.tasks import rig as rigs
from codegen.evaluation.tasks.breaker import Breaker
from codegen.evaluation.tasks.rig import JudgingError, Place, Rig
from lake.errors import BadInputError
from lake.settings import Settings


@pytest.fixture
def place(benchmark: Path, url: str) -> Place:
    return Place(str(benchmark), url)


def test_the_same_code_is_judged_once_unless_asked_for(place: Place) -> None:
    for again, reused in ((False, 1), (True, 0)):
        found = Rig(replace(place, judge_again=again))
        task = found.tasks["numberAddTask"]
        first, second = (found.judge(task, task.cases[0], task.reference or "") for _ in range(2))
        assert first.passed
        assert second.passed
        assert (first is second) is not again
        assert found.reused == reused
        found.close()


def test_a_programs_own_quarrel_with_the_network_is_a_verdict(place: Place) -> None:
    found = Rig(place)
    task = found.tasks["numberAddTask"]
    code = "def numberAddTask(left, right):\n    raise ConnectionRefusedError('nobody there')"
    verdict = found.judge(task, task.cases[0], code)
    assert verdict.error == "network"
    found.close()


def test_where_earth_engine_does_not_answer_nothing_is_said_of_the_program(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rigs, "GRACE_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        gone = f"http://127.0.0.1:{listener.getsockname()[1]}"
    found = Rig(replace(place, url=gone))
    with pytest.raises(JudgingError, match="does not answer"):
        found._check_service()
    found.close()


def test_functions_of_one_name_in_two_parts_are_refused(benchmark: Path, tmp_path: Path) -> None:
    (tmp_path / "atomic_code").symlink_to(benchmark / "atomic_code")
    (tmp_path / "theme_code").symlink_to(benchmark / "atomic_code")
    with pytest.raises(BadInputError, match="functions in two parts: numberAddTask"):
        _ = Rig(Place(str(tmp_path))).tasks


def test_a_breaker_opens_after_failures_in_a_row_only() -> None:
    breaker = Breaker(limit=2)
    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    assert not breaker.is_open
    breaker.failed()
    assert breaker.is_open


def test_googles_earth_engine_wants_a_project(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Rig(Place("anywhere", "https://earthengine-highvolume.googleapis.com"))
    assert found.is_real
    monkeypatch.setattr(rigs, "settings", lambda: Settings(ee_project=""))
    with pytest.raises(BadInputError, match="Set EE_PROJECT"):
        _ = found.project
    monkeypatch.setattr(rigs, "settings", lambda: Settings(ee_project="of-mine"))
    assert found.project == "of-mine"
    assert not Rig(Place("anywhere", "http://127.0.0.1:1")).is_real
