"""MLflow: a run a system, which the same records do not make twice."""

from pathlib import Path

import polars as pl
import pytest

from codegen.evaluation.scores.frame import checked
from codegen.evaluation.scores.summary import summary
from codegen.evaluation.scores.tracking import EXPERIMENT, Store, digest, log_scores, store_of, told
from lake.settings import Settings
from tests.codegen.evaluation.scores.simulated import Bench, Simulated, simulated

ABOUT = {
    "benchmark": "ours",
    "benchmark_hash": "ab12",
    "simulated": True,
    "settings": {"epochs": 5, "temperature": 0.2, "workers": 2, "benchmark": "somewhere"},
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("mlflow")
    return Store(f"sqlite:///{folder / 'new' / 'mlflow.db'}", str(folder / "artifacts"))


@pytest.fixture(scope="module")
def records() -> pl.DataFrame:
    return simulated([Simulated("a", rate=0.7), Simulated("b", "rag", 0.4, network=0.1)], Bench(tasks=24))


def test_the_same_records_are_logged_once(store: Store, records: pl.DataFrame, tmp_path: Path):
    from mlflow import MlflowClient

    page = tmp_path / "page.html"
    page.write_text("<html>", encoding="utf-8")
    first = log_scores(records, ABOUT, store, page)
    again = log_scores(records.sample(fraction=1, shuffle=True, seed=3), ABOUT, store, page)
    assert [one.is_new for one in first + again] == [True, True, False, False]
    assert [one.run_id for one in first] == [one.run_id for one in again]
    assert "logged before" in told(again)

    client = MlflowClient(store.uri)
    experiment = client.get_experiment_by_name(EXPERIMENT)
    assert experiment is not None
    assert len(client.search_runs([experiment.experiment_id])) == 2
    run = client.get_run(first[1].run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params == {
        "model": "b", "solver": "rag", "benchmark": "ours", "benchmark_hash": "ab12", "epochs": "5",
        "temperature": "0.2",
    }  # fmt: skip
    assert run.data.tags["simulated"] == "true"
    of_b = checked(records.filter(model="b"))
    whole = summary(of_b).row(0, named=True)
    for name in ("first_1", "unbiased_5", "judged_first_3", "cv", "sa", "error_network", "total_tokens", "coverage"):
        assert run.data.metrics[f"{name}/all"] == pytest.approx(whole[name])
    by_section = {row["section"]: row for row in summary(of_b, ("section",)).iter_rows(named=True)}
    assert run.data.metrics["first_1/boundary"] == pytest.approx(by_section["boundary"]["first_1"])
    names = {artifact.path for artifact in client.list_artifacts(run.info.run_id)}
    assert names == {"records.parquet", "report.md", "leaderboard.html"}
    kept = client.download_artifacts(run.info.run_id, "records.parquet", str(tmp_path))
    assert checked(pl.read_parquet(kept)).equals(of_b)


def test_a_run_that_was_not_finished_is_finished(store: Store, records: pl.DataFrame):
    from mlflow import MlflowClient

    one = records.filter(model="a").with_columns(model=pl.lit("killed"))
    [begun] = log_scores(one, ABOUT, store)
    client = MlflowClient(store.uri)
    client.update_run(begun.run_id, status="RUNNING")
    [again] = log_scores(one, ABOUT, store)
    assert (again.run_id, again.is_new) == (begun.run_id, True)
    assert client.get_run(begun.run_id).info.status == "FINISHED"


def test_what_records_depend_on_changes_their_digest(records: pl.DataFrame):
    base = digest(records, {"benchmark": "ours"})
    assert digest(records.reverse(), {"benchmark": "ours"}) == base
    assert digest(records, {"benchmark": "theirs"}) != base
    assert digest(records.with_columns(code=pl.lit("")), {"benchmark": "ours"}) != base


def test_the_store_is_that_of_the_settings(tmp_path: Path):
    settings = Settings(data_dir=tmp_path, mlflow_tracking_uri="")
    assert store_of(settings) == Store(f"sqlite:///{tmp_path / 'mlflow.db'}", str(tmp_path / "mlflow-artifacts"))
