"""A fit of a small table: what it finds, what it writes, and that it is honest, resumable and done once."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch

from lake.errors import BadInputError
from ml.model_files import load_trained
from ml.own_table.budget import STEPS, epochs
from ml.own_table.embedding import embed
from ml.own_table.fitting import fit, notes_on_rows
from ml.own_table.labels import read_labels
from ml.own_table.plan import make_plans
from ml.own_table.probing import probe
from ml.own_table.scoring import make_tasks
from ml.own_table.spec import load_spec
from ml.weights import weights_digest
from tests.ml.own_table.conftest import ROWS, Fitted, Read, made_table, silent, spec_of, write_spec


class Killed(BaseException):
    """As SIGKILL: nothing catches it."""


def score(fitted: Fitted, representation: str, label: str, measure: str = "r2") -> float:
    rows = [
        row
        for row in fitted.report["scores"]
        if (row["representation"], row["label"], row["measure"]) == (representation, label, measure)
    ]
    (found,) = rows
    return float(found["value"])


def test_what_was_planted_is_found(fitted: Fitted) -> None:
    assert score(fitted, "raw_columns", "income") > 0.8
    assert score(fitted, "embedding", "income") > 0.5  # told by two columns of nine
    assert score(fitted, "embedding", "use", "accuracy") > 0.8
    assert 0.4 < score(fitted, "majority_class", "use", "accuracy") < 0.6


def test_the_report_is_complete_and_plain(fitted: Fitted) -> None:
    report = fitted.report
    assert (report["format"], report["version"], report["origin"]) == ("aef-econ own table", 1, "Made up for a test.")
    assert report["table"]["rows"] == 360
    assert report["spec"]["groups"] == [{"column": "region", "units": None}]
    assert [(split["name"], split["folds"]) for split in report["splits"]] == [
        ("by region", {"east": 120, "north": 120, "west": 120})
    ]
    assert report["model"]["encoders"] == 4
    names = {row["representation"] for row in report["scores"] if row["measure"] == "r2"}
    assert names == {"embedding", "embedding_all_rows", "raw_columns", "pca"}
    for row in report["scores"]:
        if row["measure"] == "r2":
            assert row["low"] <= row["value"] <= row["high"]
        assert row["n"] == 360
    assert sum(stream["gradient_share"] for stream in report["streams"]) == pytest.approx(1.0)
    assert all(stream["reconstruction_r2"] > stream["held_out_r2"] - 0.2 for stream in report["streams"])
    text = (fitted.out / "report.md").read_text(encoding="utf-8")
    assert "Made up for a test." in text
    assert "by region" in text
    assert (fitted.out / "report.html").read_text(encoding="utf-8").count("data:image/png") == 5
    assert {path.name for path in (fitted.out / "figures").iterdir()} == {
        "map.png", "neighbours.png", "scores.png", "streams.png", "training.png",
    }  # fmt: skip


def test_embeddings_carry_the_keys_and_have_unit_length(fitted: Fitted) -> None:
    table = pl.read_parquet(fitted.out / "embeddings.parquet")
    assert table.columns == ["place", "region", *(f"e00{i}" for i in range(8))]
    assert table["place"].to_list() == list(range(360))
    np.testing.assert_allclose(np.linalg.norm(table[:, 2:].to_numpy(), axis=1), 1.0, atol=1e-5)


def test_a_second_run_does_nothing(fitted: Fitted) -> None:
    before = {path: path.stat().st_mtime_ns for path in fitted.out.rglob("*")}
    said: list[str] = []
    fit(fitted.table, fitted.spec, fitted.out, said.append)
    assert said[-1].startswith("Nothing to do")
    assert {path: path.stat().st_mtime_ns for path in fitted.out.rglob("*")} == before


def test_a_run_that_was_killed_goes_on_and_ends_the_same(fitted: Fitted, tmp_path: Path) -> None:
    def kill(line: str) -> None:
        if line.startswith("Training without north: epoch 6"):
            raise Killed

    with pytest.raises(Killed):
        fit(fitted.table, fitted.spec, tmp_path, kill)
    assert not (tmp_path / "report.json").exists()
    trained_before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "models").glob("*.pt")}
    assert trained_before
    report = json.loads(fit(fitted.table, fitted.spec, tmp_path, silent).read_text(encoding="utf-8"))
    assert {name: (tmp_path / "models" / name).stat().st_mtime_ns for name in trained_before} == trained_before
    for key in ("run", "scores", "means", "differences", "splits", "neighbours"):
        assert report[key] == fitted.report[key]
    assert report["model"]["digest"] == fitted.report["model"]["digest"]


def test_an_encoder_never_sees_the_rows_that_it_is_scored_on(fitted: Fitted, tmp_path: Path) -> None:
    """Other values in one region change every encoder but that which was trained without it."""
    changed = made_table().with_columns(heat=pl.when(pl.col("region") == "east").then(7.0).otherwise(pl.col("heat")))
    changed.write_parquet(tmp_path / "places.parquet")
    fit(tmp_path / "places.parquet", fitted.spec, tmp_path / "out", silent)

    def digests(out: Path) -> set[str]:
        return {weights_digest(load_trained(path).encoder) for path in (out / "models").glob("*.pt")}

    before, after = digests(fitted.out), digests(tmp_path / "out")
    assert len(before) == len(after) == 4
    assert len(before & after) == 1


def test_ten_rows_without_labels_have_a_model_and_embeddings(tmp_path: Path) -> None:
    made_table(10).write_csv(tmp_path / "t.csv")
    spec = write_spec(tmp_path, "streams: {all: {columns: 'band_*'}}\nkeys: place\nbudget: {epochs: 2, width: 4}\n")
    report = json.loads(fit(tmp_path / "t.csv", spec, tmp_path / "out", silent).read_text(encoding="utf-8"))
    assert report["scores"] == []
    assert "need at least" in report["neighbours"]["advice"][0]
    assert pl.read_parquet(tmp_path / "out" / "embeddings.parquet").shape == (10, 5)


def test_seconds_are_turned_into_epochs_once(read: Read, tmp_path: Path) -> None:
    spec = spec_of(budget={"seconds": 0.2, "width": 4, "hidden": 8})
    data, record, said = read(made_table()).streams, tmp_path / "budget.json", list[str]()
    chosen = epochs(spec, data, 2, record, "run", said.append)
    assert 1 <= chosen <= 1_000
    assert "rows a second" in said.pop()
    assert epochs(spec, data, 2, record, "run", said.append) == chosen
    assert not said
    epochs(spec, data, 2, record, "another run", said.append)
    assert "rows a second" in said.pop()
    epochs(spec_of(budget={"seconds": 1e-9}), data, 2, record, "hopeless", said.append)
    assert "set `training_rows`" in said.pop()


def test_without_a_budget_small_tables_are_seen_often_and_large_ones_a_few_times(read: Read, tmp_path: Path) -> None:
    data = read(made_table()).streams
    assert epochs(spec_of(budget={"batch": 60}), data, 1, tmp_path / "b", "", silent) == STEPS / (ROWS / 60)
    few = spec_of(budget={"batch": 60, "training_rows": 60})
    assert epochs(few, data, 1, tmp_path / "b", "", silent) == STEPS
    assert epochs(spec_of(budget={"epochs": 5}), data, 1, tmp_path / "b", "", silent) == 5


def test_the_same_table_embeds_to_the_same_and_rows_may_come_in_any_format(fitted: Fitted, tmp_path: Path) -> None:
    assert embed(fitted.out, fitted.table, tmp_path / "e.parquet", silent) == 360
    wanted = pl.read_parquet(fitted.out / "embeddings.parquet")
    assert pl.read_parquet(tmp_path / "e.parquet").equals(wanted)
    made_table().reverse().write_csv(tmp_path / "t.csv")
    embed(fitted.out, tmp_path / "t.csv", tmp_path / "e.parquet", silent, keys=["place"])
    found = pl.read_parquet(tmp_path / "e.parquet").reverse()
    np.testing.assert_allclose(found[:, 1:].to_numpy(), wanted[:, 2:].to_numpy(), atol=1e-5)


def test_a_row_of_which_no_stream_is_there_has_no_embedding(fitted: Fitted, tmp_path: Path) -> None:
    table = made_table(4)
    streams = [name for name in table.columns if name.startswith("band_") or name in ("shops", "people", "heat")]
    gone = table.with_columns(pl.when(pl.col("place") > 0).then(pl.col(name)).alias(name) for name in streams)
    gone.write_parquet(tmp_path / "t.parquet")
    embed(fitted.out, tmp_path / "t.parquet", tmp_path / "e.parquet", silent)
    missing = np.isnan(pl.read_parquet(tmp_path / "e.parquet")[:, 2:].to_numpy())
    assert missing.all(axis=1).tolist() == missing.any(axis=1).tolist() == [True, False, False, False]


def test_what_cannot_be_embedded_is_told(fitted: Fitted, tmp_path: Path) -> None:
    made_table().drop("heat").write_parquet(tmp_path / "lacks.parquet")
    made_table().drop("region").write_parquet(tmp_path / "keys.parquet")
    for model, table, out, said in (
        (tmp_path, fitted.table, "e.parquet", "holds no model"),
        (fitted.out, tmp_path / "lacks.parquet", "e.parquet", "lacks the column heat"),
        (fitted.out, tmp_path / "keys.parquet", "e.parquet", "lacks the column region.*--keys"),
        (fitted.out, fitted.table, "e.csv", "written as Parquet"),
        (fitted.out, tmp_path / "keys.parquet", "keys.parquet", "is the table itself"),
    ):
        with pytest.raises(BadInputError, match=said):
            embed(model, table, tmp_path / out, silent)
    assert not (tmp_path / "e.parquet").exists()


def test_the_exported_model_runs_without_this_repository(fitted: Fitted, tmp_path: Path) -> None:
    columns = json.loads((fitted.out / "columns.json").read_text(encoding="utf-8"))["stored"]
    rows = made_table()[:5].select(pl.col(columns).cast(pl.Float32)).to_numpy()
    np.save(tmp_path / "rows.npy", rows)
    script = (
        "import sys, numpy, torch\n"
        "sys.modules['ml'] = sys.modules['lake'] = None\n"
        "network = torch.export.load(sys.argv[1]).module()\n"
        "numpy.save(sys.argv[3], network(torch.from_numpy(numpy.load(sys.argv[2]))).numpy(force=True))\n"
    )
    arguments = [fitted.out / "model.pt2", tmp_path / "rows.npy", tmp_path / "e.npy"]
    subprocess.run([sys.executable, "-c", script, *arguments], check=True, cwd=tmp_path)
    wanted = load_trained(fitted.out / "model.pt").encoder(torch.from_numpy(rows)).numpy(force=True)
    np.testing.assert_allclose(np.load(tmp_path / "e.npy"), wanted, atol=1e-5)


def test_any_embeddings_can_be_probed(tmp_path: Path) -> None:
    """Features that are the truth itself tell everything; those of other rows tell nothing."""
    table = made_table()
    rng = np.random.default_rng(0)
    truth = table.select("place", "region", "income", "use", e0=pl.col("income"), e1=pl.Series(rng.normal(size=360)))
    truth.write_parquet(tmp_path / "e.parquet")
    text = "labels: {income: quantity, use: class}\ngroups: region\n"
    path = probe(tmp_path / "e.parquet", write_spec(tmp_path, text), tmp_path / "out", silent)
    scores = {(row["label"], row["measure"]): row["value"] for row in json.loads(path.read_text())["scores"]}
    assert scores["income", "r2"] > 0.99
    assert scores["use", "accuracy"] < 0.7
    assert (tmp_path / "out" / "report.html").exists()


def test_labels_of_another_table_are_joined_by_keys(tmp_path: Path) -> None:
    table = made_table()
    table.select("place", vector=pl.concat_list("income", "heat")).write_parquet(tmp_path / "e.parquet")
    labels = table.select(pl.col("place").cast(pl.Int32), "region", "income").sample(300, seed=1)
    labels.write_csv(tmp_path / "labels.csv")
    text = "labels: income\ngroups: region\nkeys: place\nfeatures: {list: vector, width: 2}\n"
    spec = write_spec(tmp_path, text)
    path = probe(tmp_path / "e.parquet", spec, tmp_path / "out", silent, tmp_path / "labels.csv")
    report = json.loads(path.read_text())
    assert report["table"]["rows"] == 300
    assert report["scores"][0]["value"] > 0.99
    pl.concat([labels, labels[:1]]).write_csv(tmp_path / "labels.csv")
    with pytest.raises(BadInputError, match="more than once"):
        probe(tmp_path / "e.parquet", spec, tmp_path / "out", silent, tmp_path / "labels.csv")
    labels.with_columns(pl.col("place") + 10_000).write_csv(tmp_path / "labels.csv")
    with pytest.raises(BadInputError, match="No row of"):
        probe(tmp_path / "e.parquet", spec, tmp_path / "out", silent, tmp_path / "labels.csv")


def test_what_a_reader_of_scores_should_know_is_noted(read: Read) -> None:
    region = pl.Series("region", ["lonely", *["east", "north", "west"] * (ROWS // 3)][:ROWS])
    matrix = read(made_table().with_columns(region, income=pl.col("heat") * 3))
    spec = load_spec(matrix.folder.parent / "spec.yaml")
    labels = read_labels(spec, matrix)
    notes = notes_on_rows(make_tasks(make_plans(spec, matrix, 0), labels, 100, 0), labels, matrix.streams)
    assert [note.split(" (")[0].split(" has ")[0] for note in notes] == [
        "income is foretold by heat alone",
        "by region: lonely",
        "The probes see 100 of 360 labelled rows, drawn at random.",
    ]
