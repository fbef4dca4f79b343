"""Jobs: the phases of the main job, the backfill of new cities and years, and all of it as one job.

A job that mixed partitioned assets and others would train again for every partition, so that the main job has phases:
streams by partition, then labels, training and registration once, then embeddings by partition, the colours of their
pictures once, the release by partition, and what looks at all of it once.
"""

import dagster as dg
from dagster import AssetSelection

from assets.econ.keys import (
    ABLATION,
    EMBEDDINGS,
    EXPERIMENT_REPORT,
    EXPERIMENT_RUNS,
    PICTURE_AXES,
    RELEASE,
    STUDY_CHAMPION,
    STUDY_DATA,
)
from assets.econ.main_job import run_main_job

_PHASES: list[tuple[str, AssetSelection, str]] = [
    (
        "econ_streams",
        AssetSelection.groups("streams"),
        "Phase 1: the seven streams and the label observations of some cities and years.",
    ),
    (
        "econ_model",
        AssetSelection.groups("labels", "model"),
        "Phase 2: labels in dbt, CAR and its twin, probes, registration, promotion.",
    ),
    ("econ_embeddings", AssetSelection.assets(EMBEDDINGS), "Phase 3: embeddings of some cities and years."),
    ("econ_picture_axes", AssetSelection.assets(PICTURE_AXES), "Phase 4: the colours of all pictures."),
    ("econ_release", AssetSelection.assets(RELEASE), "Phase 5: released files of some cities and years."),
    (
        "econ_publication",
        AssetSelection.groups("publication"),
        "Phase 6: STAC catalogue, overview map and data docs over everything released.",
    ),
    ("econ_labels", AssetSelection.groups("labels"), "Study: the labels alone."),
    ("econ_study", AssetSelection.assets(STUDY_DATA), "Study: the rows that the experiments are run on."),
    ("econ_experiments", AssetSelection.assets(EXPERIMENT_RUNS), "Study: some or all rows of the table."),
    (
        "econ_experiment_report",
        AssetSelection.assets(ABLATION, EXPERIMENT_REPORT, STUDY_CHAMPION),
        "Study: the ablation table, the report and the champion.",
    ),
    ("econ_diagnostics", AssetSelection.groups("diagnostics"), "Study: whether the embedding can be trusted."),
    ("econ_size_studies", AssetSelection.groups("study"), "Study: capacity as streams grow, and compression."),
]
PHASES = [
    dg.define_asset_job(name, selection=selection, executor_def=dg.in_process_executor, description=description)
    for name, selection, description in _PHASES
]
BACKFILL = dg.define_asset_job(
    "econ_backfill",
    selection=AssetSelection.groups("streams") | AssetSelection.assets(EMBEDDINGS, RELEASE),
    executor_def=dg.in_process_executor,
    description="New cities and years with the present champion: streams, embeddings and release in one run.",
)


@dg.op(description="Runs all phases at the configured scale; partitions that are up to date are left alone.")
def all_phases(context: dg.OpExecutionContext) -> None:
    """Each phase's runs appear beside this one."""
    repository = context.repository_def
    run_main_job(context.instance, repository.get_job, context.log.info)


@dg.job(
    executor_def=dg.in_process_executor,
    description="The main job, end to end, at the scale of the profile: what `make demo` runs.",
)
def demo() -> None:
    """One click for all phases."""
    all_phases()
