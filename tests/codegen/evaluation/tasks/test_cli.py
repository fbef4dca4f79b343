"""The command: what it prints, its exit status, and what it refuses."""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from codegen.evaluation.tasks.cli import FAILED, add_parser
from codegen.evaluation.tasks.logs import folder_of_logs
from lake.errors import BadInputError
from tests.codegen.evaluation.tasks.scripted import MODEL, answering
from tests.codegen.models.fake_endpoint import Fault, fake_endpoint


def _eval(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers(required=True))
    options = parser.parse_args(arguments)
    return int(options.run(options))


def test_it_ends_with_status_3_where_programs_are_not_judged_and_retry_makes_up_for_it(
    benchmark: Path, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    where = ["--benchmark", str(benchmark), "--url", url, "--out", str(out), "--workers", "1"]
    with fake_endpoint(answering({"listReverseTask": Fault(500)})) as endpoint:
        endpoint.set(monkeypatch)
        assert _eval("run", "--model", MODEL, "--epochs", "1", "--attempts", "1", *where) == FAILED
        printed = capsys.readouterr().out
        assert "5 functions with 9 cases, 1 times." in printed
        assert "1 of 5 programs are not judged" in printed
        assert f"eecode eval retry {out}" in printed
        endpoint.script = answering({})
        assert _eval("retry", str(out)) == 0
        assert endpoint.count == 6
    printed = capsys.readouterr().out
    assert "4 of 5 programs were judged before." in printed
    assert "| 100.0 (" in printed
    assert (out / "leaderboard.html").stat().st_size > 10_000
    assert json.loads((out / "run.json").read_text())["outcome"]["failed"] == []


def test_the_log_viewer_is_served_on_this_machine(
    benchmark: Path, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    where = ["--benchmark", str(benchmark), "--url", url, "--out", str(out), "--workers", "1"]
    assert _eval("run", "--model", "reference", "--epochs", "1", "--limit", "1", *where) == 0
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "tests.codegen.evaluation.tasks.command", "view", str(out), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        page = _get(f"http://127.0.0.1:{port}/", process)
        assert "<html" in page
    finally:
        process.terminate()
        process.wait(10)


def _get(address: str, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return str(answer.read().decode())
        except OSError:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_options_that_do_not_go_together_are_refused(benchmark: Path) -> None:
    of = ["run", "--model", "reference", "--benchmark", str(benchmark)]
    with pytest.raises(BadInputError, match="steps of --solver cop"):
        _eval(*of, "--without", "design")
    with pytest.raises(BadInputError, match="rag and cop"):
        _eval(*of, "--tables-without", "script")
    with pytest.raises(SystemExit):
        _eval(*of, "--sample", "1", "--limit", "1")


def test_without_a_run_there_is_nothing_to_go_on_with_or_to_look_at(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no run in"):
        _eval("retry", str(tmp_path))
    with pytest.raises(BadInputError, match="no logs in"):
        folder_of_logs(tmp_path)
