"""A thousand random and mutated graphs against the application; the long run is `python -m tests.ee_emulator.fuzz`."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from ee_emulator import algorithms
from tests.ee_emulator.fuzz.graphs import Graph, Graphs
from tests.ee_emulator.fuzz.mutations import Mutations, real_graphs
from tests.ee_emulator.fuzz.run import run

algorithms.load()
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of numpy: numbers here are absurd on purpose


@pytest.mark.parametrize("seed", [1, 2])
def test_random_graphs_are_evaluated_or_refused(tmp_path: Path, seed: int) -> None:
    report = run([Graphs(seed).graph], range(300), tmp_path)
    assert not report.bugs, report.text()
    assert report.values > 50
    assert report.errors.total() > 50


def test_mutated_graphs_are_evaluated_or_refused(tmp_path: Path) -> None:
    originals: list[Graph] = real_graphs()
    if not originals:
        pytest.skip("Earth Engine's answers are not there")
    report = run([Mutations(originals, 1).graph], range(0, 1_300, 3), tmp_path)
    assert not report.bugs, report.text()
    assert report.values > 50


def test_graphs_that_were_once_too_much_are_not_any_more(tmp_path: Path) -> None:
    lines = (Path(__file__).parent / "fuzz" / "found.jsonl").read_text(encoding="utf-8").splitlines()
    report = run([lambda number: json.loads(lines[number])], range(len(lines)), tmp_path)
    assert not report.bugs, report.text()
    assert report.graphs == len(lines)


def test_a_server_in_its_own_process_survives_them(tmp_path: Path) -> None:
    from ee_emulator.process import start_emulator

    with start_emulator(options=["--timeout", "5"]) as server:
        report = run([Graphs(3).graph], range(0, 900, 6), tmp_path, server.url)
        assert server.process.poll() is None
        assert "Traceback" not in server.log.read_text()
    assert not report.bugs, report.text()


def test_an_exception_that_nobody_foresaw_is_found(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The harness itself: a bug that is planted has to come out."""
    from ee_emulator.registry import IMPLEMENTATIONS, Implementation

    name = "Number.add"
    whole = IMPLEMENTATIONS[name]

    def broken(left: float, right: float) -> float:
        return [left, right][2]

    IMPLEMENTATIONS[name] = Implementation(whole.signature, broken, False, False)
    arguments = {"left": {"constantValue": 1}, "right": {"constantValue": 2}}
    node = {"functionInvocationValue": {"functionName": name, "arguments": arguments}}
    try:
        with caplog.at_level(logging.CRITICAL):
            report = run([lambda _: {"result": "0", "values": {"0": node}}], range(2), tmp_path)
    finally:
        IMPLEMENTATIONS[name] = whole
    assert [count for count, _ in report.bugs.values()] == [2]
    assert "IndexError" in next(iter(report.bugs))
