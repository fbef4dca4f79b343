"""Processes that are killed, wherever they are: the same command goes on, and does nothing twice."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.codegen.evaluation.tasks.conftest import Evaluate
from tests.codegen.evaluation.tasks.scripted import MODEL, REFERENCES, counts, key
from tests.codegen.evaluation.tasks.tiny import CASES, FUNCTIONS
from tests.codegen.models.fake_endpoint import KEY, Asked, FakeEndpoint, Reply, fake_endpoint

EPOCHS = 4
PROGRAMS = EPOCHS * len(FUNCTIONS)
KILLS = 2

Start = Callable[[FakeEndpoint], subprocess.Popen[str]]


@pytest.fixture
def start(benchmark: Path, url: str, tmp_path: Path) -> Start:
    """Starts the command in a process of its own."""

    def started(endpoint: FakeEndpoint) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.codegen.evaluation.tasks.command", "run", "--model", MODEL]
        command += ["--benchmark", str(benchmark), "--url", url, "--out", str(tmp_path / "run"), "--workers", "1"]
        command += ["--epochs", str(EPOCHS), "--connections", "2", "--attempts", "1"]
        environment = {**os.environ, "FAKE_BASE_URL": endpoint.url, "FAKE_API_KEY": KEY}
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    return started


def _journal(folder: Path) -> list[tuple[str, tuple[str, int]]]:
    """Kind, function and epoch of each whole line."""
    path = folder / "journal.jsonl"
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    entries = [json.loads(line) for line in lines]
    return [(entry["kind"], tuple(entry["key"])) for entry in entries if entry["kind"] != "run"]


def _assert_nothing_is_asked_twice(before: list[tuple[str, tuple[str, int]]], endpoint: FakeEndpoint) -> None:
    """Of what had an answer before the process began."""
    asked = counts(endpoint)
    endpoint.asked.clear()
    assert not asked.keys() & {one for kind, one in before if kind == "answer"}
    assert max(asked.values(), default=1) == 1


def _kill_when(process: subprocess.Popen[str], is_time: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_time():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.kill()
    process.communicate()


def test_killed_at_any_point_it_goes_on_and_does_nothing_twice(
    start: Start, run: Evaluate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(asked: Asked) -> Reply:
        return Reply(REFERENCES[key(asked)[0]], delay=0.02)

    folder, seed = tmp_path / "run", int(os.environ.get("SEED_OF_KILLS", "6"))
    draw = random.Random(seed)
    with fake_endpoint(answer) as endpoint:
        for _ in range(KILLS):
            before = _journal(folder)
            lines = len(before) + draw.randint(1, 2 * PROGRAMS // (KILLS + 1) - 2)
            _kill_when(start(endpoint), lambda lines=lines: len(_journal(folder)) >= lines)  # type: ignore[misc]
            _assert_nothing_is_asked_twice(before, endpoint)
        before = _journal(folder)
        endpoint.set(monkeypatch)
        assert not run(MODEL, epochs=EPOCHS, workers=1, connections=2).failed
        _assert_nothing_is_asked_twice(before, endpoint)
    twice = [entry for entry, number in Counter(_journal(folder)).items() if number > 1]
    assert not twice, f"seed {seed}"
    assert len(_journal(folder)) == 2 * PROGRAMS
    table = pl.read_parquet(folder / "records.parquet")
    assert table.height == EPOCHS * CASES
    assert table["passed"].all()
