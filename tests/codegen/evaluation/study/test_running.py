"""Studies from end to end: a scripted endpoint, the knowledge base, the chain, the sandbox, the judge, the page."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from codegen.evaluation.scores.intervals import Drawing
from codegen.evaluation.study import costs
from codegen.evaluation.study.analysis import analyse
from codegen.evaluation.study.cli import add_parser
from codegen.evaluation.study.page import write
from codegen.evaluation.study.reading import read_study
from lake.errors import BadInputError
from tests.codegen.evaluation.study.conftest import TWO, RunStudy, reading
from tests.codegen.evaluation.tasks.scripted import MODEL, answering
from tests.codegen.evaluation.tasks.tiny import CASES, FUNCTIONS
from tests.codegen.models.fake_endpoint import Fault, fake_endpoint

QUICK = Drawing(draws=200)


def test_what_the_knowledge_base_and_the_check_say_is_what_makes_the_difference(
    study: RunStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(costs, "FIRST", 5)
    said: list[str] = []
    with fake_endpoint(reading) as endpoint:
        endpoint.set(monkeypatch)
        outcome = study(say=said.append)
    assert (outcome.tasks, outcome.missing, outcome.failed) == (5, {}, {})
    found = read_study(tmp_path / "study")
    assert found.records.height == 4 * CASES
    right = {
        name: set(found.records.filter(solver=name, passed=True)["function"])
        for name in found.records["solver"].unique()
    }
    assert right["bare"] == set()
    assert right["rag"] == {"geometryBufferTask", "constantMeanTask"}  # operators that the small knowledge base has
    assert right["no_operators"] < right["rag"]
    assert right["cop"] == set(FUNCTIONS)  # the check names what is near to what there is not
    calls = dict(found.programs.group_by("solver").agg(pl.mean("calls")).iter_rows())
    assert calls["bare"] == calls["rag"] == 1
    assert 1 < calls["cop"] < 2
    analysis = analyse(found, QUICK)
    uplifts = {(row["condition"], row["against"]): row["difference"] for row in analysis.uplifts.iter_rows(named=True)}
    assert uplifts["cop", "bare"] == pytest.approx(1)
    assert uplifts["rag", "bare"] == pytest.approx(3 / CASES)
    assert uplifts["no_operators", "rag"] < 0
    page = write(found, analysis, tmp_path / "study").read_text()
    assert "cop − rag" in page
    assert said[0] == "4 conditions, 5 tasks, 1 time: 20 programs, with 25 questions at most."


def test_interrupted_or_out_of_time_it_goes_on_and_asks_nothing_twice(
    study: RunStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(line: str) -> None:
        if line.startswith("direct"):
            raise KeyboardInterrupt

    with fake_endpoint(reading) as endpoint:
        endpoint.set(monkeypatch)
        nothing = study(TWO, sample=3, limit_minutes=0)
        assert (endpoint.count, nothing.missing) == (0, {"bare": 3, "direct": 3})
        with pytest.raises(KeyboardInterrupt):
            study(TWO, interrupt, sample=3)
        assert endpoint.count == 2  # of `bare`, the first slice
        first = read_study(tmp_path / "study")
        assert analyse(first, QUICK).not_begun == ("direct",)
        said: list[str] = []
        done = study(TWO, said.append, sample=3)
        assert (done.missing, endpoint.count) == ({}, 6)
        again = study(TWO, said.append, sample=3)
        assert (again.missing, endpoint.count) == ({}, 6)
    assert [len(one) for one in first.state.slices] == [2]
    assert any(line.startswith("2 programs are to come: about 2 questions") for line in said)
    records = read_study(tmp_path / "study").records
    assert set(Counter(records.select("solver", "function", "case").iter_rows()).values()) == {1}
    assert records.filter(solver="bare")["function"].n_unique() == 3
    with pytest.raises(BadInputError, match="another seed"):
        study(TWO, sample=3, seed=1)
    with pytest.raises(BadInputError, match="another way than direct"):
        study(TWO.replace("solver: direct", "solver: few_shot"), sample=3)


def test_where_nobody_answers_the_study_ends_and_says_so_and_the_next_call_tries_again(
    study: RunStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    with fake_endpoint([Fault(500)]) as endpoint:
        endpoint.set(monkeypatch)
        outcome = study(TWO, said.append, sample=1)
        assert (outcome.missing, outcome.failed) == ({"direct": 1}, {"bare": 1})
        assert "Not one program of bare could be judged" in said[-1]
        endpoint.script = answering({})
        outcome = study(TWO, sample=1)
        assert (outcome.missing, outcome.failed) == ({}, {})


def test_the_command_runs_a_study_and_shows_it_again(
    benchmark: Path, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "conditions.yaml"
    table.write_text(TWO)
    out = tmp_path / "out"
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers(required=True))
    with fake_endpoint(answering({})) as endpoint:
        endpoint.set(monkeypatch)
        wanted = ["study", "--model", MODEL, "--benchmark", str(benchmark), "--out", str(out), "--url", url]
        wanted += ["--conditions", str(table), "--sample", "1", "--parts", "unit", "--only", "direct"]
        options = parser.parse_args(wanted)
        assert options.run(options) == 0
        assert endpoint.count == 2
    told = capsys.readouterr().out
    assert "2 conditions, 1 task, 1 time" in told
    assert "Each program was drawn once" in told
    (out / "report.html").unlink()
    options = parser.parse_args(["study", "--report-only", "--out", str(out)])
    assert options.run(options) == 0
    assert (out / "report.html").is_file()
    assert "What cannot be concluded" in capsys.readouterr().out
