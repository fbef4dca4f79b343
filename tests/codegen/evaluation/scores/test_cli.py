"""The commands `report` and `compare`."""

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from codegen.evaluation.cases.case import Case, Task
from codegen.evaluation.cases.writing import write_part
from codegen.evaluation.scores.cli import add_parser
from lake.errors import BadInputError
from tests.codegen.evaluation.scores.simulated import Simulated
from tests.codegen.evaluation.scores.test_runs import written

Run = Callable[..., int]


@pytest.fixture
def run() -> Run:
    def run(*arguments: object) -> int:
        parser = argparse.ArgumentParser()
        add_parser(parser.add_subparsers(required=True))
        options = parser.parse_args([str(argument) for argument in arguments])
        return int(options.run(options))

    return run


def test_report_prints_the_scores_and_writes_the_page(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    a = written(tmp_path / "a", Simulated("a", network=0.5), benchmark="ours")
    b = written(tmp_path / "b", Simulated("b"))
    assert run("report", a, b) == 0
    printed = capsys.readouterr().out
    assert "`a/bare`" in printed
    assert "`b/bare`" in printed
    assert "Beware: The network failed" in printed
    assert f"Look at {a / 'leaderboard.html'}." in printed
    assert "Benchmark ours" in (a / "leaderboard.html").read_text(encoding="utf-8")
    assert run("report", b, "--out", tmp_path / "page.html") == 0
    assert (tmp_path / "page.html").is_file()


def test_report_shows_what_the_benchmark_of_the_runs_expects(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    here = written(tmp_path / "here", Simulated("a"), settings={"benchmark": str(benchmark(tmp_path / "benchmark"))})
    assert run("report", here) == 0
    assert "do without" not in capsys.readouterr().out
    gone = written(tmp_path / "gone", Simulated("b"), settings={"benchmark": str(tmp_path / "moved")})
    assert run("report", gone) == 0
    broken = written(tmp_path / "broken", Simulated("c"), settings={"benchmark": str(tmp_path)})
    assert run("report", broken) == 0
    assert "The page does without expected answers: There are no cases in" in capsys.readouterr().out
    with pytest.raises(BadInputError):
        run("report", broken, "--benchmark", tmp_path)


def benchmark(folder: Path) -> Path:
    case = Case("f", 1, {"x": 1}, "error_message", "f_testcase1.txt")
    write_part(folder, "unit", [Task("f", "unit", 'def f(x):\n    """Fails."""\n', (case,))])
    return folder


def test_compare_tells_runs_of_one_system_apart(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    old, new = written(tmp_path / "old", Simulated("m", rate=0.2)), written(tmp_path / "new", Simulated("m", rate=0.8))
    assert run("compare", old, new, "--rate", "first_3", "--without-network") == 0
    printed = capsys.readouterr().out
    assert "Differences in pass@3, any of the first" in printed
    assert "| `m (old)/bare` | `m (new)/bare` | all |" in printed
    assert "| `m (old)/bare` | `m (new)/bare` | unit |" in printed
    assert run("compare", old, new, "--rate", "valid") == 0
    assert "Differences in programs without unknown operators" in capsys.readouterr().out


def test_the_commands_are_offered_without_loading_what_they_need():
    code = (
        "import argparse, sys; from codegen.evaluation.scores.cli import add_parser\n"
        "add_parser(argparse.ArgumentParser().add_subparsers())\n"
        "print({'polars', 'numpy', 'mlflow', 'jinja2'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
