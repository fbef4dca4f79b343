"""Folders of runs."""

import json
from pathlib import Path

import polars as pl
import pytest

from codegen.evaluation.scores.frame import systems
from codegen.evaluation.scores.runs import merged, read_run, read_runs, told_apart
from lake.errors import BadInputError
from tests.codegen.evaluation.scores.simulated import Bench, Simulated, simulated


def written(folder: Path, system: Simulated, **about: object) -> Path:
    folder.mkdir()
    simulated([system], Bench(tasks=4)).write_parquet(folder / "records.parquet")
    if about:
        (folder / "run.json").write_text(json.dumps(about), encoding="utf-8")
    return folder


def test_runs_are_read_as_one(tmp_path: Path):
    a = written(tmp_path / "a", Simulated("a"), benchmark="ours", simulated=True, epochs=5, versions={"ee": "1.7"})
    b = written(tmp_path / "b", Simulated("b", "rag"), benchmark="ours", simulated=False, versions={"ee": "1.8"})
    run = read_runs([a, b])
    assert systems(run.records) == [("a", "bare"), ("b", "rag")]
    assert run.about == {"benchmark": "ours", "simulated": True, "epochs": 5, "versions": {"ee": "1.7, 1.8"}}
    assert read_run(written(tmp_path / "c", Simulated("c"))).about == {}


def test_values_of_several_runs_stand_side_by_side():
    assert merged([{"a": 1, "b": [1]}, {"a": 1.5, "b": [1]}]) == {"a": "1, 1.5", "b": [1]}
    dates = merged([{"date": f"2025-11-{day}"} for day in range(10, 20)])
    assert dates == {"date": "2025-11-10 … 2025-11-19 (10 values)"}


def test_what_is_no_run_is_refused(tmp_path: Path):
    with pytest.raises(BadInputError, match=r"has no records\.parquet"):
        read_run(tmp_path)
    with pytest.raises(BadInputError, match="No run is named"):
        read_runs([])
    folder = written(tmp_path / "a", Simulated("a"), x=1)
    with pytest.raises(BadInputError, match="there twice"):
        read_runs([folder, folder])
    for broken, told in (("{", "no JSON"), ("[]", "must hold an object")):
        (folder / "run.json").write_text(broken, encoding="utf-8")
        with pytest.raises(BadInputError, match=told):
            read_run(folder)
    (folder / "records.parquet").write_bytes(b"no parquet")
    with pytest.raises(BadInputError, match="cannot be read"):
        read_run(folder)


def test_systems_of_the_same_name_are_told_apart_by_their_runs(tmp_path: Path):
    old, new = (read_run(written(tmp_path / name, Simulated("m"))) for name in ("old", "new"))
    a, b = told_apart(old, new, ("old", "new"))
    assert systems(pl.concat([a.records, b.records])) == [("m (new)", "bare"), ("m (old)", "bare")]
    other = read_run(written(tmp_path / "other", Simulated("n")))
    assert told_apart(old, other, ("old", "other")) == (old, other)
