"""A small study end to end: runs, restart, both executors, table, report, tracking, champion."""

import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from lake.partition_io import Lake
from ml.experiments.arrays import MappedStudy, read_study, write_study
from ml.experiments.champion import choose_champion
from ml.experiments.findings import targets
from ml.experiments.fold import PROBES, TABLES
from ml.experiments.pipeline import made_of, register_champion, write_ablation, write_report
from ml.experiments.runner import ExperimentsFailedError, Plan, jobs_of, pending, read_runs, run_experiments
from ml.experiments.scores import Ablation
from ml.experiments.table import Experiment, chosen
from ml.experiments.tracking import study_run, track_rows
from ml.tracking import open_store
from tests.ml.conftest import LABELS, MakeTracking
from tests.ml.experiments.conftest import SMALL, plan_in

CATEGORIES = dict(zip(LABELS, ("economy", "economy", "environment"), strict=True))


@pytest.fixture(scope="module")
def plan(study: MappedStudy, experiments: list[Experiment], tmp_path_factory: pytest.TempPathFactory) -> Plan:
    plan = plan_in(tmp_path_factory.mktemp("study"), study)
    outcomes = run_experiments(plan, experiments)
    assert [(outcome.name, outcome.changed) for outcome in outcomes] == [(row.name, True) for row in experiments]
    return plan


@pytest.fixture(scope="module")
def found(plan: Plan, experiments: list[Experiment]) -> Ablation:
    return write_ablation(plan.lake, experiments, CATEGORIES)


def test_a_study_reads_back_as_it_was_written_and_is_written_once(study: MappedStudy, tmp_path: Path) -> None:
    again = write_study(tmp_path, study.data, study.benchmark, study.simulated)
    assert again.digest == study.digest
    np.testing.assert_array_equal(again.data.raw, study.data.raw)
    assert again.data.keys.equals(study.data.keys)
    assert (again.benchmark.labels, again.benchmark.folds) == (study.benchmark.labels, study.benchmark.folds)
    before = (again.folder / "raw.npy").stat().st_mtime_ns
    write_study(tmp_path, study.data, study.benchmark, study.simulated)
    assert (again.folder / "raw.npy").stat().st_mtime_ns == before
    assert write_study(tmp_path, study.data, study.benchmark, simulated=False).digest != study.digest


def test_every_fold_that_holds_cities_out_is_trained_without_them(study: MappedStudy) -> None:
    sets = study.training_sets()
    everywhere, *without = sets
    assert set(everywhere) == set(study.benchmark.block_city)
    assert {fold.split for fold in sets[everywhere]} == {"E1"}
    for cities in without:
        for fold in sets[cities]:
            assert not set(cities) & {study.benchmark.block_city[block] for block in fold.test}


def test_done_work_is_not_done_again_and_a_killed_study_goes_on(
    plan: Plan, experiments: list[Experiment], found: Ablation
) -> None:
    assert pending(plan, experiments) == []
    (job, *_) = jobs_of(plan, experiments[0])
    results = Lake(str(plan.folder))
    told = {table: Path(results.uri(job.place, table, "part.parquet")).stat().st_mtime_ns for table in TABLES}
    before = read_runs(plan.lake, PROBES, experiments)
    Path(plan.lake.uri(f"experiments/runs/{experiments[0].name}/probes/part.parquet")).unlink()
    other = jobs_of(plan, experiments[0])[1]
    Path(results.uri(other.place, PROBES, "part.parquet")).unlink()
    assert pending(plan, experiments) == [experiments[0].name]
    outcomes = run_experiments(plan, experiments)
    assert [outcome.changed for outcome in outcomes] == [True, False, False]
    assert read_runs(plan.lake, PROBES, experiments).equals(before)
    for table, moment in told.items():
        assert Path(results.uri(job.place, table, "part.parquet")).stat().st_mtime_ns == moment


@pytest.mark.slow
def test_ray_gives_bit_for_bit_the_same(plan: Plan, experiments: list[Experiment], tmp_path: Path) -> None:
    pytest.importorskip("ray")
    other = plan_in(tmp_path, plan.study, executor="ray", workers=2)
    run_experiments(other, experiments[1:])
    for table in ("probes", "readable", "decoded"):
        assert read_runs(other.lake, table, experiments[1:]).equals(read_runs(plan.lake, table, experiments[1:]))


