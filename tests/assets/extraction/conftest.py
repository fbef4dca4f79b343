"""One local Earth Engine for all tests of the extraction: the real server in a child process."""

from collections.abc import Iterator
from typing import Any

import pytest

from assets.extraction.connection import Session, connect
from lake.settings import Settings


def local_settings(**changes: Any) -> Settings:
    """Settings as a fresh clone has them, whatever the environment says."""
    defaults: dict[str, Any] = {
        "ee_project": "",
        "ee_service_account_key": "",
        "ee_emulator_url": "",
        "ee_catalog": "",
        "ee_assets": "projects/local-ee/assets",
        "indices_sensor": "landsat",
        "text_encoder": "universal-sentence-encoder",
    }
    return Settings(_env_file=None, **(defaults | changes))


@pytest.fixture(scope="session")
def earth_engine() -> Iterator[Session]:
    with connect(local_settings()) as session:
        yield session
