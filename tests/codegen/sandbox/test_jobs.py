"""What a worker is told, and what is made of what programs say."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from codegen.sandbox import jobs
from codegen.sandbox.jobs import bounds, read_result
from codegen.sandbox.outcome import Limits, ProgramError, Returned

ERROR = {"stage": "call", "kind": "KeyError", "message": "'a'", "line": 3, "traceback": "Traceback"}


def test_a_result_is_read() -> None:
    told = {"returned": {"type": "ee.Image", "expression": {"result": "0"}, "value": None}}
    assert read_result(json.dumps(told).encode()) == (Returned("ee.Image", {"result": "0"}, None), None)
    assert read_result(json.dumps({"error": ERROR}).encode()) == (None, ProgramError(**ERROR))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"returned": {"type": "float", "value": Infinity}}',
        b'{"returned": {"type": "int", "value": %b}}' % (b"9" * 5_000),
        b'{"returned": 1, "error": 1}',
        b'{"returned": {"type": 1}}',
        b'{"returned": {"type": "a", "expression": "graph"}}',
        json.dumps({"error": {**ERROR, "stage": "none"}}).encode(),
        json.dumps({"error": {**ERROR, "message": None}}).encode(),
        json.dumps({"error": {**ERROR, "kind": ["KeyError"]}}).encode(),
    ],
)
def test_what_makes_no_sense_is_nothing(content: bytes) -> None:
    assert read_result(content) == (None, None)


@pytest.mark.parametrize("line", [0, -1, "3", 1.5, None])
def test_a_line_that_is_none_is_left_out(line: Any) -> None:
    _, error = read_result(json.dumps({"error": {**ERROR, "line": line}}).encode())
    assert error is not None
    assert error.line is None


def test_halves_of_characters_become_something_that_can_be_written() -> None:
    returned, _ = read_result(b'{"returned": {"type": "str", "value": ["\\ud800", "\\ud83d\\ude00"]}}')
    assert returned is not None
    assert returned.value == ["?", "\N{GRINNING FACE}"]


def test_a_kernel_that_counts_all_of_a_user_leaves_room_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(processes=10)
    assert bounds(limits, of_python=True, enclosed=True)["processes"] == 10  # from Linux 5.14 on
    monkeypatch.setattr(jobs.os, "uname", lambda: SimpleNamespace(release="5.10.0-28-amd64"))
    monkeypatch.setattr(jobs.os, "getuid", lambda: 4_000_000_000)  # of whom there is nobody
    assert bounds(limits, of_python=True, enclosed=True)["processes"] == 10
    monkeypatch.setattr(jobs.os, "getuid", lambda: Path("/proc/self").stat().st_uid)
    monkeypatch.setattr(jobs, "ORDINARY", Path("/proc/self").stat().st_uid)
    assert bounds(limits, of_python=True, enclosed=True)["processes"] > 10


def test_only_python_is_bounded_in_its_address_space() -> None:
    assert bounds(Limits(), of_python=True, enclosed=True)["address_bytes"] > Limits().memory_bytes
    assert bounds(Limits(), of_python=False, enclosed=True)["address_bytes"] is None
