"""The study: its rows, a run a row of the table of experiments, and what they say together."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from assets.econ.keys import (
    ABLATION,
    BENCHMARK,
    EXPERIMENT_REPORT,
    EXPERIMENT_RUNS,
    STREAM_TABLES,
    STUDY_CHAMPION,
    STUDY_DATA,
)
from assets.failures import told_clearly
from assets.partitions import keys_of
from assets.resources import CityLake, Tracking
from assets.thumbnails import inline_png, origin, small_figure
from lake.partition_io import Lake
from lake.settings import settings
from ml.experiments.table import TABLE, Experiment, chosen, load_experiments
from ml.score_tables import label_categories

if TYPE_CHECKING:
    from ml.experiments.runner import Plan
    from ml.experiments.scores import Ablation

GROUP = "experiments"
COMPLETE = dg.AssetCheckSpec("no_run_missing", asset=ABLATION, blocking=True, description="Every row was run.")
FINITE = dg.AssetCheckSpec("no_nan", asset=ABLATION, description="No mean, interval or label is undefined.")
KEPT = dg.AssetCheckSpec(
    "narrow_streams_kept",
    asset=ABLATION,
    description="CAR: each narrow stream is read from embeddings of unseen cities better than by its mean, and no "
    "label that some row reads is below zero.",
)


def table_path() -> Path:
    """The table of experiments: the configured one, or ours."""
    return Path(settings().experiments_table) if settings().experiments_table else TABLE


def experiments() -> list[Experiment]:
    """All rows of the table."""
    return list(load_experiments(table_path()))


EXPERIMENTS = dg.StaticPartitionsDefinition([row.name for row in experiments()])
"""One partition a row of the table."""


def study_plan(lake: CityLake) -> "Plan":
    """What the configured study is run with; its data are written where they are not there yet.

    Raises:
        BadInputError: No row has a label.
        PartitionMissingError: Streams or labels are missing.
    """
    from ml.experiments.pipeline import prepare_study
    from ml.experiments.runner import Plan

    folder = settings().data_dir / "experiments"
    study = prepare_study(lake.store, keys_of(lake.scale), folder)
    return Plan(study, lake.store, folder / "results", executor=settings().experiments_executor)


@dg.asset(key=STUDY_DATA, group_name=GROUP, deps=[*STREAM_TABLES, BENCHMARK], kinds={"numpy"})
def study_data(lake: CityLake) -> dg.MaterializeResult[None]:
    """A few pixels of every city and year, with labels and splits, as files that workers map into memory."""
    with told_clearly():
        study = study_plan(lake).study
    sets = study.training_sets()
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": len(study.data),
            "cities": study.data.keys["city"].n_unique(),
            "columns": study.data.schema.width,
            "labels": len(study.benchmark.labels),
            "encoders_a_row": len(sets),
            "digest": study.digest,
            "simulated": study.simulated,
        }
    )


@dg.asset(
    key=EXPERIMENT_RUNS,
    group_name=GROUP,
    deps=[STUDY_DATA],
    partitions_def=EXPERIMENTS,
    backfill_policy=dg.BackfillPolicy.single_run(),  # the trainings of all rows share one pool of workers
    pool="torch",
    kinds={"pytorch", "mlflow"},
)
def experiment_runs(
    context: dg.AssetExecutionContext, lake: CityLake, tracking: Tracking
) -> dg.MaterializeResult[None]:
    """Rows of the table: trained and probed on every fold; done work is not done again, a killed run goes on."""
    from ml.experiments.runner import run_experiments
    from ml.experiments.tracking import study_run, track_rows

    with told_clearly():
        rows = chosen(context.partition_keys, table_path())
        plan = study_plan(lake)
        outcomes = run_experiments(plan, rows)
        parent = study_run(tracking.store, plan.study.digest, plan.study.simulated, plan.budget)
        track_rows(tracking.store, lake.store, parent, rows, plan.budget)
    for row, outcome in zip(rows, outcomes, strict=True):
        context.add_asset_metadata(_run_metadata(row, asdict(outcome), plan.study.simulated), partition_key=row.name)
    return dg.MaterializeResult(metadata={})


@dg.asset(
    key=ABLATION,
    group_name=GROUP,
    deps=[EXPERIMENT_RUNS],
    kinds={"polars"},
    check_specs=[COMPLETE, FINITE, KEPT],
    output_required=False,
)
def ablation_table(lake: CityLake) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Every row beside every other: means with intervals over cities, differences, streams kept, by label."""
    from ml.experiments.pipeline import write_ablation
    from ml.experiments.report import ablation_markdown

    missing = _missing(lake.store)
    told = f"Not run yet: {', '.join(missing)}." if missing else None
    yield dg.AssetCheckResult(asset_key=ABLATION, check_name=COMPLETE.name, passed=not missing, description=told)
    if missing:
        return
    with told_clearly():
        found = write_ablation(lake.store, experiments(), label_categories())
    yield from _checks(found)
    yield dg.MaterializeResult(
        asset_key=ABLATION,
        metadata={
            "table": dg.MetadataValue.md(ablation_markdown(found, experiments())),
            "dagster/row_count": found.table.height,
            "best_shared": found.best_shared,
            "simulated": found.simulated,
        },
    )


