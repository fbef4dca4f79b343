"""The diagnostics as Dagster runs them: embeddings once, a diagnostic on them, its pictures, and a stated choice."""

from pathlib import Path

import dagster as dg
import pytest

from assets.econ.diagnostics import change_origins, look_alikes, study_embeddings, urban_structure
from assets.resources import CityLake
from lake.partition_io import Lake
from lake.settings import settings
from tests.assets.conftest import UseSettings
from tests.ml.conftest import PARTITIONS, write_labels, write_streams


@pytest.fixture
def lake(tmp_path: Path, use_settings: UseSettings) -> Lake:
    use_settings(AEF_ECON_DATA_DIR=str(tmp_path), AEF_ECON_PROFILE="tiny", AEF_ECON_EXPERIMENTS_TABLE="")
    lake = Lake(settings().lake_root)
    write_labels(lake, write_streams(lake, PARTITIONS, 60))
    return lake


def materialise(
    instance: dg.DagsterInstance, *assets: dg.AssetsDefinition, **config: dict[str, object]
) -> dg.ExecuteInProcessResult:
    ops = {"ops": {name: {"config": values} for name, values in config.items()}}
    return dg.materialize(
        list(assets), instance=instance, resources={"lake": CityLake()}, run_config=ops, raise_on_error=False
    )


def test_diagnostics_are_made_of_embeddings_and_show_what_they_found(lake: Lake) -> None:
    instance = dg.DagsterInstance.ephemeral()
    too_early = materialise(instance, change_origins)
    assert not too_early.success
    assert "diagnostics/embeddings is not in the lake" in str(too_early.failure_data_for_node("change_origins"))

    cities = {"cities": ["haikou"]}
    made = materialise(instance, study_embeddings, change_origins, urban_structure, urban_structure=cities)
    assert made.success
    told = {
        event.asset_key.to_user_string(): {name: value.value for name, value in event.materialization.metadata.items()}
        for event in made.all_events
        if event.is_step_materialization and event.asset_key
    }
    assert told["study_embeddings"]["experiment"] == "car_heads"
    assert "From 2020 to 2021" in str(told["change_origins"]["found"])
    assert told["urban_structure"]["simulated"] is True
    pictures = {name: str(value) for name, value in told["urban_structure"].items() if name.startswith("figure_")}
    assert set(pictures) == {"figure_haikou_maps", "figure_haikou_rings"}
    assert all("data:image/png;base64," in value and "Simulated data" in value for value in pictures.values())
    assert max(map(len, pictures.values())) < 200_000
    assert Path(str(told["urban_structure"]["table_rings"])).exists()

    nowhere = materialise(instance, look_alikes, look_alikes={"lon": 0.0, "lat": 0.0})
    assert "no pixel within 5 km" in str(nowhere.failure_data_for_node("look_alikes"))
