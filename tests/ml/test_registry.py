"""The registry on a real sqlite store, and the model where this project is not installed."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from lake.errors import BadInputError, ModelMissingError
from lake.streams import STREAMS
from ml.dataset import StreamTable
from ml.export import example_rows
from ml.fusion import ConcatMLP, Encoder
from ml.inference import embed_matrix, embed_table
from ml.preprocessing import fit_preprocessing
from ml.promotion import Scores
from ml.registry import Candidate, column_table, load_champion, promote, register_candidate, requirements, signature
from ml.schema import SEVEN
from ml.tracking import Tracking, open_run, open_store
from ml.weights import weights_digest
from tests.ml.conftest import MakeTracking

GOOD = Scores(car=0.6, aef=0.3, shared=0.5, car_collapsed=0, aef_collapsed=2, shared_collapsed=2)
FAR_AWAY = """
import sys

class NotHere:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"ml", "lake", "assets", "quality", "codegen", "ee_emulator"}:
            raise ModuleNotFoundError(f"{name} is not installed here")

sys.meta_path.insert(0, NotHere())  # the project is installed in the tests' environment

import mlflow, numpy as np, pandas as pd

mlflow.set_tracking_uri(sys.argv[1])
mlflow.set_registry_uri(sys.argv[1])
model = mlflow.pyfunc.load_model("models:/aef-econ@champion")
columns = [column.name for column in model.metadata.get_input_schema()]
raw = np.load(sys.argv[2])
table = pd.DataFrame(raw, columns=columns)[columns[::-1]]   # in any order
codes = [column for column in columns if column.startswith("A")]
table = table.astype({column: "int8" for column in codes})  # as AlphaEarth's codes are stored
np.save(sys.argv[3], model.predict(table))
assert not {"ml", "lake"} & {name.split(".")[0] for name in sys.modules}
"""


def make_encoder(data: StreamTable, seed: int) -> Encoder:
    torch.manual_seed(seed)
    raw = data.raw
    return Encoder(fit_preprocessing(raw, np.arange(len(raw))), ConcatMLP(256, 32)).eval()


@pytest.fixture(scope="module")
def encoder(data: StreamTable) -> Encoder:
    return make_encoder(data, 4)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, make_tracking: MakeTracking) -> Tracking:
    return make_tracking(tmp_path_factory.mktemp("registry"))


def register(store: Tracking, data: StreamTable, encoder: Encoder, run: str, scores: Scores = GOOD) -> Candidate:
    run_id = open_run(store, run, run, {}, {})
    digest, example = weights_digest(encoder), example_rows(data.raw)
    return register_candidate(store, run_id, encoder, example, digest, scores, f"# Card of {run}", simulated=True)


@pytest.fixture(scope="module")
def champion(store: Tracking, data: StreamTable, encoder: Encoder) -> Candidate:
    candidate = register(store, data, encoder, "first")
    assert promote(store).passed
    return candidate


def alias(store: Tracking, name: str) -> str:
    return str(open_store(store).get_model_version_by_alias(store.model_name, name).version)


def test_an_empty_registry_says_what_to_do(tracking: Tracking) -> None:
    with pytest.raises(ModelMissingError, match="no champion of aef-econ"):
        load_champion(tracking)
    with pytest.raises(ModelMissingError, match="no candidate of aef-econ"):
        promote(tracking)


def test_the_same_run_is_registered_once(
    store: Tracking, champion: Candidate, data: StreamTable, encoder: Encoder
) -> None:
    again = register(store, data, encoder, "first", replace(GOOD, car=0.65))
    assert champion.changed
    assert again == replace(champion, changed=False)
    versions = open_store(store).search_model_versions(f"name = '{store.model_name}'")
    assert [str(version.version) for version in versions if version.run_id == champion.run_id] == [champion.version]
    tags = open_store(store).get_model_version(store.model_name, champion.version).tags
    assert Scores.from_json(tags["scores"]).car == 0.65
    register(store, data, encoder, "first")


def test_the_champion_gives_the_embeddings_of_what_was_registered(
    store: Tracking, champion: Candidate, data: StreamTable, encoder: Encoder
) -> None:
    model = load_champion(store)
    assert (model.name, model.version, model.run_id) == ("aef-econ", champion.version, champion.run_id)
    assert model.simulated
    assert model.digest == weights_digest(encoder)
    np.testing.assert_allclose(embed_table(model, data), embed_table(encoder, data), atol=1e-6)


def test_the_version_has_its_card_as_description_and_artifact(store: Tracking, champion: Candidate) -> None:
    version = open_store(store).get_model_version(store.model_name, champion.version)
    assert version.description == "# Card of first"
    model = load_champion(store)
    card = Path(model.pyfunc.unwrap_python_model().card)
    assert card.read_text() == "# Card of first"


def test_the_signature_and_metadata_name_every_column_with_its_unit(store: Tracking, champion: Candidate) -> None:
    metadata = load_champion(store).pyfunc.metadata
    assert tuple(metadata.get_input_schema().input_names()) == SEVEN.columns
    assert metadata.metadata["units"]["radiance_mean"] == "nW cm-2 sr-1"
    assert metadata.metadata["simulated"] is True
    assert [column["name"] for column in column_table()] == list(SEVEN.columns)
    assert {column["stream"] for column in column_table()} == set(STREAMS)
    assert json.loads(json.dumps(column_table())) == column_table()
    assert signature().outputs.inputs[0].shape == (-1, 256)


def test_requirements_are_pinned_to_what_runs_here() -> None:
    needed = dict(line.split("==") for line in requirements())
    assert set(needed) == {"mlflow", "numpy", "pandas", "torch"}
    assert needed["numpy"] == np.__version__
    assert needed["torch"] == torch.__version__.split("+")[0]


def test_the_input_example_can_be_predicted_from(store: Tracking, champion: Candidate, encoder: Encoder) -> None:
    pyfunc = load_champion(store).pyfunc
    example = pyfunc.input_example
    np.testing.assert_allclose(
        pyfunc.predict(example), embed_matrix(encoder, example[list(SEVEN.columns)].to_numpy(np.float32)), atol=1e-6
    )


def test_a_missing_column_is_named(store: Tracking, champion: Candidate) -> None:
    model = load_champion(store).pyfunc.unwrap_python_model()
    example = load_champion(store).pyfunc.input_example
    with pytest.raises(ValueError, match="lacks the columns lst; give NaN"):
        model.predict(None, example.drop(columns="lst"))


def test_a_worse_candidate_does_not_become_the_champion(
    store: Tracking, champion: Candidate, data: StreamTable
) -> None:
    worse = register(store, data, make_encoder(data, 5), "worse", replace(GOOD, car=0.2))
    outcome = promote(store)
    assert not outcome.passed
    assert len(outcome.reasons) == 2
    assert alias(store, "candidate") == worse.version != champion.version
    assert alias(store, "champion") == champion.version


def test_a_better_candidate_takes_over_and_the_old_version_stays(tracking: Tracking, data: StreamTable) -> None:
    first = register(tracking, data, make_encoder(data, 6), "one")
    assert promote(tracking).passed
    second = register(tracking, data, make_encoder(data, 7), "two", replace(GOOD, car=0.7))
    assert promote(tracking).passed
    assert load_champion(tracking).version == second.version != first.version
    assert open_store(tracking).get_model_version("aef-econ", first.version).run_id == first.run_id


def test_a_version_without_scores_is_refused(store: Tracking, champion: Candidate) -> None:
    client = open_store(store)
    client.delete_model_version_tag(store.model_name, champion.version, "scores")
    client.set_registered_model_alias(store.model_name, "candidate", champion.version)
    try:
        with pytest.raises(BadInputError, match="carries no scores"):
            promote(store)
    finally:
        client.set_model_version_tag(store.model_name, champion.version, "scores", GOOD.to_json())


def test_the_model_loads_where_this_project_is_not_installed(
    store: Tracking, champion: Candidate, data: StreamTable, encoder: Encoder, tmp_path: Path
) -> None:
    raw = data.raw[:9].astype(np.float64)
    raw[2, 64:] = np.nan
    np.save(tmp_path / "raw.npy", raw)
    script = tmp_path / "far_away.py"
    script.write_text(FAR_AWAY)
    command = [sys.executable, "-I", str(script), store.uri, str(tmp_path / "raw.npy"), str(tmp_path / "out.npy")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3_000:]
    found = np.load(tmp_path / "out.npy")
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, embed_matrix(encoder, raw.astype(np.float32)), atol=1e-6)
