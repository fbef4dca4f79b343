"""The model registry: candidates go in, a check decides which of them becomes the champion, the champion comes out."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lake.errors import BadInputError, ModelMissingError
from lake.streams import STREAMS
from ml.export import export
from ml.fusion import Encoder
from ml.inference import RegisteredModel
from ml.promotion import CheckOutcome, Scores, scores_pass
from ml.schema import SEVEN
from ml.tracking import Tracking, addressed, open_store

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion
    from mlflow.models import ModelSignature

CANDIDATE, CHAMPION = "candidate", "champion"
_SERVING = Path(__file__).with_name("serving_model.py")
_NEEDED = ("mlflow", "numpy", "pandas", "torch")
_ARTIFACT = "model"


@dataclass(frozen=True)
class Candidate:
    """A registered version.

    Attributes:
        name: Registered name.
        version: Registered version.
        run_id: Run that trained it.
        changed: False where the run had registered it before.
    """

    name: str
    version: str
    run_id: str
    changed: bool


def register_candidate(
    tracking: Tracking,
    run_id: str,
    encoder: Encoder,
    example: NDArray[np.float32],
    digest: str,
    scores: Scores,
    card: str,
    simulated: bool,
) -> Candidate:
    """Registers a run's encoder and gives it the alias `@candidate`; the same run is registered once.

    The registered model is one file of code without this project, the exported graph, the columns with their units, a
    signature, an input example, pinned requirements and the model card.

    Args:
        tracking: The store.
        run_id: Run that trained the encoder.
        encoder: Trained.
        example: A few rows of raw columns; float32 (n, columns).
        digest: Digest of the weights.
        scores: What the check at promotion looks at; written anew where the version is there already.
        card: Model card, Markdown.
        simulated: True where it was trained on the simulated planet.
    """
    tags = {"scores": scores.to_json(), "simulated": str(simulated).lower(), "digest": digest}
    return register_version(tracking, run_id, encoder, example, card, tags, CANDIDATE)


def register_version(
    tracking: Tracking,
    run_id: str,
    encoder: Encoder,
    example: NDArray[np.float32],
    card: str,
    tags: Mapping[str, str],
    alias: str,
) -> Candidate:
    """Registers a run's encoder under an alias; the same run is registered once.

    Args:
        tracking: The store.
        run_id: Run that trained the encoder.
        encoder: Trained.
        example: A few rows of raw columns; float32 (n, columns).
        card: Model card, Markdown.
        tags: Of the version, `digest` of the weights and `simulated` among them; written anew where it is there.
        alias: Moves to this version.
    """
    client = open_store(tracking)
    found = _version_of_run(client, tracking.model_name, run_id)
    if found is None:
        simulated = tags["simulated"] == "true"
        number = _log_and_register(tracking, run_id, encoder, example, tags["digest"], card, simulated)
    else:
        number = str(found.version)
    for key, value in tags.items():
        client.set_model_version_tag(tracking.model_name, number, key, value)
    client.update_model_version(tracking.model_name, number, description=card)
    client.set_registered_model_alias(tracking.model_name, alias, number)
    return Candidate(tracking.model_name, number, run_id, changed=found is None)


def promote(tracking: Tracking) -> CheckOutcome:
    """Gives the candidate the alias `@champion` where its scores pass the check; where not, nothing changes.

    Raises:
        ModelMissingError: There is no candidate.
    """
    client, name = open_store(tracking), tracking.model_name
    candidate, champion = _at(client, name, CANDIDATE), _at(client, name, CHAMPION)
    if candidate is None:
        raise ModelMissingError(f"There is no candidate of {name} in {tracking.uri}: materialise the registration.")
    outcome = scores_pass(_scores(candidate), _scores(champion) if champion else None)
    if outcome.passed:
        client.set_registered_model_alias(name, CHAMPION, candidate.version)
    return outcome


def load_champion(tracking: Tracking) -> RegisteredModel:
    """The model that holds the alias `@champion`.

    Raises:
        ModelMissingError: No version was promoted yet.
    """
    import mlflow

    client, name = open_store(tracking), tracking.model_name
    champion = _at(client, name, CHAMPION)
    if champion is None:
        raise ModelMissingError(f"There is no champion of {name} in {tracking.uri}: materialise the promotion first.")
    with addressed(tracking):
        pyfunc = mlflow.pyfunc.load_model(f"models:/{name}/{champion.version}")
    tags = champion.tags
    return RegisteredModel(
        pyfunc, name, str(champion.version), str(champion.run_id), tags["simulated"] == "true", tags["digest"]
    )


def champion_digest(tracking: Tracking) -> str | None:
    """Digest of the champion's weights, without loading it; None where no version was promoted yet."""
    champion = _at(open_store(tracking), tracking.model_name, CHAMPION)
    return None if champion is None else str(champion.tags["digest"])