def test_a_row_that_cannot_be_run_is_named_and_the_others_are_finished(study: MappedStudy, tmp_path: Path) -> None:
    from dataclasses import replace

    (row, baseline) = chosen(["reference", "aef"])
    assert row.training is not None
    broken = replace(row, repeats=1, training=replace(row.training, fusion="telepathy"))
    plan = plan_in(tmp_path, study)
    with pytest.raises(ExperimentsFailedError, match="1 of 2 experiments failed:\n  reference: Unknown fusion 'telepa"):
        run_experiments(plan, [broken, baseline])
    assert pending(plan, [broken, baseline]) == ["reference"]


def test_the_table_has_every_row_and_split_and_differences_to_the_reference(
    found: Ablation, experiments: list[Experiment]
) -> None:
    assert set(found.table["experiment"]) == {row.name for row in experiments}
    assert set(found.table["split"]) == {"E1", "E2", "E3", "E2 and E3"}
    reference = found.table.filter(experiment="reference")
    assert reference["difference"].null_count() == reference.height
    for row in found.table.filter(pl.col("experiment") != "reference").to_dicts():
        assert row["difference"] == pytest.approx(row["mean_r2"] - found.mean("reference", row["split"]), abs=1e-12)
        assert row["low"] <= row["mean_r2"] <= row["high"]
    assert {"economy", "environment"} <= set(found.table.columns)


def test_car_keeps_more_of_narrow_streams_than_the_reference(found: Ablation) -> None:
    hopes = {hope.hope: hope for hope in targets(found)}
    kept = {(row["experiment"], row["stream"]): row["readable"] for row in found.streams.to_dicts()}
    assert hopes["R² of narrow streams at least doubled"].told
    assert kept["car_heads", "poi"] > kept["reference", "poi"]
    assert found.streams.filter(experiment="aef")["decoded"].null_count() == 7


def test_the_report_is_one_page_that_says_it_is_simulated(
    plan: Plan,
    found: Ablation,
    experiments: list[Experiment],
    tmp_path_factory: pytest.TempPathFactory,
    make_tracking: MakeTracking,
) -> None:
    tracking = make_tracking(tmp_path_factory.mktemp("tracking"))
    parent = study_run(tracking, found.study, found.simulated, SMALL)
    track_rows(tracking, plan.lake, parent, experiments, SMALL)
    track_rows(tracking, plan.lake, parent, experiments, SMALL)
    report = write_report(plan, tracking, experiments, CATEGORIES, found)
    page = plan.lake.read_bytes("experiments/report.html").decode()
    assert "Simulated planet" in page
    assert not re.findall(r"""(?:src|href)=["'](?!data:|#)""", page)
    penalties = plan.lake.read_table("experiments/penalty")
    assert set(penalties["representation"]) == {"aef", "raw_concat", "reference"}
    assert (penalties["mean_r2_groups"] > penalties["mean_r2_rows"] - 0.05).all()
    classes = plan.lake.read_table("experiments/classes")
    assert classes.height == 0, "four cities are too few to hold out some of each tier and region"
    retrieval = plan.lake.read_table("experiments/retrieval").filter(what="labels")
    assert set(retrieval["split"]) == {"E2", "E3"}
    assert set(retrieval["representation"]) == {"aef", "raw_concat", "reference"}
    assert "The ten nearest pixels of other cities" in page
    assert "Tier and region of cities" not in page
    assert page.count("data:image/png;base64,") == len(report.figures) == 6
    assert "| Reference | Reference: shared reconstruction |" in report.markdown
    assert plan.lake.table_metadata("experiments/ablation")["made_of"] == made_of(plan.lake, experiments)

    client = open_store(tracking)
    (experiment,) = [e for e in client.search_experiments() if e.name == "aef-econ"]
    children = client.search_runs([experiment.experiment_id], f"tags.mlflow.parentRunId = '{parent}'")
    assert {run.info.run_name for run in children} == {"reference-0", "aef-0", "car_heads-0"}
    (car,) = [run for run in children if run.info.run_name == "car_heads-0"]
    assert car.data.params["reconstruction"] == "car"
    assert {"E2/mean_r2", "E2/r2/pm25", "readable/poi", "loss", "gradient_share/poi"} <= set(car.data.metrics)
    assert len(client.get_metric_history(car.info.run_id, "loss")) == SMALL.epochs

    champion = register_champion(plan, tracking, experiments, found)
    assert champion.choice.champion == choose_champion(plan.lake, experiments).champion
    version = client.get_model_version_by_alias(tracking.model_name, "study-champion")
    assert version.tags["experiment"] == champion.choice.champion
    assert "Simulated planet" in str(version.description)
    assert read_study(plan.study.folder).digest == found.study