@dg.asset(key=EXPERIMENT_REPORT, group_name=GROUP, deps=[ABLATION], kinds={"matplotlib", "mlflow"})
def experiment_report(lake: CityLake, tracking: Tracking) -> dg.MaterializeResult[None]:
    """The study as one HTML page with its pictures, in the lake and in MLflow."""
    from ml.experiments.pipeline import REPORT, write_report

    with told_clearly():
        plan, found = study_plan(lake), _found(lake)
        made = write_report(plan, tracking.store, experiments(), label_categories(), found)
    pictures = {
        f"figure_{name}": inline_png(small_figure(png), origin(found.simulated)) for name, png in made.figures.items()
    }
    return dg.MaterializeResult(metadata={"uri": lake.store.uri(REPORT), "simulated": found.simulated, **pictures})


@dg.asset(key=STUDY_CHAMPION, group_name=GROUP, deps=[ABLATION], kinds={"mlflow"})
def study_champion(lake: CityLake, tracking: Tracking) -> dg.MaterializeResult[None]:
    """The row that the stated rule chooses, registered as `@study-champion`."""
    from ml.experiments.pipeline import register_champion

    with told_clearly():
        champion = register_champion(study_plan(lake), tracking.store, experiments(), _found(lake))
    return dg.MaterializeResult(
        metadata={
            "experiment": champion.choice.champion,
            "reason": champion.choice.reason,
            "version": champion.registered.version,
            "weights_digest": champion.digest,
        }
    )


def _found(lake: CityLake) -> "Ablation":
    from ml.experiments.scores import ablation

    return ablation(lake.store, experiments(), label_categories())


def _missing(store: Lake) -> list[str]:
    from ml.experiments.runner import run_metadata

    return [row.name for row in experiments() if not run_metadata(store, row.name)]


def _checks(found: "Ablation") -> Iterator[dg.AssetCheckResult]:
    from ml.experiments.findings import collapsed_but_readable, lost_streams, undefined

    nothing, lost, below = undefined(found), lost_streams(found), collapsed_but_readable(found)
    yield dg.AssetCheckResult(
        asset_key=ABLATION, check_name=FINITE.name, passed=not nothing, description="; ".join(nothing) or None
    )
    yield dg.AssetCheckResult(
        asset_key=ABLATION,
        check_name=KEPT.name,
        passed=not lost and not below,
        severity=dg.AssetCheckSeverity.WARN,
        description="; ".join([*lost, *below]) or None,
    )


def _run_metadata(row: Experiment, outcome: dict[str, Any], simulated: bool) -> dict[str, Any]:
    return {
        "experiment": row.title,
        "axis": row.axis,
        "one_change_from": row.one_change_from,
        "seconds_of_one_core": outcome["seconds"],
        "fingerprint": outcome["fingerprint"],
        "unchanged": not outcome["changed"],
        "simulated": simulated,
    }
