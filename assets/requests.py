"""What was asked for when a partition was written: one written under other settings is out of date."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

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
    if configured.observations:  # Earth Engine has no part in them
        return json.dumps(_pixels() | {"tables": _content(configured.observations)}, sort_keys=True)
    return json.dumps(_common() | {"assets": configured.ee_assets}, sort_keys=True)


def wanted_inputs() -> dict[str, str]:
    """Every dataset that a partition's inputs are made of, with what it should have been asked for."""
    asked = {stream.dataset: stream_request(stream) for stream in STREAMS.values()}
    return asked | dict.fromkeys(OBSERVATIONS, observation_request())


def has_inputs(lake: Lake, city: str, year: int) -> bool:
    """True where all inputs of a partition are in the lake and were asked for under the present settings."""
    return all(lake.metadata(dataset, city, year).get(KEY) == asked for dataset, asked in wanted_inputs().items())


def _common() -> dict[str, str]:
    configured = settings()
    if configured.uses_real_earth_engine:
        return _pixels() | {"earth_engine": configured.ee_project}
    return _pixels() | {"earth_engine": "local", "catalog": _state(configured.ee_catalog)}


def _pixels() -> dict[str, str]:
    """Partitions written before there was a choice have the nearest pixels: they say nothing, and stay up to date."""
    wanted = scale()
    choice = {} if wanted.choice == "nearest" else {"choice": wanted.choice}
    return {"pixels": str(wanted.pixels)} | choice


def _content(folder: str) -> str:
    """Digest of a folder's files: tables that a person corrects are read again, wherever they lie."""
    return _digest_of(tuple((path, path.stat().st_size, path.stat().st_mtime_ns) for path in _files(folder)))


@lru_cache(maxsize=4)
def _digest_of(files: tuple[tuple[Path, int, int], ...]) -> str:
    """Read once: each partition asks for it. Size and time of a file are there to notice that it changed."""
    digest = hashlib.sha256()
    for path, size, _ in files:
        digest.update(f"{path.name}:{size}:".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _state(folder: str) -> str:
    """Digest of names, sizes and times of a folder's files, for rasters may be too large to read; empty for none."""
    if not folder:
        return ""
    told = [f"{path.relative_to(folder)}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in _files(folder)]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def _files(folder: str) -> list[Path]:
    return sorted(path for path in Path(folder).rglob("*") if path.is_file())
