"""Programs in the real sandbox on a local Earth Engine, each with a real error to mend, and the command itself.

The command is run as a user runs it, against a real endpoint whose answers are scripted.
"""

import argparse
import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from codegen.chain.cli import add_parser
from codegen.chain.generate import complete_function, generate, replay
from codegen.chain.pool import read_pool
from codegen.sandbox.sandbox import Sandbox
from ee_emulator.process import Emulator
from lake.errors import BadInputError
from lake.settings import settings
from tests.codegen.chain.support import DESIGN, FORM, MEAN, PROGRAM, REGION, Scripted, block, chain_answers
from tests.codegen.models.fake_endpoint import Asked, fake_endpoint

REQUEST = "mean elevation within 5 km of 114.3 E, 30.6 N"
NO_SUCH_BAND = MEAN.replace("ee.Image('USGS/SRTMGL1_003')", "ee.Image('USGS/SRTMGL1_003').select('height')")
SCRIPT_REGION = "function load_region() {\n  return ee.Geometry.Point([114.3, 30.6]).buffer(5000);\n}"
SCRIPT_MEAN = (
    "function mean_elevation(region) {\n  var dem = ee.Image('USGS/SRTMGL1_003').select('height').clip(region);\n"
    "  Map.addLayer(dem, {min: 0, max: 100}, 'elevation');\n"
    "  return dem.reduceRegion({reducer: ee.Reducer.mean(), geometry: region, scale: 90}).values().get(0);\n}"
)


def test_an_error_of_earth_engine_is_mended_in_python(sandbox: Sandbox) -> None:
    model = Scripted([*chain_answers(REGION, NO_SUCH_BAND), block(PROGRAM)])
    pool = asyncio.run(generate(REQUEST, model, sandbox=sandbox, take_result=True))
    assert pool.ran
    assert [one.cause for one in pool.state.rounds] == ["execution"]
    assert "height" in pool.state.rounds[0].told
    assert pool.last_execution is not None
    assert 0 < float(pool.last_execution.stdout) < 200
    assert pool.state.result is not None
    assert (pool.record.executions[pool.state.result].returned or {})["type"] == "ee.Number"
    assert asyncio.run(replay(pool)) == pool


def test_an_error_of_earth_engine_is_mended_in_javascript(sandbox: Sandbox, tmp_path: Path) -> None:
    parts = [block(SCRIPT_REGION, "javascript"), block(SCRIPT_MEAN, "javascript")]
    right = SCRIPT_MEAN.replace(".select('height')", "")
    mended = f"{SCRIPT_REGION}\n{right}\nprint(mean_elevation(load_region()));"
    model = Scripted([json.dumps(FORM), json.dumps(DESIGN), *parts, block(mended, "js")])
    pool = asyncio.run(generate(REQUEST, model, sandbox=sandbox, language="javascript"))
    assert pool.ran
    assert pool.state.rounds[0].cause == "execution"
    assert pool.last_execution is not None
    assert "layers.json" in pool.last_execution.files
    assert "[map layer: elevation]" in pool.last_execution.stdout
    assert asyncio.run(replay(pool)) == pool


def test_a_function_is_tried_in_the_sandbox(sandbox: Sandbox) -> None:
    instruction = (
        'def twice(x: ee.Number) -> ee.Number:\n    """Twice a number.\n\n    >>> twice(ee.Number(2))\n    """\n'
    )
    wrong = "def twice(x):\n    return ee.Number(x).multiply(ee.Image(2).get('none'))"
    right = "def twice(x):\n    return x.multiply(2)"
    model = Scripted(["no plan", block(wrong), block(right)])
    pool = asyncio.run(complete_function(instruction, model, sandbox=sandbox))
    assert pool.ran
    assert pool.program.code == right
    assert [one.cause for one in pool.state.rounds] == ["execution"]


Command = Callable[..., int]


