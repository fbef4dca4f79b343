"""What was asked for when a partition was written: one written under other settings is out of date."""

import json

from lake.partition_io import Lake
from lake.profiles import scale
from lake.settings import settings
from lake.streams import STREAMS, Stream

KEY = "request"
OBSERVATIONS = ("observations/points", "observations/districts", "observations/pixel_district")


def stream_request(stream: Stream) -> str:
    """The settings that a stream's partition is a function of, besides city and year; JSON."""
    configured = settings()
    own: dict[str, dict[str, str]] = {
        "indices": {"sensor": configured.indices_sensor},
        "text": {"encoder": configured.text_encoder, "assets": configured.ee_assets},
        "poi": {"assets": configured.ee_assets},
        "morphology": {"assets": configured.ee_assets},
    }
    return json.dumps(_common() | own.get(stream.name, {}), sort_keys=True)


def observation_request() -> str:
    """The same for the label observations."""
    configured = settings()
    source = {"folder": configured.observations} if configured.observations else {"assets": configured.ee_assets}
    return json.dumps(_common() | source, sort_keys=True)


def wanted_inputs() -> dict[str, str]:
    """Every dataset that a partition's inputs are made of, with what it should have been asked for."""
    asked = {stream.dataset: stream_request(stream) for stream in STREAMS.values()}
    return asked | dict.fromkeys(OBSERVATIONS, observation_request())


def has_inputs(lake: Lake, city: str, year: int) -> bool:
    """True where all inputs of a partition are in the lake and were asked for under the present settings."""
    return all(lake.metadata(dataset, city, year).get(KEY) == asked for dataset, asked in wanted_inputs().items())


def _common() -> dict[str, str]:
    configured = settings()
    local = {"earth_engine": "local", "catalog": configured.ee_catalog}
    real = {"earth_engine": configured.ee_project}
    return {"pixels": str(scale().pixels)} | (real if configured.uses_real_earth_engine else local)
