"""An MLflow store as every room opens it: prepared by one process at a time, artifacts of a local one in our folder."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow import MlflowClient

_SQLITE = "sqlite:///"


def is_local(uri: str) -> bool:
    """True where the store is a sqlite file, with no server in front of it."""
    return uri.startswith(_SQLITE)


@contextmanager
def one_at_a_time(uri: str) -> Iterator[None]:
    """Lets one process at a time into a local store that may have to be made: first starts race on the migrations."""
    if not is_local(uri):
        yield
        return
    path = Path(uri.removeprefix(_SQLITE)).with_suffix(".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def experiment_id(client: MlflowClient, name: str, uri: str, artifact_root: str) -> str:
    """The id of an experiment, made where it is not there, whoever came first.

    Args:
        client: Of the store.
        name: Of the experiment.
        uri: Of the store.
        artifact_root: Folder that a local one keeps its artifacts in, and not the working directory.
    """
    from mlflow.exceptions import MlflowException
    from mlflow.protos.databricks_pb2 import RESOURCE_ALREADY_EXISTS, ErrorCode

    found = client.get_experiment_by_name(name)
    if found is None:
        root = Path(artifact_root).absolute().as_uri() if is_local(uri) else None
        try:
            return str(client.create_experiment(name, root))
        except MlflowException as error:
            if error.error_code != ErrorCode.Name(RESOURCE_ALREADY_EXISTS):
                raise
            found = client.get_experiment_by_name(name)  # somebody else was faster
            assert found is not None
    return str(found.experiment_id)
