"""The main job's steps on models, from streams in a lake to a champion, as the orchestration calls them."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pytest

from lake.errors import ModelMissingError
from lake.partition_io import Lake
from ml import pipeline
from ml.card import model_card
from ml.dataset import load_streams
from ml.model_files import load_trained
from ml.pipeline import SCORES_DATASET, Evaluation, TrainingOutcome
from ml.registry import Candidate, load_champion
from ml.tracking import Tracking, open_store
from ml.training import train
from ml.weights import weights_digest
from tests.ml.conftest import LABELS, PARTITIONS, TINY, MakeTracking, write_labels, write_streams

CONFIG = replace(TINY, width=256, heads=(128, 64), batch=64)


@dataclass(frozen=True)
class Site:
    """A lake, an MLflow store and a folder of models."""

    lake: Lake
    tracking: Tracking
    folder: Path

    def train(self) -> TrainingOutcome:
        return pipeline.train(self.lake, PARTITIONS, self.tracking, self.folder, CONFIG)

    def evaluate(self) -> Evaluation:
        return pipeline.evaluate(self.lake, self.tracking, self.folder)


MakeSite = Callable[[Lake], Site]


@pytest.fixture(scope="module")
def make_site(tmp_path_factory: pytest.TempPathFactory, make_tracking: MakeTracking) -> MakeSite:
    def make(lake: Lake) -> Site:
        folder = tmp_path_factory.mktemp("site")
        return Site(lake, make_tracking(folder), folder / "models")

    return make


@pytest.fixture(scope="module")
def site(filled_lake: Lake, make_site: MakeSite) -> Site:
    return make_site(filled_lake)


@pytest.fixture(scope="module")
def training(site: Site) -> TrainingOutcome:
    return site.train()


@pytest.fixture(scope="module")
def evaluation(site: Site, training: TrainingOutcome) -> Evaluation:
    return site.evaluate()


@pytest.fixture(scope="module")
def candidate(site: Site, evaluation: Evaluation) -> Candidate:
    return pipeline.register(site.lake, site.tracking, site.folder)


def test_training_leaves_both_models_and_a_finished_run_with_curves(site: Site, training: TrainingOutcome) -> None:
    assert training.changed
    assert training.rows == 960
    assert training.simulated
    assert load_trained(Path(training.car)).config == CONFIG
    assert load_trained(Path(training.shared)).config == replace(CONFIG, reconstruction="shared")
    client = open_store(site.tracking)
    run = client.get_run(training.run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params["learning_rate"] == str(CONFIG.learning_rate)
    assert run.data.tags["simulated"] == "true"
    assert run.data.tags["data_version"] == training.data_version
    for name in ("car", "shared"):
        history = client.get_metric_history(training.run_id, f"{name}/loss")
        assert [metric.step for metric in history] == list(range(1, CONFIG.epochs + 1))


def test_nothing_is_trained_twice(site: Site, training: TrainingOutcome) -> None:
    before = {path: path.stat().st_mtime_ns for path in site.folder.rglob("*.pt")}
    assert site.train() == replace(training, changed=False)
    assert {path: path.stat().st_mtime_ns for path in site.folder.rglob("*.pt")} == before


def test_from_scratch_everything_has_the_same_hash(
    site: Site, make_site: MakeSite, tmp_path: Path, training: TrainingOutcome, evaluation: Evaluation
) -> None:
    lake = Lake(str(tmp_path / "lake"))
    write_labels(lake, write_streams(lake, PARTITIONS))
    other = make_site(lake)
    again = other.train()
    assert (again.fingerprint, again.digest) == (training.fingerprint, training.digest)
    assert again.run_id != training.run_id
    scored = other.evaluate()
    assert scored.written.content_hash == evaluation.written.content_hash
    assert scored.figures == evaluation.figures


def test_new_data_are_trained_on_anew_in_a_run_of_their_own(
    make_site: MakeSite, tmp_path: Path, training: TrainingOutcome
) -> None:
    lake = Lake(str(tmp_path / "lake"))
    write_streams(lake, PARTITIONS)
    other = make_site(lake)
    table = lake.read("streams/nightlights", "wuhan", 2020)
    changed = table.with_columns(pl.col("radiance_mean") + 1)
    lake.write("streams/nightlights", "wuhan", 2020, changed, {"simulated": "true"})
    found = other.train()
    assert found.data_version != training.data_version
    assert found.digest != training.digest


def test_each_representation_has_a_score_for_each_label_under_each_split(evaluation: Evaluation) -> None:
    found = {(row["split"], row["representation"]) for row in evaluation.summary.to_dicts()}
    names = {"car_256", "car_128", "car_64", "shared_256", "aef", "raw_concat"}
    assert found == {("E1", name) for name in names} | {
        (split, name) for split in ("E2", "E3") for name in names | {"car_256_all", "shared_256_all"}
    }
    assert set(evaluation.summary["label"]) == set(LABELS)
    assert evaluation.summary.height == len(found) * len(LABELS)
    assert evaluation.summary["r2"].is_finite().all()


def test_the_encoder_of_a_fold_never_saw_the_cities_that_it_is_scored_on(site: Site, evaluation: Evaluation) -> None:
    data = load_streams(site.lake, sorted(PARTITIONS))
    # each fold's model is exactly the one that its training cities alone give
    expected = {
        weights_digest(train(data, CONFIG, data.rows_of(set(data.keys["city"]) - {held_out})).encoder)
        for held_out in ("wuhan", "haikou")
    }
    found = {weights_digest(load_trained(path).encoder) for path in (site.folder / "folds").glob("car-*.pt")}
    assert expected <= found
    # E2 holds out each of four cities; E3 wuhan, haikou, and lanzhou with shenyang
    assert len(found) == 5


def test_scores_say_where_they_come_from_and_lie_in_the_lake(
    site: Site, training: TrainingOutcome, evaluation: Evaluation
) -> None:
    metadata = site.lake.table_metadata(SCORES_DATASET)
    assert metadata["simulated"] == "true"
    assert metadata["digest"] == training.digest
    assert evaluation.written.changed
    assert "Simulated data: no result about China." in evaluation.table
    run = open_store(site.tracking).get_run(training.run_id)
    released = evaluation.summary.filter((pl.col("split") == "E2") & (pl.col("representation") == "car_256_all"))
    assert run.data.metrics["E2/car_256_all/mean_r2"] == pytest.approx(released["r2"].mean())
    assert evaluation.scores.car == pytest.approx(released["r2"].clip(lower_bound=-1).mean())
    artifacts = Path(site.tracking.artifact_root) / training.run_id / "artifacts"
    assert (artifacts / "scores.md").read_text(encoding="utf-8") == evaluation.table
    assert sorted(path.stem for path in (artifacts / "figures").iterdir()) == sorted(evaluation.figures)
    assert all(png.startswith(b"\x89PNG") and len(png) < 150_000 for png in evaluation.figures.values())


def test_nothing_is_evaluated_twice(site: Site, evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_probe(*_: object) -> None:
        raise AssertionError("nothing changed, and it was probed")

    monkeypatch.setattr("ml.evaluation.evaluate_folds", no_probe)
    again = site.evaluate()
    assert not again.changed
    assert not again.written.changed
    assert again.scores == evaluation.scores
    assert again.figures == evaluation.figures


def test_new_labels_are_evaluated_without_training_again(
    make_site: MakeSite, tmp_path: Path, training: TrainingOutcome, site: Site, evaluation: Evaluation
) -> None:
    lake = Lake(str(tmp_path / "lake"))
    labels = write_streams(lake, PARTITIONS)
    write_labels(lake, labels.with_columns(pl.col("pm25") * pl.Series([-1.0, 1.0] * (labels.height // 2))))
    other = make_site(lake)
    other.folder.symlink_to(site.folder)  # the models of the first site: same streams
    before = {path: path.stat().st_mtime_ns for path in site.folder.rglob("*.pt")}
    texts = {path: path.read_text(encoding="utf-8") for path in site.folder.glob("*.json")}
    try:
        other.train()
        found = other.evaluate()
    finally:
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")
    assert found.changed
    assert found.written.content_hash != evaluation.written.content_hash
    assert {path: path.stat().st_mtime_ns for path in site.folder.rglob("*.pt")} == before


def test_a_candidate_becomes_the_champion_and_embeds_as_it_was_trained(
    site: Site, training: TrainingOutcome, evaluation: Evaluation, candidate: Candidate
) -> None:
    assert evaluation.scores.car > evaluation.scores.aef
    outcome = pipeline.promote(site.tracking)
    assert outcome.passed, outcome.reasons
    champion = load_champion(site.tracking)
    assert champion.digest == training.digest
    assert champion.version == candidate.version
    assert champion.run_id == training.run_id


def test_registering_again_makes_no_second_version(site: Site, candidate: Candidate) -> None:
    assert pipeline.register(site.lake, site.tracking, site.folder) == replace(candidate, changed=False)


def test_the_registered_card_says_simulated_and_has_the_scores(
    site: Site, evaluation: Evaluation, candidate: Candidate
) -> None:
    card = open_store(site.tracking).get_model_version(candidate.name, candidate.version).description
    assert card is not None
    assert "**Simulated.**" in card
    assert "no result about China" in card
    assert "CC-BY-4.0" in card
    assert evaluation.table in card
    assert "| Night-time lights | `radiance_mean`, `radiance_median`, `radiance_maximum` | nW cm-2 sr-1 |" in card


def test_a_card_of_real_data_does_not_say_simulated() -> None:
    card = model_card("aef-econ", [("wuhan", 2020)], 2_500, "v", "d", False, "| scores |")
    assert "imulated" not in card
    assert "2,500 pixel-years of 1 cities (wuhan) in 2020" in card


def test_steps_out_of_order_say_what_is_lacking(site: Site, tmp_path: Path, training: TrainingOutcome) -> None:
    with pytest.raises(ModelMissingError, match="materialise the training first"):
        pipeline.evaluate(site.lake, site.tracking, tmp_path)
    (tmp_path / "training.json").write_text((site.folder / "training.json").read_text())
    with pytest.raises(ModelMissingError, match="has no scores yet"):
        pipeline.register(site.lake, site.tracking, tmp_path)


def test_models_that_were_deleted_are_trained_again(make_site: MakeSite, filled_lake: Lake) -> None:
    site = make_site(filled_lake)
    before = site.train()
    Path(before.car).unlink()
    with pytest.raises(ModelMissingError):
        pipeline.training_outcome(site.folder)
    after = site.train()
    assert after.changed
    assert (after.digest, after.run_id) == (before.digest, before.run_id)


def test_a_new_store_gets_the_run_of_models_that_are_there(
    make_site: MakeSite, filled_lake: Lake, training: TrainingOutcome, site: Site, tmp_path: Path
) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    content = json.loads((site.folder / "training.json").read_text())
    (folder / "training.json").write_text(json.dumps(content))
    (folder / "models").symlink_to(site.folder / "models")
    elsewhere = replace(make_site(filled_lake), folder=folder)
    found = elsewhere.train()
    assert found.changed
    assert found.run_id != training.run_id
    assert found.digest == training.digest
    assert len(open_store(elsewhere.tracking).get_metric_history(found.run_id, "car/loss")) == CONFIG.epochs
