"""A benchmark is built, read again and told of; here of a few tasks."""

import argparse
import json

import pytest

from codegen.evaluation.building import build as building
from codegen.evaluation.building import cli, lock
from codegen.evaluation.building.build import build_benchmark, unit_drafts
from codegen.evaluation.cases.case import PARTS
from codegen.evaluation.cases.reading import missing_answers, read_benchmark
from lake.errors import BadInputError

FEW = unit_drafts()[5::300]


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(building, "part_drafts", lambda part: FEW if part == "unit" else [])


def _command(folder, *given):
    parser = argparse.ArgumentParser()
    cli.add_parser(parser.add_subparsers())
    options = parser.parse_args(["build", "--out", str(folder), "--parts", "unit", *given])
    return options.run(options)


def test_what_is_built_is_read_as_it_was_made(few, tmp_path, url):
    built = build_benchmark(tmp_path, ("unit",), lambda _: None, url)
    read = read_benchmark(tmp_path)
    assert list(read.tasks) == built.tasks
    assert [task.function for task in read.tasks] == [draft.task.function for draft in FEW]
    assert missing_answers(read) == []
    assert read.name == "aef-econ"


def test_the_manifest_counts_and_says_that_the_planet_is_simulated(few, tmp_path, url):
    build_benchmark(tmp_path, ("unit",), lambda _: None, url)
    told = json.loads((tmp_path / "manifest.json").read_text())
    cases = [case for draft in FEW for case in draft.task.cases]
    assert told["parts"]["unit"]["tasks"] == len(FEW)
    assert told["parts"]["unit"]["cases"]["boundary"] == sum(case.edge_test for case in cases)
    assert sum(told["parts"]["unit"]["types"].values()) == len(cases)
    assert "simulated" in told["note"]
    assert len(told["code"]) == 16


def test_a_part_that_is_not_built_again_keeps_its_counts(few, tmp_path, url, monkeypatch):
    build_benchmark(tmp_path, ("unit",), lambda _: None, url)
    before = (tmp_path / "manifest.json").read_text()
    build_benchmark(tmp_path, (), lambda _: None, url)
    assert (tmp_path / "manifest.json").read_text() == before


def test_two_tasks_of_one_name_are_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(building, "part_drafts", lambda _: FEW)
    with pytest.raises(BadInputError, match=FEW[0].task.function):
        build_benchmark(tmp_path, ("unit", "theme"), lambda _: None, "http://127.0.0.1:1")


def test_the_command_builds_validates_and_fails_where_an_answer_moved(few, tmp_path, monkeypatch, capsys):
    path = tmp_path / "answers.lock"
    monkeypatch.setattr(lock.read_lock, "__defaults__", (path,))
    monkeypatch.setattr(lock.write_lock, "__defaults__", (path,))
    assert _command(tmp_path / "out", "--lock") == 0
    assert "| unit |" in capsys.readouterr().out
    assert _command(tmp_path / "out", "--validate") == 0
    first = path.read_text().splitlines()[0].split()
    path.write_text(path.read_text().replace(first[1], "00000000"))
    with pytest.raises(BadInputError, match="1 answers moved"):
        _command(tmp_path / "out", "--validate")


def test_all_parts_have_drafts():
    assert all(building.part_drafts(part) for part in PARTS)
