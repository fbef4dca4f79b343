"""What is missing or out of date: told by what was written beside the data, not by what an event log remembers."""

import hashlib
import json
from collections.abc import Sequence

from assets.partitions import CityYear
from assets.requests import OBSERVATIONS, has_inputs
from assets.resources.tracking import Tracking
from lake.errors import PartitionMissingError
from lake.partition_io import HASH_KEY, Lake
from lake.settings import REPOSITORY, settings
from ml.dataset import data_version
from ml.release import layout
from ml.release.layout import WIDTHS

_INPUTS = "models/inputs.json"
_PUBLISHED = "publication/inputs.json"
_LABELLED = "labels/inputs.json"
_SIZES = "studies/inputs.json"
_SHOWN = ("labels/chn_econ_labels", "scores/probes", layout.PICTURE_AXES)
"""Of the tables that the pages over all partitions are made of."""
_DBT = ("dbt_project/dbt_project.yml", "dbt_project/[mst]*s/**/*.*")
"""Of dbt its macros, models, seeds and tests."""
_TRAINING_CODE = ("ml/*.py", "ml/fusion/*.py", "ml/objectives/*.py")
"""Of everything that is trained; the rooms of the experiments, the diagnostics and a table of one's own are no part."""
_MODEL_CODE = (*_DBT, *_TRAINING_CODE, "lake/profiles.py")
_SIZES_CODE = (*_TRAINING_CODE, "ml/capacity_study/*.py", "ml/experiments/arrays.py")


def needs_streams(lake: Lake, city: str, year: int) -> bool:
    """True where an input of the partition is missing, or was asked for under other settings."""
    return not has_inputs(lake, city, year)


def needs_model(lake: Lake, partitions: Sequence[CityYear]) -> bool:
    """True where streams, observations, code or registry are not those that the last promoted model came from."""
    return not _is_noted(lake, _INPUTS, model_inputs(lake, partitions))


def remember_model(lake: Lake, partitions: Sequence[CityYear]) -> None:
    """Notes what the model was made of, once it was promoted."""
    _note(lake, _INPUTS, model_inputs(lake, partitions))


def model_inputs(lake: Lake, partitions: Sequence[CityYear]) -> str:
    """Digest of everything that labels, model and scores are a function of, and of where they are registered."""
    configured = settings()
    registry = configured.tracking_uri, configured.model_name
    return _digest(data_version(lake, partitions), *_observed(lake, partitions), _code(_MODEL_CODE), *registry)


def _observed(lake: Lake, partitions: Sequence[CityYear]) -> list[str]:
    return [
        lake.metadata(dataset, *partition).get(HASH_KEY, "missing")
        for partition in sorted(partitions)
        for dataset in OBSERVATIONS
    ]


def needs_labels(lake: Lake, partitions: Sequence[CityYear]) -> bool:
    """True where observations or dbt's code are not those that the labels were last built of without a model."""
    return not _is_noted(lake, _LABELLED, _label_inputs(lake, partitions))


def remember_labels(lake: Lake, partitions: Sequence[CityYear]) -> None:
    """Notes what the labels were built of, once they were."""
    _note(lake, _LABELLED, _label_inputs(lake, partitions))


def _label_inputs(lake: Lake, partitions: Sequence[CityYear]) -> str:
    return _digest(*_observed(lake, partitions), _code(_DBT))


def needs_size_studies(lake: Lake, partitions: Sequence[CityYear]) -> bool:
    """True where streams, labels or code are not those that the studies of size were last made of."""
    return not _is_noted(lake, _SIZES, _size_inputs(lake, partitions))


def remember_size_studies(lake: Lake, partitions: Sequence[CityYear]) -> None:
    """Notes what the studies of size were made of, once they were."""
    _note(lake, _SIZES, _size_inputs(lake, partitions))


def _size_inputs(lake: Lake, partitions: Sequence[CityYear]) -> str:
    labels = lake.table_metadata(_SHOWN[0]).get(HASH_KEY, "missing")
    return _digest(data_version(lake, partitions), labels, _code(_SIZES_CODE))


def needs_embedding(lake: Lake, city: str, year: int, champion: str | None) -> bool:
    """True where the embeddings are missing, another model's, or of other streams."""
    told = lake.metadata(layout.EMBEDDINGS, city, year)
    return (told.get("model_digest"), told.get("streams_version")) != (champion, data_version(lake, [(city, year)]))


def needs_axes(lake: Lake, champion: str | None) -> bool:
    """True where the picture axes are missing or another model's."""
    return lake.table_metadata(layout.PICTURE_AXES).get("model_digest") != champion


def needs_release(lake: Lake, city: str, year: int, champion: str | None) -> bool:
    """True where what was released is missing, or was made of other embeddings than there should be."""
    if needs_embedding(lake, city, year, champion):
        return True
    made_of = layout.edition(city, year, lake.metadata(layout.EMBEDDINGS, city, year))
    return any(_released_of(lake, width, city, year) != (made_of.model, made_of.streams_version) for width in WIDTHS)


def _released_of(lake: Lake, width: int, city: str, year: int) -> tuple[str, str] | None:
    """Model and streams of a release, by its STAC item, which is written last; None where there is none."""
    try:
        properties = json.loads(lake.read_bytes(layout.item_path(width, city, year)))["properties"]
    except PartitionMissingError:
        return None
    return properties["aef_econ:model"], properties.get("aef_econ:streams_version", "")


def needs_publication(lake: Lake, partitions: Sequence[CityYear]) -> bool:
    """True where catalogue, overview and data docs are not of the release, streams, labels and scores there are."""
    return not _is_noted(lake, _PUBLISHED, _published(lake, partitions))


def remember_publication(lake: Lake, partitions: Sequence[CityYear]) -> None:
    """Notes what was published, once all of it was."""
    _note(lake, _PUBLISHED, _published(lake, partitions))


def _published(lake: Lake, partitions: Sequence[CityYear]) -> str:
    """Digest of what the pages over all partitions show."""
    released = [
        f"{width}|{city}|{year}|{lake.metadata(layout.dataset(width), city, year).get(HASH_KEY)}"
        for width in WIDTHS
        for city, year in sorted(lake.partitions(layout.dataset(width)))
    ]
    tables = [lake.table_metadata(dataset).get(HASH_KEY, "missing") for dataset in _SHOWN]
    return _digest(*released, *tables, data_version(lake, partitions))


def champion_digest() -> str | None:
    """Digest of the champion's weights; None where there is no champion."""
    return Tracking().champion_digest()


def _is_noted(lake: Lake, path: str, digest: str) -> bool:
    """True where the digest is what was noted last."""
    try:
        told = json.loads(lake.read_bytes(path))
    except PartitionMissingError:
        return False
    return bool(told.get("made_of") == digest)


def _note(lake: Lake, path: str, digest: str) -> None:
    lake.write_bytes(path, json.dumps({"made_of": digest}).encode())


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _code(patterns: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for file in sorted(file for pattern in patterns for file in REPOSITORY.glob(pattern) if file.is_file()):
        digest.update(file.read_bytes())
    return digest.hexdigest()
