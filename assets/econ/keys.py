"""Names of the assets of this code location, where several modules need them."""

from collections.abc import Mapping, Sequence

import dagster as dg

from lake.streams import STREAMS

OBSERVATION_TABLES = ("points", "districts", "pixel_district")
STREAM_TABLES = [dg.AssetKey(["streams", name]) for name in STREAMS]
# The keys that dagster-dbt gives the sources of these names, so that dbt's models stand behind them.
OBSERVATIONS = [dg.AssetKey(["observations", table]) for table in OBSERVATION_TABLES]
BENCHMARK = dg.AssetKey("chn_econ_benchmark")
MODELS = dg.AssetKey("car_models")
SCORES = dg.AssetKey("probe_scores")
CANDIDATE = dg.AssetKey("candidate_model")
CHAMPION = dg.AssetKey("champion_model")
EMBEDDINGS = dg.AssetKey("embeddings")
PICTURE_AXES = dg.AssetKey("picture_axes")
RELEASE = dg.AssetKey("aef_econ")
STAC = dg.AssetKey("stac_catalogue")
OVERVIEW = dg.AssetKey("overview_map")
DATA_DOCS = dg.AssetKey("data_docs")
STUDY_DATA = dg.AssetKey("study_data")
EXPERIMENT_RUNS = dg.AssetKey("experiment_runs")
ABLATION = dg.AssetKey("ablation_table")
EXPERIMENT_REPORT = dg.AssetKey("experiment_report")
STUDY_CHAMPION = dg.AssetKey("study_champion")
CAPACITY_STUDY = dg.AssetKey("capacity_study")
COMPRESSION_STUDY = dg.AssetKey("compression_study")
STUDY_EMBEDDINGS = dg.AssetKey("study_embeddings")
DIAGNOSTICS = [
    dg.AssetKey(name)
    for name in (
        "dimensionality",
        "challenges",
        "city_hierarchy",
        "urban_structure",
        "change_origins",
        "look_alikes",
    )
]
DIAGNOSTICS_REPORT = dg.AssetKey("diagnostics_report")

LABEL_TABLES = ("chn_econ_labels", "split_e1", "split_e2", "split_e3", "chn_econ_label_audit", "chn_econ_label_lineage")

KEYS_OF: Mapping[str, Sequence[dg.AssetKey]] = {
    "econ_streams": [*STREAM_TABLES, *OBSERVATIONS],
    "econ_model": [*map(dg.AssetKey, LABEL_TABLES), BENCHMARK, MODELS, SCORES, CANDIDATE, CHAMPION],
    "econ_embeddings": [EMBEDDINGS],
    "econ_picture_axes": [PICTURE_AXES],
    "econ_release": [RELEASE],
    "econ_publication": [STAC, OVERVIEW, DATA_DOCS],
}
"""What each phase's job must have materialised to be done; of dbt's tables those that are read outside of dbt."""

STUDY_KEYS_OF: Mapping[str, Sequence[dg.AssetKey]] = {
    "econ_labels": [*map(dg.AssetKey, LABEL_TABLES), BENCHMARK],
    "econ_study": [STUDY_DATA],
    "econ_experiments": [EXPERIMENT_RUNS],
    "econ_experiment_report": [ABLATION, EXPERIMENT_REPORT, STUDY_CHAMPION],
    "econ_diagnostics": [STUDY_EMBEDDINGS, *DIAGNOSTICS, DIAGNOSTICS_REPORT],
    "econ_size_studies": [CAPACITY_STUDY, COMPRESSION_STUDY],
}
"""The same of the phases of `aef-econ experiments`, which has streams in common with the main job."""
