"""The header: what it tells, and that nothing in it becomes code."""

import ast
import asyncio

import pytest

from codegen.chain.annotation import annotate, header
from codegen.chain.generate import generate
from codegen.chain.pool import Draft, Pool, Program, Setting
from codegen.checking.check import check
from codegen.sandbox.outcome import Language
from tests.codegen.chain.support import Scripted, StandIn, chain_answers

HOSTILE = "x\nimport os\u2028os.remove('a')\u2029\r\x0b\x0c\x85os.abort() */ \u202e\x00 ''' \"\"\" <script>"


def test_the_header_tells_what_the_program_is_and_how_it_was_made() -> None:
    model = Scripted(chain_answers(), name="a-model")
    pool = asyncio.run(generate("mean elevation", model, sandbox=StandIn(), seed=3, date="2026-11-26"))
    top = pool.program.code.split("\n\n", 1)[0]
    for told in (
        "Request:        mean elevation", "Objective:      Mean elevation around Wuhan",
        "Data sets:      USGS/SRTMGL1_003",
        "Place, period:  5 km around", "Method:         mean of the pixels", "Output:         number, printed text",
        "ee.Image.reduceRegion", "Model:          a-model, seed 3, cop", "Made:           2026-11-26",
        "static check: passed; ran in 0.1 s",
    ):  # fmt: skip
        assert told in top
    assert all(line.startswith("#") and len(line) <= 110 for line in top.split("\n"))


@pytest.mark.parametrize("language", ["python", "javascript"])
def test_hostile_texts_stay_in_comments(language: Language) -> None:
    code = "x = 1\n" if language == "python" else "var x = 1;\n"
    setting = Setting(request=HOSTILE, language=language, model=HOSTILE, date=HOSTILE)
    pool = Pool(setting=setting)
    pool.state.program = Program(state="failed", code=code, reason=HOSTILE)
    pool.state.fields = {"objective": HOSTILE, "data": HOSTILE, "method": HOSTILE}
    pool.state.assumptions = [HOSTILE]
    annotate(pool)
    mark = "#" if language == "python" else "//"
    assert len(header(pool).splitlines()) == len(header(pool).split("\n"))
    assert all(line.startswith(mark) for line in header(pool).splitlines())
    assert [line for line in pool.program.code.splitlines() if line and not line.startswith(mark)] == [code.strip()]
    if language == "python":
        assert ast.dump(ast.parse(pool.program.code)) == ast.dump(ast.parse(code))
    else:
        assert check(pool.program.code, "javascript") == ()


def test_what_does_not_run_says_so() -> None:
    pool = Pool(setting=Setting(request="x"))
    pool.state.program = Program(state="failed", code="x = 1", reason="EEException: no")
    pool.state.drafts = [Draft(code="x = 1", findings=[])]
    assert "DOES NOT RUN: EEException: no" in header(pool)


def test_a_program_that_cannot_be_read_has_no_header() -> None:
    pool = Pool(setting=Setting(request="x"))
    pool.state.program = Program(state="failed", code="x = (", reason="syntax")
    annotate(pool)
    assert pool.program.code == "x = ("
    assert any("no header" in note for note in pool.state.notes)


def test_without_a_program_there_is_nothing_to_annotate() -> None:
    pool = Pool(setting=Setting(request="x"))
    annotate(pool)
    assert pool.program.code == ""


def test_a_future_import_stays_first() -> None:
    pool = Pool(setting=Setting(request="x"))
    pool.state.program = Program(state="ran", code='"""Doc."""\nfrom __future__ import annotations\nx = 1\n')
    annotate(pool)
    assert pool.program.code.startswith("# Request:")
    compile(pool.program.code, "<program>", "exec")
