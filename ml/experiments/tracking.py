"""The study in MLflow: one run for the study, and below it one for each repeat of each row, to be compared there."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import polars as pl

from lake.partition_io import Lake
from ml.experiments.runner import DATASET, run_metadata
from ml.experiments.streams import stream_r2
from ml.experiments.table import Budget, Experiment, training_config
from ml.probes import summarise
from ml.promotion import FLOOR
from ml.tracking import Tracking, close_run, log_results, open_run, open_store

_PARENT = "mlflow.parentRunId"  # by which MLflow's page shows runs below others


def study_run(tracking: Tracking, study: str, simulated: bool, budget: Budget) -> str:
    """The id of the study's run: that of this data, begun where it is new."""
    tags = {"study": study, "simulated": str(simulated).lower(), "kind": "study"}
    return open_run(tracking, f"study-{study}", f"experiments-{study[:6]}", asdict(budget), tags)


def track_rows(tracking: Tracking, lake: Lake, parent: str, experiments: Sequence[Experiment], budget: Budget) -> None:
    """Logs each repeat of some rows as a run below the study's; those that are logged are left alone.

    Args:
        tracking: The store.
        lake: Where the runner wrote to.
        parent: The study's run.
        experiments: Rows that were run.
        budget: Of the study.
    """
    client = open_store(tracking)
    for experiment in experiments:
        for repeat in range(experiment.repeats):
            run = row_run(tracking, lake, parent, experiment, repeat, budget)
            if client.get_run(run).info.status != "FINISHED":
                _log(tracking, run, lake, experiment.name, repeat)
                close_run(tracking, run)


def row_run(tracking: Tracking, lake: Lake, parent: str, experiment: Experiment, repeat: int, budget: Budget) -> str:
    """The id of the run of one repeat of a row, begun where it is new."""
    told = run_metadata(lake, experiment.name)
    tags = {_PARENT: parent, "axis": experiment.axis, "simulated": told["simulated"], "kind": "experiment"}
    parameters = {"experiment": experiment.name, "axis": experiment.axis, "repeat": repeat}
    if experiment.training is not None:
        parameters |= asdict(training_config(experiment.training, budget, repeat)) | {"text": experiment.training.text}
    fingerprint = f"{told['fingerprint']}-{repeat}"
    return open_run(tracking, fingerprint, f"{experiment.name}-{repeat}", parameters, tags)


def track_report(tracking: Tracking, parent: str, figures: Mapping[str, bytes], texts: Mapping[str, str]) -> None:
    """Puts the figures and the report beside the study's run, and closes it."""
    log_results(tracking, parent, {}, figures, texts)
    close_run(tracking, parent)


def _log(tracking: Tracking, run: str, lake: Lake, name: str, repeat: int) -> None:
    from mlflow.entities import Metric

    tables = {
        table: lake.read_table(f"{DATASET}/{name}/{table}").filter(repeat=repeat)
        for table in ("probes", "readable", "curves")
    }
    now = int(time.time() * 1000)
    metrics = [Metric(key, value, now, 0) for key, value in _scores(name, tables["probes"], tables["readable"]).items()]
    for key, step, value in _curves(tables["curves"]):
        metrics.append(Metric(key, value, now, step))
    client = open_store(tracking)
    for start in range(0, len(metrics), 1_000):  # the most that MLflow takes at once
        client.log_batch(run, metrics=metrics[start : start + 1_000])


def _scores(name: str, probes: pl.DataFrame, readable: pl.DataFrame) -> dict[str, float]:
    summary = summarise(probes.filter(representation=name).drop("choice"))
    floored = summary.with_columns(pl.col("r2").clip(lower_bound=FLOOR).alias("floored"))
    scores: dict[str, float] = {}
    for (split,), rows in floored.group_by("split", maintain_order=True):
        scores[f"{split}/mean_r2"] = float(rows["floored"].to_numpy().mean())
        scores[f"{split}/collapsed"] = float((rows["r2"] < 0).sum())
        scores |= {f"{split}/r2/{row['label']}": row["r2"] for row in rows.to_dicts()}
    kept = stream_r2(readable.filter(representation=name, split="E2"), [])
    return scores | {f"readable/{row['stream']}": row["r2"] for row in kept.to_dicts()}


def _curves(curves: pl.DataFrame) -> list[tuple[str, int, float]]:
    """Name, epoch and value, means over the folds."""
    values = ("loss", "stream_loss", "gradient_share")
    mean = curves.group_by("stream", "epoch").agg(pl.col(values).mean()).sort("stream", "epoch")
    loss = mean.group_by("epoch").agg(pl.col("loss").first()).sort("epoch")
    found = [("loss", row["epoch"], row["loss"]) for row in loss.to_dicts()]
    for row in mean.filter(pl.col("stream") != "").to_dicts():
        found += [(f"{v}/{row['stream']}", row["epoch"], row[v]) for v in values[1:] if row[v] is not None]
    return found