@pytest.fixture
def command(emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """`eecode generate`, with a data folder of its own."""
    monkeypatch.setenv("AEF_ECON_DATA_DIR", str(tmp_path / "data"))
    settings.cache_clear()

    def run(*arguments: str) -> int:
        parser = argparse.ArgumentParser()
        add_parser(parser.add_subparsers(required=True))
        options = parser.parse_args(["generate", *arguments, "--url", emulator.url])
        return int(options.run(options))

    return run


@pytest.fixture(autouse=True)
def _settings_as_before() -> object:
    yield
    settings.cache_clear()


def answer(asked: Asked) -> str:
    """Of a model that makes one mistake, and heeds feedback."""
    marks = {
        "Fill in this form": json.dumps(FORM | {"data": ""}),
        "Divide the program": json.dumps(DESIGN),
        "Write the function `load_region`": block(REGION),
        "Write the function `mean_elevation`": block(MEAN.replace("reduceRegion(", "reduceRegionn(")),
        "make it 2 km": block(PROGRAM.replace("5000", "2000")),
        "reduceRegionn": block(PROGRAM),
    }
    return next(text for mark, text in marks.items() if mark in asked.prompt)


def test_the_command_writes_program_pool_and_output(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    with fake_endpoint(answer) as endpoint:
        endpoint.set(monkeypatch)
        arguments = [REQUEST, "--model", "openai-api/fake/a-model", "--out", str(out), "--no-ask"]
        assert command(*arguments) == 0
        printed = capsys.readouterr().out
        assert endpoint.count == 5
        for step in (
            "Requirement analysis",
            "Algorithm design",
            "Implementation",
            "1 of 2: load_region",
            "mending: Line",
        ):
            assert step in printed
        assert f"The program ran: {out / 'program.py'}" in printed
        assert "SIMULATED" in printed
        assert "on a SIMULATED planet" in (out / "program.py").read_text()
        assert "- data: the data set of Earth Engine's catalogue that fits best" in printed
        assert {path.name for path in (out / "output").iterdir()} == {"printed.txt", "result.json"}
        assert (out / "program.py").read_text().startswith("# Request:        mean elevation within 5 km")
        assert read_pool(out / "pool.json").ran

        assert command(*arguments) == 0  # again: nothing is asked, and what was done is not told anew
        assert endpoint.count == 5
        assert "Requirement analysis" not in capsys.readouterr().out
        assert command("--resume", str(out), "--feedback", "make it 2 km") == 0
        assert endpoint.count == 6
    program = (out / "program.py").read_text()
    assert "buffer(2000)" in program
    assert "2 rounds of debugging" in program


def test_the_program_that_was_written_runs_by_itself(
    command: Command, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fake_endpoint(answer) as endpoint:
        endpoint.set(monkeypatch)
        assert command(REQUEST, "--model", "openai-api/fake/m", "--out", str(tmp_path), "--no-ask") == 0
    run = [sys.executable, "-m", "ee_emulator.cli", "run", str(tmp_path / "program.py")]
    done = subprocess.run(run, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout.split()[-1]) > 0


def test_answers_come_from_a_file(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = tmp_path / "answers.yaml"
    answers.write_text("data: USGS/SRTMGL1_003\n")
    with fake_endpoint(answer) as endpoint:
        endpoint.set(monkeypatch)
        out = ["--model", "openai-api/fake/m", "--out", str(tmp_path / "out")]
        assert command(REQUEST, *out, "--answers", str(answers), "--without", "execution") == 1  # it did not run
        assert command(REQUEST, *out[:2], "--out", str(tmp_path / "ran"), "--answers", str(answers)) == 0
    pool = read_pool(tmp_path / "ran" / "pool.json")
    assert pool.state.fields["data"] == "USGS/SRTMGL1_003"
    assert pool.record.answers[0].by == "file"


def test_a_model_that_writes_nothing_ends_with_status_1(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with fake_endpoint(["I am sorry."]) as endpoint:
        endpoint.set(monkeypatch)
        assert command("地表温度图", "--model", "openai-api/fake/m", "--out", str(tmp_path), "--no-ask") == 1
    assert "There is no program: The model wrote no program." in capsys.readouterr().out
    assert not (tmp_path / "program.py").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Say what the program should do"),
        (["x", "--feedback", "y"], "--resume DIR"),
        (["--resume", "nowhere"], "There is no pool"),
        (["--resume", "nowhere", "--seed", "1"], "leave out seed"),
        (["x", "--without", "thinking"], "no step or table 'thinking'"),
        (["x", "--kb", "nowhere", "--model", "openai-api/fake/m"], "nowhere"),
    ],
)
def test_what_cannot_be_done_is_said(
    command: Command, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.setenv("FAKE_BASE_URL", "http://127.0.0.1:9/v1")
    with pytest.raises(BadInputError, match=said):
        command(*arguments)