def champion_version(tracking: Tracking) -> str | None:
    """Number of the champion's version, without loading it; None where no version was promoted yet."""
    champion = _at(open_store(tracking), tracking.model_name, CHAMPION)
    return None if champion is None else str(champion.version)


def signature() -> "ModelSignature":
    """Every stream column by name as a double, into which MLflow takes integers and floats; out: unit vectors."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, Schema, TensorSpec

    inputs = Schema([ColSpec(DataType.double, column) for column in SEVEN.columns])
    return ModelSignature(inputs, Schema([TensorSpec(np.dtype(np.float32), (-1, 256), "embedding")]))


def column_table() -> list[dict[str, Any]]:
    """The columns in the network's order with stream, unit and sensible range: `columns.json` in the model."""
    return [
        {"name": band.name, "stream": stream.name, "unit": band.unit, "low": band.low, "high": band.high}
        for stream in STREAMS.values()
        for band in stream.bands
    ]


def requirements() -> list[str]:
    """What the model needs where it is loaded, pinned to the versions that it was registered with."""
    return [f"{name}=={version(name).split('+')[0]}" for name in _NEEDED]


def _log_and_register(
    tracking: Tracking,
    run_id: str,
    encoder: Encoder,
    example: NDArray[np.float32],
    digest: str,
    card: str,
    simulated: bool,
) -> str:
    import mlflow
    import pandas as pd

    with addressed(tracking), tempfile.TemporaryDirectory() as name, mlflow.start_run(run_id=run_id):
        folder = Path(name)
        files = {"network": folder / "network.pt2", "columns": folder / "columns.json", "card": folder / "README.md"}
        files["network"].write_bytes(export(encoder))
        files["columns"].write_text(json.dumps(column_table(), indent=1), encoding="utf-8")
        files["card"].write_text(card, encoding="utf-8")
        logged = mlflow.pyfunc.log_model(
            name=_ARTIFACT,
            python_model=str(_SERVING),
            artifacts={key: str(path) for key, path in files.items()},
            signature=signature(),
            input_example=pd.DataFrame(example.astype(np.float64), columns=list(SEVEN.columns)),
            pip_requirements=requirements(),
            metadata={
                "simulated": simulated,
                "digest": digest,
                "units": {column["name"]: column["unit"] for column in column_table()},
            },
            registered_model_name=tracking.model_name,
        )
    return str(logged.registered_model_version)


def _version_of_run(client: "MlflowClient", name: str, run_id: str) -> "ModelVersion | None":
    found = client.search_model_versions(f"name = '{name}' and run_id = '{run_id}'")
    ready = [version for version in found if version.status == "READY"]
    return max(ready, key=lambda version: int(version.version), default=None)


def _at(client: "MlflowClient", name: str, alias: str) -> "ModelVersion | None":
    """The version that holds an alias; None where none does."""
    models = client.search_registered_models(f"name = '{name}'")
    if not models or alias not in models[0].aliases:
        return None
    return client.get_model_version_by_alias(name, alias)


def _scores(version: "ModelVersion") -> Scores:
    if "scores" not in version.tags:
        raise BadInputError(f"Version {version.version} of {version.name} carries no scores: evaluate and register it.")
    return Scores.from_json(version.tags["scores"])
