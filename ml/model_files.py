"""Trained models as files, named by what they are a function of, so that each is trained once."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from lake.errors import ModelMissingError
from ml.config import TrainingConfig
from ml.dataset import StreamTable
from ml.fusion import Encoder, make_fusion
from ml.objectives import make_objective
from ml.preprocessing import Preprocessing
from ml.schema import Schema
from ml.training import Epoch, Trained, fingerprint, train
from ml.weights import write_atomically


def trained_once(
    folder: Path,
    data: StreamTable,
    config: TrainingConfig,
    rows: NDArray[np.int64],
    on_epoch: Callable[[Epoch], None] | None = None,
) -> tuple[Trained, Path]:
    """The model of this data, configuration and code: read where it is there already, trained where not.

    A process that was killed while it trained goes on from its last epoch.

    Args:
        folder: Of the model files.
        data: Streams in raw units.
        config: See there.
        rows: Row numbers to train on.
        on_epoch: See `ml.training.train`.

    Returns:
        The model and its file.

    Raises:
        BadInputError: See `ml.training.train`.
    """
    name = f"{config.reconstruction}-{fingerprint(data, config, rows)}"
    path, checkpoint = folder / f"{name}.pt", folder / f"{name}.checkpoint"
    if not path.exists():
        save_trained(path, train(data, config, rows, checkpoint, on_epoch))
        checkpoint.unlink(missing_ok=True)
    return load_trained(path), path


def save_trained(path: Path, trained: Trained) -> None:
    """Writes a trained model with its decoders atomically, for `load_trained`."""
    content = {
        "schema": trained.schema.to_dict(),
        "config": asdict(trained.config),
        "history": [asdict(epoch) for epoch in trained.history],
        "encoder": trained.encoder.state_dict(),
        "objective": trained.objective.state_dict(),
        "variance": getattr(trained.objective.decoders, "variance", dict.fromkeys(trained.schema.names, 1.0)),
    }
    write_atomically(path, content)


def load_trained(path: Path) -> Trained:
    """Reads what `save_trained` wrote.

    Raises:
        ModelMissingError: It was never written.
    """
    if not path.exists():
        raise ModelMissingError(f"There is no trained model in {path}: materialise the training asset first.")
    content = torch.load(path, weights_only=True)
    config = TrainingConfig(**content["config"])
    schema = Schema.from_dict(content["schema"])
    with torch.device("meta"):  # no weights are drawn: a training that begins beside this one draws them from there
        fusion = make_fusion(config.fusion, config.width, config.hidden, schema)
        encoder = Encoder(Preprocessing(schema, config.normalisation), fusion)
        objective = make_objective(config, schema, content["variance"])
    encoder.load_state_dict(content["encoder"], assign=True)
    objective.load_state_dict(content["objective"], assign=True)
    history = tuple(Epoch(**epoch) for epoch in content["history"])
    return Trained(encoder.eval(), objective.eval(), schema, config, history)
