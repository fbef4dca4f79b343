"""The code location `econ`: streams, labels, models, embeddings, release."""

import dagster as dg

from assets.econ.capacity import capacity_study, compression_study
from assets.econ.diagnostics import (
    challenges,
    change_origins,
    city_hierarchy,
    diagnostics_report,
    dimensionality,
    look_alikes,
    study_embeddings,
    urban_structure,
)
from assets.econ.experiments import ablation_table, experiment_report, experiment_runs, study_champion, study_data
from assets.econ.jobs import BACKFILL, PHASES, demo
from assets.econ.labels import chn_econ, chn_econ_benchmark
from assets.econ.observations import label_observations
from assets.econ.publication import data_docs, overview_map, stac_catalogue
from assets.econ.release import aef_econ, embeddings, picture_axes
from assets.econ.schedules import missing_partitions
from assets.econ.streams import STREAM_ASSETS
from assets.econ.training import candidate_model, car_models, champion_model, probe_scores
from assets.resources import CityLake, EarthEngine, Tracking, dbt_resource

defs = dg.Definitions(
    assets=[
        *STREAM_ASSETS,
        label_observations,
        chn_econ,
        chn_econ_benchmark,
        car_models,
        probe_scores,
        candidate_model,
        champion_model,
        embeddings,
        picture_axes,
        aef_econ,
        stac_catalogue,
        overview_map,
        data_docs,
        capacity_study,
        compression_study,
        study_data,
        experiment_runs,
        ablation_table,
        experiment_report,
        study_champion,
        study_embeddings,
        dimensionality,
        challenges,
        city_hierarchy,
        urban_structure,
        change_origins,
        look_alikes,
        diagnostics_report,
    ],
    jobs=[*PHASES, BACKFILL, demo],
    schedules=[missing_partitions],
    executor=dg.in_process_executor,  # a process a step costs more than most steps (docs/architecture.md)
    resources={
        "earth_engine": EarthEngine(),
        "lake": CityLake(),
        "tracking": Tracking(),
        "dbt": dbt_resource(),
    },
)
